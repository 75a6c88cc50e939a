//! smolscale behind the trait: a scheduler that evens out its threads' work now and then, instead of having them steal.
//!
//! | call | what a smolscale user writes |
//! | --- | --- |
//! | start | [`smolscale::block_on`] |
//! | compose2, compose | [`future::zip`], [`futures_util::future::join_all`] |
//! | race, timeout | [`future::or`], as the trait has them |
//! | spawn | [`smolscale::spawn`] |
//! | dispatch | [`smolscale::spawn`]: tasks move between workers |
//! | spawn_blocking | [`blocking::unblock`] |
//! | sleep, connect | [`async_io::Timer`], [`async_io::Async`] |
//! | yield_now | [`future::yield_now`] |
//! | read_file | [`std::fs::read`], on the blocking pool |
//!
//! The first spawn starts a thread, which starts one worker for each core, and then wakes all of them each 50 ms to
//! look for work. A task that is spawned or woken by a task stays on its thread, and nobody is told: another worker that sleeps takes it
//! when it is woken next. So short branches that a task spawns wait for each other.
//!
//! How many workers there are cannot be chosen. They share no more than the queues: sockets and timers are async-io's, which smolscale
//! polls in its `block_on` and its workers. Each future is run within `async-compat`, so a thread of
//! tokio's is there as well, which nothing here uses.
//!
//! Dropping a task cancels it. Whoever awaits a task that panics panics too, without its payload; but the panic also ends the worker that
//! polled the task, and nothing starts another in its place. So a process stands still after as many panics as it has workers:
//! that siblings live on is a promise that is broken here, and published so, where the check's three panics are as many.
//!
//! Pages: [smolscale](https://docs.rs/smolscale/latest/smolscale/).

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll},
    thread::available_parallelism,
    time::Duration,
};

use async_io::{Async, Timer};
use futures_lite::future;
use runtime_api::{
    About, Config, Flavour, Handle, OnDrop, OnPanic, Runtime, Semantics, Threads, Workers,
};
use send_wrapper::SendWrapper;

/// The pool's own limit where nobody sets it.
const BLOCKING_THREADS: usize = 500;

/// Tasks that panic in the check of what a panic does.
const PANICS: usize = 3;

/// smolscale.
#[derive(Debug)]
pub struct Smolscale;

impl Runtime for Smolscale {
    type Stream = Async<TcpStream>;

    fn about() -> About {
        About {
            name: "smolscale",
            flavours: vec![Flavour {
                name: "default",
                summary: "smolscale::spawn: one worker per core, evened out each 50 ms",
                workers: Workers::PerCore,
            }],
        }
    }

    fn semantics(_config: &Config) -> Semantics {
        Semantics {
            spawn: Threads::Workers,
            dispatch: None,
            dispatched: None,
            blocking: Threads::Fixed(BLOCKING_THREADS),
            on_drop: OnDrop::Cancels,
            on_panic: OnPanic::ReachesAwaiterWithoutPayload,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: true,
        }
    }

    fn environment(_config: &Config) -> Vec<(&'static str, String)> {
        vec![("BLOCKING_MAX_THREADS", BLOCKING_THREADS.to_string())]
    }

    fn unavailable(config: &Config) -> Option<String> {
        let cores = available_parallelism().map_or(1, usize::from);
        (config.workers != cores).then(|| {
            format!("smolscale starts a worker for each core and takes no other number: ask for {cores}, or allow it other cores (taskset)")
        })
    }

    fn breaks(config: &Config) -> Vec<&'static str> {
        if config.workers <= PANICS {
            vec!["panic_in_a_task_goes_where_declared"]
        } else {
            Vec::new()
        }
    }

    fn start<M, F>(_config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        Ok(smolscale::block_on(SendWrapper::new(async {
            root().await
        })))
    }

    fn compose2<A, B>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> + Send
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        future::zip(a, b)
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
        Task(smolscale::spawn(future))
    }

    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        blocking::unblock(blocking)
    }

    async fn sleep(duration: Duration) {
        Timer::after(duration).await;
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        future::yield_now()
    }

    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send {
        Async::<TcpStream>::connect(address)
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        blocking::unblock(|| std::fs::read(path)).await
    }
}

/// A task of smolscale's behind the trait's name for it.
struct Task<T>(async_task::Task<T>);

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
