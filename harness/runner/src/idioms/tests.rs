//! What a round says of a way, on a runtime that has one thread and spawns nothing.

use workload_idioms::{Buffered, JoinAll, Native, Select, SelectAll, TryJoinAll};
use workload_testing::OneThread;

use super::*;
use crate::witness::ALONE;

fn request(branches: usize) -> Measure {
    let line = format!(
        r#"{{"v":1,"flavour":"default","workers":1,"root":"block_on","scenario":"idioms/join-all",
        "primitive":"compose","branches":{branches},"wait_ns":0,"steps":0,"samples":1,"warmups":0,
        "nonce":1,"folder":"x","unwatched":true}}"#
    );
    serde_json::from_str(&line).unwrap()
}

/// What a region came to, with nobody else who allocates.
fn counted(idiom: impl Idiom, branches: usize) -> (Vec<u64>, Counted) {
    let _alone = ALONE
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let env = workload_testing::env();
    let region = region::<OneThread, _>("a-way", false, idiom, env, branches);
    let region = future::block_on(region);
    (region.answers, region.idiom.unwrap())
}

#[test]
fn a_round_counts_polls_answers_and_what_becomes_of_the_others() {
    let (answers, seen) = counted(Buffered, 30);
    let nonce = workload_testing::env().nonce;
    assert_eq!(answers, (0..30).map(|i| mix(nonce, i)).collect::<Vec<_>>());
    assert_eq!((seen.wakes, seen.begun, seen.polls), (30, 30, 60));
    assert_eq!((seen.waiting, seen.inside, seen.stopped), (10, 1, false));
    let dropped = Others {
        dropped: 29,
        ..Others::default()
    };
    assert_eq!(seen.first_fails, Some(dropped));
    assert_eq!(seen.last_fails, Some(dropped));
    let (_, seen) = counted(TryJoinAll, 31);
    let finished = Others {
        finished: 30,
        ..Others::default()
    };
    assert_eq!(seen.last_fails, Some(finished));
}

/// Its list of ten answers, and nothing else.
#[test]
fn memory_is_what_the_way_allocates_and_not_what_was_there() {
    // Other tests allocate meanwhile, on their threads: until nobody was beside it.
    let mut seen = (0..100).map(|_| counted(SelectAll, 10).1);
    let quiet = seen.find(|seen| (seen.allocations, seen.peak_bytes) == (1, 80));
    let quiet = quiet.expect("one of a hundred");
    assert_eq!(quiet.branch_bytes, size_of::<Branch>() as u64);
}

#[test]
fn what_was_stopped_has_no_answers_and_says_so() {
    let (answers, seen) = counted(SelectAll, 20_000);
    assert!(seen.stopped && answers.is_empty());
    assert!(seen.wakes < 200, "{seen:?}");
    // The failure is seen at the first wake all the same.
    assert_eq!(seen.first_fails.unwrap().dropped, 19_999);
}

#[test]
fn what_it_cannot_do_is_refused() {
    let refused = |workload: Box<dyn AnyWorkload>, request: &Measure| workload.refuses(request);
    assert_eq!(
        refused(on::<OneThread>("idioms/join-all", JoinAll), &request(7)),
        None
    );
    let native = refused(on::<OneThread>("idioms/join-set", Native), &request(7));
    assert_eq!(native.unwrap(), "one-thread has no join-set");
    let written = refused(on::<OneThread>("idioms/select", Select), &request(7));
    assert_eq!(
        written.unwrap(),
        "of select, 10 or 30 branches are written out"
    );
    let spawned = Measure {
        primitive: Primitive::Spawn,
        ..request(7)
    };
    assert!(refused(on::<OneThread>("idioms/join-all", JoinAll), &spawned).is_some());
}

fn written_out<I: Idiom>(_: I) -> &'static [usize] {
    I::WRITTEN_OUT
}

/// The harness asks by the catalogue for numbers of branches, and what is written out goes by the way.
#[test]
fn the_catalogue_asks_of_each_way_for_as_many_branches_as_it_has() {
    use workload_catalogue::{Branches, WIDTHS, catalogue};
    macro_rules! one {
        (["idioms"] $name:literal, $way:path) => {
            let Branches::Widths(most) = scenario($name).unwrap().branches else {
                panic!($name)
            };
            let asked: Vec<usize> = WIDTHS.into_iter().filter(|&n| n <= most).collect();
            let written = written_out($way);
            assert!(written.is_empty() || written == asked, $name);
        };
        ([$($group:tt)?] $name:literal, $workload:path) => {};
    }
    macro_rules! each {
        ($($name:literal $(in $group:tt)? => $workload:path, $facts:expr;)*) => {
            $(one!([$($group)?] $name, $workload);)*
        };
    }
    catalogue!(each);
}
