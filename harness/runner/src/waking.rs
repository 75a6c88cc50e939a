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
    witness::{self, Kept, Noted},
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
        kept: Option<Box<Waits>>,
        of: PhantomData<fn() -> W>,
    }
}

/// What a branch keeps between its polls.
struct Waits {
    wakes: Arc<Wakes>,
    waker: Kept,
    /// When it began to wait, in raw ticks of the witness's clock. Only its polls know: a waker that read it could meet
    /// the wait after the one that it ended.
    since: u64,
}

/// What wakers tell the next poll of a branch.
struct Wakes {
    branch: u32,
    first: First,
}

/// The first wake since a poll took the last one: one word, so that it is read and written whole. Later ones make nothing
/// readier than it is.
struct First(AtomicU64);

/// A wake: when, in raw ticks, and whether it came from a sibling's poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wake {
    at: u64,
    by_sibling: bool,
}

impl First {
    fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Notes a wake, unless there is one. The lowest bit of the time says by whom; no wake is 0.
    fn note(&self, wake: Wake) {
        let word = (wake.at.max(2) & !1) | u64::from(wake.by_sibling);
        // Whoever else was first stays first.
        let _ = self
            .0
            .compare_exchange(0, word, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The wake that there was, and forgets it: what wakes from now on is for the next poll.
    fn take(&self) -> Option<Wake> {
        let word = self.0.swap(0, Ordering::Relaxed);
        (word != 0).then_some(Wake {
            at: word & !1,
            by_sibling: word & 1 == 1,
        })
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
    fn woken(&self) {
        let by = POLLED.try_with(Cell::get).ok().flatten();
        self.first.note(Wake {
            at: witness::clock().raw(),
            by_sibling: by.is_some_and(|by| by != self.branch),
        });
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
        let mut is_first = false;
        let kept = this.kept.get_or_insert_with(|| {
            is_first = true;
            Box::new(Waits {
                wakes: Arc::new(Wakes {
                    branch: *this.index,
                    first: First::new(),
                }),
                waker: Kept::default(),
                since: began,
            })
        });
        let Waits {
            wakes,
            waker,
            since,
        } = &mut **kept;
        let woken = wakes.first.take();
        if let Some(wake) = woken {
            READY.fetch_max(
                clock.delta_as_nanos(wake.at, began),
                atomic::Ordering::Relaxed,
            );
            if wake.by_sibling {
                let waited = clock.delta_as_nanos(*since, wake.at);
                WAITED.fetch_add(waited, atomic::Ordering::Relaxed);
            }
        }
        let waker = waker.waker(wakes, context.waker());
        let before = POLLED.replace(Some(*this.index));
        let outcome = this.branch.poll(&mut Context::from_waker(waker));
        POLLED.set(before);
        // A poll that nobody woke it for, as a join makes them, does not begin its wait anew.
        if outcome.is_pending() && (is_first || woken.is_some()) {
            *since = clock.raw();
        }
        outcome
    }
}

#[cfg(all(test, not(witness_loom)))]
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

#[cfg(all(test, witness_loom))]
mod loom_tests {
    use super::*;
    use loom::{sync::Arc, thread};

    /// Two wakers and a poll that nobody woke, as a join makes them, in every order.
    #[test]
    fn loom_of_two_wakes_one_is_first_and_none_is_taken_twice_or_as_half_of_each() {
        loom::model(|| {
            let first = Arc::new(First::new());
            let wakes = [
                Wake {
                    at: 16,
                    by_sibling: true,
                },
                Wake {
                    at: 32,
                    by_sibling: false,
                },
            ];
            let wakers = wakes.map(|wake| {
                let first = Arc::clone(&first);
                thread::spawn(move || first.note(wake))
            });
            let during = first.take();
            for waker in wakers {
                waker.join().unwrap();
            }
            let after = first.take();
            assert_eq!(first.take(), None);
            let told: Vec<Wake> = during.into_iter().chain(after).collect();
            assert!(!told.is_empty(), "a wake was lost");
            assert!(told.iter().all(|wake| wakes.contains(wake)), "{told:?}");
            assert_ne!(during, after, "taken twice");
        });
    }
}
