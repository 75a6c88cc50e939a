//! glommio behind the trait.
//!
//! | call | what a glommio user writes |
//! | --- | --- |
//! | start | [`LocalExecutorBuilder`] and `run`; in `pool`, [`LocalExecutorPoolBuilder`] as well |
//! | compose2 | [`futures_util::future::join`], from the crate that glommio's own tests join with |
//! | compose | [`futures_util::future::join_all`], likewise |
//! | race, timeout | [`futures_lite::future::or`](https://docs.rs/futures-lite/latest/futures_lite/future/fn.or.html), as the trait has it; [`glommio::timer::timeout`] |
//! | spawn | [`glommio::spawn_local`]: the spawner's own executor, always |
//! | dispatch | a closure sent to one of the pool's executors, which spawns what it builds |
//! | spawn_blocking | [`glommio::executor`]`().spawn_blocking` |
//! | sleep, yield_now | [`glommio::timer::sleep`], [`glommio::executor`]`().yield_now` |
//! | connect | [`glommio::net::TcpStream::connect`] |
//! | resolve | [`std::net::ToSocketAddrs`] on the blocking pool, as the trait has it: glommio has no look-up of its own |
//! | read_file | [`BufferedFile::read_at`], through io_uring |
//!
//! An executor is one thread and nothing moves a task off it, so a spawned task is polled on its
//! spawner's thread in both flavours. It is polled at once, inside `spawn`: what it does before its
//! first await is done when `spawn` returns, and if it panics there, `spawn` does.
//!
//! A panic later on unwinds through the executor, and with it through the root. A task that is
//! dropped is cancelled. A panic in blocking code would take the blocking thread with it and leave
//! the awaiter waiting for ever, so the adapter carries it to the awaiter.
//!
//! An executor has one blocking thread unless its builder is given another placement
//! (`blocking_thread_pool_placement`). One is what its users get, and what is measured unless another number is asked for,
//! which is then that of the root's executor.
//!
//! A connection being opened, a file operation and a blocking job each keep one more waker every time
//! they are polled before they are ready, and a task holds at most 32,767. So a join in which a
//! sibling yields that often meanwhile panics (`Waker invariant broken`); timers and open streams do
//! not, and neither do tasks of their own.
//!
//! # The pool
//!
//! glommio's way to use more cores is one executor for each, with work sent as messages. Each
//! executor of the pool has an inbox; they are served in turn, for a shared one was seen to spread
//! work unevenly. The closure is boxed, since one inbox holds many types. The branch is built on its
//! executor, at its first poll, and dropped there. It runs on when what `dispatch` returned is dropped, since nothing of the
//! message depends on who waits for an answer; a panic in it is sent back, or it would end that executor. The pool's
//! executors live as long as the process: closing a pool neither finishes nor drops what is pending in it.
//!
//! glommio's documentation would bind each executor to a core. These are unbound, because binding
//! overrides the affinity mask that the process was started with.
//!
//! # `Send`
//!
//! glommio's futures and streams hold on to their executor and are `!Send`. Each is wrapped in a
//! `Home`, at the first poll of the future around it, which panics if it is polled on another thread, and ends the
//! process if it is dropped there.
//!
//! Pages: [spawn_local](https://docs.rs/glommio/latest/glommio/fn.spawn_local.html),
//! [Task](https://docs.rs/glommio/latest/glommio/struct.Task.html),
//! [LocalExecutorPoolBuilder](https://docs.rs/glommio/latest/glommio/struct.LocalExecutorPoolBuilder.html),
//! [spawn_blocking](https://docs.rs/glommio/latest/glommio/struct.ExecutorProxy.html#method.spawn_blocking),
//! [what the kernel must allow](https://docs.rs/glommio/latest/glommio/#rlimit).
#![cfg(target_os = "linux")]

use std::{
    future::Future,
    io,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    pin::Pin,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll},
    time::Duration,
};

use futures_channel::{
    mpsc::{UnboundedSender, unbounded},
    oneshot,
};
use futures_util::{FutureExt, StreamExt};
use glommio::{
    ExecutorProxy, GlommioError, LocalExecutorBuilder, LocalExecutorPoolBuilder, PoolPlacement,
    io::BufferedFile, net::TcpStream,
};
use runtime_api::{
    About, AsyncRead, AsyncWrite, Config, Dispatched, Flavour, Handle, OnDrop, OnPanic, Runtime,
    Semantics, Sizes, Threads, Workers,
};

mod home;
mod machine;

use home::Home;

const POOL_FLAVOUR: &str = "pool";

/// What an executor of the pool is sent.
type Placement = Box<dyn FnOnce() + Send>;

/// The executors that `dispatch` places branches on. Only the `pool` flavour has them.
static POOL: OnceLock<Pool> = OnceLock::new();

struct Pool {
    inboxes: Vec<UnboundedSender<Placement>>,
    turn: AtomicUsize,
}

impl Pool {
    fn start(executors: usize) -> io::Result<Self> {
        let (ready, inboxes) = mpsc::channel();
        let threads = LocalExecutorPoolBuilder::new(PoolPlacement::Unbound(executors))
            .on_all_shards(move || async move {
                let (inbox, mut placements) = unbounded::<Placement>();
                let _ = ready.send(inbox);
                drop(ready);
                while let Some(place) = placements.next().await {
                    place();
                }
            })?;
        // Ends when each executor has sent its inbox, or failed and dropped its end.
        let inboxes: Vec<_> = inboxes.iter().collect();
        if inboxes.len() < executors {
            // Without an inbox an executor ends, so that all of them can be joined.
            drop(inboxes);
            let failure = threads.join_all().into_iter().find_map(Result::err);
            return Err(failure.map_or_else(|| io::ErrorKind::Other.into(), io::Error::from));
        }
        Ok(Self {
            inboxes,
            turn: AtomicUsize::new(0),
        })
    }
}

/// glommio.
#[derive(Debug)]
pub struct Glommio;

impl Runtime for Glommio {
    type Stream = Stream;

    fn about() -> About {
        About {
            name: "glommio",
            flavours: vec![
                Flavour {
                    name: "local",
                    summary: "LocalExecutorBuilder: one executor, on the calling thread",
                    workers: Workers::Fixed(1),
                },
                Flavour {
                    name: POOL_FLAVOUR,
                    summary: "LocalExecutorPoolBuilder as well: one executor per core, for dispatch",
                    workers: Workers::PerCore,
                },
            ],
        }
    }

    fn semantics(config: &Config) -> Semantics {
        Semantics {
            spawn: Threads::Fixed(1),
            dispatch: (config.flavour == POOL_FLAVOUR).then_some(Threads::Workers),
            dispatched: (config.flavour == POOL_FLAVOUR).then_some(Dispatched {
                on_drop: OnDrop::Detaches,
                on_panic: OnPanic::ReachesAwaiter,
            }),
            blocking: Threads::Fixed(config.blocking_threads.unwrap_or(1)),
            on_drop: OnDrop::Cancels,
            on_panic: OnPanic::KillsExecutor,
            polls_at_once: true,
            preemptive: false,
            threads_outlive_root: config.flavour == POOL_FLAVOUR,
        }
    }

    fn sizes(_config: &Config) -> Sizes {
        Sizes {
            own_workers: false,
            blocking_threads: true,
        }
    }

    fn unavailable(config: &Config) -> Option<String> {
        let pool = if config.flavour == POOL_FLAVOUR {
            config.workers
        } else {
            0
        };
        machine::refuses(1 + pool)
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        if config.flavour == POOL_FLAVOUR {
            let pool = Pool::start(config.workers)?;
            POOL.get_or_init(|| pool);
        }
        let mut executor = LocalExecutorBuilder::default();
        if let Some(threads) = config.blocking_threads {
            executor = executor.blocking_thread_pool_placement(PoolPlacement::Unbound(threads));
        }
        let executor = executor.make()?;
        Ok(executor.run(async { root().await }))
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
        let future = async { Ok(future.await) };
        let in_time: Result<_, GlommioError<()>> =
            Home::new(glommio::timer::timeout(duration, future)).await;
        in_time.ok()
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Task(Home::new(glommio::spawn_local(future)))
    }

    /// In the flavour that has a pool.
    fn dispatch<B, F>(build: B) -> impl Future<Output = F::Output> + Send + 'static
    where
        B: FnOnce() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let place = move || {
            let branch = AssertUnwindSafe(async { build().await }).catch_unwind();
            // Nobody waits for the output where the handle was dropped.
            glommio::spawn_local(branch.map(|output| sender.send(output).is_ok())).detach();
        };
        let pool = POOL.get().expect("a flavour that dispatches has a pool");
        let turn = pool.turn.fetch_add(1, Ordering::Relaxed) % pool.inboxes.len();
        // The pool lives as long as the process, so its inboxes are open.
        let _ = pool.inboxes[turn].unbounded_send(Box::new(place));
        async {
            let output = receiver.await.expect("the executor outlives its branches");
            output.unwrap_or_else(|panic| resume_unwind(panic))
        }
    }

    async fn spawn_blocking<B, T>(blocking: B) -> T
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let blocking = || catch_unwind(AssertUnwindSafe(blocking));
        Home::new(glommio::executor().spawn_blocking(blocking))
            .await
            .unwrap_or_else(|panic| resume_unwind(panic))
    }

    async fn sleep(duration: Duration) {
        Home::new(glommio::timer::sleep(duration)).await;
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        // It has no size, so nothing is allocated, and no future of ours is needed to hold it.
        let executor: &'static ExecutorProxy = Box::leak(Box::new(glommio::executor()));
        executor.yield_now()
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        let stream = Home::new(TcpStream::connect(address)).await?;
        Ok(Stream(Home::new(stream)))
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        Home::new(read_file(path)).await
    }
}

async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
    let file = BufferedFile::open(&path).await?;
    let size = file.file_size().await?;
    let mut bytes = Vec::new();
    while let left @ 1.. = size.saturating_sub(bytes.len() as u64) {
        let read = file.read_at(bytes.len() as u64, left as usize).await?;
        if read.is_empty() {
            break;
        }
        bytes.extend_from_slice(&read);
    }
    file.close().await?;
    Ok(bytes)
}

/// A [`glommio::Task`] behind the trait's name for it.
struct Task<T>(Home<glommio::Task<T>>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(self.0.get_mut()).poll(context)
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    fn detach(self) {
        self.0.into_inner().detach();
    }
}

/// A glommio TCP stream, used and dropped on the thread that opened it.
#[derive(Debug)]
pub struct Stream(Home<TcpStream>);

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.0.get_mut()).poll_read(context, bytes)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(self.0.get_mut()).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.0.get_mut()).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.0.get_mut()).poll_close(context)
    }
}
