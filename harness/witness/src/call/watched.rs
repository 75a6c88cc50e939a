//! A call that is watched, and its branches.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::ThreadId,
};

use quanta::Clock;

use super::{Name, shared::Shared, track::Track};
use crate::{
    record::{meter, woken::Who},
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

#[derive(Debug)]
pub(crate) struct Watched {
    site: &'static str,
    workers: Option<u32>,
    limits: Limits,
    pub(super) shared: Arc<Shared>,
    /// Of the thread that entered, up to then.
    pub(super) without_a_core: Option<(ThreadId, u64)>,
    /// `None` once the call has ended.
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
        Arc::new(Self {
            site,
            workers,
            limits,
            shared: Arc::new(Shared::begin(tally, limits.polls, clock)),
            without_a_core: meter::without_a_core(),
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
    pub(super) fn branch(&self, name: Name, closure: bool) -> Option<Arc<Track>> {
        let created = self.shared.clock.raw();
        let mut tracks = self.tracks();
        let tracks = tracks.as_mut()?;
        if tracks.branches.len() >= self.limits.branches {
            tracks.lost_branches += 1;
            return None;
        }
        let who = Who::branch(u32::try_from(tracks.branches.len()).unwrap_or(u32::MAX));
        let shared = Arc::clone(&self.shared);
        let track = Arc::new(Track::new(shared, who, name, created, closure));
        tracks.branches.push(Arc::clone(&track));
        Some(track)
    }

    /// A scope. The polls of one after the end are written for nobody.
    pub(super) fn scope(&self) -> Arc<Track> {
        let created = self.shared.clock.raw();
        let shared = Arc::clone(&self.shared);
        let name = Name::Borrowed("scope");
        let track = Arc::new(Track::new(shared, Who::SCOPE, name, created, false));
        if let Some(tracks) = &mut *self.tracks() {
            tracks.scopes.push(Arc::clone(&track));
        }
        track
    }

    pub(crate) fn site(&self) -> &'static str {
        self.site
    }

    pub(crate) fn tally(&self) -> &'static Tally {
        self.shared.tally
    }

    pub(crate) fn workers(&self) -> Option<u32> {
        self.workers
    }
}
