//! Every way for a child to go wrong is one outcome with its reason, in time, and leaves nothing.
//!
//! Time limits here are far above what is needed, and far below the minute for which the children
//! would sleep: they tell a hang from an answer, and nothing else.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(unix)]

use std::{
    fs,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use harness_measure::child::{Interrupt, Limits, Outcome, Program, Status, ask};
use harness_protocol::{Measure, Primitive, Request, Root, VERSION};
use nix::{sys::signal::kill, unistd::Pid};
use tempfile::TempDir;

/// Less than the children sleep, more than any machine needs.
const PROMPT: Duration = Duration::from_secs(20);

fn measure() -> Request {
    Request::Measure(Box::new(Measure {
        v: VERSION,
        flavour: "x".into(),
        workers: 1,
        root: Root::BlockOn,
        scenario: "timers".into(),
        primitive: Primitive::Compose,
        branches: 2,
        only: None,
        wait_ns: 0,
        steps: 0,
        samples: 2,
        warmups: 0,
        nonce: 0,
        origin: None,
        folder: ".".into(),
        trace: 0,
        repeats: 1,
        count: false,
        unwatched: false,
        unasked: false,
        blocking_threads: None,
    }))
}

fn limits() -> Limits {
    Limits {
        wall: PROMPT,
        exit: PROMPT,
        output: 1 << 20,
    }
}

fn fixture(mode: &str, folder: &Path) -> Program {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/child.sh");
    Program {
        path: "/bin/sh".into(),
        args: vec![script.into(), mode.into(), folder.into()],
        environment: Vec::new(),
    }
}

/// One round at a time, as the harness does: a round that cleans up would help another, and hide
/// what that one leaves behind.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks a bad child, and checks that it and all that it started are gone, in time.
fn asked(mode: &str, limits: &Limits, request: &Request) -> Outcome {
    let _alone = alone();
    let folder = TempDir::new().unwrap();
    let began = Instant::now();
    let outcome = ask(
        &fixture(mode, folder.path()),
        request,
        limits,
        &Interrupt::new(),
    );
    assert!(began.elapsed() < PROMPT, "{mode}: took too long");
    assert_gone(folder.path(), 1);
    outcome
}

fn pids(folder: &Path) -> Vec<i32> {
    let text = fs::read_to_string(folder.join("pids")).unwrap_or_default();
    // The last line may be in the making.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| line.parse().unwrap()).collect()
}

fn exists(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None).is_ok()
}

/// On Linux they are not only dead but reaped when `ask` comes back; elsewhere init reaps orphans.
fn assert_gone(folder: &Path, at_least: usize) {
    let pids = pids(folder);
    assert!(pids.len() >= at_least, "{pids:?}");
    let deadline = Instant::now() + PROMPT;
    while cfg!(not(target_os = "linux")) && pids.iter().any(|pid| exists(*pid)) {
        assert!(Instant::now() < deadline);
        thread::yield_now();
    }
    for pid in pids {
        assert!(!exists(pid), "process {pid} is still there");
    }
}

fn assert_is(mode: &str, status: Status, reason: &str) -> Outcome {
    let outcome = asked(mode, &limits(), &measure());
    assert_eq!(
        (outcome.status, outcome.reason.as_deref()),
        (status, Some(reason)),
        "{mode}"
    );
    outcome
}

#[test]
fn a_whole_answer_is_ok() {
    for mode in ["good", "unterminated"] {
        let outcome = asked(mode, &limits(), &measure());
        assert_eq!((outcome.status, outcome.reason), (Status::Ok, None));
        assert_eq!(outcome.samples.len(), 2);
        assert_eq!(outcome.samples[0].wall_ns, 5);
        assert_eq!(outcome.stderr, "");
    }
}

#[test]
fn the_request_reaches_it() {
    let outcome = asked("echo", &limits(), &Request::Hello { v: 7 });
    assert_eq!(outcome.reason.as_deref(), Some("{do:hello,v:7}"));
}

#[test]
fn hello_is_answered_by_hello() {
    let hello = Request::Hello { v: VERSION };
    let outcome = asked("hello", &limits(), &hello);
    assert_eq!(outcome.status, Status::Ok);
    assert_eq!(outcome.hello.unwrap().runtime, "x");
    assert_eq!(
        asked("good", &limits(), &hello).reason.unwrap(),
        r#"answered nonsense: line 1: asked who it is, it measured: {"is":"sample","wall_ns":5,"cpu_ns":4}"#
    );
    assert_eq!(
        assert_is(
            "hello",
            Status::Crashed,
            r#"answered nonsense: line 1: asked to measure, it said hello: {"is":"hello","v":1,"runtime":"x","flavours":[]}"#
        )
        .hello,
        None
    );
}

#[test]
fn a_program_that_is_not_there() {
    let outcome = ask(
        &Program::new("/no/such/adapter"),
        &measure(),
        &limits(),
        &Interrupt::new(),
    );
    assert_eq!(outcome.status, Status::Crashed);
    assert_eq!(
        outcome.reason.unwrap(),
        "cannot start /no/such/adapter: No such file or directory (os error 2)"
    );
}

#[test]
fn a_hang_is_a_timeout() {
    let short = Limits {
        wall: Duration::from_millis(300),
        ..limits()
    };
    for mode in ["hang", "daemon-hang"] {
        if mode == "daemon-hang" && cfg!(not(target_os = "linux")) {
            continue;
        }
        let outcome = asked(mode, &short, &measure());
        assert_eq!(outcome.status, Status::Timeout, "{mode}");
        let reason = outcome.reason.unwrap();
        assert!(
            reason.starts_with("not done within 300ms: ")
                && reason.ends_with("of 2 samples, no end line"),
            "{reason}"
        );
    }
}

#[test]
fn one_that_will_not_end() {
    let impatient = Limits {
        exit: Duration::from_millis(200),
        ..limits()
    };
    let stays = asked("stays", &impatient, &measure());
    assert_eq!(stays.status, Status::Timeout);
    assert_eq!(
        stays.reason.unwrap(),
        "gave a whole answer, but was still running 200ms later"
    );
    let closed = asked("closed", &impatient, &measure());
    assert_eq!(closed.status, Status::Crashed);
    assert_eq!(
        closed.reason.unwrap(),
        "closed its output half-way: 0 of 2 samples, no end line"
    );
}

#[test]
fn exit_codes_and_signals_have_names() {
    let panicked = assert_is(
        "exit-code",
        Status::Crashed,
        "panicked (exit code 101): 1 of 2 samples, no end line",
    );
    assert_eq!(panicked.stderr, "thread main panicked");
    assert_eq!(panicked.samples.len(), 1);
    assert_is(
        "exit-after",
        Status::Crashed,
        "exit code 3 after a whole answer",
    );
    assert_is(
        "kill",
        Status::Crashed,
        "killed by SIGKILL (by hand, or for want of memory): 1 of 2 samples, no end line",
    );
    let aborted = assert_is(
        "abort",
        Status::Crashed,
        "aborted (SIGABRT: an abort, or a stack overflow): 0 of 2 samples, no end line",
    );
    assert_eq!(aborted.stderr, "has overflowed its stack");
    assert_is(
        "segv",
        Status::Crashed,
        "killed by SIGSEGV: 0 of 2 samples, no end line",
    );
}

#[test]
fn half_an_answer_is_none_even_with_exit_code_0() {
    for (mode, came) in [("silent", 0), ("half", 1)] {
        let reason = format!("stopped half-way: {came} of 2 samples, no end line, but exit code 0");
        assert_is(mode, Status::Crashed, &reason);
    }
}

#[test]
fn nonsense_names_its_line() {
    assert_is(
        "nonsense",
        Status::Crashed,
        "answered nonsense: line 3: expected value at line 1 column 1: Hello, world!",
    );
    assert_is(
        "miscount",
        Status::Crashed,
        r#"answered nonsense: line 2: 2 samples were asked for, 1 came: {"is":"end","samples":1}"#,
    );
    let sample = r#"{"is":"sample","wall_ns":5,"cpu_ns":4}"#;
    assert_is(
        "too-many",
        Status::Crashed,
        &format!("answered nonsense: line 3: more samples than the 2 asked for: {sample}"),
    );
    assert_is(
        "after-end",
        Status::Crashed,
        &format!("answered nonsense: line 4: it had ended its answer already: {sample}"),
    );
}

#[test]
fn floods_are_cut_off() {
    let reason = "flooded its output: more than 1 MiB";
    assert_is("flood-line", Status::Crashed, reason);
    let reason = "flooded its standard error: more than 1 MiB";
    let outcome = assert_is("flood-stderr", Status::Crashed, reason);
    assert_eq!(outcome.stderr.lines().count(), 10);
}

#[test]
fn refusals_are_passed_on() {
    assert_is("unsupported", Status::Unsupported, "no such thing");
    assert_is("unavailable", Status::Unavailable, "no io_uring");
    assert_is("failed", Status::Failed, "no route");
}

#[test]
fn the_end_of_stderr_is_kept() {
    let outcome = asked("talks", &limits(), &measure());
    let expected: Vec<String> = (21..=30).map(|i| format!("line {i}")).collect();
    assert_eq!(outcome.stderr, expected.join("\n"));
}

#[test]
fn a_grandchild_that_holds_the_pipes_costs_nothing() {
    let outcome = asked("grandchild", &limits(), &measure());
    assert_eq!((outcome.status, outcome.reason), (Status::Ok, None));
    assert_is(
        "grandchild-half",
        Status::Crashed,
        "stopped half-way: 1 of 2 samples, no end line, but exit code 0",
    );
}

#[test]
#[cfg(target_os = "linux")]
fn nor_does_one_that_left_the_group() {
    for mode in ["daemon", "daemons"] {
        let outcome = asked(mode, &limits(), &measure());
        assert_eq!((outcome.status, outcome.reason), (Status::Ok, None));
    }
}

#[test]
fn the_cpu_time_of_a_child_is_counted() {
    let outcome = asked("flood-line", &limits(), &measure());
    assert!(outcome.cpu.unwrap() > Duration::ZERO);
}

#[test]
fn an_interrupt_ends_the_round() {
    let _alone = alone();
    let folder = TempDir::new().unwrap();
    let interrupt = Interrupt::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            wait_for_pids(folder.path(), 1);
            interrupt.raise();
        });
        let program = fixture("hang", folder.path());
        let outcome = ask(&program, &measure(), &limits(), &interrupt);
        assert_eq!(outcome.status, Status::Interrupted);
        assert_eq!(outcome.reason.as_deref(), Some("interrupted"));
    });
    assert_gone(folder.path(), 1);
}

fn wait_for_pids(folder: &Path, n: usize) {
    let deadline = Instant::now() + PROMPT;
    while pids(folder).len() < n {
        assert!(Instant::now() < deadline, "it did not start");
        thread::yield_now();
    }
}
