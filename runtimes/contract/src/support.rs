//! What checks have in common.

use std::{
    fs,
    future::{Future, poll_fn},
    mem,
    panic::panic_any,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use futures_lite::future;
use runtime_api::{Config, Handle, Runtime, Threads};

use crate::{Outcome, PATIENCE};

/// How many branches stand for "one for each branch".
pub(crate) const MANY: usize = 64;

/// What a task panics with.
pub(crate) const PANIC: &str = "on purpose";

/// Returns with a reason unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return Err(format!($($why)+));
        }
    };
}
pub(crate) use ensure;

// Checks box what they give to the runtime, or each of their many futures would be compiled into its
// tasks and joins, and adapters would take much longer to build. No check looks at what a box costs.

/// A future as checks give it to the runtime.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(crate) fn spawn<R: Runtime, T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> impl Handle<T> {
    R::spawn::<Boxed<'static, T>>(Box::pin(future))
}

pub(crate) fn dispatch<R: Runtime, F>(
    build: impl FnOnce() -> F + Send + 'static,
) -> impl Future<Output = F::Output> + Send + 'static
where
    F: Future<Output: Send> + Send + 'static,
{
    let build: Box<dyn FnOnce() -> Boxed<'static, F::Output> + Send> =
        Box::new(|| Box::pin(build()));
    R::dispatch(build)
}

pub(crate) fn compose<'a, R: Runtime, T: Send + 'a>(
    branches: impl IntoIterator<Item = impl Future<Output = T> + Send + 'a>,
) -> impl Future<Output = Vec<T>> + Send {
    let branches = branches.into_iter();
    R::compose(
        branches
            .map(|branch| Box::pin(branch) as Boxed<'a, T>)
            .collect(),
    )
}

pub(crate) fn compose2<'a, R: Runtime, A: Send + 'a, B: Send + 'a>(
    a: impl Future<Output = A> + Send + 'a,
    b: impl Future<Output = B> + Send + 'a,
) -> impl Future<Output = (A, B)> + Send {
    R::compose2(Box::pin(a) as Boxed<'a, A>, Box::pin(b) as Boxed<'a, B>)
}

/// Starts the runtime, and gives what the root returns.
pub(crate) fn start<R: Runtime, T, M, F>(config: &Config, root: M) -> Result<T, String>
where
    M: FnOnce() -> F + Send + 'static,
    F: Future<Output = Result<T, String>> + 'static,
    T: Send + 'static,
{
    type Root<T> = Pin<Box<dyn Future<Output = T>>>;
    let root: Box<dyn FnOnce() -> Root<Result<T, String>> + Send> = Box::new(|| Box::pin(root()));
    R::start(config, root).map_err(|error| format!("the runtime does not start: {error}"))?
}

/// Waits for what must happen, in turns with whatever else the runtime has to do.
pub(crate) async fn until<R: Runtime>(what: &str, condition: impl Fn() -> bool + Send) -> Outcome {
    ensure!(
        happens::<R>(PATIENCE, condition).await,
        "waited {PATIENCE:?} in vain until {what}"
    );
    Ok(())
}

/// Whether it happens in time.
async fn happens<R: Runtime>(patience: Duration, condition: impl Fn() -> bool + Send) -> bool {
    let limit = Instant::now() + patience;
    while !condition() {
        if Instant::now() > limit {
            return false;
        }
        R::yield_now().await;
    }
    true
}

/// Awaits what must end.
pub(crate) async fn within<R: Runtime, F: Future>(
    what: &str,
    future: F,
) -> Result<F::Output, String> {
    let lost = async {
        R::sleep(PATIENCE).await;
        Err(format!("waited {PATIENCE:?} in vain until {what}"))
    };
    future::or(async { Ok(future.await) }, lost).await
}

pub(crate) async fn yields<R: Runtime>(times: usize) {
    for _ in 0..times {
        R::yield_now().await;
    }
}

/// Pending once, by no runtime's yield: what is watched is the join around it.
pub(crate) async fn turn() {
    let mut had = false;
    poll_fn(|context| {
        if mem::replace(&mut had, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What is in a folder that the system keeps of this process; `None` where it keeps none.
pub(crate) fn entries(folder: &str) -> Option<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).ok()?;
    Some(entries.flatten().map(|entry| entry.path()).collect())
}

pub(crate) fn here() -> ThreadId {
    thread::current().id()
}

/// The number that is declared.
pub(crate) fn count(threads: Threads, config: &Config) -> usize {
    match threads {
        Threads::Fixed(count) => count,
        Threads::Workers => config.workers,
        Threads::Branches => MANY,
    }
}

/// Where so many threads are to meet: each is held there until all have come, or one has waited in
/// vain.
pub(crate) struct Meeting {
    wanted: usize,
    state: Mutex<State>,
    over: Condvar,
}

#[derive(Default)]
struct State {
    here: usize,
    peak: usize,
    over: bool,
}

impl Meeting {
    pub(crate) fn of(wanted: usize) -> Arc<Self> {
        Arc::new(Self {
            wanted,
            state: Mutex::default(),
            over: Condvar::new(),
        })
    }

    /// Blocks the thread.
    pub(crate) fn attend(&self) {
        let mut state = self.state.lock().unwrap();
        state.here += 1;
        state.peak = state.peak.max(state.here);
        if state.peak == self.wanted {
            state.over = true;
            self.over.notify_all();
        }
        let held = self
            .over
            .wait_timeout_while(state, PATIENCE, |state| !state.over);
        let (mut state, _) = held.unwrap();
        state.over = true;
        self.over.notify_all();
        state.here -= 1;
    }

    /// How many were there at once, at most.
    pub(crate) fn peak(&self) -> usize {
        self.state.lock().unwrap().peak
    }
}

/// A task that waits at a gate, and what has become of it. It comes past the gate by itself in time
/// for whoever waits for it to be dropped: it has run on then.
#[derive(Clone, Default)]
pub(crate) struct Gated {
    pub(crate) started: Arc<AtomicBool>,
    pub(crate) open: Arc<AtomicBool>,
    pub(crate) finished: Arc<AtomicBool>,
    pub(crate) dropped: Arc<AtomicUsize>,
}

impl Gated {
    pub(crate) async fn run<R: Runtime>(self) {
        let _guard = OnDropped(self.dropped.clone());
        self.started.store(true, SeqCst);
        happens::<R>(PATIENCE / 2, || self.open.load(SeqCst)).await;
        // A task that was cancelled while it was being polled would not come past these.
        yields::<R>(10).await;
        self.finished.store(true, SeqCst);
    }
}

/// Counts when it is dropped.
pub(crate) struct OnDropped(pub(crate) Arc<AtomicUsize>);

impl Drop for OnDropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Panics on purpose, after so many polls.
pub(crate) async fn panics_after<R: Runtime>(polls: usize) {
    yields::<R>(polls).await;
    panic_any(PANIC);
}

/// Whether this is the panic that was meant.
pub(crate) fn is_ours<T>(result: &thread::Result<T>) -> bool {
    matches!(result, Err(panic) if panic.downcast_ref() == Some(&PANIC))
}
