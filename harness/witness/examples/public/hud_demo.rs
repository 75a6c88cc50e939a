//! The demo server of hud, which finds what holds up tokio's workers by eBPF, reduced.
//!
//! Source: <https://github.com/cong-or/hud/blob/7729535769ea2e9629e3e76dd4df8061a935dc6e/hud/examples/demo-server.rs>
//!
//! Its endpoints do what people do in handlers: `/hash` is bcrypt, `/compress` is gzip three times over, `/read` is a file
//! by `std::fs`. The server calls all of them blocking. Here the three are the branches of one call, and the report
//! tells them apart: the hash and the compression compute, and the read of `/proc/meminfo` is over in well under a
//! millisecond. What is worth a thread, and what would cost more than it saves, are different endpoints.
//!
//! hud's own remedy for each is `spawn_blocking`, which is the after, but for the read.
//!
//!     cargo run -p witness-examples --example hud_demo

use std::{fs, io, io::Write as _};

use flate2::{Compression, write::GzEncoder};
use poll_witness::{Report, Site, Witness as _, rules::Class};
use tokio::task::spawn_blocking;
use witness_examples::{Run, example, tokio_workers};

static DEMO: Site = Site::new("hash, compress, read");

fn hash() -> String {
    bcrypt::hash("hunter2", 8).expect("a cost that bcrypt has")
}

/// Compresses 100 KB, and what comes out twice again.
fn compress() -> io::Result<usize> {
    let words = (0..25_000_u32).map(|i| i.wrapping_mul(2_654_435_761) >> 20);
    let mut data: Vec<u8> = words.flat_map(u32::to_le_bytes).collect();
    for _ in 0..3 {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&data)?;
        data = encoder.finish()?;
    }
    Ok(data.len())
}

fn read() -> io::Result<usize> {
    Ok(fs::read("/proc/meminfo")?.len())
}

async fn before() -> Report {
    let call = DEMO.enter();
    let (_, compressed, _) = call
        .scope(async {
            tokio::join!(
                async { hash() }.witness(&call, "hash"),
                async { compress() }.witness(&call, "compress"),
                async { read() }.witness(&call, "read"),
            )
        })
        .await;
    assert!(compressed.is_ok_and(|size| size > 0));
    call.finish()
}

async fn after() -> Report {
    let call = DEMO.enter();
    let (_, compressed, _) = call
        .scope(async {
            tokio::join!(
                spawn_blocking(call.blocking("hash", hash)),
                spawn_blocking(call.blocking("compress", compress)),
                async { read() }.witness(&call, "read"),
            )
        })
        .await;
    assert!(compressed.is_ok_and(|size| size.is_ok_and(|size| size > 0)));
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
