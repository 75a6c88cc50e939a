//! A runtime for tests, on which a spawned task has run to its end before `spawn` returns.

use std::{
    future::{Future, Ready, ready},
    io,
    net::SocketAddr,
    path::PathBuf,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll},
    time::Duration,
};

use futures_lite::future::block_on;
use runtime_api::{About, Config, Handle, Runtime, Semantics};
use workload_testing::OneThread;

thread_local! {
    /// Of the thread: tests run side by side.
    static SPAWNED: AtomicU64 = const { AtomicU64::new(0) };
}

/// [`OneThread`], but for `spawn`.
#[derive(Debug)]
pub(crate) struct AtOnce;

impl AtOnce {
    /// The tasks that this thread has spawned.
    pub(crate) fn spawned() -> u64 {
        SPAWNED.with(|spawned| spawned.load(Ordering::Relaxed))
    }
}

/// The handle of a task that is done.
struct Done<T>(Ready<T>);

impl<T> Future for Done<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T: Send + 'static> Handle<T> for Done<T> {
    fn detach(self) {}
}

impl Runtime for AtOnce {
    type Stream = <OneThread as Runtime>::Stream;

    fn about() -> About {
        OneThread::about()
    }

    fn semantics(config: &Config) -> Semantics {
        OneThread::semantics(config)
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        OneThread::start(config, root)
    }

    fn compose2<A, B>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> + Send
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        OneThread::compose2(a, b)
    }

    fn compose<F>(branches: Vec<F>) -> impl Future<Output = Vec<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        OneThread::compose(branches)
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        SPAWNED.with(|spawned| spawned.fetch_add(1, Ordering::Relaxed));
        Done(ready(block_on(future)))
    }

    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        OneThread::spawn_blocking(blocking)
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + Send {
        OneThread::sleep(duration)
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        OneThread::yield_now()
    }

    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send {
        OneThread::connect(address)
    }

    fn resolve(name: String) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send {
        OneThread::resolve(name)
    }

    fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
        OneThread::read_file(path)
    }
}
