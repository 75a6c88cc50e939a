//! Listening and accepting.

use std::{
    future::Future,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use async_executor::LocalExecutor;
use async_io::{Async, Timer};

/// How long to wait after an accept that failed. It fails when there are no more file descriptors,
/// and would fail again at once.
pub(crate) const PAUSE: Duration = Duration::from_millis(10);

/// Connections that may wait to be accepted; the kernel cuts it to what it allows. The standard library
/// asks for 128, and a branch beyond that has its first packet dropped and tries again a second later.
pub(crate) const BACKLOG: i32 = 4096;

/// One listening port.
pub(crate) struct Listener(Async<TcpListener>);

impl Listener {
    /// Listens on a free port of 127.0.0.1.
    pub(crate) fn open() -> io::Result<Self> {
        let listener = Async::<TcpListener>::bind((Ipv4Addr::LOCALHOST, 0))?;
        rustix::net::listen(&listener, BACKLOG)?;
        Ok(Self(listener))
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().local_addr()
    }

    /// Serves each connection in a task of its own.
    pub(crate) fn each<F>(
        self,
        executor: &'static LocalExecutor<'static>,
        serve: fn(Async<TcpStream>) -> F,
    ) where
        F: Future<Output = ()> + 'static,
    {
        // A task too: as the executor's root it would be polled, and try to accept, at every event.
        let accepting = async move {
            loop {
                match self.0.accept().await {
                    Ok((stream, _)) => {
                        // Answers are small, and each is wanted at its own instant. A stream that
                        // cannot be set so still serves.
                        let _ = stream.get_ref().set_nodelay(true);
                        executor.spawn(serve(stream)).detach();
                    }
                    Err(error) => {
                        eprintln!("origin: cannot accept: {error}");
                        Timer::after(PAUSE).await;
                    }
                }
            }
        };
        executor.spawn(accepting).detach();
    }
}
