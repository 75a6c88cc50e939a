//! "Bottleneck when spawning a task and immediately awaiting its result", of tokio, reduced.
//!
//! Source: <https://github.com/tokio-rs/tokio/issues/4606>
//!
//! Sixty tasks on sixty cores each go round a loop of `tokio::spawn(…).await`, and the cores are at 12 %. The tasks in
//! it are empty, so that it is about what a spawn costs. With work in them the same line shows what people more often mean
//! by it: it is spawned, and awaited before the next one is, so nothing ever runs beside anything.
//!
//! Here four pieces of 6 ms are spawned and awaited like that. The report says that never two were under way at once, and
//! why. The remedy: spawn all of them, then await.
//!
//!     cargo run -p witness-examples --example tokio_4606

use poll_witness::{
    Report, Site, Witness as _,
    rules::{Cause, Class},
};
use witness_examples::{Run, compute, example, tokio_workers};

static PIECES: Site = Site::new("four pieces");

async fn piece() -> u64 {
    compute(6)
}

async fn before() -> Report {
    let call = PIECES.enter();
    let pieces = async {
        for i in 1..=4 {
            let task = tokio::spawn(piece().witness(&call, format!("piece {i}")));
            task.await.expect("it does not panic");
        }
    };
    call.scope(pieces).await;
    call.finish()
}

async fn after() -> Report {
    let call = PIECES.enter();
    let pieces = async {
        let tasks = (1..=4).map(|i| tokio::spawn(piece().witness(&call, format!("piece {i}"))));
        let tasks: Vec<_> = tasks.collect();
        for task in tasks {
            task.await.expect("it does not panic");
        }
    };
    call.scope(pieces).await;
    call.finish()
}

example![
    Run::new(
        "before",
        || tokio_workers(2).block_on(before()),
        Class::AwaitedOneAfterTheOther,
    )
    .because(Cause::AwaitedAtOnce),
    Run::new(
        "after",
        || tokio_workers(2).block_on(after()),
        Class::SpawnNeeded,
    )
    .done(),
];
