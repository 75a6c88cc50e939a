//! What is said of one call.

mod branches;
mod chains;
mod compare;
mod diagnosis;
mod held;
mod own;
mod seen;
mod text;
mod timeline;
#[cfg(feature = "trace")]
mod trace;

use std::sync::OnceLock;

use crate::{
    analysis,
    recorded::{By, Ending, Poll, Recorded},
    what_if::{Refused, Spawned},
    workers::Workers,
};

pub use compare::Comparison;
pub use diagnosis::{Diagnosis, Foretold};

/// What was seen of one call. Times are nanoseconds, and moments are counted from the call's beginning.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Report {
    /// The site's name.
    pub site: &'static str,
    /// Whether the call was watched. If not, nothing else here says anything.
    pub watched: bool,
    /// From entering the call to finishing it.
    pub wall_ns: u64,
    /// From the first branch's hand-over to the last branch's end.
    pub span_ns: u64,
    /// How its branches were put together.
    pub placement: Placement,
    /// Its branches, in the order in which they were named.
    pub branches: Vec<BranchReport>,
    /// Its scope, between the branches that were polled within it.
    pub scope: ScopeReport,
    /// Branches being polled at one instant, at most, each on a thread of its own.
    pub peak_overlap: u32,
    /// The same on average over [`span_ns`](Self::span_ns).
    pub mean_overlap: f64,
    /// Branches between their first poll and their last at one instant, at most.
    pub peak_concurrency: u32,
    /// The same on average.
    pub mean_concurrency: f64,
    /// CPU time of the branches over [`span_ns`](Self::span_ns). Short polls count as computing.
    pub cores_used: f64,
    /// Distinct threads that polled a branch.
    pub threads: u32,
    /// How many threads execute what is spawned.
    pub workers: Workers,
    /// Whether the system told of CPU time and context switches. If not, time in polls counts as computing.
    pub told: bool,
    /// How long the thread that entered and finished the call wanted a core meanwhile and had none, in polls and between
    /// them: others kept it busy. `None` if these were two threads, or the system does not tell.
    pub without_core_ns: Option<u64>,
    /// Polls that were not kept, for want of room.
    pub lost_polls: u64,
    /// Branches that were not kept.
    pub lost_branches: u64,
    /// What it would take if it were spawned, or why that is not foretold.
    pub spawned: Result<Spawned, Refused>,
    /// What kind of situation it is, and what to do.
    pub diagnosis: Diagnosis,
}

/// How branches were put together, as their polls show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Placement {
    /// Polled within the polls of their parent: joined, selected, awaited in place.
    Composed,
    /// Polled by somebody else: spawned, or run by a thread or a pool.
    Placed,
    /// Some this way and some that.
    Mixed,
    /// Nobody knows: nothing was polled, or there was no scope to tell by.
    Unknown,
}

/// What was seen of one branch.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BranchReport {
    /// What it is called.
    pub name: String,
    /// How it was put together with the others.
    pub placement: Placement,
    /// The branch within whose polls it was polled, if it is part of another.
    pub inside: Option<u32>,
    /// A closure, and no future.
    pub closure: bool,
    /// When it was named.
    pub created_ns: u64,
    /// When it was first polled.
    pub begun_ns: Option<u64>,
    /// When it ended, and how; `None` while it runs.
    pub ended: Option<Ended>,
    /// Its polls, in order.
    pub polls: Vec<Poll>,
    /// The longest of them.
    pub longest_poll_ns: u64,
    /// Time in its polls: the next three, added up.
    pub polled_ns: u64,
    /// On a core, as far as the system tells.
    pub computing_ns: u64,
    /// In polls that held their thread and did not use it.
    pub blocked_ns: u64,
    /// In polls whose thread wanted a core and had none.
    pub queued_ns: u64,
    /// Between polls, before somebody woke it.
    pub waiting_ns: u64,
    /// Whose wakes ended these waits, and how much of them: the most first.
    pub waited_for: Vec<Share>,
    /// Woken, or just spawned, and not polled. What a timer or a socket wakes just when the thread has ended some polls counts as
    /// ready since these began: nobody looked at timers and sockets meanwhile.
    pub ready_ns: u64,
    /// The longest of these times.
    pub longest_ready_ns: u64,
    /// What was being polled meanwhile where it should have been, the most first. What is missing of
    /// [`ready_ns`](Self::ready_ns) is nobody of this call.
    pub held_up_by: Vec<Share>,
    /// Polls that nobody had woken it for.
    pub unwoken_polls: u64,
}

/// Somebody's part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Share {
    /// Whose.
    pub by: By,
    /// How much of it, in nanoseconds.
    pub ns: u64,
}

/// An end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Ended {
    /// When.
    pub at_ns: u64,
    /// How.
    pub how: Ending,
}

/// What was seen of the scope.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ScopeReport {
    /// Its polls, with those of the branches within them.
    pub polls: Vec<Poll>,
    /// Time in its polls and in no branch's.
    pub own_ns: u64,
    /// The longest stretch of that.
    pub longest_own_ns: u64,
}

impl Report {
    /// Of a call that was not watched.
    pub(crate) fn unwatched() -> Self {
        // Most calls of a service: nothing is looked up or allocated for them.
        Self {
            site: "",
            watched: false,
            wall_ns: 0,
            span_ns: 0,
            placement: Placement::Unknown,
            branches: Vec::new(),
            scope: ScopeReport::default(),
            peak_overlap: 0,
            mean_overlap: 0.0,
            peak_concurrency: 0,
            mean_concurrency: 0.0,
            cores_used: 0.0,
            threads: 0,
            workers: Workers::of_nothing(),
            told: false,
            without_core_ns: None,
            lost_polls: 0,
            lost_branches: 0,
            spawned: Err(Refused::NoSibling),
            diagnosis: Diagnosis::of_nothing(),
        }
    }

    pub(crate) fn of(recorded: Recorded, workers: Workers) -> Self {
        let own = own::Own::of(&recorded);
        let branches = branches::branches(&recorded, &own);
        let seen = seen::Seen::of(&branches, &own, &recorded);
        let cores = cores();
        let placement = placement(&branches, !recorded.scope.is_empty());
        let spawned = chains::spawned(&branches, &own, &recorded, placement, workers, cores);
        let diagnosis = diagnosis::diagnose(&diagnosis::Known {
            branches: &branches,
            own: &own,
            recorded: &recorded,
            placement,
            workers,
            cores,
            spawned: spawned.ok(),
        });
        let analysis::Findings {
            peak_concurrency,
            mean_concurrency,
            ..
        } = seen.in_flight;
        Self {
            site: recorded.site,
            watched: true,
            wall_ns: recorded.wall_ns,
            span_ns: seen.all.wall_ns,
            placement,
            peak_overlap: seen.executing.peak_overlap,
            mean_overlap: seen.executing.mean_overlap,
            peak_concurrency,
            mean_concurrency,
            cores_used: seen.all.cpu_ns as f64 / seen.all.wall_ns.max(1) as f64,
            threads: seen.all.threads,
            workers,
            told: recorded.told,
            without_core_ns: recorded.without_core_ns,
            lost_polls: recorded.lost_polls,
            lost_branches: recorded.lost_branches,
            spawned,
            diagnosis,
            scope: ScopeReport {
                own_ns: own.of_scope().map(own::Segment::length).sum(),
                longest_own_ns: own.of_scope().map(own::Segment::length).max().unwrap_or(0),
                polls: recorded.scope,
            },
            branches,
        }
    }

    /// The first branch of this name.
    #[must_use]
    pub fn branch(&self, name: &str) -> Option<&BranchReport> {
        self.branches.iter().find(|branch| branch.name == name)
    }

    /// What somebody of this call is called.
    #[must_use]
    pub fn name_of(&self, by: By) -> &str {
        match by {
            By::Branch(number) => self
                .branches
                .get(number as usize)
                .map_or("another branch", |branch| &branch.name),
            By::Scope => "the scope itself",
            By::Outside => "others",
        }
    }
}

/// Cores that this process may use. Tests say what is true on any machine.
fn cores() -> usize {
    // To ask takes longer than to report of a call: files of control groups are read.
    static CORES: OnceLock<usize> = OnceLock::new();
    if cfg!(test) {
        return 4;
    }
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Branches that are part of another count as that one.
fn placement(branches: &[BranchReport], scoped: bool) -> Placement {
    let tops = branches.iter().filter(|branch| branch.inside.is_none());
    let mut all = None;
    for branch in tops.filter(|branch| !branch.polls.is_empty()) {
        let this = branch.placement;
        all = match all {
            None => Some(this),
            Some(known) if known == this => Some(known),
            Some(_) => Some(Placement::Mixed),
        };
    }
    match all {
        // Without a scope a join on several threads looks like tasks that take turns.
        Some(Placement::Placed) if !scoped && !surely_placed(branches) => Placement::Unknown,
        known => known.unwrap_or(Placement::Unknown),
    }
}

/// Closures are on a thread of their own; and two polls at once are never one task's.
fn surely_placed(branches: &[BranchReport]) -> bool {
    let closures = branches.iter().all(|branch| branch.closure);
    let polls = analysis_polls(branches.iter());
    closures || analysis::analyse(&polls, 1).peak_overlap >= 2
}

/// All polls of some branches, as the analysis takes them.
fn analysis_polls<'a>(branches: impl Iterator<Item = &'a BranchReport>) -> Vec<analysis::Poll> {
    let numbered = (0..).zip(branches);
    numbered
        .flat_map(|(number, branch)| {
            branch.polls.iter().map(move |poll| analysis::Poll {
                branch: number,
                thread: poll.thread,
                start: poll.start_ns,
                end: poll.end_ns,
            })
        })
        .collect()
}

#[cfg(all(test, not(any(witness_loom, feature = "off"))))]
mod tests;
