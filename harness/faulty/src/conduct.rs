//! Faults of the process: how it ends, or does not, and what it does besides answering.

use std::{
    io::{self, Write as _},
    process::{Command, ExitCode, Stdio, abort},
    thread,
    time::Duration,
};

use crate::fault::Fault;

/// Longer than anybody waits.
const FOR_EVER: Duration = Duration::from_secs(600);
/// More than an adapter may say.
const FLOOD: usize = 70 << 20;

/// Whether it goes wrong in place of an answer.
pub(crate) fn is_before(fault: &Fault) -> bool {
    let kinds = ["exit", "signal", "hang", "flood-out", "flood-err", "close"];
    kinds.contains(&fault.kind.as_str())
}

/// What it does in place of an answer.
pub(crate) fn before(fault: &Fault) -> ExitCode {
    let mut random = fault.random();
    match fault.kind.as_str() {
        // Of a crash in place of an answer 0 is as bad as any other code.
        "exit" => ExitCode::from(random.u8(..)),
        "signal" => end_by_signal(&mut random),
        "flood-out" => flood(&mut io::stdout().lock(), &mut random),
        "flood-err" => flood(&mut io::stderr().lock(), &mut random),
        "close" => {
            close_output();
            thread::sleep(FOR_EVER);
            ExitCode::SUCCESS
        }
        "deaf" => ExitCode::from(random.u8(1..)),
        _ => {
            thread::sleep(FOR_EVER);
            ExitCode::SUCCESS
        }
    }
}

/// What it does behind its answer.
pub(crate) fn after(fault: &Fault) -> ExitCode {
    let mut random = fault.random();
    match fault.kind.as_str() {
        "exit-after" => ExitCode::from(random.u8(1..)),
        "signal-after" => end_by_signal(&mut random),
        "hang-after" => {
            thread::sleep(FOR_EVER);
            ExitCode::SUCCESS
        }
        "stray" => {
            stray();
            ExitCode::SUCCESS
        }
        "chatty" => {
            let odd = [
                "\u{1b}[2J\u{1b}]0;x\u{7}",
                "a\rb",
                "\0",
                "<b>&",
                "\u{202e}",
                "é\n\n\n",
                "error: not ours\n",
            ];
            let mut text = Vec::new();
            for _ in 0..random.usize(1..2_000) {
                text.extend_from_slice(odd[random.usize(..odd.len())].as_bytes());
                text.push(random.u8(..));
            }
            let _ = io::stderr().write_all(&text);
            ExitCode::from(if random.bool() { 0 } else { random.u8(1..) })
        }
        _ => ExitCode::SUCCESS,
    }
}

fn flood(out: &mut impl io::Write, random: &mut fastrand::Rng) -> ExitCode {
    // With lines and without.
    let mut chunk = vec![b'y'; 1 << 16];
    if random.bool() {
        let last = chunk.len() - 1;
        chunk[last] = b'\n';
    }
    let mut written = 0;
    while written < FLOOD && out.write_all(&chunk).is_ok() {
        written += chunk.len();
    }
    ExitCode::from(random.u8(..2))
}

#[cfg(unix)]
fn end_by_signal(random: &mut fastrand::Rng) -> ExitCode {
    use nix::sys::signal::{Signal, raise};
    let signals = [
        Signal::SIGKILL,
        Signal::SIGSEGV,
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGHUP,
        Signal::SIGBUS,
        Signal::SIGUSR1,
        Signal::SIGALRM,
    ];
    let _ = raise(signals[random.usize(..signals.len())]);
    // One that this process was started without.
    abort()
}

#[cfg(not(unix))]
fn end_by_signal(_random: &mut fastrand::Rng) -> ExitCode {
    abort()
}

#[cfg(unix)]
fn close_output() {
    if let Ok(nowhere) = std::fs::File::create("/dev/null") {
        let _ = nix::unistd::dup2_stdout(nowhere);
    }
}

#[cfg(not(unix))]
fn close_output() {}

/// Leaves a process behind, in a session of its own, that holds the pipes that this one was born with.
fn stray() {
    let mut command = Command::new("setsid");
    command.args(["sleep", "600"]).stdin(Stdio::null());
    // Not to be waited for: that is the fault.
    #[allow(clippy::zombie_processes)]
    let _ = command.spawn();
}
