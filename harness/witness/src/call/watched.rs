//! A call that is watched: what all its branches share.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use quanta::Clock;

use super::{Name, track::Track};
use crate::{
    record::{
        here,
        log::Room,
        meter,
        woken::{Wake, Who},
    },
    tally::Tally,
};

/// What bounds the memory of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Polls that are kept, of all branches together: 40 bytes each.
    pub(crate) polls: u32,
    pub(crate) branches: usize,
}

impl Limits {
    pub(crate) const USUAL: Self = Self {
        polls: 16_384,
        branches: 4_096,
    };
}

/// Calls that have been watched in this process. 0 is no call.
static CALLS: AtomicU64 = AtomicU64::new(1);

#[derive(Debug)]
pub(crate) struct Watched {
    site: &'static str,
    tally: &'static Tally,
    workers: Option<u32>,
    limits: Limits,
    id: u64,
    pub(super) clock: Clock,
    /// When it was entered, in raw ticks.
    pub(super) entered: u64,
    /// Ticks after which a thread's CPU clock is read again.
    pub(super) often: u64,
    pub(super) room: Room,
    /// `None` once the call has ended: a branch knows its call, and the call its branches, so one of them has to let go.
    tracks: Mutex<Option<Tracks>>,
}

#[derive(Debug, Default)]
pub(super) struct Tracks {
    pub(super) branches: Vec<Arc<Track>>,
    pub(super) scopes: Vec<Arc<Track>>,
    pub(super) lost_branches: u64,
}

impl Watched {
    /// Begins a call. `workers` is what the user said of them.
    pub(crate) fn begin(
        site: &'static str,
        tally: &'static Tally,
        workers: Option<u32>,
        limits: Limits,
        clock: Clock,
    ) -> Arc<Self> {
        tally.begins();
        Arc::new(Self {
            site,
            tally,
            workers,
            limits,
            id: CALLS.fetch_add(1, Ordering::Relaxed),
            entered: clock.raw(),
            often: meter::often(&clock),
            clock,
            room: Room::new(limits.polls),
            tracks: Mutex::new(Some(Tracks::default())),
        })
    }

    fn tracks(&self) -> MutexGuard<'_, Option<Tracks>> {
        // Lists that are only pushed to: a panic elsewhere leaves them whole.
        self.tracks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the call, whose tracks are those that it had. What goes on afterwards writes for nobody.
    pub(super) fn close(&self) -> Tracks {
        self.tracks().take().unwrap_or_default()
    }

    /// A branch of this name, or `None` if there are too many, or the call has ended.
    pub(super) fn branch(self: &Arc<Self>, name: Name, closure: bool) -> Option<Arc<Track>> {
        let created = self.clock.raw();
        let mut tracks = self.tracks();
        let tracks = tracks.as_mut()?;
        if tracks.branches.len() >= self.limits.branches {
            tracks.lost_branches += 1;
            return None;
        }
        let number = u32::try_from(tracks.branches.len()).unwrap_or(u32::MAX);
        let who = Who::branch(number);
        let track = Track::new(Arc::clone(self), who, name, created, closure);
        let track = Arc::new(track);
        tracks.branches.push(Arc::clone(&track));
        Some(track)
    }

    pub(super) fn scope(self: &Arc<Self>) -> Arc<Track> {
        let created = self.clock.raw();
        let track = Track::new(
            Arc::clone(self),
            Who::SCOPE,
            Name::Borrowed("scope"),
            created,
            false,
        );
        let track = Arc::new(track);
        if let Some(tracks) = &mut *self.tracks() {
            tracks.scopes.push(Arc::clone(&track));
        }
        track
    }

    pub(crate) fn site(&self) -> &'static str {
        self.site
    }

    pub(crate) fn tally(&self) -> &'static Tally {
        self.tally
    }

    pub(crate) fn workers(&self) -> Option<u32> {
        self.workers
    }

    #[inline]
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// A wake that happens now on this thread.
    #[inline]
    pub(super) fn wake_now(&self) -> Wake {
        Wake {
            ticks: self.clock.raw().saturating_sub(self.entered),
            by: here::who(self.id),
        }
    }

    /// Raw ticks as nanoseconds since the call was entered.
    pub(super) fn since(&self, raw: u64) -> u64 {
        // The counters of two cores may differ by a little.
        self.clock
            .delta_as_nanos(self.entered, raw.max(self.entered))
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // The last branch has gone, and with it all that the call took.
        self.tally.ends();
    }
}
