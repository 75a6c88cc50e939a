//! What a record says of the costs of single primitives: how long each takes, how many instructions and
//! allocations, and what our trait adds to the same written by hand.

use harness_record::config_id::ConfigId;
use serde::{Deserialize, Serialize};

use super::Estimate;
use harness_record::{
    bundle::Bundle,
    costs::{Asked, Doing, Found, Side},
    plan::Rounds,
};

pub mod headlines;
mod known;
pub mod print;
mod sentences;
#[cfg(test)]
mod tests;

use known::{Known, On, is_about, named};
use sentences::{answer, target};

/// How far the instructions of an operation through the trait may be from those of its twin.
pub const TARGET: f64 = 0.01;

/// What primitives cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CostReport {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// The version of its crate.
    pub version: Option<String>,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailedReport {
    /// While what was tried.
    pub doing: Doing,
    /// One line.
    pub reason: String,
    /// The end of the executable's standard error.
    pub stderr: String,
}

/// What our trait adds to one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TwinReport {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CostAnswer {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// What two branches cost, joined and spawned.
    pub two: String,
    /// Where a spawn pays.
    pub worth: Option<String>,
}

impl CostReport {
    /// Whether another is of the same configuration.
    #[must_use]
    pub fn is_of_same(&self, other: &Self) -> bool {
        self.id == other.id
    }

    fn is_on(&self, on: &On) -> bool {
        self.id == on.id
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
