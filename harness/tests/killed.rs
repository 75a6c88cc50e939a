//! The origin ends with its harness even when that is killed outright.
//!
//! In a file of its own, because a process that has started children adopts orphans and kills them:
//! beside other tests of the origin, this one would see it killed and not ending by itself.

#![cfg(unix)]

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use harness::{
    child::{Interrupt, Program},
    origin::Origin,
};
use tempfile::TempDir;

/// Run by the test below, in a process of its own.
#[test]
#[ignore = "one half of another test"]
fn serves_for_ever() {
    let folder = env::var_os("FOLDER").unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/origin.sh");
    let program = Program {
        path: "/bin/sh".into(),
        args: vec![script.into(), "good".into(), folder.clone()],
    };
    let _origin = Origin::start(&program, &Interrupt::new()).unwrap();
    fs::write(Path::new(&folder).join("started"), "").unwrap();
    loop {
        thread::park();
    }
}

#[test]
fn the_origin_does_not_outlive_a_killed_harness() {
    let folder = TempDir::new().unwrap();
    let mut harness = Command::new(env::current_exe().unwrap())
        .args(["--exact", "serves_for_ever", "--ignored", "--nocapture"])
        .env("FOLDER", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let until = |file: &str| {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !folder.path().join(file).exists() {
            assert!(Instant::now() < deadline, "no file {file}");
            thread::yield_now();
        }
    };
    until("started");
    harness.kill().unwrap();
    harness.wait().unwrap();
    until("ended-by-itself");
}
