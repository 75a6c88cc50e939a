//! What was found of the costs of primitives, each beside a twin written by hand.

pub use harness_protocol::costs::{Allocations, Side};
use serde::{Deserialize, Serialize};

use crate::{config_id::ConfigId, load::Load};

/// The name of the bench target that an adapter has, if its costs can be measured.
pub const TARGET: &str = "costs";

/// What was asked of a run that counts what primitives cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Asked {
    /// Operations, or the beginnings of their names; empty for all that there are.
    pub operations: Vec<String>,
    /// Whether nothing was measured, and the times are those that `cargo bench` left.
    pub left_by_cargo_bench: bool,
    /// What counted instructions, as it calls itself; null where none were counted.
    pub valgrind: Option<String>,
}

/// One thing that was found of one side of one operation on one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cost {
    /// The runtime.
    pub runtime: String,
    /// The flavour.
    pub flavour: String,
    /// Workers asked for.
    pub workers: usize,
    /// The operation: `spawn-ready/1000` is about 1000 branches, `block_on/spawn-ready/2` from `block_on`.
    pub operation: String,
    /// Which way.
    pub side: Side,
    /// What was found.
    pub found: Found,
}

impl Cost {
    /// The configuration that it is of.
    #[must_use]
    pub fn id(&self) -> ConfigId {
        ConfigId {
            runtime: self.runtime.clone(),
            flavour: self.flavour.clone(),
            workers: self.workers,
        }
    }

    /// Whether it is of this configuration.
    #[must_use]
    pub fn is_of(&self, id: &ConfigId) -> bool {
        id.is(&self.runtime, &self.flavour, self.workers)
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// How long it took, by one short run of criterion.
    Time(Time),
    /// What it asked of the allocator.
    Allocations(Allocations),
    /// How many instructions it executed.
    Instructions(Instructions),
    /// Nothing: it went wrong.
    Failed(Failed),
}

/// One run of criterion, of one side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Time {
    /// Which round: both sides are run in each, close together.
    pub round: u64,
    /// Whether this side ran first in it, 0, or second, 1.
    pub order: usize,
    /// How often each of criterion's samples did the operation.
    pub iterations: Vec<u64>,
    /// What each sample took, in nanoseconds.
    pub times_ns: Vec<u64>,
    /// What criterion makes of them.
    pub estimate: Estimate,
    /// What others took of the machine during the round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<Load>,
}

impl Time {
    /// Why the round's ratio does not count, if it does not.
    #[must_use]
    pub fn disturbed(&self) -> Option<&str> {
        self.load.as_ref()?.disturbed.as_deref()
    }
}

/// Criterion's own estimate of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// How it was made.
    pub statistic: Statistic,
    /// Of one operation, in nanoseconds.
    pub ns: f64,
    /// The lower end of its interval.
    pub low_ns: f64,
    /// The upper end.
    pub high_ns: f64,
    /// How sure criterion is of the interval, such as 0.95.
    pub confidence: f64,
}

/// How criterion estimates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The slope of a line through the origin: samples of ever more operations.
    Slope,
    /// The mean: samples of as many operations each, where one takes long.
    Mean,
}

/// What callgrind counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Instructions {
    /// N: how often the shorter of two processes did the operation. The longer did it 2N times.
    pub times: u64,
    /// The instructions of the shorter and of the longer, several times over.
    pub counts: Vec<[u64; 2]>,
}

impl Instructions {
    /// Instructions of one operation, by each pair of processes: what starting up takes cancels out.
    #[must_use]
    pub fn each(&self) -> Vec<f64> {
        let difference = |[once, twice]: &[u64; 2]| *twice as f64 - *once as f64;
        let counts = self.counts.iter();
        counts
            .map(|count| difference(count) / self.times.max(1) as f64)
            .collect()
    }
}

impl Instructions {
    /// The same in order, without the outermost: one at each end of four to six, two of seven. Where threads
    /// wait for each other, a process now and then takes another turn, and many thousand instructions more.
    #[must_use]
    pub fn inner(&self) -> Vec<f64> {
        let mut each = self.each();
        each.sort_by(f64::total_cmp);
        let outer = each.len().saturating_sub(1) / 3;
        each[outer..each.len() - outer].to_vec()
    }
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failed {
    /// While what was tried.
    pub doing: Doing,
    /// One line.
    pub reason: String,
    /// The end of the executable's standard error.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stderr: String,
}

/// What can be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Timing.
    Time,
    /// Counting allocations.
    Allocations,
    /// Counting instructions.
    Instructions,
}

/// How many branches an operation is about, by its name.
#[must_use]
pub fn branches(operation: &str) -> u64 {
    let number = rooted(operation).1.rsplit_once('/');
    let number = number.map(|(_, number)| number);
    number
        .and_then(|number| number.parse().ok())
        .filter(|n| *n > 0)
        .unwrap_or(1)
}

/// From where an operation is done, by its name, and the rest of that: `block_on/spawn-ready/2` and
/// `spawn-ready/2 from block_on` are done from `block_on`.
#[must_use]
pub fn rooted(operation: &str) -> (&'static str, &str) {
    let rest = operation
        .strip_prefix("block_on/")
        .or_else(|| operation.strip_suffix(" from block_on"));
    match rest {
        Some(rest) => ("block_on", rest),
        None => ("worker", operation),
    }
}

/// Whether an operation is one that was asked for: by its name, or by a beginning of it that ends
/// before a `/`.
#[must_use]
pub fn is_asked(asked: &[String], operation: &str) -> bool {
    let begins = |asked: &String| {
        let rest = operation.strip_prefix(asked.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    asked.is_empty() || asked.iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_how_many_branches_and_from_where() {
        for (name, of, from) in [
            ("spawn-ready/1000", 1000, ("worker", "spawn-ready/1000")),
            ("block_on/spawn-ready/2", 2, ("block_on", "spawn-ready/2")),
            (
                "spawn-ready/2 from block_on",
                2,
                ("block_on", "spawn-ready/2"),
            ),
            ("tcp-round-trip", 1, ("worker", "tcp-round-trip")),
            ("none/0", 1, ("worker", "none/0")),
        ] {
            assert_eq!((branches(name), rooted(name)), (of, from), "{name}");
        }
        let asked = ["spawn-ready".to_owned(), "timer".to_owned()];
        for (name, wanted) in [
            ("spawn-ready/10", true),
            ("timer", true),
            ("timers", false),
            ("block_on/spawn-ready/2", false),
        ] {
            assert_eq!(is_asked(&asked, name), wanted, "{name}");
        }
        assert!(is_asked(&[], "whatever"));
    }

    /// 2000 less 1500 instructions are of five: 100 each. Of seven pairs the middle three stay.
    #[test]
    fn starting_up_cancels_out_and_the_outermost_are_left_out() {
        let found = |counts: &[[u64; 2]]| Instructions {
            times: 5,
            counts: counts.to_vec(),
        };
        assert_eq!(found(&[[1500, 2000]]).each(), [100.0]);
        let counts: Vec<[u64; 2]> = [9, 1, 2, 8, 3, 4, 5]
            .iter()
            .map(|each| [1000, 1000 + 5 * each])
            .collect();
        assert_eq!(found(&counts).inner(), [3.0, 4.0, 5.0]);
        assert_eq!(found(&counts[..3]).inner(), [1.0, 2.0, 9.0]);
        assert_eq!(found(&counts[..4]).inner(), [2.0, 8.0]);
    }
}
