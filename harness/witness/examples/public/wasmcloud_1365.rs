//! "CPU bound instances don't spread on all CPU cores", of wasmCloud, and its fix, reduced.
//!
//! Sources: <https://github.com/wasmCloud/wasmCloud/issues/1365>, <https://github.com/wasmCloud/wasmCloud/pull/1376>
//!
//! A host runs many instances of a component that hashes by PBKDF2, and uses one core. All calls come in as a stream of
//! events, and are handled in the one task that reads it. The fix puts the handling of each event into a spawn. One of its
//! reviewers wonders why that should help: the runtime has many threads, and an `await` could go on on any of them. It could,
//! and the task would be one all the same; a task is on one thread at a time.
//!
//! Here six events of 5 ms are read from a channel, up to six handled at once.
//!
//!     cargo run -p witness-examples --example wasmcloud_1365

use futures_util::{StreamExt as _, stream};
use poll_witness::{Report, Site, Witness as _, rules::Class};
use witness_examples::{Run, compute, example, millis, tokio_workers};

static EVENTS: Site = Site::new("events");

async fn handle() -> u64 {
    // An instance, from the pool.
    tokio::time::sleep(millis(2)).await;
    compute(5)
}

async fn before() -> Report {
    let call = EVENTS.enter();
    let events = stream::iter(1..=6).for_each_concurrent(6, |event| {
        let handled = handle().witness(&call, format!("event {event}"));
        async {
            handled.await;
        }
    });
    call.scope(events).await;
    call.finish()
}

async fn after() -> Report {
    let call = EVENTS.enter();
    let events = stream::iter(1..=6).for_each_concurrent(6, |event| {
        let task = tokio::spawn(handle().witness(&call, format!("event {event}")));
        async {
            task.await.expect("it does not panic");
        }
    });
    call.scope(events).await;
    call.finish()
}

example![
    Run::new(
        "before",
        || tokio_workers(2).block_on(before()),
        Class::SpawnNeeded,
    ),
    Run::new(
        "after",
        || tokio_workers(2).block_on(after()),
        Class::SpawnNeeded,
    )
    .done()
    .gains(),
];
