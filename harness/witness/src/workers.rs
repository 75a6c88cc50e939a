//! How many threads execute what is spawned.

use std::collections::BTreeSet;

use crate::recorded::Recorded;

/// How many threads execute what is spawned, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Workers {
    /// So many; from [`Known::Seen`], at least so many.
    pub count: u32,
    /// How that is known.
    pub known: Known,
}

/// How a number of workers is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Known {
    /// By [`Site::workers`](crate::Site::workers).
    Said,
    /// Tokio told. What runs in a `LocalSet` has one thread all the same.
    Tokio,
    /// Only by the threads that were seen polling: there may be more.
    Seen,
}

impl Workers {
    pub(crate) fn of(said: Option<u32>, recorded: &Recorded) -> Self {
        let told = said
            .map(|count| (count, Known::Said))
            .or_else(|| tokio().map(|count| (count, Known::Tokio)));
        let (count, known) = told.unwrap_or_else(|| (seen(recorded), Known::Seen));
        Self {
            count: count.max(1),
            known,
        }
    }

    pub(crate) fn of_nothing() -> Self {
        Self {
            count: 1,
            known: Known::Seen,
        }
    }

    /// The number, where it is more than a lower bound.
    #[must_use]
    pub fn exactly(&self) -> Option<u32> {
        (self.known != Known::Seen).then_some(self.count)
    }
}

#[cfg(all(feature = "tokio", not(feature = "off")))]
fn tokio() -> Option<u32> {
    use tokio::runtime::{Handle, RuntimeFlavor};
    let handle = Handle::try_current().ok()?;
    let workers = match handle.runtime_flavor() {
        // Its one worker is whoever calls `block_on`.
        RuntimeFlavor::CurrentThread => 1,
        _ => handle.metrics().num_workers(),
    };
    u32::try_from(workers).ok()
}

#[cfg(not(all(feature = "tokio", not(feature = "off"))))]
fn tokio() -> Option<u32> {
    None
}

/// Threads that polled what was placed: those of closures are a pool of another kind.
fn seen(recorded: &Recorded) -> u32 {
    let futures = recorded.branches.iter().filter(|branch| !branch.closure);
    let placed = futures
        .flat_map(|branch| &branch.polls)
        .filter(|poll| poll.around.is_none());
    let threads: BTreeSet<u32> = placed.map(|poll| poll.thread).collect();
    u32::try_from(threads.len()).unwrap_or(u32::MAX)
}
