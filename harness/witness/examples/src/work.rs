//! What examples do: compute, ask a server, have a runtime.

use std::{
    hint::black_box,
    io,
    net::SocketAddr,
    sync::OnceLock,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    runtime::{Builder, Runtime},
};

/// So many milliseconds.
#[must_use]
pub const fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Computes for about so many milliseconds, on a core that it has for itself.
///
/// It does a fixed number of steps. A loop that watches the clock until the time is up would be no work: two of them on
/// one core end as early as one.
#[must_use]
pub fn compute(milliseconds: u64) -> u64 {
    steps(milliseconds * steps_per_millisecond())
}

fn steps(count: u64) -> u64 {
    let mut state = black_box(1_u64);
    for _ in 0..count {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
    }
    black_box(state)
}

/// Measured once: the fastest of some attempts, since load only slows one down.
pub(crate) fn steps_per_millisecond() -> u64 {
    static MEASURED: OnceLock<u64> = OnceLock::new();
    *MEASURED.get_or_init(|| {
        const STEPS: u64 = 100_000;
        let attempts = (0..20).map(|_| {
            let began = Instant::now();
            steps(STEPS);
            began.elapsed()
        });
        let fastest = attempts.min().unwrap_or_default().as_nanos().max(1);
        let a_millisecond = u128::from(STEPS) * 1_000_000 / fastest;
        u64::try_from(a_millisecond).unwrap_or(u64::MAX).max(1)
    })
}

/// A runtime of tokio with so many workers. What is in its `block_on` runs on the thread that calls it, beside them.
#[must_use]
pub fn tokio_workers(count: usize) -> Runtime {
    let mut builder = Builder::new_multi_thread();
    let runtime = builder.worker_threads(count).enable_all().build();
    runtime.expect("threads can be started")
}

/// tokio's runtime of one thread, which is the one that calls `block_on`.
#[must_use]
pub fn tokio_on_one_thread() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("the system has timers and sockets")
}

/// Asks by HTTP/1.1 for `path`, on a connection of its own, and gives the body.
///
/// # Errors
///
/// Nobody listens there, the connection breaks, or the answer is not `200`.
pub async fn http_get(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200 ") => Ok(body.to_owned()),
        _ => Err(io::Error::other(format!("no answer to {path}: {answer}"))),
    }
}
