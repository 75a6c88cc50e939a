//! nio behind the trait: whoever has least to do gets the task, when it is spawned, or each time that it is woken.
//!
//! | call | what a nio user writes |
//! | --- | --- |
//! | start | [`nio::RuntimeBuilder`] and `block_on`, which is what `#[nio::main]` expands to |
//! | compose2, compose | [`futures_util::future::join`], [`futures_util::future::join_all`] |
//! | race, timeout | as the trait has it, [`nio::timeout`] |
//! | spawn | in `pinned` [`nio::spawn_pinned`], in `moving` [`nio::spawn`] |
//! | dispatch | the same as spawn, which sends the branch to another worker itself |
//! | spawn_blocking | [`nio::spawn_blocking`] |
//! | sleep | [`nio::sleep`] |
//! | yield_now | nothing of its own: as the trait has it |
//! | connect | [`nio::net::TcpStream::connect`] |
//! | read_file | [`nio::fs::read`], which runs on the blocking pool |
//!
//! No worker steals. A task goes to the one whose queue is shortest at that moment: once and for all by `spawn_pinned`; by `spawn` again
//! at each wake. The calling thread is one of the workers, and polls tasks while the root waits. Those beside it live as
//! long as the process.
//!
//! The blocking pool starts a thread for each two jobs (`threadpool_load_factor`), so half of the jobs that block wait for the other half, however far
//! it is from its limit: that as many block at once as there may be threads is a promise that is broken here, and published so.
//!
//! nio's timers and sockets belong to the worker that made them and are `!Send`, so a task that can move
//! cannot hold one over an await: of what is measured, `moving` has neither. What the compiler would say of that, the adapter says by leaving them
//! out; in `pinned` each is wrapped at the first poll of the future around it ([`SendWrapper`]), which panics if it is used on another thread.
//!
//! Pages: [nio](https://docs.rs/nio/latest/nio/), [spawn_pinned](https://docs.rs/nio/latest/nio/fn.spawn_pinned.html).

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

use nio::{JoinHandle, RuntimeBuilder, net::TcpStream};
use pin_project_lite::pin_project;
use runtime_api::{
    About, AsyncRead, AsyncWrite, Config, Flavour, Handle, Lack, OnDrop, OnPanic, Runtime,
    Semantics, Threads, Workers,
};
use send_wrapper::SendWrapper;

/// `max_blocking_threads` where nobody sets it.
const BLOCKING_THREADS: usize = 512;

/// nio, whose tasks move to another worker when they are woken, or stay.
#[derive(Debug)]
pub struct Nio<const MOVING: bool>;

/// nio.
pub type Both = (Nio<false>, Nio<true>);

impl<const MOVING: bool> Runtime for Nio<MOVING> {
    type Stream = Stream;

    const LACKS: &'static [Lack] = if MOVING {
        &[Lack::Timers, Lack::Sockets]
    } else {
        &[]
    };

    fn about() -> About {
        let (name, summary) = if MOVING {
            (
                "moving",
                "nio::spawn: to the least busy worker, again at each wake",
            )
        } else {
            (
                "pinned",
                "nio::spawn_pinned: to the least busy worker, for good",
            )
        };
        About {
            name: "nio",
            flavours: vec![Flavour {
                name,
                summary,
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
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: true,
        }
    }

    fn breaks(_config: &Config) -> Vec<&'static str> {
        vec!["spawn_blocking_reaches_as_many_threads_as_declared"]
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let workers = u8::try_from(config.workers)
            .map_err(|_| io::Error::other("nio has 255 workers at most"))?;
        let mut runtime = RuntimeBuilder::new().worker_threads(workers).build()?;
        // The root is built inside, where the runtime's own types can be.
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
        SendWrapper::new(nio::timeout(duration, future)).await
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let handle = if MOVING {
            nio::spawn(future)
        } else {
            nio::spawn_pinned(move || future)
        };
        Task { handle }
    }

    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let handle = nio::spawn_blocking(blocking);
        Task { handle }
    }

    async fn sleep(duration: Duration) {
        SendWrapper::new(nio::sleep(duration)).await;
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        let stream = SendWrapper::new(TcpStream::connect(address)).await?;
        Ok(Stream(SendWrapper::new(stream)))
    }

    fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
        nio::fs::read(path)
    }
}

pin_project! {
    /// A [`JoinHandle`] whose output is the task's own: a panic goes on in whoever awaits it.
    struct Task<T> {
        #[pin]
        handle: JoinHandle<T>,
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match ready!(self.project().handle.poll(context)) {
            Ok(output) => Poll::Ready(output),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => panic!("nobody cancels a task whose handle is awaited"),
            },
        }
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    /// Dropping a [`JoinHandle`] is detaching it.
    fn detach(self) {}
}

/// A TCP stream of nio's, used and dropped on the worker that opened it.
#[derive(Debug)]
pub struct Stream(SendWrapper<TcpStream>);

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        AsyncRead::poll_read(Pin::new(&mut *self.0), context, bytes)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        AsyncWrite::poll_write(Pin::new(&mut *self.0), context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_flush(Pin::new(&mut *self.0), context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        AsyncWrite::poll_close(Pin::new(&mut *self.0), context)
    }
}
