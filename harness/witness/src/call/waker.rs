//! The waker that a branch is given: it notes who wakes the branch, and passes the wake on.

use std::{
    sync::Arc,
    task::{Wake, Waker},
};

use super::track::Track;

/// What stands behind the branch's waker.
struct Noting {
    track: Arc<Track>,
    outer: Waker,
}

impl Wake for Noting {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Noted first: the poll that this leads to may begin before the call below returns.
        self.track.wake();
        self.outer.wake_by_ref();
    }
}

/// A branch's waker, kept as long as the one that it passes wakes on to stays the same: to make one takes an
/// allocation, and futures that keep a clone compare it with the next one.
///
/// It keeps the task's waker, as a future does that waits for a channel. So a runtime that drops a forgotten task when
/// the last of its wakers has gone drops it when the runtime ends.
#[derive(Debug, Default)]
pub(super) struct Kept(Option<(Waker, Waker)>);

impl Kept {
    /// The branch's waker while it is polled with `outer`.
    #[inline]
    pub(super) fn waker(&mut self, track: &Arc<Track>, outer: &Waker) -> &Waker {
        let same = matches!(&self.0, Some((kept, _)) if kept.will_wake(outer));
        if !same {
            self.0 = None;
        }
        let (_, waker) = self.0.get_or_insert_with(|| noting(track, outer));
        waker
    }

    /// The branch is done, and wakes nobody any more.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }
}

#[cold]
fn noting(track: &Arc<Track>, outer: &Waker) -> (Waker, Waker) {
    let noting = Noting {
        track: Arc::clone(track),
        outer: outer.clone(),
    };
    (outer.clone(), Waker::from(Arc::new(noting)))
}
