//! The origin starts, stops, and fails in one clear line.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(unix)]

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use harness_measure::{
    child::{Interrupt, Limits, Program, ask},
    origin::Origin,
};
use harness_protocol::{Request, VERSION};
use nix::{sys::signal::kill, unistd::Pid};
use tempfile::TempDir;

/// Less than an origin would sleep, more than any machine needs.
const PROMPT: Duration = Duration::from_secs(20);

fn fixture(mode: &str, folder: &Path) -> Program {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/origin.sh");
    Program {
        path: "/bin/sh".into(),
        args: vec![script.into(), mode.into(), folder.into()],
        environment: Vec::new(),
    }
}

fn start(mode: &str, folder: &Path) -> Result<Origin, harness_measure::origin::Error> {
    Origin::start(&fixture(mode, folder), &Interrupt::new())
}

fn pid(folder: &Path) -> Option<i32> {
    let text = fs::read_to_string(folder.join("pids")).ok()?;
    text.lines().next()?.parse().ok()
}

fn is_there(folder: &Path) -> bool {
    kill(Pid::from_raw(pid(folder).unwrap()), None).is_ok()
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PROMPT;
    while !done() {
        assert!(Instant::now() < deadline, "{what}");
        thread::yield_now();
    }
}

#[test]
fn it_ends_by_itself_when_dropped() {
    let folder = TempDir::new().unwrap();
    let mut origin = start("good", folder.path()).unwrap();
    assert_eq!(origin.address().delayed.port(), 2);
    assert_eq!(pid(folder.path()), i32::try_from(origin.pid()).ok());
    // A round beside it, with its clean-up, leaves it alone.
    let hello = Request::Hello { v: VERSION };
    let mut child = fixture("good", folder.path());
    child.args[0] = child.args[0]
        .to_str()
        .unwrap()
        .replace("origin", "child")
        .into();
    let asked = ask(&child, &hello, &Limits::default(), &Interrupt::new());
    assert!(asked.reason.unwrap().contains("it measured"));
    assert_eq!(origin.check(), Ok(()));
    let ended = folder.path().join("ended-by-itself");
    assert!(!ended.exists());
    drop(origin);
    assert!(!is_there(folder.path()));
    assert!(ended.exists());
}

#[test]
fn it_is_killed_when_it_will_not_end() {
    let folder = TempDir::new().unwrap();
    let began = Instant::now();
    drop(start("stubborn", folder.path()).unwrap());
    assert!(!is_there(folder.path()));
    assert!(began.elapsed() < PROMPT);
}

#[test]
fn a_failure_is_one_line_and_leaves_nothing() {
    for (mode, line) in [
        (
            "nonsense",
            "did not say where it listens: expected value at line 1 column 1: listening on port 80",
        ),
        (
            "refused",
            "ended before it listened (exit status: 2); its last words: no port is free",
        ),
        ("closed", "closed its output before it listened"),
    ] {
        let folder = TempDir::new().unwrap();
        let error = start(mode, folder.path()).unwrap_err();
        assert_eq!(error.to_string(), format!("the origin (/bin/sh) {line}"));
        assert!(!is_there(folder.path()));
    }
    let error = Origin::start(&Program::new("/no/origin"), &Interrupt::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the origin (/no/origin) cannot be started: No such file or directory (os error 2)"
    );
}

#[test]
fn its_death_is_noticed() {
    let folder = TempDir::new().unwrap();
    let mut origin = start("dies", folder.path()).unwrap();
    until("it lives on", || origin.check().is_err());
    assert_eq!(
        origin.check().unwrap_err(),
        "the origin has gone (exit status: 4); its last words: out of sockets"
    );
}
