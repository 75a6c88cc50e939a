//! Joined branches, on a clock that is told.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, Mutex},
    task::{Poll, Waker},
};

use futures_lite::future::{or, zip};

use super::class;
use crate::{
    Report, Witness as _,
    rules::{Cause, Class},
    world::{MS, World},
};

/// Two branches, joined on so many workers.
fn two<A, B>(workers: u32, make: impl FnOnce(World) -> (A, B)) -> Report
where
    A: Future<Output = ()>,
    B: Future<Output = ()>,
{
    let world = World::new();
    let (a, b) = make(world.clone());
    world.call(workers, |call| {
        zip(a.witness(call, "a"), b.witness(call, "b"))
    })
}

async fn computes(world: World, ns: u64) {
    world.computes(ns);
}

async fn blocks(world: World, ns: u64) {
    world.blocks(ns);
}

#[test]
fn waits_that_overlap_need_no_spawn() {
    let report = two(2, |world| (world.sleep(10 * MS), world.sleep(20 * MS)));
    assert_eq!(class(&report), Class::ComposeIsEnough, "{report}");
    assert_eq!((report.peak_concurrency, report.peak_overlap), (2, 1));
}

#[test]
fn branches_that_compute_need_a_spawn_and_it_is_foretold_what_it_gains() {
    let report = two(2, |world| {
        (computes(world.clone(), 25 * MS), computes(world, 25 * MS))
    });
    assert_eq!(class(&report), Class::SpawnNeeded, "{report}");
    let gain = report.diagnosis.gain.unwrap();
    assert!((1.9..=2.0).contains(&gain.up_to), "{gain:?}");
    assert!((1.3..=1.34).contains(&gain.at_least), "{gain:?}");
}

#[test]
fn on_one_worker_a_spawn_gains_nothing() {
    let report = two(1, |world| {
        (computes(world.clone(), 25 * MS), computes(world, 25 * MS))
    });
    assert_eq!(class(&report), Class::SpawnedOnOneThread, "{report}");
    assert_eq!(report.diagnosis.gain, None);
}

#[test]
fn where_one_branch_is_nearly_all_a_spawn_gains_nothing() {
    let report = two(2, |world| {
        (computes(world.clone(), 25 * MS), computes(world, MS / 2))
    });
    assert_eq!(class(&report), Class::ComposeIsEnough, "{report}");
    // Which is said of this call, and not of others on its thread.
    let holds = |report: &Report| {
        report
            .to_string()
            .contains("other calls too, waited for that")
    };
    assert!(
        report.to_string().contains("one poll of a took 25.0 ms"),
        "{report}"
    );
    let short = two(2, |world| (world.sleep(10 * MS), computes(world, MS)));
    assert_eq!(class(&short), Class::ComposeIsEnough, "{short}");
    assert!(holds(&report) && !holds(&short), "{short}");
}

#[test]
fn who_is_woken_behind_a_long_poll_needs_a_spawn() {
    let report = two(2, |world| (world.sleep(10 * MS), computes(world, 25 * MS)));
    assert_eq!(class(&report), Class::SpawnNeeded, "{report}");
    assert!(report.diagnosis.evidence.contains("15.0 ms"), "{report}");
    // Woken behind a poll that is not long.
    let report = two(2, |world| (world.sleep(2 * MS), computes(world, 3 * MS)));
    assert_ne!(class(&report), Class::SpawnNeeded, "{report}");
}

#[test]
fn a_call_that_holds_its_thread_belongs_on_the_blocking_pool() {
    let report = two(2, |world| {
        (blocks(world.clone(), 20 * MS), world.sleep(5 * MS))
    });
    assert_eq!(class(&report), Class::BlockingOffload, "{report}");
    assert_eq!(report.branches[0].blocked_ns, 20 * MS);
    // The same time, computing: another cure.
    let report = two(2, |world| {
        (computes(world.clone(), 20 * MS), world.sleep(5 * MS))
    });
    assert_ne!(class(&report), Class::BlockingOffload, "{report}");
    // The same time, and the core was somebody else's: no cure at all.
    let kept = |world: World| async move { world.is_kept_from_its_core(20 * MS) };
    let report = two(2, |world| (kept(world.clone()), kept(world)));
    assert_eq!(class(&report), Class::NotDecided, "{report}");
    assert_eq!(report.branches[0].queued_ns, 20 * MS);
}

#[test]
fn who_is_ready_and_not_polled_while_nothing_computes_is_unpolled() {
    let report = |body_ns: u64| {
        let world = World::new();
        let there = world.clone();
        world.call(2, |call| {
            let (a, b) = (there.sleep(10 * MS), there.sleep(2 * MS));
            let (a, b) = (a.witness(call, "a"), b.witness(call, "b"));
            async move {
                let (mut a, b) = (pin!(a), pin!(b));
                // The first of the two, and then the body of the loop, which polls neither.
                or(async { a.as_mut().await }, b).await;
                there.sleep(body_ns).await;
                a.await;
            }
        })
    };
    let waits_elsewhere = report(50 * MS);
    assert_eq!(
        class(&waits_elsewhere),
        Class::Unpolled,
        "{waits_elsewhere}"
    );
    assert_eq!(
        waits_elsewhere.branch("a").unwrap().longest_ready_ns,
        42 * MS
    );
    let hardly = report(9 * MS);
    assert_ne!(class(&hardly), Class::Unpolled, "{hardly}");
}

#[test]
fn branches_awaited_in_turn_are_to_be_joined() {
    let world = World::new();
    let there = world.clone();
    let report = world.call(2, |call| {
        let (a, b) = (there.sleep(10 * MS), there.sleep(10 * MS));
        let (a, b) = (a.witness(call, "a"), b.witness(call, "b"));
        async move {
            a.await;
            b.await;
        }
    });
    assert_eq!(class(&report), Class::AwaitedOneAfterTheOther, "{report}");
}

/// Of two of which one computes and never waits nothing can overlap, and a join is what it has.
#[test]
fn a_join_in_which_one_never_waits_is_no_row() {
    let report = two(2, |world| {
        let waits = {
            let world = world.clone();
            async move {
                world.sleep(20 * MS).await;
                world.sleep(20 * MS).await;
            }
        };
        (computes(world, 5 * MS), waits)
    });
    assert_eq!(report.peak_concurrency, 1);
    assert_ne!(class(&report), Class::AwaitedOneAfterTheOther, "{report}");
}

/// A lock that is passed on in turn, as those of the runtimes are.
#[derive(Clone, Default)]
struct Lock(Arc<Mutex<(bool, VecDeque<Waker>)>>);

impl Lock {
    fn lock(&self) -> impl Future<Output = Guard> + Send + use<> {
        let lock = self.clone();
        poll_fn(move |context| {
            let mut state = lock.0.lock().unwrap();
            if state.0 {
                state.1.push_back(context.waker().clone());
                return Poll::Pending;
            }
            state.0 = true;
            Poll::Ready(Guard(lock.clone()))
        })
    }
}

struct Guard(Lock);

impl Drop for Guard {
    fn drop(&mut self) {
        let mut state = self.0.0.lock().unwrap();
        state.0 = false;
        if let Some(next) = state.1.pop_front() {
            next.wake();
        }
    }
}

/// Four that sleep with a lock, each with that which `of` gives it.
fn four_with(of: impl Fn(usize) -> Lock) -> Report {
    let world = World::new();
    let there = world.clone();
    world.call(2, |call| {
        let branch = |i: usize| {
            let (there, lock) = (there.clone(), of(i));
            let branch = async move {
                let _guard = lock.lock().await;
                there.sleep(5 * MS).await;
            };
            branch.witness(call, format!("branch {i}"))
        };
        let (one, other) = (zip(branch(0), branch(1)), zip(branch(2), branch(3)));
        async move { zip(one, other).await }
    })
}

#[test]
fn who_waits_for_each_others_lock_is_helped_by_neither() {
    let shared = Lock::default();
    let report = four_with(|_| shared.clone());
    assert_eq!(class(&report), Class::SerialisedByWhatTheyShare, "{report}");
    assert_eq!(report.diagnosis.cause, Some(Cause::LockOrChannel));
    // Each with a lock of its own.
    let report = four_with(|_| Lock::default());
    assert_eq!(class(&report), Class::ComposeIsEnough, "{report}");
}

#[test]
fn a_lock_is_no_wait_that_workers_shorten() {
    let shared = Lock::default();
    let spawned = four_with(|_| shared.clone()).spawned.unwrap();
    assert!(spawned.best_ns >= 20 * MS, "{spawned:?}");
    let spawned = four_with(|_| Lock::default()).spawned.unwrap();
    assert!(spawned.best_ns < 6 * MS, "{spawned:?}");
}

#[test]
fn who_waits_for_a_lock_waits_for_all_that_is_done_under_it() {
    // Joined, the second asks for the lock when the first has computed under it, and waits for 1 ms. Spawned it
    // would ask at once, and wait for all of it.
    let lock = Lock::default();
    let report = two(2, |world| {
        let (first, second) = (lock.clone(), lock.clone());
        let there = world.clone();
        let holds = async move {
            let _guard = first.lock().await;
            there.computes(10 * MS);
            there.sleep(MS).await;
        };
        let waits = async move {
            let _guard = second.lock().await;
            world.computes(10 * MS);
        };
        (holds, waits)
    });
    assert_eq!(report.branch("b").unwrap().waiting_ns, MS);
    let spawned = report.spawned.unwrap();
    assert!(spawned.best_ns >= 21 * MS, "{spawned:?}");
}

#[test]
fn polls_in_vain_are_not_foretold() {
    // The second is looked at whenever the first is woken, and a spawned one is not.
    let report = two(2, |world| {
        let often = {
            let world = world.clone();
            async move {
                for _ in 0..10 {
                    world.sleep(MS).await;
                }
            }
        };
        (often, world.sleep(10 * MS + MS / 2))
    });
    assert_eq!(report.branch("b").unwrap().unwoken_polls, 10);
    let spawned = report.spawned.unwrap();
    assert!((10 * MS..11 * MS).contains(&spawned.best_ns), "{spawned:?}");
}

#[test]
fn a_second_stage_is_taken_to_need_the_first() {
    let world = World::new();
    let there = world.clone();
    // As many workers as branches: only the stages keep it from 10 ms.
    let report = world.call(4, |call| {
        let branch = |name: &'static str| {
            let there = there.clone();
            async move { there.computes(10 * MS) }.witness(call, name)
        };
        let first = zip(branch("a"), branch("b"));
        // Made when the first stage has ended.
        let call = crate::Handle::clone(call);
        let there = there.clone();
        async move {
            first.await;
            let later = |name: &'static str| {
                let there = there.clone();
                async move { there.computes(10 * MS) }.witness(&call, name)
            };
            zip(later("c"), later("d")).await;
        }
    });
    let spawned = report.spawned.unwrap();
    let about_20 = 20 * MS..=20 * MS + MS / 10;
    assert!(about_20.contains(&spawned.best_ns), "{spawned:?}");
}

#[test]
fn nobody_is_asked_about_one_branch_or_none() {
    let world = World::new();
    let there = world.clone();
    let report = world.call(2, |call| there.sleep(MS).witness(call, "alone"));
    assert_eq!(class(&report), Class::NotDecided);
    let report = world.call(2, |_| async {});
    assert_eq!(class(&report), Class::NotDecided);
    assert_eq!(report.diagnosis.evidence, "no branch was polled");
}

#[test]
fn what_takes_hardly_longer_than_a_spawn_is_not_judged() {
    let pair = |ns: u64| {
        two(2, |world| {
            (computes(world.clone(), ns), computes(world, ns))
        })
    };
    let short = pair(MS / 25);
    assert_eq!(class(&short), Class::NotDecided);
    assert!(
        short.diagnosis.evidence.contains("80.0 µs in all"),
        "{short}"
    );
    let longer = pair(MS);
    assert_eq!(class(&longer), Class::SpawnNeeded, "{longer}");
}

#[test]
fn who_does_it_right_is_told_to_leave_it() {
    let report = two(2, |world| (world.sleep(10 * MS), world.sleep(20 * MS)));
    assert_eq!(report.diagnosis.remedy, "Leave it joined.");
}
