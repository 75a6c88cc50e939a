//! From how a child ended and what it had said to a status and one line.

use std::{io, process::ExitStatus};

use super::{Limits, Program, Status, Stream, conversation::Conversation};

/// How a round came to its end.
#[derive(Debug)]
pub(super) enum Ending {
    /// It never began.
    NotStarted(io::Error),
    /// The process ended by itself.
    Exited(ExitStatus),
    /// It gave a whole answer, and then would not end.
    Answered,
    /// It closed its output before its answer was whole, and then would not end.
    Closed,
    /// Killed: the deadline.
    TimedOut,
    /// Killed: what it said makes no sense.
    Nonsense(String),
    /// Killed: it said too much.
    Flooded(Stream),
    /// Killed: we were told to stop.
    Interrupted,
}

pub(super) fn judge(
    ending: &Ending,
    talk: &Conversation,
    program: &Program,
    limits: &Limits,
) -> (Status, Option<String>) {
    let progress = talk.progress();
    let (status, reason) = match ending {
        Ending::NotStarted(error) => (
            Status::Crashed,
            format!("cannot start {}: {error}", program.path.display()),
        ),
        Ending::Interrupted => (Status::Interrupted, "interrupted".to_owned()),
        Ending::Flooded(stream) => (
            Status::Crashed,
            format!(
                "flooded its {}: more than {}",
                match stream {
                    Stream::Output => "output",
                    Stream::Errors => "standard error",
                },
                size(limits.output)
            ),
        ),
        Ending::Nonsense(why) => (Status::Crashed, format!("answered nonsense: {why}")),
        Ending::TimedOut => (
            Status::Timeout,
            format!("not done within {:?}: {progress}", limits.wall),
        ),
        Ending::Answered | Ending::Closed | Ending::Exited(_) => {
            // It told us the reason itself, so how it ended after that does not matter.
            if let Some((status, why)) = &talk.refusal {
                return (*status, Some(why.clone()));
            }
            match ending {
                Ending::Exited(exit) if talk.is_over() => {
                    if exit.success() {
                        return (Status::Ok, None);
                    }
                    let how = describe(*exit);
                    (Status::Crashed, format!("{how} after a whole answer"))
                }
                Ending::Exited(exit) if exit.success() => (
                    Status::Crashed,
                    format!("stopped half-way: {progress}, but exit code 0"),
                ),
                Ending::Exited(exit) => {
                    (Status::Crashed, format!("{}: {progress}", describe(*exit)))
                }
                Ending::Closed => (
                    Status::Crashed,
                    format!("closed its output half-way: {progress}"),
                ),
                _ => (
                    Status::Timeout,
                    format!(
                        "gave a whole answer, but was still running {:?} later",
                        limits.exit
                    ),
                ),
            }
        }
    };
    (status, Some(reason))
}

fn size(bytes: usize) -> String {
    if bytes >= 1 << 20 {
        format!("{} MiB", bytes >> 20)
    } else {
        format!("{bytes} bytes")
    }
}

/// The exit code, or the name of the signal.
fn describe(exit: ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if let Some(signal) = exit.signal() {
            let name = nix::sys::signal::Signal::try_from(signal)
                .map_or_else(|_| format!("signal {signal}"), |s| s.as_str().to_owned());
            return match name.as_str() {
                "SIGABRT" => "aborted (SIGABRT: an abort, or a stack overflow)".to_owned(),
                "SIGKILL" => "killed by SIGKILL (by hand, or for want of memory)".to_owned(),
                _ => format!("killed by {name}"),
            };
        }
    }
    match exit.code() {
        // What Rust exits with.
        Some(101) => "panicked (exit code 101)".to_owned(),
        Some(code) => format!("exit code {code}"),
        None => exit.to_string(),
    }
}
