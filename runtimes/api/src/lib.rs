//! The trait that a runtime adapter implements, and the contract behind it.
//!
//! A scenario is written once against [`Runtime`] and compiled once for each runtime. The trait is
//! static throughout: no boxed future, no `dyn`, and no allocation that the native call would not
//! make. Where a runtime's own cross-executor hand-over must box, its adapter says so.
//!
//! # Who polls what, and where
//!
//! | call | polled by |
//! | --- | --- |
//! | the root given to [`Runtime::start`] | the calling thread, by the runtime's own `block_on` |
//! | [`Runtime::compose`], [`Runtime::compose2`], [`Runtime::race`], [`Runtime::timeout`] | whoever polls the returned future: one task, so never two branches at once |
//! | [`Runtime::spawn`] | one of the [`Semantics::spawn`] threads |
//! | [`Runtime::dispatch`] | one of the [`Semantics::dispatch`] threads |
//! | [`Runtime::spawn_blocking`] | not polled: called on one of the [`Semantics::blocking`] threads |
//!
//! # `Send`
//!
//! Branches are `Future + Send + 'static`, as a work-stealing runtime demands of a spawned task. A
//! thread-per-core runtime whose own types are `!Send` wraps them in a type that is `Send` to the
//! compiler and checked when it is used. Such a future is built at its first poll, polled where it
//! was first polled, and dropped there.
//!
//! # Panics
//!
//! A panic in a composed branch unwinds through the composing task. A panic in a spawned
//! or blocking branch reaches whoever awaits its handle, as a panic there, if [`Semantics::on_panic`]
//! is [`OnPanic::ReachesAwaiter`]; one in a dispatched branch does what [`Semantics::dispatched`] says.
//!
//! # What a runtime has not
//!
//! Few runtimes have everything. What an adapter leaves out because its runtime has no such thing it names in
//! [`Runtime::LACKS`]; what needs it is then `unsupported` there. `race`, `timeout`, `dispatch` and `yield_now` have bodies
//! here, which an adapter overrides where its runtime has calls of its own. Where flavours differ in their calls, each is
//! a type, and the runtime is their [pair](Flavours).

use std::{
    future::{Future, poll_fn},
    io,
    mem::replace,
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    pin::pin,
    task::Poll,
    time::Duration,
};

pub use futures_io::{AsyncRead, AsyncWrite};

mod absent;
mod flavours;
mod semantics;
mod written_out;

pub use absent::NoStream;
pub use flavours::{Flavours, Visit};
pub use semantics::{
    About, Dispatched, Flavour, Lack, OnDrop, OnPanic, Semantics, Sizes, Threads, Workers,
};
pub use written_out::WRITTEN_OUT;

/// How a runtime is to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// One of the names in [`About::flavours`].
    pub flavour: String,
    /// Worker threads asked for; at least 1. A flavour with [`Workers::Fixed`] is always asked for
    /// that number.
    pub workers: usize,
    /// Nobody says how many workers: the runtime starts as many as it likes. Asked only where [`Sizes::own_workers`].
    pub unasked: bool,
    /// The most threads that the blocking pool may have; `None` for as many as it likes. Asked only where
    /// [`Sizes::blocking_threads`].
    pub blocking_threads: Option<usize>,
}

impl Config {
    /// With so many workers, and all else as it is where nobody sets it.
    pub fn new(flavour: impl Into<String>, workers: usize) -> Self {
        Self {
            flavour: flavour.into(),
            workers,
            unasked: false,
            blocking_threads: None,
        }
    }
}

/// What the handle of a spawned task can do besides being awaited.
///
/// Awaiting the handle gives the task's output. Dropping it does what [`Semantics::on_drop`] says.
pub trait Handle<T>: Future<Output = T> + Send + 'static {
    /// Lets the task run on with nobody waiting for it.
    fn detach(self);
}

/// A runtime as its users use it.
///
/// Each method is the call that the runtime's own documentation would have a user write. All of them
/// but [`about`](Runtime::about), [`semantics`](Runtime::semantics),
/// [`environment`](Runtime::environment), [`unavailable`](Runtime::unavailable) and
/// [`start`](Runtime::start) are called from inside the root or a task of a started runtime, and may
/// panic elsewhere.
pub trait Runtime: Sized + Send + Sync + 'static {
    /// A TCP stream of this runtime; [`NoStream`] where it has none. Dropping it closes the connection. It may keep what is
    /// written until it is flushed, so whoever writes and then waits for an answer flushes in between. Whether `poll_close`
    /// shuts it down for writing differs between runtimes, so no branch waits for the other end to see that.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// What the runtime has no call of its own for. The adapter leaves it out; the bodies here panic.
    const LACKS: &'static [Lack] = &[];

    /// Ways of its own to put branches together that its users write besides [`compose`](Self::compose) and
    /// [`spawn`](Self::spawn), by the names of the scenarios `idioms/NAME`: those that only it has, and those that it has another
    /// macro or function for. Where the adapter has a feature `idioms`, they need only be there with it.
    const IDIOMS: &'static [&'static str] = &[];

    /// The runtime's name and flavours: those that are started by this type.
    fn about() -> About;

    /// What the runtime says of itself when started so. The witness and the contract's tests hold it
    /// to this.
    fn semantics(config: &Config) -> Semantics;

    /// Environment variables that fix what a process can fix only once, such as `SMOL_THREADS`. They
    /// are set before anything else runs in the process.
    fn environment(_config: &Config) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What of its size its users can leave to it, or set, besides the workers.
    fn sizes(_config: &Config) -> Sizes {
        Sizes::default()
    }

    /// Why the runtime cannot run on this machine, and how to mend it; `None` if it can.
    fn unavailable(_config: &Config) -> Option<String> {
        None
    }

    /// Promises of the contract that the runtime breaks each time it is asked, by the names of their checks: it is measured all
    /// the same, and published with what it breaks beside its name. One that is kept after all, be it now and then, is a
    /// broken promise of another kind, and nothing is measured.
    fn breaks(_config: &Config) -> Vec<&'static str> {
        Vec::new()
    }

    /// Starts the runtime, runs the root to completion on the calling thread, and returns its
    /// output. Called at most once in a process.
    ///
    /// # Errors
    ///
    /// When the operating system refuses what the runtime needs (threads, rings, locked memory).
    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static;

    /// Joins two futures in the calling task, with the runtime's own idiom. Neither is boxed, and
    /// none is polled on another thread than the caller's.
    fn compose2<A, B>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> + Send
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send;

    /// Joins any number of futures in the calling task. Outputs come in the order of the branches.
    fn compose<F>(branches: Vec<F>) -> impl Future<Output = Vec<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send;

    /// Polls two futures in the calling task until one of them is done, and drops both. Which of them is asked
    /// first differs between runtimes.
    ///
    /// Where a runtime has nothing of its own for it, the first is asked first, each time, as
    /// `futures_lite::future::or` does.
    fn race<A, B>(a: A, b: B) -> impl Future<Output = A::Output> + Send
    where
        A: Future + Send,
        B: Future<Output = A::Output> + Send,
        A::Output: Send,
    {
        async move {
            let (mut a, mut b) = (pin!(a), pin!(b));
            poll_fn(|context| {
                let first = a.as_mut().poll(context);
                if first.is_ready() {
                    first
                } else {
                    b.as_mut().poll(context)
                }
            })
            .await
        }
    }

    /// What the future gives, if it is done before `duration` has passed; else `None`, and it is dropped. It is asked
    /// before the timer, so what is done in its first poll is in time, however long that poll takes.
    ///
    /// Where a runtime has nothing of its own for it, it is a [`race`](Self::race) with a [`sleep`](Self::sleep).
    fn timeout<F>(duration: Duration, future: F) -> impl Future<Output = Option<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        let done = async { Some(future.await) };
        let late = async move {
            Self::sleep(duration).await;
            None
        };
        Self::race(done, late)
    }

    /// Hands a future to the scheduler, by the runtime's own fire-and-forget call.
    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;

    /// Places a future on another core's executor: `build` runs there, and what it builds is polled
    /// there. What dropping the returned future does to it, and where a panic in it goes, [`Semantics::dispatched`] says.
    ///
    /// Where the scheduler itself moves tasks between threads, that is [`spawn`](Self::spawn), and an adapter leaves this
    /// out. It is never called in a flavour that declares no [`Semantics::dispatch`].
    fn dispatch<B, F>(build: B) -> impl Future<Output = F::Output> + Send + 'static
    where
        B: FnOnce() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        Self::spawn(build())
    }

    /// Puts branches together in one of [`IDIOMS`](Self::IDIOMS): the answers in any order, or the first failure that is seen.
    fn idiom<F, T, E>(
        name: &'static str,
        _branches: Vec<F>,
    ) -> impl Future<Output = Result<Vec<T>, E>> + Send
    where
        F: Future<Output = Result<T, E>> + Send + Unpin + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        async move { panic!("the adapter of {} has no {name}", Self::about().name) }
    }

    /// Hands blocking code to the runtime's blocking pool. Whether it can begin at the call or only at
    /// the first poll of what is returned differs between runtimes, so a branch awaits it.
    fn spawn_blocking<B, T>(_blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        async { left_out::<Self, T>(Lack::BlockingPool) }
    }

    /// Ready once `duration` has passed. Whether that counts from the call or from the first poll
    /// differs between runtimes, so a branch calls this where it begins to wait.
    fn sleep(_duration: Duration) -> impl Future<Output = ()> + Send {
        async { left_out::<Self, ()>(Lack::Timers) }
    }

    /// Pending once, so that a sibling or another task can be polled.
    ///
    /// Where a runtime has nothing of its own for it, it wakes itself and is pending.
    fn yield_now() -> impl Future<Output = ()> + Send {
        let mut yielded = false;
        poll_fn(move |context| {
            if replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
    }

    /// Opens a TCP connection.
    ///
    /// # Errors
    ///
    /// As the operating system reports them.
    fn connect(_address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send {
        async { left_out::<Self, _>(Lack::Sockets) }
    }

    /// Looks up the addresses of a host by its name and port, such as `localhost:80`, by the runtime's own call.
    ///
    /// Where a runtime has none, the system's own look-up, which blocks, is handed to the [blocking
    /// pool](Self::spawn_blocking).
    ///
    /// # Errors
    ///
    /// As the operating system reports them; and [`io::ErrorKind::InvalidInput`] where the port is missing.
    fn resolve(name: String) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send {
        Self::spawn_blocking(move || Ok(name.to_socket_addrs()?.collect()))
    }

    /// Reads a whole file through the runtime's own file API.
    ///
    /// # Errors
    ///
    /// As the operating system reports them.
    fn read_file(_path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
        async { left_out::<Self, _>(Lack::Files) }
    }
}

/// What comes of a call that an adapter has left out.
fn left_out<R: Runtime, T>(lack: Lack) -> T {
    let (name, what) = (R::about().name, lack.name());
    if R::LACKS.contains(&lack) {
        panic!("{name} has no {what} of its own");
    }
    panic!(
        "the adapter of {name} leaves out its {what}: write the call, or put Lack::{lack:?} into LACKS"
    );
}
