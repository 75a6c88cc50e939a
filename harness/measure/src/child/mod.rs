//! One round in one fresh process: start an adapter, ask it one thing, hear it out, be rid of it.
//!
//! Whatever the child does (hangs, panics, is killed, floods, answers half or nonsense, leaves a
//! process behind that holds its pipes) [`ask`] comes back with one [`Outcome`] by the deadline,
//! and nothing that the child started is left. What a clean-up rests on:
//!
//! - The child leads a process group of its own (a job on Windows), which is killed whole. A Ctrl-C
//!   typed at the terminal does not reach that group: we decide what it means.
//! - On Linux whatever left the group is re-parented to us, and swept up (see `strays`).
//! - Its two pipes are read by a thread each, which we never wait for without a deadline: a pipe
//!   ends only when the last process that holds it does.
//!
//! Adapters ask the kernel to kill them when the thread that started them ends. [`ask`] returns only
//! when its child is gone, so it may be called from any thread.

mod conversation;
mod interrupt;
mod leader;
mod pipes;
mod process;
mod signals;
mod strays;
mod tool;
mod usage;
mod verdict;

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use harness_protocol::{Checked, Hello, Request, Sample};

pub use interrupt::Interrupt;
pub(crate) use pipes::{Event, Stream, Tail, read_chunks, read_lines};
pub(crate) use process::Group;
pub use signals::survive_full_files;
pub(crate) use tool::{Answer, answer};
pub(crate) use usage::{of_children, of_process, of_us};

use conversation::Conversation;
use verdict::Ending;

/// How often we look whether the child has gone without closing its pipes, and at the interrupt. A
/// look takes some microseconds, so it costs the round a few in ten thousand of one core.
const TICK: Duration = Duration::from_millis(50);

/// What to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The executable.
    pub path: PathBuf,
    /// Its arguments: none for an adapter of ours.
    pub args: Vec<OsString>,
    /// Variables of its environment that are not ours: none for an adapter of ours.
    pub environment: Vec<(OsString, OsString)>,
}

impl Program {
    /// A program without arguments.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            args: Vec::new(),
            environment: Vec::new(),
        }
    }
}

/// What a child may use up before it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the start to the end of the answer.
    pub wall: Duration,
    /// From the end of the answer to the end of the process.
    pub exit: Duration,
    /// Bytes on standard output, and as many on standard error.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(30),
            exit: Duration::from_secs(2),
            output: 64 << 20,
        }
    }
}

/// How a round went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A whole answer. Whether it is a right one, each [`Sample::wrong`] says.
    Ok,
    /// The runtime has no such thing.
    Unsupported,
    /// The runtime cannot run here.
    Unavailable,
    /// The adapter itself said that the round went wrong.
    Failed,
    /// Not done by its deadline.
    Timeout,
    /// Ended without a whole answer, or said what makes no sense.
    Crashed,
    /// We were asked to stop.
    Interrupted,
}

/// All that one round gave.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How it went.
    pub status: Status,
    /// One line, for every status but [`Status::Ok`].
    pub reason: Option<String>,
    /// What was measured; not whole unless the status is [`Status::Ok`].
    pub samples: Vec<Sample>,
    /// The answer to [`Request::Hello`].
    pub hello: Option<Hello>,
    /// The answer to [`Request::Check`].
    pub checked: Option<Checked>,
    /// The end of its standard error: at most ten lines and 4 KiB.
    pub stderr: String,
    /// From before the start to after the clean-up.
    pub elapsed: Duration,
    /// CPU time of all processes of ours that ended meanwhile: this child's, when rounds are run one
    /// at a time. `None` where the system does not tell.
    pub cpu: Option<Duration>,
}

impl Outcome {
    /// Whether the answer is whole.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.status == Status::Ok
    }

    /// Why there is no good answer, in a line, with the last that the child said to people.
    #[must_use]
    pub fn why(&self) -> String {
        let why = self.reason.as_deref().unwrap_or("it did not say why");
        match self.stderr.lines().last() {
            Some(last) if !last.trim().is_empty() => format!("{why}; its last words: {last}"),
            _ => why.to_owned(),
        }
    }
}

/// Starts the program, asks, and hears it out. Never hangs, and leaves nothing behind.
#[must_use]
pub fn ask(
    program: &Program,
    request: &Request,
    limits: &Limits,
    interrupt: &Interrupt,
) -> Outcome {
    let began = Instant::now();
    let cpu_before = of_children();
    let mut talk = Conversation::new(request);
    let stderr = Tail::default();
    let ending = round(program, request, limits, interrupt, &mut talk, &stderr);
    Outcome {
        stderr: stderr.text(),
        elapsed: began.elapsed(),
        cpu: cpu_before
            .zip(of_children())
            .map(|(before, after)| after.saturating_sub(before)),
        ..outcome(&ending, talk, program, limits)
    }
}

/// What a child said, and how it ended; what it took is not in it.
fn outcome(ending: &Ending, talk: Conversation, program: &Program, limits: &Limits) -> Outcome {
    let (status, reason) = verdict::judge(ending, &talk, program, limits);
    Outcome {
        status,
        reason,
        samples: talk.samples,
        hello: talk.hello,
        checked: talk.checked,
        stderr: String::new(),
        elapsed: Duration::ZERO,
        cpu: None,
    }
}

/// What would be heard of a child that said this and ended well: for fuzzing, without a process.
#[cfg(fuzzing)]
#[must_use]
pub fn heard(request: &Request, said: &[u8]) -> Outcome {
    let mut talk = Conversation::new(request);
    let mut ending = Ending::Exited(std::process::ExitStatus::default());
    // A last line without its end does not come.
    let lines = said.split_inclusive(|byte| *byte == b'\n');
    for line in lines.filter_map(|line| line.strip_suffix(b"\n")) {
        if let Err(why) = talk.hear(line) {
            ending = Ending::Nonsense(why);
            break;
        }
    }
    outcome(&ending, talk, &Program::new("adapter"), &Limits::default())
}

fn round(
    program: &Program,
    request: &Request,
    limits: &Limits,
    interrupt: &Interrupt,
    talk: &mut Conversation,
    stderr: &Tail,
) -> Ending {
    let deadline = Instant::now() + limits.wall;
    let mut group = match Group::start(program) {
        Ok(group) => group,
        Err(error) => return Ending::NotStarted(error),
    };
    let (events, inbox) = mpsc::channel();
    if let Err(error) = group.listen(&events, limits.output, stderr) {
        return Ending::NotStarted(error);
    }
    // Only the readers keep the channel open.
    drop(events);
    // A child that is gone before it has read says why itself. A request is far shorter than the
    // buffer of a pipe, so a child that never reads cannot hold us up here.
    let _ = group.tell(request);

    let mut ending = hear(&mut group, &inbox, talk, deadline, interrupt);
    if matches!(ending, Ending::Answered | Ending::Closed) {
        // Let it end by itself.
        let patience = Instant::now() + limits.exit;
        while Instant::now() < patience && !interrupt.is_raised() {
            if group.wait(TICK).is_some() {
                break;
            }
        }
        ending = match group.ended() {
            Some(status) => Ending::Exited(status),
            None if interrupt.is_raised() => Ending::Interrupted,
            None => ending,
        };
    }
    group.end();
    drain(&inbox, talk, &mut ending);
    ending
}

/// Hears the child until its answer is whole, or no more is to be expected.
fn hear(
    group: &mut Group,
    inbox: &Receiver<Event>,
    talk: &mut Conversation,
    deadline: Instant,
    interrupt: &Interrupt,
) -> Ending {
    loop {
        if interrupt.is_raised() {
            return Ending::Interrupted;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ending::TimedOut;
        }
        match inbox.recv_timeout(left.min(TICK)) {
            Ok(Event::Line(line)) => match talk.hear(&line) {
                Err(why) => return Ending::Nonsense(why),
                Ok(()) if talk.is_over() => return Ending::Answered,
                Ok(()) => {}
            },
            Ok(Event::Flood(stream)) => return Ending::Flooded(stream),
            Ok(Event::Closed(Stream::Output)) | Err(RecvTimeoutError::Disconnected) => {
                return Ending::Closed;
            }
            Ok(Event::Closed(Stream::Errors)) => {}
            // A process of the child's may hold the pipes open when the child itself has gone.
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = group.wait(Duration::ZERO) {
                    return Ending::Exited(status);
                }
            }
        }
    }
}

/// Hears what was still in the pipes. All that held them is dead by now, but for what an operating
/// system without a way to adopt orphans let escape: hence the deadline.
fn drain(inbox: &Receiver<Event>, talk: &mut Conversation, ending: &mut Ending) {
    let deadline = Instant::now() + Duration::from_millis(500);
    while let Ok(event) = inbox.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        if !matches!(ending, Ending::Exited(_)) {
            continue;
        }
        match event {
            Event::Line(line) => {
                if let Err(why) = talk.hear(&line) {
                    *ending = Ending::Nonsense(why);
                }
            }
            Event::Flood(stream) => *ending = Ending::Flooded(stream),
            Event::Closed(_) => {}
        }
    }
}
