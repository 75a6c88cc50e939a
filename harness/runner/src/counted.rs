//! A runtime that counts the tasks which its user makes.
//!
//! Branches are compiled against this wrapper, so that a workload, or a library inside it, that
//! spawns behind the reader's back is seen: it would turn `compose` into `spawn`.

use std::{
    future::Future,
    io,
    marker::PhantomData,
    net::SocketAddr,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use runtime_api::{About, Config, Handle, Runtime, Semantics};

static SPAWNS: AtomicU64 = AtomicU64::new(0);

/// The tasks that branches made since the last call.
pub(crate) fn take() -> u64 {
    SPAWNS.swap(0, Ordering::Relaxed)
}

fn count() {
    SPAWNS.fetch_add(1, Ordering::Relaxed);
}

/// `R`, with its spawns counted.
pub(crate) struct Counted<R>(PhantomData<R>);

impl<R: Runtime> Runtime for Counted<R> {
    type Stream = R::Stream;

    fn about() -> About {
        R::about()
    }

    fn semantics(config: &Config) -> Semantics {
        R::semantics(config)
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        R::start(config, root)
    }

    fn compose2<A, B>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> + Send
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        R::compose2(a, b)
    }

    fn compose<F>(branches: Vec<F>) -> impl Future<Output = Vec<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        R::compose(branches)
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        count();
        R::spawn(future)
    }

    fn dispatch<B, F>(build: B) -> impl Future<Output = F::Output> + Send + 'static
    where
        B: FnOnce() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        count();
        R::dispatch(build)
    }

    /// Not counted: a blocking pool runs closures, and no task of the branch's own.
    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        R::spawn_blocking(blocking)
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + Send {
        R::sleep(duration)
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        R::yield_now()
    }

    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send {
        R::connect(address)
    }

    fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
        R::read_file(path)
    }
}
