//! "A task in one spawn will prevent the execution of a task in another spawn", of tokio, reduced.
//!
//! Source: <https://github.com/tokio-rs/tokio/issues/6954>
//!
//! A task spawns two children and goes on in a loop without an await, and a child does not run, though other workers are
//! idle. A worker keeps what was spawned last in a slot of its own (the LIFO slot), to run it next, and nobody steals from
//! there (<https://github.com/tokio-rs/tokio/issues/4941>); its next is after a poll that does not end. The reporter found that
//! a `yield_now` lets it out.
//!
//! Here the parent computes for 20 ms instead of for ever. The report says that the child was ready, that a thread was idle, and
//! behind whose poll it waited. The remedy here is to compute on the blocking pool: then the worker is free for the child.
//!
//!     cargo run -p witness-examples --example tokio_6954

use poll_witness::{
    Handle, Report, Site, Witness as _,
    rules::{Cause, Class},
};
use tokio::task::spawn_blocking;
use witness_examples::{Run, compute, example, tokio_workers};

static FAMILY: Site = Site::new("parent and child");

fn work() -> u64 {
    compute(20)
}

async fn child() -> u64 {
    compute(10)
}

async fn parent(call: Handle, offloads: bool) -> u64 {
    let child = tokio::spawn(child().witness(&call, "child"));
    let own = if offloads {
        let work = call.blocking("parent's work", work);
        spawn_blocking(work).await.expect("it does not panic")
    } else {
        work()
    };
    own ^ child.await.expect("it does not panic")
}

async fn family(offloads: bool) -> Report {
    let call = FAMILY.enter();
    let parent = parent(Handle::clone(&call), offloads);
    let parent = tokio::spawn(parent.witness(&call, "parent"));
    call.scope(parent).await.expect("it does not panic");
    call.finish()
}

example![
    Run::new(
        "before",
        || tokio_workers(2).block_on(family(false)),
        Class::SpawnedButSerialised,
    )
    .because(Cause::BehindAPoll),
    Run::new(
        "after",
        || tokio_workers(2).block_on(family(true)),
        Class::SpawnNeeded,
    )
    .done(),
];
