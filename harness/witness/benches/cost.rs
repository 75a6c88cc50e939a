//! What watching costs a poll: a future polled bare, as a branch of a call that is watched, as one of a call that is
//! not, and under what else watches polls. And what a wake costs, and a whole call.
//!
//! The future does nothing, so that the difference to the bare one is the watching. `--features off` measures the same
//! with watching compiled out: then the lines "watched" and "not watched" are as "bare".

use std::{
    future::Future,
    hint::black_box,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use criterion::Criterion;
use poll_witness::{Site, Witness as _};
use tokio_metrics::TaskMonitor;

static WATCHED: Site = Site::new("watched").polls(u32::MAX);
static NOT_WATCHED: Site = Site::new("not watched");

/// Polls of one call: half of them into a fresh log, and no call is too large to be forgotten in an instant.
const BATCH: u64 = 10_000;

/// Never ready, at once.
struct Forever;

impl Future for Forever {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<()> {
        black_box(Poll::Pending)
    }
}

/// Never ready, and wakes itself.
struct Wakes;

impl Future for Wakes {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        context.waker().wake_by_ref();
        black_box(Poll::Pending)
    }
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    NOT_WATCHED.switch(false);
    // Calibrates the clock.
    let report = WATCHED.enter().finish();
    assert_eq!(report.watched, cfg!(not(feature = "off")));
    assert!(!NOT_WATCHED.enter().finish().watched);

    criterion.bench_function("poll/bare", |bench| {
        bench.iter_custom(|polls| in_batches(polls, || Forever));
    });
    criterion.bench_function("poll/watched", |bench| {
        bench.iter_custom(|polls| {
            in_batches(polls, || Forever.witness(&WATCHED.enter(), "forever"))
        });
    });
    criterion.bench_function("poll/not watched", |bench| {
        bench.iter_custom(|polls| {
            in_batches(polls, || Forever.witness(&NOT_WATCHED.enter(), "forever"))
        });
    });
    let monitor = TaskMonitor::new();
    criterion.bench_function("poll/tokio-metrics", |bench| {
        bench.iter_custom(|polls| in_batches(polls, || monitor.instrument(Forever)));
    });

    criterion.bench_function("poll and wake/bare", |bench| {
        bench.iter_custom(|polls| in_batches(polls, || Wakes));
    });
    criterion.bench_function("poll and wake/watched", |bench| {
        bench.iter_custom(|polls| in_batches(polls, || Wakes.witness(&WATCHED.enter(), "wakes")));
    });
    criterion.bench_function("poll and wake/tokio-metrics", |bench| {
        bench.iter_custom(|polls| in_batches(polls, || monitor.instrument(Wakes)));
    });

    criterion.bench_function("call/two branches, watched", |bench| {
        bench.iter(|| a_call(&WATCHED))
    });
    criterion.bench_function("call/two branches, not watched", |bench| {
        bench.iter(|| a_call(&NOT_WATCHED));
    });
    criterion.final_summary();
}

/// A call of two branches that are ready at once, with its report.
fn a_call(site: &'static Site) {
    let call = site.enter();
    let both = async {
        async {}.witness(&call, "a").await;
        async {}.witness(&call, "b").await;
    };
    futures_lite::future::block_on(call.scope(both));
    drop(black_box(call.finish()));
}

/// How long so many polls take, of futures that are made anew for each batch, outside the time.
fn in_batches<F: Future>(polls: u64, make: impl Fn() -> F) -> Duration {
    let mut took = Duration::ZERO;
    let mut left = polls;
    while left > 0 {
        let count = left.min(BATCH);
        let mut future = pin!(make());
        let mut context = Context::from_waker(Waker::noop());
        let start = Instant::now();
        for _ in 0..count {
            let _ = black_box(future.as_mut().poll(&mut context));
        }
        took += start.elapsed();
        left -= count;
    }
    took
}
