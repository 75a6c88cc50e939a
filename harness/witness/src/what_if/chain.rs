//! A branch as a chain of waits and polls.

use crate::analysis::Poll;

/// One branch: waits and polls, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// From the beginning to the moment in which it could be handed over; or from the end of the last of `released_by`.
    pub release_ns: u64,
    /// Chains that had ended before it was made: it is taken to need what they came to.
    pub released_by: Vec<usize>,
    /// Its waits and polls.
    pub steps: Vec<Step>,
}

/// A wait, and the poll after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// How long it waits for the world, from the end of its poll before; if another chain ends the wait, 0.
    pub wait_ns: u64,
    /// What ends its wait, if that is a poll of another chain: a lock let go, a message sent.
    pub after: Option<After>,
    /// How long its poll takes.
    pub poll_ns: u64,
    /// The poll holds a worker, and no core.
    pub blocks: bool,
}

/// A moment in a poll of another chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    /// Which chain.
    pub chain: usize,
    /// Which of its steps.
    pub step: usize,
    /// So long after that poll began.
    pub into_ns: u64,
}

impl Chain {
    /// The same with polls of `numerator / denominator` of the length.
    pub(super) fn polls_times(&self, numerator: u64, denominator: u64) -> Self {
        let scaled = |ns: u64| {
            let product = u128::from(ns) * u128::from(numerator);
            u64::try_from(product.div_ceil(u128::from(denominator))).unwrap_or(u64::MAX)
        };
        let steps = self.steps.iter().map(|step| Step {
            poll_ns: scaled(step.poll_ns),
            after: step.after.map(|after| After {
                into_ns: scaled(after.into_ns),
                ..after
            }),
            ..*step
        });
        Self {
            steps: steps.collect(),
            ..self.clone()
        }
    }
}

/// What a gap between two polls of a branch is taken for, where its wakes are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gaps {
    /// All of it is a wait, which goes on whatever the others do.
    AllWaits,
    /// Only that part of it is a wait in which no other branch was polled; in the rest it was ready, and had to queue.
    OnlyUncovered,
}

/// Chains of polls that were recorded without their wakes; all branches could be handed over at 0. In the order of
/// their numbers.
#[must_use]
pub fn from_polls(polls: &[Poll], gaps: Gaps) -> Vec<Chain> {
    let mut ordered = polls.to_vec();
    ordered.sort_unstable_by_key(|poll| (poll.branch, poll.start));
    let covered = merged(polls);
    let of_branch = ordered.chunk_by(|a, b| a.branch == b.branch);
    of_branch
        .map(|polls| {
            let mut before = 0;
            let steps = polls.iter().enumerate().map(|(i, poll)| {
                // Before its first poll a branch does not wait: it has not begun.
                let wait_ns = match gaps {
                    _ if i == 0 => 0,
                    Gaps::AllWaits => poll.start.saturating_sub(before),
                    Gaps::OnlyUncovered => uncovered(&covered, before, poll.start),
                };
                before = poll.end;
                Step {
                    wait_ns,
                    poll_ns: poll.end.saturating_sub(poll.start),
                    ..Step::default()
                }
            });
            Chain {
                steps: steps.collect(),
                ..Chain::default()
            }
        })
        .collect()
}

/// The times in which any branch was polled, in order.
fn merged(polls: &[Poll]) -> Vec<(u64, u64)> {
    let mut all: Vec<(u64, u64)> = polls.iter().map(|poll| (poll.start, poll.end)).collect();
    all.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (start, end) in all {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}

/// How much of a stretch these do not cover.
fn uncovered(covered: &[(u64, u64)], from: u64, to: u64) -> u64 {
    let first = covered.partition_point(|(_, end)| *end <= from);
    let within = covered[first..].iter().take_while(|(start, _)| *start < to);
    let inside: u64 = within
        .map(|(start, end)| (*end).min(to) - (*start).max(from))
        .sum();
    to.saturating_sub(from).saturating_sub(inside)
}
