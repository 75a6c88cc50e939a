//! Ways to put branches together, a table for each configuration: what each does to the same branches.
//!
//! What is counted does not depend on how busy the machine is, so that all rounds count, and they should agree. The one time
//! is CPU time per wake, the least that was seen: it is there to be held against that of fewer branches.

use harness_protocol::Others;
use harness_record::{
    bundle::{Bundle, CellStatus, Round},
    cell::{Cell, root_name},
    config_id::ConfigId,
    plan::Config,
};
use serde::{Deserialize, Serialize};
use workload_catalogue::IDIOMS;

use crate::scale::{GaveOut, gave_out};

/// More polls of branches than this for one wake are more than the branch that was woken, and one beside it, need.
const MANY_POLLS: f64 = 2.0;

/// A wake that takes so many times the CPU time that it takes among fewer branches depends on their number.
const MANY_TIMES: f64 = 10.0;

/// All ways on one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "IdiomTable"))]
pub struct Table {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// The version of its crate.
    pub version: Option<String>,
    /// The ways that it has, in the order of the catalogue.
    pub rows: Vec<Row>,
}

/// One way, from one root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "IdiomRow"))]
pub struct Row {
    /// The scenario, without the name of its group.
    pub idiom: String,
    /// Whether it hands the branches to the scheduler.
    pub spawns: bool,
    /// Where the parent ran.
    pub root: String,
    /// By number of branches, the fewest first.
    pub points: Vec<Point>,
    /// The first number of branches that went wrong, if one did.
    pub gave_out: Option<GaveOut>,
}

/// So many branches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "IdiomPoint"))]
pub struct Point {
    /// n.
    pub branches: usize,
    /// Rounds that were counted.
    pub rounds: usize,
    /// Whether they disagree in what they counted; what stands here is of the first.
    pub varies: bool,
    /// Branches that were woken one by one before it was stopped, where it was: the polls were too many, or it took too long.
    pub stopped_after: Option<u64>,
    /// Polls of branches for each wake, but the first poll of each.
    pub polls_per_wake: f64,
    /// Polls of what they were put together in, for each wake.
    pub parent_polls_per_wake: f64,
    /// CPU time of the process for each wake, in nanoseconds: the least of all rounds.
    pub cpu_per_wake_ns: f64,
    /// What is more of it than there should be, for each wake.
    pub hurts: Option<Hurts>,
    /// Branches that had begun and not ended, at most.
    pub waiting: u64,
    /// Branches that were in a poll at one instant, at most, of all rounds.
    pub inside: u32,
    /// Allocations for each branch.
    pub allocations: f64,
    /// What was allocated at once for each branch, in bytes: the list that they came in was there before, and is not in it.
    pub bytes: f64,
    /// The others, when the first failed.
    pub first_fails: Option<Others>,
    /// The others, when the last that waited failed.
    pub last_fails: Option<Others>,
}

/// What grows with the number of branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Hurts {
    /// Branches are polled that nobody woke.
    Polls,
    /// They are not, but something is done for each of them.
    Time,
}

/// Every table of a record, in the order of the plan; empty if there is none.
#[must_use]
pub fn tables(bundle: &Bundle) -> Vec<Table> {
    let tables = bundle.plan.usable().map(|config| Table {
        id: config.id.clone(),
        version: config.version.clone(),
        rows: rows(bundle, config),
    });
    tables.filter(|table| !table.rows.is_empty()).collect()
}

fn rows(bundle: &Bundle, config: &Config) -> Vec<Row> {
    let mut rows = Vec::new();
    let groups = bundle.plan.groups.iter();
    for group in groups.filter(|g| g.runtime == config.id.runtime && g.scenario.is_idiom()) {
        let cells = group.cells.iter().filter(|cell| config.owns(cell));
        let mut cells: Vec<&Cell> = cells.collect();
        cells.sort_by_key(|cell| (cell.root, cell.branches));
        for cells in cells.chunk_by(|a, b| a.root == b.root) {
            let points = points(bundle, cells);
            let gave_out = gave_out(bundle, &failed(bundle, cells));
            if points.is_empty() && gave_out.is_none() {
                continue;
            }
            rows.push(Row {
                idiom: group.scenario.name.trim_start_matches(IDIOMS).to_owned(),
                spawns: group.scenario.spawns,
                root: root_name(cells[0].root).to_owned(),
                points,
                gave_out,
            });
        }
    }
    rows
}

/// Those that went wrong: what a runtime does not have is no failure, and has no row.
fn failed<'a>(bundle: &Bundle, cells: &[&'a Cell]) -> Vec<&'a Cell> {
    let wrong = |cell: &&&Cell| {
        let failure = bundle.failure(cell);
        failure.is_some_and(|round| round.status != CellStatus::Unsupported)
    };
    cells.iter().filter(wrong).copied().collect()
}

fn points(bundle: &Bundle, cells: &[&Cell]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for cell in cells {
        let rounds = bundle.rounds(cell).map(|(_, round)| round);
        let rounds: Vec<&Round> = rounds
            .filter(|round| round.status == CellStatus::Ok)
            .collect();
        if let Some(mut point) = point(cell, &rounds) {
            point.hurts = hurts(&point, &points);
            points.push(point);
        }
    }
    points
}

fn point(cell: &Cell, rounds: &[&Round]) -> Option<Point> {
    let samples = rounds.iter().flat_map(|round| &round.samples);
    let seen: Vec<_> = samples
        .filter_map(|sample| Some((sample.cpu_ns, sample.idiom?)))
        .collect();
    let (_, first) = *seen.first()?;
    let wakes = first.wakes.max(1) as f64;
    let each = |n: u64| n as f64 / cell.branches as f64;
    let cpu = seen
        .iter()
        .map(|(cpu, idiom)| *cpu as f64 / idiom.wakes.max(1) as f64);
    let told = |(_, idiom): &(u64, harness_protocol::Idiom)| {
        // How far it came before it was stopped is a matter of time.
        let polls = (!idiom.stopped).then_some(idiom.polls);
        (idiom.stopped, polls, idiom.first_fails, idiom.last_fails)
    };
    Some(Point {
        branches: cell.branches,
        rounds: rounds.len(),
        varies: seen.iter().any(|one| told(one) != told(&seen[0])),
        stopped_after: first.stopped.then_some(first.wakes),
        polls_per_wake: first.polls.saturating_sub(first.begun) as f64 / wakes,
        parent_polls_per_wake: first.parent_polls as f64 / wakes,
        cpu_per_wake_ns: cpu.fold(f64::INFINITY, f64::min),
        hurts: None,
        waiting: first.waiting,
        inside: seen
            .iter()
            .map(|(_, idiom)| idiom.inside)
            .max()
            .unwrap_or(0),
        allocations: each(first.allocations),
        bytes: each(first.peak_bytes),
        first_fails: first.first_fails,
        last_fails: first.last_fails,
    })
}

/// By itself, and beside those of fewer branches.
fn hurts(point: &Point, fewer: &[Point]) -> Option<Hurts> {
    if point.polls_per_wake > MANY_POLLS {
        return Some(Hurts::Polls);
    }
    let least = fewer.iter().map(|fewer| fewer.cpu_per_wake_ns);
    let least = least.fold(f64::INFINITY, f64::min);
    (point.cpu_per_wake_ns > MANY_TIMES * least).then_some(Hurts::Time)
}

#[cfg(test)]
mod tests;
