//! compio behind the trait.
//!
//! | call | what a compio user writes |
//! | --- | --- |
//! | start | [`compio::runtime::Runtime::block_on`], which is what `#[compio::main]` expands to; in `dispatcher`, [`Dispatcher::builder`] as well |
//! | compose2, compose | [`futures_util::future::join`], [`futures_util::future::join_all`] |
//! | race, timeout | as the trait has it, [`compio::time::timeout`] |
//! | spawn | [`compio::runtime::spawn`]: the spawner's own runtime, always |
//! | dispatch | [`Dispatcher::dispatch`] |
//! | spawn_blocking | [`compio::runtime::spawn_blocking`] |
//! | sleep | [`compio::time::sleep`] |
//! | yield_now | nothing of its own: as the trait has it |
//! | connect | [`compio::net::TcpStream::connect`], through [`AsyncStream`] |
//! | read_file | [`compio::fs::read`] |
//!
//! A runtime is one thread, and nothing moves a task off it. A task that is dropped is cancelled; a panic in one reaches whoever
//! awaits it. A panic in blocking code would leave whoever awaits it waiting for ever, so the adapter
//! carries it there. One that finds all threads of the pool taken holds the runtime's thread until there is one for it.
//!
//! # The dispatcher
//!
//! compio's way to use more cores is a runtime for each, all of which take closures from one queue. Which of them takes
//! the next is left to chance: often one takes all. So up to as many threads as asked for is what is declared, and how many take part is
//! what is found. What `dispatch` returned is a receiver: when it is dropped, the branch runs on; when the branch panics, it is told
//! that there will be nothing, and not why. The dispatcher lives as long as the process.
//!
//! # Buffers
//!
//! compio's reads and writes take their buffer and give it back. [`AsyncStream`] lends: it has a buffer of its own for each
//! direction, and sends what is written when it is flushed.
//!
//! # `Send`
//!
//! compio's futures and streams are `!Send`. Each is wrapped at the first poll of the future around it ([`SendWrapper`]),
//! which panics if it is used on another thread.
//!
//! Pages: [spawn](https://docs.rs/compio-runtime/latest/compio_runtime/fn.spawn.html),
//! [JoinHandle](https://docs.rs/compio-runtime/latest/compio_runtime/struct.JoinHandle.html),
//! [Dispatcher](https://docs.rs/compio-dispatcher/latest/compio_dispatcher/struct.Dispatcher.html).

use std::{
    future::Future,
    io,
    net::SocketAddr,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll, ready},
    time::Duration,
};

use compio::{
    dispatcher::Dispatcher,
    io::compat::AsyncStream,
    net::TcpStream,
    runtime::{JoinError, JoinHandle},
};
use runtime_api::{
    About, AsyncRead, AsyncWrite, Config, Dispatched, Flavour, Handle, OnDrop, OnPanic, Runtime,
    Semantics, Sizes, Threads, Workers,
};
use send_wrapper::SendWrapper;

const DISPATCHER: &str = "dispatcher";

/// The blocking pool's limit where nobody sets it.
const BLOCKING_THREADS: usize = 256;

/// Only the flavour of this name has one.
static POOL: OnceLock<Dispatcher> = OnceLock::new();

/// compio.
#[derive(Debug)]
pub struct Compio;

impl Runtime for Compio {
    type Stream = Stream;

    fn about() -> About {
        About {
            name: "compio",
            flavours: vec![
                Flavour {
                    name: "local",
                    summary: "#[compio::main]: one runtime, on the calling thread",
                    workers: Workers::Fixed(1),
                },
                Flavour {
                    name: DISPATCHER,
                    summary: "Dispatcher as well: one runtime per core, which share a queue, for dispatch",
                    workers: Workers::PerCore,
                },
            ],
        }
    }

    fn semantics(config: &Config) -> Semantics {
        let dispatches = config.flavour == DISPATCHER;
        Semantics {
            spawn: Threads::Fixed(1),
            dispatch: dispatches.then_some(Threads::UpToWorkers),
            dispatched: dispatches.then_some(Dispatched {
                on_drop: OnDrop::Detaches,
                on_panic: OnPanic::ReachesAwaiterWithoutPayload,
            }),
            blocking: Threads::Fixed(BLOCKING_THREADS),
            on_drop: OnDrop::Cancels,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: dispatches,
        }
    }

    fn sizes(config: &Config) -> Sizes {
        Sizes {
            own_workers: config.flavour == DISPATCHER,
            blocking_threads: false,
        }
    }

    fn unavailable(_config: &Config) -> Option<String> {
        let why = compio::runtime::Runtime::new().err()?;
        Some(format!(
            "compio cannot use this kernel: {why}; it needs io_uring, which containers often forbid"
        ))
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        if config.flavour == DISPATCHER {
            let mut builder = Dispatcher::builder();
            if !config.unasked {
                let workers = NonZeroUsize::new(config.workers).unwrap_or(NonZeroUsize::MIN);
                builder = builder.worker_threads(workers);
            }
            let pool = builder.build()?;
            POOL.get_or_init(|| pool);
        }
        let runtime = compio::runtime::Runtime::new()?;
        Ok(runtime.block_on(async { root().await }))
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
        SendWrapper::new(compio::time::timeout(duration, future))
            .await
            .ok()
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Task(compio::runtime::spawn(future))
    }

    fn dispatch<B, F>(build: B) -> impl Future<Output = F::Output> + Send + 'static
    where
        B: FnOnce() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let pool = POOL.get().expect("a flavour that dispatches has a pool");
        let Ok(placed) = pool.dispatch(build) else {
            panic!("the dispatcher's threads have ended");
        };
        async { placed.await.expect("a dispatched branch ends well") }
    }

    async fn spawn_blocking<B, T>(blocking: B) -> T
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let blocking = || catch_unwind(AssertUnwindSafe(blocking));
        Task(compio::runtime::spawn_blocking(blocking))
            .await
            .unwrap_or_else(|panic| resume_unwind(panic))
    }

    async fn sleep(duration: Duration) {
        SendWrapper::new(compio::time::sleep(duration)).await;
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        let stream = SendWrapper::new(TcpStream::connect(address)).await?;
        let stream = Box::pin(AsyncStream::new(stream));
        Ok(Stream(SendWrapper::new(stream)))
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        SendWrapper::new(compio::fs::read(path)).await
    }
}

/// A [`JoinHandle`] whose output is the task's own: a panic goes on in whoever awaits it.
struct Task<T>(JoinHandle<T>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match ready!(Pin::new(&mut self.0).poll(context)) {
            Ok(output) => Poll::Ready(output),
            Err(JoinError::Panicked(panic)) => resume_unwind(panic),
            Err(JoinError::Cancelled) => panic!("nobody cancels a task whose handle is awaited"),
        }
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    fn detach(self) {
        self.0.detach();
    }
}

/// A TCP stream of compio's, used and dropped on the thread that opened it.
#[derive(Debug)]
pub struct Stream(SendWrapper<Pin<Box<AsyncStream<TcpStream>>>>);

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_read(context, bytes)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_close(context)
    }
}
