//! One run held against another, or one runtime of a run against another, cell by cell.
//!
//! What is compared, over what, and at which error is argued in docs/COMPARE.md. In short: rounds of two
//! runs are not paired, so a change is a shift between two samples of rounds, and what the baseline or the
//! cell's own sequential control changed by is the machine's and divided out. Between machines there
//! are only shapes: ratios that each run formed inside its own blocks.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use harness_judge::{
    judge,
    stats::{Family, median},
};
use harness_record::{
    bundle::Bundle,
    cell::{Cell, primitive_name},
    plan::Config,
};

mod evidence;
pub mod machine;
mod pairs;
pub mod print;
pub mod side;
#[cfg(test)]
mod simulations;
#[cfg(test)]
mod tests;

pub use evidence::{BARE_FLOOR, FLOOR};
use evidence::{Evidence, Over, Runs, least_rounds, times};
use pairs::{Pairs, nothing_in_common, pairs};
pub use side::{Choice, Side};

/// What the two sides have in common, and so what may be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Both sides are of one run: times, in the same blocks where they stand in the same.
    OneRun,
    /// Two runs on one machine: times, less what the machine did.
    OneMachine,
    /// Two machines: shapes, and no times.
    Machines,
}

/// The word on one pair of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// B takes longer than A: the interval lies above 1, and by more than the floor.
    Slower,
    /// B takes less time than A.
    Faster,
    /// No difference is shown, which is not that there is none.
    NotShown,
    /// Either side has too few undisturbed rounds for an interval.
    TooFew,
    /// A round of either side failed.
    Failed,
}

/// One side.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SideReport {
    /// The name of the run's folder.
    pub run: String,
    /// What of it.
    pub choice: String,
    /// When the run began, UTC.
    pub started: String,
    /// The machine.
    pub machine: String,
    /// The harness's revision, if it was known.
    pub revision: Option<String>,
    /// The versions of the runtimes.
    pub versions: BTreeMap<String, String>,
}

/// One pair of cells.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Row {
    /// The cell of A.
    pub cell: String,
    /// The cell of B, where it has another name.
    pub other: Option<String>,
    /// The runtime of A's cell, or both.
    pub runtime: String,
    /// The scenario.
    pub scenario: String,
    /// The primitive.
    pub primitive: String,
    /// What either side was divided by first: `threads` and the name of a cell for what the baseline's cell
    /// changed by, `sequential` and `threads` for those cells in the same block; nothing for plain times.
    pub over: Option<String>,
    /// What the baseline's cell changed by, B over A, where that was divided out.
    pub machine: Option<f64>,
    /// The median of A's rounds, in nanoseconds, of putting the branches together once; not told between machines.
    pub a_ns: Option<f64>,
    /// The median of B's.
    pub b_ns: Option<f64>,
    /// The median of A's ratios, where ratios are compared.
    pub a_ratio: Option<f64>,
    /// The median of B's.
    pub b_ratio: Option<f64>,
    /// B over A.
    pub ratio: Option<f64>,
    /// The lower end of its interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Undisturbed rounds, or blocks, that A's figure rests on.
    pub rounds_a: usize,
    /// And B's.
    pub rounds_b: usize,
    /// What the ratio must exceed to be shown.
    pub floor: f64,
    /// The word.
    pub word: Change,
    /// Why it failed.
    pub reason: Option<String>,
    /// Whether it failed in B, and not in A.
    pub broke: bool,
}

/// The geometric mean of the ratios of some cells.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Mean {
    /// What they have in common: `scenario`, `primitive` or `runtime`.
    pub by: String,
    /// Which.
    pub name: String,
    /// Between machines, what its cells were divided by: a cell that has two shapes is in a mean of each; nothing
    /// elsewhere.
    pub over: Option<String>,
    /// B over A.
    pub ratio: f64,
    /// How many cells it is a mean of: those with an interval.
    pub cells: usize,
    /// How many of them were shown to change.
    pub changed: usize,
}

/// A whole comparison.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// A.
    pub a: SideReport,
    /// B.
    pub b: SideReport,
    /// What may be compared.
    pub basis: Basis,
    /// What makes it two machines, or may explain a change.
    pub warnings: Vec<String>,
    /// M: cells with an interval, which share the error.
    pub comparisons: usize,
    /// The chance that any of them is said to have changed though it has not, at most.
    pub family_error: f64,
    /// Rounds on either side that an interval wants here, as many on each.
    pub least_rounds: usize,
    /// Pairs of cells: what changed most first, then the others in the order of their names.
    pub rows: Vec<Row>,
    /// Cells that only one side has.
    pub alone: usize,
    /// Geometric means.
    pub means: Vec<Mean>,
}

/// One side with its record.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// The name of the run's folder.
    pub name: &'a str,
    /// The record.
    pub bundle: &'a Bundle,
    /// What of it.
    pub choice: &'a Choice,
}

/// Compares.
///
/// # Errors
///
/// In a line, why the two cannot be compared.
pub fn compare(a: Of<'_>, b: Of<'_>, same_run: bool) -> Result<Comparison, String> {
    let of = |side: &Of<'_>, why| format!("{} {why}", side.name);
    let configs_a = a.choice.configs(a.bundle).map_err(|why| of(&a, why))?;
    let configs_b = b.choice.configs(b.bundle).map_err(|why| of(&b, why))?;
    let hosts = machine::differences(&a.bundle.header, &b.bundle.header);
    let basis = match (same_run, hosts.machines.is_empty()) {
        (true, _) => Basis::OneRun,
        (false, true) => Basis::OneMachine,
        (false, false) => Basis::Machines,
    };
    let Pairs { pairs, alone } = pairs(&a, &configs_a, &b, &configs_b)?;
    let runs = Runs::new(a.bundle, b.bundle, basis);
    let mut found: Vec<(&Cell, &Cell, Evidence)> = Vec::new();
    for &(one, two) in &pairs {
        found.extend(
            runs.evidence(one, two)
                .into_iter()
                .map(|evidence| (one, two, evidence)),
        );
    }
    if found.is_empty() {
        return Err(nothing_in_common(
            &a,
            &configs_a,
            &b,
            &configs_b,
            pairs.is_empty(),
        ));
    }
    let failed: Vec<Option<(String, bool)>> = found
        .iter()
        .map(|(one, two, _)| {
            let before = judge::failure(a.bundle, one).map(|failure| (failure.reason, false));
            let now = || judge::failure(b.bundle, two).map(|failure| (failure.reason, true));
            before.or_else(now)
        })
        .collect();
    let good = found
        .iter()
        .zip(&failed)
        .filter(|(_, failed)| failed.is_none());
    let (comparisons, most) = sharing(good.map(|((_, _, evidence), _)| evidence.least_alpha()));
    let alpha = Family::of(comparisons).alpha_each();
    let mut rows: Vec<Row> = found
        .iter()
        .zip(failed)
        .map(|((one, two, evidence), failed)| {
            let takes_part = evidence.least_alpha() <= most;
            row(&runs, one, two, evidence, alpha, takes_part, failed)
        })
        .collect();
    // The sort is stable, and rows came in the order of the cells.
    rows.sort_by(|one, two| rank(two).total_cmp(&rank(one)));
    let mut warnings = hosts.warnings;
    if basis == Basis::Machines {
        warnings.insert(0, format!("two machines: {}", hosts.machines.join("; ")));
    }
    Ok(Comparison {
        a: side(&a, &configs_a),
        b: side(&b, &configs_b),
        basis,
        warnings,
        comparisons,
        family_error: Family::ALPHA,
        least_rounds: least_rounds(alpha),
        means: means(&rows, basis == Basis::Machines),
        rows,
        alone,
    })
}

/// What was shown comes first, by how much; then all else.
fn rank(row: &Row) -> f64 {
    match (row.word, row.ratio) {
        (Change::Slower | Change::Faster, Some(ratio)) => ratio.ln().abs(),
        (Change::Failed, _) => -3.0,
        (Change::TooFew, _) => -2.0,
        _ => -1.0,
    }
}

/// How many comparisons can share the error so that each can still decide, and the least error of the last of
/// them: the more there are, the more rounds each wants. It follows from the numbers of rounds alone, and
/// from nothing that they say.
fn sharing(least: impl Iterator<Item = f64>) -> (usize, f64) {
    let mut least: Vec<f64> = least.collect();
    least.sort_by(f64::total_cmp);
    (1..=least.len())
        .rev()
        // All that are alike take part, or none.
        .filter(|&m| least.get(m).is_none_or(|next| *next > least[m - 1]))
        .find(|&m| least[m - 1] <= Family::of(m).alpha_each())
        .map_or((0, 0.0), |m| (m, least[m - 1]))
}

fn row(
    runs: &Runs<'_>,
    a: &Cell,
    b: &Cell,
    evidence: &Evidence,
    alpha: f64,
    takes_part: bool,
    failed: Option<(String, bool)>,
) -> Row {
    let change = evidence.change(alpha);
    let interval = change
        .and_then(|change| change.interval)
        .filter(|_| takes_part);
    let word = match interval {
        _ if failed.is_some() => Change::Failed,
        None => Change::TooFew,
        Some(interval) if interval.low > evidence.floor.ln_1p() => Change::Slower,
        Some(interval) if interval.high < -evidence.floor.ln_1p() => Change::Faster,
        Some(_) => Change::NotShown,
    };
    let machine = evidence.machine.as_ref().and_then(|machine| {
        let found = harness_judge::stats::shift(&machine.a, &machine.b, alpha)?;
        Some(found.estimate.exp())
    });
    let told = runs.basis != Basis::Machines;
    let time = |bundle, cell| told.then(|| median(&times(bundle, cell))).flatten();
    let shaped = matches!(evidence.over, Over::Sequential | Over::Baseline);
    let shape = |logs: &[f64]| shaped.then(|| median(logs).map(f64::exp)).flatten();
    let rounds = |apart: usize| evidence.paired.as_ref().map_or(apart, Vec::len);
    let runtime = if a.id.runtime == b.id.runtime {
        a.id.runtime.clone()
    } else {
        format!("{} and {}", a.id.runtime, b.id.runtime)
    };
    Row {
        cell: a.to_string(),
        other: (a != b).then(|| b.to_string()),
        runtime,
        scenario: a.scenario.clone(),
        primitive: primitive_name(a.primitive).to_owned(),
        over: match &evidence.over {
            Over::Nothing => None,
            Over::Machine(cell) => Some(cell.to_string()),
            Over::Sequential => Some("sequential".to_owned()),
            Over::Baseline => Some(harness_record::plan::BASELINE.to_owned()),
        },
        machine,
        a_ns: time(runs.a, a),
        b_ns: time(runs.b, b),
        a_ratio: shape(&evidence.apart.a),
        b_ratio: shape(&evidence.apart.b),
        ratio: change.map(|change| change.estimate.exp()),
        low: interval.map(|interval| interval.low.exp()),
        high: interval.map(|interval| interval.high.exp()),
        rounds_a: rounds(evidence.apart.a.len()),
        rounds_b: rounds(evidence.apart.b.len()),
        floor: evidence.floor,
        word,
        broke: failed.as_ref().is_some_and(|(_, broke)| *broke),
        reason: failed.map(|(reason, _)| reason),
    }
}

fn side(of: &Of<'_>, configs: &[&Config]) -> SideReport {
    let header = &of.bundle.header;
    let versions = configs
        .iter()
        .filter_map(|config| Some((config.id.runtime.clone(), config.version.clone()?)));
    SideReport {
        run: of.name.to_owned(),
        choice: of.choice.to_string(),
        started: header.started.clone(),
        machine: header.host.summary(header.cores),
        revision: header.host.revision.clone(),
        versions: versions.collect(),
    }
}

/// Geometric means by scenario, primitive and runtime, over the cells that have an interval; apart for each thing
/// that shapes are over, so that no cell is in a mean twice.
fn means(rows: &[Row], shapes: bool) -> Vec<Mean> {
    type Of = fn(&Row) -> &str;
    let by: [(&str, Of); 3] = [
        ("scenario", |row| &row.scenario),
        ("primitive", |row| &row.primitive),
        ("runtime", |row| &row.runtime),
    ];
    let mut means = Vec::new();
    for (by, of) in by {
        let mut groups: BTreeMap<(&str, Option<&str>), Vec<&Row>> = BTreeMap::new();
        for row in rows
            .iter()
            .filter(|row| row.low.is_some() && row.word != Change::Failed)
        {
            let over = row.over.as_deref().filter(|_| shapes);
            groups.entry((of(row), over)).or_default().push(row);
        }
        for ((name, over), rows) in groups {
            let logs = rows.iter().filter_map(|row| row.ratio).map(f64::ln);
            means.push(Mean {
                by: by.to_owned(),
                name: name.to_owned(),
                over: over.map(str::to_owned),
                ratio: (logs.sum::<f64>() / rows.len() as f64).exp(),
                cells: rows.len(),
                changed: rows
                    .iter()
                    .filter(|row| row.word != Change::NotShown)
                    .count(),
            });
        }
    }
    means
}

impl Comparison {
    /// The rows that show B to be slower by at least this share, the lower end of the interval beyond it, and
    /// those that failed in B only.
    #[must_use]
    pub fn regressions(&self, share: f64) -> Vec<&Row> {
        let beyond =
            |row: &Row| row.word == Change::Slower && row.low.is_some_and(|low| low >= 1.0 + share);
        let worse = |row: &&Row| row.broke || beyond(row);
        self.rows.iter().filter(worse).collect()
    }
}
