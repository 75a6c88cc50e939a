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

use crate::witness::{self, Kept, Noted};

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

/// When a branch began to wait, and when that ended, both in raw ticks of the witness's clock; no wake is 0.
struct Wakes {
    branch: u32,
    since: AtomicU64,
    woken: AtomicU64,
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
        let clock = witness::clock();
        let now = clock.raw().max(1);
        let first = self
            .woken
            .compare_exchange(0, now, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok();
        let by = POLLED.try_with(Cell::get).ok().flatten();
        if first && by.is_some_and(|by| by != self.branch) {
            let waited = clock.delta_as_nanos(self.since.load(Ordering::Acquire), now);
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
        let clock = witness::clock();
        let began = clock.raw();
        let (wakes, kept) = &mut **this.kept.get_or_insert_with(|| {
            let wakes = Wakes {
                branch: *this.index,
                since: AtomicU64::new(began),
                // So that its wait begins with this poll.
                woken: AtomicU64::new(began.max(1)),
            };
            Box::new((Arc::new(wakes), Kept::default()))
        });
        let woken = wakes.woken.swap(0, Ordering::AcqRel);
        if woken != 0 {
            READY.fetch_max(clock.delta_as_nanos(woken, began), Ordering::Relaxed);
            wakes.since.store(began, Ordering::Release);
        }
        let waker = kept.waker(wakes, context.waker());
        let before = POLLED.replace(Some(*this.index));
        let outcome = this.branch.poll(&mut Context::from_waker(waker));
        POLLED.set(before);
        // A poll that nobody woke it for, as a join makes them, does not begin its wait anew.
        if outcome.is_pending() && woken != 0 {
            wakes.since.store(clock.raw(), Ordering::Release);
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Mutex, PoisonError},
        task::Waker,
        thread,
        time::Duration,
    };

    use futures_lite::future::{self, poll_once, yield_now};
    use runtime_api::Runtime;
    use workload_api::Env;

    use super::*;

    #[derive(Clone, Copy)]
    struct Of<const TOGETHER: bool>;

    impl<const TOGETHER: bool> Workload for Of<TOGETHER> {
        const TOGETHER: bool = TOGETHER;

        async fn branch<R: Runtime>(self, _: Env, _: usize) -> u64 {
            0
        }

        fn expected(self, _: &Env, _: usize) -> u64 {
            0
        }
    }

    const PAUSE: Duration = Duration::from_millis(5);

    /// One waits for a waker to be woken, and the other wakes it 5 ms later: in its own poll, or on a thread.
    fn waited<const TOGETHER: bool>(by_sibling: bool) -> Told {
        static LEFT: Mutex<Option<Waker>> = Mutex::new(None);
        let left = || LEFT.lock().unwrap_or_else(PoisonError::into_inner);
        let _alone = witness::ALONE
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        take();
        let mut polls = 0;
        let waits = future::poll_fn(|context| {
            polls += 1;
            if polls > 2 {
                return Poll::Ready(());
            }
            *left() = Some(context.waker().clone());
            Poll::Pending
        });
        let wakes = async {
            thread::sleep(PAUSE);
            // Both are polled once more, the one that waits for nothing.
            yield_now().await;
            let waker = left().take().unwrap();
            if by_sibling {
                waker.wake();
            } else {
                thread::spawn(move || waker.wake()).join().unwrap();
            }
        };
        let waits = Waking::<Of<TOGETHER>, _>::new(0, waits);
        let wakes = Waking::<Of<TOGETHER>, _>::new(1, wakes);
        future::block_on(future::zip(waits, wakes));
        take()
    }

    #[test]
    fn a_wait_that_a_siblings_poll_ends_is_a_wait_for_it() {
        let pause = u64::try_from(PAUSE.as_nanos()).unwrap();
        let told = waited::<true>(true);
        assert!(told.waited_ns >= pause, "{told:?}");
        // The same wake from elsewhere is none of a sibling's.
        assert_eq!(waited::<true>(false).waited_ns, 0);
        assert_eq!(waited::<false>(true), Told::default());
    }

    #[test]
    fn a_branch_that_was_woken_and_is_not_polled_is_ready() {
        let _alone = witness::ALONE
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        take();
        let mut branch = Box::pin(Waking::<Of<true>, _>::new(0, yield_now()));
        assert!(future::block_on(poll_once(&mut branch)).is_none());
        thread::sleep(PAUSE);
        future::block_on(branch);
        let told = take();
        assert!(u128::from(told.ready_ns) >= PAUSE.as_nanos(), "{told:?}");
        assert_eq!(told.waited_ns, 0, "it woke itself");
    }
}
