//! A `join_all` of work.
//!
//! Four parts of a list are sorted "concurrently", by `join_all`. They never wait, so there is nothing to overlap: the
//! first poll of the join sorts all four, one after the other, on one thread. The report says what a spawn would gain on
//! the workers that there are, as an interval; on two workers that is up to half the time.
//!
//!     cargo run -p witness-examples --example join_all_cpu

use futures_util::future::join_all;
use poll_witness::{Report, Site, Witness as _, rules::Class};
use witness_examples::{Run, compute, example, tokio_workers};

static SORT: Site = Site::new("sort");

async fn part() -> u64 {
    compute(8)
}

async fn before() -> Report {
    let call = SORT.enter();
    let parts = (1..=4).map(|i| part().witness(&call, format!("part {i}")));
    let sorted = call.scope(join_all(parts)).await;
    assert_eq!(sorted.len(), 4);
    call.finish()
}

async fn after() -> Report {
    let call = SORT.enter();
    let parts = (1..=4).map(|i| tokio::spawn(part().witness(&call, format!("part {i}"))));
    let sorted = call.scope(join_all(parts)).await;
    assert!(sorted.iter().all(Result::is_ok));
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
