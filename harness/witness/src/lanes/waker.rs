//! The waker that a branch is given: it notes who wakes the branch, and passes the wake on.

use std::{
    sync::Arc,
    task::{Wake, Waker},
};

/// What is told of each wake.
pub trait Noted: Send + Sync + 'static {
    /// Somebody wakes the branch, now and on this thread.
    fn woken(&self);
}

/// What stands behind the branch's waker.
struct Noting<N> {
    noted: Arc<N>,
    outer: Waker,
}

impl<N: Noted> Wake for Noting<N> {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Noted first: the poll that this leads to may begin before the call below returns.
        self.noted.woken();
        self.outer.wake_by_ref();
    }
}

/// A branch's waker, kept as long as the one that it passes wakes on to stays the same: to make one takes an
/// allocation, and futures that keep a clone compare it with the next one.
///
/// It keeps the task's waker, as a future does that waits for a channel. So a runtime that drops a forgotten task when
/// the last of its wakers has gone drops it when the runtime ends.
#[derive(Debug, Default)]
pub struct Kept(Option<(Waker, Waker)>);

impl Kept {
    /// The branch's waker while it is polled with `outer`. Always for the same `noted`.
    #[inline]
    pub fn waker<N: Noted>(&mut self, noted: &Arc<N>, outer: &Waker) -> &Waker {
        let same = matches!(&self.0, Some((kept, _)) if kept.will_wake(outer));
        if !same {
            self.0 = None;
        }
        let (_, waker) = self.0.get_or_insert_with(|| noting(noted, outer));
        waker
    }

    /// The branch is done, and wakes nobody any more.
    pub fn forget(&mut self) {
        self.0 = None;
    }
}

#[cold]
fn noting<N: Noted>(noted: &Arc<N>, outer: &Waker) -> (Waker, Waker) {
    let noting = Noting {
        noted: Arc::clone(noted),
        outer: outer.clone(),
    };
    (outer.clone(), Waker::from(Arc::new(noting)))
}
