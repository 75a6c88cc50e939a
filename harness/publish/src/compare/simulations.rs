//! Made-up pairs of runs in which nothing changed, and in which something did: how often is a change said to
//! be shown?
//!
//! Everything is seeded, so a run of these tests is always the same run.

use fastrand::Rng;
use harness_protocol::Primitive;

use super::*;
use harness_judge::stats::{
    noise::{Machine, Noise},
    rate_at_most,
};
use harness_record::{
    bundle::Event,
    fabricated::{block_of_many, header, options, predicted, sample, smol, threads},
};

/// What happens to a pair of runs.
#[derive(Clone, Copy)]
struct World {
    noise: Noise,
    /// Blocks of each group, in each run.
    blocks: usize,
    /// Spread of one round's logarithm.
    spread: f64,
    /// Spread of the logarithm of a whole run's speed, and of the steps that it calibrates.
    between: f64,
    /// How much slower spawning on smol's workers is in the second run.
    slower: f64,
}

const CALM: World = World {
    noise: Noise::Calm,
    blocks: 16,
    spread: 0.02,
    between: 0.0,
    slower: 1.0,
};

/// A record with its predictions and nothing measured: a fresh copy for each run.
fn empty() -> Bundle {
    let mut options = options();
    options.scenarios = ["timers", "digest", "sync-account"]
        .map(str::to_owned)
        .to_vec();
    predicted(header(vec![threads(), smol()], options, 2))
}

/// Between runs: the speed of what computes, and the steps that the calibration found.
fn run(empty: &Bundle, rng: &mut Rng, world: World, slower: f64) -> Bundle {
    let mut bundle = empty.clone();
    let mut machine = Machine::new(rng, world.noise, world.spread);
    let mut between = Machine::new(rng, Noise::Calm, world.between);
    let speed = between.calm();
    let mut computing: Vec<String> = bundle.steps.keys().cloned().collect();
    computing.sort_unstable();
    for scenario in computing {
        let steps = (400.0 * between.calm()).round() as u64;
        bundle.add(Event::Steps {
            scenario,
            steps,
            step_ns: 1.0,
        });
    }
    let groups = bundle.plan.groups.clone();
    for _ in 0..world.blocks {
        for group in &groups {
            let mut cells: Vec<&Cell> = group.cells.iter().chain(&group.baseline).collect();
            machine.shuffle(&mut cells);
            let steps = bundle
                .steps
                .get(group.scenario.name)
                .map_or(1.0, |&steps| steps as f64 / 400.0);
            let mut arms = Vec::new();
            for cell in cells {
                let predicted = bundle.predictions[cell];
                let waits = if cell.primitive == Primitive::Sequential {
                    cell.branches as u64
                } else {
                    1
                };
                let wait = (predicted.wait_ns * waits).min(predicted.wall_ns) as f64;
                let work = (predicted.wall_ns as f64 - wait) * speed * steps;
                let changed = cell.id.runtime == "smol"
                    && cell.id.flavour == "workers"
                    && cell.primitive == Primitive::Spawn;
                let factor = if changed { slower } else { 1.0 };
                let wall = (wait + work) * machine.process() * factor / 1e6;
                let cores = predicted.work_ns as f64 * speed * steps / (wait + work);
                arms.push((cell.to_string(), vec![sample(wall, cores)]));
            }
            block_of_many(&mut bundle, &arms, machine.busy.then_some("a burst"));
        }
    }
    bundle
}

fn compared(empty: &Bundle, rng: &mut Rng, world: World) -> Comparison {
    let a = run(empty, rng, world, 1.0);
    let b = run(empty, rng, world, world.slower);
    let all = Choice::default();
    let of = |name, bundle| Of {
        name,
        bundle,
        choice: &all,
    };
    compare(of("a", &a), of("b", &b), false).unwrap()
}

fn claims_something(found: &Comparison) -> bool {
    found
        .rows
        .iter()
        .any(|row| matches!(row.word, Change::Slower | Change::Faster))
}

/// Pairs of runs in which nothing changed: how many claim that anything has.
fn claiming(world: World, pairs: usize) -> usize {
    let (empty, mut rng) = (empty(), Rng::with_seed(11));
    (0..pairs)
        .filter(|_| {
            let found = compared(&empty, &mut rng, world);
            // A comparison that can decide nothing would show nothing.
            assert!(found.comparisons > 20, "{}", found.comparisons);
            claims_something(&found)
        })
        .count()
}

/// Of 250 in each of four worlds, so 1,000 in all.
const PAIRS: usize = 250;

fn claims_nothing(world: World) {
    let wrong = claiming(world, PAIRS);
    eprintln!("{wrong} of {PAIRS} pairs claimed a change");
    // The bound is that of none: below 1.2 % at 95 %.
    assert!(
        rate_at_most(wrong, PAIRS, 0.95).unwrap() < 0.02,
        "{wrong} of {PAIRS}"
    );
}

#[test]
fn two_runs_alike_claim_nothing_in_calm() {
    claims_nothing(CALM);
}

#[test]
fn two_runs_alike_claim_nothing_with_outliers() {
    claims_nothing(World {
        noise: Noise::Outliers,
        ..CALM
    });
}

/// A run later the machine is 3 % slower or faster, and the calibration finds other steps.
#[test]
fn two_runs_alike_claim_nothing_though_the_machine_changed_between_them() {
    claims_nothing(World {
        between: 0.03,
        ..CALM
    });
}

#[test]
fn two_runs_alike_claim_nothing_though_bursts_disturbed_them() {
    claims_nothing(World {
        noise: Noise::Bursts,
        // Half of them are disturbed.
        blocks: 32,
        between: 0.03,
        ..CALM
    });
}

/// A twentieth slower in one primitive of one configuration is found, there and nowhere else.
#[test]
fn a_twentieth_slower_is_found() {
    let (empty, mut rng) = (empty(), Rng::with_seed(12));
    let world = World {
        spread: 0.01,
        blocks: 24,
        between: 0.03,
        slower: 1.05,
        ..CALM
    };
    const TRIALS: usize = 40;
    let cell = "smol:workers@2/digest/spawn@2";
    let found = (0..TRIALS)
        .filter(|_| {
            let found = compared(&empty, &mut rng, world);
            for row in &found.rows {
                let changed = row.word == Change::Slower;
                assert!(
                    !changed || row.cell.starts_with("smol:workers@2/") && row.primitive == "spawn",
                    "{row:?}"
                );
                assert_ne!(row.word, Change::Faster, "{row:?}");
            }
            found
                .rows
                .iter()
                .any(|row| row.cell == cell && row.word == Change::Slower)
        })
        .count();
    eprintln!("{found} of {TRIALS} found");
    assert!(found * 10 >= TRIALS * 9, "{found} of {TRIALS}");
}
