//! The words that machines and runs are counted under.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Said;
use harness_judge::judge::Verdict;
use harness_report::Report;

/// What a machine counts under.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum MachinesVerdict {
    /// It holds.
    Holds,
    /// It is refuted.
    Refuted,
    /// It is refuted, and that follows from what the runtime declares.
    RefutedByDesign,
    /// No run of the machine decided it.
    Inconclusive,
    /// No run of the machine could test it.
    NotTestable,
    /// Runs of the machine decided it differently: all are shown, and none counts.
    Mixed,
}

/// How often each word was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Holds.
    pub holds: usize,
    /// Refuted, but not by design.
    pub refuted: usize,
    /// Refuted by design.
    pub refuted_by_design: usize,
    /// Inconclusive.
    pub inconclusive: usize,
    /// Not testable.
    pub not_testable: usize,
    /// Runs of one machine that differ.
    pub mixed: usize,
}

impl MachinesVerdict {
    /// Every word, in the order in which they are counted.
    pub const ALL: [Self; 6] = [
        Self::Holds,
        Self::Refuted,
        Self::RefutedByDesign,
        Self::Inconclusive,
        Self::NotTestable,
        Self::Mixed,
    ];

    /// Of one verdict.
    #[must_use]
    pub fn of(verdict: Verdict, by_design: bool) -> Self {
        match verdict {
            Verdict::Holds => Self::Holds,
            Verdict::Refuted if by_design => Self::RefutedByDesign,
            Verdict::Refuted => Self::Refuted,
            Verdict::Inconclusive => Self::Inconclusive,
            Verdict::NotTestable => Self::NotTestable,
        }
    }

    /// Of all runs of one machine. What was decided outweighs what was not, since that contradicts
    /// nothing; two runs that decided differently are mixed.
    pub(super) fn of_all(said: &[Said]) -> Self {
        let words: BTreeSet<Self> = said
            .iter()
            .map(|said| Self::of(said.verdict, said.by_design))
            .collect();
        let mut decided = words.iter().filter(|word| **word < Self::Inconclusive);
        match (decided.next(), decided.next()) {
            (Some(_), Some(_)) => Self::Mixed,
            (Some(word), None) => *word,
            (None, _) if words.contains(&Self::Inconclusive) => Self::Inconclusive,
            (None, _) => Self::NotTestable,
        }
    }

    /// A single character, for grids.
    #[must_use]
    pub fn symbol(self) -> char {
        match self {
            Self::Holds => '✓',
            Self::Refuted => '✗',
            Self::RefutedByDesign => '◆',
            Self::Inconclusive => '?',
            Self::NotTestable => '–',
            Self::Mixed => '≠',
        }
    }

    /// How people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Refuted => "refuted",
            Self::RefutedByDesign => "refuted by design",
            Self::Inconclusive => "inconclusive",
            Self::NotTestable => "not testable",
            Self::Mixed => "mixed",
        }
    }
}

impl Counts {
    /// Of these words.
    #[must_use]
    pub fn of(words: impl IntoIterator<Item = MachinesVerdict>) -> Self {
        let mut counts = Self::default();
        for word in words {
            *counts.mine(word) += 1;
        }
        counts
    }

    /// Of a report's verdicts.
    #[must_use]
    pub fn of_report(report: &Report) -> Self {
        let claims = report.claims.iter();
        Self::of(claims.map(|claim| MachinesVerdict::of(claim.verdict, claim.by_design)))
    }

    fn mine(&mut self, word: MachinesVerdict) -> &mut usize {
        match word {
            MachinesVerdict::Holds => &mut self.holds,
            MachinesVerdict::Refuted => &mut self.refuted,
            MachinesVerdict::RefutedByDesign => &mut self.refuted_by_design,
            MachinesVerdict::Inconclusive => &mut self.inconclusive,
            MachinesVerdict::NotTestable => &mut self.not_testable,
            MachinesVerdict::Mixed => &mut self.mixed,
        }
    }

    /// How often a word was said.
    #[must_use]
    pub fn get(mut self, word: MachinesVerdict) -> usize {
        *self.mine(word)
    }

    /// The words that were said, and how often.
    pub fn said(self) -> impl Iterator<Item = (MachinesVerdict, usize)> {
        let all = MachinesVerdict::ALL
            .into_iter()
            .map(move |word| (word, self.get(word)));
        all.filter(|(_, count)| *count > 0)
    }
}
