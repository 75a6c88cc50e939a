//! What each way does to its branches, by hand: one task, and nobody else.

use std::sync::Arc;

use futures_lite::future::block_on;
use workload_testing::OneThread;

use super::*;
use crate::{Branch, Counts, Failed, Fails, Idiom, Outside, Stopped, Waking, World};

type Came = Result<Result<Vec<u64>, Failed>, Stopped>;

/// So many branches, put together in this way.
fn put(idiom: impl Idiom, branches: usize, waking: Waking, fails: Fails) -> (Came, Counts) {
    let world = Arc::new(World::new(branches, 7, waking, fails));
    let all = (0..branches).map(|index| Branch::new(&world, index));
    let together = idiom.run::<OneThread, _>(all.collect());
    let came = block_on(Outside::new(&world).around(together));
    if let Ok(Ok(answers)) = &came {
        let mut answers = answers.clone();
        answers.sort_unstable();
        let mut expected: Vec<u64> = (0..branches).map(|index| world.answer(index)).collect();
        expected.sort_unstable();
        assert_eq!(answers, expected);
    }
    (came, world.counts())
}

/// Woken one by one.
fn one_by_one(idiom: impl Idiom, branches: usize) -> Counts {
    let (came, counts) = put(idiom, branches, Waking::WhenIdle, Fails::None);
    assert!(matches!(came, Ok(Ok(_))), "{came:?}");
    let n = branches as u64;
    assert_eq!((counts.wakes, counts.begun, counts.ended), (n, n, n));
    assert_eq!((counts.dropped, counts.most_inside), (0, 1));
    counts
}

#[test]
fn what_looks_at_all_of_them_polls_them_all_at_every_wake() {
    // 10 first, and then 10, 9, … 1.
    assert_eq!(one_by_one(Join, 10).polls, 10 + 55);
    assert_eq!(one_by_one(JoinAll, 10).polls, 10 + 55);
    assert_eq!(one_by_one(TryJoinAll, 30).polls, 30 + 465);
    // The first is woken: it is polled and done, and then the other nine, and so on; the last takes the place of the first.
    let polls = one_by_one(SelectAll, 3).polls;
    assert_eq!(polls, 3 + (1 + 2) + (2 + 1) + 1);
    // It begins where it likes.
    let polls = one_by_one(Select, 10).polls;
    assert!((10 + 55..=10 + 55 + 45).contains(&polls), "{polls}");
}

#[test]
fn what_knows_who_was_woken_polls_nobody_else() {
    for n in [10, 31, 1_000] {
        let twice = 2 * n as u64;
        assert_eq!(one_by_one(Unordered, n).polls, twice);
        assert_eq!(one_by_one(Concurrency, n).polls, twice);
        assert_eq!(one_by_one(TryConcurrency, n).polls, twice);
        assert_eq!(one_by_one(Buffered, n).polls, twice);
    }
    // From 31 on.
    assert_eq!(one_by_one(JoinAll, 31).polls, 62);
    assert_eq!(one_by_one(TryJoinAll, 31).polls, 62);
}

#[test]
fn as_many_wait_at_once_as_it_lets_in() {
    assert_eq!(one_by_one(JoinAll, 100).most_waiting, 100);
    assert_eq!(one_by_one(Buffered, 100).most_waiting, 10);
}

#[test]
fn polls_without_end_are_stopped() {
    let (came, counts) = put(SelectAll, 20_000, Waking::WhenIdle, Fails::None);
    assert_eq!(came, Err(Stopped));
    assert!(counts.wakes < 200, "{counts:?}");
    assert_eq!(counts.ended + counts.dropped, 20_000);
}

/// Who had ended, and who was dropped, when one failed.
fn failing(idiom: impl Idiom, branches: usize, fails: Fails) -> (u64, u64) {
    let (came, counts) = put(idiom, branches, Waking::WhenIdle, fails);
    assert_eq!(came, Ok(Err(Failed)));
    (counts.ended - 1, counts.dropped)
}

#[test]
fn what_looks_at_outputs_at_the_end_lets_all_of_them_end() {
    for fails in [Fails::First, Fails::Last] {
        assert_eq!(failing(Join, 10, fails), (9, 0));
        assert_eq!(failing(JoinAll, 10, fails), (9, 0));
        assert_eq!(failing(JoinAll, 100, fails), (99, 0));
        assert_eq!(failing(Concurrency, 100, fails), (99, 0));
    }
}

#[test]
fn what_looks_at_each_as_it_comes_drops_the_others() {
    for fails in [Fails::First, Fails::Last] {
        assert_eq!(failing(TryJoinAll, 30, fails), (0, 29));
        assert_eq!(failing(Unordered, 100, fails), (0, 99));
        assert_eq!(failing(Buffered, 100, fails), (0, 99));
        assert_eq!(failing(TryConcurrency, 100, fails), (0, 99));
        assert_eq!(failing(Select, 10, fails), (0, 9));
        assert_eq!(failing(SelectAll, 100, fails), (0, 99));
    }
}

/// <https://github.com/rust-lang/futures-rs/issues/2866>
#[test]
fn above_thirty_try_join_all_sees_a_failure_when_those_before_it_have_ended() {
    assert_eq!(failing(TryJoinAll, 31, Fails::First), (0, 30));
    assert_eq!(failing(TryJoinAll, 31, Fails::Last), (30, 0));
}

#[test]
fn one_that_stays_in_its_poll_meets_nobody_in_one_task() {
    let (came, counts) = put(JoinAll, 10, Waking::Ready, Fails::None);
    assert!(matches!(came, Ok(Ok(_))));
    assert_eq!((counts.polls, counts.most_inside), (10, 1));
}
