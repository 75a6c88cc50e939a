//! The report: what a record says, in one document, which every printed format is made of.

use serde::{Deserialize, Serialize};

use harness_judge::{
    crossing::{Crossing, pieces::Splitting},
    judge,
    scale::Series,
    scaling::Curve,
    standing::{PromiseState, Standing},
    stats::Family,
};
use harness_record::{
    bundle::{Bundle, CellStatus, SCHEMA},
    cell::{Cell, root_name},
    host::Host,
    lineage::{Kin, kin},
    load::Disturber,
    plan::Config,
    shared::on_all_cores,
};

mod aligned;
pub mod answer;
mod cells;
mod classes;
pub mod connections;
mod controls;
pub mod costs;
pub mod crossing;
pub mod csv;
pub mod foretold;
pub mod fork;
pub mod idioms;
pub mod markdown;
pub mod md;
pub mod pieces;
pub mod promises;
pub mod recorded;
pub mod scale;
pub mod scaling;
pub mod screen;
pub mod summary;
pub mod table;
pub mod terminal;
pub mod timeline;
pub mod traced;
pub mod unpadded;
mod verdicts;

pub use cells::CellReport;
use cells::{absent, of_cell};
pub use classes::ClassReport;
pub use controls::{ControlReport, Controls};
pub use harness_judge::estimate::Estimate;
pub use verdicts::ClaimReport;
use verdicts::of_claim;

/// So many blocks are judged before another core could be asked.
const SHARE: usize = 500;

/// A whole report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Those of them that other work or the CPU quota disturbed; they are in no ratio.
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
    /// Which runtimes are made of the same executor, reactor or pool, a sentence each: where they agree, that is one piece
    /// of evidence.
    #[serde(default)]
    pub kin: Vec<String>,
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
    pub connections: Vec<harness_judge::connections::Series>,
    /// Recursions that fork, beside the sequential program and rayon, where that was measured.
    #[serde(default)]
    pub fork: Vec<harness_judge::fork::Series>,
    /// Ways to put branches together, a table for each configuration, where they were compared.
    #[serde(default)]
    pub idioms: Vec<harness_judge::idioms::Table>,
    /// "Join or spawn?", answered for what was seen.
    pub answers: Vec<String>,
}

/// A block that other work disturbed, or the CPU quota.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Disturbance {
    /// Its number in the record.
    pub block: usize,
    /// About which runtime it was.
    pub runtime: String,
    /// About which scenario.
    pub scenario: String,
    /// What the others did, or the quota.
    pub why: String,
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
        let resting = judge::resting(&cases);
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
        cells.extend(absent(bundle));

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
            kin: kin(&header.entrants).iter().map(Kin::sentence).collect(),
            cells,
            claims,
            controls: Controls::of(bundle, family),
            classes: classes::classes(bundle),
            scaling: harness_judge::scaling::curves(bundle),
            crossings: harness_judge::crossing::crossings(bundle),
            splittings: harness_judge::crossing::pieces::splittings(bundle),
            costs: costs::Costs::of(bundle),
            scale: harness_judge::scale::series(bundle),
            connections: harness_judge::connections::series(bundle),
            fork: harness_judge::fork::series(bundle),
            idioms: harness_judge::idioms::tables(bundle),
            answers: Vec::new(),
        };
        report.answers = answer::answers(&report, &bundle.plan);
        report
    }

    /// The claims on one configuration, in their order.
    pub fn claims_on<'a>(&'a self, config: &'a Config) -> impl Iterator<Item = &'a ClaimReport> {
        self.claims
            .iter()
            .filter(|claim| claim.id == config.id && claim.root == root_name(config.root))
    }

    /// Whether a cell was not run because its configuration broke a promise.
    fn is_refused(&self, cell: &CellReport) -> bool {
        self.broken().any(|standing| standing.id == cell.id)
    }

    /// What broke a promise.
    pub fn broken(&self) -> impl Iterator<Item = &Standing> {
        self.verified
            .iter()
            .filter(|standing| standing.word == PromiseState::Broken)
    }

    /// What broke a promise and was not asked for: it is there to be compared with.
    fn compared_and_broken(&self) -> impl Iterator<Item = &Standing> {
        self.broken().filter(|standing| {
            let mut claims = self.claims.iter();
            claims.all(|claim| claim.id.runtime != standing.id.runtime)
        })
    }

    /// What disturbed the blocks that were disturbed.
    #[must_use]
    pub fn disturber(&self) -> Disturber {
        Disturber::of(self.disturbances.iter().map(|one| one.why.as_str()))
    }

    /// The cells that went wrong: not those whose configuration was not measured, which is said of the whole,
    /// and not those where ever more branches give out, which stand in their own table.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &CellReport> {
        let cells = self.cells.iter();
        cells
            .filter(|cell| !matches!(cell.status, CellStatus::Ok | CellStatus::Unsupported))
            .filter(|cell| !cell.is_limit())
            .filter(|cell| !self.is_refused(cell))
    }

    /// The same, those together that failed in the same way for the same reason: a runtime that does not start fails in
    /// every cell, and that is one thing to know.
    pub(crate) fn failed_alike(&self) -> Vec<Vec<&CellReport>> {
        fn how(cell: &CellReport) -> (CellStatus, Option<&str>, Option<&str>) {
            (cell.status, cell.reason.as_deref(), cell.stderr.as_deref())
        }
        let mut all: Vec<Vec<&CellReport>> = Vec::new();
        for cell in self.failed() {
            let alike = all.iter_mut().find(|alike| how(alike[0]) == how(cell));
            match alike {
                Some(alike) => alike.push(cell),
                None => all.push(vec![cell]),
            }
        }
        all
    }

    /// How a configuration stands to its promises.
    #[must_use]
    pub fn standing(&self, config: &Config) -> Option<&Standing> {
        self.verified
            .iter()
            .find(|standing| standing.id == config.id)
    }

    /// The field cases on one configuration: what it is that people met, by what was recorded.
    pub fn field_cases_on<'a>(
        &'a self,
        config: &'a Config,
    ) -> impl Iterator<Item = (&'a ClassReport, &'a str)> {
        let of_config = self
            .classes
            .iter()
            .filter(|class| class.id == config.id && class.root == root_name(config.root));
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

#[cfg(test)]
mod tests;
