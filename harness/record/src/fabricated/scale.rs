//! Ever more branches that wait for one instant.

use harness_protocol::Sample;
use workload_catalogue::scenario;

use super::{MS, block_of_many, cell, header, options, sample, smol, threads, unasked};
use crate::{
    bundle::{Bundle, CellStatus, Event},
    plan::Options,
};

/// A run of smol with nothing measured yet.
#[must_use]
pub fn run() -> Bundle {
    let options = Options {
        scenarios: vec!["scale/timer".into()],
        ..options()
    };
    Bundle::new(header(vec![unasked(threads()), smol()], options, 2))
}

/// Each branch takes a microsecond of CPU time, half of it beyond the wait, and 250 bytes.
#[must_use]
pub fn took(n: usize, slower: f64) -> Vec<Sample> {
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

/// Some rounds of it; a million spawned branches are too many.
#[must_use]
pub fn recorded() -> Bundle {
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
