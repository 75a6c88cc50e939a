//! Which operations there are, and what they are called.

use std::fmt;

use harness_protocol::costs::Side;
use runtime_api::Lack;

/// What the branches of an operation do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    /// Nothing.
    Ready,
    /// They give their turn back once.
    Yield,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Join so many branches.
    Join(Branch, u64),
    /// Spawn so many branches, and await them.
    Spawn(Branch, u64),
    /// Place a ready branch on another core's executor, and await it.
    Dispatch,
    /// Spawn a branch, and drop its handle.
    DropHandle,
    /// Hand a closure to the blocking pool, and await it.
    SpawnBlocking,
    /// Sleep a millisecond.
    Sleep,
    /// Make a timer that is far from due, poll it once, and drop it.
    DropSleep,
    /// A message over a TCP connection, and back.
    RoundTrip,
    /// Read a file of 4 KiB.
    ReadFile,
    /// A token to another branch of the same join, and back.
    WakeBranch,
    /// A token to another task, and back.
    WakeTask,
    /// A token to a plain thread, and back.
    WakeThread,
}

/// One operation, and where whoever does it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// What is done.
    pub what: What,
    /// By the future that `block_on` polls, not by a task.
    pub from_block_on: bool,
}

/// The numbers of branches.
const NUMBERS: [u64; 5] = [2, 10, 100, 1_000, 10_000];

impl What {
    /// Whether there is one way to do it: what a wake costs is the runtime's, whoever put the branches together; and
    /// whoever dispatches by hand writes what the adapter writes.
    pub(crate) fn is_the_runtimes_alone(self) -> bool {
        matches!(
            self,
            Self::Dispatch | Self::WakeBranch | Self::WakeTask | Self::WakeThread
        )
    }

    /// What a runtime must not lack for it.
    pub(crate) fn wants(self) -> Option<Lack> {
        match self {
            Self::SpawnBlocking => Some(Lack::BlockingPool),
            Self::Sleep | Self::DropSleep => Some(Lack::Timers),
            Self::RoundTrip => Some(Lack::Sockets),
            Self::ReadFile => Some(Lack::Files),
            _ => None,
        }
    }
}

impl Operation {
    /// All of them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        use Branch::{Ready, Yield};
        let join = |branch| NUMBERS.map(|branches| What::Join(branch, branches));
        let spawn = |branch| NUMBERS.map(|branches| What::Spawn(branch, branches));
        let mut all: Vec<What> = [join(Ready), join(Yield), spawn(Ready), spawn(Yield)].concat();
        all.extend([
            What::Dispatch,
            What::DropHandle,
            What::SpawnBlocking,
            What::Sleep,
            What::DropSleep,
            What::RoundTrip,
            What::ReadFile,
            What::WakeBranch,
            What::WakeTask,
            What::WakeThread,
        ]);
        let from = |from_block_on| {
            move |what| Self {
                what,
                from_block_on,
            }
        };
        let outside = [
            What::Join(Ready, 2),
            What::Spawn(Ready, 2),
            What::Spawn(Ready, 1_000),
        ];
        let tasks = all.into_iter().map(from(false));
        tasks.chain(outside.map(from(true))).collect()
    }

    /// The one of this name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::all()
            .into_iter()
            .find(|operation| operation.to_string() == name)
    }

    /// How many branches it has, where it has branches.
    #[must_use]
    pub fn branches(self) -> Option<u64> {
        match self.what {
            What::Join(_, branches) | What::Spawn(_, branches) => Some(branches),
            _ => None,
        }
    }

    /// The ways in which it can be done: what no runtime has a call for has no twin.
    #[must_use]
    pub fn sides(self, twins: bool) -> &'static [Side] {
        if twins && !self.what.is_the_runtimes_alone() {
            &Side::BOTH
        } else {
            &[Side::Trait]
        }
    }

    /// Whether the kernel takes part, so that how often something is polled, and what for, is not always the same.
    #[must_use]
    pub fn meets_the_kernel(self) -> bool {
        matches!(
            self.what,
            What::SpawnBlocking | What::Sleep | What::RoundTrip | What::ReadFile | What::WakeThread
        )
    }

    /// In a line.
    #[must_use]
    pub fn summary(self) -> String {
        let branches = |branch| match branch {
            Branch::Ready => "ready branches",
            Branch::Yield => "branches that yield once",
        };
        let what = match self.what {
            What::Join(branch, n) => format!("{n} {}, joined", branches(branch)),
            What::Spawn(branch, n) => {
                format!("{n} {}, each spawned, and awaited", branches(branch))
            }
            What::Dispatch => "a ready branch placed on another executor, and awaited".to_owned(),
            What::DropHandle => "a ready branch spawned, and its handle dropped".to_owned(),
            What::SpawnBlocking => "a closure for the blocking pool, awaited".to_owned(),
            What::Sleep => "a sleep of 1 ms".to_owned(),
            What::DropSleep => "a timer made, polled once, and dropped".to_owned(),
            What::RoundTrip => "64 bytes over TCP to another process, and back".to_owned(),
            What::ReadFile => "a file of 4 KiB read".to_owned(),
            What::WakeBranch => "a token to another branch of the join, and back".to_owned(),
            What::WakeTask => "a token to another task, and back".to_owned(),
            What::WakeThread => "a token to a plain thread, and back".to_owned(),
        };
        if self.from_block_on {
            format!("{what}; from block_on")
        } else {
            what
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.from_block_on {
            f.write_str("block_on/")?;
        }
        let word = |branch: &Branch| match branch {
            Branch::Ready => "ready",
            Branch::Yield => "yield",
        };
        match &self.what {
            What::Join(branch, branches) => write!(f, "compose-{}/{branches}", word(branch)),
            What::Spawn(branch, branches) => write!(f, "spawn-{}/{branches}", word(branch)),
            What::Dispatch => f.write_str("dispatch"),
            What::DropHandle => f.write_str("handle-drop"),
            What::SpawnBlocking => f.write_str("spawn_blocking"),
            What::Sleep => f.write_str("timer"),
            What::DropSleep => f.write_str("timer-drop"),
            What::RoundTrip => f.write_str("tcp-round-trip"),
            What::ReadFile => f.write_str("read-file"),
            What::WakeBranch => f.write_str("wake-branch"),
            What::WakeTask => f.write_str("wake-task"),
            What::WakeThread => f.write_str("wake-thread"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_by_its_name() {
        for operation in Operation::all() {
            assert_eq!(Operation::of(&operation.to_string()), Some(operation));
        }
        assert_eq!(Operation::of("spawn-ready/3"), None);
    }
}
