//! tokio behind the trait.
//!
//! | call | what a tokio user writes |
//! | --- | --- |
//! | start | [`runtime::Builder`] and `block_on`, which is what `#[tokio::main]` expands to |
//! | compose2 | [`tokio::join!`] |
//! | compose | [`futures_util::future::join_all`]; tokio has no join of a list in one task |
//! | race, timeout | [`tokio::select!`], [`tokio::time::timeout`] |
//! | spawn | [`tokio::spawn`] |
//! | dispatch | [`tokio::spawn`]: the scheduler itself moves tasks between workers |
//! | spawn_blocking | [`tokio::task::spawn_blocking`] |
//! | sleep, yield_now | [`tokio::time::sleep`], [`tokio::task::yield_now`] |
//! | connect | [`tokio::net::TcpStream::connect`], through [`tokio_util::compat`] |
//! | resolve | [`tokio::net::lookup_host`], which asks on the blocking pool |
//! | read_file | [`tokio::fs::read`], which runs on the blocking pool |
//!
//! `#[tokio::main]` gives the `multi-thread` flavour. Its workers are threads beside the calling one,
//! which polls the root and nothing else. In `current-thread` the calling thread polls everything.
//!
//! Both joins poll on the task that awaits them. `tokio::join!` starts each poll one branch further
//! on than the last, so that none is always first, and both yield when the task's cooperative budget
//! (128 operations) is spent. `join_all` polls every branch each time up to 30 of them. Above,
//! it polls the woken ones, and gives its turn back after two that woke themselves: 31 branches that
//! yield once take 16 polls of the join.
//!
//! `tokio::select!` begins at a branch that it draws by lot, each time that it is polled, and polls none once that
//! budget is spent.
//!
//! When the root is done the runtime is dropped: tasks at an await point are dropped with it, and
//! blocking code that has begun is waited for.
//!
//! Pages: [join!](https://docs.rs/tokio/latest/tokio/macro.join.html),
//! [spawn](https://docs.rs/tokio/latest/tokio/task/fn.spawn.html),
//! [JoinHandle](https://docs.rs/tokio/latest/tokio/task/struct.JoinHandle.html),
//! [spawn_blocking](https://docs.rs/tokio/latest/tokio/task/fn.spawn_blocking.html),
//! [Builder](https://docs.rs/tokio/latest/tokio/runtime/struct.Builder.html).

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
    About, Config, Flavour, Handle, OnDrop, OnPanic, Runtime, Semantics, Sizes, Threads, Workers,
};
use tokio::{net::TcpStream, runtime, task::JoinHandle};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

#[cfg(any(test, feature = "idioms"))]
mod idioms;

const CURRENT_THREAD: &str = "current-thread";

/// `max_blocking_threads` where nobody sets it.
const BLOCKING_THREADS: usize = 512;

/// tokio.
#[derive(Debug)]
pub struct Tokio;

impl Runtime for Tokio {
    type Stream = Compat<TcpStream>;

    fn about() -> About {
        About {
            name: "tokio",
            flavours: vec![
                Flavour {
                    name: "multi-thread",
                    summary: "#[tokio::main]: work stealing, one worker per core",
                    workers: Workers::PerCore,
                },
                Flavour {
                    name: CURRENT_THREAD,
                    summary: "#[tokio::main(flavor = \"current_thread\")]: everything on one thread",
                    workers: Workers::Fixed(1),
                },
            ],
        }
    }

    #[cfg(feature = "idioms")]
    const IDIOMS: &'static [&'static str] = idioms::NAMES;

    #[cfg(feature = "idioms")]
    fn idiom<F, T, E>(
        name: &'static str,
        branches: Vec<F>,
    ) -> impl Future<Output = Result<Vec<T>, E>> + Send
    where
        F: Future<Output = Result<T, E>> + Send + Unpin + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        idioms::idiom(name, branches)
    }

    fn semantics(config: &Config) -> Semantics {
        Semantics {
            spawn: if config.flavour == CURRENT_THREAD {
                Threads::Fixed(1)
            } else {
                Threads::Workers
            },
            dispatch: None,
            dispatched: None,
            blocking: Threads::Fixed(config.blocking_threads.unwrap_or(BLOCKING_THREADS)),
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: false,
        }
    }

    fn sizes(config: &Config) -> Sizes {
        Sizes {
            own_workers: config.flavour != CURRENT_THREAD,
            blocking_threads: true,
        }
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let mut builder = if config.flavour == CURRENT_THREAD {
            runtime::Builder::new_current_thread()
        } else {
            let mut builder = runtime::Builder::new_multi_thread();
            if !config.unasked {
                builder.worker_threads(config.workers);
            }
            builder
        };
        if let Some(threads) = config.blocking_threads {
            builder.max_blocking_threads(threads);
        }
        let runtime = builder.enable_all().build()?;
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
