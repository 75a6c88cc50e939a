//! What is left when the harness itself is killed: nothing.
//!
//! In a file of its own, because a process that has started children adopts orphans and kills them:
//! it would clean up what these tests look for. So what starts children here runs in processes of
//! its own, which are this same program asked for one of its ignored tests.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(unix)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use harness_measure::{
    child::{Interrupt, Limits, Program, ask},
    origin::Origin,
};
use harness_protocol::{Request, VERSION};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

fn fixture(script: &str, mode: &str, folder: &Path) -> Program {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures");
    Program {
        path: "/bin/sh".into(),
        args: vec![fixtures.join(script).into(), mode.into(), folder.into()],
        environment: Vec::new(),
    }
}

fn start(ignored_test: &str, folder: &TempDir) -> Child {
    let mut command = Command::new("env");
    // It hears them, though whoever runs the tests ignores them.
    #[cfg(target_os = "linux")]
    command.arg("--default-signal=INT,TERM");
    command
        .arg(env::current_exe().unwrap())
        .args(["--exact", ignored_test, "--ignored", "--nocapture"])
        .env("FOLDER", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Set when another test of this file started us. Asked for by anybody else, the ignored tests do
/// nothing.
fn folder() -> Option<PathBuf> {
    env::var_os("FOLDER").map(PathBuf::from)
}

/// Waits far longer than it takes, and far less than a child sleeps.
fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !done() {
        assert!(Instant::now() < deadline, "not in time: {what}");
        thread::yield_now();
    }
}

#[test]
#[ignore = "one half of the next"]
fn serves_for_ever() {
    let Some(folder) = folder() else { return };
    let program = fixture("origin.sh", "good", &folder);
    let _origin = Origin::start(&program, &Interrupt::new()).unwrap();
    fs::write(folder.join("started"), "").unwrap();
    loop {
        thread::park();
    }
}

#[test]
fn the_origin_does_not_outlive_a_killed_harness() {
    let folder = TempDir::new().unwrap();
    let exists = |file| folder.path().join(file).exists();
    let mut harness = start("serves_for_ever", &folder);
    until("the origin starts", || exists("started"));
    harness.kill().unwrap();
    harness.wait().unwrap();
    until("the origin ends", || exists("ended-by-itself"));
}

#[test]
#[ignore = "one half of the next"]
fn asks_for_ever() {
    let Some(folder) = folder() else { return };
    let installed = Interrupt::install().unwrap();
    let program = fixture("child.sh", "daemon-hang", &folder);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !installed.is_raised() {
                thread::yield_now();
            }
            fs::write(folder.join("raised"), "").unwrap();
        });
        // Blind to the first signal, as a busy harness may be.
        let blind = Interrupt::new();
        let request = Request::Hello { v: VERSION };
        panic!("{:?}", ask(&program, &request, &Limits::default(), &blind));
    });
}

#[test]
#[cfg(target_os = "linux")]
fn two_signals_end_everything_at_once() {
    let folder = TempDir::new().unwrap();
    let children = || {
        let text = fs::read_to_string(folder.path().join("pids")).unwrap_or_default();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    // The killed may wait for whoever adopts orphans here to reap them.
    let lives = |id: &String| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    };
    let mut harness = start("asks_for_ever", &folder);
    until("both children start", || {
        folder.path().join("ready-2").exists()
    });
    assert_eq!(children().len(), 2);
    let id = Pid::from_raw(harness.id().try_into().unwrap());
    kill(id, Signal::SIGINT).unwrap();
    until("the first signal", || folder.path().join("raised").exists());
    assert!(children().iter().all(lives), "once is not twice");
    kill(id, Signal::SIGTERM).unwrap();
    assert_eq!(harness.wait().unwrap().code(), Some(130));
    until("both children end", || !children().iter().any(lives));
}
