//! What the same branches would take if they were spawned: an interval, or a refusal.
//!
//! Each branch is a [`Chain`] of waits and polls. The chains are put through list scheduling: whoever is ready first
//! gets the first free worker and keeps it until its poll ends, as the executors do that are measured here. With T₁ the
//! time in polls of all branches, and T∞ what it takes with as many workers as branches, any such schedule of k workers takes
//! at least `max(T₁/k, T∞)`, and at most `T₁/k + (1 − 1/k)·T∞`, which R. L. Graham showed in "Bounds on Multiprocessing
//! Timing Anomalies" (SIAM Journal on Applied Mathematics 17, 1969). Waits take no worker, so where a chain
//! has some they count in full, and only its polls are multiplied by (1 − 1/k).
//!
//! What this cannot see: branches that share memory take longer side by side; a runtime may leave a worker idle beside
//! something that is ready. So the better end of the interval is "at best".

mod chain;
mod schedule;

pub use chain::{After, Chain, Gaps, Step, from_polls};
pub use schedule::{Pool, makespan};

/// The cost of one spawn that predictions reckon with, in nanoseconds: some three to ten times what runtimes take from one of
/// their own workers, and less than they take where a parked thread has to be woken.
pub const SPAWN_NS: u64 = 5_000;

/// Branches whose polls take less than so many spawns are too short for a prediction.
const SHORT: u64 = 20;
/// Unless polls are so small a part of the whole that it does not matter what becomes of them.
const NEGLIGIBLE: f64 = 0.05;

/// How long the branches would take, spawned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Spawned {
    /// Workers that were reckoned with.
    pub workers: u32,
    /// At best, in nanoseconds: each worker takes what has been ready for longest, and what the branches share costs
    /// nothing.
    pub best_ns: u64,
    /// In whatever order workers take what is ready, in nanoseconds, if none is idle beside something that is. Graham's upper bound.
    pub worst_ns: u64,
    /// Time in polls of all branches, in nanoseconds: what one worker would take if nothing waited.
    pub work_ns: u64,
    /// The longest chain of polls and waits, in nanoseconds: what no number of workers can beat.
    pub longest_chain_ns: u64,
}

/// Why nothing is foretold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Refused {
    /// There are not two branches.
    NoSibling,
    /// They are spawned already.
    Placed,
    /// The polls are short against the cost of a spawn.
    TooShort,
    /// Polls were lost.
    Losses,
    /// A branch had not come to its end.
    Unfinished,
}

impl Refused {
    /// As people read it.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Refused::NoSibling => "there are not two branches",
            Refused::Placed => "it is spawned already",
            Refused::TooShort => "its polls are short against the cost of a spawn",
            Refused::Losses => "polls were lost",
            Refused::Unfinished => "a branch had not come to its end",
        }
    }
}

/// What `chains` would take on a pool of workers with a spawn of `spawn_ns` for each. `hopeful` and `careful` are the
/// same branches, read in two ways where it is not clear what a gap between polls was: all of it a wait that goes on
/// whatever the others do, or only that part in which no other was polled.
///
/// # Errors
///
/// Refuses where there are not two chains, and where their polls are short against the cost of a spawn.
pub fn spawned(
    hopeful: &[Chain],
    careful: &[Chain],
    pool: Pool,
    spawn_ns: u64,
) -> Result<Spawned, Refused> {
    let n = hopeful.len() as u64;
    if n < 2 {
        return Err(Refused::NoSibling);
    }
    let work_ns = work(careful);
    let longest_chain_ns = makespan(careful, Pool::UNBOUNDED);
    let negligible = (work_ns as f64) < NEGLIGIBLE * longest_chain_ns as f64;
    if !negligible && work_ns / n < SHORT * spawn_ns {
        return Err(Refused::TooShort);
    }
    let spawns = n * spawn_ns;
    let best = makespan(hopeful, pool);
    Ok(Spawned {
        workers: u32::try_from(pool.workers()).unwrap_or(u32::MAX),
        best_ns: best + spawns,
        worst_ns: ceiling(careful, pool).max(best) + spawns,
        work_ns,
        longest_chain_ns,
    })
}

/// T₁: the time in polls of all chains.
#[must_use]
pub fn work(chains: &[Chain]) -> u64 {
    let steps = chains.iter().flat_map(|chain| &chain.steps);
    steps.map(|step| step.poll_ns).sum()
}

/// The least that any schedule can take: `max(T₁/k, T∞)`. Polls that block take workers, and no core.
#[must_use]
pub fn floor(chains: &[Chain], pool: Pool) -> u64 {
    let computing = chains
        .iter()
        .flat_map(|chain| &chain.steps)
        .filter(|step| !step.blocks)
        .map(|step| step.poll_ns)
        .sum::<u64>();
    let on_workers = work(chains).div_ceil(pool.workers() as u64);
    let on_cores = computing.div_ceil(pool.cores() as u64);
    makespan(chains, Pool::UNBOUNDED)
        .max(on_workers)
        .max(on_cores)
}

/// The most that a schedule takes which leaves no worker idle beside something that is ready: T₁/k and the longest
/// chain, with its polls multiplied by (1 − 1/k).
#[must_use]
pub fn ceiling(chains: &[Chain], pool: Pool) -> u64 {
    // Fewer cores than workers hold up what computes; no more than if there were only so many workers.
    let k = pool.workers().min(pool.cores()).max(1) as u64;
    let shorter: Vec<Chain> = chains
        .iter()
        .map(|chain| chain.polls_times(k - 1, k))
        .collect();
    work(chains).div_ceil(k) + makespan(&shorter, Pool::UNBOUNDED)
}

#[cfg(test)]
mod tests;
