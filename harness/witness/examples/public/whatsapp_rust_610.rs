//! "Parallelize group encrypt fan-out", of whatsapp-rust, reduced.
//!
//! Source: <https://github.com/oxidezap/whatsapp-rust/pull/610>
//!
//! A message to a group is encrypted for each device of each member, in a loop that awaits one device after the other: for a
//! group of 582 members, 666 key agreements back to back on one worker, some 280 ms. The change gives each device a task of
//! its own, with a bound on how many there are at once.
//!
//! Here they are six devices. Some of the key of each has to be fetched first, which waits; then it is encrypted, which
//! computes. The report says that each began when the one before it had ended. It cannot know whether that was necessary; the
//! program's author can.
//!
//!     cargo run -p witness-examples --example whatsapp_rust_610

use futures_util::{StreamExt as _, stream};
use poll_witness::{Report, Site, Witness as _, rules::Class};
use witness_examples::{Run, compute, example, millis, tokio_workers};

static SEND: Site = Site::new("send to group");

/// Devices that are encrypted for at once.
const AT_ONCE: usize = 4;

async fn encrypt(device: u32) -> u64 {
    // The key of the device, from a server.
    tokio::time::sleep(millis(3)).await;
    compute(6) ^ u64::from(device)
}

async fn before() -> Report {
    let call = SEND.enter();
    let messages = async {
        let mut messages = Vec::new();
        for device in 1..=6 {
            let message = encrypt(device).witness(&call, format!("device {device}"));
            messages.push(message.await);
        }
        messages
    };
    assert_eq!(call.scope(messages).await.len(), 6);
    call.finish()
}

async fn after() -> Report {
    let call = SEND.enter();
    let tasks = stream::iter(1..=6)
        .map(|device| tokio::spawn(encrypt(device).witness(&call, format!("device {device}"))));
    let messages = tasks.buffer_unordered(AT_ONCE).collect::<Vec<_>>();
    let messages = call.scope(messages).await;
    assert!(messages.len() == 6 && messages.iter().all(Result::is_ok));
    call.finish()
}

example![
    Run::new(
        "before",
        || tokio_workers(2).block_on(before()),
        Class::AwaitedOneAfterTheOther,
    ),
    Run::new(
        "after",
        || tokio_workers(2).block_on(after()),
        Class::SpawnNeeded,
    )
    .done(),
];
