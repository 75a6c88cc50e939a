//! The server that I/O scenarios talk to, in a process of its own, so that it never shares the
//! runtime under test.
//!
//! It says where it listens in one JSON line, and ends when its standard input does. We hold that
//! open and never write to it, so the origin ends with us even when we are killed outright.

use std::{
    process::ChildStdin,
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use harness_protocol::Origin as Address;

use crate::child::{Event, Group, Interrupt, Program, Stream, Tail};
use harness_record::text::one_line;

/// How long it may take to listen.
const READY_WITHIN: Duration = Duration::from_secs(10);
/// How long it may take to end by itself.
const GONE_WITHIN: Duration = Duration::from_secs(1);
/// It has one line to say.
const OUTPUT: usize = 1 << 20;

/// Why there is no origin: one line.
#[derive(Debug, thiserror::Error)]
#[error("the origin ({program}) {why}{}", said(stderr))]
pub struct Error {
    program: String,
    why: String,
    stderr: String,
}

fn said(stderr: &str) -> String {
    match stderr.lines().last() {
        Some(last) => format!("; its last words: {}", one_line(last, 200)),
        None => String::new(),
    }
}

/// A running origin. Dropped, it is stopped.
#[derive(Debug)]
pub struct Origin {
    // Before the group, so that it is closed first.
    stdin: Option<ChildStdin>,
    group: Group,
    inbox: Receiver<Event>,
    stderr: Tail,
    address: Address,
}

impl Origin {
    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When it does not start, or says something else than where it listens.
    pub fn start(program: &Program, interrupt: &Interrupt) -> Result<Self, Error> {
        let stderr = Tail::default();
        let wrong = |why: String| Error {
            program: program.path.display().to_string(),
            why,
            stderr: stderr.text(),
        };
        let not_started = |error| wrong(format!("cannot be started: {error}"));
        let mut group = Group::start(program).map_err(not_started)?;
        let (events, inbox) = mpsc::channel();
        group
            .listen(&events, OUTPUT, &stderr)
            .map_err(not_started)?;
        drop(events);
        let stdin = group.stdin();
        let address = first_line(&mut group, &inbox, interrupt).and_then(|line| {
            serde_json::from_slice(&line).map_err(|error| {
                let said = one_line(&String::from_utf8_lossy(&line), 80);
                format!("did not say where it listens: {error}: {said}")
            })
        });
        let address = match address {
            Ok(address) => address,
            Err(why) => {
                group.end();
                hear_out(&inbox);
                return Err(wrong(why));
            }
        };
        Ok(Self {
            stdin,
            group,
            inbox,
            stderr,
            address,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> Address {
        self.address
    }

    /// Its process id: its CPU time is ours (see [`crate::load`]).
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.group.id()
    }

    /// Whether it still serves; else one line of why, for the rounds that failed because of it.
    ///
    /// # Errors
    ///
    /// When it has ended.
    pub fn check(&mut self) -> Result<(), String> {
        match self.group.wait(Duration::ZERO) {
            None => Ok(()),
            Some(exit) => {
                hear_out(&self.inbox);
                let said = said(&self.stderr.text());
                Err(format!("the origin has gone ({exit}){said}"))
            }
        }
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.group.wait(GONE_WITHIN);
        self.group.end();
        // So that no reader outlives us for long.
        hear_out(&self.inbox);
    }
}

/// Waits until its pipes have been read to their end, which is soon after its own.
fn hear_out(inbox: &Receiver<Event>) {
    let deadline = Instant::now() + GONE_WITHIN;
    let left = || deadline.saturating_duration_since(Instant::now());
    while inbox.recv_timeout(left()).is_ok() {}
}

fn first_line(
    group: &mut Group,
    inbox: &Receiver<Event>,
    interrupt: &Interrupt,
) -> Result<Vec<u8>, String> {
    let deadline = Instant::now() + READY_WITHIN;
    let tick = Duration::from_millis(50);
    loop {
        match inbox.recv_timeout(tick) {
            Ok(Event::Line(line)) => return Ok(line),
            Ok(Event::Flood(_)) => return Err("said too much".to_owned()),
            Ok(Event::Closed(Stream::Errors)) | Err(RecvTimeoutError::Timeout) => {}
            Ok(Event::Closed(Stream::Output)) | Err(RecvTimeoutError::Disconnected) => {
                return Err(match group.wait(GONE_WITHIN) {
                    Some(exit) => format!("ended before it listened ({exit})"),
                    None => "closed its output before it listened".to_owned(),
                });
            }
        }
        if interrupt.is_raised() {
            return Err("was interrupted".to_owned());
        }
        if Instant::now() > deadline {
            return Err(format!("did not listen within {READY_WITHIN:?}"));
        }
    }
}
