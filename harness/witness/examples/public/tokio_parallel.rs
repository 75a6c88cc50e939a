//! "Tokio: A Deep Dive into Concurrency Vs. Parallelism", by Ian Bull: its examples 1 and 2, reduced.
//!
//! Source: <https://ianbull.com/posts/tokio-parallel>
//!
//! Both put a hundred futures into a `join_all` on a runtime with eight workers. In the first they await a second of
//! sleep, and all hundred take about a second. In the second each sums up to a billion, and only one worker ever has
//! anything to do: the runtime has more threads, and the join is one task. Here it is four futures and two workers.
//!
//! The same call, the same runtime, and two diagnoses. The article goes on to `tokio::spawn` and `spawn_blocking`, which are
//! the other two runs.
//!
//!     cargo run -p witness-examples --example tokio_parallel

use futures_util::future::join_all;
use poll_witness::{Report, Site, Witness as _, rules::Class};
use witness_examples::{Run, compute, example, millis, tokio_workers};

static SLEEPS: Site = Site::new("example 1");
static SUMS: Site = Site::new("example 2");

async fn sum() -> u64 {
    compute(8)
}

async fn sums_joined() -> Report {
    let call = SUMS.enter();
    let tasks = (1..=4).map(|i| sum().witness(&call, format!("task {i}")));
    call.scope(join_all(tasks)).await;
    call.finish()
}

async fn sums_spawned() -> Report {
    let call = SUMS.enter();
    let tasks = (1..=4).map(|i| tokio::spawn(sum().witness(&call, format!("task {i}"))));
    call.scope(join_all(tasks)).await;
    call.finish()
}

async fn sleeps_joined() -> Report {
    let call = SLEEPS.enter();
    let tasks = (1..=4).map(|i| tokio::time::sleep(millis(20)).witness(&call, format!("task {i}")));
    call.scope(join_all(tasks)).await;
    call.finish()
}

example![
    Run::new(
        "example 2, joined",
        || tokio_workers(2).block_on(sums_joined()),
        Class::SpawnNeeded,
    ),
    Run::new(
        "example 2, spawned",
        || tokio_workers(2).block_on(sums_spawned()),
        Class::SpawnNeeded,
    )
    .done()
    .gains(),
    Run::new(
        "example 1, joined",
        || tokio_workers(2).block_on(sleeps_joined()),
        Class::ComposeIsEnough,
    )
    .done(),
];
