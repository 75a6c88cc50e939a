//! A tool of the user's that is asked one thing: the compiler, cargo, git.

use std::{
    io::{self, ErrorKind, Write as _},
    process::{Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use super::{
    Interrupt,
    pipes::{self, Event},
    process::Group,
};

/// How often we look at the interrupt, and whether it has gone without closing its pipes.
const TICK: Duration = Duration::from_millis(50);
/// How long its pipes are read on when it has gone: a daemon that it started may hold them for ever.
const REST: Duration = Duration::from_secs(1);
/// Far more than any of them says.
const MOST_OUTPUT: usize = 256 << 20;

/// What a tool said, and how it ended.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn push(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Starts a tool, gives it `input` to read, and hears it out. It leads a group of its own, as adapters do, so that an
/// interrupt ends it together with all that it has started, whoever the interrupt was sent to.
///
/// # Errors
///
/// When it cannot be started; [`ErrorKind::TimedOut`], when it is not done after so long, and
/// [`ErrorKind::Interrupted`] after an interrupt: both have killed it.
pub(crate) fn answer(
    mut command: Command,
    input: Vec<u8>,
    at_most: Option<Duration>,
    interrupt: &Interrupt,
) -> io::Result<Answer> {
    let deadline = at_most.map(|at_most| Instant::now() + at_most);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut group = Group::tool(command)?;
    let (events, inbox) = mpsc::channel();
    let (stdout, stderr) = (Kept::default(), Kept::default());
    let (output, errors) = group.pipes();
    if let Some(pipe) = output {
        let kept = stdout.clone();
        let take = move |chunk: &[u8]| kept.push(chunk);
        pipes::read_chunks(pipe, events.clone(), MOST_OUTPUT, take)?;
    }
    if let Some(pipe) = errors {
        let kept = stderr.clone();
        let take = move |chunk: &[u8]| kept.push(chunk);
        pipes::read_chunks(pipe, events.clone(), MOST_OUTPUT, take)?;
    }
    // Only the readers keep the channel open.
    drop(events);
    if let Some(mut pipe) = group.stdin() {
        // On a thread, since nobody says that it reads. One that ends before it has read all says why.
        thread::spawn(move || drop(pipe.write_all(&input)));
    }
    let mut gone: Option<(ExitStatus, Instant)> = None;
    let status = loop {
        match inbox.recv_timeout(TICK) {
            Ok(Event::Flood(_)) => return Err(io::Error::other("it says more than anybody reads")),
            Ok(_) | Err(mpsc::RecvTimeoutError::Timeout) => {}
            // Both pipes are closed: it is about to end.
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                if let Some(status) = group.wait(TICK) {
                    break status;
                }
            }
        }
        gone = gone.or_else(|| Some((group.wait(Duration::ZERO)?, Instant::now())));
        if let Some((status, since)) = gone
            && since.elapsed() >= REST
        {
            break status;
        }
        if interrupt.is_raised() {
            return Err(ErrorKind::Interrupted.into());
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                format!("not done within {:?}", at_most.unwrap_or_default()),
            ));
        }
    };
    group.leave();
    Ok(Answer {
        status,
        stdout: stdout.take(),
        stderr: stderr.take(),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    fn ask(script: &str, at_most: Option<Duration>, interrupt: &Interrupt) -> io::Result<Answer> {
        answer(shell(script), b"in".to_vec(), at_most, interrupt)
    }

    #[test]
    fn what_it_says_is_heard_whole() {
        let script = "cat; echo out; echo err >&2; exit 3";
        let said = ask(script, None, &Interrupt::new()).unwrap();
        assert_eq!(said.stdout, b"inout\n");
        assert_eq!(said.stderr, b"err\n");
        assert_eq!(said.status.code(), Some(3));
    }

    /// Whatever holds its pipes.
    #[test]
    fn one_that_hangs_is_ended_by_its_deadline_and_by_an_interrupt() {
        let soon = Some(Duration::from_millis(20));
        let late = ask("sleep 600 & wait", soon, &Interrupt::new()).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::TimedOut);
        let interrupt = Interrupt::new();
        interrupt.raise();
        let stopped = ask("sleep 600 & wait", None, &interrupt).unwrap_err();
        assert_eq!(stopped.kind(), ErrorKind::Interrupted);
    }
}
