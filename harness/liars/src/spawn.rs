//! Ways to spawn that are not what they say.

use std::{
    any::Any,
    future::Future,
    pin::Pin,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll},
};

use runtime_api::{Handle, Runtime};
use runtime_tokio::Tokio;
use tokio::{runtime, task::AbortHandle};

static WORKERS: OnceLock<usize> = OnceLock::new();

/// Keeps the number of workers that was asked for.
pub(crate) fn remember(workers: usize) {
    WORKERS.get_or_init(|| workers);
}

/// The handle of a task. Boxed, which costs a lie nothing.
pub(crate) struct Task<T> {
    output: Pin<Box<dyn Future<Output = T> + Send>>,
    on_drop: Option<OnDrop>,
}

enum OnDrop {
    Abort(AbortHandle),
    /// One of [`HANDLES`] less.
    Count,
}

impl<T> Task<T> {
    pub(crate) fn of(output: impl Future<Output = T> + Send + 'static) -> Self {
        Self {
            output: Box::pin(output),
            on_drop: None,
        }
    }

    fn on_drop(mut self, what: OnDrop) -> Self {
        self.on_drop = Some(what);
        self
    }
}

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        self.output.as_mut().poll(context)
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    fn detach(mut self) {
        if matches!(self.on_drop, Some(OnDrop::Abort(_))) {
            self.on_drop = None;
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        match self.on_drop.take() {
            Some(OnDrop::Abort(task)) => task.abort(),
            Some(OnDrop::Count) => {
                HANDLES.fetch_sub(1, SeqCst);
            }
            None => {}
        }
    }
}

/// Off by one bit, if it is an answer of a branch.
pub(crate) async fn mistaken<F>(future: F) -> F::Output
where
    F: Future,
    F::Output: 'static,
{
    let mut output = future.await;
    if let Some(answer) = (&mut output as &mut dyn Any).downcast_mut::<u64>() {
        *answer ^= 1;
    }
    output
}

/// The first answer that a branch gave, without the work of any later one.
pub(crate) fn remembered<F>(future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    static FIRST: OnceLock<u64> = OnceLock::new();
    let known = FIRST.get().and_then(|&answer| {
        let answer: Box<dyn Any> = Box::new(answer);
        answer.downcast::<F::Output>().ok()
    });
    if let Some(answer) = known {
        return Task::of(std::future::ready(*answer));
    }
    Task::of(Tokio::spawn(async {
        let output = future.await;
        if let Some(&answer) = (&output as &dyn Any).downcast_ref::<u64>() {
            FIRST.get_or_init(|| answer);
        }
        output
    }))
}

/// Gone with its handle.
pub(crate) fn cancelled_with_its_handle<F>(future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let task = tokio::spawn(future);
    let abort = OnDrop::Abort(task.abort_handle());
    Task::of(joined(task)).on_drop(abort)
}

/// Handles that live. None: the next task is the first of another sample.
static HANDLES: AtomicUsize = AtomicUsize::new(0);

/// On as many workers as were asked for, but on others than those of the sample before.
pub(crate) fn on_a_pool_of_the_sample<F>(future: F) -> Task<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    static POOL: Mutex<Option<&'static runtime::Runtime>> = Mutex::new(None);
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if HANDLES.fetch_add(1, SeqCst) == 0 {
        *pool = None;
    }
    let pool = pool.get_or_insert_with(|| {
        let workers = WORKERS.get().copied().unwrap_or(1);
        let pool = runtime::Builder::new_multi_thread()
            .worker_threads(workers)
            .enable_all()
            .build();
        // Never ended: that is the lie.
        Box::leak(Box::new(
            pool.unwrap_or_else(|error| panic!("no more threads: {error}")),
        ))
    });
    Task::of(joined(pool.spawn(future))).on_drop(OnDrop::Count)
}

async fn joined<T>(task: tokio::task::JoinHandle<T>) -> T {
    match task.await {
        Ok(output) => output,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => panic!("{error}"),
        },
    }
}
