//! A runtime of one thread, with what branches call and no more.

use std::{
    future::Future,
    io,
    marker::PhantomData,
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use async_io::{Async, Timer, block_on};
use futures_lite::future;
use runtime_api::{
    About, Config, Flavour, Handle, OnDrop, OnPanic, Runtime, Semantics, Threads, Workers,
};

use crate::stream::Buffered;

/// The calling thread polls everything. There is no scheduler, so nothing can be spawned: no branch
/// should.
#[derive(Debug)]
pub struct OneThread;

impl Runtime for OneThread {
    type Stream = Buffered;

    fn about() -> About {
        About {
            name: "one-thread",
            flavours: vec![Flavour {
                name: "default",
                summary: "for tests",
                workers: Workers::Fixed(1),
            }],
        }
    }

    fn semantics(_config: &Config) -> Semantics {
        Semantics {
            spawn: Threads::Fixed(0),
            dispatch: None,
            dispatched: None,
            blocking: Threads::Fixed(1),
            on_drop: OnDrop::Cancels,
            on_panic: OnPanic::KillsExecutor,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: false,
        }
    }

    fn start<M, F>(_config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        Ok(block_on(root()))
    }

    async fn compose2<A, B>(a: A, b: B) -> (A::Output, B::Output)
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        future::zip(a, b).await
    }

    /// Polls every branch that is not done each time it is polled itself: enough for a test.
    async fn compose<F>(branches: Vec<F>) -> Vec<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        let mut open: Vec<_> = branches.into_iter().map(Box::pin).map(Some).collect();
        let mut outputs: Vec<Option<F::Output>> = open.iter().map(|_| None).collect();
        future::poll_fn(|context| {
            for (branch, output) in open.iter_mut().zip(&mut outputs) {
                if let Some(running) = branch
                    && let Poll::Ready(value) = running.as_mut().poll(context)
                {
                    *output = Some(value);
                    *branch = None;
                }
            }
            if open.iter().any(Option::is_some) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        outputs.into_iter().flatten().collect()
    }

    fn spawn<F>(_future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Nothing::new()
    }

    async fn spawn_blocking<B, T>(blocking: B) -> T
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        blocking()
    }

    async fn sleep(duration: Duration) {
        Timer::after(duration).await;
    }

    async fn yield_now() {
        future::yield_now().await;
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        Ok(Buffered::new(Async::<TcpStream>::connect(address).await?))
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

/// A handle that there never is.
struct Nothing<T>(PhantomData<fn() -> T>);

impl<T> Nothing<T> {
    fn new() -> Self {
        panic!("a branch spawned a task");
    }
}

impl<T> Future for Nothing<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<T> {
        Poll::Pending
    }
}

impl<T: 'static> Handle<T> for Nothing<T> {
    fn detach(self) {}
}
