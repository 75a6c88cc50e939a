//! A runtime that counts the tasks which its user makes.
//!
//! Branches are compiled against this wrapper, so that a workload, or a library inside it, that
//! spawns behind the reader's back is seen: it would turn `compose` into `spawn`. And a branch that calls what the runtime
//! lacks ends the process here, with that as the answer: which branches do is known to nobody before they are run.

use std::{
    future::Future,
    io,
    marker::PhantomData,
    net::SocketAddr,
    path::PathBuf,
    process::exit,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use harness_protocol::Reply;
use runtime_api::{About, Config, Handle, Lack, Runtime, Semantics};

use crate::{
    send,
    sync::{AtomicU32, AtomicU64, Ordering},
};

/// What all threads of a process count into.
struct Counters {
    spawns: AtomicU64,
    unfinished: AtomicU32,
    peak: AtomicU32,
}

/// Those of this process.
#[cfg(not(all(test, witness_loom)))]
fn counters() -> &'static Counters {
    static ALL: Counters = Counters {
        spawns: AtomicU64::new(0),
        unfinished: AtomicU32::new(0),
        peak: AtomicU32::new(0),
    };
    &ALL
}

/// A model has its own, and nothing in it asks for those of the process.
#[cfg(all(test, witness_loom))]
fn counters() -> &'static Counters {
    unimplemented!("a model has its own")
}

impl Counters {
    fn begin(&self) {
        self.spawns.fetch_add(1, Ordering::Relaxed);
        let before = self.unfinished.fetch_add(1, Ordering::Relaxed);
        self.peak.fetch_max(before + 1, Ordering::Relaxed);
    }

    fn end(&self) {
        self.unfinished.fetch_sub(1, Ordering::Relaxed);
    }

    fn take(&self) -> Spawned {
        Spawned {
            tasks: self.spawns.swap(0, Ordering::Relaxed),
            peak: self.peak.swap(0, Ordering::Relaxed),
        }
    }
}

/// The tasks that branches made.
pub(crate) struct Spawned {
    /// How many.
    pub(crate) tasks: u64,
    /// Unfinished ones at one instant, at most.
    pub(crate) peak: u32,
}

/// Those made since the last call.
pub(crate) fn take() -> Spawned {
    counters().take()
}

/// A task that a branch made, until it has ended or is dropped.
struct Unfinished;

impl Unfinished {
    fn new() -> Self {
        counters().begin();
        Self
    }

    /// The task itself. Counted from its spawn on, and not from its first poll.
    async fn of<F: Future>(self, task: F) -> F::Output {
        let output = task.await;
        drop(self);
        output
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        counters().end();
    }
}

/// `R`, with its spawns counted.
pub(crate) struct Counted<R>(PhantomData<R>);

impl<R: Runtime> Counted<R> {
    /// Nothing where the runtime has it, which the compiler knows.
    #[inline]
    fn wants(what: Lack) {
        if R::LACKS.contains(&what) {
            unsupported(R::about().name, what);
        }
    }
}

/// Says so, once, and ends the process.
#[cold]
fn unsupported(runtime: &str, what: Lack) -> ! {
    static SAID: Mutex<()> = Mutex::new(());
    // Kept for good: whoever comes second waits for the end of the process.
    let _said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    let why = format!("{runtime} has no {} of its own", what.name());
    let said = send(&Reply::Unsupported { why });
    // Nobody is left to tell if the harness has gone.
    exit(i32::from(said.is_err()))
}

impl<R: Runtime> Runtime for Counted<R> {
    type Stream = R::Stream;

    const LACKS: &'static [Lack] = R::LACKS;

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

    fn race<A, B>(a: A, b: B) -> impl Future<Output = A::Output> + Send
    where
        A: Future + Send,
        B: Future<Output = A::Output> + Send,
        A::Output: Send,
    {
        R::race(a, b)
    }

    fn timeout<F>(duration: Duration, future: F) -> impl Future<Output = Option<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        Self::wants(Lack::Timers);
        R::timeout(duration, future)
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        R::spawn(Unfinished::new().of(future))
    }

    fn dispatch<B, F>(build: B) -> impl Future<Output = F::Output> + Send + 'static
    where
        B: FnOnce() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let unfinished = Unfinished::new();
        R::dispatch(move || unfinished.of(build()))
    }

    /// Not counted: a blocking pool runs closures, and no task of the branch's own.
    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        Self::wants(Lack::BlockingPool);
        R::spawn_blocking(blocking)
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + Send {
        Self::wants(Lack::Timers);
        R::sleep(duration)
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        R::yield_now()
    }

    fn connect(address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send {
        Self::wants(Lack::Sockets);
        R::connect(address)
    }

    fn resolve(name: String) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send {
        R::resolve(name)
    }

    fn read_file(path: PathBuf) -> impl Future<Output = io::Result<Vec<u8>>> + Send {
        Self::wants(Lack::Files);
        R::read_file(path)
    }
}

#[cfg(all(test, not(witness_loom)))]
mod tests {
    use super::*;

    /// The counters are the process's: one test makes tasks here, and it holds what others hold that measure.
    #[test]
    fn tasks_are_unfinished_from_their_spawn_to_their_end_or_their_drop() {
        let _alone = crate::witness::ALONE
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        take();
        let task = || Unfinished::new().of(std::future::ready(7));
        for _ in 0..3 {
            assert_eq!(futures_lite::future::block_on(task()), 7);
        }
        let spawned = take();
        assert_eq!((spawned.tasks, spawned.peak), (3, 1), "one at a time");
        let (first, second) = (task(), task());
        drop(first);
        let third = task();
        let _ = futures_lite::future::block_on(second);
        drop(third);
        let spawned = take();
        assert_eq!((spawned.tasks, spawned.peak), (3, 2), "never all three");
        assert_eq!(take().peak, 0);
    }
}

#[cfg(all(test, witness_loom))]
mod loom_tests {
    use super::*;
    use loom::{sync::Arc, thread};

    /// Two tasks on two threads, in every order, and a third that begins when both have ended.
    #[test]
    fn loom_the_peak_is_no_more_than_there_were_and_no_less_than_was_certain() {
        loom::model(|| {
            let counters = Arc::new(Counters {
                spawns: AtomicU64::new(0),
                unfinished: AtomicU32::new(0),
                peak: AtomicU32::new(0),
            });
            let other = {
                let counters = Arc::clone(&counters);
                thread::spawn(move || {
                    counters.begin();
                    counters.end();
                })
            };
            counters.begin();
            counters.end();
            other.join().unwrap();
            let both = counters.take();
            assert_eq!(both.tasks, 2);
            assert!((1..=2).contains(&both.peak), "{}", both.peak);
            // What ended left nothing behind that a later sample would count.
            counters.begin();
            let third = counters.take();
            assert_eq!((third.tasks, third.peak), (1, 1));
        });
    }
}
