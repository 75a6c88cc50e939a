//! Records made up for tests: runtimes of known shape, and blocks of known samples. No process is
//! started, and nothing is timed.

pub mod connections;
pub mod fork;
pub mod idioms;
pub mod lengths;
pub mod scale;

use std::{io, path::Path};

use harness_protocol::{
    Flavour, OnDrop, OnPanic, Poll, Primitive, Root, Sample, Semantics, Sizes, Threads, Workers,
};
use workload_catalogue::{Branches, SCENARIOS, Scenario};

use crate::{
    bundle::{self, Bundle, CellStatus, Event, Header, SCHEMA},
    cell::Cell,
    host::Host,
    laws::{self, Branch, Setting},
    plan::{Config, Entrant, Options, Rounds},
};

/// Seals the record in a folder, whatever it holds.
///
/// # Errors
///
/// When it cannot be read, or the seal not written.
pub fn seal(folder: &Path) -> io::Result<()> {
    bundle::seal::write(folder)
}

/// Nanoseconds in a millisecond.
pub const MS: u64 = 1_000_000;

/// A flavour of this shape.
#[must_use]
pub fn flavour(name: &str, workers: Workers, spawn: Threads, dispatch: Option<Threads>) -> Flavour {
    Flavour {
        name: name.to_owned(),
        summary: format!("{name} as it comes"),
        workers,
        semantics: Semantics {
            spawn,
            dispatch,
            dispatched: None,
            blocking: Threads::Fixed(500),
            on_drop: OnDrop::Cancels,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: false,
        },
        unavailable: None,
        lacks: Vec::new(),
        sizes: Sizes::default(),
        unasked_workers: None,
        breaks: Vec::new(),
    }
}

/// A runtime of these flavours, version 1.2.3.
#[must_use]
pub fn entrant(name: &str, flavours: Vec<Flavour>) -> Entrant {
    Entrant {
        name: name.to_owned(),
        version: Some("1.2.3".to_owned()),
        unavailable: None,
        flavours,
        asked: true,
        checks: Vec::new(),
        lineage: Vec::new(),
        beside: Vec::new(),
    }
}

/// One executor thread as it comes, or as many as asked for.
pub fn smol() -> Entrant {
    let one = flavour("default", Workers::Fixed(1), Threads::Fixed(1), None);
    let many = flavour("workers", Workers::PerCore, Threads::Workers, None);
    entrant("smol", vec![one, many])
}

/// A pool as it comes, or the calling thread alone.
pub fn tokio() -> Entrant {
    let many = flavour("multi-thread", Workers::PerCore, Threads::Workers, None);
    let one = flavour("current-thread", Workers::Fixed(1), Threads::Fixed(1), None);
    entrant("tokio", vec![many, one])
}

/// One executor, or several that `spawn` does not reach and `dispatch` does.
pub fn glommio() -> Entrant {
    let local = flavour("local", Workers::Fixed(1), Threads::Fixed(1), None);
    let pool = flavour(
        "pool",
        Workers::PerCore,
        Threads::Fixed(1),
        Some(Threads::Workers),
    );
    entrant("glommio", vec![local, pool])
}

/// The baseline.
#[must_use]
pub fn threads() -> Entrant {
    let k = flavour("threads", Workers::PerCore, Threads::Workers, None);
    let each = flavour(
        "thread-a-branch",
        Workers::Fixed(1),
        Threads::Branches,
        None,
    );
    entrant("threads", vec![k, each])
}

/// The same, for comparison only.
pub fn unasked(entrant: Entrant) -> Entrant {
    Entrant {
        asked: false,
        ..entrant
    }
}

/// Every scenario that `all` runs, until the budget is spent.
pub fn options() -> Options {
    Options {
        scenarios: SCENARIOS
            .iter()
            .filter(|s| s.group().is_none())
            .map(|s| s.name.to_owned())
            .collect(),
        primitives: Vec::new(),
        workers: Vec::new(),
        own_workers: false,
        blocking_threads: None,
        cpus: None,
        branches: None,
        rounds: Rounds::Budget,
        budget_ms: Some(10_000),
        timeout_ms: None,
        seed: 7,
        root: Root::BlockOn,
        unverified: false,
        partition: None,
        costs: None,
    }
}

/// The head of a run on a made-up machine.
#[must_use]
pub fn header(entrants: Vec<Entrant>, options: Options, cores: usize) -> Header {
    Header {
        schema: SCHEMA,
        started: "2026-01-02T03:04:05Z".to_owned(),
        command: vec!["harness".to_owned(), "run".to_owned()],
        note: None,
        host: Host {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
            cpu: Some("Made-up CPU".to_owned()),
            kernel: Some("6.1".to_owned()),
            cores,
            harness: "0.1.0".to_owned(),
            ..Host::default()
        },
        cores,
        options,
        entrants,
        program: None,
        adapters: Vec::new(),
        built: None,
        builds: Vec::new(),
        shares: Vec::new(),
    }
}

/// smol with the baseline beside it, and what the laws say of every cell.
pub fn smol_run() -> Bundle {
    predicted(header(vec![unasked(threads()), smol()], options(), 2))
}

/// A record whose calibration found just what the scenarios aim at, and 10 µs for each branch that
/// has no work of its own.
pub fn predicted(header: Header) -> Bundle {
    let mut bundle = Bundle::new(header);
    for group in bundle.plan.groups.clone() {
        let scenario = group.scenario;
        if scenario.work_ms > 0.0 {
            bundle.add(Event::Steps {
                scenario: scenario.name.to_owned(),
                steps: 400,
                step_ns: scenario.work_ms * 1e6 / 400.0,
            });
        }
        for cell in group.cells.iter().chain(&group.baseline) {
            let branches: Vec<Branch> = (0..cell.branches)
                .map(|index| {
                    let ticks = scenario.kinds.ticks(index, cell.branches);
                    let hogs = !ticks && scenario.law == Some(workload_catalogue::Law::OneSchedule);
                    let share = bundle.plan.share(cell);
                    let work = if ticks { 0.0 } else { scenario.work_ms * share };
                    Branch {
                        wait_ns: if hogs {
                            0
                        } else {
                            (scenario.wait_ms * 1e6) as u64
                        },
                        work_ns: ((work * 1e6) as u64).max(10_000),
                    }
                })
                .collect();
            let threads = |primitive| {
                bundle.plan.config(cell).map_or(cell.id.workers, |config| {
                    config.threads(primitive, cell.branches)
                })
            };
            let setting = Setting {
                executing: threads(cell.primitive),
                blocking: threads(Primitive::SpawnBlocking),
                cores: bundle.plan.cores,
                spawn_ns: spawn_ns(scenario),
            };
            let Some(law) = scenario.law else {
                continue;
            };
            bundle.add(Event::Prediction {
                cell: cell.clone(),
                wall_ns: laws::predict(law, cell.primitive, &branches, setting),
                wait_ns: branches.iter().map(|b| b.wait_ns).max().unwrap_or(0),
                work_ns: branches.iter().map(|b| b.work_ns).sum(),
                floor_ns: laws::floor(&branches, setting),
            });
        }
    }
    bundle
}

/// What a spawn costs, where a scenario is about that; nothing elsewhere, so that sums stay round.
fn spawn_ns(scenario: &Scenario) -> u64 {
    let about_it = scenario.repeats > 1 || scenario.branches == Branches::Pieces;
    if about_it {
        500 * u64::from(scenario.repeats)
    } else {
        0
    }
}

/// The cell of this name.
pub fn cell(name: &str) -> Cell {
    Cell::try_from(name.to_owned()).unwrap()
}

/// The configuration of this title.
pub fn config<'a>(bundle: &'a Bundle, title: &str) -> &'a Config {
    bundle
        .plan
        .configs
        .iter()
        .find(|config| config.title() == title)
        .unwrap()
}

/// A sample that took so long and used so many cores, its branches polled one at a time.
pub fn sample(wall_ms: f64, cores: f64) -> Sample {
    let wall_ns = (wall_ms * 1e6).round() as u64;
    let cpu_ns = (wall_ms * cores * 1e6).round() as u64;
    Sample {
        wall_ns,
        cpu_ns,
        polled_ns: cpu_ns,
        polls: 2,
        threads: 1,
        peak_overlap: 1,
        mean_overlap: cores,
        peak_concurrency: 2,
        mean_concurrency: 1.5,
        longest_poll_ns: cpu_ns / 2,
        ..Sample::default()
    }
}

/// The same, with so many threads inside branches at once.
pub fn overlapping(wall_ms: f64, cores: f64, threads: u32) -> Sample {
    Sample {
        threads,
        peak_overlap: threads,
        ..sample(wall_ms, cores)
    }
}

/// One poll of one branch.
pub fn poll(branch: u32, thread: u32, start_ns: u64, end_ns: u64) -> Poll {
    Poll {
        branch,
        thread,
        start_ns,
        end_ns,
    }
}

/// Adds a whole block, one sample an arm.
pub fn block(bundle: &mut Bundle, arms: &[(&str, Sample)]) {
    let arms: Vec<(&str, Vec<Sample>)> = arms
        .iter()
        .map(|(name, sample)| (*name, vec![sample.clone()]))
        .collect();
    block_of_many(bundle, &arms, None);
}

/// Adds a whole block that others disturbed.
pub fn disturbed_block(bundle: &mut Bundle, arms: &[(&str, Sample)]) {
    let arms: Vec<(&str, Vec<Sample>)> = arms
        .iter()
        .map(|(name, sample)| (*name, vec![sample.clone()]))
        .collect();
    block_of_many(bundle, &arms, Some("others used 0.90 of 2 cores"));
}

/// Adds a whole block.
pub fn block_of_many<N: AsRef<str>>(
    bundle: &mut Bundle,
    arms: &[(N, Vec<Sample>)],
    disturbed: Option<&str>,
) {
    let number = rounds(bundle, arms);
    let first = cell(arms[0].0.as_ref());
    bundle.add(Event::Block {
        block: number,
        runtime: first.id.runtime,
        scenario: first.scenario,
        took_ns: 100 * MS,
        load: None,
        disturbed: disturbed.map(str::to_owned),
    });
}

/// Adds the rounds of a block that never came to its end, and returns its number.
pub fn rounds<N: AsRef<str>>(bundle: &mut Bundle, arms: &[(N, Vec<Sample>)]) -> u64 {
    let number = bundle.blocks.len() as u64;
    for (order, (name, samples)) in arms.iter().enumerate() {
        bundle.add(Event::Round {
            block: number,
            cell: cell(name.as_ref()),
            order,
            status: CellStatus::Ok,
            reason: None,
            stderr: String::new(),
            samples: samples.clone(),
        });
    }
    number
}

/// Adds a block of one round that failed.
pub fn failed(bundle: &mut Bundle, name: &str, status: CellStatus, why: &str) {
    let number = bundle.blocks.len() as u64;
    let cell = cell(name);
    bundle.add(Event::Round {
        block: number,
        cell: cell.clone(),
        order: 0,
        status,
        reason: Some(why.to_owned()),
        stderr: "its last words".to_owned(),
        samples: Vec::new(),
    });
    bundle.add(Event::Block {
        block: number,
        runtime: cell.id.runtime,
        scenario: cell.scenario,
        took_ns: 100 * MS,
        load: None,
        disturbed: None,
    });
}
