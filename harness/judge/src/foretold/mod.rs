//! What spawning would gain, foretold from joined branches as a program's own calls are (`poll_witness::what_if`), and held
//! against what spawning gained.
//!
//! From the polls of the joined cell, which the first round of each keeps, follows an interval of what the same branches
//! would take if they were spawned, as a part of what they took joined. The spawned cell says what they took. Nothing of
//! the spawned cell is in the prediction, and neither a scenario's name nor its calibration.

use harness_protocol::{Primitive, Sample};
use harness_record::{
    bundle::Bundle,
    cell::Cell,
    config_id::ConfigId,
    plan::{Config, Group},
};
use poll_witness::{
    analysis::Poll,
    rules::{COMPUTES, HELD_IDLE},
    what_if::{self, Gaps, Pool, Refused, SPAWN_NS},
};

use crate::{
    classify::seen,
    estimate::good_rounds,
    stats::{median, quantile},
};

/// A measured time is said to lie inside an interval that it misses by so little.
pub const TOLERANCE: f64 = 0.05;

/// More CPU time than this, of the joined: the branches were in each other's way.
const DEARER: f64 = 1.1;

/// One scenario on one configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Foretold {
    /// Of which configuration.
    pub id: ConfigId,
    /// Of which scenario.
    pub scenario: String,
    /// n.
    pub branches: usize,
    /// What was foretold of them spawned, as parts of the time joined, or why nothing was.
    pub spawned: Result<Parts, Refused>,
    /// The time that they took spawned over the time that they took joined, in the medians.
    pub measured: f64,
    /// Whether they compute, and side by side used more CPU time for it.
    pub in_each_others_way: bool,
}

/// An interval of what spawned branches take, each end a part of the time joined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// At best.
    pub best: f64,
    /// If no worker is idle beside something that is ready.
    pub worst: f64,
}

impl Foretold {
    /// Measured over the best that was foretold, less 1: negative where it was quicker still.
    #[must_use]
    pub fn off(&self) -> Option<f64> {
        let parts = self.spawned.ok()?;
        Some(self.measured / parts.best - 1.0)
    }

    /// Whether what was measured lies between the best and the worst, or misses them by no more than [`TOLERANCE`].
    #[must_use]
    pub fn is_inside(&self) -> Option<bool> {
        let Parts { best, worst } = self.spawned.ok()?;
        let within = best * (1.0 - TOLERANCE)..=worst * (1.0 + TOLERANCE);
        Some(within.contains(&self.measured))
    }
}

/// Some of them together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Together {
    /// How many were foretold.
    pub foretold: usize,
    /// How many of these lie inside what was foretold.
    pub inside: usize,
    /// How far from the best the middle one is, as a part of it.
    pub median: f64,
    /// And nine of ten, at most.
    pub ninth: f64,
}

impl Together {
    /// Of those of which something was foretold; `None` if that is none.
    #[must_use]
    pub fn of<'a>(all: impl Iterator<Item = &'a Foretold>) -> Option<Self> {
        let told: Vec<&Foretold> = all.filter(|one| one.spawned.is_ok()).collect();
        let off: Vec<f64> = told
            .iter()
            .filter_map(|one| one.off())
            .map(f64::abs)
            .collect();
        Some(Self {
            foretold: told.len(),
            inside: told
                .iter()
                .filter(|one| one.is_inside() == Some(true))
                .count(),
            median: median(&off)?,
            ninth: quantile(&off, 0.9)?,
        })
    }
}

/// Every scenario of a record that was joined with its polls kept, and spawned.
#[must_use]
pub fn of(bundle: &Bundle) -> Vec<Foretold> {
    let mut all = Vec::new();
    for group in &bundle.plan.groups {
        for config in bundle.plan.usable() {
            all.extend(one(bundle, config, group));
        }
    }
    all
}

fn one(bundle: &Bundle, config: &Config, group: &Group) -> Option<Foretold> {
    let placing = config.placing();
    let compose = group.cell(config, Primitive::Compose)?;
    let placed = group.cell(config, placing)?;
    let (joined, spawned) = (samples(bundle, compose), samples(bundle, placed));
    // Branches that spawn are another question: what they spawn was not watched.
    let whole = |sample: &&&Sample| {
        !sample.trace.is_empty()
            && sample.trace.len() as u64 == sample.polls
            && sample.hidden_spawns == 0
    };
    let pool = Pool::new(config.threads(placing, placed.branches), bundle.plan.cores);
    let mut told: Vec<Result<Parts, Refused>> = joined
        .iter()
        .filter(whole)
        .map(|sample| foretell(sample, pool))
        .collect();
    // The middle one of the samples whose polls were kept.
    told.sort_by(|a, b| {
        let best = |parts: &Result<Parts, Refused>| parts.map_or(0.0, |parts| parts.best);
        best(a).total_cmp(&best(b))
    });
    let of = |samples: &[&Sample], read: fn(&Sample) -> f64| {
        let all: Vec<f64> = samples.iter().map(|sample| read(sample)).collect();
        median(&all)
    };
    let wall = |samples| of(samples, |sample| sample.wall_ns as f64);
    let cpu = |samples| of(samples, |sample| sample.cpu_ns as f64);
    let computes = cpu(&joined)? >= COMPUTES * wall(&joined)?;
    Some(Foretold {
        id: config.id.clone(),
        scenario: group.scenario.name.to_owned(),
        branches: placed.branches,
        spawned: *told.get(told.len() / 2)?,
        measured: wall(&spawned)? / wall(&joined)?,
        in_each_others_way: computes && cpu(&spawned)? > DEARER * cpu(&joined)?,
    })
}

fn samples<'a>(bundle: &'a Bundle, cell: &'a Cell) -> Vec<&'a Sample> {
    let (rounds, _) = good_rounds(bundle, cell);
    rounds
        .into_iter()
        .flat_map(|round| &round.samples)
        .collect()
}

/// What the branches of one joined sample would take.
fn foretell(sample: &Sample, pool: Pool) -> Result<Parts, Refused> {
    let polls: Vec<Poll> = sample
        .trace
        .iter()
        .map(|poll| Poll {
            branch: poll.branch,
            thread: poll.thread,
            start: poll.start_ns,
            end: poll.end_ns,
        })
        .collect();
    let blocks = seen(sample).used_of_polls() < HELD_IDLE;
    let chains = |gaps| {
        let mut chains = what_if::from_polls(&polls, gaps);
        for step in chains.iter_mut().flat_map(|chain| &mut chain.steps) {
            step.blocks = blocks;
        }
        chains
    };
    let (hopeful, careful) = (chains(Gaps::OnlyUncovered), chains(Gaps::AllWaits));
    let spawned = what_if::spawned(&hopeful, &careful, pool, SPAWN_NS)?;
    let joined = sample.wall_ns.max(1) as f64;
    Ok(Parts {
        best: spawned.best_ns as f64 / joined,
        worst: spawned.worst_ns as f64 / joined,
    })
}

#[cfg(test)]
mod tests;
