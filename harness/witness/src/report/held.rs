//! What a branch waited for, and who held it up once it was ready.

use std::collections::BTreeMap;

use super::{Share, own::Own};
use crate::recorded::{By, Poll, Track, Wake};

/// A thread that was in polls of this call, but for breaks up to so long, was busy with it.
const BREAK_NS: u64 = 50_000;

/// What timers and sockets wake so soon after a poll was there before, as far as anybody can tell.
pub(super) const TOLD_NS: u64 = 200_000;

/// What lay between the polls of a branch. All in nanoseconds.
#[derive(Debug, Default)]
pub(super) struct Between {
    pub(super) waiting_ns: u64,
    pub(super) waited_for: Vec<Share>,
    pub(super) ready_ns: u64,
    pub(super) longest_ready: Ready,
    pub(super) held_up_by: Vec<Share>,
    pub(super) unwoken_polls: u64,
}

/// One time of being ready and not polled.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ready {
    pub(super) ns: u64,
    /// How much of it polls in the same task took, siblings' or the parent's own.
    pub(super) held_in_task_ns: u64,
    /// Nobody told of it while a thread was in its polls.
    pub(super) told_late: bool,
}

pub(super) fn between(track: &Track, own: &Own) -> Between {
    let mut found = Between::default();
    let (mut waited, mut held) = (BTreeMap::new(), BTreeMap::new());
    let mut before = None;
    // Of a wait that is not over yet: polls for others' sake do not end it.
    let mut so_far = 0;
    for poll in &track.polls {
        let gap_from = before.unwrap_or(track.created_ns);
        match (poll.woken, before) {
            (Some(wake), _) => {
                let told = wake.at_ns.clamp(gap_from, poll.start_ns.max(gap_from));
                let ready = before.map_or(told, |end| earliest(&track.polls, poll, wake, end, own));
                if before.is_some() {
                    found.waiting_ns += ready - gap_from;
                    *waited.entry(wake.by).or_insert(0) += so_far + ready - gap_from;
                    so_far = 0;
                }
                found.was_ready(poll, (ready, ready < told), own, &mut held);
            }
            (None, Some(end)) => {
                let gap = poll.start_ns.saturating_sub(end);
                found.unwoken_polls += 1;
                found.waiting_ns += gap;
                so_far += gap;
            }
            // What was spawned is ready. When that was is not known: it may have been named long before. But if the
            // thread that polled it came straight from other polls of this call, it was ready as long as these took.
            (None, None) if poll.around.is_none() && !track.closure => {
                let busy = own.busy_since(poll.thread, poll.start_ns, BREAK_NS);
                found.was_ready(poll, (busy.max(gap_from), false), own, &mut held);
            }
            (None, None) => {}
        }
        before = Some(poll.end_ns);
    }
    found.waited_for = shares(waited);
    found.held_up_by = shares(held);
    found
}

/// When a branch that went back to wait at `end` may have been ready at the earliest. Timers and sockets are looked at by
/// the threads that execute, between polls. What comes from there just when this thread has ended its polls may have
/// come at any time since they began, and nobody looked. But where what ended there was made in the `polls` of the one
/// that is woken, it is that one's handle that wakes, and not a moment before.
pub(super) fn earliest(polls: &[Poll], poll: &Poll, wake: Wake, end: u64, own: &Own) -> u64 {
    let told = wake.at_ns.clamp(end, poll.start_ns.max(end));
    if wake.by != By::Outside || own.handle(polls, told, TOLD_NS).is_some() {
        return told;
    }
    own.busy_since(poll.thread, told, TOLD_NS).clamp(end, told)
}

impl Between {
    /// It was ready from `from` until this poll began, and was told late of it or not.
    fn was_ready(
        &mut self,
        poll: &Poll,
        (from, told_late): (u64, bool),
        own: &Own,
        held: &mut BTreeMap<By, u64>,
    ) {
        let to = poll.start_ns;
        let mut ready = Ready {
            ns: to.saturating_sub(from),
            held_in_task_ns: 0,
            told_late,
        };
        if ready.ns == 0 {
            return;
        }
        let composed = poll.around.is_some();
        // Who is composed waits for its parent's task, wherever that is polled; and everybody for the thread. It has no poll of
        // its own among them: it was ready after one, and this is the next.
        let in_task = own.of_parent(from, to).filter(|_| composed);
        let on_thread = own
            .on(poll.thread, from, to)
            .filter(|segment| !(composed && segment.of_parent));
        for segment in in_task.chain(on_thread) {
            let ns = segment.within(from, to);
            *held.entry(segment.by).or_insert(0) += ns;
            if composed && segment.of_parent {
                ready.held_in_task_ns += ns;
            }
        }
        self.ready_ns += ready.ns;
        if ready.ns > self.longest_ready.ns {
            self.longest_ready = ready;
        }
    }
}

/// The most first.
fn shares(by: BTreeMap<By, u64>) -> Vec<Share> {
    let mut shares: Vec<Share> = by.into_iter().map(|(by, ns)| Share { by, ns }).collect();
    shares.retain(|share| share.ns > 0);
    shares.sort_by_key(|share| std::cmp::Reverse(share.ns));
    shares
}
