//! What the rules are told of a call.

use super::{
    BranchReport, analysis_polls,
    held::{self, Ready},
    own::Own,
};
use crate::{
    analysis::{self, Findings},
    recorded::{By, Recorded},
    rules,
};

/// A call, or some branches of it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) all: rules::Seen,
    /// Polls, but for those of closures that blocked a thread of their own: these execute nothing.
    pub(super) executing: Findings,
    /// All of them.
    pub(super) in_flight: Findings,
}

impl Seen {
    pub(super) fn of(branches: &[BranchReport], own: &Own, recorded: &Recorded) -> Self {
        Self::of_some(branches, |_| true, own, recorded)
    }

    /// Of those top branches that are wanted, and of the scope while they were there.
    pub(super) fn of_some(
        branches: &[BranchReport],
        wanted: impl Fn(&BranchReport) -> bool,
        own: &Own,
        recorded: &Recorded,
    ) -> Self {
        let tops: Vec<(u32, &BranchReport)> = (0..)
            .zip(branches)
            .filter(|(_, branch)| branch.inside.is_none() && !branch.polls.is_empty())
            .filter(|(_, branch)| wanted(branch))
            .collect();
        let each = || tops.iter().map(|(_, branch)| *branch);
        let from = each().map(|branch| branch.created_ns).min().unwrap_or(0);
        let to = each().map(BranchReport::end_ns).max().unwrap_or(from);
        let wall_ns = to.saturating_sub(from);
        let in_flight = analysis::analyse(&analysis_polls(each()), wall_ns);
        let on_executors = each().filter(|branch| !idle_elsewhere(branch));
        let executing = analysis::analyse(&analysis_polls(on_executors), wall_ns);

        // What the parent computes between its branches holds them up as a branch would.
        let scope = || own.of_scope().map(|segment| segment.within(from, to));
        let polled = |branch: &BranchReport| branch.polled_ns - elsewhere(branch);
        let holding = each().filter(|branch| !branch.offloaded());
        let longest_poll = holding
            .map(|branch| branch.longest_poll_ns)
            .chain(scope())
            .max();
        let sum = |read: fn(&BranchReport) -> u64| each().map(read).sum::<u64>();
        let waited_for_siblings = each().flat_map(|branch| {
            branch.waited_for.iter().filter(|share| {
                tops.iter()
                    .any(|(number, _)| share.by == By::Branch(*number))
            })
        });
        let ready = longest_ready(&tops, own, recorded);
        let told = |ns: u64| recorded.told.then_some(ns);
        let all = rules::Seen {
            wall_ns,
            cpu_ns: sum(|branch| branch.computing_ns) + scope().sum::<u64>(),
            queued_ns: told(sum(|branch| branch.queued_ns)),
            polls: in_flight.polls,
            lost_polls: recorded.lost_polls + recorded.lost_branches,
            threads: in_flight.threads,
            polled_ns: each().map(polled).sum::<u64>() + scope().sum::<u64>(),
            peak_overlap: executing.peak_overlap,
            peak_concurrency: in_flight.peak_concurrency,
            longest_poll_ns: longest_poll.unwrap_or(0),
            longest_branch_ns: each().map(polled).max(),
            longest_life_ns: each().filter_map(life).max(),
            all_begun_ns: each()
                .filter_map(|branch| branch.begun_ns)
                .max()
                .map(|last| last - from),
            late_ns: None,
            hidden_spawns: 0,
            hidden_peak: None,
            made_in_turn: made_in_turn(each()),
            ready_ns: Some(ready.ns),
            told_late: ready.told_late,
            held_by_sibling_ns: Some(ready.held_in_task_ns),
            waited_for_siblings_ns: Some(waited_for_siblings.map(|share| share.ns).sum()),
            spared_ns: Some(spared(&tops)),
            blocked_ns: told(
                each()
                    .filter(|branch| !branch.offloaded())
                    .map(|branch| branch.blocked_ns)
                    .sum(),
            ),
            offloaded_ns: told(each().map(elsewhere).sum()),
        };
        Self {
            all,
            executing,
            in_flight,
        }
    }
}

/// The longest that somebody's poll went on when another, which had been woken, was polled.
fn spared(tops: &[(u32, &BranchReport)]) -> u64 {
    let polls = || tops.iter().flat_map(|(_, branch)| &branch.polls);
    let mut by_start: Vec<(u64, u64)> = polls().map(|p| (p.start_ns, p.end_ns)).collect();
    by_start.sort_unstable();
    // Up to each of them, the latest end.
    let mut latest = 0;
    for (_, end) in &mut by_start {
        latest = latest.max(*end);
        *end = latest;
    }
    let woken = polls().filter(|poll| poll.woken.is_some());
    // Its own polls before this one have ended, and those on its thread too.
    let beside = woken.map(|poll| {
        let before = by_start.partition_point(|(start, _)| *start < poll.start_ns);
        let latest = before.checked_sub(1).map_or(0, |last| by_start[last].1);
        latest.saturating_sub(poll.start_ns)
    });
    beside.max().unwrap_or(0)
}

/// Of a closure on a thread of its own: how long it blocked that.
fn elsewhere(branch: &BranchReport) -> u64 {
    if branch.offloaded() {
        branch.blocked_ns
    } else {
        0
    }
}

fn idle_elsewhere(branch: &BranchReport) -> bool {
    branch.offloaded() && branch.blocked_ns > branch.computing_ns
}

fn life(branch: &BranchReport) -> Option<u64> {
    let last = branch.polls.last()?;
    Some(last.end_ns.saturating_sub(branch.begun_ns?))
}

/// Whether each was made only when all before it had ended. If not, they may have been awaited in turn all the same, and
/// that is told by when they were polled; unless at most one of them went back to wait, and nothing could overlap.
fn made_in_turn<'a>(branches: impl Iterator<Item = &'a BranchReport>) -> Option<bool> {
    let mut branches: Vec<&BranchReport> = branches.collect();
    if branches.len() < 2 {
        return None;
    }
    branches.sort_by_key(|branch| branch.created_ns);
    let mut end = 0;
    let in_turn = branches.iter().all(|branch| {
        let after = branch.created_ns >= end;
        end = end.max(branch.end_ns());
        after
    });
    let waited = branches.iter().filter(|branch| branch.polls.len() > 1);
    match in_turn {
        true => Some(true),
        false if waited.count() < 2 => Some(false),
        false => None,
    }
}

/// The longest time for which one of them was ready and not polled.
fn longest_ready(tops: &[(u32, &BranchReport)], own: &Own, recorded: &Recorded) -> Ready {
    // The first, of several that were ready as long.
    let tops = tops.iter().rev();
    let longest = tops.max_by_key(|(_, branch)| branch.longest_ready_ns);
    let track = longest.and_then(|(number, _)| recorded.branches.get(*number as usize));
    track.map_or_else(Ready::default, |track| {
        held::between(track, own).longest_ready
    })
}
