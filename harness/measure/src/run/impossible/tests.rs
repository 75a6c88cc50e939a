use super::*;
use crate::fabricated::outcome;
use harness_record::fabricated::{cell, glommio, header, options, sample, smol, smol_run, threads};

const SEQUENTIAL: &str = "smol:workers@2/timers/sequential@3";
const COMPOSE: &str = "smol:workers@2/timers/compose@3";
const DIGEST: &str = "smol:workers@2/digest/spawn@2";

/// What is wrong with a round of this cell whose first sample was fine, if its second is this one.
fn with(bundle: &Bundle, name: &str, second: Sample) -> Option<String> {
    // Long enough for any cell.
    let first = sample(60.0, 1.0);
    impossible(bundle, &cell(name), &outcome(vec![first, second]), None)
}

fn taking(name: &str, ms: f64) -> Option<String> {
    with(&smol_run(), name, sample(ms, 0.5))
}

fn of_threads(bundle: &Bundle, name: &str, now: u32, so_far: u32) -> Option<String> {
    let second = Sample {
        threads: now,
        threads_so_far: so_far,
        ..sample(60.0, 1.0)
    };
    with(bundle, name, second)
}

#[test]
fn more_threads_than_declared_are_wrong() {
    let bundle = smol_run();
    let is_wrong = |name: &str, threads| of_threads(&bundle, name, threads, 0).is_some();
    assert!(!is_wrong(DIGEST, 2));
    assert!(is_wrong(DIGEST, 3));
    assert!(is_wrong("smol:default@1/digest/spawn@2", 2));
    assert!(is_wrong("smol:workers@2/digest/compose@2", 2));
    // Of the baseline as well, which is no configuration of the plan.
    assert!(is_wrong("threads:threads@2/digest/spawn@2", 3));
    insta::assert_snapshot!(
        of_threads(&bundle, "smol:default@1/digest/spawn@2", 2, 2).unwrap(),
        @"2 threads polled its branches, and the adapter declares 1"
    );
}

#[test]
fn a_parent_in_a_task_may_move_and_its_spawned_branches_may_not() {
    let options = harness_record::plan::Options {
        root: Root::Worker,
        ..options()
    };
    let bundle = Bundle::new(header(vec![smol(), glommio()], options, 2));
    let is_wrong = |name: &str| of_threads(&bundle, name, 2, 2).is_some();
    assert!(!is_wrong("smol:workers@2/digest/compose@2/worker"));
    assert!(!is_wrong("smol:workers@2/digest/sequential@2/worker"));
    assert!(is_wrong("smol:default@1/digest/spawn@2/worker"));
    assert!(is_wrong("glommio:pool@2/digest/spawn@2/worker"));
    assert!(!is_wrong("glommio:pool@2/digest/dispatch@2/worker"));
}

#[test]
fn threads_that_are_replaced_from_sample_to_sample_are_wrong() {
    let bundle = Bundle::new(header(vec![threads(), smol(), glommio()], options(), 2));
    let so_far = |name: &str, so_far| of_threads(&bundle, name, 2.min(so_far), so_far);
    assert_eq!(so_far(DIGEST, 2), None);
    insta::assert_snapshot!(
        so_far(DIGEST, 4).unwrap(),
        @"4 threads have polled its branches in one process, and the adapter declares 2"
    );
    assert!(so_far("glommio:pool@2/digest/dispatch@2", 3).is_some());
    // A composed branch stays with its parent, here on the thread that called `block_on`.
    assert!(of_threads(&bundle, COMPOSE, 1, 2).is_some());
    // A thread that was made for one branch is gone with it, and a pool lets idle ones go.
    assert_eq!(so_far("threads:thread-a-branch@1/digest/spawn@2", 12), None);
    assert_eq!(
        so_far("smol:workers@2/blocking/spawn_blocking@4", 600),
        None
    );
    // Who does not know how many there were does not say.
    assert_eq!(of_threads(&bundle, DIGEST, 2, 0), None);
}

/// 5 ms each, three of them.
#[test]
fn nobody_is_done_before_the_longest_wait_nor_in_turn_before_all() {
    assert_eq!(taking(COMPOSE, 4.96), None);
    insta::assert_snapshot!(
        taking(COMPOSE, 4.9).unwrap(),
        @"done in 4.90 ms, and it was asked for a wait of 5.00 ms"
    );
    assert!(taking("smol:workers@2/timers/spawn@3", 4.9).is_some());
    assert_eq!(taking(SEQUENTIAL, 14.9), None);
    insta::assert_snapshot!(
        taking(SEQUENTIAL, 14.8).unwrap(),
        @"done in 14.80 ms, and it was asked for 3 waits of 5.00 ms each, one after the other"
    );
    assert!(taking("smol:workers@2/blocking/sequential@4", 19.0).is_some());
    // Ticks of one schedule go by while the hog computes, and are over no sooner.
    assert_eq!(taking("smol:workers@2/heartbeat/sequential@2", 25.0), None);
    assert!(taking("smol:workers@2/heartbeat/sequential@2", 24.0).is_some());
}

/// Two branches of 4 ms: on two threads 4 ms, on one 8, and a third of it is allowed for.
#[test]
fn nobody_does_the_work_in_less_time_than_all_threads_would() {
    assert_eq!(taking(DIGEST, 1.4), None);
    insta::assert_snapshot!(
        taking(DIGEST, 1.3).unwrap(),
        @"done in 1.30 ms, and its work takes 4.00 ms on 2 threads"
    );
    assert_eq!(taking("smol:workers@2/digest/compose@2", 2.7), None);
    insta::assert_snapshot!(
        taking("smol:workers@2/digest/compose@2", 2.6).unwrap(),
        @"done in 2.60 ms, and its work takes 8.00 ms on 1 thread"
    );
    // What it does alone may be skipped too: the baseline did the same steps.
    let mut bundle = smol_run();
    bundle.predictions.clear();
    assert!(with(&bundle, DIGEST, sample(0.1, 1.0)).is_some());
    // Where nothing was calibrated there is nothing to hold it against.
    bundle.steps.clear();
    assert_eq!(with(&bundle, DIGEST, sample(0.1, 1.0)), None);
    // And where branches wait, what they do besides is no work to ask for.
    assert_eq!(taking(COMPOSE, 5.0), None);
}

#[test]
fn nobody_uses_more_cpus_than_there_are() {
    let bundle = smol_run();
    let cores = |cores| with(&bundle, DIGEST, sample(40.0, cores));
    assert_eq!(cores(2.0), None);
    assert_eq!(cores(2.04), None, "two clocks read one after the other");
    insta::assert_snapshot!(cores(2.1).unwrap(), @"84.00 ms of CPU time in 40.00 ms on 2 CPUs");
    // A quota is kept over a tenth of a second, and a burst may use every CPU of the machine.
    let mut limited = smol_run();
    limited.header.host.cpu_quota = Some(2.0);
    limited.header.host.logical_cpus = Some(4);
    assert_eq!(with(&limited, DIGEST, sample(40.0, 3.9)), None);
    assert!(with(&limited, DIGEST, sample(40.0, 4.1)).is_some());
    limited.header.host.logical_cpus = None;
    assert_eq!(with(&limited, DIGEST, sample(40.0, 9.0)), None);
}

#[test]
fn no_process_uses_less_cpu_time_or_time_than_its_samples() {
    let bundle = smol_run();
    let samples = || vec![sample(20.0, 1.0), sample(30.0, 1.0)];
    let used = |cpu_ms: Option<u64>, elapsed_ms| {
        let outcome = Outcome {
            cpu: cpu_ms.map(Duration::from_millis),
            elapsed: Duration::from_millis(elapsed_ms),
            ..outcome(samples())
        };
        impossible(&bundle, &cell(DIGEST), &outcome, None)
    };
    assert_eq!(used(Some(51), 51), None);
    assert_eq!(used(Some(49), 49), None, "two clocks");
    insta::assert_snapshot!(
        used(Some(40), 60).unwrap(),
        @"its samples say 50.00 ms of CPU time, and the kernel counted 40.00 ms for the whole process"
    );
    assert_eq!(used(None, 60), None, "not every system tells");
    insta::assert_snapshot!(
        used(Some(60), 40).unwrap(),
        @"its samples say 50.00 ms, and the whole process was there for 40.00 ms"
    );
}

/// A program that replays what another measured takes next to nothing, beside what its interpreter takes to start.
#[test]
fn no_sample_is_hidden_in_what_it_takes_to_start() {
    let bundle = smol_run();
    let used = |cpu_ms: u64, start_up_ms: u64| {
        let outcome = Outcome {
            cpu: Some(Duration::from_millis(cpu_ms)),
            elapsed: Duration::from_millis(200),
            ..outcome(vec![sample(20.0, 1.0)])
        };
        let start_up = Some(Duration::from_millis(start_up_ms));
        let found = impossible(&bundle, &cell(DIGEST), &outcome, start_up);
        assert_eq!(of_the_process(&bundle, &outcome, start_up), found);
        found
    };
    assert_eq!(used(60, 0), None);
    assert_eq!(used(60, 40), None, "40 to start, and 20 of work");
    // Starts differ by a little, and clocks by 2 ms: 60 - 0.9 * 46 is 18.6.
    assert_eq!(used(60, 46), None);
    insta::assert_snapshot!(
        used(60, 48).unwrap(),
        @"its samples say 20.00 ms of CPU time, and the kernel counted 60.00 ms for the whole process, which takes 48.00 ms to start"
    );
    // It need not be told apart to see that.
    insta::assert_snapshot!(
        used(10, 48).unwrap(),
        @"its samples say 20.00 ms of CPU time, and the kernel counted 10.00 ms for the whole process"
    );
}
