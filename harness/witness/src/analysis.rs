//! What the intervals say, computed after the clock has stopped.

use std::collections::HashMap;

/// One poll in nanoseconds since the sample's clock started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// Which branch.
    pub branch: u32,
    /// Which thread.
    pub thread: u32,
    /// When it began.
    pub start: u64,
    /// When it ended.
    pub end: u64,
}

/// What the witness saw in one sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Findings {
    /// Number of polls.
    pub polls: u64,
    /// Distinct threads that polled.
    pub threads: u32,
    /// Time in polls, summed.
    pub polled_ns: u64,
    /// Threads that were inside a poll at one instant, at most.
    pub peak_overlap: u32,
    /// Threads inside a poll, averaged over `wall`.
    pub mean_overlap: f64,
    /// Branches between their first poll's start and their last poll's end at one instant, at most.
    pub peak_concurrency: u32,
    /// The same, averaged over `wall`.
    pub mean_concurrency: f64,
    /// The longest poll.
    pub longest_poll_ns: u64,
    /// Time in polls of the branch that has most of it.
    pub longest_branch_ns: u64,
    /// From first poll to last of the branch that was in flight longest.
    pub longest_life_ns: u64,
    /// From the start of the clock to the first poll of the branch that was polled first last.
    pub all_begun_ns: u64,
    /// The longest time from one poll's end to the next poll's start of the same branch.
    pub longest_gap_ns: u64,
    /// From the start of the clock to the first poll.
    pub first_poll_ns: u64,
    /// Polls of one branch in a row while another had not come to its end, at most.
    pub longest_run: u32,
}

/// Reads the findings off the polls of a sample that took `wall` nanoseconds.
///
/// Overlap counts threads and not polls, so that a poll inside another on one thread (an executor
/// run from within a branch) is no parallelism. An interval that ends where the next begins does
/// not overlap it.
#[must_use]
pub fn analyse(polls: &[Poll], wall: u64) -> Findings {
    let mut lifetimes: HashMap<u32, (u64, u64)> = HashMap::new();
    let mut ordered: Vec<&Poll> = polls.iter().collect();
    ordered.sort_unstable_by_key(|poll| (poll.start, poll.end));
    let mut longest_gap_ns = 0;
    let mut polled: HashMap<u32, u64> = HashMap::new();
    for poll in &ordered {
        *polled.entry(poll.branch).or_default() += length(poll);
        let life = lifetimes
            .entry(poll.branch)
            .or_insert((poll.start, poll.start));
        longest_gap_ns = longest_gap_ns.max(poll.start.saturating_sub(life.1));
        life.1 = life.1.max(poll.end);
    }

    // Intervals of one thread merged, so that nested polls count once.
    let mut threads: HashMap<u32, Vec<(u64, u64)>> = HashMap::new();
    for poll in &ordered {
        let busy = threads.entry(poll.thread).or_default();
        match busy.last_mut() {
            // Two at one instant, too short for the clock, are one after the other as well.
            Some(last) if poll.start < last.1.max(last.0 + 1) => last.1 = last.1.max(poll.end),
            _ => busy.push((poll.start, poll.end)),
        }
    }
    let polled_ns: u64 = polls.iter().map(length).sum();
    let busy_ns: u64 = threads
        .values()
        .flatten()
        .map(|(start, end)| end - start)
        .sum();
    let alive_ns: u64 = lifetimes.values().map(|(start, end)| end - start).sum();
    let over_wall = |ns: u64| {
        if wall == 0 {
            0.0
        } else {
            ns as f64 / wall as f64
        }
    };

    Findings {
        polls: polls.len() as u64,
        threads: u32::try_from(threads.len()).unwrap_or(u32::MAX),
        polled_ns,
        peak_overlap: peak(threads.values().flatten().copied()),
        mean_overlap: over_wall(busy_ns),
        peak_concurrency: peak(lifetimes.values().copied()),
        mean_concurrency: over_wall(alive_ns),
        longest_poll_ns: polls.iter().map(length).max().unwrap_or(0),
        longest_branch_ns: polled.into_values().max().unwrap_or(0),
        longest_life_ns: lifetimes
            .values()
            .map(|(start, end)| end - start)
            .max()
            .unwrap_or(0),
        all_begun_ns: lifetimes.values().map(|life| life.0).max().unwrap_or(0),
        longest_gap_ns,
        first_poll_ns: ordered.first().map_or(0, |poll| poll.start),
        longest_run: longest_run(&ordered, &lifetimes),
    }
}

/// The most polls of one branch in a row, in the order of their starts, while another branch still
/// had a poll to end. A branch that has not begun counts as one that waits for its turn; whether it
/// was ready for one cannot be seen from polls.
fn longest_run(ordered: &[&Poll], lifetimes: &HashMap<u32, (u64, u64)>) -> u32 {
    // Some other branch is unfinished if the one that ends last is, or the last but one.
    let mut ends: Vec<(u64, u32)> = lifetimes.iter().map(|(b, life)| (life.1, *b)).collect();
    ends.sort_unstable_by(|a, b| b.cmp(a));
    let unfinished = |poll: &Poll| {
        let last_other = ends.iter().find(|(_, branch)| *branch != poll.branch);
        last_other.is_some_and(|(end, _)| *end > poll.start)
    };
    let (mut running, mut run, mut longest) = (None, 0, 0);
    for poll in ordered.iter().filter(|poll| unfinished(poll)) {
        run = if running == Some(poll.branch) {
            run + 1
        } else {
            1
        };
        running = Some(poll.branch);
        longest = longest.max(run);
    }
    longest
}

fn length(poll: &Poll) -> u64 {
    poll.end.saturating_sub(poll.start)
}

/// How many half-open intervals hold one instant, at most.
fn peak(intervals: impl Iterator<Item = (u64, u64)>) -> u32 {
    let mut edges: Vec<(u64, i32)> = intervals
        // An interval too short for the clock holds no instant; give it one.
        .flat_map(|(start, end)| [(start, 1), (end.max(start + 1), -1)])
        .collect();
    // At one instant ends (-1) come before starts (+1).
    edges.sort_unstable();
    let mut open = 0;
    let mut most = 0;
    for (_, step) in edges {
        open += step;
        most = most.max(open);
    }
    most.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(branch: u32, thread: u32, start: u64, end: u64) -> Poll {
        Poll {
            branch,
            thread,
            start,
            end,
        }
    }

    #[test]
    fn two_threads_are_no_parallelism_if_they_are_never_inside_at_once() {
        // A joined parent that migrates: thread 0, then thread 1.
        let found = analyse(&[poll(0, 0, 0, 50), poll(1, 1, 50, 100)], 100);
        assert_eq!((found.threads, found.peak_overlap), (2, 1));
        assert!((found.mean_overlap - 1.0).abs() < 1e-9);
    }

    #[test]
    fn overlap_on_two_threads_is_found_and_averaged() {
        let found = analyse(&[poll(0, 0, 0, 80), poll(1, 1, 20, 100)], 100);
        assert_eq!(found.peak_overlap, 2);
        assert!((found.mean_overlap - 1.6).abs() < 1e-9);
        assert_eq!(found.first_poll_ns, 0);
    }

    #[test]
    fn a_poll_within_a_poll_on_one_thread_is_one_thread() {
        let found = analyse(&[poll(0, 0, 0, 100), poll(1, 0, 20, 60)], 100);
        assert_eq!(found.peak_overlap, 1);
        assert!((found.mean_overlap - 1.0).abs() < 1e-9);
        assert_eq!(found.peak_concurrency, 2);
    }

    #[test]
    fn waiting_branches_are_concurrent_and_not_parallel() {
        // Three sleeps: polled at once one after the other, and again when their time has come.
        let polls: Vec<_> = (0..3u32)
            .flat_map(|b| {
                let at = u64::from(b);
                [poll(b, 0, at, at + 1), poll(b, 0, 1000 + at, 1001 + at)]
            })
            .collect();
        let found = analyse(&polls, 1003);
        assert_eq!((found.peak_concurrency, found.peak_overlap), (3, 1));
        assert_eq!(found.longest_gap_ns, 999);
        assert!(found.mean_concurrency > 2.9 && found.mean_overlap < 0.01);
    }

    #[test]
    fn sequential_branches_are_not_concurrent() {
        let found = analyse(&[poll(0, 0, 0, 50), poll(1, 0, 50, 90)], 100);
        assert_eq!(found.peak_concurrency, 1);
        assert!((found.mean_concurrency - 0.9).abs() < 1e-9);
        assert_eq!(
            (found.longest_poll_ns, found.polled_ns, found.polls),
            (50, 90, 2)
        );
    }

    /// Branches polled one after the other on one thread, 10 ns each.
    fn in_order(branches: &[u32]) -> Findings {
        let polls: Vec<Poll> = (0..)
            .zip(branches)
            .map(|(i, &branch)| poll(branch, 0, 10 * i, 10 * i + 10))
            .collect();
        analyse(&polls, 10 * branches.len() as u64)
    }

    #[test]
    fn turns_are_runs_of_one_and_a_rotating_join_makes_runs_of_two() {
        assert_eq!(in_order(&[0, 1, 0, 1, 0, 1]).longest_run, 1);
        assert_eq!(in_order(&[0, 1, 1, 0, 0, 1]).longest_run, 2);
        assert_eq!(in_order(&[0, 1, 2, 0, 0, 0, 1, 2]).longest_run, 3);
    }

    #[test]
    fn polls_of_the_last_branch_hold_nobody_up() {
        // Branch 1 has ended with its second poll; what follows is alone.
        assert_eq!(in_order(&[0, 1, 0, 1, 0, 0, 0, 0]).longest_run, 1);
        assert_eq!(in_order(&[0, 0, 0]).longest_run, 0);
        // Three branches: with 2 gone, 1 still waits while 0 runs on.
        assert_eq!(in_order(&[0, 1, 2, 0, 0, 0, 0, 1, 0, 0]).longest_run, 4);
    }

    #[test]
    fn a_branch_that_has_not_begun_waits_for_its_turn_too() {
        // In turn, and a join that comes to its second branch late.
        assert_eq!(in_order(&[0, 0, 0, 1, 1]).longest_run, 3);
        assert_eq!(in_order(&[0, 0, 0, 0, 1, 0, 1]).longest_run, 4);
    }

    #[test]
    fn branches_have_polls_and_lives_of_their_own_lengths() {
        // Branch 0 polls 10 and 20 and lives 100; branch 1 begins at 15, polls 40 in one piece and ends with it.
        let polls = [poll(0, 0, 0, 10), poll(1, 1, 15, 55), poll(0, 0, 80, 100)];
        let found = analyse(&polls, 100);
        assert_eq!((found.longest_branch_ns, found.longest_life_ns), (40, 100));
        assert_eq!((found.first_poll_ns, found.all_begun_ns), (0, 15));
        // Of one branch both pieces count.
        let found = analyse(
            &[poll(0, 0, 5, 30), poll(1, 0, 30, 60), poll(0, 0, 60, 70)],
            70,
        );
        assert_eq!((found.longest_branch_ns, found.longest_life_ns), (35, 65));
    }

    #[test]
    fn nothing_seen_is_nothing_found() {
        assert_eq!(analyse(&[], 0), Findings::default());
    }

    #[test]
    fn a_thread_is_in_one_poll_at_an_instant() {
        let found = analyse(&[poll(0, 0, 5, 5), poll(1, 0, 5, 5)], 10);
        assert_eq!(found.peak_overlap, 1);
    }

    #[test]
    fn instants_shorter_than_the_clock_still_count() {
        assert_eq!(
            analyse(&[poll(0, 0, 5, 5), poll(1, 1, 5, 5)], 10).peak_overlap,
            2
        );
    }
}
