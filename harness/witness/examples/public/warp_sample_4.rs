//! "Password hashing blocks other requests", of a sample of a web service, reduced.
//!
//! Source: <https://github.com/kaj/warp-diesel-ructe-sample/issues/4>
//!
//! Signing up hashes the password by bcrypt, in the handler. Whoever asks for any other page meanwhile waits, and be it for
//! the page with the form. The sample asked for tokio 0.2 without its threaded runtime, so that one thread did
//! everything. The reporter's own cure was `block_in_place`, with that runtime; the sample's author agrees that it
//! should be `block_in_place` or `spawn_blocking`, and is not sure which.
//!
//! Here the two requests are two tasks of one call, on a runtime with one thread. The page takes some 10 ms by itself,
//! and begins when the hash is done. They are spawned already: the report says that one thread executes both.
//!
//! The remedy is `spawn_blocking` here. `block_in_place` takes a runtime with several threads, and holds up whatever is
//! joined with it in the same task, as its documentation says.
//!
//!     cargo run -p witness-examples --example warp_sample_4

use poll_witness::{Handle, Report, Site, Witness as _, rules::Class};
use tokio::task::{spawn, spawn_blocking};
use witness_examples::{Run, example, millis, tokio_on_one_thread};

static SERVER: Site = Site::new("two requests");

fn hash() -> String {
    bcrypt::hash("correct horse battery staple", 8).expect("a cost that bcrypt has")
}

async fn sign_up() -> String {
    hash()
}

/// Looks up the session, its user and what is new, one after the other, and fills in a template.
async fn home_page() -> &'static str {
    for _ in 0..3 {
        tokio::time::sleep(millis(3)).await;
    }
    "Welcome!"
}

async fn before() -> Report {
    let call = SERVER.enter();
    let requests = async {
        let sign_up = spawn(sign_up().witness(&call, "POST /signup"));
        let home_page = spawn(home_page().witness(&call, "GET /"));
        tokio::try_join!(sign_up, home_page)
    };
    call.scope(requests).await.expect("no handler panics");
    call.finish()
}

async fn sign_up_offloaded(call: Handle) -> Result<String, tokio::task::JoinError> {
    spawn_blocking(call.blocking("POST /signup, hash", hash)).await
}

async fn after() -> Report {
    let call = SERVER.enter();
    let requests = async {
        let sign_up = spawn(sign_up_offloaded(Handle::clone(&call)));
        let home_page = spawn(home_page().witness(&call, "GET /"));
        tokio::try_join!(sign_up, home_page)
    };
    let (sign_up, _) = call.scope(requests).await.expect("no handler panics");
    assert!(sign_up.is_ok());
    call.finish()
}

example![
    Run::new(
        "before",
        || tokio_on_one_thread().block_on(before()),
        Class::SpawnedOnOneThread,
    ),
    Run::new(
        "after",
        || tokio_on_one_thread().block_on(after()),
        Class::SpawnNeeded,
    )
    .done(),
];
