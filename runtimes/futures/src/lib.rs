//! The executors of the crate futures behind the trait.
//!
//! | call | what its user writes |
//! | --- | --- |
//! | start in `thread-pool` | [`ThreadPool::builder`], and [`executor::block_on`] with the root on the calling thread |
//! | start in `local-pool` | [`LocalPool::run_until`]: one thread polls everything |
//! | compose2, compose | [`futures::future::join`], [`futures::future::join_all`] |
//! | race | [`futures::future::select`] |
//! | spawn | [`SpawnExt::spawn_with_handle`]; in `local-pool`, [`LocalSpawnExt::spawn_local_with_handle`] |
//! | dispatch | none: the threads of the pool share one queue, and the other has one thread |
//! | yield_now | nothing of its own: as the trait has it |
//! | sleep, connect, read_file, spawn_blocking | nothing: whoever uses these executors brings them along from elsewhere |
//!
//! The pool's threads take tasks from one channel behind a lock, and a task that is woken goes to its end.
//!
//! The two flavours differ in the call that spawns, and so each is a type of its own here. A spawner belongs to whoever spawns, and a local
//! one to its thread as well: they are kept in variables, as their users do who spawn from inside a task.
//!
//! The pool lives as long as the process, and so do its threads. Of a local pool nobody polls what is left when the root has
//! ended, and it is dropped with the pool.
//!
//! Pages: [ThreadPool](https://docs.rs/futures/latest/futures/executor/struct.ThreadPool.html),
//! [LocalPool](https://docs.rs/futures/latest/futures/executor/struct.LocalPool.html),
//! [RemoteHandle](https://docs.rs/futures/latest/futures/future/struct.RemoteHandle.html).

use std::{
    cell::OnceCell,
    future::Future,
    io,
    marker::PhantomData,
    pin::{Pin, pin},
    sync::OnceLock,
    task::{Context, Poll},
};

use futures::{
    executor::{self, LocalPool, LocalSpawner, ThreadPool},
    future::RemoteHandle,
    task::{LocalSpawnExt, SpawnExt},
};
use runtime_api::{
    About, Config, Flavour, Handle, Lack, NoStream, OnDrop, OnPanic, Runtime, Semantics, Sizes,
    Threads, Workers,
};

static POOL: OnceLock<ThreadPool> = OnceLock::new();

thread_local! {
    static SPAWNER: OnceCell<LocalSpawner> = const { OnceCell::new() };
}

/// The crate's two executors, a flavour each.
pub type Futures = (On<Pool>, On<Local>);

/// What the two differ in.
pub trait Which: Send + Sync + 'static {
    /// The flavour.
    const FLAVOUR: Flavour;
    /// Threads that poll what is spawned.
    const SPAWN: Threads;
    /// Whether they stay.
    const STAYS: bool;

    /// [`Runtime::start`].
    ///
    /// # Errors
    ///
    /// As the operating system reports them.
    fn start<F: Future>(workers: Option<usize>, root: F) -> io::Result<F::Output>;

    /// [`Runtime::spawn`].
    fn spawn<F>(future: F) -> RemoteHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static;
}

/// Threads that share a queue.
#[derive(Debug)]
pub struct Pool;

impl Which for Pool {
    const FLAVOUR: Flavour = Flavour {
        name: "thread-pool",
        summary: "ThreadPool: one thread per core, one queue for all",
        workers: Workers::PerCore,
    };
    const SPAWN: Threads = Threads::Workers;
    const STAYS: bool = true;

    fn start<F: Future>(workers: Option<usize>, root: F) -> io::Result<F::Output> {
        let mut builder = ThreadPool::builder();
        if let Some(workers) = workers {
            builder.pool_size(workers);
        }
        let pool = builder.create()?;
        POOL.get_or_init(|| pool);
        Ok(executor::block_on(root))
    }

    fn spawn<F>(future: F) -> RemoteHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let pool = POOL.get().expect("the pool is started");
        let spawned = pool.spawn_with_handle(future);
        spawned.expect("a pool that lives takes tasks")
    }
}

/// One thread.
#[derive(Debug)]
pub struct Local;

impl Which for Local {
    const FLAVOUR: Flavour = Flavour {
        name: "local-pool",
        summary: "LocalPool::run_until: everything on one thread",
        workers: Workers::Fixed(1),
    };
    const SPAWN: Threads = Threads::Fixed(1);
    const STAYS: bool = false;

    fn start<F: Future>(_workers: Option<usize>, root: F) -> io::Result<F::Output> {
        let mut pool = LocalPool::new();
        SPAWNER.with(|spawner| {
            spawner.get_or_init(|| pool.spawner());
        });
        Ok(pool.run_until(root))
    }

    fn spawn<F>(future: F) -> RemoteHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        SPAWNER.with(|spawner| {
            let spawner = spawner.get().expect("this thread runs the pool");
            let spawned = spawner.spawn_local_with_handle(future);
            spawned.expect("a pool that lives takes tasks")
        })
    }
}

/// The crate, with one of its executors.
#[derive(Debug)]
pub struct On<W>(PhantomData<W>);

impl<W: Which> Runtime for On<W> {
    type Stream = NoStream;

    const LACKS: &'static [Lack] = &[Lack::BlockingPool, Lack::Timers, Lack::Sockets, Lack::Files];

    fn about() -> About {
        About {
            name: "futures",
            flavours: vec![W::FLAVOUR],
        }
    }

    fn semantics(_config: &Config) -> Semantics {
        Semantics {
            spawn: W::SPAWN,
            dispatch: None,
            dispatched: None,
            blocking: Threads::Fixed(0),
            on_drop: OnDrop::Cancels,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: W::STAYS,
        }
    }

    fn sizes(_config: &Config) -> Sizes {
        Sizes {
            own_workers: W::STAYS,
            blocking_threads: false,
        }
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let workers = (!config.unasked).then_some(config.workers);
        W::start(workers, async { root().await })
    }

    fn compose2<A, B>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> + Send
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        futures::future::join(a, b)
    }

    fn compose<F>(branches: Vec<F>) -> impl Future<Output = Vec<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        futures::future::join_all(branches)
    }

    async fn race<A, B>(a: A, b: B) -> A::Output
    where
        A: Future + Send,
        B: Future<Output = A::Output> + Send,
        A::Output: Send,
    {
        let (a, b) = (pin!(a), pin!(b));
        let first = futures::future::select(a, b).await;
        first.factor_first().0
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Task(W::spawn(future))
    }
}

/// A [`RemoteHandle`] behind the trait's name for it.
struct Task<T: 'static>(RemoteHandle<T>);

impl<T: Send + 'static> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    fn detach(self) {
        self.0.forget();
    }
}
