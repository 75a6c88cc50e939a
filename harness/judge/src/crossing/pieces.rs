//! How small a piece of work may be: the same work in ever more pieces, and what they cost.

use harness_record::config_id::ConfigId;
use serde::{Deserialize, Serialize};
use workload_catalogue::{Branches, Scenario};

use super::time;
use crate::{estimate::Estimate, stats::median};
use harness_record::{
    bundle::Bundle,
    cell::{Cell, primitive_name},
    plan::Config,
};

/// Pieces whose time is within this of the best are as good: what a reader would not notice.
const AS_GOOD: f64 = 1.05;

/// What one configuration takes for the same work in ever more pieces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Splitting {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// The version of its crate.
    pub version: Option<String>,
    /// The primitive that places a piece on another core here.
    pub placing: String,
    /// The numbers of pieces that were measured, the fewest first: a piece for each executing thread.
    pub points: Vec<Cut>,
    /// The number of pieces whose median time is the least.
    pub best: usize,
    /// The most pieces whose median time is within 5 % of that.
    pub most: usize,
}

/// The work in so many pieces.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cut {
    /// How many.
    pub pieces: usize,
    /// What one computes, in nanoseconds.
    pub piece_ns: f64,
    /// Undisturbed blocks that the figures rest on.
    pub blocks: usize,
    /// Time over the time of a piece a thread, in one block: the median over blocks, and its interval at 95 %.
    pub ratio: Estimate,
    /// Time, in nanoseconds: the median over blocks.
    pub wall_ns: f64,
}

/// Every configuration that was given its work in several numbers of pieces, in the order of the plan.
#[must_use]
pub fn splittings(bundle: &Bundle) -> Vec<Splitting> {
    let of = |config: &Config| {
        let mut groups = bundle.plan.groups.iter();
        let group = groups.find(|group| {
            group.runtime == config.id.runtime && group.scenario.branches == Branches::Pieces
        })?;
        let mut cells: Vec<&Cell> = group
            .cells
            .iter()
            .filter(|cell| config.owns(cell))
            .collect();
        cells.sort_by_key(|cell| cell.branches);
        let first = *cells.first()?;
        let points: Vec<Cut> = cells
            .iter()
            .filter_map(|cell| cut(bundle, group.scenario, cell, first))
            .collect();
        let least = points
            .iter()
            .min_by(|a, b| a.ratio.median.total_cmp(&b.ratio.median))?;
        let as_good = |point: &&Cut| point.ratio.median <= AS_GOOD * least.ratio.median;
        Some(Splitting {
            id: config.id.clone(),
            version: config.version.clone(),
            placing: primitive_name(config.placing()).to_owned(),
            best: least.pieces,
            most: points
                .iter()
                .filter(as_good)
                .map(|point| point.pieces)
                .max()?,
            points,
        })
    };
    let all = bundle.plan.usable().filter_map(of);
    all.filter(|splitting| splitting.points.len() > 1).collect()
}

fn cut(bundle: &Bundle, scenario: &Scenario, cell: &Cell, first: &Cell) -> Option<Cut> {
    let times: Vec<(f64, f64)> = bundle
        .rounds(cell)
        .map(|(block, _)| block)
        .filter(|block| block.complete && block.disturbed.is_none())
        .filter_map(|block| Some((time(block, cell)?, time(block, first)?)))
        .collect();
    let ratios: Vec<f64> = times.iter().map(|(cut, whole)| cut / whole).collect();
    let walls: Vec<f64> = times.iter().map(|(cut, _)| *cut).collect();
    Some(Cut {
        pieces: cell.branches,
        piece_ns: scenario.work_ms * 1e6 * bundle.plan.share(cell),
        blocks: ratios.len(),
        ratio: Estimate::of(&ratios)?,
        wall_ns: median(&walls)?,
    })
}
