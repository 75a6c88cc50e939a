//! Who wakes branches that wait for each other.
//!
//! A join hands one waker to all its branches, so that no wake tells for whom it is. Here a branch has a waker of its own, which
//! notes whether another branch was being polled on the thread that woke it: then it had waited for that one (a lock let
//! go, room made in a channel), and for no timer or socket. For workloads that say [`Workload::TOGETHER`] alone: of
//! any other, [`Waking`] is the branch.

use std::{
    cell::Cell,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::{Arc, atomic},
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use workload_api::Workload;

use crate::{
    sync::{AtomicU64, Ordering},
    witness::{self, Clock, Kept, Noted},
};

/// Nanoseconds that branches waited for wakes which came from siblings, summed.
static WAITED: atomic::AtomicU64 = atomic::AtomicU64::new(0);
/// The longest that a branch had been woken and was not polled, in nanoseconds.
static READY: atomic::AtomicU64 = atomic::AtomicU64::new(0);

thread_local! {
    /// The branch that this thread is polling.
    static POLLED: Cell<Option<u32>> = const { Cell::new(None) };
}

/// What wakes told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) waited_ns: u64,
    pub(crate) ready_ns: u64,
}

/// What they have told since the last call.
pub(crate) fn take() -> Told {
    Told {
        waited_ns: WAITED.swap(0, atomic::Ordering::Relaxed),
        ready_ns: READY.swap(0, atomic::Ordering::Relaxed),
    }
}

pin_project! {
    /// A branch of `W`.
    pub(crate) struct Waking<W, F> {
        #[pin]
        branch: F,
        index: u32,
        // Boxed, so that a branch that needs none is larger by a pointer only.
        kept: Option<Box<(Arc<Wakes>, Kept)>>,
        of: PhantomData<fn() -> W>,
    }
}

/// What a branch's wakers know of it.
struct Wakes {
    branch: u32,
    clock: &'static Clock,
    wait: Wait,
}

/// Since when a branch waits or, once it is woken, when that was, in raw ticks of the witness's clock, which are never 0
/// here. 0 while it does neither: it is polled because it was woken, or is done.
///
/// One word, so that a wake ends the very wait that it finds, and ends it once. All orders are relaxed: the word is whole
/// in itself, the executor orders a wake before the poll that it causes, and polls of a branch come one after the other.
struct Wait(AtomicU64);

/// The lowest bit of the word, below the ticks: they are those of a wake.
const WOKEN: u64 = 1;

impl Wait {
    fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// A wake, unless there is one already: since when the branch had waited, if this one ended a wait.
    fn ends(&self, now: u64) -> Option<u64> {
        let mut before = self.0.load(Ordering::Relaxed);
        while before & WOKEN == 0 {
            let word = now << 1 | WOKEN;
            match self
                .0
                .compare_exchange(before, word, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return (before != 0).then_some(before >> 1),
                Err(other) => before = other,
            }
        }
        None
    }

    /// The wake that a poll is for, and forgets it: what wakes from now on is for the next.
    fn take(&self) -> Option<u64> {
        let word = self.0.load(Ordering::Relaxed);
        (word & WOKEN != 0).then(|| {
            // No waker changes a word that tells of a wake.
            self.0.store(0, Ordering::Relaxed);
            word >> 1
        })
    }

    /// The branch waits from now on, unless it was woken meanwhile.
    fn begins(&self, now: u64) {
        let _ = self
            .0
            .compare_exchange(0, now << 1, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The branch is done: if it waited, it does no more.
    fn stops(&self) {
        let word = self.0.load(Ordering::Relaxed);
        if word & WOKEN == 0 {
            // Whoever wakes it meanwhile has ended its wait.
            let _ = self
                .0
                .compare_exchange(word, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }
}

/// The thread polls a branch until this is dropped, be it by a panic.
struct Polling {
    before: Option<u32>,
}

impl Polling {
    fn begins(branch: u32) -> Self {
        Self {
            before: POLLED.replace(Some(branch)),
        }
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        POLLED.set(self.before);
    }
}

impl<W, F> Waking<W, F> {
    pub(crate) fn new(index: u32, branch: F) -> Self {
        Self {
            branch,
            index,
            kept: None,
            of: PhantomData,
        }
    }
}

impl Noted for Wakes {
    /// The first wake ends the wait; others find it ended.
    fn woken(&self) {
        let now = self.clock.raw().max(1);
        let by = POLLED.try_with(Cell::get).ok().flatten();
        if let Some(since) = self.wait.ends(now)
            && by.is_some_and(|by| by != self.branch)
        {
            let waited = self.clock.delta_as_nanos(since, now);
            WAITED.fetch_add(waited, atomic::Ordering::Relaxed);
        }
    }
}

impl<W: Workload, F: Future> Future for Waking<W, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !W::TOGETHER {
            return this.branch.poll(context);
        }
        let index = *this.index;
        let is_first = this.kept.is_none();
        let (wakes, kept) = &mut **this.kept.get_or_insert_with(|| {
            let wakes = Wakes {
                branch: index,
                clock: clock(),
                wait: Wait::new(),
            };
            Box::new((Arc::new(wakes), Kept::default()))
        });
        let clock = wakes.clock;
        let woken = wakes.wait.take();
        if let Some(woken) = woken {
            let ready = clock.delta_as_nanos(woken, clock.raw());
            READY.fetch_max(ready, atomic::Ordering::Relaxed);
        }
        let waker = kept.waker(wakes, context.waker());
        let polling = Polling::begins(index);
        let outcome = this.branch.poll(&mut Context::from_waker(waker));
        drop(polling);
        if outcome.is_ready() {
            wakes.wait.stops();
        } else if is_first || woken.is_some() {
            // Not after a poll that nobody woke it for, as a join makes them: its wait goes on.
            wakes.wait.begins(clock.raw().max(1));
        }
        outcome
    }
}

#[cfg(test)]
thread_local!(
    /// The clock of this thread's test, whose time is told.
    static TOLD: Cell<Option<&'static Clock>> = const { Cell::new(None) }
);

fn clock() -> &'static Clock {
    #[cfg(test)]
    if let Some(told) = TOLD.get() {
        return told;
    }
    witness::clock()
}

#[cfg(test)]
#[cfg(not(witness_loom))]
mod tests;

#[cfg(all(test, witness_loom))]
mod loom_tests {
    use super::*;
    use loom::{sync::Arc, thread};

    /// Two wakers, and a poll that begins a wait anew if it was woken for, in every order.
    #[test]
    fn loom_each_wait_is_ended_once_and_by_the_wake_that_found_it() {
        loom::model(|| {
            let wait = Arc::new(Wait::new());
            wait.begins(10);
            let wakers = [16, 32].map(|now| {
                let wait = Arc::clone(&wait);
                thread::spawn(move || wait.ends(now))
            });
            let during = wait.take();
            if during.is_some() {
                wait.begins(20);
            }
            let ended = wakers.map(|waker| waker.join().unwrap());
            let after = wait.take();
            let times = |since| ended.iter().filter(|ended| **ended == Some(since)).count();
            assert_eq!(times(10), 1, "{ended:?}");
            assert!(times(20) <= usize::from(during.is_some()), "{ended:?}");
            let told: Vec<u64> = during.into_iter().chain(after).collect();
            assert!(!told.is_empty(), "a wake was lost");
            assert!(told.iter().all(|wake| [16, 32].contains(wake)), "{told:?}");
            assert_ne!(during, after, "taken twice");
            assert_eq!(wait.take(), None);
        });
    }
}
