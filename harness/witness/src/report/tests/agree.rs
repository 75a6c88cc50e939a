//! A call under the library, and a run of the harness: of the same branches they are of one class.
//!
//! Both are told of the same polls. The library has one call, joined or spawned, and what wakers and threads' clocks saw of
//! it. The harness has samples of both and of one after the other, the process's CPU time, what its laws foretell, and no
//! wakers.

use super::{
    class,
    placed::{poll, report, scope, track, woken},
};
use crate::{
    By, Report,
    analysis::{self, analyse},
    recorded::{Poll, Spent},
    rules::{Arm, Cause, Class, Found, Gain, Recorded, Seen, classify},
    world::MS,
};

/// Polls of the branches, in milliseconds, put together in both ways.
#[derive(Default)]
struct Branches {
    joined: Vec<Vec<Poll>>,
    spawned: Vec<Vec<Poll>>,
    workers: u32,
    /// What they take one after the other, and the longest of them alone.
    in_turn_ms: [u64; 2],
    /// How late one went on, as it says itself: joined, and spawned.
    late_ms: Option<[u64; 2]>,
    /// What the laws say that spawning takes of the time that joining takes.
    law: f64,
}

/// What is found of them: joined and spawned by the library, and by the harness.
struct Both {
    joined: Report,
    spawned: Report,
    harness: Found,
}

fn both(branches: Branches) -> Both {
    let named = |polls: Vec<Vec<Poll>>| {
        let name = (0..).map(|index| format!("branch {index}"));
        let named = name.zip(polls);
        named.map(|(name, polls)| track(&name, polls)).collect()
    };
    let within: Vec<Vec<Poll>> = branches
        .joined
        .iter()
        .map(|polls| {
            let within = polls.iter().map(|poll| Poll {
                around: Some(By::Scope),
                thread: 0,
                ..*poll
            });
            within.collect()
        })
        .collect();
    let mut around: Vec<(u64, u64)> = within
        .iter()
        .flatten()
        .map(|poll| (poll.start_ns / MS, poll.end_ns / MS))
        .collect();
    around.sort_unstable();
    let workers = Some(branches.workers);
    let joined = report(workers, named(within), scope(&around));
    let spawned = report(workers, named(branches.spawned), scope(&[(0, 0)]));

    let [late_joined, late_spawned] = branches.late_ms.map_or([None; 2], |late| late.map(Some));
    let in_turn = Seen {
        wall_ns: branches.in_turn_ms[0] * MS,
        longest_life_ns: Some(branches.in_turn_ms[1] * MS),
        ..sample(&joined, None)
    };
    let threads = Some(branches.workers as usize);
    let harness = classify(&Recorded {
        branches: branches.joined.len(),
        cores: 2,
        placing: threads,
        spawning: threads,
        enough: 5,
        sequential: arm(in_turn),
        compose: arm(sample(&joined, late_joined)),
        placed: arm(sample(&spawned, late_spawned)),
        offloaded: Arm::default(),
        gain: Some(Gain {
            lo: branches.law,
            hi: branches.law,
        }),
        best: None,
    });
    Both {
        joined,
        spawned,
        harness,
    }
}

fn arm(seen: Seen) -> Arm {
    Arm {
        seen: vec![seen; 5],
        disturbed: false,
    }
}

/// What an adapter sends of branches of which this report is.
fn sample(report: &Report, late_ms: Option<u64>) -> Seen {
    let numbered = (0..).zip(&report.branches);
    let polls: Vec<analysis::Poll> = numbered
        .flat_map(|(branch, seen)| {
            seen.polls.iter().map(move |poll| analysis::Poll {
                branch,
                thread: poll.thread,
                start: poll.start_ns,
                end: poll.end_ns,
            })
        })
        .collect();
    let found = analyse(&polls, report.wall_ns);
    Seen {
        wall_ns: report.wall_ns,
        cpu_ns: report.branches.iter().map(|seen| seen.computing_ns).sum(),
        queued_ns: Some(0),
        polls: found.polls,
        threads: found.threads,
        polled_ns: found.polled_ns,
        peak_overlap: found.peak_overlap,
        peak_concurrency: found.peak_concurrency,
        longest_poll_ns: found.longest_poll_ns,
        longest_branch_ns: Some(found.longest_branch_ns),
        longest_life_ns: Some(found.longest_life_ns),
        all_begun_ns: Some(found.all_begun_ns),
        late_ns: late_ms.map(|ms| ms * MS),
        ..Seen::default()
    }
}

/// The library and the harness say this, in whichever way the branches are put together.
fn all_say(expected: Class, branches: Branches) {
    let found = both(branches);
    let Both {
        joined,
        spawned,
        harness,
    } = &found;
    assert_eq!(class(joined), expected, "{joined}");
    assert_eq!(class(spawned), expected, "{spawned}");
    assert_eq!(harness.class, expected, "{}", harness.evidence);
}

/// Polled at once, woken by a timer after so many milliseconds, and done.
fn sleeps(thread: u32, ms: u64) -> Vec<Poll> {
    vec![
        poll(thread, 0, 0),
        woken(ms, By::Outside, poll(thread, ms, ms)),
    ]
}

fn blocks(thread: u32, from: u64, to: u64) -> Vec<Poll> {
    let spent = Some(Spent {
        cpu_ns: 0,
        voluntary: 1,
        involuntary: 0,
    });
    vec![Poll {
        spent,
        ..poll(thread, from, to)
    }]
}

#[test]
fn of_waits_that_overlap() {
    all_say(
        Class::ComposeIsEnough,
        Branches {
            joined: vec![sleeps(0, 10), sleeps(0, 10)],
            spawned: vec![sleeps(1, 10), sleeps(2, 10)],
            workers: 2,
            in_turn_ms: [20, 10],
            law: 1.0,
            ..Branches::default()
        },
    );
}

#[test]
fn of_branches_that_compute() {
    let with = |workers, spawned, law| Branches {
        joined: vec![vec![poll(0, 0, 20)], vec![poll(0, 20, 40)]],
        spawned,
        workers,
        in_turn_ms: [40, 20],
        law,
        ..Branches::default()
    };
    let side_by_side = vec![vec![poll(1, 0, 20)], vec![poll(2, 0, 20)]];
    all_say(Class::SpawnNeeded, with(2, side_by_side, 0.5));
    let in_turn = || vec![vec![poll(1, 0, 20)], vec![poll(1, 20, 40)]];
    all_say(Class::SpawnedOnOneThread, with(1, in_turn(), 1.0));
    // Where two threads execute and one had both, the call that was joined does not show it.
    let found = both(with(2, in_turn(), 0.5));
    assert_eq!(class(&found.joined), Class::SpawnNeeded);
    assert_eq!(class(&found.spawned), Class::SpawnedButSerialised);
    assert_eq!(found.harness.class, Class::SpawnedButSerialised);
}

#[test]
fn of_one_that_is_nearly_all_there_is() {
    all_say(
        Class::ComposeIsEnough,
        Branches {
            joined: vec![vec![poll(0, 0, 40)], vec![poll(0, 40, 41)]],
            spawned: vec![vec![poll(1, 0, 40)], vec![poll(2, 0, 1)]],
            workers: 2,
            in_turn_ms: [41, 40],
            law: 40.0 / 41.0,
            ..Branches::default()
        },
    );
}

#[test]
fn of_branches_that_block() {
    all_say(
        Class::BlockingOffload,
        Branches {
            joined: vec![blocks(0, 0, 15), blocks(0, 15, 30)],
            spawned: vec![blocks(1, 0, 15), blocks(2, 0, 15)],
            workers: 2,
            in_turn_ms: [30, 15],
            law: 0.5,
            ..Branches::default()
        },
    );
}

#[test]
fn of_one_that_is_held_up_by_a_sibling() {
    all_say(
        Class::SpawnNeeded,
        Branches {
            // One sleeps for 5 ms, and the other computes for 25.
            joined: vec![
                vec![poll(0, 0, 0), woken(5, By::Outside, poll(0, 25, 25))],
                vec![poll(0, 0, 25)],
            ],
            spawned: vec![sleeps(1, 5), vec![poll(2, 0, 25)]],
            workers: 2,
            in_turn_ms: [30, 25],
            late_ms: Some([20, 0]),
            law: 1.0,
        },
    );
}

#[test]
fn of_waits_under_one_lock() {
    let under_it = |thread: u32| {
        (0..4).map(move |turn: u32| {
            let (from, to) = (u64::from(turn) * 5, u64::from(turn) * 5 + 5);
            let ends = woken(to, By::Outside, poll(thread, to, to));
            let mut polls = vec![poll(thread, 0, 0)];
            if let Some(before) = turn.checked_sub(1) {
                polls.push(woken(from, By::Branch(before), poll(thread, from, from)));
            }
            polls.push(ends);
            polls
        })
    };
    let found = both(Branches {
        joined: under_it(0).collect(),
        spawned: under_it(1).collect(),
        workers: 2,
        in_turn_ms: [20, 5],
        law: 1.0,
        ..Branches::default()
    });
    // A lock, all say. Whoever has spawned already is not told that a spawn would not help.
    let lock = Some(Cause::LockOrChannel);
    for (of, expected) in [
        (&found.joined, Class::SerialisedByWhatTheyShare),
        (&found.spawned, Class::SpawnedButSerialised),
    ] {
        let diagnosis = &of.diagnosis;
        assert_eq!((diagnosis.class, diagnosis.cause), (expected, lock), "{of}");
    }
    let harness = (found.harness.class, found.harness.cause);
    assert_eq!(harness, (Class::SerialisedByWhatTheyShare, lock));
}
