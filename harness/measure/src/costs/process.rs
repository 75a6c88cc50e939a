//! A program that is started, heard out, and gone: no protocol, but lines on standard output and an exit
//! code.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, Instant},
};

use crate::child::{Event, Group, Interrupt, Program, Tail};

/// How often we look at the interrupt.
const TICK: Duration = Duration::from_millis(50);
/// Far more than any of it prints.
const MOST_OUTPUT: usize = 16 << 20;

/// Why there is nothing of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It went wrong.
    Wrong {
        /// How, in one line.
        reason: String,
        /// The end of its standard error.
        stderr: String,
    },
    /// We were told to stop.
    Interrupted,
}

impl Ended {
    /// It went wrong, for this reason.
    pub fn wrong(reason: impl Into<String>) -> Self {
        Self::Wrong {
            reason: reason.into(),
            stderr: String::new(),
        }
    }
}

/// Starts a program and hears it out: its lines on standard output, if it ended well and in time. Nothing
/// that it started is left.
pub fn run(
    program: &Program,
    at_most: Duration,
    interrupt: &Interrupt,
) -> Result<Vec<String>, Ended> {
    let deadline = Instant::now() + at_most;
    let stderr = Tail::default();
    let cannot = |error: std::io::Error| {
        Ended::wrong(format!("cannot start {}: {error}", program.path.display()))
    };
    let mut group = Group::start(program).map_err(cannot)?;
    let (events, inbox) = mpsc::channel();
    group
        .listen(&events, MOST_OUTPUT, &stderr)
        .map_err(cannot)?;
    // Only the readers keep the channel open, and the program reads nothing.
    drop((events, group.stdin()));
    let mut lines = Vec::new();
    let mut keep = |line: &[u8]| lines.push(String::from_utf8_lossy(line).into_owned());
    let exit = loop {
        if interrupt.is_raised() {
            return Err(Ended::Interrupted);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            group.end();
            return Err(Ended::Wrong {
                reason: format!("not done in {}", humantime::format_duration(at_most)),
                stderr: stderr.text(),
            });
        }
        match inbox.recv_timeout(left.min(TICK)) {
            Ok(Event::Line(line)) => keep(&line),
            Ok(Event::Closed(_)) => {}
            Ok(Event::Flood(_)) => {
                group.end();
                return Err(Ended::wrong(format!(
                    "it wrote more than {} MiB",
                    MOST_OUTPUT >> 20
                )));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                group.wait(left.min(TICK));
            }
        }
        if let Some(exit) = group.wait(Duration::ZERO) {
            break exit;
        }
    };
    group.end();
    let drained = Instant::now() + Duration::from_millis(500);
    while let Ok(event) = inbox.recv_timeout(drained.saturating_duration_since(Instant::now())) {
        if let Event::Line(line) = event {
            keep(&line);
        }
    }
    if exit.success() {
        Ok(lines)
    } else {
        Err(Ended::Wrong {
            reason: format!("it ended with {exit}"),
            stderr: stderr.text(),
        })
    }
}
