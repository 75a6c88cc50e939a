//! The world outside a task that puts branches together: it wakes one of them when the task has nothing else to do.
//!
//! So each wake finds a task that waits, as it does where requests are answered one after the other; and a task that wakes
//! itself, to give others their turn, is left to it.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use crate::world::{Waking, World};

/// It was stopped: nothing further would be learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// Made beforehand, so that it is none of what the idiom allocates.
#[derive(Debug)]
pub struct Outside {
    world: Arc<World>,
    knock: Arc<Knock>,
    waker: Waker,
}

/// Whether the task was woken since it was last polled, and who polls it.
#[derive(Debug, Default)]
struct Knock {
    woken: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Wake for Knock {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        let task = task.clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

impl Knock {
    fn of(&self, task: &Waker) {
        let mut known = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *known {
            Some(known) => known.clone_from(task),
            None => *known = Some(task.clone()),
        }
    }
}

impl Outside {
    /// Around the branches of this world.
    #[must_use]
    pub fn new(world: &Arc<World>) -> Self {
        let knock = Arc::<Knock>::default();
        Self {
            world: Arc::clone(world),
            waker: Waker::from(Arc::clone(&knock)),
            knock,
        }
    }

    /// Polls what the branches were put together in, to its end or until it is stopped.
    ///
    /// # Errors
    ///
    /// When it was stopped.
    pub async fn around<F: Future>(self, together: F) -> Result<F::Output, Stopped> {
        let mut together = pin!(together);
        let Self {
            world,
            knock,
            waker,
        } = self;
        poll_fn(move |context| {
            knock.of(context.waker());
            knock.woken.store(false, Ordering::SeqCst);
            world.parent_polled();
            if let Poll::Ready(output) = together.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Poll::Ready(Ok(output));
            }
            if world.is_enough() {
                return Poll::Ready(Err(Stopped));
            }
            if world.waking() == Waking::WhenIdle && !knock.woken.load(Ordering::SeqCst) {
                world.wake_next();
            }
            Poll::Pending
        })
        .await
    }
}
