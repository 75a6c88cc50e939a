//! What a reader asks first of what primitives cost: a row a configuration, a column a question.

use super::{CostReport, Costs, print};
use harness_record::costs::{Side, rooted};

/// Each question, and the operation that answers it.
const QUESTIONS: [(&str, &str); 9] = [
    ("join 2", "compose-ready/2"),
    ("spawn 2", "spawn-ready/2"),
    ("spawn 2 from block_on", "block_on/spawn-ready/2"),
    ("join 1000, per branch", "compose-ready/1000"),
    ("spawn 1000, per branch", "spawn-ready/1000"),
    ("dispatch", "dispatch"),
    ("spawn_blocking", "spawn_blocking"),
    ("wake, one thread", "wake-within-thread"),
    ("wake, across threads", "wake-across-threads"),
];

/// The answers of one configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The runtime.
    pub runtime: String,
    /// Runtime, flavour and workers.
    pub title: String,
    /// An answer a question, empty where nothing is known.
    pub answers: Vec<String>,
}

/// The questions that some configuration answers, and the answers of each.
#[must_use]
pub fn headlines(costs: &Costs) -> (Vec<&'static str>, Vec<Row>) {
    let configurations = costs.configurations();
    let found = |first: &CostReport, name: &str| {
        let mut known = costs.operations.iter();
        known.find(|one| {
            one.side == Side::Trait
                && one.is_of_same(first)
                && rooted(&one.operation) == rooted(name)
        })
    };
    let asked: Vec<(&str, &str)> = QUESTIONS
        .into_iter()
        .filter(|(_, name)| {
            configurations
                .iter()
                .any(|first| found(first, name).is_some())
        })
        .collect();
    let rows = configurations.iter().map(|first| Row {
        runtime: first.id.runtime.clone(),
        title: print::title(first),
        answers: asked
            .iter()
            .map(|(question, name)| match found(first, name) {
                Some(one) if question.ends_with("per branch") => print::cost_of_branch(one),
                Some(one) => print::cost(one).unwrap_or_default(),
                None => String::new(),
            })
            .collect(),
    });
    let rows = rows.collect();
    (
        asked.into_iter().map(|(question, _)| question).collect(),
        rows,
    )
}
