//! From which length on a branch is worth a spawn: the sweep over what a branch computes, and where spawn
//! begins to beat compose.
//!
//! A step of the sweep is a scenario, `length/10us`: n branches that compute for 10 µs in one poll, joined and
//! spawned, put together many times in a sample. Each block gives one ratio of spawn's time to compose's, as
//! claims have it. Over the lengths that ratio falls from what a spawn costs towards 1/k; where it crosses 1
//! spawn pays. Between two lengths both axes are taken to be logarithmic and the curve straight: the true one
//! is a constant and a hyperbola, and over half a decade they differ by some per cent.

use harness_protocol::Root;
use harness_record::config_id::ConfigId;
use serde::{Deserialize, Serialize};
use workload_catalogue::{Branches, Scenario};

use crate::{estimate::Estimate, stats::median};
use harness_record::{
    bundle::{Block, Bundle, CellStatus},
    cell::{Cell, primitive_name, root_name},
    plan::Config,
};

pub mod pieces;

/// What one configuration shows with so many branches, from one root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Crossing {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// The version of its crate.
    pub version: Option<String>,
    /// Where the parent ran.
    pub root: String,
    /// n.
    pub branches: usize,
    /// The primitive that places a branch on another core here: `spawn`, or `dispatch`.
    pub placing: String,
    /// k: threads that can poll these branches at once, and have a core.
    pub threads: usize,
    /// The lengths that were measured, the shortest first.
    pub points: Vec<Point>,
    /// Where spawn begins to beat compose.
    pub found: Found,
}

/// One length.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "CrossingPoint"))]
pub struct Point {
    /// What one branch computes, in nanoseconds.
    pub length_ns: f64,
    /// Undisturbed blocks that the figures rest on.
    pub blocks: usize,
    /// Time of spawn over time of compose, in one block: the median over blocks, and its interval at 95 %.
    pub ratio: Estimate,
    /// Time that the branches take joined, in nanoseconds: the median over blocks.
    pub compose_ns: f64,
    /// Time that they take spawned.
    pub spawn_ns: f64,
}

/// Where spawn begins to beat compose.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Found {
    /// Nowhere: one thread executes what is spawned, whatever the ratios say.
    NeverOnOneThread,
    /// Not up to this length, in nanoseconds: there the median ratio is still 1 or more.
    NotUpTo {
        /// The longest that was measured.
        length_ns: f64,
    },
    /// At a length between those that were measured, or below them.
    At {
        /// Where the median ratio falls below 1; `None` if it is there at the shortest length.
        length_ns: Option<f64>,
        /// Where the lower end of the interval does, in nanoseconds: below this spawn is shown to be slower.
        /// `None` if it is below 1 at the shortest length.
        low_ns: Option<f64>,
        /// Where the upper end does: above this spawn is shown to be faster. `None` if it is 1 or more at the
        /// longest length, or there were too few blocks for intervals.
        high_ns: Option<f64>,
    },
}

/// Every sweep of the record: for each configuration, root and number of branches, what was measured at each
/// length, and the length at which spawn begins to beat compose. In the order of the plan; empty if none
/// was measured.
#[must_use]
pub fn crossings(bundle: &Bundle) -> Vec<Crossing> {
    let mut crossings = Vec::new();
    for config in bundle.plan.usable() {
        let groups = bundle.plan.groups.iter();
        let of_sweep = groups.filter(|group| {
            group.runtime == config.id.runtime && group.scenario.branches == Branches::Swept
        });
        let mut measured: Vec<(Root, usize, Point)> = Vec::new();
        for group in of_sweep {
            let placed = group
                .cells
                .iter()
                .filter(|cell| config.owns(cell) && cell.primitive == config.placing());
            for cell in placed {
                let point = point(bundle, group.scenario, cell);
                measured.extend(point.map(|point| (cell.root, cell.branches, point)));
            }
        }
        let mut series: Vec<(Root, usize)> =
            measured.iter().map(|&(root, n, _)| (root, n)).collect();
        series.sort_unstable();
        series.dedup();
        for (root, branches) in series {
            let points = measured
                .iter()
                .filter(|(r, n, _)| (*r, *n) == (root, branches))
                .map(|(_, _, point)| *point)
                .collect();
            crossings.push(crossing(bundle, config, root, branches, points));
        }
    }
    crossings
}

fn crossing(
    bundle: &Bundle,
    config: &Config,
    root: Root,
    branches: usize,
    mut points: Vec<Point>,
) -> Crossing {
    points.sort_by(|a, b| a.length_ns.total_cmp(&b.length_ns));
    let threads = config
        .threads(config.placing(), branches)
        .min(bundle.plan.cores);
    Crossing {
        id: config.id.clone(),
        version: config.version.clone(),
        root: root_name(root).to_owned(),
        branches,
        placing: primitive_name(config.placing()).to_owned(),
        threads,
        found: found(&points, threads),
        points,
    }
}

/// One length of one series, if any block has both its arms.
fn point(bundle: &Bundle, scenario: &Scenario, placed: &Cell) -> Option<Point> {
    let joined = Cell {
        primitive: harness_protocol::Primitive::Compose,
        ..placed.clone()
    };
    let times: Vec<(f64, f64)> = bundle
        .rounds(placed)
        .map(|(block, _)| block)
        .filter(|block| block.complete && block.disturbed.is_none())
        .filter_map(|block| Some((time(block, &joined)?, time(block, placed)?)))
        .collect();
    let ratios: Vec<f64> = times
        .iter()
        .map(|(joined, placed)| placed / joined)
        .collect();
    let of = |arm: fn(&(f64, f64)) -> f64| median(&times.iter().map(arm).collect::<Vec<f64>>());
    Some(Point {
        length_ns: scenario.work_ms * 1e6,
        blocks: ratios.len(),
        ratio: Estimate::of(&ratios)?,
        compose_ns: of(|(joined, _)| *joined)?,
        spawn_ns: of(|(_, placed)| *placed)?,
    })
}

/// The time of a cell in one block, in nanoseconds: of its branches put together once.
fn time(block: &Block, cell: &Cell) -> Option<f64> {
    let round = block
        .rounds
        .get(cell)
        .filter(|round| round.status == CellStatus::Ok)?;
    let each = |wall: u64, times: Option<u32>| wall as f64 / f64::from(times.unwrap_or(1).max(1));
    let samples = round.samples.iter();
    let times: Vec<f64> = samples.map(|s| each(s.wall_ns, s.repeats)).collect();
    median(&times).filter(|&ns| ns > 0.0)
}

/// Where the ratios cross 1.
///
/// The interval is that of an inverted test: a length at which the ratio's interval holds 1 is one at which
/// spawn may begin to pay. So it needs no share of the error for each length, as long as the ratio falls. Where
/// it does not fall throughout, the interval reaches from the first such length to the last.
fn found(points: &[Point], threads: usize) -> Found {
    let Some(last) = points.last().filter(|_| threads > 1) else {
        return Found::NeverOnOneThread;
    };
    let curve = |of: fn(&Estimate) -> Option<f64>| -> Option<Vec<(f64, f64)>> {
        let at = |point: &Point| Some((point.length_ns, of(&point.ratio)?));
        points.iter().map(at).collect()
    };
    let middle = curve(|ratio| Some(ratio.median)).map(|curve| falls_below_one(&curve));
    let length_ns = match middle {
        Some(Falls::Never) | None => {
            return Found::NotUpTo {
                length_ns: last.length_ns,
            };
        }
        Some(Falls::At(ns)) => Some(ns),
        Some(Falls::Before) => None,
    };
    let low = curve(|ratio| ratio.low).map(|curve| dips_below_one(&curve));
    let high = curve(|ratio| ratio.high).map(|curve| falls_below_one(&curve));
    Found::At {
        length_ns,
        low_ns: match low {
            Some(Falls::At(ns)) => Some(ns),
            _ => None,
        },
        high_ns: match high {
            Some(Falls::At(ns)) => Some(ns),
            // Below 1 from the shortest length on, and so at it.
            Some(Falls::Before) => points.first().map(|point| point.length_ns),
            Some(Falls::Never) | None => None,
        },
    }
}

/// Where a curve falls below 1.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Falls {
    /// Before its first point.
    Before,
    /// At this length.
    At(f64),
    /// Its last point is not below 1.
    Never,
}

/// Where a curve of (length, ratio) falls below 1 to stay there: between the last point that is not below and
/// the next, on a straight line over logarithms.
fn falls_below_one(curve: &[(f64, f64)]) -> Falls {
    let Some(last) = curve.iter().rposition(|&(_, ratio)| ratio >= 1.0) else {
        return Falls::Before;
    };
    match curve.get(last + 1) {
        Some(&next) => Falls::At(between(curve[last], next)),
        None => Falls::Never,
    }
}

/// Where a curve is first below 1, to stay there or not.
fn dips_below_one(curve: &[(f64, f64)]) -> Falls {
    match curve.iter().position(|&(_, ratio)| ratio < 1.0) {
        None => Falls::Never,
        Some(0) => Falls::Before,
        Some(first) => Falls::At(between(curve[first - 1], curve[first])),
    }
}

/// The length at which a straight line over logarithms is 1, from a point that is not below to one that is.
fn between((length, ratio): (f64, f64), (next_length, next_ratio): (f64, f64)) -> f64 {
    let share = ratio.ln() / (ratio.ln() - next_ratio.ln());
    length * (next_length / length).powf(share)
}

#[cfg(test)]
mod tests;
