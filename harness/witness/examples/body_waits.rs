//! A loop over a `FuturesUnordered` whose body waits.
//!
//! Three downloads are under way at once, and each is written to a database as soon as it is there. While the loop's body
//! waits for the database, nobody polls the downloads: the next piece of each has arrived, its waker was called, and there
//! it stays until the body is done. Nothing computes and nothing blocks, so neither a profiler nor a count of slow polls
//! shows it. The report does: ready, not polled, and held up by no sibling.
//!
//! The essay of this trap is "Barbara battles buffered streams" of the async working group
//! (<https://github.com/rust-lang/wg-async/blob/81b690c50222f921d24a715088a5d9caec6ca74e/src/vision/submitted_stories/status_quo/barbara_battles_buffered_streams.md>).
//!
//! The remedy: spawn the downloads, or do the body's work within them.
//!
//!     cargo run -p witness-examples --example body_waits

use std::future::Future;

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use poll_witness::{Report, Site, Witness as _, rules::Class};
use witness_examples::{Run, example, millis, tokio_workers};

static SYNC: Site = Site::new("sync");

/// Downloads so many pieces, one after the other, each of which takes 5 ms to come.
async fn download(pieces: u32) -> u32 {
    for _ in 0..pieces {
        tokio::time::sleep(millis(5)).await;
    }
    pieces
}

/// Writes to the database.
async fn write(_: u32) {
    tokio::time::sleep(millis(20)).await;
}

async fn write_each(mut downloads: FuturesUnordered<impl Future<Output = u32>>) -> u32 {
    let mut written = 0;
    while let Some(pieces) = downloads.next().await {
        write(pieces).await;
        written += pieces;
    }
    written
}

async fn before() -> Report {
    let call = SYNC.enter();
    let downloads = [1, 7, 8].map(|pieces| download(pieces).witness(&call, format!("of {pieces}")));
    let written = call
        .scope(write_each(downloads.into_iter().collect()))
        .await;
    assert_eq!(written, 16);
    call.finish()
}

async fn after() -> Report {
    let call = SYNC.enter();
    let downloads = [1, 7, 8].map(|pieces| {
        let task = tokio::spawn(download(pieces).witness(&call, format!("of {pieces}")));
        async { task.await.unwrap_or_default() }
    });
    let written = call
        .scope(write_each(downloads.into_iter().collect()))
        .await;
    assert_eq!(written, 16);
    call.finish()
}

example![
    Run::new(
        "before",
        || tokio_workers(2).block_on(before()),
        Class::Unpolled,
    ),
    Run::new(
        "after",
        || tokio_workers(2).block_on(after()),
        Class::ComposeIsEnough,
    ),
];
