//! Scaling: how many times as fast a configuration is with more workers, with the law that this follows.
//!
//! A curve is made of cells that differ in their workers and in nothing else, of a scenario that
//! computes: n branches placed on 1, 2, … workers. They stand in one group, so each block has them all, and
//! a speed-up is formed inside it.

use serde::{Deserialize, Serialize};

use crate::{
    claims::{MeasureOf, Quantity},
    estimate::{CELL_ALPHA, Estimate},
    judge::{fastest, of_sample, values},
    stats::{median, quantile},
};
use harness_record::{
    bundle::{Block, Bundle},
    cell::{Cell, primitive_name, root_name},
};

mod law;

pub use law::Law;

/// Worker counts up to the cores, one of them 1, that a law takes: it has two parameters, and each further
/// count is one point to tell them by.
pub const LEAST_FITTED: usize = 3;
/// Worker counts up to the cores that a prediction takes: one point more than there are parameters, so that
/// the points could have contradicted the law.
pub const LEAST_PREDICTING: usize = 4;
/// How many times as many workers as were measured a prediction is of.
pub const REACH: usize = 4;
/// Curves of resampled blocks that an interval is made of.
const RESAMPLES: usize = 1_000;
/// Fewer blocks than this are no sample to draw from again.
const LEAST_BLOCKS: usize = 6;

/// The speed-up of one configuration by its workers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Curve {
    /// The runtime.
    pub runtime: String,
    /// The flavour.
    pub flavour: String,
    /// Where the parent ran.
    pub root: String,
    /// The scenario.
    pub scenario: String,
    /// The primitive that placed the branches.
    pub primitive: String,
    /// n, for all numbers of workers.
    pub branches: usize,
    /// By workers, in rising order; one worker is 1 by definition.
    pub points: Vec<Point>,
    /// The law nearest to the points with as many workers as cores or fewer; null with fewer than three
    /// such worker counts, from which contention cannot be told.
    pub fit: Option<Fit>,
}

impl Curve {
    /// Worker counts that were measured and that these cores can carry at once.
    #[must_use]
    pub fn within(&self, cores: usize) -> usize {
        let points = self.points.iter();
        points.filter(|point| point.workers <= cores).count()
    }
}

/// The speed-up at one number of workers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Point {
    /// Workers.
    pub workers: usize,
    /// Wall time with one worker over wall time with these.
    pub speedup: Estimate,
    /// Blocks that it rests on.
    pub blocks: usize,
}

/// A law, each figure with the interval in which 95 % of resampled runs have it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fit {
    /// σ, the part that one worker does at a time.
    pub serial: Estimate,
    /// κ, what each pair of workers costs.
    pub exchange: Estimate,
    /// What the law says of more cores; null with fewer than four worker counts up to the cores.
    pub predicted: Option<Prediction>,
}

/// What a law says of a machine that nobody measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prediction {
    /// Workers, on as many cores: four times the most that were measured within the cores.
    pub cores: usize,
    /// The speed-up that the law has there.
    pub speedup: Estimate,
}

/// Every curve of a record with two numbers of workers or more, one of them 1.
#[must_use]
pub fn curves(bundle: &Bundle) -> Vec<Curve> {
    let mut curves = Vec::new();
    for group in &bundle.plan.groups {
        let computes = group.scenario.work_ms > 0.0 && group.scenario.wait_ms == 0.0;
        let placed = |cell: &&Cell| {
            !cell.again
                && bundle
                    .plan
                    .config(cell)
                    .is_some_and(|config| !config.fixed && cell.primitive == config.placing())
        };
        if computes {
            let ones = group
                .cells
                .iter()
                .filter(placed)
                .filter(|c| c.id.workers == 1);
            curves.extend(ones.filter_map(|one| {
                let alike = group.cells.iter().filter(placed);
                let alike = alike.filter(|cell| {
                    let mut alone = (*cell).clone();
                    alone.id.workers = 1;
                    alone == *one
                });
                curve(bundle, one, &alike.collect::<Vec<_>>())
            }));
        }
    }
    curves
}

fn curve(bundle: &Bundle, one: &Cell, cells: &[&Cell]) -> Option<Curve> {
    let mut cells = cells.to_vec();
    cells.sort_by_key(|cell| cell.id.workers);
    let of = |cell: &Cell| {
        let ratio = Quantity::Ratio {
            measure: MeasureOf::Wall,
            over: one.clone(),
            under: cell.clone(),
        };
        values(bundle, &ratio)
    };
    // A failed cell has no rounds that count, and would take every block with it.
    cells.retain(|cell| !of(cell).is_empty());
    let measured: Vec<(usize, Vec<f64>)> = cells
        .iter()
        .map(|cell| (cell.id.workers, of(cell)))
        .collect();
    if measured.len() < 2 {
        return None;
    }
    let points = measured
        .iter()
        .filter_map(|(workers, speedups)| {
            Some(Point {
                workers: *workers,
                speedup: Estimate::of(speedups)?,
                blocks: speedups.len(),
            })
        })
        .collect();
    let within: Vec<&Cell> = cells
        .into_iter()
        .filter(|cell| cell.id.workers <= bundle.plan.cores)
        .collect();
    let workers: Vec<usize> = within.iter().map(|cell| cell.id.workers).collect();
    Some(Curve {
        runtime: one.id.runtime.clone(),
        flavour: one.id.flavour.clone(),
        root: root_name(one.root).to_owned(),
        scenario: one.scenario.clone(),
        primitive: primitive_name(one.primitive).to_owned(),
        branches: one.branches,
        points,
        fit: fit(&workers, &in_blocks(bundle, one, &within)),
    })
}

/// The speed-ups of each block that has all of these cells.
fn in_blocks(bundle: &Bundle, one: &Cell, cells: &[&Cell]) -> Vec<Vec<f64>> {
    let wall = |block: &Block, cell: &Cell| of_sample(fastest(block, cell)?, MeasureOf::Wall);
    bundle
        .rounds(one)
        .map(|(block, _)| block)
        .filter(|block| block.complete && block.disturbed.is_none())
        .filter_map(|block| {
            let alone = wall(block, one)?;
            cells
                .iter()
                .map(|cell| Some(alone / wall(block, cell)?))
                .collect()
        })
        .collect()
}

/// Fits the medians over blocks, each of which has a speed-up for each of these numbers of workers, and again
/// the medians over blocks drawn with replacement: whole ones, since all speed-ups of a block share the time
/// with one worker. Efron and Tibshirani, *An Introduction to the Bootstrap* (1993), chapter 13: the
/// percentile interval.
///
/// `None` of too few numbers of workers: [`LEAST_FITTED`].
fn fit(workers: &[usize], blocks: &[Vec<f64>]) -> Option<Fit> {
    if workers.len() < LEAST_FITTED {
        return None;
    }
    let most = workers.iter().copied().max()?;
    let law = |drawn: &[&Vec<f64>]| {
        let medians = workers.iter().enumerate().map(|(at, &workers)| {
            let speedups: Vec<f64> = drawn.iter().map(|block| block[at]).collect();
            Some((workers as f64, median(&speedups)?))
        });
        Law::fit(&medians.collect::<Option<Vec<_>>>()?)
    };
    let fitted = law(&blocks.iter().collect::<Vec<_>>())?;
    let mut laws = Vec::new();
    if blocks.len() >= LEAST_BLOCKS {
        // The same record gives the same interval.
        let mut random = fastrand::Rng::with_seed(0);
        for _ in 0..RESAMPLES {
            let drawn: Vec<&Vec<f64>> = blocks
                .iter()
                .map(|_| &blocks[random.usize(..blocks.len())])
                .collect();
            laws.extend(law(&drawn));
        }
    }
    let estimate = |of: &dyn Fn(Law) -> f64| {
        let all: Vec<f64> = laws.iter().map(|&law| of(law)).collect();
        Estimate {
            median: of(fitted),
            low: quantile(&all, CELL_ALPHA / 2.0),
            high: quantile(&all, 1.0 - CELL_ALPHA / 2.0),
        }
    };
    Some(Fit {
        serial: estimate(&|law| law.serial),
        exchange: estimate(&|law| law.exchange),
        predicted: (workers.len() >= LEAST_PREDICTING).then(|| Prediction {
            cores: REACH * most,
            speedup: estimate(&|law| law.speedup((REACH * most) as f64)),
        }),
    })
}

#[cfg(test)]
mod tests;
