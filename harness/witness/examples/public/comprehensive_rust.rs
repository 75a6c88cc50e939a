//! "Blocking the executor", from Google's course Comprehensive Rust, reduced.
//!
//! Source: <https://github.com/google/comprehensive-rust/blob/5657e37f404d50c3e0abe5b75ff18aff06ee0225/src/concurrency/async-pitfalls/blocking-executor.md>
//!
//! Ten futures sleep 10 to 100 ms, joined, on a runtime with one thread; and since they sleep by `std::thread::sleep`, they
//! sleep one after the other. Here they are five, of 4 to 8 ms.
//!
//! The course's remedies are the timer of the runtime, or `spawn_blocking`. The report of the before says that a thread
//! was held and not used, which a spawn would not mend; that of the first remedy, that a join is all that it takes.
//!
//!     cargo run -p witness-examples --example comprehensive_rust

use std::thread;

use futures_util::future::join_all;
use poll_witness::{Report, Site, Witness as _, rules::Class};
use tokio::task::spawn_blocking;
use witness_examples::{Run, example, millis, tokio_on_one_thread};

static NAPS: Site = Site::new("naps");

async fn before() -> Report {
    let call = NAPS.enter();
    let naps = (4..=8)
        .map(|ms| async move { thread::sleep(millis(ms)) }.witness(&call, format!("{ms} ms")));
    call.scope(join_all(naps)).await;
    call.finish()
}

async fn with_a_timer() -> Report {
    let call = NAPS.enter();
    let naps = (4..=8).map(|ms| tokio::time::sleep(millis(ms)).witness(&call, format!("{ms} ms")));
    call.scope(join_all(naps)).await;
    call.finish()
}

async fn on_the_blocking_pool() -> Report {
    let call = NAPS.enter();
    let naps = (4..=8).map(|ms| {
        spawn_blocking(call.blocking(format!("{ms} ms"), move || thread::sleep(millis(ms))))
    });
    call.scope(join_all(naps)).await;
    call.finish()
}

example![
    Run::new(
        "before",
        || tokio_on_one_thread().block_on(before()),
        Class::BlockingOffload,
    ),
    Run::new(
        "with a timer",
        || tokio_on_one_thread().block_on(with_a_timer()),
        Class::ComposeIsEnough,
    )
    .done(),
    Run::new(
        "on the blocking pool",
        || tokio_on_one_thread().block_on(on_the_blocking_pool()),
        Class::BlockingOffload,
    )
    .done(),
];
