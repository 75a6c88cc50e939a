//! One call, joined or spawned: what the other way would have been is foretold or not told.

use super::*;

fn call(seen: Seen) -> Recorded {
    Recorded {
        branches: 2,
        cores: 2,
        placing: Some(2),
        enough: 1,
        compose: Arm {
            seen: vec![seen],
            disturbed: false,
        },
        ..Recorded::default()
    }
}

fn joined(seen: Seen) -> Case {
    Case(call(seen))
}

fn placed(seen: Seen) -> Case {
    Case(Recorded {
        compose: Arm::default(),
        placed: call(seen).compose,
        ..call(Seen::default())
    })
}

fn foretold(case: Case, lo: f64, hi: f64) -> Case {
    case.with(|recorded| recorded.gain = Some(Gain { lo, hi }))
}

#[test]
fn nothing_seen_decides_nothing() {
    assert_eq!(Case(Recorded::default()).class(), Class::NotDecided);
    let lost = Seen {
        lost_polls: 1,
        ..sample(10.0, 0.02, 0.1)
    };
    assert_eq!(joined(lost.clone()).class(), Class::NotDecided);
    assert_eq!(placed(lost).class(), Class::NotDecided);
    // In the harness one arm alone decides nothing.
    let several = placed(sample(10.0, 0.02, 0.1)).with(|recorded| recorded.enough = ENOUGH);
    assert_eq!(several.class(), Class::NotDecided);
}

#[test]
fn joined_waits_are_enough_where_there_is_little_to_poll() {
    assert_eq!(
        joined(sample(10.0, 0.02, 2.0)).class(),
        Class::ComposeIsEnough
    );
    let busy = || joined(sample(10.0, 0.3, 3.0));
    assert_eq!(busy().class(), Class::NotDecided);
    assert_eq!(foretold(busy(), 0.85, 0.95).class(), Class::ComposeIsEnough);
    assert_eq!(foretold(busy(), 0.7, 0.79).class(), Class::SpawnNeeded);
    assert_eq!(foretold(busy(), 0.7, 0.81).class(), Class::NotDecided);
    let alone = joined(sample(10.0, 0.02, 0.1)).with(|recorded| recorded.branches = 1);
    assert_eq!(alone.class(), Class::NotDecided);
}

#[test]
fn joined_work_is_what_is_foretold() {
    let work = || joined(sample(8.0, 1.0, 8.0));
    assert_eq!(work().class(), Class::NotDecided);
    assert_eq!(foretold(work(), 0.5, 0.9).class(), Class::SpawnNeeded);
    assert_eq!(foretold(work(), 0.5, 0.91).class(), Class::NotDecided);
    assert_eq!(foretold(work(), 0.91, 0.95).class(), Class::ComposeIsEnough);
    let threads = |k| foretold(work(), 0.5, 0.6).with(move |recorded| recorded.placing = k);
    assert_eq!(threads(Some(1)).class(), Class::SpawnedOnOneThread);
    assert_eq!(threads(None).class(), Class::SpawnNeeded);
    let one_core = threads(Some(2)).with(|recorded| recorded.cores = 1);
    assert_eq!(one_core.class(), Class::NotDecided);
    // One branch is nearly all of it.
    let unequal = work().with(|r| r.compose.seen[0].longest_branch_ns = Some(75 * MS / 10));
    assert_eq!(unequal.class(), Class::ComposeIsEnough);
}

fn held_up(ready: u64, by_sibling: u64) -> Case {
    joined(Seen {
        ready_ns: Some(ready),
        held_by_sibling_ns: Some(by_sibling),
        ..sample(30.0, 0.9, 25.0)
    })
}

#[test]
fn a_branch_that_was_ready_behind_a_siblings_poll_wants_a_spawn() {
    assert_eq!(held_up(20 * MS, 20 * MS).class(), Class::SpawnNeeded);
    let one_thread = held_up(20 * MS, 20 * MS).with(|recorded| recorded.placing = Some(1));
    assert_eq!(one_thread.class(), Class::SpawnedOnOneThread);
    // The sibling's poll was little of it.
    assert_eq!(held_up(20 * MS, 9 * MS).class(), Class::NotDecided);
    // It was ready for a moment.
    assert_eq!(held_up(12 * MS, 12 * MS).class(), Class::NotDecided);
}

/// It was late by what its sibling computed, and by what that waited for a core.
#[test]
fn of_a_lateness_on_a_busy_machine_what_load_cannot_have_done_counts() {
    let busy = |queued: Option<u64>| {
        held_up(20 * MS, 20 * MS).with(move |recorded| {
            recorded.compose.disturbed = true;
            let seen = &mut recorded.compose.seen[0];
            seen.queued_ns = queued;
            // Of a poll of 25 ms.
            seen.cpu_ns = 25 * MS - queued.unwrap_or(0);
        })
    };
    // 10 ms of 15, and 6 of 11: more than half of the poll as it would be; 4 of 9 is less.
    assert_eq!(busy(Some(10 * MS)).class(), Class::SpawnNeeded);
    assert_eq!(busy(Some(14 * MS)).class(), Class::SpawnNeeded);
    assert_eq!(busy(Some(16 * MS)).class(), Class::NotDecided);
    // The kernel did not tell of it.
    let untold = busy(None).found();
    assert_eq!(untold.class, Class::NotDecided);
    assert!(untold.evidence.starts_with("machine busy: "), "{untold:?}");
    // What was not decided because of load says so as well.
    let unclear = held_up(12 * MS, 12 * MS).with(|recorded| recorded.compose.disturbed = true);
    let unclear = unclear.found();
    assert!(
        unclear.evidence.starts_with("machine busy: "),
        "{unclear:?}"
    );
}

#[test]
fn a_branch_that_was_ready_and_that_nobody_held_up_is_unpolled() {
    let aside = |ready: u64, by_sibling: u64| {
        joined(Seen {
            ready_ns: Some(ready),
            held_by_sibling_ns: Some(by_sibling),
            ..sample(60.0, 0.01, 0.1)
        })
    };
    assert_eq!(aside(18 * MS, 0).class(), Class::Unpolled);
    assert_eq!(aside(4 * MS - 1, 0).class(), Class::ComposeIsEnough);
    assert_eq!(aside(18 * MS, 5 * MS).class(), Class::NotDecided);
}

#[test]
fn a_poll_that_held_its_thread_and_did_not_use_it_blocks() {
    let held = |blocked: u64| {
        joined(Seen {
            blocked_ns: Some(blocked),
            ..sample(20.0, 0.02, 20.0)
        })
    };
    assert_eq!(held(19 * MS).class(), Class::BlockingOffload);
    assert_eq!(held(10 * MS).class(), Class::BlockingOffload);
    assert_eq!(held(9 * MS).class(), Class::NotDecided);
    let spawned = placed(Seen {
        blocked_ns: Some(9 * MS),
        ..sample(10.0, 0.02, 10.0)
    });
    assert_eq!(spawned.class(), Class::BlockingOffload);
}

/// One computes for 25 ms, which is all that there is to compute; then joining costs no time, and may cost another its turn.
#[test]
fn who_was_spared_a_siblings_poll_is_not_told_to_join() {
    for (wall, cores) in [(25.0, 1.0), (100.0, 0.25)] {
        let spared = |ms: u64| {
            let seen = Seen {
                longest_branch_ns: Some(25 * MS),
                spared_ns: Some(ms * MS),
                ..sample(wall, cores, 25.0)
            };
            let found = foretold(placed(seen), 1.0, 1.0).found();
            (found.class, found.done)
        };
        assert_eq!(spared(13), (Class::SpawnNeeded, true), "{wall}");
        // As of a joined branch that is late by less than half of the poll.
        assert_eq!(spared(12), (Class::ComposeIsEnough, false), "{wall}");
    }
}

#[test]
fn branches_made_in_turn_were_awaited_in_turn() {
    let made = |in_turn| {
        let seen = Seen {
            made_in_turn: Some(in_turn),
            ..sample(10.0, 0.02, 0.1)
        };
        [joined(seen.clone()).class(), placed(seen).class()]
    };
    assert_eq!(made(true), [Class::AwaitedOneAfterTheOther; 2]);
    assert_eq!(made(false), [Class::ComposeIsEnough; 2]);
    let computing = placed(Seen {
        made_in_turn: Some(true),
        ..sample(8.0, 1.0, 8.0)
    });
    let found = computing.found();
    assert_eq!(found.class, Class::AwaitedOneAfterTheOther);
    assert_eq!(found.cause, Some(Cause::AwaitedAtOnce));
}

#[test]
fn wakes_from_siblings_tell_of_what_they_share() {
    let seen = |waited: u64| Seen {
        waited_for_siblings_ns: Some(waited),
        ..sample(20.0, 0.02, 0.1)
    };
    let classes = |waited| [joined(seen(waited)).class(), placed(seen(waited)).class()];
    // Of two, one waits for the other half of the time.
    assert_eq!(
        classes(75 * MS / 10),
        [
            Class::SerialisedByWhatTheyShare,
            Class::SpawnedButSerialised
        ]
    );
    assert_eq!(classes(7 * MS), [Class::ComposeIsEnough; 2]);
    let apart = Seen {
        peak_concurrency: 1,
        polls: 2,
        ..seen(10 * MS)
    };
    assert_eq!(joined(apart.clone()).class(), Class::NotDecided);
    assert_eq!(placed(apart).class(), Class::NotDecided);
    assert_eq!(
        placed(seen(10 * MS)).found().cause,
        Some(Cause::LockOrChannel)
    );
}

#[test]
fn spawned_work_runs_side_by_side_or_does_not() {
    let side_by_side = placed(parallel(sample(4.1, 1.9, 8.0)));
    assert_eq!(side_by_side.class(), Class::SpawnNeeded);
    let serial = || placed(sample(8.0, 1.0, 8.0));
    assert_eq!(serial().class(), Class::SpawnedButSerialised);
    let threads = |k| serial().with(move |recorded| recorded.placing = k).class();
    assert_eq!(threads(Some(1)), Class::SpawnedOnOneThread);
    assert_eq!(threads(None), Class::NotDecided);
    let one_core = serial().with(|recorded| recorded.cores = 1);
    assert_eq!(one_core.class(), Class::NotDecided);
    // A lock: one waits in its poll while the other runs.
    let locked = placed(parallel(sample(8.0, 1.0, 12.0))).found();
    assert_eq!(locked.class, Class::SpawnedButSerialised);
    assert_eq!(locked.cause, Some(Cause::LockOrChannel));
    // Side by side, and one of them is short.
    let unequal = placed(Seen {
        longest_branch_ns: Some(10 * MS),
        ..parallel(sample(10.0, 1.05, 10.5))
    });
    assert_eq!(unequal.class(), Class::ComposeIsEnough);
}

#[test]
fn spawned_and_ready_beside_an_idle_thread_it_lay_in_a_queue() {
    let ready = |ready: u64| {
        placed(Seen {
            ready_ns: Some(ready),
            ..sample(25.0, 1.0, 25.0)
        })
    };
    let found = ready(24 * MS).found();
    assert_eq!(found.class, Class::SpawnedButSerialised);
    assert_eq!(found.cause, Some(Cause::BehindAPoll));
    assert_eq!(ready(12 * MS).found().cause, None);
    // It was no branch that computed, and what was held up only waits.
    let waits = placed(Seen {
        ready_ns: Some(5 * MS),
        longest_poll_ns: 6 * MS,
        ..sample(17.0, 0.35, 6.0)
    });
    assert_eq!(waits.found().cause, Some(Cause::BehindAPoll));
    // No thread was left.
    let busy = ready(24 * MS).with(|r| r.placed.seen[0].peak_overlap = 2);
    assert_ne!(busy.found().cause, Some(Cause::BehindAPoll));
}

#[test]
fn joined_work_that_was_made_in_turn_is_not_foretold() {
    let made = |in_turn| {
        let seen = Seen {
            made_in_turn: in_turn,
            ..sample(8.0, 1.0, 8.0)
        };
        foretold(joined(seen), 0.98, 1.0).class()
    };
    assert_eq!(made(Some(true)), Class::AwaitedOneAfterTheOther);
    assert_eq!(made(Some(false)), Class::ComposeIsEnough);
    assert_eq!(made(None), Class::ComposeIsEnough);
}

/// A wait behind a long poll is time that another thread would save, and the polls alone do not show it.
#[test]
fn what_is_foretold_goes_before_what_polls_alone_say() {
    let hash_then_wait = |best| {
        let seen = Seen {
            longest_branch_ns: Some(13 * MS),
            ..sample(22.0, 0.6, 13.1)
        };
        foretold(joined(seen), 0.6, 0.7).with(|recorded| recorded.best = best)
    };
    assert_eq!(hash_then_wait(None).class(), Class::ComposeIsEnough);
    assert_eq!(hash_then_wait(Some(0.6)).class(), Class::SpawnNeeded);
    let one_thread = hash_then_wait(Some(0.6)).with(|recorded| recorded.placing = Some(1));
    assert_eq!(one_thread.class(), Class::SpawnedOnOneThread);
}

#[test]
fn what_is_spawned_and_would_take_longer_joined_is_well_spawned() {
    // One computes, and another one waits beside it.
    let beside = |lo, hi| {
        let seen = Seen {
            longest_branch_ns: Some(13 * MS),
            ..parallel(sample(13.5, 0.97, 13.1))
        };
        foretold(placed(seen), lo, hi)
            .with(|recorded| recorded.best = Some(1.0))
            .found()
    };
    let well = beside(0.7, 0.75);
    assert_eq!((well.class, well.done), (Class::SpawnNeeded, true));
    assert_eq!(well.remedy(), "Leave it spawned.");
    assert_eq!(beside(0.95, 0.96).class, Class::ComposeIsEnough);
    assert_eq!(beside(0.85, 0.95).class, Class::NotDecided);
    // On one thread it took what it would joined, and two would do better.
    let on_one = foretold(placed(sample(20.0, 0.68, 13.1)), 1.0, 1.0).with(|recorded| {
        recorded.best = Some(0.68);
        recorded.placing = Some(1);
    });
    assert_eq!(on_one.class(), Class::SpawnedOnOneThread);
    let waits = |hi| foretold(placed(sample(20.0, 0.4, 8.0)), 0.6, hi).found();
    assert_eq!(
        (waits(0.9).class, waits(0.9).done),
        (Class::SpawnNeeded, true)
    );
    assert_eq!(waits(0.95).class, Class::NotDecided);
}

#[test]
fn what_blocks_the_pools_threads_is_well_offloaded() {
    let held = |ms: u64, hi: f64| {
        let seen = Seen {
            offloaded_ns: Some(ms * MS),
            ..sample(20.0, 0.02, 0.1)
        };
        foretold(placed(seen), 0.5, hi).found()
    };
    let well = held(20, 0.9);
    assert_eq!((well.class, well.done), (Class::BlockingOffload, true));
    // For a moment; and where nobody else had anything to do meanwhile.
    assert!(!held(3, 0.9).done || held(3, 0.9).class != Class::BlockingOffload);
    assert_ne!(held(20, 0.95).class, Class::BlockingOffload);
}

#[test]
fn who_was_told_late_lay_behind_the_driver() {
    let ready = |told_late| {
        let seen = Seen {
            ready_ns: Some(20 * MS),
            told_late,
            ..sample(25.0, 1.0, 25.0)
        };
        placed(seen).found().cause
    };
    assert_eq!(ready(true), Some(Cause::BehindTheDriver));
    assert_eq!(ready(false), Some(Cause::BehindAPoll));
}

/// Load makes things late and slow, and never early or parallel.
#[test]
fn beside_load_only_what_load_cannot_do_is_decided() {
    let busy = |case: Case| {
        case.with(|recorded| {
            recorded.compose.disturbed = true;
            recorded.placed.disturbed = true;
        })
        .class()
    };
    let work = || joined(sample(8.0, 1.0, 8.0));
    assert_eq!(busy(foretold(work(), 0.5, 0.6)), Class::NotDecided);
    assert_eq!(busy(held_up(20 * MS, 20 * MS)), Class::NotDecided);
    assert_eq!(busy(joined(sample(10.0, 0.02, 2.0))), Class::NotDecided);
    assert_eq!(busy(placed(sample(8.0, 1.0, 8.0))), Class::NotDecided);
    assert_eq!(
        busy(placed(parallel(sample(4.1, 1.9, 8.0)))),
        Class::SpawnNeeded
    );
    let in_turn = Seen {
        made_in_turn: Some(true),
        ..sample(10.0, 0.02, 0.1)
    };
    assert_eq!(busy(joined(in_turn)), Class::AwaitedOneAfterTheOther);
}
