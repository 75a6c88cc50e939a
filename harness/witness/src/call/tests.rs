//! What a wrapper passes on, and what it records.

use std::{
    future::{Future, pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_lite::future::{block_on, or, yield_now, zip};

use super::*;
use crate::{
    By, Ending, Placement,
    world::{MS, World},
};

fn is_send<T: Send + 'static>(value: T) -> T {
    value
}

/// Counts how often it is woken.
#[derive(Default)]
struct Counting(AtomicU32);

impl Wake for Counting {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn polled_once<F: Future + ?Sized>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

#[test]
fn the_output_is_the_futures_and_it_can_be_sent_if_that_can() {
    let call = World::new().enter(None);
    let branch = is_send(async { "an output".to_owned() }.witness(&call, "a"));
    // It borrows nothing of the call.
    let report = call.finish();
    assert_eq!(report.branches[0].name, "a");
    assert_eq!(block_on(branch), "an output");

    let call = World::new().enter(None);
    let not_send = Rc::new(7);
    let local = async move { *not_send }.witness(&call, format!("part {}", 1));
    assert_eq!(block_on(local), 7);
    assert!(call.finish().branch("part 1").is_some());
    drop(is_send(World::new().enter(None).scope(async {})));
    drop(is_send(World::new().enter(None).blocking("b", || 1)));
}

#[test]
fn a_dropped_future_is_dropped_with_its_wrapper() {
    struct Guard(Arc<AtomicU32>);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let call = World::new().enter(None);
    let dropped = Arc::new(AtomicU32::new(0));
    let guard = Guard(Arc::clone(&dropped));
    let loser = async move {
        let _guard = guard;
        pending::<()>().await;
    };
    let winner = async { yield_now().await };
    block_on(call.scope(or(
        loser.witness(&call, "loser"),
        winner.witness(&call, "winner"),
    )));
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    let report = call.finish();
    let how = |name| report.branch(name).unwrap().ended.unwrap().how;
    assert_eq!(
        (how("loser"), how("winner")),
        (Ending::Dropped, Ending::Done)
    );
}

#[test]
fn a_panic_comes_through_and_the_poll_is_recorded() {
    let world = World::new();
    let call = world.enter(None);
    let there = world.clone();
    let branch = async move {
        there.computes(MS);
        panic!("as it may");
    };
    let mut branch = Box::pin(branch.witness(&call, "panics"));
    let caught = catch_unwind(AssertUnwindSafe(move || block_on(&mut branch)));
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"as it may"));
    let report = call.finish();
    let branch = report.branch("panics").unwrap();
    assert_eq!(branch.longest_poll_ns, MS);
    assert_eq!(branch.ended.unwrap().how, Ending::Panicked);
}

#[test]
fn composed_and_placed_are_seen_and_not_asked() {
    let call = World::new().enter(None);
    block_on(call.scope(async {
        let nested = async {
            zip(yield_now(), async {}.witness(&call, "nested")).await;
        };
        let joined = zip(
            nested.witness(&call, "joined"),
            yield_now().witness(&call, "another"),
        );
        joined.await;
        let placed = yield_now().witness(&call, "placed");
        std::thread::spawn(|| block_on(placed)).join().unwrap();
    }));
    let report = call.finish();
    let of = |name| report.branch(name).unwrap();
    assert_eq!(of("joined").placement, Placement::Composed);
    assert_eq!(of("another").placement, Placement::Composed);
    assert_eq!(of("placed").placement, Placement::Placed);
    assert_eq!(of("nested").inside, Some(0));
    assert_eq!(of("joined").inside, None);
    assert_eq!(report.placement, Placement::Mixed);
    assert_eq!(report.threads, 2);
}

#[test]
fn two_calls_do_not_see_each_other() {
    let (outer, inner) = (World::new().enter(None), World::new().enter(None));
    block_on(outer.scope(async {
        inner
            .scope(async {
                zip(async {}.witness(&outer, "a"), async {}.witness(&inner, "b")).await;
            })
            .await;
    }));
    let (outer, inner) = (outer.finish(), inner.finish());
    assert_eq!((outer.branches.len(), inner.branches.len()), (1, 1));
    assert_eq!(
        outer.placement,
        Placement::Composed,
        "though another scope lay between"
    );
    assert_eq!(inner.placement, Placement::Composed);
}

#[test]
fn waiting_is_told_from_being_ready_and_not_polled() {
    let world = World::new();
    let there = world.clone();
    let report = world.call(2, |call| {
        let sleeper = there.sleep(10 * MS).witness(call, "sleeper");
        let hog = {
            let there = there.clone();
            async move { there.computes(25 * MS) }
        };
        zip(sleeper, hog.witness(call, "hog"))
    });
    let sleeper = report.branch("sleeper").unwrap();
    // Woken at 10 ms by nobody of the call, polled when the hog had ended.
    let wake = sleeper.polls[1].woken.unwrap();
    assert_eq!((wake.at_ns, wake.by), (10 * MS, By::Outside));
    assert_eq!((sleeper.waiting_ns, sleeper.ready_ns), (10 * MS, 15 * MS));
    let held = sleeper.held_up_by[0];
    assert_eq!((held.by, held.ns), (By::Branch(1), 15 * MS));
    assert_eq!(report.branch("hog").unwrap().computing_ns, 25 * MS);
}

#[test]
fn a_join_polls_who_was_not_woken() {
    let world = World::new();
    let there = world.clone();
    let report = world.call(2, |call| {
        let early = there.sleep(2 * MS).witness(call, "early");
        let late = there.sleep(5 * MS).witness(call, "late");
        zip(early, late)
    });
    let of = |name| report.branch(name).unwrap();
    assert_eq!((of("early").polls.len(), of("early").unwoken_polls), (2, 0));
    assert_eq!((of("late").polls.len(), of("late").unwoken_polls), (3, 1));
    assert_eq!(
        of("late").waiting_ns,
        5 * MS,
        "a look in vain does not end the wait"
    );
}

#[test]
fn who_woke_whom() {
    // A turn that the first passes on to the second.
    let world = World::new();
    let slot: Arc<Mutex<(bool, Option<Waker>)>> = Arc::default();
    let (giver, taker) = (Arc::clone(&slot), slot);
    let there = world.clone();
    let report = world.call(2, |call| {
        let gives = async move {
            there.sleep(3 * MS).await;
            let mut slot = giver.lock().unwrap();
            slot.0 = true;
            slot.1.take().unwrap().wake();
        };
        let takes = poll_fn(move |context| {
            let mut slot = taker.lock().unwrap();
            slot.1 = Some(context.waker().clone());
            if slot.0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        zip(takes.witness(call, "takes"), gives.witness(call, "gives"))
    });
    let takes = report.branch("takes").unwrap();
    assert_eq!(takes.polls.last().unwrap().woken.unwrap().by, By::Branch(1));
    assert_eq!(takes.waited_for[0].by, By::Branch(1));
    let gives = report.branch("gives").unwrap();
    assert_eq!(gives.polls.last().unwrap().woken.unwrap().by, By::Outside);
}

#[test]
fn the_waker_stays_while_the_tasks_does_and_follows_it() {
    let call = World::new().enter(None);
    let seen: Arc<Mutex<Vec<Waker>>> = Arc::default();
    let keep = Arc::clone(&seen);
    let future = poll_fn(move |context| {
        keep.lock().unwrap().push(context.waker().clone());
        Poll::<()>::Pending
    });
    let mut branch = pin!(future.witness(&call, "a"));
    let (one, other) = (Arc::new(Counting::default()), Arc::new(Counting::default()));
    let (waker, another) = (
        Waker::from(Arc::clone(&one)),
        Waker::from(Arc::clone(&other)),
    );
    for waker in [&waker, &waker, &another] {
        assert!(polled_once(branch.as_mut(), waker).is_pending());
    }
    let seen = seen.lock().unwrap();
    // Miri gives equal tables of functions different places, which std compares.
    assert!(
        cfg!(miri) || seen[0].will_wake(&seen[1]),
        "nothing was allocated anew"
    );
    assert!(!seen[1].will_wake(&seen[2]));
    assert!(!seen[0].will_wake(&waker), "it is the branch's own");
    seen[0].wake_by_ref();
    let by_value = seen[2].clone();
    by_value.wake();
    let count = |counting: &Counting| counting.0.load(Ordering::SeqCst);
    assert_eq!((count(&one), count(&other)), (1, 1));
}

#[test]
fn a_wake_during_a_poll_is_for_the_next_one() {
    let world = World::new();
    let call = world.enter(None);
    block_on(yield_now().witness(&call, "yields"));
    let report = call.finish();
    let yields = report.branch("yields").unwrap();
    let by: Vec<Option<By>> = yields
        .polls
        .iter()
        .map(|poll| poll.woken.map(|wake| wake.by))
        .collect();
    assert_eq!(by, [None, Some(By::Branch(0))]);
    assert_eq!(yields.unwoken_polls, 0);
}

/// An executor that polls its task within the call that wakes it.
struct AtOnce(Mutex<Pin<Box<dyn Future<Output = ()> + Send>>>);

impl AtOnce {
    fn poll(&self, waker: &Waker) {
        let _ = polled_once(self.0.lock().unwrap().as_mut(), waker);
    }
}

impl Wake for AtOnce {
    fn wake(self: Arc<Self>) {
        self.poll(Waker::noop());
    }
}

#[test]
fn a_wake_is_noted_before_it_leads_to_a_poll() {
    let call = World::new().enter(None);
    let left: Arc<Mutex<Option<Waker>>> = Arc::default();
    let leave = Arc::clone(&left);
    let future = poll_fn(move |context| {
        *leave.lock().unwrap() = Some(context.waker().clone());
        Poll::<()>::Pending
    });
    let task = Arc::new(AtOnce(Mutex::new(Box::pin(future.witness(&call, "a")))));
    task.poll(&Waker::from(Arc::clone(&task)));
    let waker = left.lock().unwrap().take().unwrap();
    waker.wake();
    let report = call.finish();
    let polls = &report.branch("a").unwrap().polls;
    assert_eq!(polls.len(), 2);
    assert_eq!(polls[1].woken.unwrap().by, By::Outside);
}

#[test]
fn a_branch_that_is_done_keeps_no_waker_of_its_task() {
    let call = World::new().enter(None);
    let task = Arc::new(Counting::default());
    let waker = Waker::from(Arc::clone(&task));
    let mut branch = pin!(async {}.witness(&call, "a"));
    assert!(polled_once(branch.as_mut(), &waker).is_ready());
    drop(waker);
    assert_eq!(Arc::strong_count(&task), 1);
}

#[test]
fn a_closure_is_a_branch_with_one_poll() {
    let world = World::new();
    let call = world.enter(None);
    let there = world.clone();
    let closure = call.blocking("hash", move || {
        there.blocks(4 * MS);
        7
    });
    assert_eq!(closure(), 7);
    drop(call.blocking("never called", || ()));
    let report = call.finish();
    let hash = report.branch("hash").unwrap();
    assert_eq!(
        (hash.polls.len(), hash.blocked_ns, hash.computing_ns),
        (1, 4 * MS, 0)
    );
    assert_eq!(hash.ended.unwrap().how, Ending::Done);
    let never = report.branch("never called").unwrap();
    assert_eq!(
        (never.polls.len(), never.ended.unwrap().how),
        (0, Ending::Dropped)
    );
}

#[test]
fn what_there_is_no_room_for_is_counted_and_there_is_no_diagnosis() {
    let world = World::new();
    let limits = Limits {
        polls: 10,
        branches: 2,
    };
    let call = world.enter_with(Some(2), limits);
    let some_yields = || async {
        for _ in 0..20 {
            yield_now().await;
        }
    };
    for _ in 0..3 {
        block_on(some_yields().witness(&call, "yields"));
    }
    let report = call.finish();
    assert_eq!((report.branches.len(), report.lost_branches), (2, 1));
    assert_eq!(report.lost_polls, 42 - 10);
    assert_eq!(report.diagnosis.class, crate::rules::Class::NotDecided);
    assert!(
        report
            .to_string()
            .contains("lost for want of room: 32 polls"),
        "{report}"
    );
}

#[test]
fn a_report_can_be_asked_for_while_a_branch_goes_on() {
    let world = World::new();
    let call = world.enter(None);
    let handle = Handle::clone(&call);
    let mut branch = pin!(pending::<()>().witness(&handle, "goes on"));
    assert!(polled_once(branch.as_mut(), Waker::noop()).is_pending());
    let report = call.finish();
    let branch_report = report.branch("goes on").unwrap();
    assert_eq!((branch_report.polls.len(), branch_report.ended), (1, None));
    // And it may go on after that.
    assert!(polled_once(branch.as_mut(), Waker::noop()).is_pending());
}

#[test]
fn a_call_that_is_not_watched_costs_a_word() {
    let call = Call::new(None);
    let branch = async { 3 }.witness(&call, "a");
    let bare = async { 3 };
    let word = size_of::<usize>();
    assert!(size_of_val(&branch) <= size_of_val(&bare).next_multiple_of(word) + word);
    assert_eq!(block_on(call.scope(branch)), 3);
    assert_eq!(call.blocking("b", || 4)(), 4);
    let report = call.finish();
    assert!(!report.watched && report.branches.is_empty());
    assert_eq!(report.to_string(), "this call was not watched\n");
}
