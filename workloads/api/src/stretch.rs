//! The part of a sample in which all its branches hold what they came for.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use cpu_time::ProcessTime;

/// From the first branch that found all of them there, to the last that was done: two writes to shared memory a
/// branch, and the clocks are read twice in all.
#[derive(Clone, Debug, Default)]
pub struct Stretch(Arc<Edges>);

#[derive(Debug, Default)]
struct Edges {
    began: OnceLock<(Instant, ProcessTime)>,
    done: AtomicU64,
    took: OnceLock<(Duration, Duration, u64)>,
    other: AtomicU64,
}

/// What a stretch took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Took {
    /// Wall time.
    pub wall: Duration,
    /// CPU time of this process.
    pub cpu: Duration,
    /// CPU time of whoever is at the other end.
    pub other: Duration,
    /// Round trips that all branches made.
    pub trips: u64,
}

impl Stretch {
    /// A branch has found that all are there: the first begins it.
    pub fn begin(&self) {
        self.0
            .began
            .get_or_init(|| (Instant::now(), ProcessTime::now()));
    }

    /// A branch is done, one of `of`, with so many round trips: the last ends it.
    pub fn end(&self, of: u64, trips: u64) {
        if self.0.done.fetch_add(1, Ordering::AcqRel) + 1 == of
            && let Some((wall, cpu)) = self.0.began.get()
        {
            let _ = self.0.took.set((wall.elapsed(), cpu.elapsed(), of * trips));
        }
    }

    /// The other end says how much CPU time it has used, in nanoseconds.
    pub fn other(&self, nanoseconds: u64) {
        self.0.other.store(nanoseconds, Ordering::Relaxed);
    }

    /// What it took, if it began and ended.
    #[must_use]
    pub fn took(&self) -> Option<Took> {
        let &(wall, cpu, trips) = self.0.took.get()?;
        let other = Duration::from_nanos(self.0.other.load(Ordering::Relaxed));
        Some(Took {
            wall,
            cpu,
            other,
            trips,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_with_the_last_branch_and_not_before() {
        let stretch = Stretch::default();
        stretch.begin();
        stretch.end(2, 20);
        assert_eq!(stretch.took(), None);
        stretch.begin();
        stretch.end(2, 20);
        stretch.other(7);
        let took = stretch.took().unwrap();
        assert_eq!((took.other, took.trips), (Duration::from_nanos(7), 40));
        // Whoever comes later changes nothing.
        stretch.end(2, 20);
        assert_eq!(stretch.took(), Some(took));
    }

    #[test]
    fn what_never_began_took_nothing() {
        let stretch = Stretch::default();
        stretch.end(1, 20);
        assert_eq!(stretch.took(), None);
    }
}
