//! The polls of one branch, written by whoever polls it and read while that goes on.
//!
//! A future is polled by one thread at a time, so its log has one writer, and writing takes no lock. A chunk of slots
//! is filled from the front; a reader sees the slots below `len`, which is stored after the slot. A full chunk is
//! followed by a larger one, as long as the call's room lasts; past that polls are counted, and not kept.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU32, AtomicU64 as Counter, Ordering as CounterOrdering},
};

use crate::sync::{AtomicU64, AtomicUsize, Ordering};

/// Slots of a log's first chunk: most branches of a handler are polled less often.
const FIRST: usize = 8;
/// Slots of its largest.
const LARGEST: usize = 512;

/// One poll, in raw ticks and packed words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// [`Wake::packed`](super::woken::Wake::packed), or 0.
    pub(crate) woken: u64,
    /// The thread, and by [`Who::code`](super::woken::Who::code) and one more what was around it on the stack.
    pub(crate) place: u64,
    /// [`Spent`](super::meter::Spent), or 0.
    pub(crate) spent: u64,
}

#[derive(Debug)]
struct Chunk {
    len: AtomicUsize,
    slots: Box<[[AtomicU64; 5]]>,
}

impl Chunk {
    fn new(slots: usize) -> Self {
        let empty = || std::array::from_fn(|_| AtomicU64::new(0));
        Self {
            len: AtomicUsize::new(0),
            slots: std::iter::repeat_with(empty).take(slots).collect(),
        }
    }

    /// Writes one poll, if there is room. Only the one who polls calls this.
    #[inline]
    fn push(&self, entry: Entry) -> bool {
        let len = self.len.load(Ordering::Relaxed);
        let Some([start, end, woken, place, spent]) = self.slots.get(len) else {
            return false;
        };
        start.store(entry.start, Ordering::Relaxed);
        end.store(entry.end, Ordering::Relaxed);
        woken.store(entry.woken, Ordering::Relaxed);
        place.store(entry.place, Ordering::Relaxed);
        spent.store(entry.spent, Ordering::Relaxed);
        // Release: whoever sees the new length sees the slot.
        self.len.store(len + 1, Ordering::Release);
        true
    }

    fn read(&self, into: &mut Vec<Entry>) {
        let len = self.len.load(Ordering::Acquire);
        let read = |[start, end, woken, place, spent]: &[AtomicU64; 5]| Entry {
            start: start.load(Ordering::Relaxed),
            end: end.load(Ordering::Relaxed),
            woken: woken.load(Ordering::Relaxed),
            place: place.load(Ordering::Relaxed),
            spent: spent.load(Ordering::Relaxed),
        };
        into.extend(self.slots[..len].iter().map(read));
    }
}

/// How many more polls of a call can be kept.
#[derive(Debug)]
pub(crate) struct Room(AtomicU32);

impl Room {
    pub(crate) fn new(polls: u32) -> Self {
        Self(AtomicU32::new(polls))
    }

    /// Takes as much of `wanted` as there is.
    fn take(&self, wanted: usize) -> usize {
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
        let mut left = self.0.load(CounterOrdering::Relaxed);
        loop {
            let taken = left.min(wanted);
            match self.0.compare_exchange_weak(
                left,
                left - taken,
                CounterOrdering::Relaxed,
                CounterOrdering::Relaxed,
            ) {
                Ok(_) => return taken as usize,
                Err(now) => left = now,
            }
        }
    }
}

/// What is shared: the writer adds chunks, a reader reads them.
#[derive(Debug, Default)]
pub(crate) struct Log {
    chunks: Mutex<Vec<Arc<Chunk>>>,
    lost: Counter,
}

impl Log {
    fn chunks(&self) -> MutexGuard<'_, Vec<Arc<Chunk>>> {
        // The list is only pushed to: a panic elsewhere leaves it whole.
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has been written, in the order in which it was.
    pub(crate) fn read(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for chunk in self.chunks().iter() {
            chunk.read(&mut entries);
        }
        entries
    }

    /// Polls for which there was no room.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(CounterOrdering::Relaxed)
    }
}

/// The writer's side.
#[derive(Debug, Default)]
pub(crate) struct Pen {
    chunk: Option<Arc<Chunk>>,
}

impl Pen {
    /// Writes one poll, or counts it as lost.
    #[inline]
    pub(crate) fn write(&mut self, log: &Log, room: &Room, entry: Entry) {
        let written = self.chunk.as_ref().is_some_and(|chunk| chunk.push(entry));
        if !written {
            self.grow(log, room, entry);
        }
    }

    #[cold]
    fn grow(&mut self, log: &Log, room: &Room, entry: Entry) {
        let wanted = match &self.chunk {
            None => FIRST,
            Some(full) => (full.slots.len() * 4).min(LARGEST),
        };
        let slots = room.take(wanted);
        if slots == 0 {
            log.lost.fetch_add(1, CounterOrdering::Relaxed);
            return;
        }
        let next = Arc::new(Chunk::new(slots));
        next.push(entry);
        log.chunks().push(Arc::clone(&next));
        self.chunk = Some(next);
    }
}

#[cfg(all(test, not(witness_loom)))]
mod tests {
    use super::*;

    fn entry(start: u64) -> Entry {
        Entry {
            start,
            end: start + 1,
            woken: 2,
            place: 3,
            spent: 4,
        }
    }

    #[test]
    fn what_is_written_is_read_in_order_over_many_chunks() {
        let (log, room, mut pen) = (Log::default(), Room::new(10_000), Pen::default());
        for i in 0..5_000 {
            pen.write(&log, &room, entry(i));
        }
        let read = log.read();
        assert_eq!(read.len(), 5_000);
        assert!((0..).zip(&read).all(|(i, read)| *read == entry(i)));
        assert_eq!(log.lost(), 0);
    }

    #[test]
    fn what_there_is_no_room_for_is_counted_and_room_is_shared() {
        let room = Room::new(10);
        let (one, other) = (Log::default(), Log::default());
        let (mut pen, mut pen_of_other) = (Pen::default(), Pen::default());
        for i in 0..9 {
            pen.write(&one, &room, entry(i));
        }
        // The first took a chunk of eight and the two that were left.
        pen_of_other.write(&other, &room, entry(0));
        pen.write(&one, &room, entry(9));
        pen.write(&one, &room, entry(10));
        assert_eq!((one.read().len(), one.lost()), (10, 1));
        assert_eq!((other.read().len(), other.lost()), (0, 1));
    }
}

/// Run by `RUSTFLAGS="--cfg witness_loom" cargo test -p poll-witness --release loom`.
#[cfg(all(test, witness_loom))]
mod loom_tests {
    use super::*;
    use loom::{sync::Arc, thread};

    #[test]
    fn loom_a_reader_sees_whole_polls_and_all_that_were_written_before() {
        loom::model(|| {
            let chunk = Arc::new(Chunk::new(2));
            let writer = {
                let chunk = Arc::clone(&chunk);
                thread::spawn(move || {
                    for start in [1, 2] {
                        chunk.push(Entry {
                            start,
                            end: start,
                            woken: start,
                            place: start,
                            spent: start,
                        });
                    }
                })
            };
            let mut read = Vec::new();
            chunk.read(&mut read);
            for (start, entry) in (1..).zip(&read) {
                let whole = [
                    entry.start,
                    entry.end,
                    entry.woken,
                    entry.place,
                    entry.spent,
                ];
                assert_eq!(whole, [start; 5], "half a poll was read");
            }
            writer.join().unwrap();
            let mut all = Vec::new();
            chunk.read(&mut all);
            assert_eq!(all.len(), 2);
        });
    }
}
