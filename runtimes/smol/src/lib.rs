//! smol behind the trait.
//!
//! | call | what a smol user writes |
//! | --- | --- |
//! | start | [`smol::block_on`] |
//! | compose2 | [`smol::future::zip`] |
//! | compose | [`futures_util::future::join_all`]; smol has no join of a list |
//! | race, timeout | [`smol::future::or`], with a timer where time is short: as the trait has them |
//! | spawn | [`smol::spawn`], onto the global executor |
//! | dispatch | [`smol::spawn`]: the executor itself moves tasks between its threads |
//! | spawn_blocking | [`smol::unblock`] |
//! | sleep, yield_now | [`smol::Timer::after`], [`smol::future::yield_now`] |
//! | connect | [`smol::net::TcpStream::connect`] |
//! | resolve | [`smol::net::resolve`], which asks on the blocking pool |
//! | read_file | [`smol::fs::read`], which runs on the blocking pool |
//!
//! The global executor has one thread unless `SMOL_THREADS` says otherwise: that is the `default`
//! flavour, and `workers` is the same with the variable set. The thread in `block_on` is none of
//! them. It polls its own root beside them, so a root and one spawned task can run at once even in
//! `default`, but two spawned tasks cannot. A further thread, `async-io`, waits for events and polls
//! no task.
//!
//! `zip` polls the first future and then the second, each time; `join_all` polls every branch each
//! time up to 30 of them. Above, it polls the woken ones, and gives its turn back after two that woke
//! themselves: 31 branches that yield once take 16 polls of the join.
//!
//! The executor threads never end. Tasks still pending when the root is done run on for as long as the
//! process lives, and are not dropped when it exits.
//!
//! Pages: [spawn](https://docs.rs/smol/latest/smol/fn.spawn.html),
//! [Task](https://docs.rs/smol/latest/smol/struct.Task.html),
//! [zip](https://docs.rs/smol/latest/smol/future/fn.zip.html),
//! [unblock](https://docs.rs/smol/latest/smol/fn.unblock.html),
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

use runtime_api::{
    About, Config, Flavour, Handle, OnDrop, OnPanic, Runtime, Semantics, Sizes, Threads, Workers,
};
use smol::net::TcpStream;

const DEFAULT: &str = "default";

/// The blocking pool's limit where nobody sets `BLOCKING_MAX_THREADS`.
const BLOCKING_THREADS: usize = 500;

/// smol.
#[derive(Debug)]
pub struct Smol;

impl Runtime for Smol {
    type Stream = TcpStream;

    fn about() -> About {
        About {
            name: "smol",
            flavours: vec![
                Flavour {
                    name: DEFAULT,
                    summary: "smol::spawn by default: one executor thread",
                    workers: Workers::Fixed(1),
                },
                Flavour {
                    name: "workers",
                    summary: "smol::spawn with SMOL_THREADS set: one executor thread per core",
                    workers: Workers::PerCore,
                },
            ],
        }
    }

    fn semantics(config: &Config) -> Semantics {
        Semantics {
            spawn: if config.flavour == DEFAULT {
                Threads::Fixed(1)
            } else {
                Threads::Workers
            },
            dispatch: None,
            dispatched: None,
            blocking: Threads::Fixed(config.blocking_threads.unwrap_or(BLOCKING_THREADS)),
            on_drop: OnDrop::Cancels,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: true,
        }
    }

    /// How many workers it has unasked is a flavour of its own: one.
    fn sizes(_config: &Config) -> Sizes {
        Sizes {
            own_workers: false,
            blocking_threads: true,
        }
    }

    /// Both are set to what they would be by themselves, so that none is inherited.
    fn environment(config: &Config) -> Vec<(&'static str, String)> {
        let blocking = config.blocking_threads.unwrap_or(BLOCKING_THREADS);
        vec![
            ("SMOL_THREADS", config.workers.to_string()),
            ("BLOCKING_MAX_THREADS", blocking.to_string()),
        ]
    }

    fn start<M, F>(_config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        Ok(smol::block_on(async {
            // The first spawn starts the executor's threads: a runtime that is started has them.
            smol::spawn(async {}).await;
            root().await
        }))
    }

    fn compose2<A, B>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> + Send
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        smol::future::zip(a, b)
    }

    fn compose<F>(branches: Vec<F>) -> impl Future<Output = Vec<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        futures_util::future::join_all(branches)
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Task(smol::spawn(future))
    }

    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        smol::unblock(blocking)
    }

    async fn sleep(duration: Duration) {
        smol::Timer::after(duration).await;
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        smol::future::yield_now()
    }

    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send {
        TcpStream::connect(address)
    }

    fn resolve(name: String) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send {
        smol::net::resolve(name)
    }

    fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
        smol::fs::read(path)
    }
}

/// A [`smol::Task`] behind the trait's name for it.
struct Task<T>(smol::Task<T>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    fn detach(self) {
        self.0.detach();
    }
}
