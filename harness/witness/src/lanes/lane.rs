//! One lane a thread: where the polls of that thread are written, and how they are read while the
//! thread lives on (executor threads of some runtimes never exit).
//!
//! A lane writes into a chunk of slots that it alone writes. A collector may read the chunk at any
//! time: it sees the slots below `len`, which is stored after the slot. A full chunk is followed by
//! a larger one, so that a thread made for one poll pays for few slots and a busy one grows seldom.

use std::{
    cell::{Cell, RefCell},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic},
};

use crate::sync::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Slots of a lane's first chunk.
const FIRST: usize = 64;
/// Slots of its largest chunk.
const LARGEST: usize = 1 << 16;
/// Chunks in all. Past that polls are counted as lost: 65,536 polls in each of a thousand.
const MOST_CHUNKS: usize = 1_000;

/// One poll, or one hand-over of a branch, in raw ticks of [`clock`](super::clock).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Which branch.
    pub branch: u32,
    /// Which [thread].
    pub thread: u32,
    /// When it began.
    pub start: u64,
    /// When it ended.
    pub end: u64,
}

/// Everything recorded since the last [`reset`].
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// In no particular order.
    pub polls: Vec<Interval>,
    /// Polls for which there was no room.
    pub lost: u64,
    /// Threads that have polled since the process began, whatever was forgotten since.
    pub threads_so_far: u32,
}

struct Slot {
    branch: AtomicU32,
    start: AtomicU64,
    end: AtomicU64,
}

struct Chunk {
    thread: u32,
    len: AtomicUsize,
    slots: Box<[Slot]>,
}

impl Chunk {
    fn new(thread: u32, slots: usize) -> Arc<Self> {
        let empty = || Slot {
            branch: AtomicU32::new(0),
            start: AtomicU64::new(0),
            end: AtomicU64::new(0),
        };
        let slots = std::iter::repeat_with(empty).take(slots).collect();
        Arc::new(Self {
            thread,
            len: AtomicUsize::new(0),
            slots,
        })
    }

    /// Writes one poll, if there is room. Only the owning thread calls this.
    #[inline]
    fn push(&self, branch: u32, start: u64, end: u64) -> bool {
        let len = self.len.load(Ordering::Relaxed);
        let Some(slot) = self.slots.get(len) else {
            return false;
        };
        slot.branch.store(branch, Ordering::Relaxed);
        slot.start.store(start, Ordering::Relaxed);
        slot.end.store(end, Ordering::Relaxed);
        // Release: whoever sees the new length sees the slot.
        self.len.store(len + 1, Ordering::Release);
        true
    }

    /// The polls that are there. Any thread may look.
    fn read(&self) -> impl Iterator<Item = Interval> {
        let len = self.len.load(Ordering::Acquire);
        self.slots[..len].iter().map(|slot| Interval {
            branch: slot.branch.load(Ordering::Relaxed),
            thread: self.thread,
            start: slot.start.load(Ordering::Relaxed),
            end: slot.end.load(Ordering::Relaxed),
        })
    }
}

static CHUNKS: Mutex<Vec<Arc<Chunk>>> = Mutex::new(Vec::new());
/// Threads that have a number.
static NUMBERS: atomic::AtomicU32 = atomic::AtomicU32::new(0);
/// Threads that have polled.
static THREADS: atomic::AtomicU32 = atomic::AtomicU32::new(0);
static LOST: atomic::AtomicU64 = atomic::AtomicU64::new(0);

thread_local! {
    static LANE: RefCell<Option<Arc<Chunk>>> = const { RefCell::new(None) };
    static NUMBER: Cell<Option<u32>> = const { Cell::new(None) };
}

/// The number of the calling thread in this process. Numbers are given in the order in which threads first
/// poll, or ask for theirs.
#[must_use]
pub fn thread() -> u32 {
    NUMBER.with(|number| {
        let known = number.get();
        let known = known.unwrap_or_else(|| NUMBERS.fetch_add(1, Ordering::Relaxed));
        number.set(Some(known));
        known
    })
}

fn chunks() -> MutexGuard<'static, Vec<Arc<Chunk>>> {
    // A panic elsewhere leaves the list whole: it is only pushed to and filtered.
    CHUNKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes one poll into the lane of the calling thread.
#[inline]
pub(super) fn record(branch: u32, start: u64, end: u64) {
    let recorded = LANE.try_with(|lane| {
        let mut lane = lane.borrow_mut();
        lane.as_ref()
            .is_some_and(|chunk| chunk.push(branch, start, end))
            || grow(&mut lane).is_some_and(|chunk| chunk.push(branch, start, end))
    });
    // An error means that the thread is being torn down and has no lane any more.
    if recorded != Ok(true) {
        LOST.fetch_add(1, Ordering::Relaxed);
    }
}

/// Gives the lane a chunk with room; `None` when there are too many already.
#[cold]
fn grow(lane: &mut Option<Arc<Chunk>>) -> Option<&Arc<Chunk>> {
    let mut chunks = chunks();
    if chunks.len() >= MOST_CHUNKS {
        return None;
    }
    let next = match lane.as_ref() {
        Some(full) => Chunk::new(full.thread, (full.slots.len() * 4).min(LARGEST)),
        None => {
            THREADS.fetch_add(1, Ordering::Relaxed);
            Chunk::new(thread(), FIRST)
        }
    };
    chunks.push(Arc::clone(&next));
    Some(lane.insert(next))
}

/// Everything recorded since the last [`reset`]. Call it when no branch is being polled: when each
/// has been awaited, its last poll is recorded, since a runtime passes an output on only after the
/// poll that made it returned.
pub fn collect() -> Recording {
    let mut polls = Vec::new();
    for chunk in chunks().iter() {
        polls.extend(chunk.read());
    }
    Recording {
        polls,
        lost: LOST.load(Ordering::Relaxed),
        threads_so_far: THREADS.load(Ordering::Relaxed),
    }
}

/// Forgets everything recorded. Call it when no branch is being polled.
pub fn reset() {
    let mut chunks = chunks();
    // A chunk that only this list holds belongs to a thread that has gone, or to one that has
    // outgrown it: either way nobody writes to it again.
    chunks.retain(|chunk| Arc::strong_count(chunk) > 1);
    for chunk in chunks.iter() {
        chunk.len.store(0, Ordering::Release);
    }
    LOST.store(0, Ordering::Relaxed);
}

/// Run by `RUSTFLAGS="--cfg witness_loom" cargo test -p poll-witness --release loom`: a collector looks while a thread that
/// nobody waits for polls on.
#[cfg(all(test, witness_loom))]
mod loom_tests {
    use super::*;
    use loom::{sync::Arc, thread};

    #[test]
    fn loom_a_collector_sees_whole_polls_and_all_that_were_written_before() {
        loom::model(|| {
            // As `Chunk::new` makes it, in loom's own counted pointer.
            let slot = || Slot {
                branch: AtomicU32::new(0),
                start: AtomicU64::new(0),
                end: AtomicU64::new(0),
            };
            let chunk = Arc::new(Chunk {
                thread: 3,
                len: AtomicUsize::new(0),
                slots: Box::new([slot(), slot()]),
            });
            let writer = {
                let chunk = Arc::clone(&chunk);
                thread::spawn(move || {
                    assert!(chunk.push(1, 1, 1) && chunk.push(2, 2, 2));
                    assert!(!chunk.push(3, 3, 3), "there is no more room");
                })
            };
            for (poll, number) in chunk.read().zip(1..) {
                let whole = (poll.branch, poll.start, poll.end);
                assert_eq!(
                    whole,
                    (number, number.into(), number.into()),
                    "half a poll was read"
                );
            }
            writer.join().unwrap();
            assert_eq!(chunk.read().count(), 2);
        });
    }
}
