//! The low level: every poll of every branch of a process, for a harness that has the process to itself.
//!
//! A branch is wrapped in [`Witnessed`], which reads a clock before and after each poll and writes
//! branch, start and end into a buffer of the polling thread. Nothing is shared between threads
//! while the clock runs: overlap, concurrency and the rest are computed afterwards, from the
//! intervals, by [`analysis`](crate::analysis). In the workspace that this crate comes from,
//! `cargo bench -p harness-runner` measures what that costs a poll.
//!
//! These buffers grow with what is recorded until they are [reset]. A program that runs on and on watches calls
//! instead.

use std::{
    future::Future,
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

mod lane;
mod waker;

pub use lane::{Interval, Recording, collect, reset, thread};
pub use quanta::Clock;
pub use waker::{Kept, Noted};

/// The clock of all intervals: the time stamp counter where it can be trusted, else the system's
/// monotonic clock. The first call calibrates it, which takes up to 200 ms; call it once before the
/// region of interest.
pub fn clock() -> &'static Clock {
    static CLOCK: OnceLock<Clock> = OnceLock::new();
    CLOCK.get_or_init(Clock::new)
}

pin_project! {
    /// A branch under observation.
    #[derive(Debug)]
    pub struct Witnessed<F> {
        #[pin]
        branch: F,
        index: u32,
        // Held by value: a look-up of the shared clock would cost each poll an atomic load.
        clock: Clock,
    }
}

impl<F> Witnessed<F> {
    /// Watches `branch`, under the name `index`.
    pub fn new(index: u32, branch: F) -> Self {
        Self {
            branch,
            index,
            clock: clock().clone(),
        }
    }
}

impl<F: Future> Future for Witnessed<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let start = this.clock.raw();
        let outcome = this.branch.poll(context);
        lane::record(*this.index, start, this.clock.raw());
        outcome
    }
}

/// Recordings are the process's: tests that make them do so one at a time.
#[cfg(all(test, not(witness_loom)))]
static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[cfg(all(test, not(witness_loom)))]
mod tests {
    use super::*;

    /// Pending `left` times.
    struct Pends(u32);

    impl Future for Pends {
        type Output = u8;
        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u8> {
            if self.0 == 0 {
                return Poll::Ready(7);
            }
            self.0 -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }

    #[test]
    fn every_poll_is_recorded_with_its_branch_and_thread_even_from_threads_that_have_gone() {
        let _alone = ALONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        reset();
        let here = futures_lite::future::block_on(Witnessed::new(3, Pends(99)));
        let there =
            std::thread::spawn(|| futures_lite::future::block_on(Witnessed::new(4, Pends(0))))
                .join()
                .unwrap();
        assert_eq!((here, there), (7, 7));

        let recording = collect();
        assert_eq!(recording.lost, 0);
        let of = |branch| {
            recording
                .polls
                .iter()
                .filter(move |poll| poll.branch == branch)
        };
        assert_eq!(of(3).count(), 100, "99 times pending, once ready");
        assert_eq!(of(4).count(), 1);
        assert_ne!(of(3).next().unwrap().thread, of(4).next().unwrap().thread);
        assert!(recording.polls.iter().all(|poll| poll.start <= poll.end));

        reset();
        assert!(collect().polls.is_empty(), "a new sample starts empty");
    }

    #[test]
    fn a_thread_that_asks_for_its_number_keeps_it_and_does_not_count_as_one_that_polled() {
        let _alone = ALONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        reset();
        let before = collect().threads_so_far;
        let (asked, polled) = std::thread::spawn(|| {
            let asked = thread();
            let counted = collect().threads_so_far;
            futures_lite::future::block_on(Witnessed::new(5, Pends(0)));
            assert_eq!(thread(), asked);
            (asked, counted)
        })
        .join()
        .unwrap();
        assert_eq!(polled, before, "asking is not polling");
        let recording = collect();
        assert_eq!(recording.threads_so_far, before + 1);
        let poll = recording.polls.iter().find(|poll| poll.branch == 5);
        assert_eq!(poll.unwrap().thread, asked);
        let other = std::thread::spawn(thread).join().unwrap();
        assert_ne!(other, asked);
    }
}
