//! The same branches, put together in two ways.

use harness_protocol::{Idiom, Others, Sample};

use super::{block_of_many, failed, header, options, smol, threads, unasked};
use crate::{
    bundle::{Bundle, CellStatus},
    plan::Options,
};

/// A run of smol with nothing measured yet.
#[must_use]
pub fn run() -> Bundle {
    let names = ["idioms/select-all", "idioms/spawn-await", "idioms/join-set"];
    let options = Options {
        scenarios: names.map(str::to_owned).to_vec(),
        ..options()
    };
    Bundle::new(header(vec![unasked(threads()), smol()], options, 2))
}

/// What became of the others of n: all of them were dropped.
#[must_use]
pub fn dropped(n: usize) -> Others {
    Others {
        dropped: n as u64 - 1,
        ..Others::default()
    }
}

/// n branches in one task, polled all at every wake, and 8 bytes for each.
#[must_use]
pub fn looked_at(n: usize) -> Sample {
    let n64 = n as u64;
    let wakes = if n > 1_000 { 30 } else { n64 };
    Sample {
        wall_ns: 1_000 * wakes,
        cpu_ns: 500 * wakes,
        idiom: Some(Idiom {
            wakes,
            polls: n64 + wakes * (n64 / 2),
            begun: n64,
            parent_polls: wakes + 1,
            waiting: n64,
            inside: 1,
            stopped: wakes < n64,
            allocations: 1,
            peak_bytes: 8 * n64,
            branch_bytes: 24,
            first_fails: Some(dropped(n)),
            last_fails: Some(dropped(n)),
        }),
        ..Sample::default()
    }
}

/// n tasks, two of which were polled at once, and each wake of so many takes so long.
#[must_use]
pub fn handed_over(n: usize, cpu_ns: u64) -> Sample {
    let n64 = n as u64;
    let others = Others {
        finished: n64 / 2,
        ran_on: n64 - 1 - n64 / 2,
        ..Others::default()
    };
    Sample {
        wall_ns: cpu_ns * n64,
        cpu_ns: cpu_ns * n64,
        idiom: Some(Idiom {
            wakes: n64,
            polls: 2 * n64,
            begun: n64,
            parent_polls: 2,
            waiting: n64,
            inside: 2,
            stopped: false,
            allocations: 2 * n64,
            peak_bytes: 136 * n64,
            branch_bytes: 24,
            first_fails: Some(others),
            last_fails: None,
        }),
        ..Sample::default()
    }
}

/// Two rounds of it, the second slower; smol has no `JoinSet`.
#[must_use]
pub fn recorded() -> Bundle {
    let mut bundle = run();
    for slower in [1, 2] {
        for (way, root, primitive) in [
            ("select-all", "", "compose"),
            ("spawn-await", "", "spawn"),
            ("spawn-await", "/worker", "spawn"),
        ] {
            let mut arms = Vec::new();
            for n in [10, 30, 1_000, 100_000] {
                let name = format!("smol:workers@2/idioms/{way}/{primitive}@{n}{root}");
                let long = if n == 100_000 { 11 } else { 1 };
                let sample = match primitive {
                    "compose" => looked_at(n),
                    _ => handed_over(n, 700 * long * slower),
                };
                arms.push((name, vec![sample]));
            }
            block_of_many(&mut bundle, &arms, Some("busy"));
        }
    }
    let absent = "smol:workers@2/idioms/join-set/spawn@10";
    failed(
        &mut bundle,
        absent,
        CellStatus::Unsupported,
        "smol has no join-set",
    );
    bundle
}
