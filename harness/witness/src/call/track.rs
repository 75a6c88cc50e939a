//! One branch, as those see it who poll it, wake it and read what was written of it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{Name, shared::Shared};
use crate::{
    lanes::{self, Noted},
    record::{
        here::{self, Entered},
        log::{Entry, Log, Pen},
        meter::{self, Anchor},
        woken::{Who, Woken},
    },
    recorded::Ending,
};

#[derive(Debug)]
pub(super) struct Track {
    call: Arc<Shared>,
    who: Who,
    pub(super) name: Name,
    /// When it was wrapped, in raw ticks.
    pub(super) created: u64,
    pub(super) closure: bool,
    pub(super) woken: Woken,
    pub(super) log: Log,
    /// When it ended, in raw ticks, two bits of it used for how; 0 while it runs.
    ended: AtomicU64,
}

impl Track {
    pub(super) fn new(
        call: Arc<Shared>,
        who: Who,
        name: Name,
        created: u64,
        closure: bool,
    ) -> Self {
        Self {
            call,
            who,
            name,
            created,
            closure,
            woken: Woken::new(),
            log: Log::default(),
            ended: AtomicU64::new(0),
        }
    }

    /// It has come to its end. Only the first end counts: a future that is done is dropped later.
    pub(super) fn end(&self, how: Ending) {
        let how = match how {
            Ending::Done => 1,
            Ending::Dropped => 2,
            Ending::Panicked => 3,
        };
        let word = self.call.clock.raw() << 2 | how;
        // Relaxed: whoever asks has awaited the branch, or takes what there is.
        let _ = self
            .ended
            .compare_exchange(0, word, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// When it ended, in raw ticks, and how.
    pub(super) fn ended(&self) -> Option<(u64, Ending)> {
        let word = self.ended.load(Ordering::Relaxed);
        let how = match word & 3 {
            1 => Ending::Done,
            2 => Ending::Dropped,
            3 => Ending::Panicked,
            _ => return None,
        };
        Some((word >> 2, how))
    }
}

impl Noted for Track {
    #[inline]
    fn woken(&self) {
        self.woken.note(|| self.call.wake_now());
    }
}

/// The side of the one who polls it, and nobody else at the time.
#[derive(Debug)]
pub(super) struct Polled {
    pub(super) track: Arc<Track>,
    pen: Pen,
}

impl Polled {
    pub(super) fn new(track: Arc<Track>) -> Self {
        Self {
            track,
            pen: Pen::default(),
        }
    }

    /// Begins a poll on this thread. It ends when what is returned is dropped, be it by a panic.
    #[inline]
    pub(super) fn poll(&mut self) -> Polling<'_> {
        let Self { track, pen } = self;
        let call = &*track.call;
        let woken = track.woken.take();
        let (entered, around) = here::enter(call.id, track.who);
        let start = call.clock.raw();
        Polling {
            anchor: meter::before(start, call.often),
            track,
            pen,
            woken,
            place: place(around),
            start,
            _entered: entered,
        }
    }
}

/// A poll that goes on.
pub(super) struct Polling<'a> {
    track: &'a Track,
    pen: &'a mut Pen,
    woken: u64,
    place: u64,
    start: u64,
    anchor: Anchor,
    _entered: Entered,
}

impl Drop for Polling<'_> {
    #[inline]
    fn drop(&mut self) {
        let call = &*self.track.call;
        let end = call.clock.raw();
        let spent = if end.saturating_sub(self.start) > call.often {
            meter::after(self.anchor, end)
        } else {
            0
        };
        let entry = Entry {
            start: self.start,
            end,
            woken: self.woken,
            place: self.place,
            spent,
        };
        self.pen.write(&self.track.log, &call.room, entry);
        if std::thread::panicking() {
            self.track.end(Ending::Panicked);
        }
    }
}

/// The thread, and what is around the poll on its stack, in one word.
#[inline]
fn place(around: Option<Who>) -> u64 {
    let around = around.map_or(0, |who| who.code() + 1);
    u64::from(lanes::thread()) << 32 | u64::from(around)
}

/// The other way.
pub(super) fn placed(place: u64) -> (u32, Option<Who>) {
    let around = (place as u32).checked_sub(1).map(Who::of_code);
    ((place >> 32) as u32, around)
}
