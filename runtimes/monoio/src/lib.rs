//! monoio behind the trait.
//!
//! | call | what a monoio user writes |
//! | --- | --- |
//! | start | [`monoio::RuntimeBuilder`] and `block_on`, which is what `#[monoio::main]` expands to |
//! | compose2 | [`monoio::join!`] |
//! | compose | [`futures_util::future::join_all`]; monoio has no join of a list |
//! | race, timeout | [`monoio::select!`], [`monoio::time::timeout`] |
//! | spawn | [`monoio::spawn`]: the spawner's own thread, always |
//! | spawn_blocking | [`monoio::spawn_blocking`], on a [`DefaultThreadPool`] that is attached when the runtime is built |
//! | sleep | [`monoio::time::sleep`] |
//! | yield_now | nothing of its own: [`monoio::spawn`] of nothing, awaited; see below |
//! | connect | [`TcpStream::connect_addr`], through [`monoio_compat::TcpStreamCompat`] |
//! | read_file | [`monoio::fs::read`] |
//!
//! A runtime is one thread, and nothing moves a task off it, nor is there a call that sends one elsewhere: a program that
//! uses more cores runs the same `main` on each (`#[monoio::main(threads = 2)]`), and shares the work out before it is spawned. So both
//! flavours have one thread; they differ in how it waits.
//!
//! A dropped handle detaches. A panic in a task is nobody's: it unwinds through the executor, and ends what waits in
//! `block_on`. One in blocking code would leave whoever awaits it waiting for ever, so the adapter
//! carries it there. Without a pool that the user attaches, `spawn_blocking` panics; so the number of its threads is the adapter's
//! choice.
//!
//! # Turns
//!
//! A task that wakes itself while it is polled, which is what a yield is elsewhere, is put at the front of the queue in monoio 0.2.4:
//! it is polled next, again and again, and other tasks and the kernel wait for as long as it goes on
//! ([#322](https://github.com/bytedance/monoio/issues/322), mended since, in no release yet). So the trait's own `yield_now` would yield to siblings of a join
//! alone. A task that is spawned goes to the back: awaiting one that does nothing lets everybody else have a turn, for an allocation.
//!
//! # Buffers
//!
//! monoio's reads and writes take their buffer and give it back, which the traits that others know cannot say. `TcpStreamCompat`
//! lends: it has a buffer of its own for each direction (16 KiB for each stream), boxes a future for each operation, and
//! says of what is written that it is written as soon as it has copied it. A read that is cancelled is cancelled in the kernel
//! too, and its buffer is kept until the kernel has let go of it.
//!
//! # `Send`
//!
//! monoio's futures and streams are `!Send`. Each is wrapped at the first poll of the future around it ([`SendWrapper`]),
//! which panics if it is used on another thread.
//!
//! Pages: [spawn](https://docs.rs/monoio/latest/monoio/fn.spawn.html),
//! [JoinHandle](https://docs.rs/monoio/latest/monoio/task/struct.JoinHandle.html),
//! [spawn_blocking](https://docs.rs/monoio/latest/monoio/fn.spawn_blocking.html).

#![cfg(target_os = "linux")]

use std::{
    future::Future,
    io,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use monoio::{
    IoUringDriver, LegacyDriver, RuntimeBuilder, blocking::DefaultThreadPool, net::TcpStream,
    task::JoinHandle,
};
use monoio_compat::TcpStreamCompat;
use runtime_api::{
    About, AsyncRead, AsyncWrite, Config, Flavour, Handle, OnDrop, OnPanic, Runtime, Semantics,
    Threads, Workers,
};
use send_wrapper::SendWrapper;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt as _};

const EPOLL: &str = "epoll";

/// There is no default: whoever attaches a pool says how many. All of them are started at once.
const BLOCKING_THREADS: usize = 8;

/// monoio.
#[derive(Debug)]
pub struct Monoio;

/// What `#[monoio::main]` makes of a builder, and the pool besides.
macro_rules! run {
    ($driver:ty, $root:expr) => {
        Ok(RuntimeBuilder::<$driver>::new()
            .enable_timer()
            .attach_thread_pool(Box::new(DefaultThreadPool::new(BLOCKING_THREADS)))
            .build()?
            .block_on($root))
    };
}

impl Runtime for Monoio {
    type Stream = Stream;

    fn about() -> About {
        About {
            name: "monoio",
            flavours: vec![
                Flavour {
                    name: "io-uring",
                    summary: "#[monoio::main]: one runtime, on the calling thread",
                    workers: Workers::Fixed(1),
                },
                Flavour {
                    name: EPOLL,
                    summary: "#[monoio::main(driver = \"legacy\")]: the same on epoll",
                    workers: Workers::Fixed(1),
                },
            ],
        }
    }

    fn semantics(_config: &Config) -> Semantics {
        Semantics {
            spawn: Threads::Fixed(1),
            dispatch: None,
            dispatched: None,
            blocking: Threads::Fixed(BLOCKING_THREADS),
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::KillsExecutor,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: false,
        }
    }

    fn unavailable(config: &Config) -> Option<String> {
        if config.flavour == EPOLL {
            return None;
        }
        let why = RuntimeBuilder::<IoUringDriver>::new().build().err()?;
        Some(format!(
            "monoio cannot use this kernel: {why}; it needs io_uring, which containers often forbid"
        ))
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        // The root is built inside, where the runtime's own types can be.
        let root = async { root().await };
        if config.flavour == EPOLL {
            run!(LegacyDriver, root)
        } else {
            run!(IoUringDriver, root)
        }
    }

    async fn compose2<A, B>(a: A, b: B) -> (A::Output, B::Output)
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        monoio::join!(a, b)
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
        monoio::select! {
            output = a => output,
            output = b => output,
        }
    }

    async fn timeout<F>(duration: Duration, future: F) -> Option<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        SendWrapper::new(monoio::time::timeout(duration, future))
            .await
            .ok()
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Task(monoio::spawn(future))
    }

    async fn spawn_blocking<B, T>(blocking: B) -> T
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let blocking = || catch_unwind(AssertUnwindSafe(blocking));
        monoio::spawn_blocking(blocking)
            .await
            .expect("the pool lives as long as the runtime")
            .unwrap_or_else(|panic| resume_unwind(panic))
    }

    async fn sleep(duration: Duration) {
        SendWrapper::new(monoio::time::sleep(duration)).await;
    }

    async fn yield_now() {
        monoio::spawn(async {}).await;
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        let stream = SendWrapper::new(TcpStream::connect_addr(address)).await?;
        let stream = TcpStreamCompat::new(stream).compat();
        Ok(Stream(SendWrapper::new(stream)))
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        SendWrapper::new(monoio::fs::read(path)).await
    }
}

/// A [`JoinHandle`] behind the trait's name for it.
struct Task<T>(JoinHandle<T>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    /// Dropping a [`JoinHandle`] is detaching it.
    fn detach(self) {}
}

/// A TCP stream of monoio's, used and dropped on the thread that opened it.
pub struct Stream(SendWrapper<Compat<TcpStreamCompat>>);

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_read(context, bytes)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_close(context)
    }
}
