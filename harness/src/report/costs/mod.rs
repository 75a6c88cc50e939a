//! What a record says of the costs of single primitives: how long each takes, how many instructions and
//! allocations, and what our trait adds to the same written by hand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Estimate;
use crate::{
    bundle::Bundle,
    costs::{Asked, Cost, Doing, Found, Instructions, Side, Time, branches, rooted},
    plan::{Config, Rounds},
    stats::median,
};

pub mod headlines;
pub mod print;
#[cfg(test)]
mod tests;

/// How far the instructions of an operation through the trait may be from those of its twin.
pub const TARGET: f64 = 0.01;

/// What primitives cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Costs {
    /// How often both sides of each operation were timed.
    pub rounds: usize,
    /// Whether the times are those that `cargo bench` left: one round, which nobody paired.
    pub left_by_cargo_bench: bool,
    /// What counted instructions; null where none were counted.
    pub valgrind: Option<String>,
    /// Rounds that other work disturbed, of both sides together.
    pub disturbed_rounds: usize,
    /// All rounds, likewise.
    pub timed_rounds: usize,
    /// Every operation on every configuration, each side by itself.
    pub operations: Vec<CostReport>,
    /// Every operation on every configuration that has both sides.
    pub twins: Vec<TwinReport>,
    /// On how many pairs the target was met, and which missed it.
    pub target: String,
    /// What follows for each configuration, for a reader: what two branches cost, and where a spawn pays.
    pub answers: Vec<CostAnswer>,
}

/// One side of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostReport {
    /// The runtime.
    pub runtime: String,
    /// The version of its crate.
    pub version: Option<String>,
    /// The flavour.
    pub flavour: String,
    /// Workers asked for.
    pub workers: usize,
    /// The operation.
    pub operation: String,
    /// From where it is done.
    pub root: String,
    /// Branches that it is about.
    pub branches: u64,
    /// `trait`, or its `twin`.
    pub side: Side,
    /// Time of one operation, in nanoseconds: the median over rounds; of what `cargo bench` left, criterion's
    /// own estimate.
    pub time_ns: Option<Estimate>,
    /// The same, over the branches.
    pub time_per_branch_ns: Option<f64>,
    /// Instructions of one operation.
    pub instructions: Option<f64>,
    /// The least and the most that were counted, of four counts and more without the outermost.
    pub instructions_between: Option<[f64; 2]>,
    /// Allocations of one operation.
    pub allocations: Option<u64>,
    /// Bytes that these asked for.
    pub bytes: Option<u64>,
    /// Rounds that the time rests on.
    pub rounds: usize,
    /// Whether these are disturbed ones, for want of others.
    pub disturbed: bool,
    /// What went wrong.
    pub failed: Vec<FailedReport>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FailedReport {
    /// While what was tried.
    pub doing: Doing,
    /// One line.
    pub reason: String,
    /// The end of the executable's standard error.
    pub stderr: String,
}

/// What our trait adds to one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TwinReport {
    /// The runtime.
    pub runtime: String,
    /// The flavour.
    pub flavour: String,
    /// Workers asked for.
    pub workers: usize,
    /// The operation.
    pub operation: String,
    /// Time through the trait over that of the twin: the median over rounds, each of which ran both.
    pub time_ratio: Option<Estimate>,
    /// Rounds that it rests on.
    pub rounds: usize,
    /// Instructions through the trait over those of the twin.
    pub instruction_ratio: Option<f64>,
    /// What that is between, by the least and the most that were counted, without the outermost.
    pub instruction_ratio_between: Option<[f64; 2]>,
    /// Whether both ask the allocator equally often, and for as many bytes.
    pub allocations_equal: Option<bool>,
    /// Whether the target was met.
    pub target: Target,
}

/// Whether the trait costs nothing: as many instructions within one in a hundred, as many allocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// It costs nothing.
    Met,
    /// It does.
    Missed,
    /// Its counts vary by more than the target allows.
    Unsteady,
    /// Nobody counted both.
    NotCounted,
}

/// What follows for one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostAnswer {
    /// The runtime.
    pub runtime: String,
    /// The flavour.
    pub flavour: String,
    /// Workers asked for.
    pub workers: usize,
    /// What two branches cost, joined and spawned.
    pub two: String,
    /// Where a spawn pays.
    pub worth: Option<String>,
}

/// A configuration, by its name, and whether several threads execute there.
#[derive(Clone, Debug, PartialEq)]
struct On {
    runtime: String,
    version: Option<String>,
    flavour: String,
    workers: usize,
    threads: Option<usize>,
}

impl CostReport {
    /// Whether another is of the same configuration.
    #[must_use]
    pub fn is_of_same(&self, other: &Self) -> bool {
        (&self.runtime, &self.flavour, self.workers)
            == (&other.runtime, &other.flavour, other.workers)
    }

    fn is_on(&self, on: &On) -> bool {
        (self.runtime.as_str(), self.flavour.as_str(), self.workers)
            == (on.runtime.as_str(), on.flavour.as_str(), on.workers)
    }
}

impl Costs {
    /// What a record says; `None` where the run counted no costs.
    #[must_use]
    pub fn of(bundle: &Bundle) -> Option<Self> {
        let header = &bundle.header;
        let Asked {
            left_by_cargo_bench,
            valgrind,
            ..
        } = header.options.costs.clone()?;
        let configs = header.configurations();
        let mut operations: Vec<CostReport> = Vec::new();
        let mut twins = Vec::new();
        let mut ons: Vec<On> = Vec::new();
        for (on, operation) in named(bundle, &configs) {
            let costs = || {
                bundle
                    .costs
                    .iter()
                    .filter(|cost| is_about(cost, &on, &operation))
            };
            let sides = Side::BOTH.map(|side| Known::of(costs().filter(|cost| cost.side == side)));
            for (side, known) in Side::BOTH.into_iter().zip(&sides) {
                operations.extend(known.report(&on, &operation, side, left_by_cargo_bench));
            }
            let [ours, twin] = &sides;
            if !ours.is_empty() && !twin.is_empty() {
                twins.push(ours.beside(twin, &on, &operation));
            }
            if !ons.contains(&on) {
                ons.push(on);
            }
        }
        let times = bundle.costs.iter().filter_map(|cost| match &cost.found {
            Found::Time(time) => Some(time),
            _ => None,
        });
        let answers = ons.iter().filter_map(|on| answer(on, &operations));
        Some(Self {
            rounds: match header.options.rounds {
                Rounds::Fixed(rounds) => rounds,
                Rounds::Auto | Rounds::Budget => 0,
            },
            left_by_cargo_bench,
            valgrind,
            disturbed_rounds: times
                .clone()
                .filter(|time| time.disturbed().is_some())
                .count(),
            timed_rounds: times.count(),
            target: target(&twins),
            answers: answers.collect(),
            operations,
            twins,
        })
    }

    /// Whether anything went wrong.
    #[must_use]
    pub fn any_failed(&self) -> bool {
        self.operations.iter().any(|one| !one.failed.is_empty())
    }

    /// The first that went wrong otherwise than by not being run under valgrind, which not every runtime can be.
    #[must_use]
    pub fn broken(&self) -> Option<(&CostReport, &FailedReport)> {
        self.operations.iter().find_map(|one| {
            let mut failed = one.failed.iter();
            let failed = failed.find(|failed| failed.doing != Doing::Instructions)?;
            Some((one, failed))
        })
    }

    /// A report of each configuration, in the order of the record: what stands for it.
    #[must_use]
    pub fn configurations(&self) -> Vec<&CostReport> {
        let mut firsts: Vec<&CostReport> = Vec::new();
        for one in &self.operations {
            if !firsts.iter().any(|first| first.is_of_same(one)) {
                firsts.push(one);
            }
        }
        firsts
    }
}

/// Every operation on every configuration that a record has, in its order.
fn named(bundle: &Bundle, configs: &[Config]) -> Vec<(On, String)> {
    let mut seen: Vec<(On, String)> = Vec::new();
    for cost in &bundle.costs {
        // The last is the likeliest.
        if seen
            .iter()
            .rev()
            .any(|(on, operation)| is_about(cost, on, operation))
        {
            continue;
        }
        let of_flavour = configs
            .iter()
            .find(|config| (&config.runtime, &config.flavour) == (&cost.runtime, &cost.flavour));
        let on = On {
            runtime: cost.runtime.clone(),
            version: of_flavour.and_then(|config| config.version.clone()),
            flavour: cost.flavour.clone(),
            workers: cost.workers,
            threads: of_flavour.map(|config| {
                config
                    .threads_of(config.placing())
                    .count(cost.workers, usize::from(u16::MAX))
            }),
        };
        seen.push((on, cost.operation.clone()));
    }
    seen
}

fn is_about(cost: &Cost, on: &On, operation: &str) -> bool {
    (
        cost.runtime.as_str(),
        cost.flavour.as_str(),
        cost.workers,
        cost.operation.as_str(),
    ) == (
        on.runtime.as_str(),
        on.flavour.as_str(),
        on.workers,
        operation,
    )
}

/// What is known of one side.
#[derive(Default)]
struct Known<'a> {
    times: Vec<&'a Time>,
    instructions: Option<&'a Instructions>,
    allocations: Option<(u64, u64)>,
    failed: Vec<FailedReport>,
}

impl<'a> Known<'a> {
    fn of(costs: impl Iterator<Item = &'a Cost>) -> Self {
        let mut known = Self::default();
        for cost in costs {
            match &cost.found {
                Found::Time(time) => known.times.push(time),
                Found::Instructions(found) => known.instructions = Some(found),
                Found::Allocations(found) => {
                    known.allocations = Some((found.allocations, found.bytes));
                }
                Found::Failed(failed) => known.failed.push(FailedReport {
                    doing: failed.doing,
                    reason: failed.reason.clone(),
                    stderr: failed.stderr.clone(),
                }),
            }
        }
        known
    }

    fn is_empty(&self) -> bool {
        self.times.is_empty()
            && self.instructions.is_none()
            && self.allocations.is_none()
            && self.failed.is_empty()
    }

    fn report(&self, on: &On, operation: &str, side: Side, left: bool) -> Option<CostReport> {
        if self.is_empty() {
            return None;
        }
        let undisturbed = || self.times.iter().filter(|time| time.disturbed().is_none());
        let disturbed = undisturbed().next().is_none() && !self.times.is_empty();
        let counted: Vec<&&Time> = if disturbed {
            self.times.iter().collect()
        } else {
            undisturbed().collect()
        };
        let time_ns = match counted[..] {
            [one] if left => Some(Estimate {
                median: one.estimate.ns,
                low: Some(one.estimate.low_ns),
                high: Some(one.estimate.high_ns),
            }),
            _ => Estimate::of(
                &counted
                    .iter()
                    .map(|time| time.estimate.ns)
                    .collect::<Vec<_>>(),
            ),
        };
        let each = self.instructions.map(Instructions::inner);
        let branches = branches(operation);
        Some(CostReport {
            runtime: on.runtime.clone(),
            version: on.version.clone(),
            flavour: on.flavour.clone(),
            workers: on.workers,
            operation: operation.to_owned(),
            root: rooted(operation).0.to_owned(),
            branches,
            side,
            time_ns,
            time_per_branch_ns: time_ns.map(|time| time.median / branches as f64),
            instructions: each.as_deref().and_then(median),
            instructions_between: each.as_deref().map(between),
            allocations: self.allocations.map(|(allocations, _)| allocations),
            bytes: self.allocations.map(|(_, bytes)| bytes),
            rounds: counted.len(),
            disturbed,
            failed: self.failed.clone(),
        })
    }

    /// This side, the trait, beside its twin.
    fn beside(&self, twin: &Self, on: &On, operation: &str) -> TwinReport {
        let ratios: Vec<f64> = self
            .times
            .iter()
            .filter_map(|ours| {
                let theirs = twin
                    .times
                    .iter()
                    .find(|theirs| theirs.round == ours.round)?;
                let quiet = ours.disturbed().is_none() && theirs.disturbed().is_none();
                quiet.then_some(ours.estimate.ns / theirs.estimate.ns)
            })
            .collect();
        let counted = self.instructions.zip(twin.instructions);
        let counted = counted.map(|(ours, theirs)| (ours.inner(), theirs.inner()));
        let ratio = counted
            .as_ref()
            .and_then(|(ours, theirs)| Some(median(ours)? / median(theirs)?));
        let between = counted.as_ref().map(|(ours, theirs)| {
            let ([low, high], [least, most]) = (between(ours), between(theirs));
            [low / most, high / least]
        });
        let equal = self
            .allocations
            .zip(twin.allocations)
            .map(|(ours, theirs)| ours == theirs);
        let within = |ratio: f64| (1.0 - TARGET..=1.0 + TARGET).contains(&ratio);
        let target = match (between, equal) {
            (_, Some(false)) => Target::Missed,
            (Some([low, high]), Some(true)) if within(low) && within(high) => Target::Met,
            (Some([low, high]), _) if high < 1.0 - TARGET || low > 1.0 + TARGET => Target::Missed,
            (Some(_), Some(true)) => Target::Unsteady,
            _ => Target::NotCounted,
        };
        TwinReport {
            runtime: on.runtime.clone(),
            flavour: on.flavour.clone(),
            workers: on.workers,
            operation: operation.to_owned(),
            time_ratio: Estimate::of(&ratios),
            rounds: ratios.len(),
            instruction_ratio: ratio,
            instruction_ratio_between: between,
            allocations_equal: equal,
            target,
        }
    }
}

/// The least and the most.
fn between(values: &[f64]) -> [f64; 2] {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [least, most]
}

/// On how many pairs the target was met, and which missed it.
fn target(twins: &[TwinReport]) -> String {
    let of = |target: Target| twins.iter().filter(move |twin| twin.target == target);
    let not = of(Target::NotCounted).count();
    let counted = twins.len() - not;
    if twins.is_empty() {
        return "No operation was done both ways, so nobody can tell what the trait adds."
            .to_owned();
    }
    let mut text = format!(
        "The target, instructions within {TARGET:.2} of the twin's and equal allocations, was met on {} of {counted} pairs",
        of(Target::Met).count()
    );
    for (what, target) in [("missed", Target::Missed), ("unsteady", Target::Unsteady)] {
        let names: Vec<String> = of(target).map(why).collect();
        if !names.is_empty() {
            text.push_str(&format!("; {what}: {}", names.join(", ")));
        }
    }
    text.push('.');
    if not > 0 {
        let equal = of(Target::NotCounted).filter(|twin| twin.allocations_equal == Some(true));
        text.push_str(&format!(
            " Of {not} more nobody counted the instructions of both; on {} of them allocations are equal.",
            equal.count()
        ));
    }
    text
}

/// `smol default@1 timer (instructions 1.020)`.
fn why(twin: &TwinReport) -> String {
    let mut whys = Vec::new();
    let off = twin
        .instruction_ratio_between
        .is_some_and(|[low, high]| (low - 1.0).abs() > TARGET || (high - 1.0).abs() > TARGET);
    if let Some(ratio) = twin.instruction_ratio.filter(|_| off) {
        whys.push(format!("instructions {ratio:.3}"));
    }
    if twin.allocations_equal == Some(false) {
        whys.push("other allocations".to_owned());
    }
    format!(
        "{} {}@{} {} ({})",
        twin.runtime,
        twin.flavour,
        twin.workers,
        twin.operation,
        whys.join(", ")
    )
}

/// What two branches cost, and where a spawn pays, of one configuration.
fn answer(on: &On, operations: &[CostReport]) -> Option<CostAnswer> {
    let of = |name: &str| {
        operations
            .iter()
            .find(|one| one.is_on(on) && one.side == Side::Trait && one.operation == name)
    };
    let (joined, spawned) = (of("compose-ready/2")?, of("spawn-ready/2")?);
    let mut two = format!(
        "two awaits: join {}; spawn {}",
        print::cost(joined)?,
        print::cost(spawned)?
    );
    let outside = operations.iter().find(|one| {
        one.is_on(on)
            && one.side == Side::Trait
            && rooted(&one.operation) == ("block_on", "spawn-ready/2")
    });
    if let Some(time) = outside.and_then(|one| one.time_ns) {
        two.push_str(&format!(
            "; from block_on {}",
            super::table::duration(time.median)
        ));
    }
    let more = spawned.time_per_branch_ns? - joined.time_per_branch_ns?;
    let worth = if more <= 0.0 {
        None
    } else {
        let costs = format!(
            "A spawn costs {} a branch more than a join",
            super::table::duration(more)
        );
        match on.threads {
            Some(1) => Some(format!(
                "{costs}, and one thread executes it: it buys no core."
            )),
            Some(_) => Some(format!(
                "{costs}, so it cannot pay where a branch computes less than that between awaits; from {} on it \
                 is a hundredth of it or less.",
                super::table::duration(100.0 * more)
            )),
            None => None,
        }
    };
    Some(CostAnswer {
        runtime: on.runtime.clone(),
        flavour: on.flavour.clone(),
        workers: on.workers,
        two,
        worth,
    })
}
