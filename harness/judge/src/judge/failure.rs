//! Why a cell is worth nothing: a promise that its adapter broke, a round of it that failed, samples that show
//! otherwise than the adapter declares, or work that it did not do.
//!
//! Every answer is checked, but an answer can be right without the work behind it: the arms of a block
//! answer the same nonce, so a process could remember what another worked out. Work takes CPU time,
//! so what a cell says must come with as much of it as the work takes.
//!
//! The yardstick is the same configuration's sequential cell in the same blocks: the same branches,
//! answers and machine within a second, so that a change of clock frequency, or a neighbour in the
//! same core, changes both. That the yardstick itself works is held against the calibration, which was
//! seconds or minutes ago on a machine that may have been twice as slow; hence the loose margin there.
//! Both look at the sample that a round speaks through, and so at the one whose time is judged.

use harness_protocol::{Primitive, Sample};
use harness_record::format::milliseconds;
use workload_catalogue::{Kinds, scenario};

use super::{contradicted, fastest};
use crate::stats::{median, median_interval};
use harness_record::{
    bundle::{Block, Bundle, CellStatus},
    cell::Cell,
};

/// Least share of the sequential cell's CPU time. Placing and joining add to it and take nothing away;
/// cores of unlike speed, and clocks that step, may. Over 44 to 294 blocks of each of smol's honest
/// cells on a shared two-core machine the medians lay between 0.98 and 1.33; single blocks of what is
/// bound by memory or allocator fell below this one time in five, hence the interval.
const LEAST_OF_SEQUENTIAL: f64 = 0.90;
/// The error of that comparison. It guards the figures that verdicts are made of, as
/// `DEPENDENCE_ALPHA` does, and is no verdict; at 1 % it takes eight blocks that agree.
const SKIPPED_ALPHA: f64 = 0.01;
/// Least share of the calibrated work: no core is three times as fast as it was a minute ago.
pub const LEAST_OF_CALIBRATED: f64 = 1.0 / 3.0;
/// Rounds before the calibrated work is asked for: one may be a hiccup of the clocks.
const LEAST_ROUNDS: usize = 2;

/// Why a cell is worth nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// How it went.
    pub status: CellStatus,
    /// One line.
    pub reason: String,
    /// The end of the adapter's standard error, if it said anything.
    pub stderr: String,
}

/// Why the cell is worth nothing, if it is: a promise that was broken, else its first round that did not go well, else
/// what its samples show against its adapter's word, else work skipped.
#[must_use]
pub fn failure(bundle: &Bundle, cell: &Cell) -> Option<Failure> {
    if let Some(reason) = bundle.refused(&cell.id) {
        return Some(Failure {
            status: CellStatus::Wrong,
            reason,
            stderr: String::new(),
        });
    }
    if let Some(round) = bundle.failure(cell) {
        return Some(Failure {
            status: round.status,
            reason: round
                .reason
                .clone()
                .unwrap_or_else(|| "it did not say why".to_owned()),
            stderr: round.stderr.clone(),
        });
    }
    Some(Failure {
        status: CellStatus::Wrong,
        reason: contradicted(bundle, cell).or_else(|| skipped(bundle, cell))?,
        stderr: String::new(),
    })
}

/// What shows that the cell's branches did not do their work, if anything does.
fn skipped(bundle: &Bundle, cell: &Cell) -> Option<String> {
    // Whose own file it is may do less together than alone, and has nobody to deceive.
    if scenario(&cell.scenario).is_none_or(|facts| facts.work_ms <= 0.0 || facts.is_own()) {
        return None;
    }
    less_than_calibrated(bundle, cell).or_else(|| less_than_sequential(bundle, cell))
}

fn less_than_calibrated(bundle: &Bundle, cell: &Cell) -> Option<String> {
    let calibrated = work_alone(bundle, cell)?;
    let used: Vec<f64> = bundle
        .rounds(cell)
        .filter_map(|(block, _)| Some(fastest(block, cell)?.cpu_ns as f64))
        .collect();
    let used = median(&used).filter(|_| used.len() >= LEAST_ROUNDS)?;
    (used < LEAST_OF_CALIBRATED * calibrated).then(|| {
        format!(
            "work was skipped: {} of CPU time for branches that take {} alone",
            milliseconds(used),
            milliseconds(calibrated)
        )
    })
}

/// CPU time, in nanoseconds, that the branches of a cell take alone, where that was calibrated: on its
/// own runtime, but no less than on the baseline, whose steps they all do. What a runtime does alone is
/// its own word, too, and one that skips work there would be its own yardstick.
#[must_use]
pub fn work_alone(bundle: &Bundle, cell: &Cell) -> Option<f64> {
    let facts = scenario(&cell.scenario)?;
    let own = bundle
        .predictions
        .get(cell)
        .map(|found| found.work_ns as f64);
    let steps = bundle.steps.get(&cell.scenario);
    let on_baseline = steps.map(|_| {
        // The steps were chosen to take this long.
        let computing = match facts.kinds {
            Kinds::Alike => cell.branches,
            Kinds::FirstTicks | Kinds::LastTicks => cell.branches.saturating_sub(1),
            // Several sorts of branches, and nobody says which compute.
            Kinds::Alternating | Kinds::Each => 0,
        };
        let times = f64::from(facts.repeats_of(cell.branches));
        facts.work_ms * 1e6 * computing as f64 * bundle.plan.share(cell) * times
    });
    [own, on_baseline].into_iter().flatten().reduce(f64::max)
}

fn less_than_sequential(bundle: &Bundle, cell: &Cell) -> Option<String> {
    if cell.primitive == Primitive::Sequential {
        return None;
    }
    let sequential = Cell {
        primitive: Primitive::Sequential,
        again: false,
        ..cell.clone()
    };
    let ratio = |block: &Block| {
        let (cell, sequential) = (fastest(block, cell)?, fastest(block, &sequential)?);
        let ratio = cell.cpu_ns as f64 / work(sequential)?;
        ratio.is_finite().then_some(ratio)
    };
    let ratios: Vec<f64> = bundle
        .rounds(cell)
        .map(|(block, _)| block)
        .filter(|block| block.complete && block.disturbed.is_none())
        .filter_map(ratio)
        .collect();
    let interval = median_interval(&ratios, SKIPPED_ALPHA)?;
    (interval.high < LEAST_OF_SEQUENTIAL).then(|| {
        format!(
            "work was skipped: {:.2} of the CPU time that its branches take one after the other [{:.2}, {:.2}]",
            median(&ratios).unwrap_or_default(),
            interval.low,
            interval.high
        )
    })
}

/// CPU time of the branches, and none of idle threads of the runtime that spin meanwhile, for longer
/// where branches come in turn: their polls, but no more than the process's CPU time, since a poll
/// that lost its core is longer than its work.
fn work(sample: &Sample) -> Option<f64> {
    let work = match sample.polled_ns {
        0 => sample.cpu_ns,
        polled => polled.min(sample.cpu_ns),
    };
    (work > 0).then_some(work as f64)
}
