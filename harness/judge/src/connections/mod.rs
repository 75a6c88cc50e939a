//! Connections that are held open while they echo: each runtime beside what the machine can do without one.
//!
//! All figures are of the stretch in which all connections of a sample are open, from the first branch that
//! knows it to the last that is done. A ratio is formed inside one block, as everywhere: the cells of a number
//! of connections run one after the other, and those of the limits among them.

use harness_protocol::Held;
use harness_record::config_id::ConfigId;
use serde::{Deserialize, Serialize};

use crate::{
    estimate::Estimate,
    scale::{GaveOut, gave_out},
};
use harness_record::{
    bundle::{Block, Bundle, CellStatus},
    cell::{Cell, primitive_name, root_name},
};

/// One primitive of one configuration, or one limit, with ever more connections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ConnectionsSeries"))]
pub struct Series {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// The version of its crate.
    pub version: Option<String>,
    /// Where the parent ran.
    pub root: String,
    /// The scenario.
    pub scenario: String,
    /// The primitive; of a limit it says nothing.
    pub primitive: String,
    /// Whether it is a limit: what the machine can do without any runtime.
    pub limit: bool,
    /// By number of connections, the fewest first: those that it could hold.
    pub points: Vec<Point>,
    /// Where it gave out, if it did.
    pub gave_out: Option<GaveOut>,
}

/// So many connections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "ConnectionsPoint"))]
pub struct Point {
    /// How many.
    pub connections: usize,
    /// Blocks that the figures rest on, disturbed ones where there are no others.
    pub blocks: usize,
    /// Whether other work disturbed them all.
    pub disturbed: bool,
    /// Wall time of the stretch over its round trips, in nanoseconds: of the fastest sample, the median over blocks.
    pub trip_ns: Estimate,
    /// CPU time of the process over its round trips.
    pub cpu_ns: Estimate,
    /// CPU time of the origin over the same.
    pub origin_ns: Estimate,
    /// The part of the wall time in which the origin's one thread was busy: near 1 it is the origin that is
    /// measured.
    pub origin_busy: f64,
    /// Time over that of each limit, in one block.
    pub over: Vec<Over>,
}

/// Held against one limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "OverLimit"))]
pub struct Over {
    /// The limit's flavour.
    pub limit: String,
    /// Wall time over the limit's.
    pub wall: Estimate,
    /// CPU time over the limit's.
    pub cpu: Estimate,
}

/// Every series of a record, in the order of the plan, the limits first; empty if there is none.
#[must_use]
pub fn series(bundle: &Bundle) -> Vec<Series> {
    let groups = bundle.plan.groups.iter().filter(|group| {
        group
            .scenario
            .name
            .starts_with(workload_catalogue::CONNECTIONS)
    });
    let mut limits: Vec<&Cell> = Vec::new();
    let mut cells: Vec<&Cell> = Vec::new();
    for group in groups {
        for limit in &group.limits {
            // Every runtime's group has them.
            if !limits.contains(&limit) {
                limits.push(limit);
            }
        }
        cells.extend(&group.cells);
    }
    let key = |cell: &Cell| {
        let place = bundle
            .plan
            .configs
            .iter()
            .position(|config| config.owns(cell));
        (
            place,
            cell.id.flavour.clone(),
            cell.primitive,
            cell.branches,
        )
    };
    limits.sort_by_key(|cell| key(cell));
    cells.sort_by_key(|cell| key(cell));
    let alike = |a: &&Cell, b: &&Cell| (&a.id, &a.primitive) == (&b.id, &b.primitive);
    let of_limits = limits.chunk_by(alike);
    let of_limits = of_limits.filter_map(|cells| of_cells(bundle, cells, &limits, true));
    let of_runtimes = cells.chunk_by(alike);
    let of_runtimes = of_runtimes.filter_map(|cells| of_cells(bundle, cells, &limits, false));
    of_limits.chain(of_runtimes).collect()
}

fn of_cells(bundle: &Bundle, cells: &[&Cell], limits: &[&Cell], limit: bool) -> Option<Series> {
    let first = cells.first()?;
    let points: Vec<Point> = cells
        .iter()
        .filter_map(|cell| {
            let beside = limits
                .iter()
                .filter(|limit| limit.branches == cell.branches);
            let beside = beside.filter(|_| !limit).copied().collect::<Vec<_>>();
            point(bundle, cell, &beside)
        })
        .collect();
    let gave_out = gave_out(bundle, cells);
    let entrants = bundle.header.entrants.iter();
    let version = entrants
        .filter(|entrant| entrant.name == first.id.runtime)
        .find_map(|entrant| entrant.version.clone());
    (!points.is_empty() || gave_out.is_some()).then(|| Series {
        id: first.id.clone(),
        version,
        root: root_name(first.root).to_owned(),
        scenario: first.scenario.clone(),
        primitive: primitive_name(first.primitive).to_owned(),
        limit,
        points,
        gave_out,
    })
}

fn point(bundle: &Bundle, cell: &Cell, limits: &[&Cell]) -> Option<Point> {
    if bundle.failure(cell).is_some() {
        return None;
    }
    let blocks = |disturbed: bool| -> Vec<(&Block, Held)> {
        bundle
            .rounds(cell)
            .map(|(block, _)| block)
            .filter(|block| block.complete && block.disturbed.is_some() == disturbed)
            .filter_map(|block| Some((block, held(block, cell)?)))
            .collect()
    };
    let (quiet, busy) = (blocks(false), blocks(true));
    let disturbed = quiet.is_empty();
    let blocks = if disturbed { busy } else { quiet };
    let of = |read: &dyn Fn(&Held) -> f64| {
        Estimate::of(
            &blocks
                .iter()
                .map(|(_, held)| read(held))
                .collect::<Vec<_>>(),
        )
    };
    let over = limits.iter().filter_map(|limit| {
        let pairs: Vec<(Held, Held)> = blocks
            .iter()
            .filter_map(|(block, own)| Some((*own, self::held(block, limit)?)))
            .collect();
        let ratio = |read: &dyn Fn(&Held) -> u64| {
            let of = |(own, limit): &(Held, Held)| read(own) as f64 / read(limit).max(1) as f64;
            Estimate::of(&pairs.iter().map(of).collect::<Vec<_>>())
        };
        Some(Over {
            limit: limit.id.flavour.clone(),
            wall: ratio(&|held| held.wall_ns)?,
            cpu: ratio(&|held| held.cpu_ns)?,
        })
    });
    Some(Point {
        connections: cell.branches,
        blocks: blocks.len(),
        disturbed,
        trip_ns: of(&|held| held.wall_ns as f64 / trips(held))?,
        cpu_ns: of(&|held| held.cpu_ns as f64 / trips(held))?,
        origin_ns: of(&|held| held.origin_ns as f64 / trips(held))?,
        origin_busy: of(&|held| held.origin_ns as f64 / held.wall_ns.max(1) as f64)?.median,
        over: over.collect(),
    })
}

/// The stretch of the fastest sample of a cell in a block.
fn held(block: &Block, cell: &Cell) -> Option<Held> {
    let round = block
        .rounds
        .get(cell)
        .filter(|round| round.status == CellStatus::Ok)?;
    let held = round.samples.iter().filter_map(|sample| sample.held);
    held.min_by_key(|held| held.wall_ns)
}

fn trips(held: &Held) -> f64 {
    held.trips.max(1) as f64
}

#[cfg(test)]
mod tests;
