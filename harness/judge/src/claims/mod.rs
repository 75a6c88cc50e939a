//! The claims: sentences about `compose` and `spawn`, each with a predicate that measurements can
//! refute.
//!
//! A claim plans, before the first block and for one configuration of a runtime, the parts that must
//! all be true. A part is either a margin, which a statistic decides at a known error, or a fact that
//! must be true in every sample, which spends no error. [`judge`](crate::judge) applies them.

use std::collections::HashMap;

use harness_protocol::{Primitive, Root};

use harness_record::config_id::ConfigId;
use harness_record::{
    cell::Cell,
    demands::Demands,
    laws::Prediction,
    plan::{Config, Group, ON_BASELINE, Plan, Rounds},
};

mod blocking;
mod cores;
mod costs;
mod demands;
mod lifetimes;
mod stalls;
mod turns;
mod waits;

/// The CPU scenario that claims are judged on.
pub const CPU: &str = ON_BASELINE;

/// The I/O scenario that claims are judged on.
pub const WAITS: &str = waits::TIMERS;

/// The scenario of tasks that wait and compute.
pub const BETWEEN_AWAITS: &str = "sync-account";

/// The scenario of the same work in ever more pieces.
pub const PIECES: &str = "pieces";

/// The scenario of branches that are ready at once.
pub const READY: &str = "ready";

/// One claim.
#[derive(Debug)]
pub struct Claim {
    /// Its name, in files and on the command line.
    pub id: &'static str,
    /// What it says.
    pub sentence: &'static str,
    /// Its predicate, in a line.
    pub predicate: &'static str,
    plan: fn(&Context<'_>) -> Result<Planned, String>,
}

/// Every claim, in the order of the tables.
pub const CLAIMS: &[Claim] = &[
    waits::COMPOSE_OVERLAPS_WAITS,
    cores::COMPOSE_IS_NEVER_PARALLEL,
    cores::COMPOSE_GAINS_NO_CORE,
    stalls::COMPOSE_SHARES_ITS_STALL,
    waits::SPAWN_OVERLAPS_WAITS,
    cores::SPAWN_USES_CORES,
    cores::SPAWN_NEEDS_WORKERS,
    cores::SPAWN_COMPUTES_BETWEEN_AWAITS,
    stalls::SPAWN_FREES_SIBLINGS,
    waits::IO_GAINS_NOTHING_FROM_SPAWN,
    costs::SPAWN_COSTS_MORE,
    costs::MORE_SPAWNS_NOT_MORE_PARALLEL,
    demands::SPAWN_DEMANDS_SEND_STATIC,
    turns::YIELD_GIVES_TURNS_NOT_CORES,
    blocking::BLOCKING_DEFEATS_BOTH,
    lifetimes::SPAWN_OUTLIVES_ITS_FRAME,
    lifetimes::COMPOSE_DIES_WITH_ITS_FRAME,
    lifetimes::SPAWN_REPORTS_FAILURE,
];

/// What a claim is planned from.
#[derive(Debug)]
pub struct Context<'a> {
    /// The run's plan.
    pub plan: &'a Plan,
    /// The configuration to judge.
    pub config: &'a Config,
    /// What the laws predict of each cell; `None` before anything is calibrated, where it is asked what may be claimed
    /// at most.
    pub predictions: Option<&'a HashMap<Cell, Prediction>>,
    /// What the compiler said of the spawns, by runtime.
    pub demands: &'a HashMap<String, Demands>,
}

/// A claim made ready for one configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// All must be true for the claim to hold; the first is the one that is shown.
    pub parts: Vec<Part>,
    /// What the machine must show before the claim can be judged at all.
    pub provided: Option<Provided>,
    /// What the runtime declares that a refutation follows from, in a few words, if it does.
    pub by_design: Option<&'static str>,
    /// What the laws say that the first part's quantity will be.
    pub predicted: Option<f64>,
}

/// Something that the machine must show: the median of a quantity at most so large.
#[derive(Clone, Debug, PartialEq)]
pub struct Provided {
    /// The quantity.
    pub quantity: Quantity,
    /// Its largest median.
    pub at_most: f64,
    /// What it means if it is larger.
    pub otherwise: &'static str,
}

/// One part of a claim.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A quantity, one value a block, on one side of a margin.
    Margin {
        /// How people read the quantity.
        label: &'static str,
        /// The quantity.
        quantity: Quantity,
        /// Where it must lie.
        bound: Bound,
    },
    /// A fact that must be true in every sample of these cells.
    Always {
        /// How people read the fact.
        label: &'static str,
        /// The cells.
        cells: Vec<Cell>,
        /// The fact.
        fact: Fact,
    },
    /// What the record knew before the first block: nothing is measured for it.
    Known {
        /// Whether it is as claimed.
        is_true: bool,
        /// The evidence, in a line.
        evidence: String,
        /// Cases that it rests on.
        cases: usize,
    },
    /// A promise that was kept when it was tried, before anything was measured.
    Kept {
        /// Whose promise.
        subject: ConfigId,
        /// The check that tried it.
        check: &'static str,
        /// The primitive that it is about, where the configuration has another to place branches by.
        of: Option<&'static str>,
        /// What is read off it.
        tells: &'static [Told],
    },
}

/// What a claim reads off a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The aspect, as the check calls it.
    pub aspect: &'static str,
    /// What it must be; `None` where it is only stated.
    pub must: Option<&'static str>,
}

impl Part {
    /// The cells that it needs.
    #[must_use]
    pub fn cells(&self) -> Vec<&Cell> {
        match self {
            Part::Margin { quantity, .. } => quantity.cells(),
            Part::Always { cells, .. } => cells.iter().collect(),
            Part::Known { .. } | Part::Kept { .. } => Vec::new(),
        }
    }

    /// How many one-sided comparisons it spends error on.
    #[must_use]
    pub fn comparisons(&self) -> usize {
        match self {
            Part::Margin {
                bound: Bound::Within(_),
                ..
            } => 2,
            Part::Margin { .. } => 1,
            Part::Always { .. } | Part::Known { .. } | Part::Kept { .. } => 0,
        }
    }

    /// Whether it is known before the first block, so that nothing is measured for it.
    #[must_use]
    pub fn is_known_before(&self) -> bool {
        matches!(self, Part::Kept { .. } | Part::Known { .. })
    }

    /// Whether it is read off whatever else is measured, so that nothing is measured for its sake: a
    /// cell of which no more is asked than that is an exhibit.
    #[must_use]
    pub fn rides_along(&self) -> bool {
        matches!(
            self,
            Part::Always {
                fact: Fact::NeverTwoAtOnce,
                ..
            }
        )
    }
}

/// A number that each block gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// One cell's measure over another's, in the same block.
    Ratio {
        /// What is measured.
        measure: MeasureOf,
        /// The numerator.
        over: Cell,
        /// The denominator.
        under: Cell,
    },
    /// One cell's measure.
    Level {
        /// What is measured.
        measure: MeasureOf,
        /// Of which cell.
        cell: Cell,
    },
}

impl Quantity {
    /// The cells that it needs.
    #[must_use]
    pub fn cells(&self) -> Vec<&Cell> {
        match self {
            Quantity::Ratio { over, under, .. } => vec![over, under],
            Quantity::Level { cell, .. } => vec![cell],
        }
    }
}

/// What is measured of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureOf {
    /// Wall time.
    Wall,
    /// CPU time over wall time.
    Cores,
    /// Threads inside branches at once, at most.
    PeakOverlap,
    /// Lateness of the ticking branch.
    Stall,
}

/// Where a quantity must lie. A value at the very margin is on neither side, so counts that must
/// reach n are asked to be above n - 0.5.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// At most so large.
    AtMost(f64),
    /// At least so large.
    AtLeast(f64),
    /// Between 1 over this and this.
    Within(f64),
}

/// Something that is true of a sample or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Never two threads inside branches at once.
    NeverTwoAtOnce,
    /// All branches in flight at one instant.
    AllInFlight,
    /// The ticking branch was late by the hog's poll, less the tick and the timer's grain.
    StalledByTheHog,
    /// The first of two cells allocates more often than the second.
    AllocatesMore,
    /// At most so many threads inside branches at once.
    ThreadsAtMost(usize),
    /// At most so many cores in use, and less than a quarter of another.
    CoresAtMost(usize),
    /// No branch was polled more than twice running while another had not come to its end, and
    /// branches were polled more than once.
    TakesTurns,
    /// The process used no second core.
    NoSecondCore,
    /// It took so many nanoseconds at least, which what it does cannot be quicker than.
    NoFasterThan(u64),
}

impl Claim {
    /// Plans the claim for one configuration.
    ///
    /// # Errors
    ///
    /// Why it cannot be tested there.
    pub fn planned(&self, context: &Context<'_>) -> Result<Planned, String> {
        if let Some(why) = &context.config.unavailable {
            return Err(why.clone());
        }
        (self.plan)(context)
    }
}

impl Context<'_> {
    /// The cell of a scenario and primitive on this configuration.
    fn cell(&self, scenario: &str, primitive: Primitive) -> Result<Cell, String> {
        let runtime = self.config.id.runtime.as_str();
        let group = self.plan.group(runtime, scenario).ok_or_else(|| {
            let elsewhere =
                |group: &Group| (&*group.runtime, group.scenario.name) == (runtime, scenario);
            if self.plan.elsewhere.iter().any(elsewhere) {
                format!("needs the scenario {scenario}, which other shares of the plan measure")
            } else {
                format!("needs the scenario {scenario}, which was left out")
            }
        })?;
        group.cell(self.config, primitive).cloned().ok_or_else(|| {
            let primitive = harness_record::cell::primitive_name(primitive);
            format!("needs {scenario} by {primitive}, which was left out")
        })
    }

    /// The cell with its parent in this place, of a scenario that has both.
    fn rooted(&self, scenario: &str, primitive: Primitive, root: Root) -> Result<Cell, String> {
        let cell = self.cell(scenario, primitive)?;
        Ok(Cell { root, ..cell })
    }

    fn compose(&self, scenario: &str) -> Result<Cell, String> {
        self.cell(scenario, Primitive::Compose)
    }

    fn sequential(&self, scenario: &str) -> Result<Cell, String> {
        self.cell(scenario, Primitive::Sequential)
    }

    /// The cell whose branches are placed on other cores.
    fn placed(&self, scenario: &str) -> Result<Cell, String> {
        self.cell(scenario, self.config.placing())
    }

    /// k of the placing primitive.
    fn k(&self, branches: usize) -> usize {
        self.config.threads(self.config.placing(), branches)
    }

    /// Whether one executing thread is what the flavour is, and not what was asked for.
    fn one_thread_by_design(&self) -> bool {
        // Two branches, so that a thread for each is not taken for one thread.
        self.config.fixed && self.k(2) == 1
    }

    /// What a flavour declares that may leave threads idle.
    fn left_to_chance(&self) -> Option<&'static str> {
        let threads = self.config.threads_of(self.config.placing());
        threads
            .is_only_the_most()
            .then_some("it declares up to so many threads, and leaves to chance how many take part")
    }

    fn predicted_ratio(&self, over: &Cell, under: &Cell) -> Option<f64> {
        let wall = |cell| {
            let predicted = self.predictions?.get(cell);
            predicted.map(|prediction| prediction.wall_ns as f64)
        };
        Some(wall(over)? / wall(under)?)
    }

    /// How near to 1 an equality is asked: nearer where there is time for it.
    fn equality(&self) -> f64 {
        match self.plan.rounds {
            Rounds::Budget => 1.10,
            Rounds::Auto | Rounds::Fixed(_) => 1.05,
        }
    }
}

/// A single branch has no sibling: whatever is said of joining or spawning it is empty.
fn several(cell: &Cell) -> Result<(), String> {
    if cell.branches < 2 {
        return Err("needs two branches at least".to_owned());
    }
    Ok(())
}

fn wall(label: &'static str, over: &Cell, under: &Cell, bound: Bound) -> Part {
    ratio(label, MeasureOf::Wall, over, under, bound)
}

fn ratio(label: &'static str, measure: MeasureOf, over: &Cell, under: &Cell, bound: Bound) -> Part {
    let quantity = Quantity::Ratio {
        measure,
        over: over.clone(),
        under: under.clone(),
    };
    Part::Margin {
        label,
        quantity,
        bound,
    }
}

fn level(label: &'static str, measure: MeasureOf, cell: &Cell, bound: Bound) -> Part {
    Part::Margin {
        label,
        quantity: Quantity::Level {
            measure,
            cell: cell.clone(),
        },
        bound,
    }
}

fn always(label: &'static str, cells: &[&Cell], fact: Fact) -> Part {
    Part::Always {
        label,
        cells: cells.iter().map(|&cell| cell.clone()).collect(),
        fact,
    }
}

#[cfg(test)]
mod tests;
