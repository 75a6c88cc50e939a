//! One operation, so many times: the loop that both sides share.

use std::{
    future::Future,
    hint::black_box,
    net::SocketAddr,
    path::PathBuf,
    pin::pin,
    time::{Duration, Instant},
};

use futures_lite::future::poll_once;
use harness_runner::counting::{self, Allocated};

use crate::{
    MESSAGE, Operations,
    names::{Branch, What},
};

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Job {
    pub(crate) what: What,
    pub(crate) times: u64,
    /// Count what it allocates.
    pub(crate) count: bool,
    /// Where something echoes; for what goes over TCP alone.
    pub(crate) echo: Option<SocketAddr>,
    /// A file to read.
    pub(crate) file: PathBuf,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    pub(crate) took: Duration,
    /// What the branches gave, summed over all times.
    pub(crate) sum: u64,
    pub(crate) allocated: Allocated,
}

/// A timer that is not due while this runs.
const FAR: Duration = Duration::from_secs(3600);
const SHORT: Duration = Duration::from_millis(1);

/// Does a job here, in whatever polls this.
///
/// # Panics
///
/// Where the system refuses a socket or a file, or an answer is wrong: a cost of something that does not work is none.
pub async fn perform<S: Operations>(job: Job) -> Measured {
    let (what, times) = (job.what, job.times);
    match what {
        What::Join(Branch::Ready, 2) => repeat(&job, S::join_two_ready).await,
        What::Join(Branch::Yield, 2) => repeat(&job, S::join_two_yielding).await,
        What::Join(Branch::Ready, n) => repeat(&job, || S::join_ready(black_box(n))).await,
        What::Join(Branch::Yield, n) => repeat(&job, || S::join_yielding(black_box(n))).await,
        What::Spawn(Branch::Ready, 2) => repeat(&job, S::spawn_two_ready).await,
        What::Spawn(Branch::Yield, 2) => repeat(&job, S::spawn_two_yielding).await,
        What::Spawn(Branch::Ready, n) => repeat(&job, || S::spawn_ready(black_box(n))).await,
        What::Spawn(Branch::Yield, n) => repeat(&job, || S::spawn_yielding(black_box(n))).await,
        What::SpawnBlocking => repeat(&job, S::spawn_blocking).await,
        What::DropHandle => {
            let once = || async {
                S::drop_handle();
                1
            };
            repeat(&job, once).await
        }
        What::Sleep => {
            let once = || async {
                S::sleep(SHORT).await;
                1
            };
            repeat(&job, once).await
        }
        What::DropSleep => {
            // Some keep their timers in a tree, which allocates for the first. One that stays is there before: whether
            // there are others is no part of what one costs.
            let mut other = pin!(S::sleep(FAR));
            let _ = poll_once(other.as_mut()).await;
            let once = || async {
                let sleep = pin!(S::sleep(FAR));
                u64::from(poll_once(sleep).await.is_none())
            };
            repeat(&job, once).await
        }
        What::ReadFile => {
            let once = || async {
                S::read_file(job.file.clone())
                    .await
                    .expect("the file can be read")
                    .len() as u64
            };
            repeat(&job, once).await
        }
        What::RoundTrip => round_trips::<S>(&job, times).await,
        What::Dispatch | What::WakeBranch | What::WakeTask | What::WakeThread => {
            unreachable!("{what:?} has no two sides")
        }
    }
}

/// The connection is there before the clock starts.
async fn round_trips<S: Operations>(job: &Job, times: u64) -> Measured {
    let echo = job.echo.expect("something echoes");
    let mut stream = S::connect(echo).await.expect("the echo can be reached");
    let mut message = [7; MESSAGE];
    let all = async {
        for _ in 0..times {
            S::round_trip(&mut stream, &mut message)
                .await
                .expect("the echo answers");
        }
        times * u64::from(message.iter().all(|byte| *byte == 7))
    };
    measured(job.count, all).await
}

/// Does something so often, and sums what it gives.
async fn repeat<F: Future<Output = u64>>(job: &Job, mut once: impl FnMut() -> F) -> Measured {
    let times = job.times;
    let all = async {
        let mut sum = 0_u64;
        for _ in 0..times {
            sum = sum.wrapping_add(black_box(once().await));
        }
        sum
    };
    measured(job.count, all).await
}

/// The clock, or the count: never both.
pub(crate) async fn measured(count: bool, all: impl Future<Output = u64>) -> Measured {
    if count {
        let (sum, allocated) = counting::of(all).await;
        return Measured {
            took: Duration::ZERO,
            sum,
            allocated,
        };
    }
    let began = Instant::now();
    let sum = all.await;
    Measured {
        took: began.elapsed(),
        sum,
        allocated: Allocated::default(),
    }
}

/// What one time gives.
pub(crate) fn expected(what: What, file_bytes: u64) -> u64 {
    match what {
        What::Join(_, n) | What::Spawn(_, n) => n * (n - 1) / 2,
        What::ReadFile => file_bytes,
        _ => 1,
    }
}
