//! tokio's ways to keep tasks on their thread, behind the trait.
//!
//! | call | what a tokio user writes |
//! | --- | --- |
//! | start | [`LocalSet::block_on`], or [`runtime::Builder::build_local`] and its `block_on`; in `pinned`, [`LocalPoolHandle::new`] as well; in `second-runtime`, [`runtime::Builder::new_multi_thread`] |
//! | compose2 | [`tokio::join!`] |
//! | compose | [`futures_util::future::join_all`]; tokio has no join of a list in one task |
//! | race, timeout | [`tokio::select!`], [`tokio::time::timeout`] |
//! | spawn | [`tokio::task::spawn_local`]: the spawner's own thread, always |
//! | dispatch | in `pinned` [`LocalPoolHandle::spawn_pinned`], in `second-runtime` [`runtime::Handle::spawn`] |
//! | spawn_blocking | [`tokio::task::spawn_blocking`] |
//! | sleep, yield_now | [`tokio::time::sleep`], [`tokio::task::yield_now`] |
//! | connect | [`tokio::net::TcpStream::connect`], through [`tokio_util::compat`] |
//! | resolve | [`tokio::net::lookup_host`], which asks on the blocking pool |
//! | read_file | [`tokio::fs::read`], which runs on the blocking pool |
//!
//! What `spawn_local` takes need not be `Send`; nor does it leave its thread. A `LocalSet` is a scheduler of its own, which runs
//! as one task of the runtime below it. A `LocalRuntime` is that runtime itself, with no second scheduler: what `LocalSet` is for, since it is
//! stable. Both are one thread, so spawning gains no core.
//!
//! # The pool
//!
//! `spawn_pinned` is tokio's way to use more cores so: a `LocalRuntime` on each thread of a pool, and a closure is sent to the
//! one that has the fewest tasks just then. It starts two tasks over there: one that waits, to which the handle belongs, and
//! the branch itself. So a dropped handle detaches, and a panic reaches whoever awaits it, as with `tokio::spawn`.
//! The pool lives as long as the process.
//!
//! # A second runtime
//!
//! What people are told who compute much in async code: one runtime for what waits, and another, with its own threads, for what computes, so that
//! timers and sockets of the first are served whatever the second does. A branch is sent over by the second runtime's handle, and awaited
//! here. It lives as long as the process too.
//!
//! How the joins and `select!` poll is told in `runtimes/tokio`; they are the same here.
//!
//! Pages: [spawn_local](https://docs.rs/tokio/latest/tokio/task/fn.spawn_local.html),
//! [LocalSet](https://docs.rs/tokio/latest/tokio/task/struct.LocalSet.html),
//! [LocalRuntime](https://docs.rs/tokio/latest/tokio/runtime/struct.LocalRuntime.html),
//! [LocalPoolHandle](https://docs.rs/tokio-util/latest/tokio_util/task/struct.LocalPoolHandle.html).

use std::{
    future::Future,
    io,
    net::SocketAddr,
    panic::resume_unwind,
    path::PathBuf,
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll, ready},
    time::Duration,
};

use runtime_api::{
    About, Config, Dispatched, Flavour, Handle, OnDrop, OnPanic, Runtime, Semantics, Threads,
    Workers,
};
use tokio::{
    net::TcpStream,
    runtime::{self, LocalOptions},
    task::{JoinHandle, LocalSet},
};
use tokio_util::{
    compat::{Compat, TokioAsyncReadCompatExt},
    task::LocalPoolHandle,
};

const LOCAL_SET: &str = "local-set";
const PINNED: &str = "pinned";
const SECOND_RUNTIME: &str = "second-runtime";

/// `max_blocking_threads` where nobody sets it.
const BLOCKING_THREADS: usize = 512;

/// What branches are sent to, in flavours that dispatch.
static ELSEWHERE: OnceLock<Elsewhere> = OnceLock::new();

#[derive(Debug)]
enum Elsewhere {
    Pool(LocalPoolHandle),
    Runtime(runtime::Runtime),
}

/// tokio, with `spawn_local` for `spawn`.
#[derive(Debug)]
pub struct TokioLocal;

impl Runtime for TokioLocal {
    type Stream = Compat<TcpStream>;

    fn about() -> About {
        About {
            name: "tokio-local",
            flavours: vec![
                Flavour {
                    name: "local-runtime",
                    summary: "#[tokio::main(flavor = \"local\")]: LocalRuntime, on the calling thread",
                    workers: Workers::Fixed(1),
                },
                Flavour {
                    name: LOCAL_SET,
                    summary: "LocalSet on a current-thread runtime",
                    workers: Workers::Fixed(1),
                },
                Flavour {
                    name: PINNED,
                    summary: "LocalPoolHandle as well: one LocalRuntime per core, for dispatch",
                    workers: Workers::PerCore,
                },
                Flavour {
                    name: SECOND_RUNTIME,
                    summary: "a multi-thread Runtime as well, one worker per core, for dispatch",
                    workers: Workers::PerCore,
                },
            ],
        }
    }

    fn semantics(config: &Config) -> Semantics {
        let dispatches = [PINNED, SECOND_RUNTIME].contains(&config.flavour.as_str());
        Semantics {
            spawn: Threads::Fixed(1),
            dispatch: dispatches.then_some(Threads::Workers),
            dispatched: dispatches.then_some(Dispatched {
                on_drop: OnDrop::Detaches,
                on_panic: OnPanic::ReachesAwaiter,
            }),
            blocking: Threads::Fixed(BLOCKING_THREADS),
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: dispatches,
        }
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let mut builder = runtime::Builder::new_current_thread();
        builder.enable_all();
        // The root is built inside, where the runtime's own types can be.
        let root = async { root().await };
        if config.flavour == LOCAL_SET {
            let runtime = builder.build()?;
            return Ok(LocalSet::new().block_on(&runtime, root));
        }
        if config.flavour == PINNED {
            ELSEWHERE.get_or_init(|| Elsewhere::Pool(LocalPoolHandle::new(config.workers)));
        }
        if config.flavour == SECOND_RUNTIME {
            let mut second = runtime::Builder::new_multi_thread();
            let second = second.worker_threads(config.workers).enable_all().build()?;
            ELSEWHERE.get_or_init(|| Elsewhere::Runtime(second));
        }
        let runtime = builder.build_local(LocalOptions::default())?;
        Ok(runtime.block_on(root))
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
        Task(tokio::task::spawn_local(future))
    }

    fn dispatch<B, F>(build: B) -> impl Future<Output = F::Output> + Send + 'static
    where
        B: FnOnce() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match ELSEWHERE.get().expect("the flavour is one that dispatches") {
            Elsewhere::Pool(pool) => Task(pool.spawn_pinned(build)),
            Elsewhere::Runtime(second) => Task(second.spawn(async { build().await })),
        }
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
