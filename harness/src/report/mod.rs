//! The report: what a record says, in one document, which every printed format is made of.

use harness_protocol::Root;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    bundle::{Bundle, CellStatus, SCHEMA},
    cell::{Cell, primitive_name},
    claims,
    classify::Class,
    connections,
    crossing::{
        self, Crossing,
        pieces::{self, Splitting},
    },
    host::Host,
    judge::{self, Judgement, Verdict},
    laws::band::{Band, Fit},
    plan::Config,
    scale::{self, Series},
    scaling::Curve,
    shared::on_all_cores,
    stats::{Family, median, median_interval},
    verify::{Standing, Word},
};

pub mod answer;
mod cells;
mod classes;
mod controls;
pub mod costs;
pub mod csv;
pub mod markdown;
pub(crate) mod scaling;
pub mod table;
pub mod terminal;

pub(crate) use cells::rounds as good_rounds;
use cells::{of_cell, unavailable};
pub use controls::{ControlReport, Controls};

/// The error of one cell's interval. Intervals of cells are for reading; verdicts rest on their own,
/// which share the error of the family.
pub const CELL_ALPHA: f64 = 0.05;

/// So many blocks are judged before another core could be asked.
const SHARE: usize = 500;

/// A whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this document.
    pub schema: u32,
    /// When the run began, in UTC.
    pub started: String,
    /// The machine.
    pub host: Host,
    /// Cores that the process could use.
    pub cores: usize,
    /// The command, word by word.
    pub command: Vec<String>,
    /// What shuffled the order and made the nonces.
    pub seed: u64,
    /// The chance of one wrong verdict or more in the whole report, at most.
    pub family_error: f64,
    /// M: the one-sided comparisons that share that error, fixed before the first block.
    pub comparisons: usize,
    /// Blocks that were measured.
    pub blocks: usize,
    /// Those of them that other work disturbed; they are in no ratio.
    pub disturbed_blocks: usize,
    /// Which, and why.
    pub disturbances: Vec<Disturbance>,
    /// Whether the run came to its end without being stopped.
    pub complete: bool,
    /// What was noted about the builds of the adapters.
    pub builds: Vec<String>,
    /// Whether the adapters' promises were passed over.
    pub unverified: bool,
    /// What came of the promises of each configuration, before anything was measured.
    pub verified: Vec<Standing>,
    /// Every cell.
    pub cells: Vec<CellReport>,
    /// Every claim on every configuration.
    pub claims: Vec<ClaimReport>,
    /// How often the same blocks and rules saw a difference where there is none.
    pub controls: Controls,
    /// What kind of situation every scenario is on every configuration.
    pub classes: Vec<ClassReport>,
    /// How many times as fast a configuration is with more workers, where several numbers were measured.
    #[serde(default)]
    pub scaling: Vec<Curve>,
    /// From which length of a branch on spawn beats compose, where a sweep was measured.
    #[serde(default)]
    pub crossings: Vec<Crossing>,
    /// What the same work takes in ever more pieces, where that was measured.
    #[serde(default)]
    pub splittings: Vec<Splitting>,
    /// What single primitives cost, where the run counted that and nothing else; null elsewhere.
    #[serde(default)]
    pub costs: Option<costs::Costs>,
    /// What each of ever more branches takes, and what gives out first, where that was measured.
    #[serde(default)]
    pub scale: Vec<Series>,
    /// Connections that were held open, beside what the machine can do, where that was measured.
    #[serde(default)]
    pub connections: Vec<connections::Series>,
    /// "Join or spawn?", answered for what was seen.
    pub answers: Vec<String>,
}

/// A block that other work disturbed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Disturbance {
    /// Its number in the record.
    pub block: usize,
    /// About which runtime it was.
    pub runtime: String,
    /// About which scenario.
    pub scenario: String,
    /// What the others did.
    pub why: String,
}

/// A median and its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// The median over rounds.
    pub median: f64,
    /// The lower end; null when there were too few rounds for an interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl Estimate {
    /// The median of some values and its interval at [`CELL_ALPHA`]; `None` of none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let interval = median_interval(values, CELL_ALPHA);
        Some(Self {
            median: median(values)?,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
        })
    }

    /// Of a quantity that is this one over a constant.
    fn over(self, by: f64) -> Self {
        Self {
            median: self.median / by,
            low: self.low.map(|low| low / by),
            high: self.high.map(|high| high / by),
        }
    }

    /// Both ends.
    #[must_use]
    pub fn interval(self) -> Option<(f64, f64)> {
        self.low.zip(self.high)
    }

    /// A factor with two digits after the point, and its interval.
    #[must_use]
    pub fn factor(self) -> String {
        let interval = self.interval();
        let interval =
            interval.map_or_else(String::new, |(low, high)| format!(" [{low:.2}, {high:.2}]"));
        format!("{:.2}{interval}", self.median)
    }
}

/// One cell. Figures are medians over its undisturbed rounds, and null where nothing was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CellReport {
    /// The cell's name, as `harness describe` takes it.
    pub cell: String,
    /// The runtime.
    pub runtime: String,
    /// The version of its crate.
    pub version: Option<String>,
    /// The flavour.
    pub flavour: String,
    /// Workers asked for.
    pub workers: usize,
    /// Where the parent ran.
    pub root: String,
    /// The scenario.
    pub scenario: String,
    /// The primitive.
    pub primitive: String,
    /// n.
    pub branches: usize,
    /// How it went.
    pub status: CellStatus,
    /// Why it did not go well.
    pub reason: Option<String>,
    /// The end of the adapter's standard error, when it did not go well.
    pub stderr: Option<String>,
    /// Wall time, in nanoseconds; of one time, where a sample is of several.
    pub wall_ns: Option<Estimate>,
    /// How often a sample put the branches together, where that was more than once.
    pub repeats: Option<u32>,
    /// What the laws said, in nanoseconds; likewise.
    pub predicted_ns: Option<f64>,
    /// Wall time over what the laws said.
    pub measured_over_predicted: Option<Estimate>,
    /// What that may be before the law counts as missed; null where no law states the time.
    pub law_band: Option<Band>,
    /// Whether it is; no verdict rests on it.
    pub law: Option<Fit>,
    /// Sequential wall time over this cell's, of the medians.
    pub speedup: Option<f64>,
    /// CPU time of the process over wall time.
    pub cores_used: Option<f64>,
    /// Threads inside branches at once, at most, in the median round.
    pub peak_overlap: Option<f64>,
    /// Threads inside branches, averaged over the wall time.
    pub mean_overlap: Option<f64>,
    /// Branches in flight at once, at most.
    pub peak_concurrency: Option<f64>,
    /// Branches in flight, averaged over the wall time.
    pub mean_concurrency: Option<f64>,
    /// Threads that polled branches.
    pub threads: Option<f64>,
    /// The longest poll, in nanoseconds.
    pub longest_poll_ns: Option<f64>,
    /// How late a ticking branch went on, in nanoseconds; null where none ticks.
    pub stall_ns: Option<f64>,
    /// The longest time between two polls of one branch, in nanoseconds.
    pub longest_gap_ns: Option<f64>,
    /// Time that threads of the process waited for a core, in nanoseconds.
    pub queued_ns: Option<f64>,
    /// Allocations each time the branches are put together, where they were counted.
    pub allocations: Option<f64>,
    /// What these asked for, in bytes.
    pub allocated_bytes: Option<f64>,
    /// Rounds that the figures rest on.
    pub rounds: usize,
    /// Samples of these rounds.
    pub samples: usize,
    /// Samples that kept no second core busy, where branches compute on several threads; null elsewhere.
    pub on_one_core: Option<usize>,
    /// Whether they are from disturbed blocks, for want of others.
    pub disturbed: bool,
    /// Whether no claim rests on it: shown without a verdict.
    pub exhibit: bool,
}

/// One claim on one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimReport {
    /// The runtime.
    pub runtime: String,
    /// The flavour.
    pub flavour: String,
    /// Workers asked for.
    pub workers: usize,
    /// Where parents ran.
    pub root: String,
    /// The claim.
    pub claim: String,
    /// The word on it.
    pub verdict: Verdict,
    /// Whether a refutation follows from what the runtime declares.
    pub by_design: bool,
    /// The primitive that places a branch on another core here.
    pub placing: String,
    /// The median of the quantity that is shown.
    pub measured: Option<f64>,
    /// Its interval, at the error of one comparison.
    pub interval: Option<[f64; 2]>,
    /// What the laws said that it would be.
    pub predicted: Option<f64>,
    /// One line: the evidence, or what is missing.
    pub reason: String,
    /// Blocks, or samples for facts, that it rests on.
    pub observations: usize,
}

/// What kind of situation one scenario is on one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClassReport {
    /// The runtime.
    pub runtime: String,
    /// The flavour.
    pub flavour: String,
    /// Workers asked for.
    pub workers: usize,
    /// Where parents ran.
    pub root: String,
    /// The scenario.
    pub scenario: String,
    /// The class.
    pub class: Class,
    /// One line: what shows it, or what is missing.
    pub evidence: String,
    /// What it means for somebody whose program is in this situation.
    pub meaning: String,
    /// Where people met it, as a link; null but for field cases.
    pub source: Option<String>,
}

impl CellReport {
    /// Whether it went wrong. Of ever more branches some number is too many, and where that is is the finding.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.status.is_failure() && !self.is_limit()
    }

    /// Whether it is of ever more branches, and they were more than the runtime or the machine has room for.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        let many = workload_catalogue::scenario(&self.scenario)
            .is_some_and(workload_catalogue::Scenario::is_unwatched);
        many && !matches!(self.status, CellStatus::Ok | CellStatus::Wrong)
    }

    /// The line that says that a law missed this cell, if it did.
    #[must_use]
    pub fn missed(&self) -> Option<String> {
        let (of_law, band) = self.measured_over_predicted.zip(self.law_band)?;
        (self.law == Some(Fit::Missed)).then(|| {
            format!(
                "law missed: {} took {} of its law, band {:.2} to {:.2}",
                self.cell,
                of_law.factor(),
                band.low,
                band.high
            )
        })
    }
}

impl Report {
    /// Reads a record.
    #[must_use]
    pub fn of(bundle: &Bundle) -> Self {
        let cases = judge::cases(bundle);
        // What was counted before the first block; more, if this harness asks more of the record than
        // the one that made it, since every comparison made must share the error.
        let made = judge::comparisons(&cases);
        let comparisons = bundle.comparisons.map_or(made, |counted| counted.max(made));
        let family = Family::of(comparisons);
        let threads = bundle.blocks.len() / SHARE + 1;
        let of_case = |case| (case, judge::judge(bundle, case, family));
        let judged = on_all_cores(&cases, threads, of_case);
        let resting: Vec<&Cell> = cases
            .iter()
            .filter_map(|case| case.planned.as_ref().ok())
            .flat_map(|planned| planned.parts.iter().filter(|part| !part.rides_along()))
            .flat_map(claims::Part::cells)
            .collect();
        let baselines = bundle
            .plan
            .groups
            .iter()
            .filter_map(|group| group.baseline.as_ref());
        let shown = baselines.filter(|cell| bundle.plan.config(cell).is_none());
        let planned: Vec<&Cell> = bundle.plan.cells().collect();
        let of_planned = |cell: &&Cell| of_cell(bundle, cell, resting.contains(cell));
        let mut cells: Vec<CellReport> = on_all_cores(&planned, threads, of_planned);
        for cell in shown {
            let name = cell.to_string();
            if cells.iter().all(|known| known.cell != name) {
                cells.push(of_cell(bundle, cell, true));
            }
        }
        cells.extend(unavailable(bundle));

        let complete_blocks = bundle.blocks.iter().filter(|block| block.complete);
        let disturbances: Vec<Disturbance> = bundle
            .blocks
            .iter()
            .enumerate()
            .filter_map(|(number, block)| {
                Some(Disturbance {
                    block: number,
                    runtime: block.runtime.clone(),
                    scenario: block.scenario.clone(),
                    why: block.disturbed.clone()?,
                })
            })
            .collect();
        let claims: Vec<ClaimReport> = judged.into_iter().map(of_claim).collect();
        let header = &bundle.header;
        let mut report = Self {
            schema: SCHEMA,
            started: header.started.clone(),
            host: header.host.clone(),
            cores: header.cores,
            command: header.command.clone(),
            seed: header.options.seed,
            family_error: family.alpha,
            comparisons,
            blocks: complete_blocks.count(),
            disturbed_blocks: disturbances.len(),
            disturbances,
            complete: bundle.ended == Some(false),
            builds: header.builds.clone(),
            unverified: header.options.unverified,
            verified: standings(bundle),
            cells,
            claims,
            controls: Controls::of(bundle, family),
            classes: classes::classes(bundle),
            scaling: crate::scaling::curves(bundle),
            crossings: crossing::crossings(bundle),
            splittings: pieces::splittings(bundle),
            costs: costs::Costs::of(bundle),
            scale: scale::series(bundle),
            connections: connections::series(bundle),
            answers: Vec::new(),
        };
        report.answers = answer::answers(&report, &bundle.plan);
        report
    }

    /// The claims on one configuration, in their order.
    pub fn claims_on<'a>(&'a self, config: &'a Config) -> impl Iterator<Item = &'a ClaimReport> {
        self.claims.iter().filter(|claim| {
            (
                claim.runtime.as_str(),
                claim.flavour.as_str(),
                claim.workers,
                claim.root.as_str(),
            ) == (
                config.runtime.as_str(),
                config.flavour.as_str(),
                config.workers,
                root_name(config.root),
            )
        })
    }

    /// Whether a cell was not run because its configuration broke a promise.
    fn is_refused(&self, cell: &CellReport) -> bool {
        self.broken().any(|standing| {
            (&standing.runtime, &standing.flavour, standing.workers)
                == (&cell.runtime, &cell.flavour, cell.workers)
        })
    }

    /// What broke a promise.
    pub(crate) fn broken(&self) -> impl Iterator<Item = &Standing> {
        self.verified
            .iter()
            .filter(|standing| standing.word == Word::Broken)
    }

    /// What broke a promise and was not asked for: it is there to be compared with.
    fn compared_and_broken(&self) -> impl Iterator<Item = &Standing> {
        self.broken().filter(|standing| {
            let mut claims = self.claims.iter();
            claims.all(|claim| claim.runtime != standing.runtime)
        })
    }

    /// How a configuration stands to its promises.
    #[must_use]
    pub fn standing(&self, config: &Config) -> Option<&Standing> {
        self.verified.iter().find(|standing| {
            (
                standing.runtime.as_str(),
                standing.flavour.as_str(),
                standing.workers,
            ) == (
                config.runtime.as_str(),
                config.flavour.as_str(),
                config.workers,
            )
        })
    }

    /// The field cases on one configuration: what it is that people met, by what was recorded.
    pub fn field_cases_on<'a>(
        &'a self,
        config: &'a Config,
    ) -> impl Iterator<Item = (&'a ClassReport, &'a str)> {
        let of_config = self.classes.iter().filter(|class| {
            (
                class.runtime.as_str(),
                class.flavour.as_str(),
                class.workers,
                class.root.as_str(),
            ) == (
                config.runtime.as_str(),
                config.flavour.as_str(),
                config.workers,
                root_name(config.root),
            )
        });
        of_config.filter_map(|class| Some((class, class.source.as_deref()?)))
    }

    /// Whether any promise was broken, or any cell failed, as against being unsupported or unavailable.
    #[must_use]
    pub fn any_failed(&self) -> bool {
        let control = self.controls.each.iter().any(|control| control.failed);
        let broken = self.broken().next().is_some();
        let cost = self.costs.as_ref().is_some_and(costs::Costs::any_failed);
        control || broken || cost || self.cells.iter().any(CellReport::is_failed)
    }
}

/// How each configuration that can run stands, and what it is compared with, where that was tried.
fn standings(bundle: &Bundle) -> Vec<Standing> {
    let because = if bundle.header.options.unverified {
        "--unverified"
    } else {
        "the record has nothing of it"
    };
    let compared = bundle
        .plan
        .compared
        .iter()
        .map(|config| Standing::of(config, &bundle.promises, because))
        .filter(|standing| standing.tried > 0);
    let own = bundle.header.configurations().into_iter();
    let own = own
        .filter(|config| config.unavailable.is_none())
        .map(|config| Standing::of(&config, &bundle.promises, because));
    compared.chain(own).collect()
}

/// The JSON Schema of [`Report`], made from its types.
#[must_use]
pub fn schema() -> String {
    // A schema is made of maps and strings, so it has a JSON form.
    serde_json::to_string_pretty(&schemars::schema_for!(Report)).unwrap_or_default()
}

/// How people read a root.
#[must_use]
pub fn root_name(root: Root) -> &'static str {
    match root {
        Root::BlockOn => "block_on",
        Root::Worker => "worker",
    }
}

fn of_claim((case, judgement): (&judge::Case<'_>, Judgement)) -> ClaimReport {
    let config = case.config;
    ClaimReport {
        runtime: config.runtime.clone(),
        flavour: config.flavour.clone(),
        workers: config.workers,
        root: root_name(config.root).to_owned(),
        claim: case.claim.id.to_owned(),
        verdict: judgement.verdict,
        by_design: judgement.by_design,
        placing: primitive_name(config.placing()).to_owned(),
        measured: judgement.measured,
        interval: judgement
            .interval
            .map(|interval| [interval.low, interval.high]),
        predicted: judgement.predicted,
        reason: judgement.reason,
        observations: judgement.observations,
    }
}

#[cfg(test)]
mod tests;
