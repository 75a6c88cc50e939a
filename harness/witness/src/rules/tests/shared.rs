//! What only the other arms tell: what branches share, which of them is longest, what more threads would buy.

use super::*;

fn ms(milliseconds: f64) -> Option<u64> {
    Some((milliseconds * 1e6) as u64)
}

/// Four that hold one lock for 5 ms each: joined, spawned and in turn 20 ms, and all of them in flight.
fn one_lock() -> Case {
    let together = |wall| Seen {
        peak_concurrency: 4,
        polls: 12,
        ..sample(wall, 0.02, 0.1)
    };
    let in_turn = Seen {
        peak_concurrency: 1,
        longest_life_ns: ms(5.1),
        ..sample(20.1, 0.02, 0.1)
    };
    Case::of(&together(20.3), &together(20.5)).with(|recorded| {
        recorded.branches = 4;
        recorded.sequential = six(&in_turn);
    })
}

fn in_turn(case: Case, change: impl Fn(&mut Seen)) -> Case {
    case.with(|recorded| recorded.sequential.seen.iter_mut().for_each(change))
}

#[test]
fn one_lock_for_all_is_serial_by_what_they_share() {
    let found = one_lock().found();
    assert_eq!(found.class, Class::SerialisedByWhatTheyShare);
    assert_eq!(found.cause, Some(Cause::LockOrChannel));
    assert_eq!(
        found.evidence,
        "one after the other 20.1 ms, joined 20.3 ms, spawned 20.5 ms, though they were in flight together and the longest takes 5.10 ms"
    );
    // However many threads execute: it is not about them.
    assert_eq!(
        one_lock().on_one_thread().class(),
        Class::SerialisedByWhatTheyShare
    );
}

#[test]
fn its_nearest_misses() {
    // Of 15 ms that could overlap a fifth did: nothing to speak of. Half: they overlap. Between: not decided.
    let joined = |wall: f64| one_lock().both(|seen| seen.wall_ns = (wall * 1e6) as u64);
    assert_eq!(joined(17.1).class(), Class::SerialisedByWhatTheyShare);
    assert_eq!(joined(17.0).class(), Class::NotDecided);
    assert_eq!(joined(12.7).class(), Class::NotDecided);
    assert_eq!(joined(12.6).class(), Class::ComposeIsEnough);
    // Not in flight together, once: what holds them up is something else.
    let apart = one_lock().but_one(|seen| seen.peak_concurrency = 1);
    assert_eq!(apart.class(), Class::ComposeIsEnough);
    // One branch is nearly all of it: there is nothing to overlap.
    let one_long = in_turn(one_lock(), |seen| seen.longest_life_ns = ms(15.2));
    assert_eq!(one_long.class(), Class::ComposeIsEnough);
    // Spawned they overlap: then a spawn mends it.
    let mended = one_lock().placed(|seen| seen.wall_ns = 5 * MS);
    assert_eq!(mended.class(), Class::SpawnNeeded);
    // In turn was not recorded, too seldom, on a busy machine, or without their lifetimes.
    let not_told = [
        one_lock().with(|recorded| recorded.sequential = Arm::default()),
        one_lock().with(|recorded| recorded.sequential.seen.truncate(4)),
        one_lock().with(|recorded| recorded.sequential.disturbed = true),
        in_turn(one_lock(), |seen| seen.longest_life_ns = None),
    ];
    for case in not_told {
        assert_eq!(case.class(), Class::ComposeIsEnough);
    }
    assert_eq!(one_lock().disturbed().class(), Class::NotDecided);
}

#[test]
fn wakers_tell_of_the_lock_without_the_other_arm() {
    // The second waits 5 ms for a sibling, the third 10 and the fourth 15.
    let waited = |all: f64| {
        one_lock()
            .with(|recorded| recorded.sequential = Arm::default())
            .both(|seen| seen.waited_for_siblings_ns = ms(all))
    };
    assert_eq!(waited(30.0).class(), Class::SerialisedByWhatTheyShare);
    // A producer's messages end a few waits as well.
    assert_eq!(waited(22.0).class(), Class::ComposeIsEnough);
}

#[test]
fn branches_that_never_wait_together_were_awaited_in_turn() {
    let apart = || waits().both(|seen| seen.peak_concurrency = 1);
    assert_eq!(apart().class(), Class::AwaitedOneAfterTheOther);
    // Spawned they are in flight together: joined they were not, and that is what to mend.
    let joined_only = apart().placed(|seen| {
        seen.peak_concurrency = 2;
        seen.wall_ns /= 2;
    });
    assert_eq!(joined_only.class(), Class::AwaitedOneAfterTheOther);
    // Each polled once to its end: nothing was awaited.
    let at_once = apart().both(|seen| seen.polls = 2);
    assert_eq!(at_once.class(), Class::NotDecided);
    // Once together: they can be.
    let once = apart().with(|r| r.compose.seen[0].peak_concurrency = 2);
    assert_eq!(
        once.but_one(|s| s.peak_concurrency = 2).class(),
        Class::NotDecided
    );
}

/// 4 ms each under one mutex of the standard library: two polled at once, and one of them waits in its poll.
fn mutex() -> Case {
    let joined = sample(8.0, 1.0, 8.0);
    let spawned = parallel(sample(8.2, 1.0, 12.0));
    Case::of(&joined, &spawned).with(|recorded| {
        recorded.sequential = six(&sample(8.0, 1.0, 8.0));
        recorded.offloaded = six(&parallel(sample(8.2, 1.0, 12.0)));
    })
}

#[test]
fn a_mutex_around_work_is_serial_on_however_many_threads() {
    for case in [mutex(), mutex().on_one_thread()] {
        let found = case.found();
        assert_eq!(found.class, Class::SerialisedByWhatTheyShare, "{found:?}");
        assert_eq!(found.cause, Some(Cause::LockOrChannel));
    }
    // In turn was not recorded: spawned it is serial, and why is seen all the same.
    let found = mutex()
        .with(|recorded| recorded.sequential = Arm::default())
        .found();
    assert_eq!(found.class, Class::SpawnedButSerialised);
    assert_eq!(found.cause, Some(Cause::LockOrChannel));
    assert_eq!(mutex().disturbed().class(), Class::NotDecided);
}

#[test]
fn two_threads_on_one_core_are_no_mutex() {
    let queued = mutex().placed(|seen| seen.queued_ns = ms(4.0));
    assert_eq!(queued.class(), Class::NotDecided);
    let elsewhere = mutex().placed(|seen| seen.queued_ns = ms(0.5));
    assert_eq!(elsewhere.class(), Class::SerialisedByWhatTheyShare);
    // Nor are branches of which each was made when the one before had ended.
    let in_turn = mutex().placed(|seen| {
        seen.peak_overlap = 1;
        seen.made_in_turn = Some(true);
    });
    let found = in_turn.found();
    assert_eq!(found.class, Class::AwaitedOneAfterTheOther);
    assert_eq!(found.cause, Some(Cause::AwaitedAtOnce));
    // Nor is one thread that had them all.
    let one_thread = mutex().placed(|seen| seen.peak_overlap = 1);
    let found = one_thread.found();
    assert_eq!(
        (found.class, found.cause),
        (Class::SpawnedButSerialised, None)
    );
}

#[test]
fn what_shares_memory_takes_the_time_of_two_cores() {
    let memory = || Case::of(&sample(8.0, 1.0, 8.0), &parallel(sample(7.6, 1.9, 15.0)));
    let found = memory().found();
    assert_eq!(found.class, Class::SpawnedButSerialised);
    assert_eq!(found.cause, Some(Cause::SharedMemory));
    // It gained something: no class of its own, and no spawn needed either.
    let some = memory().placed(|seen| seen.wall_ns = 7 * MS);
    assert_eq!(some.class(), Class::NotDecided);
}

#[test]
fn one_thread_says_what_a_second_would_buy() {
    let pool = |seen: &Seen| {
        let seen = seen.clone();
        mutex()
            .on_one_thread()
            .with(move |recorded| recorded.offloaded = six(&seen))
            .found()
    };
    let gains = pool(&parallel(sample(4.2, 1.9, 8.0)));
    assert_eq!(gains.class, Class::SpawnedOnOneThread);
    assert!(gains.evidence.ends_with("0.53 of the time"), "{gains:?}");
    let memory = pool(&parallel(sample(7.9, 1.9, 15.0)));
    assert_eq!(memory.class, Class::SpawnedOnOneThread);
    assert_eq!(memory.cause, Some(Cause::SharedMemory));
    // A pool of one thread shows nothing.
    let one = pool(&sample(8.1, 1.0, 8.0));
    assert_eq!((one.class, one.cause), (Class::SpawnedOnOneThread, None));
    assert!(one.evidence.ends_with("one thread executes"), "{one:?}");
    // A busy machine may have made it as slow as one thread; it makes nothing faster.
    let busy = |seen: &Seen| {
        let seen = seen.clone();
        let busy = mutex().on_one_thread().with(move |recorded| {
            recorded.offloaded = six(&seen);
            recorded.offloaded.disturbed = true;
        });
        busy.class()
    };
    let as_slow = parallel(sample(8.2, 1.0, 12.0));
    assert_eq!(busy(&as_slow), Class::NotDecided);
    assert_eq!(
        busy(&parallel(sample(4.2, 1.9, 8.0))),
        Class::SpawnedOnOneThread
    );
    // Neither a gain nor none.
    let some = pool(&parallel(sample(7.0, 1.2, 8.0)));
    assert_eq!(some.class, Class::NotDecided);
    // Threads that were woken late, in some samples, make no difference.
    let late = mutex().placed(|seen| seen.polled_ns = 81 * MS / 10);
    assert_eq!(late.class(), Class::NotDecided);
    let once = mutex().but_one(|seen| seen.polled_ns = 81 * MS / 10);
    assert_eq!(once.class(), Class::SerialisedByWhatTheyShare);
    // The branches' own lengths tell as well.
    let equal = work()
        .on_one_thread()
        .both(|seen| {
            seen.polled_ns = 8 * MS;
            seen.longest_branch_ns = ms(4.0);
        })
        .found();
    assert!(
        equal
            .evidence
            .ends_with("two would take 0.50 of the time at best, if the branches share nothing"),
        "{equal:?}"
    );
}

/// 10 ms beside 0.5 ms.
fn unequal() -> Case {
    let of = |seen: Seen| Seen {
        polled_ns: 105 * MS / 10,
        longest_poll_ns: 10 * MS,
        longest_branch_ns: ms(10.0),
        ..seen
    };
    let joined = of(sample(10.5, 1.0, 0.0));
    Case::of(&joined, &of(parallel(sample(10.0, 1.05, 0.0))))
}

#[test]
fn one_long_branch_is_the_floor() {
    for case in [unequal(), unequal().on_one_thread()] {
        let found = case.found();
        assert_eq!(found.class, Class::ComposeIsEnough, "{found:?}");
        assert!(found.evidence.contains("0.95"), "{found:?}");
    }
    assert_eq!(unequal().disturbed().class(), Class::NotDecided);
    assert_eq!(
        unequal().on_one_thread().disturbed().class(),
        Class::NotDecided
    );
    // Spawned it never was side by side: all the same there is nothing to gain.
    let in_turn = unequal().placed(|seen| {
        seen.wall_ns = 105 * MS / 10;
        seen.peak_overlap = 1;
    });
    assert_eq!(in_turn.class(), Class::ComposeIsEnough);
    // 10 ms beside 2.5 ms: a fifth to gain. Gained, or not.
    let of = |seen: &mut Seen| {
        seen.polled_ns = 125 * MS / 10;
        seen.wall_ns = 125 * MS / 10;
        seen.cpu_ns = 125 * MS / 10;
    };
    let fifth = || unequal().both(of);
    let gained = fifth().placed(|seen| seen.wall_ns = 102 * MS / 10);
    assert_eq!(gained.class(), Class::SpawnNeeded);
    let in_turn = fifth().placed(|seen| seen.peak_overlap = 1);
    assert_eq!(in_turn.class(), Class::SpawnedButSerialised);
}

/// 50 µs joined, and a wake-up more spawned.
#[test]
fn what_is_short_is_not_worth_a_spawn() {
    let short = |joined: f64, ratio: f64| {
        Case::of(
            &sample(joined, 1.1, joined),
            &sample(joined * ratio, 1.1, joined),
        )
    };
    assert_eq!(short(0.05, 1.6).class(), Class::ComposeIsEnough);
    assert_eq!(short(0.05, 0.9).class(), Class::ComposeIsEnough);
    // It may have gained something.
    assert_eq!(short(0.05, 0.88).class(), Class::NotDecided);
    // From a millisecond on it should have.
    assert_eq!(short(0.999, 1.0).class(), Class::ComposeIsEnough);
    assert_eq!(short(1.0, 1.0).class(), Class::SpawnedButSerialised);
    // And where it did, however short, a spawn is worth it.
    let gained = Case::of(&sample(0.2, 1.0, 0.2), &parallel(sample(0.12, 1.7, 0.2)));
    assert_eq!(gained.class(), Class::SpawnNeeded);
}
