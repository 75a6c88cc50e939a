//! Series of a made-up record, by hand.

use super::*;
use harness_record::fabricated::fork::recorded;

#[test]
fn a_speed_up_is_formed_inside_a_block_and_a_fork_costs_cpu_time_beyond_the_plain_calls() {
    let all = series(&recorded());
    let names: Vec<(&str, &str)> = all
        .iter()
        .map(|one| (one.id.flavour.as_str(), one.primitive.as_str()))
        .collect();
    let of_smol = [("workers", "compose"), ("workers", "spawn")];
    assert_eq!(names[..2], [("sequential", "spawn"), ("rayon", "spawn")]);
    assert_eq!(names[2..], of_smol);
    let limits: Vec<bool> = all.iter().map(|one| one.limit).collect();
    assert_eq!(limits, [true, true, false, false]);

    // Spawned: half as fast at 15, as one would say of 986 forks, and 1.25 times as fast at 20, in blocks of 1, 3 and 2 ms.
    let spawn = &all[3];
    let [small, large] = &spawn.points[..] else {
        panic!("{spawn:#?}")
    };
    assert_eq!((small.forks, large.forks), (986, 10_945));
    assert_eq!((large.blocks, large.disturbed), (3, false));
    let close = |one: f64, other: f64| (one / other - 1.0).abs() < 1e-3;
    assert!(close(small.speedup.unwrap().median, 0.5), "{small:?}");
    assert!(close(large.speedup.unwrap().median, 1.25), "{large:?}");
    assert!(close(large.wall_ns.median, 1.6e6), "{large:?}");
    // On two cores: 3.2 ms of CPU time, and 2 ms in plain calls.
    assert!(close(large.cores.median, 2.0), "{large:?}");
    assert!(
        close(large.fork_ns.unwrap().median, 1.2e6 / 10_945.0),
        "{large:?}"
    );
    assert_eq!(large.peak_bytes, Some(1_000_000.0));
    assert_eq!(spawn.wins_from, Some(20));

    // Joined it wins nowhere, and gave out.
    let compose = &all[2];
    assert_eq!((compose.points.len(), compose.wins_from), (1, None));
    assert_eq!(compose.gave_out.as_ref().unwrap().branches, 20);
    // What all is held against is as fast as itself, and no faster.
    assert_eq!(all[0].wins_from, None);
    assert!(close(all[0].points[1].speedup.unwrap().median, 1.0));
}

#[test]
fn without_the_sequential_program_there_is_no_speed_up() {
    let mut bundle = recorded();
    for group in &mut bundle.plan.groups {
        group.limits.clear();
    }
    let all = series(&bundle);
    assert_eq!(all.len(), 2);
    assert_eq!((all[1].points[0].speedup, all[1].wins_from), (None, None));
}

#[test]
fn it_wins_from_where_it_does_not_lose_again() {
    let point = |size, speedup: f64| Point {
        size,
        forks: 1,
        blocks: 1,
        disturbed: false,
        wall_ns: Estimate::of(&[1.0]).unwrap(),
        cores: Estimate::of(&[1.0]).unwrap(),
        speedup: Estimate::of(&[speedup]),
        fork_ns: None,
        peak_bytes: None,
    };
    let from = |speedups: &[f64]| {
        let points = speedups.iter().zip(1..).map(|(&s, size)| point(size, s));
        wins_from(&points.collect::<Vec<_>>())
    };
    assert_eq!(from(&[0.5, 1.2, 1.05, 1.2, 1.3]), Some(4));
    assert_eq!(from(&[1.15, 1.2]), Some(1));
    assert_eq!(from(&[1.2, 1.0]), None);
    assert_eq!(from(&[]), None);
}
