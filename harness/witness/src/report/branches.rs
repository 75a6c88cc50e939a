//! What is said of each branch.

use super::{BranchReport, Ended, Placement, held, own::Own};
use crate::recorded::{By, Poll, Recorded, Split, Track};

pub(super) fn branches(recorded: &Recorded, own: &Own) -> Vec<BranchReport> {
    let tracks = recorded.branches.iter();
    tracks.map(|track| branch(track, own)).collect()
}

fn branch(track: &Track, own: &Own) -> BranchReport {
    let between = held::between(track, own);
    let split = track
        .polls
        .iter()
        .map(Poll::split)
        .fold(Split::default(), |sum, split| Split {
            computing_ns: sum.computing_ns + split.computing_ns,
            blocked_ns: sum.blocked_ns + split.blocked_ns,
            queued_ns: sum.queued_ns + split.queued_ns,
        });
    let lengths = || track.polls.iter().map(Poll::length_ns);
    BranchReport {
        name: track.name.clone(),
        placement: placement(&track.polls),
        inside: inside(track),
        closure: track.closure,
        created_ns: track.created_ns,
        begun_ns: track.polls.first().map(|poll| poll.start_ns),
        ended: track.ended.map(|(at_ns, how)| Ended { at_ns, how }),
        longest_poll_ns: lengths().max().unwrap_or(0),
        polled_ns: lengths().sum(),
        computing_ns: split.computing_ns,
        blocked_ns: split.blocked_ns,
        queued_ns: split.queued_ns,
        waiting_ns: between.waiting_ns,
        waited_for: between.waited_for,
        ready_ns: between.ready_ns,
        longest_ready_ns: between.longest_ready.ns,
        held_up_by: between.held_up_by,
        unwoken_polls: between.unwoken_polls,
        polls: track.polls.clone(),
    }
}

fn placement(polls: &[Poll]) -> Placement {
    let composed = polls.iter().filter(|poll| poll.around.is_some()).count();
    match composed {
        _ if polls.is_empty() => Placement::Unknown,
        0 => Placement::Placed,
        all if all == polls.len() => Placement::Composed,
        _ => Placement::Mixed,
    }
}

/// The branch that was around its first poll.
fn inside(track: &Track) -> Option<u32> {
    match track.polls.first()?.around? {
        By::Branch(number) => Some(number),
        By::Scope | By::Outside => None,
    }
}

impl BranchReport {
    /// A closure that a thread of its own ran: it may block as it likes, and holds nobody up.
    pub(super) fn offloaded(&self) -> bool {
        self.closure && self.placement == Placement::Placed
    }

    /// Its last poll's end, or its end if that is known.
    pub(super) fn end_ns(&self) -> u64 {
        let last = self
            .polls
            .last()
            .map_or(self.created_ns, |poll| poll.end_ns);
        self.ended.map_or(last, |ended| ended.at_ns.max(last))
    }
}
