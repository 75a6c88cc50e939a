//! Connections that are held open, beside what is no runtime.

use harness_protocol::{Flavour, Held, Sample, Threads, Workers};

use super::{block_of_many, entrant, flavour, header, options, sample, smol, threads, unasked};
use crate::{
    bundle::Bundle,
    plan::{Entrant, Options},
};

/// What stands beside them.
#[must_use]
pub fn limits() -> Entrant {
    let flavours: Vec<Flavour> = vec![
        flavour("epoll", Workers::Fixed(1), Threads::Fixed(1), None),
        flavour("threads", Workers::Fixed(1), Threads::Branches, None),
    ];
    Entrant {
        asked: false,
        version: None,
        beside: vec!["connections".to_owned()],
        ..entrant("limits", flavours)
    }
}

/// A run of smol with nothing measured yet.
#[must_use]
pub fn run() -> Bundle {
    let options = Options {
        scenarios: vec!["connections/echo".into()],
        ..options()
    };
    Bundle::new(header(
        vec![unasked(threads()), smol(), limits()],
        options,
        2,
    ))
}

/// Round trips of so many microseconds of wall time and half as much CPU time, a quarter of it the origin's; and
/// a slower sample.
fn took(connections: u64, trip_us: f64) -> Vec<Sample> {
    let trips = 20 * connections;
    let wall_ns = (trip_us * 1e3) as u64 * trips;
    let one = |wall_ns: u64| Sample {
        held: Some(Held {
            wall_ns,
            cpu_ns: wall_ns / 2,
            origin_ns: wall_ns / 4,
            trips,
        }),
        ..sample(2.0 * wall_ns as f64 / 1e6, 1.0)
    };
    vec![one(wall_ns), one(3 * wall_ns)]
}

/// Blocks of different speeds, in each of which smol takes 1.5 times as long as an epoll.
#[must_use]
pub fn recorded() -> Bundle {
    let mut bundle = run();
    for block in 0..7_u32 {
        for others in [None, Some("busy")] {
            let slower = if others.is_some() { 9.0 } else { 1.0 };
            let us = 4.0 + f64::from(block);
            let mut arms = Vec::new();
            for n in [1_u64, 10] {
                arms.push((
                    format!("limits:epoll@1/connections/echo/spawn@{n}"),
                    took(n, us),
                ));
                arms.push((
                    format!("limits:threads@1/connections/echo/spawn@{n}"),
                    took(n, 2.0 * us),
                ));
                arms.push((
                    format!("smol:workers@2/connections/echo/spawn@{n}"),
                    took(n, 1.5 * slower * us),
                ));
            }
            let arms: Vec<(&str, Vec<Sample>)> = arms
                .iter()
                .map(|(name, samples)| (name.as_str(), samples.clone()))
                .collect();
            block_of_many(&mut bundle, &arms, others);
        }
    }
    bundle
}
