//! What watching costs a poll of a task of tokio's: not watched, and under each of three that watch.
//!
//! dial9 watches tasks, and not futures that somebody polls by hand as `benches/cost.rs` does. So here each poll comes from
//! tokio's current-thread scheduler, which the task wakes by itself, and the difference to the bare one is the watching.
//!
//!     cargo run --release --manifest-path harness/witness/dial9/Cargo.toml --target-dir target/dial9 -- --bench

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use criterion::Criterion;
use dial9::{Dial9HandleTokioExt as _, MemoryBuffer, TokioAttachOptions};
use poll_witness::{Site, Witness as _};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};
use tokio_metrics::TaskMonitor;

static WATCHED: Site = Site::new("watched").polls(u32::MAX);

/// Polls of one task.
const BATCH: u64 = 10_000;

/// Wakes itself so many times, and says how long that took from its first poll to its last.
struct Wakes {
    left: u64,
    began: Option<Instant>,
}

impl Future for Wakes {
    type Output = Duration;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Duration> {
        let began = *self.began.get_or_insert_with(Instant::now);
        if self.left == 0 {
            return Poll::Ready(began.elapsed());
        }
        self.left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// How long so many polls take, by tasks that are spawned anew for each batch.
fn in_batches(
    polls: u64,
    runtime: &Runtime,
    spawn: impl Fn(Wakes) -> JoinHandle<Duration>,
) -> Duration {
    let mut took = Duration::ZERO;
    let mut left = polls;
    while left > 0 {
        let count = left.min(BATCH);
        let task = Wakes {
            left: count,
            began: None,
        };
        let output = runtime.block_on(async { spawn(task).await });
        took += output.expect("nobody panics or aborts it");
        left -= count;
    }
    took
}

fn main() -> io::Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let bare = Builder::new_current_thread().build()?;
    criterion.bench_function("task/bare", |bench| {
        bench.iter_custom(|polls| in_batches(polls, &bare, tokio::spawn));
    });
    criterion.bench_function("task/watched", |bench| {
        bench.iter_custom(|polls| {
            in_batches(polls, &bare, |task| {
                tokio::spawn(task.witness(&WATCHED.enter(), "task"))
            })
        });
    });
    let monitor = TaskMonitor::new();
    criterion.bench_function("task/tokio-metrics", |bench| {
        bench.iter_custom(|polls| {
            in_batches(polls, &bare, |task| tokio::spawn(monitor.instrument(task)))
        });
    });

    let recorder = dial9::recorder(MemoryBuffer::new(256 << 20)?).build();
    let options = TokioAttachOptions::builder()
        .task_tracking_enabled(true)
        .build();
    let traced = recorder
        .handle()
        .attach_tokio_runtime(Builder::new_current_thread(), options)?;
    criterion.bench_function("task/dial9", |bench| {
        bench.iter_custom(|polls| in_batches(polls, &traced, dial9::spawn));
    });
    criterion.bench_function("task/dial9, not by its spawn", |bench| {
        bench.iter_custom(|polls| in_batches(polls, &traced, tokio::spawn));
    });
    criterion.final_summary();
    Ok(())
}
