//! What a cell should take, by the laws of its scenario.
//!
//! With n equal branches that each wait d and compute c, k executing threads and b blocking ones:
//!
//! ```text
//! sequential      n·(d + c)
//! compose         d + n·c
//! spawn, dispatch d + ⌈n/k⌉·c + n·s        s is what a spawn costs
//! blocking wait   compose n·d · spawn ⌈n/k⌉·d · spawn_blocking ⌈n/b⌉·d
//! ```
//!
//! Here the branches need not be equal: n·c becomes the sum of all c, d the longest wait, and
//! ⌈n/k⌉·c the time that k threads need when each takes the next branch as soon as it is free. The
//! laws are exact for one piece of work after one wait that all branches begin together, and
//! upper bounds otherwise, since work then overlaps other branches' waits; [`floor`] is the lower
//! bound.

use harness_protocol::Primitive;
use serde::{Deserialize, Serialize};
use workload_catalogue::Law;

pub mod band;

/// What one branch does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Branch {
    /// d: as long as the runtime's timer takes when it is asked for d.
    pub wait_ns: u64,
    /// c: as much CPU time as its work takes alone.
    pub work_ns: u64,
}

/// Where the branches run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// k of the primitive, as the runtime declares it. For CPU work no more than
    /// the cores count, for blocking waits all do.
    pub executing: usize,
    /// b, the threads for blocking code.
    pub blocking: usize,
    /// Cores that the process may use.
    pub cores: usize,
    /// s, what a spawn costs; 0 where it is not known.
    pub spawn_ns: u64,
}

/// What the laws predict of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prediction {
    /// Wall time, in nanoseconds.
    pub wall_ns: u64,
    /// d of the longest branch, in nanoseconds, as calibrated.
    pub wait_ns: u64,
    /// c summed over the branches, in nanoseconds, as calibrated.
    pub work_ns: u64,
    /// What no placing can beat, in nanoseconds.
    pub floor_ns: u64,
}

/// What a cell should take, in nanoseconds.
#[must_use]
pub fn predict(law: Law, primitive: Primitive, branches: &[Branch], setting: Setting) -> u64 {
    let one = Setting {
        executing: 1,
        ..setting
    };
    let spawns = setting.spawn_ns.saturating_mul(branches.len() as u64);
    let time = match (law, primitive) {
        (Law::OneSchedule, Primitive::Sequential) => in_turn(branches),
        (_, Primitive::Sequential) => sum(branches.iter().map(|b| b.wait_ns + b.work_ns)),

        (Law::WaitsAndWork, Primitive::Compose) => overlapped(branches, one),
        (Law::WaitsAndWork, Primitive::Spawn | Primitive::Dispatch) => {
            overlapped(branches, setting)
        }
        (Law::BlockingWaits, Primitive::Compose) => held(branches, 1, setting.cores),
        (Law::BlockingWaits, Primitive::Spawn | Primitive::Dispatch) => {
            held(branches, setting.executing, setting.cores)
        }
        (Law::OneSchedule, Primitive::Compose) => one_schedule(branches, one),
        (Law::OneSchedule, Primitive::Spawn | Primitive::Dispatch) => {
            one_schedule(branches, setting)
        }

        // Blocking code holds its thread while it waits, whatever its law on an executor.
        (Law::WaitsAndWork | Law::BlockingWaits, Primitive::SpawnBlocking) => {
            held(branches, setting.blocking, setting.cores)
        }
        (Law::OneSchedule, Primitive::SpawnBlocking) => one_schedule(
            branches,
            Setting {
                executing: setting.blocking,
                ..setting
            },
        ),
    };
    match primitive {
        Primitive::Sequential | Primitive::Compose => time,
        Primitive::Spawn | Primitive::Dispatch | Primitive::SpawnBlocking => {
            time.saturating_add(spawns)
        }
    }
}

/// What no placing of the branches can beat: its longest branch, and all its work on all the
/// threads that can run at once.
#[must_use]
pub fn floor(branches: &[Branch], setting: Setting) -> u64 {
    let threads = setting.executing.min(setting.cores).max(1) as u64;
    longest(branches.iter().map(|b| b.wait_ns + b.work_ns))
        .max(sum(work(branches)).div_ceil(threads))
}

/// The time that `threads` need for pieces which are taken in order, each by the thread that is
/// free first.
///
/// With equal pieces it is ⌈n/k⌉ of them. Whatever the pieces, no order of them takes less than
/// 1/(2 − 1/k) of it: R. L. Graham, *Bounds for Certain Multiprocessing Anomalies*, Bell System
/// Technical Journal 45 (1966).
#[must_use]
pub fn makespan(pieces: impl IntoIterator<Item = u64>, threads: usize) -> u64 {
    let mut busy_until = vec![0_u64; threads.max(1)];
    for piece in pieces {
        if let Some(first_free) = busy_until.iter_mut().min() {
            *first_free = first_free.saturating_add(piece);
        }
    }
    longest(busy_until)
}

/// All wait at once, and then work on as many threads as there are cores for.
fn overlapped(branches: &[Branch], setting: Setting) -> u64 {
    longest(waits(branches)) + makespan(work(branches), setting.executing.min(setting.cores))
}

/// Each holds a thread from its start to its end.
fn held(branches: &[Branch], threads: usize, cores: usize) -> u64 {
    if threads <= cores {
        return makespan(branches.iter().map(|b| b.wait_ns + b.work_ns), threads);
    }
    // More threads than cores wait together but do not work together.
    makespan(waits(branches), threads) + makespan(work(branches), cores)
}

/// All waits are of one schedule, which begins with the clock and goes on while others work.
fn one_schedule(branches: &[Branch], setting: Setting) -> u64 {
    longest(waits(branches)).max(makespan(
        work(branches),
        setting.executing.min(setting.cores),
    ))
}

/// One after the other on one schedule: what has passed of a wait in the branches before needs no
/// waiting. A hog before a ticker costs no more than the longer of the two; after it, the sum.
fn in_turn(branches: &[Branch]) -> u64 {
    branches.iter().fold(0, |clock, branch| {
        clock.max(branch.wait_ns) + branch.work_ns
    })
}

fn waits(branches: &[Branch]) -> impl Iterator<Item = u64> {
    branches.iter().map(|branch| branch.wait_ns)
}

fn work(branches: &[Branch]) -> impl Iterator<Item = u64> {
    branches.iter().map(|branch| branch.work_ns)
}

fn sum(times: impl IntoIterator<Item = u64>) -> u64 {
    times.into_iter().sum()
}

fn longest(times: impl IntoIterator<Item = u64>) -> u64 {
    times.into_iter().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use Law::{BlockingWaits, OneSchedule, WaitsAndWork};
    use Primitive::{Compose, Dispatch, Sequential, Spawn, SpawnBlocking};
    use proptest::prelude::*;

    use super::*;

    fn branch(wait_ns: u64, work_ns: u64) -> Branch {
        Branch { wait_ns, work_ns }
    }

    fn on(executing: usize, cores: usize) -> Setting {
        Setting {
            executing,
            blocking: 512,
            cores,
            spawn_ns: 0,
        }
    }

    #[test]
    fn equal_branches_follow_the_laws() {
        let four = [branch(10, 3); 4];
        assert_eq!(predict(WaitsAndWork, Sequential, &four, on(2, 2)), 52);
        assert_eq!(predict(WaitsAndWork, Compose, &four, on(2, 2)), 22);
        assert_eq!(predict(WaitsAndWork, Spawn, &four, on(2, 2)), 16);
        assert_eq!(predict(WaitsAndWork, Dispatch, &four, on(4, 4)), 13);
        // k = 1: a spawn is a compose.
        assert_eq!(predict(WaitsAndWork, Spawn, &four, on(1, 2)), 22);
    }

    #[test]
    fn a_branch_too_many_takes_another_turn() {
        let five = [branch(0, 4); 5];
        assert_eq!(predict(WaitsAndWork, Spawn, &five, on(2, 2)), 12);
        assert_eq!(predict(WaitsAndWork, Spawn, &five, on(4, 4)), 8);
    }

    #[test]
    fn threads_without_cores_do_no_work() {
        let four = [branch(0, 5); 4];
        assert_eq!(predict(WaitsAndWork, Spawn, &four, on(4, 2)), 10);
        assert_eq!(predict(WaitsAndWork, SpawnBlocking, &four, on(4, 2)), 10);
        assert_eq!(predict(WaitsAndWork, Spawn, &four, on(4, 1)), 20);
    }

    #[test]
    fn unequal_branches_are_taken_in_order() {
        // Two threads: 3 and 5; 4 to the first (7), 2 to the second (7), 6 to the first (13).
        let work = [3, 5, 4, 2, 6];
        assert_eq!(makespan(work, 2), 13);
        let branches = work.map(|c| branch(c, c));
        assert_eq!(predict(WaitsAndWork, Spawn, &branches, on(2, 2)), 6 + 13);
        assert_eq!(predict(WaitsAndWork, Compose, &branches, on(2, 2)), 6 + 20);
        assert_eq!(predict(WaitsAndWork, Sequential, &branches, on(2, 2)), 40);
    }

    #[test]
    fn the_longest_branch_last_is_the_worst_order() {
        // 2 − 1/k times the best, which is 6: the bound is reached.
        assert_eq!(makespan([2, 2, 2, 2, 2, 2, 6], 3), 10);
    }

    #[test]
    fn a_blocking_wait_holds_its_thread() {
        let four = [branch(5, 0); 4];
        assert_eq!(predict(BlockingWaits, Sequential, &four, on(2, 2)), 20);
        assert_eq!(predict(BlockingWaits, Compose, &four, on(2, 2)), 20);
        assert_eq!(predict(BlockingWaits, Spawn, &four, on(2, 2)), 10);
        // Waits want threads, not cores.
        assert_eq!(predict(BlockingWaits, Spawn, &four, on(4, 2)), 5);
        assert_eq!(predict(BlockingWaits, SpawnBlocking, &four, on(2, 2)), 5);
        let one_blocking = Setting {
            blocking: 1,
            ..on(2, 2)
        };
        assert_eq!(
            predict(BlockingWaits, SpawnBlocking, &four, one_blocking),
            20
        );
        // Waits and work in turns on two threads with two cores: 5 + 1 twice.
        let both = [branch(5, 1); 4];
        assert_eq!(predict(BlockingWaits, Spawn, &both, on(2, 2)), 12);
        // Four threads on two cores: all wait at once, and then two work twice.
        assert_eq!(predict(BlockingWaits, Spawn, &both, on(4, 2)), 7);
    }

    #[test]
    fn one_schedule_overlaps_everywhere_but_hogs_want_threads() {
        let (hog, ticker) = (branch(0, 25), branch(25, 0));
        for primitive in [Sequential, Compose, Spawn, SpawnBlocking] {
            assert_eq!(
                predict(OneSchedule, primitive, &[hog, ticker], on(2, 2)),
                25
            );
        }
        assert_eq!(predict(OneSchedule, Compose, &[ticker, hog], on(2, 2)), 25);
        // Awaited to its end before the hog begins, the ticker has nothing to overlap.
        assert_eq!(
            predict(OneSchedule, Sequential, &[ticker, hog], on(2, 2)),
            50
        );
        let hogs = [hog, hog, ticker];
        assert_eq!(predict(OneSchedule, Sequential, &hogs, on(2, 2)), 50);
        assert_eq!(predict(OneSchedule, Compose, &hogs, on(2, 2)), 50);
        assert_eq!(predict(OneSchedule, Spawn, &hogs, on(2, 2)), 25);
        assert_eq!(predict(OneSchedule, Spawn, &hogs, on(2, 1)), 50);
        // The blocking pool has threads of its own.
        assert_eq!(predict(OneSchedule, SpawnBlocking, &hogs, on(1, 2)), 25);
    }

    #[test]
    fn spawns_cost_what_they_cost() {
        let setting = Setting {
            spawn_ns: 7,
            ..on(2, 2)
        };
        let four = [branch(10, 3); 4];
        assert_eq!(predict(WaitsAndWork, Spawn, &four, setting), 16 + 28);
        assert_eq!(predict(WaitsAndWork, Compose, &four, setting), 22);
        assert_eq!(predict(WaitsAndWork, Sequential, &four, setting), 52);
    }

    #[test]
    fn no_branches_no_threads_and_no_cores_are_no_trouble() {
        for law in [WaitsAndWork, BlockingWaits, OneSchedule] {
            for primitive in [Sequential, Compose, Spawn, Dispatch, SpawnBlocking] {
                assert_eq!(predict(law, primitive, &[], on(0, 0)), 0);
                assert_eq!(predict(law, primitive, &[branch(0, 3)], on(0, 0)), 3);
            }
        }
        assert_eq!(floor(&[], on(0, 0)), 0);
    }

    #[test]
    fn the_floor_is_the_longest_branch_or_the_shared_work() {
        assert_eq!(floor(&[branch(10, 3); 4], on(2, 2)), 13);
        assert_eq!(floor(&[branch(1, 3); 5], on(2, 2)), 8);
        assert_eq!(floor(&[branch(1, 3); 5], on(8, 2)), 8);
    }

    fn some_branches() -> impl Strategy<Value = Vec<Branch>> {
        let some = (0_u64..1000, 0_u64..1000).prop_map(|(d, c)| branch(d, c));
        prop::collection::vec(some, 0..40)
    }

    proptest! {
        /// Graham's bound, against the lower bound of any schedule.
        #[test]
        fn a_list_schedule_is_within_grahams_bound(
            pieces in prop::collection::vec(0_u64..10_000, 1..60), k in 1_usize..12,
        ) {
            let total: u64 = pieces.iter().sum();
            let least = (total as f64 / k as f64).max(*pieces.iter().max().unwrap() as f64);
            let taken = makespan(pieces.iter().copied(), k) as f64;
            prop_assert!(least <= taken + 1e-6);
            prop_assert!(taken <= (2.0 - 1.0 / k as f64) * least + 1e-6);
        }

        #[test]
        fn equal_pieces_take_their_turns(c in 0_u64..10_000, n in 0_usize..60, k in 1_usize..12) {
            prop_assert_eq!(makespan(vec![c; n], k), c * n.div_ceil(k) as u64);
        }

        #[test]
        fn no_law_goes_below_the_floor_or_above_one_after_the_other(
            branches in some_branches(), k in 1_usize..9, cores in 1_usize..5,
        ) {
            let all = predict(WaitsAndWork, Sequential, &branches, on(k, cores));
            let compose = predict(WaitsAndWork, Compose, &branches, on(k, cores));
            let spawn = predict(WaitsAndWork, Spawn, &branches, on(k, cores));
            prop_assert!(floor(&branches, on(k, cores)) <= spawn);
            prop_assert!(spawn <= compose && compose <= all);
            // Threads that block can lose all overlap and no more.
            for primitive in [Compose, Spawn] {
                let blocking = predict(BlockingWaits, primitive, &branches, on(k, k.max(cores)));
                prop_assert!(blocking <= all);
            }
            prop_assert_eq!(predict(BlockingWaits, Compose, &branches, on(k, cores)), all);
        }
    }
}
