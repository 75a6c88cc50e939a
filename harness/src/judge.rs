//! What the blocks say of the claims.
//!
//! A block is one observation of a margin. Blocks that others disturbed, and blocks that are not
//! complete, are no observations; facts that must always be true are held against every sample.

use harness_protocol::Sample;

use crate::{
    bundle::{Block, Bundle, CellStatus},
    cell::Cell,
    claims::{Bound, CLAIMS, Claim, Context, MeasureOf, Part, Planned, Quantity},
    plan::{Config, Rounds},
    stats::{
        Decided, Family, Interval, Margin, Outlook, Sequential, fixed, least_samples, median,
        median_interval, serially_dependent_around,
    },
};

/// The error at which signs that hang together are called so. It guards a guard, so it is not part of
/// the family.
const DEPENDENCE_ALPHA: f64 = 0.01;
/// A sample that used fewer cores than this had a second one for less than a quarter of its time.
const SECOND_CORE: f64 = 1.25;

mod fact;
mod failure;

use fact::always;
pub use failure::{Failure, failure};

/// The word on a claim.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
    clap::ValueEnum,
)]
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
    for config in &bundle.plan.configs {
        let context = Context {
            plan: &bundle.plan,
            config,
            predictions: &bundle.predictions,
        };
        for claim in CLAIMS {
            cases.push(Case {
                config,
                claim,
                planned: claim.planned(&context),
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
        judgement.verdict = match failure.status {
            CellStatus::Unsupported | CellStatus::Unavailable => Verdict::NotTestable,
            _ => Verdict::Inconclusive,
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
            judgement.by_design = planned.by_design;
            // What refutes it is what a reader wants first.
            judgement.reason = join(parts.iter().filter(|part| part.decided == Decided::No));
            if judgement.by_design {
                judgement
                    .reason
                    .push_str("; by design: one executing thread");
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
    if undecided.iter().any(|part| part.busy) {
        return format!(
            "machine busy: other work ran beside too many blocks; try again when it is quiet; {evidence}"
        );
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
    let seconds = |more: &(String, u64)| seconds(bundle, &case.config.runtime, more);
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
                "about {} s more; {evidence}",
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
    }
}

fn margin(
    bundle: &Bundle,
    label: &str,
    quantity: &Quantity,
    bound: Bound,
    family: Family,
) -> Finding {
    let values = values(bundle, quantity);
    let interval = median_interval(&values, family.alpha_each());
    let margins: Vec<Margin> = match bound {
        Bound::AtMost(at) => vec![Margin::below(at)],
        Bound::AtLeast(at) => vec![Margin::above(at)],
        Bound::Within(m) => Margin::within(m).to_vec(),
    };
    let (mut decided, outlook) = match bundle.plan.rounds {
        Rounds::Fixed(_) => {
            let each = margins
                .iter()
                .map(|&margin| fixed(&values, margin, family.alpha_each()));
            (Decided::all(each), None)
        }
        Rounds::Budget | Rounds::Auto => {
            let tests: Vec<Sequential> = margins
                .iter()
                .map(|&margin| {
                    let mut test = Sequential::new(margin, family.threshold());
                    for &value in &values {
                        test.push(value);
                    }
                    test
                })
                .collect();
            let outlook = Outlook::all(tests.iter().map(Sequential::outlook));
            (Decided::all(tests.iter().map(Sequential::state)), outlook)
        }
    };
    let dependent = margins
        .iter()
        .any(|margin| serially_dependent_around(&values, margin.at, DEPENDENCE_ALPHA));
    if dependent {
        decided = Decided::Open;
    }
    let cells = quantity.cells();
    let disturbed = disturbed(bundle, &cells);
    Finding {
        decided,
        evidence: format!("{label} {}", against(&values, interval, bound)),
        measured: median(&values),
        interval,
        observations: values.len(),
        scenario: cells
            .first()
            .map(|cell| cell.scenario.clone())
            .unwrap_or_default(),
        more: outlook.map(|outlook| outlook.blocks),
        busy: disturbed > values.len(),
        dependent,
    }
}

/// A quantity beside its margin, for people: `0.51 [0.50, 0.52], at most 0.75`.
fn against(values: &[f64], interval: Option<Interval>, bound: Bound) -> String {
    let measured = match median(values) {
        Some(median) => format!("{median:.2}"),
        None => "not measured".to_owned(),
    };
    let interval = interval.map_or_else(String::new, |i| format!(" [{:.2}, {:.2}]", i.low, i.high));
    let bound = match bound {
        Bound::AtMost(at) => format!("at most {at:.2}"),
        Bound::AtLeast(at) => format!("at least {at:.2}"),
        Bound::Within(m) => format!("within {:.2} and {m:.2}", 1.0 / m),
    };
    format!("{measured}{interval}, {bound}")
}

fn disturbed(bundle: &Bundle, cells: &[&Cell]) -> usize {
    let Some((first, others)) = cells.split_first() else {
        return 0;
    };
    bundle
        .rounds(first)
        .filter(|(block, _)| {
            block.disturbed.is_some() && others.iter().all(|cell| block.rounds.contains_key(*cell))
        })
        .count()
}

/// The quantity in each block that counts and that has all it needs.
#[must_use]
pub fn values(bundle: &Bundle, quantity: &Quantity) -> Vec<f64> {
    let cells = quantity.cells();
    let Some(first) = cells.first() else {
        return Vec::new();
    };
    bundle
        .rounds(first)
        .map(|(block, _)| block)
        .filter(|block| block.complete && block.disturbed.is_none())
        .filter_map(|block| match quantity {
            Quantity::Level { measure, cell } => in_block(block, cell, *measure),
            Quantity::Ratio {
                measure,
                over,
                under,
            } => {
                let ratio = in_block(block, over, *measure)? / in_block(block, under, *measure)?;
                ratio.is_finite().then_some(ratio)
            }
        })
        .collect()
}

/// What a round says: its fastest sample. Most rounds have one. Where threads are to run side by side
/// there are several, because the kernel now and then wakes two threads on one core though another
/// is idle; what a runtime can do shows when it does not. How often it did is reported beside it.
///
/// Such an arm is the fastest of several where the arm under it may be a single sample, which flatters
/// it by what its own noise is worth: of five samples about one deviation, some 3 % where the margin
/// is a quarter away. It is never done to an arm with one executing thread, and no claim rests on
/// such a ratio alone: the cores that its fastest sample used are asked, and arms with as many samples.
fn in_block(block: &Block, cell: &Cell, measure: MeasureOf) -> Option<f64> {
    of_sample(fastest(block, cell)?, measure)
}

/// The sample that a round speaks through.
fn fastest<'a>(block: &'a Block, cell: &Cell) -> Option<&'a Sample> {
    let round = block
        .rounds
        .get(cell)
        .filter(|round| round.status == CellStatus::Ok)?;
    round.samples.iter().min_by_key(|sample| sample.wall_ns)
}

/// Whether a sample kept no second core busy, whatever its polls say: two threads that take turns on
/// one core are both inside a branch.
#[must_use]
pub fn on_one_core(sample: &Sample) -> bool {
    of_sample(sample, MeasureOf::Cores).is_some_and(|cores| cores < SECOND_CORE)
}

/// One measure of one sample.
#[must_use]
pub fn of_sample(sample: &Sample, measure: MeasureOf) -> Option<f64> {
    match measure {
        // No cell takes no time: that is a figure left out.
        MeasureOf::Wall => (sample.wall_ns > 0).then_some(sample.wall_ns as f64),
        MeasureOf::Cores if sample.wall_ns == 0 => None,
        MeasureOf::Cores => Some(sample.cpu_ns as f64 / sample.wall_ns as f64),
        // An adapter without a witness says nothing of overlap, which is not that there was none.
        MeasureOf::PeakOverlap => witnessed(sample).then_some(f64::from(sample.peak_overlap)),
        MeasureOf::Stall => sample.stall_ns.map(|stall| stall as f64),
    }
}

/// Whether the witness saw all polls of the sample.
fn witnessed(sample: &Sample) -> bool {
    sample.polls > 0 && sample.lost_polls == 0
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
        let known: Vec<Decided> = planned
            .parts
            .iter()
            .map(|part| part_of(bundle, part, family).decided)
            .collect();
        if known.contains(&Decided::No) {
            // Refuted stays refuted, whatever the other parts say.
            return Vec::new();
        }
        let open = planned
            .parts
            .iter()
            .zip(known)
            .filter(|(_, known)| *known == Decided::Open);
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
