//! What was recorded of one call, in nanoseconds since it was entered: what a report is made of.

use crate::rules::HELD_IDLE;

/// One call. Made by [`Call::finish`](crate::Call::finish), and by tests.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Recorded {
    pub(crate) site: &'static str,
    /// From entering the call to finishing it.
    pub(crate) wall_ns: u64,
    /// In the order in which they were named.
    pub(crate) branches: Vec<Track>,
    /// Polls of the scope, or of the scopes if there were several, with those of the branches inside them.
    pub(crate) scope: Vec<Poll>,
    /// Polls and branches for which there was no room.
    pub(crate) lost_polls: u64,
    pub(crate) lost_branches: u64,
    /// Whether the system tells of CPU time and switches.
    pub(crate) told: bool,
    /// How long the thread that entered it wanted a core meanwhile and had none; `None` if another thread finished it.
    pub(crate) without_core_ns: Option<u64>,
}

/// One branch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Track {
    pub(crate) name: String,
    /// When it was wrapped.
    pub(crate) created_ns: u64,
    pub(crate) ended: Option<(u64, Ending)>,
    /// In order. A closure has one.
    pub(crate) polls: Vec<Poll>,
    /// A closure, which is no future: it runs on the thread that it was given to.
    pub(crate) closure: bool,
}

/// How a branch came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Ending {
    /// With its output.
    Done,
    /// Its future was dropped before: it lost a race, or its task was cancelled.
    Dropped,
    /// It panicked.
    Panicked,
}

/// Who made a branch ready, or held it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum By {
    /// The branch of this number: its place in [`Report::branches`](crate::Report::branches).
    Branch(u32),
    /// The scope itself, in between its branches.
    Scope,
    /// Nobody of this call: a timer, a socket, another task; or a branch past the millionth.
    Outside,
}

/// One poll of a branch or of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Poll {
    /// When it began, in nanoseconds since the call was entered.
    pub start_ns: u64,
    /// When it ended.
    pub end_ns: u64,
    /// The number of its thread in this process.
    pub thread: u32,
    /// The first wake since the poll before began; `None` if nobody woke this branch, and it was polled for another's
    /// sake, or for the first time.
    pub woken: Option<Wake>,
    /// Around it on the thread's stack: the scope of its call, or a branch of it. It was composed; otherwise placed.
    pub around: Option<By>,
    /// What the thread did meanwhile, where the poll was long enough to be looked into and the system tells.
    pub spent: Option<Spent>,
}

/// A branch was made ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Wake {
    /// When, in nanoseconds since the call was entered.
    pub at_ns: u64,
    /// Whose poll the waking thread was in the middle of.
    pub by: By,
}

/// What a thread did during a long poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Spent {
    /// CPU time, in nanoseconds, and up to 0.1 ms of it may be from before the poll.
    pub cpu_ns: u64,
    /// How often the thread gave its core away to wait for something.
    pub voluntary: u32,
    /// How often its core was taken from it.
    pub involuntary: u32,
}

impl Poll {
    /// How long it took, in nanoseconds.
    #[must_use]
    pub fn length_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }

    /// What the thread did during it. Polls that were not looked into count as computing: they were too short for
    /// anything else to matter.
    pub(crate) fn split(&self) -> Split {
        let length = self.length_ns();
        let Some(spent) = self.spent else {
            return Split {
                computing_ns: length,
                ..Split::default()
            };
        };
        let computing_ns = spent.cpu_ns.min(length);
        let idle = length - computing_ns;
        // Who gave its core away and hardly computed was waiting for something. Where its core was taken from it, and
        // it computed most of the time that it had it, it was waiting for a core.
        let share = computing_ns as f64 / length.max(1) as f64;
        let blocked = spent.voluntary > 0 && (spent.involuntary == 0 || share <= HELD_IDLE);
        Split {
            computing_ns,
            blocked_ns: if blocked { idle } else { 0 },
            queued_ns: if blocked { 0 } else { idle },
        }
    }
}

/// What becomes of the time of a poll, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Split {
    /// On a core.
    pub(crate) computing_ns: u64,
    /// The thread was held and did not use it.
    pub(crate) blocked_ns: u64,
    /// The thread wanted a core and had none.
    pub(crate) queued_ns: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn poll(cpu_ms: u64, voluntary: u32, involuntary: u32) -> Split {
        let poll = Poll {
            start_ns: MS,
            end_ns: 11 * MS,
            thread: 0,
            woken: None,
            around: None,
            spent: Some(Spent {
                cpu_ns: cpu_ms * MS,
                voluntary,
                involuntary,
            }),
        };
        poll.split()
    }

    fn split(computing: u64, blocked: u64, queued: u64) -> Split {
        Split {
            computing_ns: computing * MS,
            blocked_ns: blocked * MS,
            queued_ns: queued * MS,
        }
    }

    #[test]
    fn a_thread_computes_or_blocks_or_waits_for_a_core() {
        assert_eq!(poll(10, 0, 0), split(10, 0, 0));
        // CPU time from before the poll is not its own.
        assert_eq!(poll(12, 0, 0), split(10, 0, 0));
        assert_eq!(poll(1, 1, 0), split(1, 9, 0), "sleeps");
        assert_eq!(poll(1, 0, 5), split(1, 0, 9), "the machine is busy");
        assert_eq!(poll(1, 1, 5), split(1, 9, 0), "sleeps, on a busy machine");
        assert_eq!(poll(6, 1, 5), split(6, 0, 4), "computes, on a busy machine");
        assert_eq!(poll(6, 3, 0), split(6, 4, 0), "reads a file in pieces");
    }
}
