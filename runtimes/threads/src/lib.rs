//! Operating system threads behind the trait: the baseline that the runtimes are measured against.
//!
//! | call | what it is here |
//! | --- | --- |
//! | start | `block_on` on the calling thread; in `threads`, k threads started before it |
//! | compose2, compose | [`futures_lite::future::zip`], [`futures_util::future::join_all`]: one thread, as for any runtime |
//! | race, timeout | [`futures_lite::future::or`], as the trait has them |
//! | spawn in `threads` | the branch goes to the k threads in turn, so each has an equal share |
//! | spawn in `thread-a-branch` | [`std::thread::spawn`] |
//! | dispatch | the same as spawn |
//! | spawn_blocking | [`std::thread::spawn`] |
//! | sleep, connect | [`async_io::Timer`], [`async_io::Async`] |
//! | yield_now | [`futures_lite::future::yield_now`], for siblings in the same thread |
//! | resolve, read_file | [`std::net::ToSocketAddrs`], [`std::fs::read`], which block their thread: that is what threads do |
//!
//! Each of the k threads blocks on one future: its inbox, and the set of branches that it was given.
//! Its sockets and timers report readiness, through `async-io`, because one thread serves several
//! branches. Nothing moves a branch from one thread to another, so this is what fair shares give
//! without a scheduler.
//!
//! Branches of many types share an inbox, so each is boxed, as no runtime's own spawn does here.
//! That is one allocation a branch more than it would take, and the baseline is not used to judge
//! what a spawn costs.
//!
//! The k threads never end; branches still pending when the root is done run on for as long as the
//! process lives. With `thread-a-branch` there are no workers, and the number of them means nothing.
//!
//! Pages: [std::thread::spawn](https://doc.rust-lang.org/std/thread/fn.spawn.html),
//! [async_io::block_on](https://docs.rs/async-io/latest/async_io/fn.block_on.html),
//! [FuturesUnordered](https://docs.rs/futures-util/latest/futures_util/stream/struct.FuturesUnordered.html).

use std::{
    future::{Future, poll_fn},
    io,
    net::{SocketAddr, TcpStream, ToSocketAddrs as _},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    pin::Pin,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    thread,
    time::Duration,
};

use async_io::{Async, Timer, block_on};
use futures_channel::{
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
    oneshot,
};
use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use runtime_api::{
    About, Config, Flavour, Handle, OnDrop, OnPanic, Runtime, Semantics, Threads, Workers,
};

const THREAD_A_BRANCH: &str = "thread-a-branch";

/// What a thread is given: a future that hands its own output over.
type Branch = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The inboxes of the k threads. Set by `start`, but for the flavour that has none.
static POOL: OnceLock<Pool> = OnceLock::new();

struct Pool {
    inboxes: Vec<UnboundedSender<Branch>>,
    turn: AtomicUsize,
}

/// Operating system threads.
#[derive(Debug)]
pub struct OsThreads;

impl Runtime for OsThreads {
    type Stream = Async<TcpStream>;

    fn about() -> About {
        About {
            name: "threads",
            flavours: vec![
                Flavour {
                    name: "threads",
                    summary: "one thread per core, each with an equal share of the branches",
                    workers: Workers::PerCore,
                },
                Flavour {
                    name: THREAD_A_BRANCH,
                    summary: "std::thread::spawn for each branch; no workers",
                    workers: Workers::Fixed(1),
                },
            ],
        }
    }

    fn semantics(config: &Config) -> Semantics {
        Semantics {
            spawn: if config.flavour == THREAD_A_BRANCH {
                Threads::Branches
            } else {
                Threads::Workers
            },
            dispatch: None,
            dispatched: None,
            blocking: Threads::Branches,
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: true,
            threads_outlive_root: true,
        }
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        if config.flavour != THREAD_A_BRANCH {
            let mut inboxes = Vec::with_capacity(config.workers);
            for worker in 0..config.workers {
                let (sender, inbox) = unbounded();
                thread::Builder::new()
                    .name(format!("worker-{worker}"))
                    .spawn(move || serve(inbox))?;
                inboxes.push(sender);
            }
            let turn = AtomicUsize::new(0);
            POOL.get_or_init(|| Pool { inboxes, turn });
        }
        Ok(block_on(async { root().await }))
    }

    fn compose2<A, B>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> + Send
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        futures_lite::future::zip(a, b)
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
        let Some(pool) = POOL.get() else {
            return on_fresh_thread(|| block_on(future));
        };
        let (sender, receiver) = oneshot::channel();
        let branch = AssertUnwindSafe(future).catch_unwind().map(|output| {
            // Nobody waits for it where the handle was dropped.
            let _ = sender.send(output);
        });
        let turn = pool.turn.fetch_add(1, Ordering::Relaxed) % pool.inboxes.len();
        // A thread ends with its process, so its inbox is open.
        let _ = pool.inboxes[turn].unbounded_send(Box::pin(branch));
        Task(receiver)
    }

    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        on_fresh_thread(blocking)
    }

    async fn sleep(duration: Duration) {
        Timer::after(duration).await;
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        futures_lite::future::yield_now()
    }

    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send {
        Async::<TcpStream>::connect(address)
    }

    async fn resolve(name: String) -> io::Result<Vec<SocketAddr>> {
        Ok(name.to_socket_addrs()?.collect())
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

/// One of the k threads: polls the branches it is given, for as long as the process lives.
fn serve(mut inbox: UnboundedReceiver<Branch>) {
    let mut branches = FuturesUnordered::new();
    block_on(poll_fn(|context| -> Poll<()> {
        while let Poll::Ready(Some(branch)) = inbox.poll_next_unpin(context) {
            branches.push(branch);
        }
        while let Poll::Ready(Some(())) = branches.poll_next_unpin(context) {}
        Poll::Pending
    }));
}

/// Runs `work` on a thread of its own.
fn on_fresh_thread<B, T>(work: B) -> Task<T>
where
    B: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        // Nobody waits for it where the handle was dropped.
        let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
    });
    Task(receiver)
}

/// The way back for a branch's output. Nothing in the branch depends on it, so dropping it detaches.
struct Task<T>(oneshot::Receiver<thread::Result<T>>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match ready!(Pin::new(&mut self.0).poll(context)) {
            Ok(Ok(output)) => Poll::Ready(output),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(oneshot::Canceled) => panic!("the thread ended before its branch"),
        }
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    fn detach(self) {}
}
