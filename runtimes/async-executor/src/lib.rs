//! async-executor, used directly, behind the trait.
//!
//! | call | what its user writes |
//! | --- | --- |
//! | start in `shared` | [`Executor::run`] on k threads, and [`block_on`] with the root on the calling one |
//! | start in `local` | `block_on(`[`LocalExecutor::run`]`(root))`: one thread polls everything |
//! | compose2 | [`future::zip`] |
//! | compose | [`futures_util::future::join_all`] |
//! | race, timeout | [`future::or`], with a timer where time is short: as the trait has them |
//! | spawn | [`Executor::spawn`]; in `local`, [`LocalExecutor::spawn`] |
//! | dispatch | none: the executor itself moves tasks between its threads, and the local one has one |
//! | spawn_blocking | [`blocking::unblock`] |
//! | sleep, yield_now | [`async_io::Timer`], [`future::yield_now`] |
//! | connect | [`async_io::Async`] |
//! | read_file | [`std::fs::read`] on the pool of `blocking` |
//!
//! It is what smol and async-std are made of, with nothing between: the two flavours differ in the executor that a task is
//! handed to, and so each is a type of its own here. What it shares with smol it does as smol does, and that it does is one piece of
//! evidence with smol's, not another.
//!
//! A local executor belongs to its thread, so a task that spawns another finds it in a variable of the thread, as its
//! users keep it. On another thread there is none, and a spawn panics.
//!
//! The threads of `shared` never end, and tasks that are pending when the root has ended run on there. In `local` nobody polls
//! them any more. The threads of `async-io` and `blocking` stay too: they wait for events and jobs, and poll no task.
//!
//! Pages: [Executor](https://docs.rs/async-executor/latest/async_executor/struct.Executor.html),
//! [LocalExecutor](https://docs.rs/async-executor/latest/async_executor/struct.LocalExecutor.html),
//! [Task](https://docs.rs/async-executor/latest/async_executor/struct.Task.html).

use std::{
    cell::OnceCell,
    future::Future,
    io,
    marker::PhantomData,
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll},
    thread,
    time::Duration,
};

use async_executor::{Executor, LocalExecutor};
use async_io::{Async, Timer, block_on};
use futures_lite::future;
use runtime_api::{
    About, Config, Flavour, Handle, OnDrop, OnPanic, Runtime, Semantics, Sizes, Threads, Workers,
};

/// The blocking pool's limit where nobody sets `BLOCKING_MAX_THREADS`.
const BLOCKING_THREADS: usize = 500;

static SHARED: Executor<'static> = Executor::new();

thread_local! {
    static LOCAL: OnceCell<LocalExecutor<'static>> = const { OnceCell::new() };
}

/// async-executor: its two executors, a flavour each.
pub type AsyncExecutor = (On<Shared>, On<Local>);

/// What the two differ in.
pub trait Which: Send + Sync + 'static {
    /// The flavour.
    const FLAVOUR: Flavour;
    /// Threads that poll what is spawned.
    const SPAWN: Threads;

    /// [`Runtime::start`].
    ///
    /// # Errors
    ///
    /// As the operating system reports them.
    fn start<F: Future>(workers: usize, root: F) -> io::Result<F::Output>;

    /// [`Runtime::spawn`].
    fn spawn<F>(future: F) -> async_executor::Task<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static;
}

/// One executor for k threads.
#[derive(Debug)]
pub struct Shared;

impl Which for Shared {
    const FLAVOUR: Flavour = Flavour {
        name: "shared",
        summary: "Executor::run on one thread per core",
        workers: Workers::PerCore,
    };
    const SPAWN: Threads = Threads::Workers;

    fn start<F: Future>(workers: usize, root: F) -> io::Result<F::Output> {
        for worker in 0..workers {
            thread::Builder::new()
                .name(format!("worker-{worker}"))
                .spawn(|| block_on(SHARED.run(future::pending::<()>())))?;
        }
        Ok(block_on(root))
    }

    fn spawn<F>(future: F) -> async_executor::Task<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        SHARED.spawn(future)
    }
}

/// One executor, on one thread.
#[derive(Debug)]
pub struct Local;

impl Which for Local {
    const FLAVOUR: Flavour = Flavour {
        name: "local",
        summary: "LocalExecutor::run: everything on one thread",
        workers: Workers::Fixed(1),
    };
    const SPAWN: Threads = Threads::Fixed(1);

    fn start<F: Future>(_workers: usize, root: F) -> io::Result<F::Output> {
        let run = |local: &OnceCell<_>| {
            let executor: &LocalExecutor<'static> = local.get_or_init(LocalExecutor::new);
            block_on(executor.run(root))
        };
        Ok(LOCAL.with(run))
    }

    fn spawn<F>(future: F) -> async_executor::Task<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        LOCAL.with(|local| {
            let executor = local.get().expect("this thread runs the executor");
            executor.spawn(future)
        })
    }
}

/// The runtime, with one of its executors.
#[derive(Debug)]
pub struct On<W>(PhantomData<W>);

impl<W: Which> Runtime for On<W> {
    type Stream = Async<TcpStream>;

    fn about() -> About {
        About {
            name: "async-executor",
            flavours: vec![W::FLAVOUR],
        }
    }

    fn semantics(config: &Config) -> Semantics {
        Semantics {
            spawn: W::SPAWN,
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

    fn sizes(_config: &Config) -> Sizes {
        Sizes {
            own_workers: false,
            blocking_threads: true,
        }
    }

    /// The pool's own default, so that none is inherited.
    fn environment(config: &Config) -> Vec<(&'static str, String)> {
        let blocking = config.blocking_threads.unwrap_or(BLOCKING_THREADS);
        vec![("BLOCKING_MAX_THREADS", blocking.to_string())]
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        W::start(config.workers, async { root().await })
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
        Task(W::spawn(future))
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

    fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
        blocking::unblock(|| std::fs::read(path))
    }
}

/// A task behind the trait's name for it.
struct Task<T>(async_executor::Task<T>);

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
