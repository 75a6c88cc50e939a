//! What the blocks say of the claims.
//!
//! A block is one observation of a margin. Blocks that others disturbed, and blocks that are not
//! complete, are no observations; facts that must always be true are held against every sample.

use std::collections::{BTreeSet, HashMap};

use crate::{
    claims::{CLAIMS, Claim, Context, Part, Planned},
    stats::{Decided, Family, Interval, least_samples, median},
};
use harness_record::{
    bundle::{Block, Bundle, CellStatus, Header},
    cell::Cell,
    plan::{Config, Plan, Rounds},
};

mod allocated;
mod contradicted;
mod control;
mod fact;
mod failure;
mod kept;
mod margin;

use contradicted::contradicted;
pub use control::{Control, again, controls};
use fact::{always, known};
pub use failure::{Failure, LEAST_OF_CALIBRATED, failure, work_alone};
use kept::{kept, of_primitive};
pub(crate) use margin::fastest;
use margin::{disturbed, margin, witnessed};
pub use margin::{of_sample, on_one_core, values};

/// Samples that a fact must have been true of before that is worth saying.
const FACT_SAMPLES: usize = 5;

/// The word on a claim.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The predicate is true, at the error rate of the report.
    Holds,
    /// The predicate is false, at the error rate of the report.
    Refuted,
    /// The blocks do not say; more may.
    Inconclusive,
    /// The machine, the runtime or the command leaves out what it needs.
    NotTestable,
}

impl Verdict {
    /// Every one.
    pub const ALL: [Self; 4] = [
        Self::Holds,
        Self::Refuted,
        Self::Inconclusive,
        Self::NotTestable,
    ];

    /// As files and options write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Refuted => "refuted",
            Self::Inconclusive => "inconclusive",
            Self::NotTestable => "not-testable",
        }
    }
}

/// One claim on one configuration, as planned.
#[derive(Debug)]
pub struct Case<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The claim.
    pub claim: &'static Claim,
    /// Its parts, or why it cannot be tested.
    pub planned: Result<Planned, String>,
}

/// One claim on one configuration, as judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The word.
    pub verdict: Verdict,
    /// Whether a refutation follows from what the runtime declares.
    pub by_design: bool,
    /// The median of the quantity that is shown.
    pub measured: Option<f64>,
    /// Its interval, at the error of one comparison.
    pub interval: Option<Interval>,
    /// What the laws say that it is.
    pub predicted: Option<f64>,
    /// One line: the evidence, or what is missing.
    pub reason: String,
    /// Blocks, or samples, that it rests on.
    pub observations: usize,
    /// About how many more blocks, of which scenario, would decide it.
    pub outlook: Option<(String, u64)>,
}

/// Plans every claim on every configuration of a run: what [`judge`] then holds the blocks against.
/// Call it once the predictions are there.
#[must_use]
pub fn cases(bundle: &Bundle) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    // Nothing is claimed of somebody's own workload.
    let configs = bundle
        .plan
        .configs
        .iter()
        .filter(|_| bundle.plan.own().is_none());
    for config in configs {
        let context = Context {
            plan: &bundle.plan,
            config,
            predictions: Some(&bundle.predictions),
            demands: &bundle.demands,
        };
        let refused = bundle.refused(&config.id);
        for claim in CLAIMS {
            let planned = match (claim.planned(&context), &refused) {
                // Nothing is measured of it, and what is known without that stands.
                (Ok(planned), Some(why)) if !planned.parts.iter().all(Part::is_known_before) => {
                    Err(why.clone())
                }
                (planned, _) => planned,
            };
            cases.push(Case {
                config,
                claim,
                planned,
            });
        }
    }
    cases
}

/// M: how many one-sided comparisons the cases make.
#[must_use]
pub fn comparisons(cases: &[Case<'_>]) -> usize {
    cases
        .iter()
        .filter_map(|case| case.planned.as_ref().ok())
        .flat_map(|planned| &planned.parts)
        .map(Part::comparisons)
        .sum()
}

/// M of a whole plan before anything is calibrated, for its shares, none of which sees what the others calibrate: as many
/// comparisons as there can be. A claim that a calibration may yet leave out counts as if it were made, so the error
/// of a share, and of all of them together, is never more than that of the whole.
#[must_use]
pub fn most_comparisons(header: &Header) -> usize {
    let plan = Plan::whole(&header.entrants, &header.options, header.cores);
    let demands = HashMap::new();
    let of_config = |config| {
        let context = Context {
            plan: &plan,
            config,
            predictions: None,
            demands: &demands,
        };
        let planned = CLAIMS
            .iter()
            .filter_map(|claim| claim.planned(&context).ok());
        let parts = planned.flat_map(|planned| planned.parts);
        parts.map(|part| part.comparisons()).sum::<usize>()
    };
    plan.configs.iter().map(of_config).sum()
}

/// Judges one case.
#[must_use]
pub fn judge(bundle: &Bundle, case: &Case<'_>, family: Family) -> Judgement {
    let planned = match &case.planned {
        Ok(planned) => planned,
        Err(why) => return plain(Verdict::NotTestable, why.clone()),
    };
    let parts: Vec<Finding> = planned
        .parts
        .iter()
        .map(|part| part_of(bundle, part, family))
        .collect();
    let shown = &parts[0];
    let mut judgement = Judgement {
        verdict: Verdict::Inconclusive,
        by_design: false,
        measured: shown.measured,
        interval: shown.interval,
        predicted: planned.predicted,
        reason: String::new(),
        observations: shown.observations,
        outlook: None,
    };
    // A fact that is broken once is broken, whatever else failed.
    let broken = planned
        .parts
        .iter()
        .zip(&parts)
        .any(|(part, found)| part.comparisons() == 0 && found.decided == Decided::No);
    if !broken && let Some((cell, failure)) = failed(bundle, planned) {
        judgement.verdict = if failure.status.is_failure() {
            Verdict::Inconclusive
        } else {
            Verdict::NotTestable
        };
        judgement.reason = format!("{cell} failed: {}", failure.reason);
        return judgement;
    }
    if let Some(provided) = &planned.provided
        && let Some(value) = median(&values(bundle, &provided.quantity))
        && value > provided.at_most
    {
        judgement.verdict = Verdict::NotTestable;
        judgement.reason = format!("{} ({value:.2})", provided.otherwise);
        return judgement;
    }
    match Decided::all(parts.iter().map(|part| part.decided)) {
        Decided::Yes => {
            judgement.verdict = Verdict::Holds;
            judgement.reason = join(parts.iter());
        }
        Decided::No => {
            judgement.verdict = Verdict::Refuted;
            // No runtime declares that its samples break a fact.
            let of_samples = planned.parts.iter().zip(&parts).any(|(part, found)| {
                matches!(part, Part::Always { .. }) && found.decided == Decided::No
            });
            let by_design = planned.by_design.filter(|_| !of_samples);
            judgement.by_design = by_design.is_some();
            // What refutes it is what a reader wants first.
            judgement.reason = join(parts.iter().filter(|part| part.decided == Decided::No));
            if let Some(design) = by_design {
                judgement.reason.push_str("; by design: ");
                judgement.reason.push_str(design);
            }
        }
        Decided::Open => {
            judgement.reason = open(bundle, case, &parts, family, &mut judgement.outlook);
        }
    }
    judgement
}

/// The first cell of a claim that failed. Its good rounds are no better than the bad one: nobody
/// knows what else was wrong with them. A cell that the runtime does not have is no failure of a
/// claim about all cells.
fn failed<'a>(bundle: &Bundle, planned: &'a Planned) -> Option<(&'a Cell, Failure)> {
    let of_parts = planned.parts.iter().flat_map(|part| {
        part.cells()
            .into_iter()
            .map(|cell| (part.rides_along(), cell))
    });
    let of_provided = planned
        .provided
        .iter()
        .flat_map(|provided| provided.quantity.cells())
        .map(|cell| (false, cell));
    of_parts.chain(of_provided).find_map(|(about_all, cell)| {
        let failure = failure(bundle, cell)?;
        let absent = about_all && failure.status == CellStatus::Unsupported;
        (!absent).then_some((cell, failure))
    })
}

fn plain(verdict: Verdict, reason: String) -> Judgement {
    Judgement {
        verdict,
        by_design: false,
        measured: None,
        interval: None,
        predicted: None,
        reason,
        observations: 0,
        outlook: None,
    }
}

fn join<'a>(parts: impl Iterator<Item = &'a Finding>) -> String {
    parts
        .map(|part| part.evidence.as_str())
        .collect::<Vec<_>>()
        .join("; ")
}

/// Why nothing is decided, and what would decide it.
fn open(
    bundle: &Bundle,
    case: &Case<'_>,
    parts: &[Finding],
    family: Family,
    outlook: &mut Option<(String, u64)>,
) -> String {
    let undecided: Vec<&Finding> = parts
        .iter()
        .filter(|part| part.decided == Decided::Open)
        .collect();
    let evidence = join(undecided.iter().copied());
    if undecided.iter().all(|part| part.scenario.is_empty()) {
        // About promises, which no round tries.
        return evidence;
    }
    if undecided.iter().any(|part| part.busy) {
        return format!("{}; {evidence}", bundle.disturber().leaves_open());
    }
    if undecided.iter().any(|part| part.dependent) {
        return format!(
            "drifting: neighbouring blocks hang together; try again when the machine is quiet; {evidence}"
        );
    }
    if matches!(bundle.plan.rounds, Rounds::Fixed(_)) {
        let least = least_samples(family.alpha_each()).unwrap_or(u64::MAX);
        let most = undecided.iter().map(|part| part.observations as u64).max();
        return match most {
            None | Some(0) => "nothing was measured".to_owned(),
            Some(most) if most < least => format!(
                "{least} undisturbed rounds at least can decide {} comparisons; {evidence}",
                family.comparisons
            ),
            Some(_) => format!("more rounds may tell; {evidence}"),
        };
    }
    // The slowest part decides when the whole is decided.
    let seconds = |more: &(String, u64)| seconds(bundle, &case.config.id.runtime, more);
    let slowest = undecided
        .iter()
        .map(|part| part.more.map(|more| (part.scenario.clone(), more)))
        .collect::<Option<Vec<_>>>()
        .and_then(|all| {
            all.into_iter()
                .max_by(|a, b| seconds(a).total_cmp(&seconds(b)))
        });
    *outlook = slowest;
    match outlook {
        Some(slowest) => {
            format!(
                "about {} s more of measuring would decide; {evidence}",
                seconds(slowest).ceil().max(1.0)
            )
        }
        None if undecided.iter().all(|part| part.observations == 0) => {
            "nothing was measured".to_owned()
        }
        None => format!("too near the margin to say how much more; {evidence}"),
    }
}

/// Blocks that tell how long the next will take: early ones had more arms.
const LATE_BLOCKS: usize = 5;

/// What so many more blocks of a runtime and scenario take, going by the last that were run.
fn seconds(bundle: &Bundle, runtime: &str, (scenario, more): &(String, u64)) -> f64 {
    let alike =
        |block: &&Block| block.complete && block.runtime == runtime && block.scenario == *scenario;
    let took: Vec<f64> = bundle
        .blocks
        .iter()
        .rev()
        .filter(alike)
        .take(LATE_BLOCKS)
        .map(|block| block.took_ns as f64 / 1e9)
        .collect();
    median(&took).unwrap_or(0.0) * *more as f64
}

/// What is known of one part.
struct Finding {
    decided: Decided,
    evidence: String,
    measured: Option<f64>,
    interval: Option<Interval>,
    observations: usize,
    /// Empty where no scenario tells.
    scenario: String,
    more: Option<u64>,
    /// Disturbed blocks outnumber the others.
    busy: bool,
    /// Blocks hang together, so that their number says less than it seems to.
    dependent: bool,
}

fn part_of(bundle: &Bundle, part: &Part, family: Family) -> Finding {
    match part {
        Part::Margin {
            label,
            quantity,
            bound,
        } => margin(bundle, label, quantity, *bound, family),
        Part::Always { label, cells, fact } => always(bundle, label, cells, *fact),
        Part::Known {
            is_true,
            evidence,
            cases,
        } => known(*is_true, evidence, *cases),
        Part::Kept {
            subject,
            check,
            of,
            tells,
        } => of_primitive(*of, kept(bundle, subject, check, tells)),
    }
}

/// The cells that verdicts rest on. Whatever else is measured is for information only: what is no more than read off along
/// with the rest counts as that, too.
#[must_use]
pub fn resting<'a>(cases: &'a [Case<'_>]) -> BTreeSet<&'a Cell> {
    cases
        .iter()
        .filter_map(|case| case.planned.as_ref().ok())
        .flat_map(|planned| &planned.parts)
        .filter(|part| !part.rides_along())
        .flat_map(Part::cells)
        .collect()
}

/// The cells that undecided cases still need. With a set number of rounds that is every cell with a
/// margin, whatever has been seen so far.
#[must_use]
pub fn needed(bundle: &Bundle, cases: &[Case<'_>], family: Family) -> Vec<Cell> {
    let mut needed: Vec<Cell> = cases
        .iter()
        .filter_map(|case| case.planned.as_ref().ok())
        .flat_map(|planned| needed_by(bundle, planned, family))
        .collect();
    needed.sort_unstable();
    needed.dedup();
    needed
}

fn needed_by(bundle: &Bundle, planned: &Planned, family: Family) -> Vec<Cell> {
    if failed(bundle, planned).is_some() {
        // No round mends that.
        return Vec::new();
    }
    let wanted: Vec<&Part> = if matches!(bundle.plan.rounds, Rounds::Fixed(_)) {
        planned
            .parts
            .iter()
            .filter(|part| !part.rides_along())
            .collect()
    } else {
        let known: Vec<Finding> = planned
            .parts
            .iter()
            .map(|part| part_of(bundle, part, family))
            .collect();
        if known.iter().any(|found| found.decided == Decided::No) {
            // Refuted stays refuted, whatever the other parts say.
            return Vec::new();
        }
        let open = planned
            .parts
            .iter()
            .zip(known)
            // Where no scenario tells, no round does.
            .filter(|(_, found)| found.decided == Decided::Open && !found.scenario.is_empty());
        open.map(|(part, _)| part).collect()
    };
    let provided = planned.provided.iter().filter(|_| !wanted.is_empty());
    wanted
        .iter()
        .flat_map(|part| part.cells())
        .chain(provided.flat_map(|provided| provided.quantity.cells()))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests;
