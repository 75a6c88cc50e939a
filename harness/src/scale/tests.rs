//! Series of made-up records, by hand.

use harness_protocol::Sample;
use insta::assert_snapshot;

use super::*;
use crate::{
    bundle::Event,
    fabricated::{MS, block_of_many, cell, header, options, sample, smol, threads, unasked},
    plan::Options,
};

fn run() -> Bundle {
    let options = Options {
        scenarios: vec!["scale/timer".into()],
        ..options()
    };
    Bundle::new(header(vec![unasked(threads()), smol()], options, 2))
}

/// Each branch takes a microsecond of CPU time, half of it beyond the wait, and 250 bytes.
fn took(n: usize, slower: f64) -> Vec<Sample> {
    let wait_ms = scenario("scale/timer").unwrap().wait_ms_of(n);
    let each_ms = 1e-3 * slower * n as f64;
    let wall_ms = wait_ms + each_ms / 2.0;
    let first = Sample {
        peak_bytes: Some(250 * n as u64),
        cpu_ns: (each_ms * MS as f64) as u64,
        ..sample(wall_ms, 1.0)
    };
    // The second finds the memory there that the first gave back, and is slower.
    let second = Sample {
        wall_ns: first.wall_ns * 2,
        peak_bytes: Some(0),
        ..first.clone()
    };
    vec![first, second]
}

fn recorded() -> Bundle {
    let mut bundle = run();
    for (slower, others) in [(1.0, None), (1.2, None), (1.1, None), (9.0, Some("busy"))] {
        let mut arms = Vec::new();
        for n in [1, 1_000, 10_000, 1_000_000] {
            for primitive in ["compose", "spawn"] {
                let name = format!("smol:workers@2/scale/timer/{primitive}@{n}");
                if primitive == "compose" || n < 1_000_000 {
                    arms.push((name, took(n, slower)));
                }
            }
        }
        let arms: Vec<(&str, Vec<Sample>)> = arms
            .iter()
            .map(|(name, samples)| (name.as_str(), samples.clone()))
            .collect();
        block_of_many(&mut bundle, &arms, others);
    }
    bundle.add(Event::Round {
        block: 0,
        cell: cell("smol:workers@2/scale/timer/spawn@1000000"),
        order: 9,
        status: CellStatus::Crashed,
        reason: Some("exit status 101".to_owned()),
        stderr: "first\nno more threads".to_owned(),
        samples: Vec::new(),
    });
    bundle
}

#[test]
fn a_branch_takes_its_share_of_the_fastest_sample_and_of_the_first_ones_memory() {
    let all = series(&recorded());
    assert_eq!(all.len(), 2, "smol as it comes was not measured");
    let compose = &all[0];
    assert_eq!(
        (compose.primitive.as_str(), compose.points.len()),
        ("compose", 4)
    );
    let million = &compose.points[3];
    assert_eq!((million.rounds, million.disturbed), (3, false));
    // 1, 1.1 and 1.2 µs.
    assert!((million.cpu_ns.median - 1_100.0).abs() < 1.0, "{million:?}");
    assert!(
        (million.over_wait_ns.median - 550.0).abs() < 1.0,
        "{million:?}"
    );
    assert!((million.wait_ns - 3.4e9).abs() < 1.0);
    assert_eq!(million.bytes, Some(250.0));
    assert_eq!(
        compose.points[1].bytes, None,
        "of a thousand it tells nothing"
    );
    assert_eq!(compose.gave_out, None);
    let spawn = &all[1];
    assert_eq!(spawn.points.len(), 3);
    assert_eq!(
        spawn.gave_out,
        Some(GaveOut {
            branches: 1_000_000,
            why: "exit status 101: no more threads".to_owned()
        })
    );
}

/// Whatever else was said after it, and not twice.
#[test]
fn what_the_system_refused_is_the_reason() {
    let said = |reason: &str, stderr: &str| {
        why(&Round {
            order: 0,
            status: CellStatus::Crashed,
            reason: Some(reason.to_owned()),
            stderr: stderr.to_owned(),
            samples: Vec::new(),
        })
    };
    let refused = "failed to spawn thread: Os { code: 11, kind: WouldBlock }";
    let aborted = format!("{refused}\nnote: run with a backtrace\naborting");
    assert_eq!(said("aborted", &aborted), format!("aborted: {refused}"));
    assert_eq!(said(refused, &aborted), refused);
    assert_eq!(said("aborted", "first\nlast"), "aborted: last");
    assert_eq!(said("aborted", ""), "aborted");
}

#[test]
fn branches_that_began_when_the_wait_was_over_are_told() {
    let mut bundle = run();
    let late = vec![Sample {
        stall_ns: Some(7),
        ..took(10_000, 1.0).remove(0)
    }];
    let name = "smol:workers@2/scale/timer/spawn@10000";
    block_of_many(&mut bundle, &[(name, late)], Some("busy"));
    let all = series(&bundle);
    let point = &all[0].points[0];
    assert_eq!((point.late_ns, point.disturbed), (Some(7), true));
    assert!(text(&all).contains("<250"), "{}", text(&all));
}

#[test]
fn it_prints_a_table_and_where_it_gave_out() {
    let all = series(&recorded());
    assert_snapshot!(text(&all), @r##"
    smol 1.2.3 workers@2: scale/timer, up to a million branches that wait for one instant
              n   compose: CPU     over   memory     spawn: CPU     over   memory
              1         1.1 µs   550 ns                  1.1 µs   550 ns
           1000         1.1 µs   550 ns                  1.1 µs   550 ns
          10000         1.1 µs   550 ns      250         1.1 µs   550 ns      250
        1000000         1.1 µs   550 ns      250
      spawn gives out at 1000000: exit status 101: no more threads

    CPU: time of the process, a branch. Over: wall time beyond the instant that all wait for, a branch.
    Memory: how far the resident set rose at its peak, in bytes a branch; of fewer than 10 000 it tells nothing.
    < not all were there at once: the last began when the wait was over, and they took more memory than this.
    ~ other work disturbed every round.
    "##);
    assert_snapshot!(markdown(&all), @r##"
    `scale/timer`, up to a million branches that wait for one instant:

    | configuration | primitive | CPU a branch, of 1 000 | of 1 000 000 | bytes a branch, of 10 000 | of 1 000 000 | the most | gives out at |
    | --- | --- | --- | --- | --- | --- | --- | --- |
    | smol 1.2.3 workers@2 | compose | 1.1 µs | 1.1 µs | 250 | 250 | 1000000 in 3.95 s |  |
    | smol 1.2.3 workers@2 | spawn | 1.1 µs |  | 250 |  | 10000 in 436 ms | 1000000: exit status 101: no more threads |

    CPU: time of the process, a branch. Over: wall time beyond the instant that all wait for, a branch. Memory: how far the resident set rose at its peak, in bytes a branch; of fewer than 10 000 it tells nothing. &lt; not all were there at once: the last began when the wait was over, and they took more memory than this. ~ other work disturbed every round.
    "##);
    assert_eq!(text(&series(&crate::fabricated::smol_run())), "");
}
