//! Why what was spawned is late or serial all the same.

use super::*;

fn late_on_two(begun: u64) -> Case {
    hog().placed(move |seen| {
        seen.peak_overlap = 1;
        seen.late_ns = Some(18 * MS);
        seen.all_begun_ns = Some(begun);
    })
}

#[test]
fn a_deadline_that_nobody_polls_is_behind_the_driver() {
    let found = late_on_two(MS).found();
    assert_eq!(found.class, Class::SpawnedButSerialised);
    assert_eq!(found.cause, Some(Cause::BehindTheDriver));
    assert!(
        found.evidence.ends_with("nobody polled the driver"),
        "{found:?}"
    );
    assert_eq!(found.remedy(), Cause::BehindTheDriver.remedy());
}

#[test]
fn its_nearest_misses() {
    let cause = |case: Case| case.found().cause;
    // It had not begun: it lay in a queue.
    assert_eq!(
        cause(late_on_two(45 * MS / 10)),
        Some(Cause::BehindTheDriver)
    );
    assert_eq!(cause(late_on_two(46 * MS / 10)), Some(Cause::BehindAPoll));
    // It had been woken in time, and lay in a queue.
    let woken = |ready: u64| late_on_two(MS).placed(move |seen| seen.ready_ns = Some(ready));
    assert_eq!(cause(woken(17 * MS)), Some(Cause::BehindAPoll));
    assert_eq!(cause(woken(MS)), Some(Cause::BehindTheDriver));
    // No thread was idle.
    let met = |others: u64| {
        late_on_two(MS).placed(move |seen| {
            seen.peak_overlap = 2;
            seen.polled_ns = seen.longest_poll_ns + others;
        })
    };
    assert_eq!(cause(met(46 * MS / 10)), None);
    // Two polls met, and were short.
    assert_eq!(cause(met(45 * MS / 10)), Some(Cause::BehindTheDriver));
    // When all had begun was not recorded.
    assert_eq!(
        cause(late_on_two(MS).placed(|seen| seen.all_begun_ns = None)),
        None
    );
    // On time: no cause is wanted.
    let free = late_on_two(MS).placed(|seen| seen.late_ns = Some(MS));
    assert_eq!((free.class(), cause(free)), (Class::SpawnNeeded, None));
}

#[test]
fn tasks_of_which_never_two_are_unfinished_were_awaited_at_once() {
    let peak = |peak: Option<u32>| hot_loop(1.02).placed(move |seen| seen.hidden_peak = peak);
    let found = peak(Some(1)).found();
    assert_eq!(found.class, Class::SpawnedButSerialised);
    assert_eq!(found.cause, Some(Cause::AwaitedAtOnce));
    assert_eq!(peak(Some(2)).found().cause, None);
    assert_eq!(peak(None).found().cause, None);
    // A second thread would buy nothing.
    let one = peak(Some(1)).on_one_thread().found();
    assert_eq!(one.class, Class::SpawnedOnOneThread);
    assert!(one.evidence.contains("would buy nothing"), "{one:?}");
    let several = peak(Some(2)).on_one_thread().found();
    assert!(!several.evidence.contains("would buy"), "{several:?}");
    // One task is never two.
    assert_eq!(
        child(24.9)
            .placed(|seen| seen.hidden_peak = Some(1))
            .found()
            .cause,
        Some(Cause::BehindAPoll)
    );
}

#[test]
fn a_cure_is_its_causes_and_else_its_class_s() {
    let found = hot_loop(1.02)
        .placed(|seen| seen.hidden_peak = Some(1))
        .found();
    assert_eq!(found.remedy(), Cause::AwaitedAtOnce.remedy());
    assert_eq!(
        found.title(),
        "spawned but serialised: each awaited right after its spawn"
    );
    assert_eq!(waits().found().remedy(), Class::ComposeIsEnough.remedy());
    assert_eq!(waits().found().title(), "compose is enough");
}
