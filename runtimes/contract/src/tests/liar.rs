//! A thread a task: honest, but for one lie.

use std::{
    future::{Future, poll_fn},
    io,
    mem::{ManuallyDrop, forget},
    net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs as _},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    pin::{Pin, pin},
    sync::{
        Mutex,
        atomic::{AtomicU8, Ordering::SeqCst},
    },
    task::{Context, Poll},
    thread,
    time::Duration,
};

use async_io::{Async, Timer, block_on};
use futures_channel::oneshot;
use futures_lite::future;
use futures_util::future::join_all;
use runtime_api::{
    About, AsyncRead, AsyncWrite, Config, Dispatched, Flavour, Handle, OnDrop, OnPanic, Runtime,
    Semantics, Threads, Workers,
};

/// What is told otherwise than it is, or done otherwise than it is promised.
pub(super) type Lie = u8;

pub(super) const NONE: Lie = 0;
pub(super) const SPAWN_COMPOSES: Lie = 1;
pub(super) const SPAWN_RUNS_TO_THE_END: Lie = 2;
pub(super) const ONE_TASK_AT_A_TIME: Lie = 3;
pub(super) const MORE_THREADS: Lie = 4;
pub(super) const POLLS_AT_ONCE: Lie = 5;
pub(super) const DECLARES_CANCELS: Lie = 6;
pub(super) const SWALLOWS_PANICS: Lie = 7;
pub(super) const COMPOSE_SPAWNS: Lie = 8;
pub(super) const COMPOSE_REVERSES: Lie = 9;
pub(super) const COMPOSE_AWAITS_IN_TURN: Lie = 10;
pub(super) const COMPOSE_FORGETS: Lie = 11;
pub(super) const COMPOSE_LOSES_ONE: Lie = 12;
pub(super) const BLOCKS_THE_CALLER: Lie = 13;
pub(super) const ONE_JOB_AT_A_TIME: Lie = 14;
pub(super) const EARLY_TIMER: Lie = 15;
pub(super) const YIELDS_TWICE: Lie = 16;
pub(super) const KEEPS_SOCKETS: Lie = 17;
pub(super) const CUTS_FILES: Lie = 18;
pub(super) const SHUTS_SOCKETS_AND_KEEPS_THEM: Lie = 19;
pub(super) const CARRIES_THE_ROOT_AWAY: Lie = 20;
pub(super) const RACE_AWAITS_THE_FIRST: Lie = 21;
pub(super) const RACE_FORGETS: Lie = 22;
pub(super) const RACE_SPAWNS: Lie = 23;
pub(super) const EARLY_TIMEOUT: Lie = 24;
pub(super) const TIMER_BEFORE_FUTURE: Lie = 25;
pub(super) const MORE_THAN_THE_MOST: Lie = 26;
/// Honest: up to as many threads as workers, and it is one.
pub(super) const UP_TO_AND_ONE: Lie = 27;
pub(super) const FORGETS_PORTS: Lie = 28;
/// Each panic ends one of two workers.
pub(super) const PANICS_END_WORKERS: Lie = 29;
/// Honest, from here on those that dispatch.
pub(super) const DISPATCHES: Lie = 30;
pub(super) const DISPATCHES_ONE_AT_A_TIME: Lie = 31;
pub(super) const DISPATCHES_TO_MORE_THAN_THE_MOST: Lie = 32;
pub(super) const DISPATCH_BUILDS_HERE: Lie = 33;
pub(super) const DISPATCHES_WITHOUT_A_WORD: Lie = 34;
pub(super) const DISPATCH_LOSES_PAYLOADS: Lie = 35;
pub(super) const DISPATCH_IS_SAID_TO_CANCEL: Lie = 36;

/// The lie of this hour. Not a parameter of the type: all checks would be compiled for each.
static LIE: AtomicU8 = AtomicU8::new(NONE);

/// From now on this is the lie.
pub(super) fn tells(lie: Lie) {
    LIE.store(lie, SeqCst);
}

fn lie() -> Lie {
    LIE.load(SeqCst)
}

/// See [`Lie`].
#[derive(Debug)]
pub(super) struct Liar;

/// How many tasks of such a one ended in a panic.
static PANICS: AtomicU8 = AtomicU8::new(0);

/// Held while a task is polled, or a job runs, by who does one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub(super) enum Task<T> {
    OnThread(oneshot::Receiver<thread::Result<T>>),
    Here(Pin<Box<dyn Future<Output = T> + Send>>),
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match &mut *self {
            Self::Here(future) => future.as_mut().poll(context),
            Self::OnThread(receiver) => Pin::new(receiver).poll(context).map(|output| {
                let output = output.expect("a thread ends with its answer");
                output.unwrap_or_else(|panic| resume_unwind(panic))
            }),
        }
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    fn detach(self) {}
}

fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Task<T> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        if lie() == PANICS_END_WORKERS && PANICS.load(SeqCst) >= 2 {
            return forget(sender);
        }
        let output = catch_unwind(AssertUnwindSafe(work));
        if lie() == PANICS_END_WORKERS && output.is_err() {
            PANICS.fetch_add(1, SeqCst);
        }
        if lie() == SWALLOWS_PANICS && output.is_err() {
            return forget(sender);
        }
        let _ = sender.send(output);
    });
    Task::OnThread(receiver)
}

/// Each poll waits until no other is under way.
async fn alone<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _alone = ONE_AT_A_TIME.lock();
        future.as_mut().poll(context)
    })
    .await
}

impl Runtime for Liar {
    type Stream = Stream;

    fn about() -> About {
        let flavour = Flavour {
            name: "liar",
            summary: "for tests",
            workers: Workers::Fixed(1),
        };
        About {
            name: "liar",
            flavours: vec![flavour],
        }
    }

    fn semantics(_config: &Config) -> Semantics {
        Semantics {
            spawn: match lie() {
                ONE_TASK_AT_A_TIME => Threads::Fixed(2),
                MORE_THREADS => Threads::Fixed(1),
                MORE_THAN_THE_MOST | UP_TO_AND_ONE => Threads::UpToWorkers,
                _ => Threads::Branches,
            },
            dispatch: match lie() {
                DISPATCHES_ONE_AT_A_TIME => Some(Threads::Fixed(2)),
                DISPATCHES_TO_MORE_THAN_THE_MOST => Some(Threads::UpToWorkers),
                DISPATCHES.. => Some(Threads::Branches),
                _ => None,
            },
            dispatched: match lie() {
                DISPATCHES_WITHOUT_A_WORD | ..DISPATCHES => None,
                lie => Some(Dispatched {
                    on_drop: match lie {
                        DISPATCH_IS_SAID_TO_CANCEL => OnDrop::Cancels,
                        _ => OnDrop::Detaches,
                    },
                    on_panic: OnPanic::ReachesAwaiter,
                }),
            },
            blocking: match lie() {
                ONE_JOB_AT_A_TIME => Threads::Fixed(3),
                MORE_THREADS => Threads::Fixed(2),
                _ => Threads::Branches,
            },
            on_drop: match lie() {
                DECLARES_CANCELS => OnDrop::Cancels,
                _ => OnDrop::Detaches,
            },
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: true,
            threads_outlive_root: true,
        }
    }

    fn start<M, F>(_config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        if lie() == CARRIES_THE_ROOT_AWAY {
            let root = thread::spawn(|| block_on(root()));
            return Ok(root.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        Ok(block_on(root()))
    }

    async fn compose2<A, B>(a: A, b: B) -> (A::Output, B::Output)
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        if lie() == COMPOSE_AWAITS_IN_TURN {
            return (a.await, b.await);
        }
        future::zip(a, b).await
    }

    async fn compose<F>(branches: Vec<F>) -> Vec<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        match lie() {
            COMPOSE_SPAWNS => thread::scope(|scope| {
                let threads: Vec<_> = branches
                    .into_iter()
                    .map(|branch| scope.spawn(|| block_on(branch)))
                    .collect();
                let outputs = threads.into_iter().map(|thread| thread.join());
                outputs
                    .map(|output| output.unwrap_or_else(|panic| resume_unwind(panic)))
                    .collect()
            }),
            COMPOSE_REVERSES => join_all(branches.into_iter().rev()).await,
            COMPOSE_FORGETS => {
                let mut all = ManuallyDrop::new(Box::pin(join_all(branches)));
                poll_fn(|context| all.as_mut().poll(context)).await
            }
            COMPOSE_LOSES_ONE => {
                let mut outputs = join_all(branches).await;
                if outputs.len() > 128 {
                    outputs.pop();
                }
                outputs
            }
            _ => join_all(branches).await,
        }
    }

    async fn race<A, B>(a: A, b: B) -> A::Output
    where
        A: Future + Send,
        B: Future<Output = A::Output> + Send,
        A::Output: Send,
    {
        match lie() {
            RACE_AWAITS_THE_FIRST => a.await,
            RACE_FORGETS => {
                let mut both = ManuallyDrop::new(Box::pin(future::or(a, b)));
                poll_fn(|context| both.as_mut().poll(context)).await
            }
            RACE_SPAWNS => thread::scope(|scope| {
                let both = scope.spawn(move || block_on(future::or(a, b))).join();
                both.unwrap_or_else(|panic| resume_unwind(panic))
            }),
            _ => future::or(a, b).await,
        }
    }

    async fn timeout<F>(duration: Duration, future: F) -> Option<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        let done = async { Some(future.await) };
        let late = async {
            Timer::after(match lie() {
                EARLY_TIMEOUT => duration / 2,
                _ => duration,
            })
            .await;
            None
        };
        match lie() {
            TIMER_BEFORE_FUTURE => future::or(late, done).await,
            RACE_FORGETS => {
                let mut both = ManuallyDrop::new(Box::pin(future::or(done, late)));
                poll_fn(|context| both.as_mut().poll(context)).await
            }
            _ => future::or(done, late).await,
        }
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match lie() {
            SPAWN_COMPOSES | UP_TO_AND_ONE => Task::Here(Box::pin(future)),
            SPAWN_RUNS_TO_THE_END => {
                let output = block_on(future);
                Task::Here(Box::pin(async { output }))
            }
            POLLS_AT_ONCE => {
                let mut future = Box::pin(future);
                match block_on(future::poll_once(&mut future)) {
                    Some(output) => Task::Here(Box::pin(async { output })),
                    None => on_a_thread(|| block_on(future)),
                }
            }
            ONE_TASK_AT_A_TIME => on_a_thread(|| block_on(alone(future))),
            _ => on_a_thread(|| block_on(future)),
        }
    }

    /// Of one that declares none it must not be asked.
    fn dispatch<B, F>(build: B) -> impl Future<Output = F::Output> + Send + 'static
    where
        B: FnOnce() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match lie() {
            lie if lie < DISPATCHES => panic!("dispatch was called, and is not declared"),
            DISPATCHES_ONE_AT_A_TIME => on_a_thread(|| block_on(alone(build()))),
            DISPATCH_BUILDS_HERE => {
                let future = build();
                on_a_thread(|| block_on(future))
            }
            DISPATCH_LOSES_PAYLOADS => on_a_thread(|| {
                let output = catch_unwind(AssertUnwindSafe(|| block_on(build())));
                output.unwrap_or_else(|_| panic!("canceled"))
            }),
            _ => on_a_thread(|| block_on(build())),
        }
    }

    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        match lie() {
            BLOCKS_THE_CALLER => Task::Here(Box::pin(async { blocking() })),
            ONE_JOB_AT_A_TIME => on_a_thread(|| {
                let _alone = ONE_AT_A_TIME.lock();
                blocking()
            }),
            _ => on_a_thread(blocking),
        }
    }

    async fn sleep(duration: Duration) {
        Timer::after(if lie() == EARLY_TIMER {
            duration / 2
        } else {
            duration
        })
        .await;
    }

    async fn yield_now() {
        future::yield_now().await;
        if lie() == YIELDS_TWICE {
            future::yield_now().await;
        }
    }

    async fn connect(address: SocketAddr) -> io::Result<Self::Stream> {
        let stream = Async::<TcpStream>::connect(address).await?;
        Ok(Stream(Some(stream)))
    }

    async fn resolve(name: String) -> io::Result<Vec<SocketAddr>> {
        let mut addresses: Vec<_> = name.to_socket_addrs()?.collect();
        if lie() == FORGETS_PORTS {
            addresses.iter_mut().for_each(|address| address.set_port(0));
        }
        Ok(addresses)
    }

    async fn read_file(path: PathBuf) -> io::Result<Vec<u8>> {
        let mut bytes = std::fs::read(path)?;
        if lie() == CUTS_FILES {
            bytes.truncate(1 << 16);
        }
        Ok(bytes)
    }
}

/// Closed when it is dropped, or not.
#[derive(Debug)]
pub(super) struct Stream(Option<Async<TcpStream>>);

impl Stream {
    fn open(self: Pin<&mut Self>) -> Pin<&mut Async<TcpStream>> {
        Pin::new(self.get_mut().0.as_mut().unwrap())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        match lie() {
            KEEPS_SOCKETS => forget(self.0.take()),
            SHUTS_SOCKETS_AND_KEEPS_THEM => {
                let stream = self.0.take().unwrap();
                let _ = stream.get_ref().shutdown(Shutdown::Both);
                forget(stream);
            }
            _ => {}
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.open().poll_read(context, bytes)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.open().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open().poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open().poll_close(context)
    }
}
