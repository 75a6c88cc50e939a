//! What the witness costs a poll: a future polled bare, and the same future under
//! [`Witnessed`], on one thread and on two at once; and under the task monitor of `tokio-metrics`, which
//! counts and sums what the witness records poll by poll. And what the switch of the counting allocator costs.
//!
//! The future does nothing, so the difference of the two is the witness. Each thread polls a future
//! of its own, many times, into a lane that has grown to its size already: what is measured is the
//! steady state, in which nearly all polls of a sample are made.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    future::Future,
    hint::black_box,
    pin::{Pin, pin},
    sync::Barrier,
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use criterion::Criterion;
use harness_runner::witness::{Witnessed, clock, reset};
use tokio_metrics::TaskMonitor;

/// Polls between two resets. A lane's chunks have four times the slots of the one before, and this
/// is one of their sizes, so that a chunk is filled and never outgrown.
const BATCH: u64 = 16_384;

/// Never ready, at once.
struct Forever;

impl Future for Forever {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<()> {
        black_box(Poll::Pending)
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    // Calibrates the clock.
    let clock = clock();
    criterion.bench_function("clock/two reads", |bench| {
        bench.iter(|| (black_box(clock.raw()), black_box(clock.raw())));
    });
    for threads in [1, 2] {
        let name = |what| format!("poll/{threads} thread{}/{what}", plural(threads));
        criterion.bench_function(&name("bare"), |bench| {
            bench.iter_custom(|polls| on_threads(threads, polls, |_| Forever));
        });
        criterion.bench_function(&name("witnessed"), |bench| {
            bench.iter_custom(|polls| on_threads(threads, polls, |i| Witnessed::new(i, Forever)));
        });
        let monitor = TaskMonitor::new();
        criterion.bench_function(&name("monitored"), |bench| {
            bench.iter_custom(|polls| on_threads(threads, polls, |_| monitor.instrument(Forever)));
        });
    }
    // What counting allocations costs who does not count: the allocator of this process, which has a
    // switch, beside the system's, which has none.
    criterion.bench_function("allocation/system", |bench| {
        bench.iter(block_of_system);
    });
    criterion.bench_function("allocation/with the switch", |bench| {
        bench.iter(|| drop(black_box(Box::<[u8; BLOCK]>::new_uninit())));
    });
    criterion.final_summary();
}

/// As large as a small task.
const BLOCK: usize = 128;

fn block_of_system() {
    let layout = Layout::new::<[u8; BLOCK]>();
    // SAFETY: the layout has a size, and the block is given back with it, once and to its allocator.
    #[allow(unsafe_code)]
    unsafe {
        System.dealloc(black_box(System.alloc(layout)), layout);
    }
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// How long `polls` polls take a thread, the slowest of so many that poll side by side.
fn on_threads<F: Future>(threads: u32, polls: u64, make: impl Fn(u32) -> F + Sync) -> Duration {
    let together = Barrier::new(threads as usize);
    thread::scope(|scope| {
        let (together, make) = (&together, &make);
        let times: Vec<_> = (0..threads)
            .map(|index| scope.spawn(move || one_thread(index, polls, together, make(index))))
            .collect();
        times
            .into_iter()
            .map(|time| time.join().expect("no thread panics"))
            .max()
            .unwrap_or_default()
    })
}

fn one_thread(index: u32, polls: u64, together: &Barrier, future: impl Future) -> Duration {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut poll = |count: u64| {
        for _ in 0..count {
            let _ = black_box(future.as_mut().poll(&mut context));
        }
    };
    // Grows the lane.
    poll(BATCH);
    let mut took = Duration::ZERO;
    let mut left = polls;
    while left > 0 {
        // Nobody polls while the recordings are forgotten.
        together.wait();
        if index == 0 {
            reset();
        }
        together.wait();
        let count = left.min(BATCH);
        let start = Instant::now();
        poll(count);
        took += start.elapsed();
        left -= count;
    }
    took
}
