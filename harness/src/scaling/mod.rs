//! Scaling: how many times as fast a configuration is with more workers, with the law that this follows.
//!
//! A curve is made of cells that differ in their workers and in nothing else, of a scenario that
//! computes: n branches placed on 1, 2, … workers. They stand in one group, so each block has them all, and
//! a speed-up is formed inside it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    bundle::Bundle,
    cell::{Cell, primitive_name},
    claims::{MeasureOf, Quantity},
    judge::values,
    report::{CELL_ALPHA, Estimate, root_name},
    stats::{median, median_interval, quantile},
};

mod law;

pub use law::Law;

/// The cores that a fit is asked about: a prediction, and far from what was measured.
pub const PREDICTED_CORES: u32 = 64;
/// Curves of resampled blocks that an interval is made of.
const RESAMPLES: usize = 1_000;
/// Fewer blocks than this are no sample to draw from again.
const LEAST_BLOCKS: usize = 6;

/// The speed-up of one configuration by its workers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// The law nearest to the points with as many workers as cores or fewer; null if there are too few.
    pub fit: Option<Fit>,
}

/// The speed-up at one number of workers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Workers.
    pub workers: usize,
    /// Wall time with one worker over wall time with these.
    pub speedup: Estimate,
    /// Blocks that it rests on.
    pub blocks: usize,
}

/// A law, each figure with the interval in which 95 % of resampled runs have it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// σ, the part that one worker does at a time.
    pub serial: Estimate,
    /// κ, what each pair of workers costs; null where it cannot be told from σ: that takes three numbers of
    /// workers up to the cores.
    pub exchange: Option<Estimate>,
    /// The speed-up that the law has at [`PREDICTED_CORES`] workers on as many cores: a prediction, of a
    /// machine that nobody measured.
    pub predicted: Estimate,
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
            let ones = group.cells.iter().filter(placed).filter(|c| c.workers == 1);
            curves.extend(ones.filter_map(|one| {
                let alike = group.cells.iter().filter(placed);
                let alike = alike.filter(|cell| {
                    Cell {
                        workers: 1,
                        ..(*cell).clone()
                    } == *one
                });
                curve(bundle, one, &alike.collect::<Vec<_>>())
            }));
        }
    }
    curves
}

fn curve(bundle: &Bundle, one: &Cell, cells: &[&Cell]) -> Option<Curve> {
    let mut cells = cells.to_vec();
    cells.sort_by_key(|cell| cell.workers);
    let of = |cell: &Cell| {
        let ratio = Quantity::Ratio {
            measure: MeasureOf::Wall,
            over: one.clone(),
            under: cell.clone(),
        };
        values(bundle, &ratio)
    };
    let measured: Vec<(usize, Vec<f64>)> = cells
        .iter()
        .map(|cell| (cell.workers, of(cell)))
        .filter(|(_, speedups)| !speedups.is_empty())
        .collect();
    if measured.len() < 2 {
        return None;
    }
    let points = measured
        .iter()
        .filter_map(|(workers, speedups)| {
            let interval = median_interval(speedups, CELL_ALPHA);
            Some(Point {
                workers: *workers,
                speedup: Estimate {
                    median: median(speedups)?,
                    low: interval.map(|interval| interval.low),
                    high: interval.map(|interval| interval.high),
                },
                blocks: speedups.len(),
            })
        })
        .collect();
    let within: Vec<(usize, Vec<f64>)> = measured
        .into_iter()
        .filter(|(workers, _)| *workers <= bundle.plan.cores)
        .collect();
    Some(Curve {
        runtime: one.runtime.clone(),
        flavour: one.flavour.clone(),
        root: root_name(one.root).to_owned(),
        scenario: one.scenario.clone(),
        primitive: primitive_name(one.primitive).to_owned(),
        branches: one.branches,
        points,
        fit: fit(&within),
    })
}

/// Fits the medians, and again the medians of blocks drawn with replacement. Efron and Tibshirani, *An
/// Introduction to the Bootstrap* (1993), chapter 13: the percentile interval.
fn fit(measured: &[(usize, Vec<f64>)]) -> Option<Fit> {
    let more: Vec<&(usize, Vec<f64>)> = measured.iter().filter(|(n, _)| *n > 1).collect();
    let blocks = more.iter().map(|(_, speedups)| speedups.len()).min()?;
    let medians = |draw: &mut dyn FnMut(&[f64]) -> Option<f64>| {
        let points = more
            .iter()
            .map(|(workers, speedups)| Some((*workers as f64, draw(speedups)?)));
        Law::fit(&points.collect::<Option<Vec<_>>>()?)
    };
    let law = medians(&mut |speedups| median(speedups))?;
    let mut laws = Vec::new();
    if blocks >= LEAST_BLOCKS {
        // The same record gives the same interval.
        let mut random = fastrand::Rng::with_seed(0);
        for _ in 0..RESAMPLES {
            laws.extend(medians(&mut |speedups| {
                let drawn: Vec<f64> = speedups
                    .iter()
                    .map(|_| speedups[random.usize(..speedups.len())])
                    .collect();
                median(&drawn)
            }));
        }
    }
    let estimate = |of: &dyn Fn(Law) -> f64| {
        let all: Vec<f64> = laws.iter().map(|&law| of(law)).collect();
        Estimate {
            median: of(law),
            low: quantile(&all, CELL_ALPHA / 2.0),
            high: quantile(&all, 1.0 - CELL_ALPHA / 2.0),
        }
    };
    Some(Fit {
        serial: estimate(&|law| law.serial),
        exchange: (more.len() > 1).then(|| estimate(&|law| law.exchange)),
        predicted: estimate(&|law| law.speedup(f64::from(PREDICTED_CORES))),
    })
}

#[cfg(test)]
mod tests;
