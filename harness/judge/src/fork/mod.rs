//! Recursions that fork: what each way of putting their calls together takes, beside the sequential program and rayon.
//!
//! A ratio is formed inside one block: the cells of a size run one after the other there, and those of the limits among them.
//! What a fork costs is told from CPU time, which is the same however many threads share it: that of the process beyond the
//! sequential program's, in one block, over the number of forks, which follows from the size.

use harness_protocol::Sample;
use harness_record::{
    bundle::{Block, Bundle, CellStatus},
    cell::{Cell, primitive_name, root_name},
    config_id::ConfigId,
};
use serde::{Deserialize, Serialize};
use workload_catalogue::{Recursion, Scenario};

use crate::{
    estimate::Estimate,
    scale::{GaveOut, gave_out},
    stats::median,
};

/// From here on it is called faster: less, in as many blocks as there are, may be chance.
const FASTER: f64 = 1.1;

/// The limit that a speed-up is over: plain calls in one thread.
pub const SEQUENTIAL: &str = "sequential";

/// One recursion, its calls put together by one primitive of one configuration, or as a limit does; of ever larger sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ForkSeries"))]
pub struct Series {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// The version of its crate.
    pub version: Option<String>,
    /// Where the first call was made.
    pub root: String,
    /// The scenario.
    pub scenario: String,
    /// The primitive by which calls are put together at every depth; of a limit it says nothing.
    pub primitive: String,
    /// Whether it is a limit: what is written without a runtime.
    pub limit: bool,
    /// By size, the smallest first: those that it could.
    pub points: Vec<Point>,
    /// The size from which it is 1.1 times as fast as the sequential program, of those measured: there and at all larger ones.
    pub wins_from: Option<usize>,
    /// Where it gave out, if it did.
    pub gave_out: Option<GaveOut>,
}

/// One size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ForkPoint"))]
pub struct Point {
    /// The size, in what the scenario counts it by.
    pub size: usize,
    /// Calls that another makes.
    pub forks: u64,
    /// Blocks that the figures rest on, disturbed ones where there are no others.
    pub blocks: usize,
    /// Whether other work disturbed them all.
    pub disturbed: bool,
    /// Wall time, in nanoseconds: of the fastest sample of a block, the median over blocks.
    pub wall_ns: Estimate,
    /// CPU time of the process over wall time.
    pub cores: Estimate,
    /// Wall time of the sequential program over this one's, in one block; null where that was not measured.
    pub speedup: Option<Estimate>,
    /// CPU time beyond the sequential program's in one block, over the forks, in nanoseconds; null likewise, and where
    /// nothing forks.
    pub fork_ns: Option<Estimate>,
    /// How far memory rose at its peak, in bytes: of the first sample of a fresh process; null where the system does not tell.
    pub peak_bytes: Option<f64>,
}

/// Every series of a record, by scenario, the limits of each first; empty if there is none.
#[must_use]
pub fn series(bundle: &Bundle) -> Vec<Series> {
    let mut all = Vec::new();
    let mut scenarios: Vec<(&Scenario, Recursion)> = Vec::new();
    for group in &bundle.plan.groups {
        let recursion = group.scenario.recursion();
        let is_new = !scenarios
            .iter()
            .any(|(known, _)| known.name == group.scenario.name);
        scenarios.extend(
            recursion
                .filter(|_| is_new)
                .map(|forks| (group.scenario, forks)),
        );
    }
    for (scenario, recursion) in scenarios {
        let mut limits: Vec<&Cell> = Vec::new();
        let mut cells: Vec<&Cell> = Vec::new();
        let groups = bundle.plan.groups.iter();
        for group in groups.filter(|group| group.scenario.name == scenario.name) {
            for limit in &group.limits {
                // Every runtime's group has them.
                if !limits.contains(&limit) {
                    limits.push(limit);
                }
            }
            cells.extend(&group.cells);
        }
        for (cells, limit) in [(&limits, true), (&cells, false)] {
            for cells in together(cells) {
                all.extend(of_cells(bundle, recursion, &cells, &limits, limit));
            }
        }
    }
    all
}

/// The cells of each configuration and primitive, as they come, each by size.
fn together<'a>(cells: &[&'a Cell]) -> Vec<Vec<&'a Cell>> {
    let mut all: Vec<Vec<&Cell>> = Vec::new();
    for &cell in cells {
        let alike = |other: &&Cell| {
            (&other.id, other.primitive, other.root) == (&cell.id, cell.primitive, cell.root)
        };
        match all.iter_mut().find(|one| one.first().is_some_and(alike)) {
            Some(one) => one.push(cell),
            None => all.push(vec![cell]),
        }
    }
    for one in &mut all {
        one.sort_by_key(|cell| cell.branches);
    }
    all
}

fn of_cells(
    bundle: &Bundle,
    recursion: Recursion,
    cells: &[&Cell],
    limits: &[&Cell],
    limit: bool,
) -> Option<Series> {
    let first = cells.first()?;
    let sequential = |size: usize| {
        let mut of = limits.iter();
        of.find(|one| one.branches == size && one.id.flavour == SEQUENTIAL)
    };
    let points: Vec<Point> = cells
        .iter()
        .filter_map(|cell| point(bundle, recursion, cell, sequential(cell.branches).copied()))
        .collect();
    let gave_out = gave_out(bundle, cells);
    let mut entrants = bundle.header.entrants.iter();
    let entrant = entrants.find(|entrant| entrant.name == first.id.runtime);
    (!points.is_empty() || gave_out.is_some()).then(|| Series {
        id: first.id.clone(),
        version: entrant.and_then(|entrant| entrant.version.clone()),
        root: root_name(first.root).to_owned(),
        scenario: first.scenario.clone(),
        primitive: primitive_name(first.primitive).to_owned(),
        limit,
        wins_from: wins_from(&points),
        points,
        gave_out,
    })
}

/// The first size after the last at which it is no faster.
fn wins_from(points: &[Point]) -> Option<usize> {
    let faster = |point: &Point| {
        point
            .speedup
            .is_some_and(|speedup| speedup.median >= FASTER)
    };
    let lost = points.iter().rposition(|point| !faster(point));
    points
        .get(lost.map_or(0, |lost| lost + 1))
        .map(|point| point.size)
}

fn point(
    bundle: &Bundle,
    recursion: Recursion,
    cell: &Cell,
    sequential: Option<&Cell>,
) -> Option<Point> {
    if bundle.failure(cell).is_some() {
        return None;
    }
    let of_blocks = |disturbed: bool| -> Vec<&Block> {
        let blocks = bundle.rounds(cell).map(|(block, _)| block);
        blocks
            .filter(|block| block.complete && block.disturbed.is_some() == disturbed)
            .collect()
    };
    let (quiet, busy) = (of_blocks(false), of_blocks(true));
    let disturbed = quiet.is_empty();
    let blocks = if disturbed { busy } else { quiet };
    let each = |of: &dyn Fn(&Sample) -> f64| -> Vec<f64> {
        let fastest = blocks.iter().filter_map(|block| fastest(block, cell));
        fastest.map(of).collect()
    };
    let beside = |of: &dyn Fn(&Sample, &Sample) -> f64| -> Vec<f64> {
        let pairs = blocks.iter().filter_map(|block| {
            let own = fastest(block, cell)?;
            Some((own, fastest(block, sequential?)?))
        });
        pairs.map(|(own, alone)| of(own, alone)).collect()
    };
    let forks = recursion.forks(cell.branches);
    let speedup = beside(&|own, alone| alone.wall_ns as f64 / own.wall_ns.max(1) as f64);
    let fork_ns =
        beside(&|own, alone| (own.cpu_ns as f64 - alone.cpu_ns as f64) / forks.max(1) as f64);
    let peaks: Vec<f64> = blocks
        .iter()
        .filter_map(|block| good(block, cell)?.first()?.peak_bytes)
        .map(|bytes| bytes as f64)
        .collect();
    Some(Point {
        size: cell.branches,
        forks,
        blocks: blocks.len(),
        disturbed,
        wall_ns: Estimate::of(&each(&|sample| sample.wall_ns as f64))?,
        cores: Estimate::of(&each(&|sample| {
            sample.cpu_ns as f64 / sample.wall_ns.max(1) as f64
        }))?,
        speedup: Estimate::of(&speedup),
        fork_ns: Estimate::of(&fork_ns).filter(|_| forks > 0),
        peak_bytes: median(&peaks),
    })
}

/// The samples of a cell in a block.
fn good<'a>(block: &'a Block, cell: &Cell) -> Option<&'a [Sample]> {
    let round = block.rounds.get(cell)?;
    (round.status == CellStatus::Ok).then_some(&round.samples)
}

fn fastest<'a>(block: &'a Block, cell: &Cell) -> Option<&'a Sample> {
    good(block, cell)?
        .iter()
        .min_by_key(|sample| sample.wall_ns)
}

#[cfg(test)]
mod tests;
