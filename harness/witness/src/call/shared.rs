//! What all branches of a call share while they are polled.

use std::sync::atomic::{AtomicU64, Ordering};

use quanta::Clock;

use crate::{
    record::{here, log::Room, meter, woken::Wake},
    tally::Tally,
};

/// Calls that have been watched in this process. 0 is no call.
static CALLS: AtomicU64 = AtomicU64::new(1);

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) tally: &'static Tally,
    pub(super) id: u64,
    pub(super) clock: Clock,
    /// When the call was entered, in raw ticks.
    pub(super) entered: u64,
    /// Ticks after which a thread's CPU clock is read again.
    pub(super) often: u64,
    pub(super) room: Room,
}

impl Shared {
    pub(super) fn begin(tally: &'static Tally, polls: u32, clock: Clock) -> Self {
        tally.begins();
        Self {
            tally,
            id: CALLS.fetch_add(1, Ordering::Relaxed),
            entered: clock.raw(),
            often: meter::often(&clock),
            clock,
            room: Room::new(polls),
        }
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

impl Drop for Shared {
    fn drop(&mut self) {
        // The last branch has gone, and with it all that the call took.
        self.tally.ends();
    }
}
