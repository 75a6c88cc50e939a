//! A recursion that forks, beside what is no runtime.

use harness_protocol::{Flavour, Sample, Threads, Workers};

use super::{
    MS, block_of_many, cell, entrant, flavour, header, options, sample, smol, threads, unasked,
};
use crate::{
    bundle::{Bundle, CellStatus, Event},
    plan::{Entrant, Options},
};

/// What stands beside it.
#[must_use]
pub fn limits() -> Entrant {
    let flavours: Vec<Flavour> = vec![
        flavour("sequential", Workers::Fixed(1), Threads::Fixed(1), None),
        flavour("rayon", Workers::PerCore, Threads::Workers, None),
    ];
    Entrant {
        asked: false,
        version: None,
        beside: vec!["fork".to_owned()],
        ..entrant("fork-limits", flavours)
    }
}

/// A run of smol with nothing measured yet.
#[must_use]
pub fn run() -> Bundle {
    let options = Options {
        scenarios: vec!["fork/fib".into()],
        branches: Some(20),
        ..options()
    };
    Bundle::new(header(
        vec![unasked(threads()), smol(), limits()],
        options,
        2,
    ))
}

/// The first has the memory, and the second is slower.
fn took(wall_ms: f64, cores: f64) -> Vec<Sample> {
    let first = Sample {
        peak_bytes: Some(1_000_000),
        cpu_ns: (wall_ms * cores * MS as f64) as u64,
        ..sample(wall_ms, 1.0)
    };
    let second = Sample {
        wall_ns: first.wall_ns * 2,
        peak_bytes: Some(0),
        ..first.clone()
    };
    vec![first, second]
}

/// Blocks of different speeds, in each of which a spawn takes twice as long as plain calls at 15 and 0.8 of it at 20, on two
/// cores; a join of 20 is too much.
#[must_use]
pub fn recorded() -> Bundle {
    let mut bundle = run();
    for (block, others) in [(1.0, None), (3.0, None), (2.0, None), (9.0, Some("busy"))] {
        let mut arms = Vec::new();
        for (n, spawn) in [(15, 2.0), (20, 0.8)] {
            let limit = |name: &str| format!("fork-limits:{name}/fork/fib/spawn@{n}");
            arms.push((limit("sequential@1"), took(block, 1.0)));
            arms.push((limit("rayon@2"), took(0.6 * block, 2.0)));
            let smol = |primitive: &str| format!("smol:workers@2/fork/fib/{primitive}@{n}");
            arms.push((smol("spawn"), took(spawn * block, 2.0)));
            if n == 15 {
                arms.push((smol("compose"), took(4.0 * block, 1.0)));
            }
        }
        block_of_many(&mut bundle, &arms, others);
    }
    bundle.add(Event::Round {
        block: 0,
        cell: cell("smol:workers@2/fork/fib/compose@20"),
        order: 9,
        status: CellStatus::Timeout,
        reason: Some("not done within 60s".to_owned()),
        stderr: String::new(),
        samples: Vec::new(),
    });
    bundle
}
