//! Ever more branches, up to a million: what each takes in time and memory, and what gives out first.
//!
//! Nobody watches these branches (see `harness-runner`'s `unwatched`). Memory is how far the resident set rose
//! above what the process had before, at its peak: of the first sample of a fresh process, so that nothing is
//! counted out that an earlier one left behind.

use harness_record::config_id::ConfigId;
use serde::{Deserialize, Serialize};
use workload_catalogue::{Scenario, scenario};

use crate::{
    estimate::{Estimate, good_rounds},
    stats::median,
};
use harness_record::{
    bundle::{Bundle, CellStatus, Round},
    cell::{Cell, primitive_name, root_name},
    plan::Config,
};

/// Fewer branches than this take so few pages that what the kernel counts is off by as much.
const TELLING: usize = 10_000;

/// One primitive of one configuration, with ever more branches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// The primitive.
    pub primitive: String,
    /// By number of branches, the fewest first: those that it could.
    pub points: Vec<Many>,
    /// Where it gave out, if it did: what is said of the first number of branches that it could not.
    pub gave_out: Option<GaveOut>,
}

/// So many branches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Many {
    /// n.
    pub branches: usize,
    /// Rounds that the figures rest on, disturbed ones too where there are no others.
    pub rounds: usize,
    /// Whether other work disturbed them all.
    pub disturbed: bool,
    /// Wall time, in nanoseconds: of the fastest sample of a round, the median over rounds.
    pub wall_ns: Estimate,
    /// The instant for which all waited, in nanoseconds after the start.
    pub wait_ns: f64,
    /// Wall time beyond that, a branch.
    pub over_wait_ns: Estimate,
    /// CPU time of the process, a branch, in nanoseconds.
    pub cpu_ns: Estimate,
    /// How far memory rose at its peak, a branch, in bytes; null where the system does not tell, and for fewer
    /// than 10 000 branches, of which it tells too little.
    pub bytes: Option<f64>,
    /// How long after that instant the last branch began, in nanoseconds, if any did: then they were not all
    /// there at once, and the memory is too little.
    pub late_ns: Option<u64>,
}

/// Where a series ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GaveOut {
    /// n.
    pub branches: usize,
    /// Why, in a line.
    pub why: String,
}

/// Every series of a record, in the order of the plan; empty if there is none.
#[must_use]
pub fn series(bundle: &Bundle) -> Vec<Series> {
    let mut all = Vec::new();
    for config in bundle.plan.usable() {
        let groups = bundle.plan.groups.iter();
        for group in groups.filter(|g| g.runtime == config.id.runtime && is_of_scale(g.scenario)) {
            let mut cells: Vec<&Cell> = group
                .cells
                .iter()
                .filter(|cell| config.owns(cell))
                .collect();
            cells.sort_by_key(|cell| (cell.primitive, cell.branches));
            let alike = |a: &&Cell, b: &&Cell| a.primitive == b.primitive;
            for cells in cells.chunk_by(alike) {
                all.extend(of_cells(bundle, config, group.scenario, cells));
            }
        }
    }
    all
}

fn is_of_scale(scenario: &Scenario) -> bool {
    scenario.name.starts_with(workload_catalogue::SCALE)
}

fn of_cells(
    bundle: &Bundle,
    config: &Config,
    scenario: &Scenario,
    cells: &[&Cell],
) -> Option<Series> {
    let first = cells.first()?;
    let points: Vec<Many> = cells
        .iter()
        .filter_map(|cell| many(bundle, scenario, cell))
        .collect();
    let gave_out = gave_out(bundle, cells);
    (!points.is_empty() || gave_out.is_some()).then(|| Series {
        id: config.id.clone(),
        version: config.version.clone(),
        root: root_name(first.root).to_owned(),
        scenario: scenario.name.to_owned(),
        primitive: primitive_name(first.primitive).to_owned(),
        points,
        gave_out,
    })
}

/// The first of these cells, the fewest branches first, that could not.
pub(crate) fn gave_out(bundle: &Bundle, cells: &[&Cell]) -> Option<GaveOut> {
    cells.iter().find_map(|cell| {
        let failure = bundle.failure(cell)?;
        Some(GaveOut {
            branches: cell.branches,
            why: why(failure),
        })
    })
}

/// Why a round did not go well, in a line.
fn why(round: &Round) -> String {
    let reason = round.reason.as_deref().unwrap_or("no reason given");
    // What the system refused, if anybody said so; or the last words.
    let refused = |text: &&str| text.contains("os error") || text.contains("Os {");
    let mut lines = round.stderr.lines();
    match lines.clone().find(refused).or_else(|| lines.next_back()) {
        Some(words) if round.status == CellStatus::Crashed && !refused(&reason) => {
            harness_record::text::one_line(&format!("{reason}: {words}"), 250)
        }
        _ => reason.to_owned(),
    }
}

fn many(bundle: &Bundle, facts: &Scenario, cell: &Cell) -> Option<Many> {
    if bundle.failure(cell).is_some() {
        return None;
    }
    let (rounds, disturbed) = good_rounds(bundle, cell);
    let n = cell.branches as f64;
    let wait_ns = facts.wait_ms_of(cell.branches) * 1e6;
    let estimate = |of: &dyn Fn(u64, u64) -> f64| -> Option<Estimate> {
        let each: Vec<f64> = rounds
            .iter()
            .filter_map(|round| round.samples.iter().min_by_key(|sample| sample.wall_ns))
            .map(|sample| of(sample.wall_ns, sample.cpu_ns))
            .collect();
        Estimate::of(&each)
    };
    let first = rounds.iter().filter_map(|round| round.samples.first());
    let peaks: Vec<f64> = first
        .filter_map(|sample| sample.peak_bytes)
        .map(|bytes| bytes as f64 / n)
        .collect();
    Some(Many {
        branches: cell.branches,
        rounds: rounds.len(),
        disturbed,
        wall_ns: estimate(&|wall, _| wall as f64)?,
        wait_ns,
        over_wait_ns: estimate(&|wall, _| (wall as f64 - wait_ns).max(0.0) / n)?,
        cpu_ns: estimate(&|_, cpu| cpu as f64 / n)?,
        bytes: median(&peaks).filter(|_| cell.branches >= TELLING),
        late_ns: rounds
            .iter()
            .flat_map(|round| &round.samples)
            .filter_map(|sample| sample.stall_ns)
            .max(),
    })
}

/// What the branches of a scenario do, in a line.
#[must_use]
pub fn summary(name: &str) -> &'static str {
    scenario(name).map_or("", |scenario| scenario.summary)
}

#[cfg(test)]
mod tests;
