//! Who had a thread when: the polls of a thread laid flat, each moment given to the innermost poll.

use std::collections::BTreeMap;

use crate::recorded::{By, Poll, Recorded, Wake};

/// A stretch of one thread that one poll had to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) thread: u32,
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    pub(super) by: By,
    /// It is the scope's, or that of a branch composed in it: part of the parent's poll.
    pub(super) of_parent: bool,
}

impl Segment {
    pub(super) fn length(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }

    /// How much of it lies in this stretch of time.
    pub(super) fn within(&self, from: u64, to: u64) -> u64 {
        self.end_ns.min(to).saturating_sub(self.start_ns.max(from))
    }
}

/// All segments of a call.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// By thread, each in order.
    threads: BTreeMap<u32, Vec<Segment>>,
    /// Those that are the parent's, on whatever thread, in order.
    parent: Vec<Segment>,
    /// Branches that were placed and have ended.
    placed: Vec<Placed>,
}

#[derive(Debug)]
struct Placed {
    by: By,
    made_ns: u64,
    /// Of its last poll.
    end_ns: u64,
}

impl Own {
    pub(super) fn of(recorded: &Recorded) -> Self {
        let scope = recorded.scope.iter().map(|poll| (By::Scope, poll));
        let branches = (0..).zip(&recorded.branches).flat_map(|(number, track)| {
            track
                .polls
                .iter()
                .map(move |poll| (By::Branch(number), poll))
        });
        let mut by_thread: BTreeMap<u32, Vec<(By, &Poll)>> = BTreeMap::new();
        for (by, poll) in scope.chain(branches) {
            by_thread.entry(poll.thread).or_default().push((by, poll));
        }
        let threads: BTreeMap<u32, Vec<Segment>> = by_thread
            .into_iter()
            .map(|(thread, polls)| (thread, flat(thread, polls)))
            .collect();
        let mut parent: Vec<Segment> = threads.values().flatten().copied().collect();
        parent.retain(|segment| segment.of_parent);
        parent.sort_by_key(|segment| segment.start_ns);
        let numbered = (0..).zip(&recorded.branches);
        let placed = numbered.filter_map(|(number, track)| {
            let last = track.polls.last().filter(|last| last.around.is_none())?;
            track.ended.map(|_| Placed {
                by: By::Branch(number),
                made_ns: track.created_ns,
                end_ns: last.end_ns,
            })
        });
        Self {
            threads,
            parent,
            placed: placed.collect(),
        }
    }

    /// The branch that was made in one of these polls, and came to its end at this moment or up to `gap` before, with
    /// that end: whoever made it may await its handle, which wakes right after the last poll and outside of it.
    pub(super) fn handle(&self, polls: &[Poll], at: u64, gap: u64) -> Option<Wake> {
        let ended = |one: &&Placed| one.end_ns <= at && at - one.end_ns <= gap;
        let made_here = |one: &&Placed| {
            let mut polls = polls.iter();
            polls.any(|poll| poll.start_ns < one.made_ns && one.made_ns < poll.end_ns)
        };
        let mut placed = self.placed.iter().filter(ended);
        let one = placed.find(made_here)?;
        Some(Wake {
            at_ns: one.end_ns,
            by: one.by,
        })
    }

    /// The segments of a thread that touch a stretch of time.
    pub(super) fn on(&self, thread: u32, from: u64, to: u64) -> impl Iterator<Item = &Segment> {
        let all = self.threads.get(&thread).map_or(&[][..], Vec::as_slice);
        touching(all, from, to)
    }

    /// Those of the parent, on whatever thread.
    pub(super) fn of_parent(&self, from: u64, to: u64) -> impl Iterator<Item = &Segment> {
        touching(&self.parent, from, to)
    }

    /// The scope's own: between its branches.
    pub(super) fn of_scope(&self) -> impl Iterator<Item = &Segment> {
        self.parent.iter().filter(|segment| segment.by == By::Scope)
    }

    /// Since when this thread has been in polls of this call without a break, at this moment; breaks up to `gap` are none.
    pub(super) fn busy_since(&self, thread: u32, at: u64, gap: u64) -> u64 {
        let all = self.threads.get(&thread).map_or(&[][..], Vec::as_slice);
        let before = all.partition_point(|segment| segment.end_ns <= at);
        let mut since = at;
        for segment in all[..before].iter().rev() {
            if segment.end_ns.saturating_add(gap) < since {
                break;
            }
            since = segment.start_ns;
        }
        since
    }
}

/// In order of their starts, and of their ends as well: flat segments of one thread do not overlap, and those of one
/// parent hardly ever do.
fn touching(all: &[Segment], from: u64, to: u64) -> impl Iterator<Item = &Segment> {
    let first = all.partition_point(|segment| segment.end_ns <= from);
    all[first..]
        .iter()
        .take_while(move |segment| segment.start_ns < to)
}

/// One thread's polls, of which those inside others come to the front.
fn flat(thread: u32, mut polls: Vec<(By, &Poll)>) -> Vec<Segment> {
    // What begins at one instant: the longer one is around the shorter one, and the scope around all.
    polls.sort_by_key(|(by, poll)| {
        (
            poll.start_ns,
            std::cmp::Reverse(poll.end_ns),
            *by != By::Scope,
        )
    });
    let mut segments = Vec::with_capacity(polls.len());
    let mut open: Vec<(By, &Poll)> = Vec::new();
    let mut now = 0;
    let mut give = |(by, poll): (By, &Poll), from: u64, to: u64| {
        if from < to {
            segments.push(Segment {
                thread,
                start_ns: from,
                end_ns: to,
                by,
                of_parent: by == By::Scope || poll.around.is_some(),
            });
        }
    };
    for next in polls {
        while let Some(&innermost) = open.last() {
            if innermost.1.end_ns > next.1.start_ns {
                give(innermost, now, next.1.start_ns);
                break;
            }
            give(innermost, now, innermost.1.end_ns);
            now = now.max(innermost.1.end_ns);
            open.pop();
        }
        now = now.max(next.1.start_ns);
        open.push(next);
    }
    while let Some(innermost) = open.pop() {
        give(innermost, now, innermost.1.end_ns);
        now = now.max(innermost.1.end_ns);
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorded::Track;

    fn poll(start_ns: u64, end_ns: u64, around: Option<By>) -> Poll {
        Poll {
            start_ns,
            end_ns,
            thread: 3,
            woken: None,
            around,
            spent: None,
        }
    }

    fn track(polls: Vec<Poll>) -> Track {
        Track {
            name: String::new(),
            created_ns: 0,
            ended: None,
            polls,
            closure: false,
        }
    }

    fn laid_flat(recorded: &Recorded) -> Vec<(u64, u64, By)> {
        let own = Own::of(recorded);
        own.on(3, 0, u64::MAX)
            .map(|segment| (segment.start_ns, segment.end_ns, segment.by))
            .collect()
    }

    #[test]
    fn each_moment_is_the_innermost_polls() {
        let scope = Some(By::Scope);
        let recorded = Recorded {
            scope: vec![poll(0, 100, None), poll(200, 210, None)],
            branches: vec![
                track(vec![poll(10, 40, scope), poll(200, 205, scope)]),
                track(vec![poll(20, 30, Some(By::Branch(0)))]),
                track(vec![poll(40, 60, scope)]),
            ],
            ..Recorded::default()
        };
        let expected = [
            (0, 10, By::Scope),
            (10, 20, By::Branch(0)),
            (20, 30, By::Branch(1)),
            (30, 40, By::Branch(0)),
            (40, 60, By::Branch(2)),
            (60, 100, By::Scope),
            (200, 205, By::Branch(0)),
            (205, 210, By::Scope),
        ];
        assert_eq!(laid_flat(&recorded), expected);
        let own = Own::of(&recorded);
        assert_eq!(own.of_scope().map(Segment::length).sum::<u64>(), 55);
        assert_eq!(own.on(3, 25, 41).count(), 3);
        assert_eq!(own.on(4, 0, 1_000).count(), 0);
    }

    #[test]
    fn a_thread_is_busy_since_its_last_break() {
        let recorded = Recorded {
            branches: vec![track(vec![
                poll(0, 10, None),
                poll(50, 60, None),
                poll(62, 80, None),
            ])],
            ..Recorded::default()
        };
        let own = Own::of(&recorded);
        assert_eq!(own.busy_since(3, 81, 5), 50);
        assert_eq!(own.busy_since(3, 81, 0), 81);
        assert_eq!(own.busy_since(3, 81, 100), 0);
        assert_eq!(own.busy_since(9, 81, 100), 81);
    }
}
