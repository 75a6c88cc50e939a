//! What the blocks say of the claims.
//!
//! A block is one observation of a margin. Blocks that others disturbed, and blocks that are not
//! complete, are no observations; facts that must always be true are held against every sample.

use harness_protocol::Sample;

use crate::{
    bundle::{Block, Bundle, CellStatus},
    cell::Cell,
    claims::{Bound, CLAIMS, Claim, Context, Fact, MeasureOf, Part, Planned, Quantity},
    plan::{Config, Rounds},
    stats::{
        Decided, Family, Interval, Margin, Outlook, Sequential, fixed, median, median_interval,
        serially_dependent_around,
    },
};

/// Samples that a fact must have been true of before that is worth saying.
const FACT_SAMPLES: usize = 5;
/// The error at which signs that hang together are called so. It guards a guard, so it is not part of
/// the family.
const DEPENDENCE_ALPHA: f64 = 0.01;
/// A sample that used fewer cores than this had a second one for less than a quarter of its time.
const SECOND_CORE: f64 = 1.25;
/// The tick of `heartbeat`, 1 ms, and what timers round up to on top of it.
const TICK_AND_GRAIN_NS: u64 = 3_000_000;

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
            let failed = planned
                .parts
                .iter()
                .flat_map(Part::cells)
                .find_map(|cell| Some((cell, bundle.failure(cell)?)));
            judgement.reason = match failed {
                Some((cell, round)) => format!(
                    "{cell} failed: {}",
                    round.reason.as_deref().unwrap_or("it did not say why")
                ),
                None => open(bundle, &parts, &mut judgement.outlook),
            };
        }
    }
    judgement
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
fn open(bundle: &Bundle, parts: &[Finding], outlook: &mut Option<(String, u64)>) -> String {
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
    // The slowest part decides when the whole is decided.
    let slowest = undecided
        .iter()
        .map(|part| part.more.map(|more| (part.scenario.clone(), more)))
        .collect::<Option<Vec<_>>>()
        .and_then(|all| {
            all.into_iter()
                .max_by(|a, b| seconds(bundle, a).total_cmp(&seconds(bundle, b)))
        });
    *outlook = slowest;
    match outlook {
        Some(slowest) => {
            format!(
                "about {} s more; {evidence}",
                seconds(bundle, slowest).ceil().max(1.0)
            )
        }
        None if undecided.iter().all(|part| part.observations == 0) => {
            "nothing was measured".to_owned()
        }
        None => format!("too near the margin to say how much more; {evidence}"),
    }
}

/// What so many more blocks of a scenario take, going by those that were run.
fn seconds(bundle: &Bundle, (scenario, more): &(String, u64)) -> f64 {
    let took: Vec<f64> = bundle
        .blocks
        .iter()
        .filter(|block| block.complete && block.scenario == *scenario)
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
    bundle
        .blocks
        .iter()
        .filter(|block| {
            block.disturbed.is_some() && cells.iter().all(|cell| block.rounds.contains_key(*cell))
        })
        .count()
}

/// The quantity in each block that counts and that has all it needs.
#[must_use]
pub fn values(bundle: &Bundle, quantity: &Quantity) -> Vec<f64> {
    bundle
        .blocks
        .iter()
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
fn in_block(block: &Block, cell: &Cell, measure: MeasureOf) -> Option<f64> {
    let round = block
        .rounds
        .get(cell)
        .filter(|round| round.status == CellStatus::Ok)?;
    let fastest = round.samples.iter().min_by_key(|sample| sample.wall_ns)?;
    of_sample(fastest, measure)
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
        MeasureOf::Wall => Some(sample.wall_ns as f64),
        MeasureOf::Cores if sample.wall_ns == 0 => None,
        MeasureOf::Cores => Some(sample.cpu_ns as f64 / sample.wall_ns as f64),
        MeasureOf::PeakOverlap => Some(f64::from(sample.peak_overlap)),
        MeasureOf::Stall => sample.stall_ns.map(|stall| stall as f64),
    }
}

fn always(bundle: &Bundle, label: &str, cells: &[Cell], fact: Fact) -> Finding {
    let mut seen = 0;
    let mut against = None;
    for cell in cells {
        for (_, round) in bundle
            .rounds(cell)
            .filter(|(_, round)| round.status == CellStatus::Ok)
        {
            for sample in &round.samples {
                seen += 1;
                if let Some(why) = violation(sample, cell, fact) {
                    against.get_or_insert_with(|| format!("{cell}: {why}"));
                }
            }
        }
    }
    let (decided, evidence) = match against {
        Some(why) => (Decided::No, format!("not {label}: {why}")),
        None if seen >= FACT_SAMPLES => (Decided::Yes, format!("{label}, in all {seen} samples")),
        None => (Decided::Open, format!("{label}, in {seen} samples so far")),
    };
    Finding {
        decided,
        evidence,
        measured: None,
        interval: None,
        observations: seen,
        scenario: cells
            .first()
            .map(|cell| cell.scenario.clone())
            .unwrap_or_default(),
        more: Some(FACT_SAMPLES.saturating_sub(seen) as u64),
        busy: false,
        dependent: false,
    }
}

/// How a sample contradicts a fact, if it does.
fn violation(sample: &Sample, cell: &Cell, fact: Fact) -> Option<String> {
    match fact {
        Fact::NeverTwoAtOnce if sample.peak_overlap > 1 => Some(format!(
            "{} threads were inside branches at once",
            sample.peak_overlap
        )),
        Fact::NeverTwoAtOnce if sample.hidden_spawns > 0 => Some(format!(
            "the branches spawned {} tasks",
            sample.hidden_spawns
        )),
        Fact::AllInFlight if (sample.peak_concurrency as usize) < cell.branches => Some(format!(
            "{} of {} branches were in flight at most",
            sample.peak_concurrency, cell.branches
        )),
        Fact::StalledByTheHog => {
            let stall = sample.stall_ns.unwrap_or(0);
            (stall + TICK_AND_GRAIN_NS < sample.longest_poll_ns).then(|| {
                format!(
                    "late by {:.1} ms beside a poll of {:.1} ms",
                    stall as f64 / 1e6,
                    sample.longest_poll_ns as f64 / 1e6
                )
            })
        }
        Fact::NeverTwoAtOnce | Fact::AllInFlight => None,
    }
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
    let wanted: Vec<&Part> = if matches!(bundle.plan.rounds, Rounds::Fixed(_)) {
        // That no two are polled at once is read off whatever else is measured.
        let rides_along = |part: &&Part| {
            !matches!(
                part,
                Part::Always {
                    fact: Fact::NeverTwoAtOnce,
                    ..
                }
            )
        };
        planned.parts.iter().filter(rides_along).collect()
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
