//! Spawned branches: recordings made up, since threads cannot be told what time it is.

use super::class;
use crate::{
    By, Ending, Placement, Report,
    recorded::{Poll, Recorded, Spent, Track, Wake},
    rules::{Cause, Class},
    workers::Workers,
    world::MS,
};

/// A poll that computes, on a thread, from and to so many milliseconds.
pub(super) fn poll(thread: u32, from: u64, to: u64) -> Poll {
    let (start_ns, end_ns) = (from * MS, to * MS);
    Poll {
        start_ns,
        end_ns,
        thread,
        woken: None,
        around: None,
        spent: Some(Spent {
            cpu_ns: end_ns - start_ns,
            voluntary: 0,
            involuntary: 0,
        }),
    }
}

pub(super) fn woken(at: u64, by: By, poll: Poll) -> Poll {
    let at_ns = at * MS;
    Poll {
        woken: Some(Wake { at_ns, by }),
        ..poll
    }
}

pub(super) fn track(name: &str, polls: Vec<Poll>) -> Track {
    let end = polls.last().map_or(0, |poll| poll.end_ns);
    Track {
        name: name.to_owned(),
        created_ns: 0,
        ended: Some((end, Ending::Done)),
        polls,
        closure: false,
    }
}

/// On a thread of the scope's.
pub(super) fn scope(polls: &[(u64, u64)]) -> Vec<Poll> {
    polls.iter().map(|(from, to)| poll(0, *from, *to)).collect()
}

pub(super) fn report(workers: Option<u32>, branches: Vec<Track>, scope: Vec<Poll>) -> Report {
    let polls = branches.iter().flat_map(|track| &track.polls);
    let recorded = Recorded {
        site: "test",
        wall_ns: polls.map(|poll| poll.end_ns).max().unwrap_or(0),
        branches,
        scope,
        told: true,
        ..Recorded::default()
    };
    let workers = Workers::of(workers, &recorded);
    Report::of(recorded, workers)
}

#[test]
fn side_by_side() {
    let branches = || {
        vec![
            track("a", vec![poll(1, 0, 20)]),
            track("b", vec![poll(2, 0, 20)]),
        ]
    };
    let found = report(Some(2), branches(), scope(&[(0, 0)]));
    assert_eq!(found.placement, Placement::Placed);
    assert_eq!(class(&found), Class::SpawnNeeded, "{found}");
    assert!((found.mean_overlap - 2.0).abs() < 1e-9);
    // Two at once are on two threads, scope or not.
    assert_eq!(
        class(&report(Some(2), branches(), vec![])),
        Class::SpawnNeeded
    );
}

#[test]
fn one_after_the_other_on_one_thread() {
    let branches = || {
        vec![
            track("a", vec![poll(1, 0, 20)]),
            track("b", vec![poll(1, 20, 40)]),
        ]
    };
    let scoped = || scope(&[(0, 0)]);
    let found = report(Some(1), branches(), scoped());
    assert_eq!(class(&found), Class::SpawnedOnOneThread, "{found}");
    // Two threads execute, and one of them had both.
    let found = report(Some(2), branches(), scoped());
    assert_eq!(class(&found), Class::SpawnedButSerialised, "{found}");
    // Nobody knows how many execute.
    let found = report(None, branches(), scoped());
    assert_eq!(class(&found), Class::NotDecided, "{found}");
    // Nor whether it was spawned at all.
    let found = report(Some(2), branches(), vec![]);
    assert_eq!(class(&found), Class::NotDecided, "{found}");
    assert!(found.diagnosis.evidence.contains("scope"), "{found}");
}

#[test]
fn behind_the_poll_that_spawned_it() {
    // The parent spawns on its own thread, and computes on for 20 ms.
    let child = |polled: u64| {
        vec![
            track("child", vec![poll(0, polled, polled + 1)]),
            track(
                "other",
                vec![woken(15, By::Outside, poll(0, polled + 1, polled + 2))],
            ),
        ]
    };
    let found = report(Some(2), child(20), scope(&[(0, 20)]));
    assert_eq!(class(&found), Class::SpawnedButSerialised, "{found}");
    assert_eq!(found.diagnosis.cause, Some(Cause::BehindAPoll));
    assert_eq!(found.branches[0].held_up_by[0].by, By::Scope);
    // Another thread took it at once.
    let free = vec![
        track("child", vec![poll(1, 0, 1)]),
        track("other", vec![poll(1, 1, 2)]),
    ];
    let found = report(Some(2), free, scope(&[(0, 20)]));
    assert_ne!(found.diagnosis.cause, Some(Cause::BehindAPoll), "{found}");
}

/// It may have been named long before it was handed over.
#[test]
fn what_was_spawned_is_ready_as_long_as_its_thread_was_busy() {
    let ready = |before: Vec<Poll>| {
        let branches = vec![
            track("before", before),
            track("after", vec![poll(1, 20, 21)]),
        ];
        report(Some(2), branches, scope(&[(0, 0)])).branches[1].ready_ns
    };
    assert_eq!(ready(vec![poll(1, 5, 20)]), 15 * MS);
    assert_eq!(ready(vec![poll(1, 5, 15)]), 0, "and then it was not");
    assert_eq!(ready(vec![poll(2, 5, 20)]), 0, "another thread was");
    // A pool has threads for closures.
    let mut closure = track("closure", vec![poll(1, 20, 21)]);
    closure.closure = true;
    let branches = vec![track("before", vec![poll(1, 5, 20)]), closure];
    let found = report(Some(2), branches, scope(&[(0, 0)]));
    assert_eq!(found.branches[1].ready_ns, 0);
}

/// What a sibling wakes was not there before.
#[test]
fn a_siblings_wake_is_never_late() {
    let ready = |by| {
        let waits = vec![poll(1, 0, 0), woken(30, by, poll(1, 30, 30))];
        let branches = vec![track("waits", waits), track("hog", vec![poll(1, 10, 30)])];
        report(Some(2), branches, scope(&[(0, 0)])).branches[0].ready_ns
    };
    assert_eq!(ready(By::Branch(1)), 0);
    assert_eq!(ready(By::Outside), 20 * MS);
}

#[test]
fn who_is_spawned_is_held_up_by_its_thread_and_not_by_its_parent() {
    let late = vec![
        poll(1, 0, 0),
        woken(5, By::Outside, poll(1, 20, 20)),
        woken(27, By::Outside, poll(1, 30, 30)),
    ];
    let hog = vec![poll(1, 5, 20), poll(1, 27, 30)];
    let branches = vec![track("late", late), track("hog", hog)];
    let found = report(Some(2), branches, scope(&[(0, 30)]));
    let late = &found.branches[0];
    let held: Vec<(By, u64)> = late.held_up_by.iter().map(|s| (s.by, s.ns / MS)).collect();
    assert_eq!(held, [(By::Branch(1), 18)]);
    assert_eq!((late.ready_ns, late.longest_ready_ns), (18 * MS, 15 * MS));
}

#[test]
fn a_closure_on_a_pool_may_block() {
    let mut blocking = poll(5, 0, 30);
    blocking.spent = Some(Spent {
        cpu_ns: 0,
        voluntary: 1,
        involuntary: 0,
    });
    let sleeper = |around| {
        let first = Poll {
            around,
            ..poll(0, 0, 0)
        };
        let last = Poll {
            around,
            ..woken(20, By::Outside, poll(0, 20, 20))
        };
        track("sleeper", vec![first, last])
    };
    let mut closure = track("lookup", vec![blocking]);
    closure.closure = true;
    let found = report(
        Some(2),
        vec![closure, sleeper(Some(By::Scope))],
        scope(&[(0, 0), (20, 20)]),
    );
    assert_eq!(found.placement, Placement::Mixed);
    assert_eq!(class(&found), Class::BlockingOffload, "{found}");
    assert!(found.diagnosis.done, "{found}");
    // The same in a poll.
    let blocks = track("lookup", vec![blocking]);
    let found = report(Some(2), vec![blocks, sleeper(None)], scope(&[(0, 0)]));
    assert_eq!(class(&found), Class::BlockingOffload, "{found}");
    assert!(!found.diagnosis.done, "{found}");
}

/// Tokio's current-thread runtime, say: a hash, and somebody who looks something up twice and answers.
#[test]
fn a_wait_behind_a_poll_counts_wherever_it_runs() {
    let hash = |thread| track("hash", vec![poll(thread, 0, 13)]);
    let page = |thread, from: u64| {
        let waits = [3, 6].map(|after| {
            woken(
                from + after,
                By::Outside,
                poll(thread, from + after, from + after),
            )
        });
        track(
            "page",
            [vec![poll(thread, from, from)], waits.to_vec()].concat(),
        )
    };
    let behind = report(Some(1), vec![hash(0), page(0, 13)], scope(&[(0, 0)]));
    assert_eq!(class(&behind), Class::SpawnedOnOneThread, "{behind}");
    // Offloaded, it is not in the way.
    let mut offloaded = hash(5);
    offloaded.closure = true;
    let beside = report(Some(1), vec![offloaded, page(0, 0)], scope(&[(0, 0)]));
    assert_eq!(class(&beside), Class::SpawnNeeded, "{beside}");
    assert!(beside.diagnosis.done, "{beside}");
}

/// Timers and sockets are looked at between polls: what they wake just after one was there during it.
#[test]
fn a_wake_that_a_poll_held_back_is_lateness() {
    let late = |woken_at: u64| {
        let sleeper = vec![poll(1, 0, 0), woken(woken_at, By::Outside, poll(1, 30, 30))];
        let hog = vec![poll(1, 5, 5), woken(10, By::Outside, poll(1, 10, 30))];
        report(
            Some(2),
            vec![track("sleeper", sleeper), track("hog", hog)],
            scope(&[(0, 0)]),
        )
    };
    let behind = late(30);
    assert_eq!(behind.branches[0].longest_ready_ns, 20 * MS, "{behind}");
    assert_eq!(behind.diagnosis.cause, Some(Cause::BehindTheDriver));
    // Somebody looked, and it lay in the thread's queue.
    let queued = late(12);
    assert_eq!(queued.branches[0].longest_ready_ns, 18 * MS, "{queued}");
    assert_eq!(queued.diagnosis.cause, Some(Cause::BehindAPoll));
}

#[test]
fn a_spawned_call_compares_with_the_joined_one_before() {
    let composed = |poll: Poll| Poll {
        around: Some(By::Scope),
        ..poll
    };
    let before = report(
        Some(2),
        vec![
            track("a", vec![composed(poll(0, 0, 20))]),
            track("b", vec![composed(poll(0, 20, 40))]),
        ],
        scope(&[(0, 40)]),
    );
    assert_eq!(class(&before), Class::SpawnNeeded, "{before}");
    let after = |ms: u64| {
        report(
            Some(2),
            vec![
                track("a", vec![poll(0, 0, ms)]),
                track("b", vec![poll(1, 0, ms)]),
            ],
            scope(&[(0, 0)]),
        )
    };
    let as_foretold = after(21).compared_with(&before);
    assert!((as_foretold.ratio - 0.525).abs() < 1e-9);
    assert_eq!(as_foretold.as_foretold(0.0), Some(true), "{as_foretold}");
    // They share memory.
    let stretched = after(38).compared_with(&before);
    assert_eq!(stretched.as_foretold(0.05), Some(false), "{stretched}");
    assert_eq!(stretched.stretched, Some(1.9));
    assert_eq!(
        before.compared_with(&after(20)).foretold,
        None,
        "it was spawned already"
    );
}

/// Others had the cores: what comes late then is not the program's doing.
#[test]
fn a_thread_that_waited_for_a_core_decides_little() {
    let sleeper = |name| {
        let composed = |poll: Poll| Poll {
            around: Some(By::Scope),
            ..poll
        };
        let last = composed(woken(20, By::Outside, poll(0, 20, 20)));
        track(name, vec![composed(poll(0, 0, 0)), last])
    };
    let without = |tenths: u64| {
        let recorded = Recorded {
            branches: vec![sleeper("a"), sleeper("b")],
            scope: scope(&[(0, 0), (20, 20)]),
            wall_ns: 20 * MS,
            told: true,
            without_core_ns: Some(tenths * MS / 10),
            ..Recorded::default()
        };
        let workers = Workers::of(Some(2), &recorded);
        Report::of(recorded, workers)
    };
    assert_eq!(class(&without(10)), Class::ComposeIsEnough);
    let busy = without(11);
    assert_eq!(class(&busy), Class::NotDecided, "{busy}");
    assert!(
        busy.diagnosis.evidence.starts_with("machine busy: "),
        "{busy}"
    );
    assert!(
        busy.to_string().contains("waited 1.10 ms for one"),
        "{busy}"
    );
}

#[test]
fn whoever_awaits_what_it_spawned_is_woken_when_that_ends_and_not_late() {
    // The parent computes for 20 ms, and awaits its child, which the same thread then polls for 10.
    let family = |made_in_parent: bool| {
        let mut child = track("child", vec![poll(0, 21, 31)]);
        child.created_ns = if made_in_parent { 5 * MS } else { 20 * MS + 1 };
        let polls = vec![poll(0, 0, 20), woken(31, By::Outside, poll(0, 31, 32))];
        let branches = vec![track("parent", polls), child];
        report(Some(2), branches, scope(&[(0, 0)]))
    };
    let found = family(true);
    assert_eq!(found.branches[0].ready_ns, 0, "{found}");
    assert_ne!(
        found.diagnosis.cause,
        Some(Cause::BehindTheDriver),
        "{found}"
    );
    // Its wait is for the child, which another thread could have had meanwhile.
    assert_eq!(class(&found), Class::SpawnedButSerialised, "{found}");
    // What somebody else made wakes others by chance, if at all: it may have been a timer.
    let found = family(false);
    assert_eq!(found.branches[0].ready_ns, 10 * MS, "{found}");
    assert_eq!(
        found.diagnosis.cause,
        Some(Cause::BehindTheDriver),
        "{found}"
    );
}
