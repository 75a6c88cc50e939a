//! tokio behind the trait, with what its builder has only when it is told to be unstable.
//!
//! | call | what a tokio user writes |
//! | --- | --- |
//! | start | [`tokio::runtime::Builder::new_multi_thread`] and `block_on`, with one more call each (below) |
//! | compose2 | [`tokio::join!`] |
//! | compose | [`futures_util::future::join_all`]; tokio has no join of a list in one task |
//! | race, timeout | [`tokio::select!`], [`tokio::time::timeout`] |
//! | spawn | [`tokio::spawn`] |
//! | dispatch | [`tokio::spawn`]: the scheduler itself moves tasks between workers |
//! | spawn_blocking | [`tokio::task::spawn_blocking`] |
//! | sleep, yield_now | [`tokio::time::sleep`], [`tokio::task::yield_now`] |
//! | connect | [`tokio::net::TcpStream::connect`], through [`tokio_util::compat`] |
//! | resolve, read_file | [`tokio::net::lookup_host`], [`tokio::fs::read`], which run on the blocking pool |
//!
//! The calls are those of `runtimes/tokio`, which tells how its joins and `select!` poll. What differs is a switch of the scheduler:
//!
//! - **The LIFO slot off** (`no-lifo-slot`). A worker keeps what it woke or spawned last in a place of its own, runs it next, and nobody steals
//!   from there while a task holds the worker. Without it that task queues behind the others, where another worker can take it.
//! - **The driver handed on** (`eager-handoff`). The worker that waits for sockets and timers also runs what it wakes. If that computes, nobody
//!   looks at sockets and timers meanwhile, though others are idle. With this it wakes another for the driver first.
//!
//! Both exist only where tokio is compiled with `--cfg tokio_unstable`, and may be gone in its next release. So this is a build of its own
//! (`rustflags` in the manifest); without that flag there is nothing here.
//!
//! Pages: [unstable features](https://docs.rs/tokio/latest/tokio/index.html#unstable-features),
//! [Builder](https://docs.rs/tokio/latest/tokio/runtime/struct.Builder.html).

#![cfg(tokio_unstable)]

use std::{
    future::Future,
    io,
    net::SocketAddr,
    panic::resume_unwind,
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use runtime_api::{
    About, Config, Flavour, Handle, OnDrop, OnPanic, Runtime, Semantics, Threads, Workers,
};
use tokio::{net::TcpStream, runtime, task::JoinHandle};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

const EAGER_HANDOFF: &str = "eager-handoff";

/// `max_blocking_threads` where nobody sets it.
const BLOCKING_THREADS: usize = 512;

/// tokio, unstable.
#[derive(Debug)]
pub struct TokioUnstable;

impl Runtime for TokioUnstable {
    type Stream = Compat<TcpStream>;

    fn about() -> About {
        About {
            name: "tokio-unstable",
            flavours: vec![
                Flavour {
                    name: "no-lifo-slot",
                    summary: "Builder::disable_lifo_slot: what a task wakes or spawns queues behind the others",
                    workers: Workers::PerCore,
                },
                Flavour {
                    name: EAGER_HANDOFF,
                    summary: "Builder::enable_eager_driver_handoff: who polls what the driver woke hands the driver on",
                    workers: Workers::PerCore,
                },
            ],
        }
    }

    fn semantics(_config: &Config) -> Semantics {
        Semantics {
            spawn: Threads::Workers,
            dispatch: None,
            dispatched: None,
            blocking: Threads::Fixed(BLOCKING_THREADS),
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: false,
        }
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let mut builder = runtime::Builder::new_multi_thread();
        builder.worker_threads(config.workers).enable_all();
        if config.flavour == EAGER_HANDOFF {
            builder.enable_eager_driver_handoff();
        } else {
            builder.disable_lifo_slot();
        }
        let runtime = builder.build()?;
        // The root is built inside, where the runtime's own types can be.
        Ok(runtime.block_on(async { root().await }))
    }

    async fn compose2<A, B>(a: A, b: B) -> (A::Output, B::Output)
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        tokio::join!(a, b)
    }

    fn compose<F>(branches: Vec<F>) -> impl Future<Output = Vec<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        futures_util::future::join_all(branches)
    }

    async fn race<A, B>(a: A, b: B) -> A::Output
    where
        A: Future + Send,
        B: Future<Output = A::Output> + Send,
        A::Output: Send,
    {
        tokio::select! {
            output = a => output,
            output = b => output,
        }
    }

    async fn timeout<F>(duration: Duration, future: F) -> Option<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        tokio::time::timeout(duration, future).await.ok()
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Task(tokio::spawn(future))
    }

    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Task(tokio::task::spawn_blocking(blocking))
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(duration)
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        tokio::task::yield_now()
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        Ok(TcpStream::connect(address).await?.compat())
    }

    async fn resolve(name: String) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host(name).await?.collect())
    }

    fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
        tokio::fs::read(path)
    }
}

/// A [`JoinHandle`] whose output is the task's own: a panic goes on in whoever awaits it.
struct Task<T>(JoinHandle<T>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match ready!(Pin::new(&mut self.0).poll(context)) {
            Ok(output) => Poll::Ready(output),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // Only a runtime that is shutting down cancels a task that nobody aborts.
                Err(error) => panic!("{error}"),
            },
        }
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    /// Dropping a [`JoinHandle`] is detaching it.
    fn detach(self) {}
}
