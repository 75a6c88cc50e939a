//! What checks have in common.

use std::{
    collections::HashSet,
    fs,
    future::{Future, poll_fn},
    mem,
    ops::RangeInclusive,
    panic::panic_any,
    path::PathBuf,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    task::Poll,
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use futures_lite::future;
use runtime_api::{Config, Lack, OnDrop, Threads};

use crate::{
    Outcome, PATIENCE, Seen,
    subject::{compose, lacks, sleep, yield_now},
};

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

/// Waits for what must happen, in turns with whatever else the runtime has to do.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool + Send) -> Outcome {
    ensure!(
        happens(PATIENCE, condition).await,
        "waited {PATIENCE:?} in vain until {what}"
    );
    Ok(())
}

/// Whether it happens in time.
async fn happens(patience: Duration, condition: impl Fn() -> bool + Send) -> bool {
    let limit = Instant::now() + patience;
    while !condition() {
        if Instant::now() > limit {
            return false;
        }
        yield_now().await;
    }
    true
}

/// Awaits what must end.
pub(crate) async fn within<F: Future>(what: &str, future: F) -> Result<F::Output, String> {
    let lost = async {
        pause(PATIENCE).await;
        Err(format!("waited {PATIENCE:?} in vain until {what}"))
    };
    future::or(async { Ok(future.await) }, lost).await
}

/// Lets so much time pass: by the runtime's timer, and in turns with what else there is to do where it has none.
pub(crate) async fn pause(duration: Duration) {
    if lacks(Lack::Timers) {
        happens(duration, || false).await;
    } else {
        sleep(duration).await;
    }
}

pub(crate) async fn yields(times: usize) {
    for _ in 0..times {
        yield_now().await;
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
    threads.count(config.workers, MANY)
}

/// How often it is looked how many threads take part, where that is left to chance.
const LOOKS: usize = 5;

/// On how many threads `hand_over` has tasks polled that each hold their thread for a while, more of them than there are
/// threads: at the fewest and at the most of some looks.
async fn threads_that_take_part<F>(
    at_most: usize,
    hand_over: impl Fn() -> F,
) -> RangeInclusive<usize>
where
    F: Future<Output = ThreadId> + Send,
{
    let mut seen = Vec::with_capacity(LOOKS);
    for _ in 0..LOOKS {
        let tasks: Vec<_> = (0..8 + 4 * at_most.min(MANY / 4))
            .map(|_| hand_over())
            .collect();
        let threads: HashSet<_> = compose(tasks).await.into_iter().collect();
        seen.push(threads.len());
    }
    seen.sort_unstable();
    seen[0]..=seen[LOOKS - 1]
}

/// Holds its thread, so that the others are taken, too.
pub(crate) async fn holding() -> ThreadId {
    thread::sleep(Duration::from_millis(1));
    here()
}

/// `1 of up to 4`, or `1 to 3 of up to 4`.
fn of_up_to(seen: &RangeInclusive<usize>, most: usize) -> String {
    let (fewest, highest) = (seen.start(), seen.end());
    if fewest == highest {
        format!("{fewest} of up to {most}")
    } else {
        format!("{fewest} to {highest} of up to {most}")
    }
}

/// No more threads than that take part in what `call` hands over; how many do is told.
pub(crate) async fn up_to_so_many_take_part<F>(
    call: &str,
    aspect: &str,
    most: usize,
    seen: &Seen,
    hand_over: impl Fn() -> F,
) -> Outcome
where
    F: Future<Output = ThreadId> + Send,
{
    let taken = threads_that_take_part(most, hand_over).await;
    seen.note(aspect, of_up_to(&taken, most));
    ensure!(
        *taken.end() <= most,
        "up to {most} threads declared for {call}, {} seen",
        taken.end()
    );
    Ok(())
}

/// What runs there finishes, or is dropped at its await point, as declared, once its handle was dropped.
pub(crate) async fn ends_as_declared(
    aspect: &str,
    what: &str,
    run: &Gated,
    declared: OnDrop,
    seen: &Seen,
) -> Outcome {
    if declared == OnDrop::Detaches {
        run.open.store(true, SeqCst);
    }
    until(&format!("the {what} has ended"), || {
        run.dropped.load(SeqCst) == 1
    })
    .await?;
    let finished = run.finished.load(SeqCst);
    seen.note(aspect, if finished { "detaches" } else { "cancels" });
    ensure!(
        finished == (declared == OnDrop::Detaches),
        "a {aspect} is declared {declared:?}, and the {what} {}",
        if finished { "ran on" } else { "was dropped" }
    );
    Ok(())
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
    pub(crate) async fn run(self) {
        let _guard = OnDropped(self.dropped.clone());
        self.started.store(true, SeqCst);
        happens(PATIENCE / 2, || self.open.load(SeqCst)).await;
        // A task that was cancelled while it was being polled would not come past these.
        yields(10).await;
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
pub(crate) async fn panics_after(polls: usize) {
    yields(polls).await;
    panic_any(PANIC);
}

/// Whether this is the panic that was meant.
pub(crate) fn is_ours<T>(result: &thread::Result<T>) -> bool {
    matches!(result, Err(panic) if panic.downcast_ref() == Some(&PANIC))
}
