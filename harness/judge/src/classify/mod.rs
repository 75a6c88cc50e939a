//! What kind of situation a scenario is on one configuration: is the join enough, is a spawn needed, or
//! is it something that neither mends?
//!
//! The rules are those of `poll-witness`, which a program's own calls are classified by as well. Here is what they
//! are told of a record: the samples of every primitive, how many threads that has, and what the laws
//! predict. The scenario's name is not among it.

use harness_protocol::{Primitive, Sample};
use harness_record::{
    bundle::Bundle,
    cell::Cell,
    plan::{Config, Group},
};

pub use poll_witness::rules::{Arm, Cause, Class, Found, Gain, Recorded, Seen, classify};

use crate::{estimate::good_rounds, judge};

/// Fewer samples of a cell decide nothing.
const LEAST_SAMPLES: usize = 5;

/// The class of one scenario on one configuration.
#[must_use]
pub fn of(bundle: &Bundle, config: &Config, group: &Group) -> Found {
    let cell = |primitive| group.cell(config, primitive);
    let placing = config.placing();
    let (Some(compose), Some(placed)) = (cell(Primitive::Compose), cell(placing)) else {
        return Found::undecided("one of compose and spawn was left out".to_owned());
    };
    for cell in [compose, placed] {
        if let Some(failure) = judge::failure(bundle, cell) {
            return Found::undecided(format!("{cell} failed: {}", failure.reason));
        }
    }
    let arm_of = |primitive| cell(primitive).map_or_else(Arm::default, |cell| arm(bundle, cell));
    classify(&Recorded {
        branches: placed.branches,
        cores: bundle.plan.cores,
        placing: Some(config.threads(placing, placed.branches)),
        // Not of the cell's branches, but of the tasks that these spawn.
        spawning: Some(config.threads(Primitive::Spawn, placed.branches.max(2))),
        enough: LEAST_SAMPLES,
        sequential: arm_of(Primitive::Sequential),
        compose: arm(bundle, compose),
        placed: arm(bundle, placed),
        offloaded: arm_of(Primitive::SpawnBlocking),
        gain: gain(bundle, compose, placed),
        best: None,
    })
}

/// What the laws say that spawning takes of the time that joining takes.
fn gain(bundle: &Bundle, compose: &Cell, placed: &Cell) -> Option<Gain> {
    let joined = bundle.predictions.get(compose)?.wall_ns.max(1) as f64;
    let spawned = bundle.predictions.get(placed)?;
    Some(Gain {
        lo: spawned.floor_ns as f64 / joined,
        hi: spawned.wall_ns as f64 / joined,
    })
}

/// The samples of a cell: of undisturbed blocks where there are any.
fn arm(bundle: &Bundle, cell: &Cell) -> Arm {
    let (rounds, disturbed) = good_rounds(bundle, cell);
    let samples = rounds.into_iter().flat_map(|round| &round.samples);
    Arm {
        seen: samples.map(seen).collect(),
        disturbed,
    }
}

/// What the rules are told of a sample. An adapter has wakers to tell of only where branches wait for
/// each other, and reads no thread's clock.
pub(crate) fn seen(sample: &Sample) -> Seen {
    Seen {
        wall_ns: sample.wall_ns,
        cpu_ns: sample.cpu_ns,
        queued_ns: sample.queued_ns,
        polls: sample.polls,
        lost_polls: sample.lost_polls,
        threads: sample.threads,
        polled_ns: sample.polled_ns,
        peak_overlap: sample.peak_overlap,
        peak_concurrency: sample.peak_concurrency,
        longest_poll_ns: sample.longest_poll_ns,
        longest_branch_ns: sample.longest_branch_ns,
        longest_life_ns: sample.longest_life_ns,
        all_begun_ns: sample.all_begun_ns,
        late_ns: sample.stall_ns,
        hidden_spawns: sample.hidden_spawns,
        hidden_peak: sample.hidden_peak,
        ready_ns: sample.ready_ns,
        waited_for_siblings_ns: sample.waited_for_siblings_ns,
        ..Seen::default()
    }
}
