//! Polls made few enough to draw: a lane a thread, cut into columns, each of which shows the branch that
//! was polled in it for the longest.
//!
//! Nothing that was polled vanishes: a poll shorter than a column has a column all the same. However many
//! polls there were, a lane has no more stretches than columns, and a picture no more lanes than
//! [`MOST_LANES`].

use std::collections::BTreeMap;

use harness_protocol::Poll;

use harness_report::timeline::threads;

/// Columns of all lanes together.
const COLUMNS: usize = 800;
/// More lanes than this nobody reads.
pub(super) const MOST_LANES: usize = 12;
/// Branches whose time in flight is shown.
const MOST_FLIGHTS: usize = 4;

/// Who polled what, and when, in columns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lanes {
    /// Columns of a lane.
    pub(super) columns: usize,
    /// One a thread, in the order of their first polls.
    pub(super) lanes: Vec<Vec<Stretch>>,
    /// Threads that are not drawn.
    pub(super) more_threads: usize,
    /// From the first poll to the end of the last, by branch; none where there are many branches.
    pub(super) flights: Vec<Stretch>,
}

/// Neighbouring columns of one branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The first column.
    pub(super) from: usize,
    /// The column behind the last.
    pub(super) to: usize,
    /// The branch.
    pub(super) branch: u32,
}

/// Cuts polls into columns of an axis that is `span_ns` long: so many of them, or fewer where there are many
/// lanes.
pub(super) fn lanes(polls: &[Poll], span_ns: u64, most_columns: usize) -> Lanes {
    let threads = threads(polls);
    let drawn = threads.len().min(MOST_LANES);
    let columns = (COLUMNS / drawn.max(1)).min(most_columns);
    let axis = Axis {
        span: u128::from(span_ns.max(1)),
        columns,
    };
    let lanes = threads[..drawn]
        .iter()
        .map(|thread| lane(polls.iter().filter(|poll| poll.thread == *thread), axis))
        .collect();
    Lanes {
        columns,
        lanes,
        more_threads: threads.len() - drawn,
        flights: flights(polls, axis),
    }
}

#[derive(Clone, Copy)]
struct Axis {
    span: u128,
    columns: usize,
}

impl Axis {
    /// A time in units of which a column has [`Axis::span`]: exact, so that no edge is rounded.
    fn at(self, ns: u64) -> u128 {
        (u128::from(ns) * self.columns as u128).min(self.span * self.columns as u128)
    }

    /// The columns that a time touches: one at least.
    fn touched(self, from: u64, to: u64) -> (usize, usize) {
        let first = ((self.at(from) / self.span) as usize).min(self.columns - 1);
        let last = self.at(to).div_ceil(self.span) as usize;
        (first, last.max(first + 1))
    }
}

fn lane<'a>(polls: impl Iterator<Item = &'a Poll>, axis: Axis) -> Vec<Stretch> {
    let mut columns: Vec<Vec<(u32, u128)>> = vec![Vec::new(); axis.columns];
    for poll in polls {
        let (first, last) = axis.touched(poll.start_ns, poll.end_ns);
        for (i, column) in (first..).zip(&mut columns[first..last]) {
            let (from, to) = (axis.span * i as u128, axis.span * (i as u128 + 1));
            let inside = axis
                .at(poll.end_ns)
                .min(to)
                .saturating_sub(axis.at(poll.start_ns).max(from));
            match column.iter_mut().find(|(b, _)| *b == poll.branch) {
                Some((_, time)) => *time += inside,
                None => column.push((poll.branch, inside)),
            }
        }
    }
    let mut stretches: Vec<Stretch> = Vec::new();
    for (i, column) in columns.iter().enumerate() {
        // Of equals the one polled first, as the eye reads.
        let Some(&(branch, _)) = column.iter().rev().max_by_key(|(_, time)| time) else {
            continue;
        };
        match stretches.last_mut() {
            Some(last) if (last.to, last.branch) == (i, branch) => last.to = i + 1,
            _ => stretches.push(Stretch {
                from: i,
                to: i + 1,
                branch,
            }),
        }
    }
    stretches
}

fn flights(polls: &[Poll], axis: Axis) -> Vec<Stretch> {
    let mut flights: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for poll in polls {
        let flight = flights
            .entry(poll.branch)
            .or_insert((poll.start_ns, poll.end_ns));
        *flight = (flight.0.min(poll.start_ns), flight.1.max(poll.end_ns));
        if flights.len() > MOST_FLIGHTS {
            return Vec::new();
        }
    }
    let stretch = |(branch, (from, to))| {
        let (from, to) = axis.touched(from, to);
        Stretch { from, to, branch }
    };
    flights.into_iter().map(stretch).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use harness_record::fabricated::poll;

    fn stretch(from: usize, to: usize, branch: u32) -> Stretch {
        Stretch { from, to, branch }
    }

    #[test]
    fn two_branches_in_turn_and_side_by_side() {
        let compose = lanes(&[poll(0, 7, 0, 4000), poll(1, 7, 4000, 8000)], 8000, 400);
        assert_eq!(compose.columns, 400);
        assert_eq!(
            compose.lanes,
            [vec![stretch(0, 200, 0), stretch(200, 400, 1)]]
        );
        assert_eq!(compose.flights, [stretch(0, 200, 0), stretch(200, 400, 1)]);
        // Threads stand in the order of their first polls, whatever the process calls them.
        let spawn = lanes(&[poll(1, 3, 20, 4000), poll(0, 9, 0, 4000)], 8000, 400);
        assert_eq!(
            spawn.lanes,
            [vec![stretch(0, 200, 0)], vec![stretch(1, 200, 1)]]
        );
    }

    #[test]
    fn a_poll_too_short_to_see_has_a_column_and_the_longest_wins() {
        // Columns of 20 ns: the first holds 5 ns of A and 12 ns of B.
        let polls = [poll(0, 0, 0, 5), poll(1, 0, 5, 17), poll(2, 0, 7999, 8000)];
        let drawn = lanes(&polls, 8000, 400);
        assert_eq!(drawn.lanes, [vec![stretch(0, 1, 1), stretch(399, 400, 2)]]);
        // One of no length at all, at the very end.
        let end = lanes(&[poll(0, 0, 8000, 8000)], 8000, 400);
        assert_eq!(end.lanes, [vec![stretch(399, 400, 0)]]);
    }

    #[test]
    fn many_threads_are_counted_and_not_drawn() {
        let polls: Vec<Poll> = (0..40).map(|i| poll(i, i, 0, 100)).collect();
        let drawn = lanes(&polls, 100, 400);
        assert_eq!((drawn.lanes.len(), drawn.more_threads), (12, 28));
        assert!(drawn.flights.is_empty());
    }

    #[test]
    fn a_million_polls_are_a_few_hundred_rectangles() {
        let polls: Vec<Poll> = (0..1_000_000_u32)
            .map(|i| poll(i % 7, i % 4, u64::from(i) * 10, u64::from(i) * 10 + 9))
            .collect();
        let drawn = lanes(&polls, 10_000_000, 400);
        let rectangles: usize = drawn.lanes.iter().map(Vec::len).sum();
        assert!((1..=800).contains(&rectangles), "{rectangles}");
    }

    proptest! {
        /// Whatever a program in another language may send.
        #[test]
        fn stretches_stay_within_the_axis_and_in_order(
            polls in prop::collection::vec((any::<u32>(), 0_u32..30, any::<u64>(), any::<u64>()), 0..300),
            span in any::<u64>(),
        ) {
            let polls: Vec<Poll> = polls.into_iter().map(|(b, t, from, to)| poll(b, t, from, to)).collect();
            let drawn = lanes(&polls, span, 400);
            for lane in &drawn.lanes {
                prop_assert!(!lane.is_empty() && lane.len() <= drawn.columns);
                let mut end = 0;
                for stretch in lane {
                    prop_assert!(stretch.from >= end && stretch.from < stretch.to);
                    end = stretch.to;
                }
                prop_assert!(end <= drawn.columns);
            }
        }
    }
}
