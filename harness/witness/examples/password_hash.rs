//! bcrypt in a handler.
//!
//! A login checks a password and, meanwhile, looks up the account. Hashing is often said to "block" the executor. It does
//! hold up everything else in its task: the look-up's answer is there after 8 ms, and nobody takes it until the hash is
//! done. But it computes: it wants a core, and a thread that has none is no use to it. The report tells the two apart by the thread's
//! CPU clock. What blocks can be offloaded by the hundred; of what computes only as many gain as there are cores.
//!
//! The remedy here is `spawn_blocking` all the same, and not for want of a word: a worker that hashes serves nobody else
//! meanwhile. A service that hashes a lot bounds how many do so at once.
//!
//!     cargo run -p witness-examples --example password_hash

use poll_witness::{Report, Site, Witness as _, rules::Class};
use witness_examples::{Run, example, millis, tokio_workers};

static LOGIN: Site = Site::new("login");

/// Some 10 ms. A service would choose 10 or more; each step doubles it.
const COST: u32 = 8;

fn hash(password: &str) -> String {
    bcrypt::hash(password, COST).expect("a cost that bcrypt has")
}

/// Asks a database, which takes two round trips of 4 ms.
async fn account() -> u32 {
    tokio::time::sleep(millis(4)).await;
    tokio::time::sleep(millis(4)).await;
    42
}

async fn before() -> Report {
    let call = LOGIN.enter();
    let (hash, account) = call
        .scope(async {
            tokio::join!(
                async { hash("hunter2") }.witness(&call, "hash"),
                account().witness(&call, "account"),
            )
        })
        .await;
    assert!(hash.starts_with("$2b$08$") && account == 42);
    call.finish()
}

async fn after() -> Report {
    let call = LOGIN.enter();
    let (hash, account) = call
        .scope(async {
            tokio::join!(
                tokio::task::spawn_blocking(call.blocking("hash", || hash("hunter2"))),
                account().witness(&call, "account"),
            )
        })
        .await;
    assert!(hash.is_ok_and(|hash| hash.starts_with("$2b$08$")) && account == 42);
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
