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
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use workload_api::Workload;

use crate::witness::{self, Clock, Kept, Noted};

/// Nanoseconds that branches waited for wakes which came from siblings, summed.
static WAITED: AtomicU64 = AtomicU64::new(0);
/// The longest that a branch had been woken and was not polled, in nanoseconds.
static READY: AtomicU64 = AtomicU64::new(0);

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
        waited_ns: WAITED.swap(0, Ordering::Relaxed),
        ready_ns: READY.swap(0, Ordering::Relaxed),
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

/// When a branch began to wait, and when that ended, both in raw ticks of the witness's clock.
struct Wakes {
    branch: u32,
    clock: &'static Clock,
    /// 0 while it does not wait: it is polled because it was woken, or is done.
    since: AtomicU64,
    /// 0 where nobody has woken it since its last poll.
    woken: AtomicU64,
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
        let first = self
            .woken
            .compare_exchange(0, now, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok();
        let since = self.since.load(Ordering::Acquire);
        let by = POLLED.try_with(Cell::get).ok().flatten();
        if first && since != 0 && by.is_some_and(|by| by != self.branch) {
            let waited = self.clock.delta_as_nanos(since, now);
            WAITED.fetch_add(waited, Ordering::Relaxed);
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
                since: AtomicU64::new(0),
                woken: AtomicU64::new(0),
            };
            Box::new((Arc::new(wakes), Kept::default()))
        });
        let clock = wakes.clock;
        let woken = wakes.woken.swap(0, Ordering::AcqRel);
        if woken != 0 {
            READY.fetch_max(clock.delta_as_nanos(woken, clock.raw()), Ordering::Relaxed);
            wakes.since.store(0, Ordering::Release);
        }
        let waker = kept.waker(wakes, context.waker());
        let polling = Polling::begins(index);
        let outcome = this.branch.poll(&mut Context::from_waker(waker));
        drop(polling);
        if outcome.is_ready() {
            wakes.since.store(0, Ordering::Release);
        } else if is_first || woken != 0 {
            // Not after a poll that nobody woke it for, as a join makes them: its wait goes on.
            wakes.since.store(clock.raw().max(1), Ordering::Release);
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
mod tests;
