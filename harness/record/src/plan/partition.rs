//! A plan in shares, one for each of several machines: which share has which blocks.
//!
//! The shares of a plan are together the plan, and no block is in two of them; that follows from the plan alone, so a
//! machine that knows which share is its own asks no other. With a number of rounds set, the plan is a list of blocks.
//! Else nobody knows beforehand how many blocks a comparison will take, and what is shared out are comparisons, each
//! with all its blocks: a rule that stops when it has seen enough must see them all.
//!
//! The list runs scenario by scenario and is cut into pieces that differ by one at most. So a share calibrates few
//! scenarios, and most scenarios are measured on one machine.

use std::{fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Group;

/// More shares than anybody has machines.
const MOST: usize = 100_000;

/// One share of a plan: which, counted from 1, of how many. In files it is written `3/16`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Partition {
    share: usize,
    of: usize,
}

/// In files a share is its name.
#[cfg(feature = "schema")]
impl schemars::JsonSchema for Partition {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Partition".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "One share of a plan: which, counted from 1, of how many.",
            "type": "string",
            "pattern": "^[1-9][0-9]*/[1-9][0-9]*$",
        })
    }
}

impl Partition {
    /// This share of so many, if there is such a one.
    #[must_use]
    pub fn new(share: usize, of: usize) -> Option<Self> {
        let there_is = (1..=MOST).contains(&of) && (1..=of).contains(&share);
        there_is.then_some(Self { share, of })
    }

    /// Which, counted from 1.
    #[must_use]
    pub fn share(self) -> usize {
        self.share
    }

    /// Of how many.
    #[must_use]
    pub fn of(self) -> usize {
        self.of
    }

    /// Every share of the plan that this is one of.
    pub fn all(self) -> impl Iterator<Item = Self> {
        (1..=self.of).map(move |share| Self { share, ..self })
    }

    /// Its piece of a list of so many.
    fn piece(self, total: usize) -> Range<usize> {
        // In 128 bits, since no list is too long to be multiplied there.
        let cut = |share: usize| (total as u128 * share as u128 / self.of as u128) as usize;
        cut(self.share - 1)..cut(self.share)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.share, self.of)
    }
}

impl FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_number = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
        let number = |text: &str| Some(text).filter(is_number)?.parse().ok();
        let parts = text.split_once('/');
        parts
            .and_then(|(share, of)| Self::new(number(share)?, number(of)?))
            .ok_or_else(|| {
                format!("write which share of how many, such as 3/16; there are up to {MOST}")
            })
    }
}

impl TryFrom<String> for Partition {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Partition> for String {
    fn from(partition: Partition) -> Self {
        partition.to_string()
    }
}

/// The groups of a share, each with its rounds, and those that only other shares measure. Both are in the order of
/// the plan.
pub(super) fn cut(groups: Vec<Group>, partition: Partition) -> (Vec<Group>, Vec<Group>) {
    // What is cut: blocks where their number is set, else whole comparisons.
    let long = |group: &Group| group.rounds.unwrap_or(1);
    let piece = partition.piece(groups.iter().map(long).sum());
    let mut scenarios: Vec<&str> = Vec::new();
    for group in &groups {
        if !scenarios.contains(&group.scenario.name) {
            scenarios.push(group.scenario.name);
        }
    }
    let mut order: Vec<usize> = (0..groups.len()).collect();
    // Stable, so that the runtimes of a scenario keep their order.
    order.sort_by_key(|&at| {
        let name = groups[at].scenario.name;
        scenarios.iter().position(|scenario| *scenario == name)
    });
    let mut mine = vec![0; groups.len()];
    let mut begins = 0;
    for at in order {
        let ends = begins + long(&groups[at]);
        mine[at] = ends.min(piece.end).saturating_sub(begins.max(piece.start));
        begins = ends;
    }
    let (own, others): (Vec<_>, Vec<_>) =
        (groups.into_iter().zip(mine)).partition(|(_, mine)| *mine > 0);
    let of_share = |(group, mine): (Group, usize)| Group {
        rounds: group.rounds.map(|_| mine),
        ..group
    };
    (
        own.into_iter().map(of_share).collect(),
        others.into_iter().map(|(group, _)| group).collect(),
    )
}
