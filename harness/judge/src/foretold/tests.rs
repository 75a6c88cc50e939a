//! Predictions of made-up samples, by hand.

use harness_protocol::Poll as Traced;
use harness_record::fabricated::{
    block, header, options, predicted, sample, smol, threads, unasked,
};
use harness_record::plan::Options;

use super::*;

/// Two branches, joined: 4 ms each, one after the other on one thread.
fn joined(branches_ms: [u64; 2]) -> Sample {
    let [a, b] = branches_ms.map(|ms| ms * 1_000_000);
    let poll = |branch, start_ns, end_ns| Traced {
        branch,
        thread: 0,
        start_ns,
        end_ns,
    };
    Sample {
        polls: 2,
        polled_ns: a + b,
        trace: vec![poll(0, 0, a), poll(1, a, a + b)],
        ..sample((a + b) as f64 / 1e6, 1.0)
    }
}

fn digest_on_smol(joined: Sample, spawned: Sample) -> Vec<Foretold> {
    let options = Options {
        scenarios: vec!["digest".to_owned()],
        branches: Some(2),
        workers: vec![2],
        ..options()
    };
    let mut bundle = predicted(header(vec![unasked(threads()), smol()], options, 2));
    for _ in 0..5 {
        block(
            &mut bundle,
            &[
                ("smol:workers@2/digest/compose@2", joined.clone()),
                ("smol:workers@2/digest/spawn@2", spawned.clone()),
            ],
        );
    }
    of(&bundle)
}

#[test]
fn two_alike_take_half_and_two_spawns_and_what_was_measured_is_held_against_that() {
    // On two cores' worth of CPU time: the same work.
    let all = digest_on_smol(joined([4, 4]), sample(4.2, 2.0));
    let [one] = &all[..] else {
        panic!("{all:#?}");
    };
    // By hand: 4.01 of 8 ms, and 4.2 / 4.01.
    assert!(
        (one.spawned.unwrap().best - 0.501_25).abs() < 1e-9,
        "{one:?}"
    );
    assert!((one.off().unwrap() - 0.047_38).abs() < 1e-4, "{one:?}");
    assert_eq!(one.is_inside(), Some(true));
    assert!(!one.in_each_others_way, "5 % more CPU time: {one:?}");
}

#[test]
fn what_took_far_longer_than_any_schedule_would_lies_outside() {
    let all = digest_on_smol(joined([4, 4]), sample(9.0, 1.0));
    assert_eq!(all[0].is_inside(), Some(false), "{all:#?}");
    let together = Together::of(all.iter()).unwrap();
    assert_eq!((together.foretold, together.inside), (1, 0));
}

#[test]
fn the_longer_of_two_is_all_that_can_be_had() {
    let all = digest_on_smol(joined([10, 1]), sample(10.1, 1.09));
    // By hand: 10.01 of 11 ms.
    assert!(
        (all[0].spawned.unwrap().best - 0.91).abs() < 1e-9,
        "{all:#?}"
    );
}

#[test]
fn more_cpu_time_side_by_side_is_said_of_branches_that_compute() {
    // 5 ms on two cores, of 8 ms on one.
    let all = digest_on_smol(joined([4, 4]), sample(5.0, 2.0));
    assert!(all[0].in_each_others_way, "{all:#?}");
}

#[test]
fn without_its_polls_nothing_is_foretold() {
    let mut bare = joined([4, 4]);
    bare.trace.pop();
    assert_eq!(digest_on_smol(bare, sample(4.2, 2.0)), []);
    let mut spawns = joined([4, 4]);
    spawns.hidden_spawns = 1;
    assert_eq!(digest_on_smol(spawns, sample(4.2, 2.0)), []);
}
