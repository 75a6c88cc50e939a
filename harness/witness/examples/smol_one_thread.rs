//! A smol program that spawned for speed, on one thread.
//!
//! Four tiles of a picture are rendered by `smol::spawn`, "so that all cores help". They do not: the global executor of smol has
//! one thread, unless the environment variable `SMOL_THREADS` says otherwise
//! (<https://docs.rs/smol/2.0.2/smol/fn.spawn.html>). The report shows all four on one thread, one after the other, and says
//! what a second thread would buy.
//!
//! The remedy is `SMOL_THREADS=2` in the environment of the program. Here it is an executor of our own with two threads
//! instead, so that both stand in one program. `Site::workers` says how many there are: nobody can ask smol.
//!
//!     cargo run -p witness-examples --example smol_one_thread

use std::{future::Future, thread};

use futures_util::future::join_all;
use poll_witness::{Report, Site, Witness as _, rules::Class};
use smol::{Executor, Task, channel};
use witness_examples::{Run, compute, example};

static ONE: Site = Site::new("render, smol::spawn").workers(1);
static TWO: Site = Site::new("render, two threads").workers(2);

fn render() -> u64 {
    compute(8)
}

/// Renders four tiles, each a task that `spawn` makes.
async fn picture<F>(site: &'static Site, spawn: F) -> Report
where
    F: Fn(Tile) -> Task<u64>,
{
    let call = site.enter();
    let tiles = call
        .scope(async {
            let tiles = (1..=4).map(|i| {
                let tile = async { render() };
                spawn(Box::pin(tile.witness(&call, format!("tile {i}"))))
            });
            let tiles: Vec<Task<u64>> = tiles.collect();
            join_all(tiles).await
        })
        .await;
    assert_eq!(tiles.len(), 4);
    call.finish()
}

type Tile = std::pin::Pin<Box<dyn Future<Output = u64> + Send>>;

fn before() -> Report {
    smol::block_on(picture(&ONE, smol::spawn))
}

fn after() -> Report {
    let executor = Executor::new();
    // Closed when it is dropped, and then the threads go home.
    let (open, closed) = channel::bounded::<()>(1);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| smol::block_on(executor.run(closed.recv())));
        }
        let report = smol::block_on(picture(&TWO, |tile| executor.spawn(tile)));
        drop(open);
        report
    })
}

example![
    Run::new("before", before, Class::SpawnedOnOneThread),
    Run::new("after", after, Class::SpawnNeeded).done(),
];
