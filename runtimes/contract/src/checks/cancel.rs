//! What is left of input and output that was given up half-way.

use std::{
    future::{Future, poll_fn},
    io::{ErrorKind, Read},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
    thread,
};

use futures_lite::AsyncReadExt;
use runtime_api::Config;

use crate::{
    Outcome, PATIENCE, Seen,
    subject::{connect, spawn, start},
    support::{entries, until},
};

/// The other end of connections, which says nothing, and counts those that were closed on it.
fn silent(closed: Arc<AtomicUsize>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let read = stream.read(&mut [0]);
            drop(stream);
            let reset = |error: &std::io::Error| error.kind() == ErrorKind::ConnectionReset;
            if read.as_ref().is_ok_and(|&bytes| bytes == 0) || read.as_ref().is_err_and(reset) {
                closed.fetch_add(1, SeqCst);
            }
        }
    });
    address
}

/// Sockets that this process has open, where the system tells.
fn sockets() -> Option<usize> {
    let files = entries("/proc/self/fd")?;
    let is_socket = |file: &std::path::PathBuf| {
        std::fs::read_link(file).is_ok_and(|target| target.to_string_lossy().starts_with("socket:"))
    };
    Some(files.iter().filter(|file| is_socket(file)).count())
}

/// Connects, begins to read what never comes, and drops the future of it all.
async fn gives_up(address: SocketAddr) -> Outcome {
    let connected = Arc::new(AtomicBool::new(false));
    let reading = connected.clone();
    let mut read = Box::pin(async move {
        let mut stream = connect(address).await?;
        reading.store(true, SeqCst);
        stream.read(&mut [0]).await
    });
    let in_mid_read = poll_fn(|context| match read.as_mut().poll(context) {
        Poll::Pending if connected.load(SeqCst) => Poll::Ready(Ok(())),
        Poll::Pending => Poll::Pending,
        Poll::Ready(ended) => Poll::Ready(Err(format!(
            "a read of what never comes ended with {ended:?}"
        ))),
    });
    in_mid_read.await?;
    drop(read);
    Ok(())
}

/// From the root and in a task. A first read is for what the runtime opens for itself.
pub(crate) fn cancelled_read_leaves_no_socket_open(config: &Config, seen: &Seen) -> Outcome {
    async fn watched(address: SocketAddr, closed: Arc<AtomicUsize>) -> Outcome {
        for first in [true, false] {
            let before = (sockets(), closed.load(SeqCst));
            gives_up(address).await?;
            until(
                "the other end sees a cancelled read close its socket",
                || closed.load(SeqCst) == before.1 + 1,
            )
            .await?;
            if !first {
                until("no more sockets are open than before", || {
                    sockets() <= before.0
                })
                .await?;
            }
        }
        Ok(())
    }
    let closed = Arc::new(AtomicUsize::new(0));
    let address = silent(closed.clone());
    seen.note("cancelled read", "leaves its socket open");
    start(config, move || async move {
        watched(address, closed.clone()).await?;
        spawn(watched(address, closed)).await
    })?;
    seen.note("cancelled read", "closes its socket");
    Ok(())
}
