//! The branches of a joined call as chains, and what they would take if they were spawned.

use super::{BranchReport, Placement, held, own::Own};
use crate::{
    recorded::{By, Poll, Recorded, Wake},
    what_if::{self, After, Chain, Pool, Refused, SPAWN_NS, Spawned, Step},
    workers::Workers,
};

/// A poll that nobody woke the branch for, up to so long, only looked whether there was anything to do.
const LOOK_NS: u64 = 20_000;
/// A branch is taken to need so many of those that had ended before it was made: the last ones.
const NEEDS: usize = 64;

pub(super) fn spawned(
    branches: &[BranchReport],
    own: &Own,
    recorded: &Recorded,
    placement: Placement,
    workers: Workers,
    cores: usize,
) -> Result<Spawned, Refused> {
    if recorded.lost_polls + recorded.lost_branches > 0 {
        return Err(Refused::Losses);
    }
    if !matches!(placement, Placement::Composed) {
        return Err(match placement {
            Placement::Unknown => Refused::NoSibling,
            _ => Refused::Placed,
        });
    }
    // Where it is not known how many workers there are, as many as there are cores, and no fewer than were seen.
    let workers = workers.exactly().unwrap_or(workers.count.max(cores as u32));
    let pool = Pool::new(workers as usize, cores);
    let hopeful = chains(branches, own, Reading::Hopeful);
    let careful = chains(branches, own, Reading::Careful);
    what_if::spawned(&hopeful, &careful, pool, SPAWN_NS)
}

/// What the branches of a call would take, put together in another way than they were. In nanoseconds.
pub(super) struct Otherwise {
    /// In one task: at least, and at most.
    pub(super) joined_ns: (u64, u64),
    /// At best, on so many threads as execute, two at least.
    pub(super) best_ns: u64,
}

pub(super) fn otherwise(
    branches: &[BranchReport],
    own: &Own,
    recorded: &Recorded,
    workers: Workers,
    cores: usize,
) -> Option<Otherwise> {
    if recorded.lost_polls + recorded.lost_branches > 0 {
        return None;
    }
    let hopeful = chains(branches, own, Reading::Hopeful);
    let careful = chains(branches, own, Reading::Careful);
    let task = Pool::new(1, 1);
    let (one, other) = (
        what_if::makespan(&hopeful, task),
        what_if::makespan(&careful, task),
    );
    let k = workers.exactly().unwrap_or(workers.count).max(2);
    Some(Otherwise {
        joined_ns: (one.min(other), one.max(other)),
        best_ns: what_if::makespan(&hopeful, Pool::new(k as usize, cores)),
    })
}

/// How to read what a recording leaves open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// A look in vain is left out: a spawned branch is not looked at for another's sake. And a wait was over as early as it may
    /// have been.
    Hopeful,
    Careful,
}

/// The top branches that were polled.
fn chains(branches: &[BranchReport], own: &Own, reading: Reading) -> Vec<Chain> {
    let tops: Vec<(u32, &BranchReport)> = (0..)
        .zip(branches)
        .filter(|(_, branch)| branch.inside.is_none() && !branch.polls.is_empty())
        .collect();
    let kept: Vec<Vec<&Poll>> = tops
        .iter()
        .map(|(_, branch)| kept(branch, reading))
        .collect();
    let place = |by: By, at_ns: u64| {
        let chain = tops
            .iter()
            .position(|(number, _)| By::Branch(*number) == by)?;
        let step = kept[chain]
            .iter()
            .position(|poll| (poll.start_ns..=poll.end_ns).contains(&at_ns))?;
        let into_ns = at_ns - kept[chain][step].start_ns;
        Some(After {
            chain,
            step,
            into_ns,
        })
    };
    let first = tops
        .iter()
        .map(|(_, branch)| branch.created_ns)
        .min()
        .unwrap_or(0);
    let chain = |(this, polls): (usize, &Vec<&Poll>)| {
        let mut before: Option<u64> = None;
        let steps = polls.iter().map(|poll| {
            let of_this = &tops[this].1.polls;
            let woken = poll.woken.map(|wake| {
                // Who awaits what it spawned waits for that, and not for the world.
                let handle = own.handle(of_this, wake.at_ns, held::TOLD_NS);
                match (reading, before, handle) {
                    (_, Some(_), Some(handle)) if wake.by == By::Outside => handle,
                    (Reading::Hopeful, Some(end), _) => Wake {
                        at_ns: held::earliest(of_this, poll, wake, end, own),
                        ..wake
                    },
                    _ => wake,
                }
            });
            let step = step(&Poll { woken, ..**poll }, before, |by, at_ns| {
                place(by, at_ns).filter(|after| after.chain != this)
            });
            before = Some(poll.end_ns);
            step
        });
        let steps = steps.collect();
        let (release_ns, released_by) = released(&tops, this, first);
        Chain {
            release_ns,
            released_by,
            steps,
        }
    };
    kept.iter().enumerate().map(chain).collect()
}

fn kept(branch: &BranchReport, reading: Reading) -> Vec<&Poll> {
    let last = branch.polls.len() - 1;
    let polls = branch.polls.iter().enumerate();
    let in_vain = |i: usize, poll: &Poll| {
        reading == Reading::Hopeful
            && i != 0
            && i != last
            && poll.woken.is_none()
            && poll.length_ns() <= LOOK_NS
    };
    polls
        .filter(|(i, poll)| !in_vain(*i, poll))
        .map(|(_, poll)| poll)
        .collect()
}

fn step(poll: &Poll, before: Option<u64>, place: impl Fn(By, u64) -> Option<After>) -> Step {
    let mut step = Step {
        poll_ns: poll.length_ns(),
        blocks: poll.split().blocked_ns > poll.length_ns() / 2,
        ..Step::default()
    };
    // Before its first poll it does not wait: it has not begun.
    let Some(before) = before else {
        return step;
    };
    match poll.woken {
        Some(wake) => match place(wake.by, wake.at_ns).filter(|_| wake.at_ns > before) {
            Some(after) => step.after = Some(after),
            None => step.wait_ns = wake.at_ns.saturating_sub(before),
        },
        None => step.wait_ns = poll.start_ns.saturating_sub(before),
    }
    step
}

/// When a branch could have been handed over: so long after the last of those that had ended before it was made, or
/// after the first was made. Polls of other branches in between are left out: they would not have held its parent up.
fn released(tops: &[(u32, &BranchReport)], this: usize, first: u64) -> (u64, Vec<usize>) {
    let made = tops[this].1.created_ns;
    let mut before: Vec<(u64, usize)> = tops
        .iter()
        .enumerate()
        .filter(|(i, (_, branch))| *i != this && branch.end_ns() <= made)
        .map(|(i, (_, branch))| (branch.end_ns(), i))
        .collect();
    // Who had ended before another of these was made is needed by that one already.
    let latest = before
        .iter()
        .map(|(_, i)| tops[*i].1.created_ns)
        .max()
        .unwrap_or(0);
    before.retain(|(end, _)| *end > latest);
    before.sort_unstable();
    let from = before.last().map_or(first, |(end, _)| *end);
    let needed = before.iter().rev().take(NEEDS).map(|(_, i)| *i).collect();
    let others = tops.iter().enumerate().filter(|(i, _)| *i != this);
    let polled: u64 = others
        .flat_map(|(_, (_, branch))| &branch.polls)
        .map(|poll| {
            poll.end_ns
                .min(made)
                .saturating_sub(poll.start_ns.max(from))
        })
        .sum();
    (made.saturating_sub(from).saturating_sub(polled), needed)
}
