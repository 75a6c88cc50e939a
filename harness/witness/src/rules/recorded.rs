//! What was recorded, and what the rules read off it.

use super::{margins::WORTH_TELLING, seen::Seen};

/// What was recorded of branches that were put together in one way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arm {
    /// As often as it was done; of undisturbed times where there are any.
    pub seen: Vec<Seen>,
    /// Whether they are of disturbed ones, for want of others.
    pub disturbed: bool,
}

/// What spawning is expected to take of the time that joining takes, at best and where not all goes well: foretold of a joined
/// arm; of a spawned one, what it did take of the time that joining is expected to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain {
    /// No placing can beat it.
    pub lo: f64,
    /// As the branches come.
    pub hi: f64,
}

/// What was recorded of the same branches, put together in each of these ways; an arm without samples was not recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recorded {
    /// n.
    pub branches: usize,
    /// Cores that the process may use.
    pub cores: usize,
    /// k of the primitive that places branches on other threads; `None` where it is not known.
    pub placing: Option<usize>,
    /// k of `spawn`, which is what branches call.
    pub spawning: Option<usize>,
    /// Fewer samples of an arm decide nothing: several where they are to agree, one where there is but one call.
    pub enough: usize,
    /// Awaited one after the other.
    pub sequential: Arm,
    /// Joined.
    pub compose: Arm,
    /// Placed on other threads.
    pub placed: Arm,
    /// Handed to the blocking pool.
    pub offloaded: Arm,
    /// What spawning is expected to take, if something foretells it.
    pub gain: Option<Gain>,
    /// Where one arm was recorded: what its branches would take at best on as many threads as execute, two at least, as a
    /// part of the time that it took, if something foretells it.
    pub best: Option<f64>,
}

impl Recorded {
    /// Whether an arm has samples enough, and all their polls were seen.
    pub(super) fn tells(&self, arm: &Arm) -> bool {
        arm.seen.len() >= self.enough.max(1) && arm.all_seen()
    }

    /// The same, and nothing disturbed them.
    pub(super) fn tells_quietly(&self, arm: &Arm) -> bool {
        self.tells(arm) && !arm.disturbed
    }

    /// Spawned over joined, of the fastest samples.
    pub(super) fn ratio(&self) -> f64 {
        self.placed.fastest() as f64 / self.compose.fastest().max(1) as f64
    }

    /// What the one arm that there is could take at best, as a part of the time that it took. Its polls alone say it
    /// where nothing else does, as if no wait could be overlapped.
    pub(super) fn best(&self, arm: &Arm) -> Option<f64> {
        let threads = self.placing.unwrap_or(2).max(2);
        self.best.or_else(|| self.best_of(arm, threads))
    }

    /// What no number of threads can beat: one branch's own polls come one after the other, so that on k threads
    /// the polls of all take `max(T₁ / k, the longest branch)` at best. As a part of the time that this arm took.
    pub(super) fn best_of(&self, arm: &Arm, threads: usize) -> Option<f64> {
        let threads = threads.min(self.cores).max(1) as u64;
        let mut parts = Vec::with_capacity(arm.seen.len());
        for seen in &arm.seen {
            let longest = seen.longest_branch_ns?;
            let least = longest.max(seen.polled_ns / threads);
            let saved = seen.polled_ns.saturating_sub(least);
            parts.push(1.0 - saved as f64 / seen.wall_ns.max(1) as f64);
        }
        middle(&mut parts)
    }
}

impl Arm {
    pub(super) fn all_seen(&self) -> bool {
        let whole = |seen: &Seen| seen.polls > 0 && seen.lost_polls == 0;
        self.seen.iter().all(whole)
    }

    pub(super) fn all(&self, read: impl Fn(&Seen) -> u64) -> Vec<u64> {
        let mut all: Vec<u64> = self.seen.iter().map(read).collect();
        all.sort_unstable();
        all
    }

    pub(super) fn least(&self, read: impl Fn(&Seen) -> u64) -> u64 {
        self.all(read).first().copied().unwrap_or(0)
    }

    pub(super) fn most(&self, read: impl Fn(&Seen) -> u64) -> u64 {
        self.all(read).last().copied().unwrap_or(0)
    }

    /// The upper one, where two are in the middle.
    pub(super) fn median(&self, read: impl Fn(&Seen) -> u64) -> u64 {
        let all = self.all(read);
        all.get(all.len() / 2).copied().unwrap_or(0)
    }

    /// The median of what every sample tells; `None` where one does not.
    pub(super) fn told(&self, read: impl Fn(&Seen) -> Option<u64>) -> Option<u64> {
        let all_tell = !self.seen.is_empty() && self.seen.iter().all(|seen| read(seen).is_some());
        all_tell.then(|| self.median(|seen| read(seen).unwrap_or(0)))
    }

    pub(super) fn fastest(&self) -> u64 {
        self.least(|seen| seen.wall_ns)
    }

    /// Cores used, in the median sample.
    pub(super) fn cores(&self) -> f64 {
        middle(&mut self.seen.iter().map(Seen::cores).collect::<Vec<_>>()).unwrap_or(0.0)
    }

    /// Cores used, at most.
    pub(super) fn most_cores(&self) -> f64 {
        self.seen.iter().map(Seen::cores).fold(0.0, f64::max)
    }

    /// Two branches were being polled at one instant, in most samples.
    pub(super) fn side_by_side(&self) -> bool {
        self.median(|seen| u64::from(seen.peak_overlap)) >= 2
    }

    /// Two branches were in flight at one instant, in every sample.
    pub(super) fn always_together(&self) -> bool {
        self.least(|seen| u64::from(seen.peak_concurrency)) >= 2
    }

    /// No two branches ever were in flight at one instant, though some went back to wait; or each was made when the
    /// one before it had ended. A branch that is polled once, to its end, overlaps nothing however it is joined.
    pub(super) fn always_in_turn(&self, branches: usize) -> bool {
        let in_turn = |seen: &Seen| {
            let apart = seen.peak_concurrency <= 1 && seen.polls > branches as u64;
            seen.made_in_turn.unwrap_or(apart)
        };
        !self.seen.is_empty() && self.seen.iter().all(in_turn)
    }

    /// Threads waited for a core for so long that two polls at once were on one core, as far as is known.
    pub(super) fn short_of_cores(&self) -> bool {
        let idle = |seen: &Seen| seen.polled_ns.saturating_sub(seen.cpu_ns);
        let queued = self.told(|seen| seen.queued_ns);
        queued.is_some_and(|queued| queued > self.median(idle) / 2)
    }
}

/// The same time, as far as it matters.
pub(super) fn alike(one: u64, other: u64) -> bool {
    let (less, more) = (one.min(other), one.max(other));
    less as f64 >= WORTH_TELLING * more as f64
}

/// The one in the middle, or the mean of two.
pub(super) fn middle(all: &mut [f64]) -> Option<f64> {
    all.sort_by(f64::total_cmp);
    let upper = *all.get(all.len() / 2)?;
    let lower = *all.get(all.len().saturating_sub(1) / 2)?;
    Some(f64::midpoint(lower, upper))
}
