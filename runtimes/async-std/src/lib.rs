//! async-std behind the trait.
//!
//! async-std is discontinued in favour of smol, and stands on the same crates: `async-executor`,
//! `async-io` and `blocking`. What it does apart from smol's defaults is start one executor thread a
//! core, detach a dropped task, and give each task its locals. It and smol are two rows, not two
//! independent witnesses.
//!
//! | call | what an async-std user writes |
//! | --- | --- |
//! | start | [`task::block_on`], which is what `#[async_std::main]` expands to |
//! | compose2 | [`futures_util::future::join`]; async-std's own `join` stayed behind its `unstable` feature |
//! | compose | [`futures_util::future::join_all`] |
//! | race, timeout | `futures_lite::future::or`, as the trait has it, since async-std's own `race` stayed behind `unstable` as well; [`async_std::future::timeout`] |
//! | spawn | [`task::spawn`] |
//! | dispatch | [`task::spawn`]: the executor itself moves tasks between its threads |
//! | spawn_blocking | [`task::spawn_blocking`], which spawns a task that awaits the blocking pool |
//! | sleep, yield_now | [`task::sleep`], [`task::yield_now`] |
//! | connect | [`async_std::net::TcpStream::connect`] |
//! | resolve | `to_socket_addrs` of [`async_std::net::ToSocketAddrs`], which asks on the blocking pool |
//! | read_file | [`async_std::fs::read`], which runs on the blocking pool |
//!
//! `ASYNC_STD_THREAD_COUNT` sets the number of executor threads, once a process. The thread in
//! `block_on` is none of them: it polls its own root beside them. A further thread, `async-io`,
//! waits for events and polls no task.
//!
//! The executor threads never end. Tasks still pending when the root is done run on for as long as the
//! process lives, and are not dropped when it exits.
//!
//! Pages: [the end of async-std](https://docs.rs/crate/async-std/latest),
//! [spawn](https://docs.rs/async-std/latest/async_std/task/fn.spawn.html),
//! [JoinHandle](https://docs.rs/async-std/latest/async_std/task/struct.JoinHandle.html),
//! [runtime configuration](https://docs.rs/async-std/latest/async_std/#runtime-configuration),
//! [the blocking pool](https://docs.rs/blocking/latest/blocking/).

use std::{
    future::Future,
    io,
    net::SocketAddr,
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use async_std::{
    net::{TcpStream, ToSocketAddrs as _},
    task,
};
use runtime_api::{
    About, Config, Flavour, Handle, OnDrop, OnPanic, Runtime, Semantics, Sizes, Threads, Workers,
};

/// The blocking pool's limit where nobody sets `BLOCKING_MAX_THREADS`.
const BLOCKING_THREADS: usize = 500;

/// async-std.
#[derive(Debug)]
pub struct AsyncStd;

impl Runtime for AsyncStd {
    type Stream = TcpStream;

    fn about() -> About {
        About {
            name: "async-std",
            flavours: vec![Flavour {
                name: "default",
                summary: "#[async_std::main]: one executor thread per core; discontinued, use smol",
                workers: Workers::PerCore,
            }],
        }
    }

    fn semantics(config: &Config) -> Semantics {
        Semantics {
            spawn: Threads::Workers,
            dispatch: None,
            dispatched: None,
            blocking: Threads::Fixed(config.blocking_threads.unwrap_or(BLOCKING_THREADS)),
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: true,
        }
    }

    fn sizes(_config: &Config) -> Sizes {
        Sizes {
            own_workers: true,
            blocking_threads: true,
        }
    }

    /// The blocking pool's limit is set to its own default, so that none is inherited.
    fn environment(config: &Config) -> Vec<(&'static str, String)> {
        let blocking = config.blocking_threads.unwrap_or(BLOCKING_THREADS);
        let mut all = vec![("BLOCKING_MAX_THREADS", blocking.to_string())];
        if !config.unasked {
            all.push(("ASYNC_STD_THREAD_COUNT", config.workers.to_string()));
        }
        all
    }

    fn start<M, F>(_config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        // Starts the executor's threads before it polls the root.
        Ok(task::block_on(async { root().await }))
    }

    fn compose2<A, B>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> + Send
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        futures_util::future::join(a, b)
    }

    fn compose<F>(branches: Vec<F>) -> impl Future<Output = Vec<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        futures_util::future::join_all(branches)
    }

    async fn timeout<F>(duration: Duration, future: F) -> Option<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        async_std::future::timeout(duration, future).await.ok()
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Task(task::spawn(future))
    }

    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        task::spawn_blocking(blocking)
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + Send {
        task::sleep(duration)
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        task::yield_now()
    }

    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send {
        TcpStream::connect(address)
    }

    async fn resolve(name: String) -> io::Result<Vec<SocketAddr>> {
        Ok(name.to_socket_addrs().await?.collect())
    }

    fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
        async_std::fs::read(path)
    }
}

/// A [`task::JoinHandle`] behind the trait's name for it.
struct Task<T>(task::JoinHandle<T>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    /// Dropping a [`task::JoinHandle`] is detaching it.
    fn detach(self) {}
}
