//! Starting a process together with all that it will start, and ending them all.

use std::{
    collections::BTreeSet,
    io,
    process::{ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError, mpsc::Sender},
    thread,
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{
    Program, Tail,
    leader::{Leader, kill_group},
    pipes::{self, Event},
    strays,
};
use crate::{affinity::unconfined, scratch};

/// How long a killed process may take to be gone: long only when a device holds it.
const GONE_WITHIN: Duration = Duration::from_secs(5);

/// How often we look whether a child that has answered has ended, and for how long before we look more seldom.
const LOOK: Duration = Duration::from_micros(100);
const SOON: Duration = Duration::from_millis(5);

/// The groups that live, by their leader's id. Who holds the lock starts or sweeps, so that a sweep
/// never meets a child that is not yet listed.
static LIVING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

fn living() -> MutexGuard<'static, BTreeSet<u32>> {
    LIVING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Kills every child that lives and all that they started, then ends this process.
pub(super) fn end_everything(code: i32) -> ! {
    // Held to the end, so that nobody starts another.
    let all = living();
    for leader in all.iter() {
        kill_group(*leader);
    }
    strays::sweep(&BTreeSet::new(), None);
    // Nobody writes there any more.
    let _folders = scratch::remove_all();
    std::process::exit(code)
}

/// A child and all that it starts. Dropped, they are killed.
#[derive(Debug)]
pub(crate) struct Group {
    child: Leader,
    exit: Option<ExitStatus>,
    /// Whether what escaped from it is killed too.
    sweeps: bool,
    over: bool,
}

impl Group {
    /// Starts it with three pipes.
    pub(crate) fn start(program: &Program) -> io::Result<Self> {
        strays::adopt();
        let mut command = Command::new(&program.path);
        command
            .args(&program.args)
            // Of what it says the end is kept, and when it panics that is to be where, and not how it came there.
            .env("RUST_BACKTRACE", "0")
            .env_remove("RUST_LIB_BACKTRACE")
            .envs(
                program
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Self::lead(command, true)
    }

    /// Starts a tool of the user's, such as cargo. What it sends away on purpose, a compiler cache's daemon for
    /// example, is let be. It may use every CPU that we were given.
    pub(crate) fn tool(command: Command) -> io::Result<Self> {
        unconfined(|| Self::lead(command, false))
    }

    fn lead(command: Command, sweeps: bool) -> io::Result<Self> {
        let mut all = living();
        let child = Leader::start(command)?;
        all.insert(child.id());
        Ok(Self {
            child,
            exit: None,
            sweeps,
            over: false,
        })
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads both its pipes from now on.
    pub(crate) fn listen(
        &mut self,
        events: &Sender<Event>,
        limit: usize,
        stderr: &Tail,
    ) -> io::Result<()> {
        if let Some(pipe) = self.child.stdout() {
            pipes::read_lines(pipe, events.clone(), limit)?;
        }
        if let Some(pipe) = self.child.stderr() {
            pipes::read_tail(pipe, events.clone(), limit, stderr.clone())?;
        }
        Ok(())
    }

    /// What it says, for who reads it himself.
    pub(crate) fn pipes(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout(), self.child.stderr())
    }

    /// Writes one line to its standard input and closes it.
    pub(crate) fn tell<T: Serialize>(&mut self, message: &T) -> io::Result<()> {
        match self.stdin() {
            Some(mut pipe) => harness_protocol::write_line(&mut pipe, message),
            None => Ok(()),
        }
    }

    /// Its standard input, which ends when this is dropped.
    pub(crate) fn stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin()
    }

    /// How it ended, if it has and we have looked.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        self.exit
    }

    /// Waits for the child itself to end, at most so long.
    pub(crate) fn wait(&mut self, at_most: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        let deadline = began + at_most;
        loop {
            if self.exit.is_none() {
                self.exit = self.child.look().ok().flatten();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if self.exit.is_some() || left.is_zero() {
                return self.exit;
            }
            // One that is about to end does so within a millisecond, and every round waits here.
            let waited = began.elapsed();
            thread::sleep(if waited < SOON { LOOK } else { SOON }.min(left));
        }
    }

    /// Kills whatever of the group still lives, and on Linux whatever left it.
    pub(crate) fn end(&mut self) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        // Even when the leader has gone: others may be left.
        self.child.kill();
        self.wait(GONE_WITHIN);
        let id = self.id();
        let mut all = living();
        all.remove(&id);
        if self.sweeps {
            strays::sweep(&all, Some(id));
        }
    }

    /// It has ended by itself, and whatever is left of it may stay.
    pub(crate) fn leave(mut self) {
        self.over = true;
        living().remove(&self.id());
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}
