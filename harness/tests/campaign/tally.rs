//! How many trials there were, of which kinds, and what was not as promised.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

/// As many violations of one kind are told in full.
const TOLD: usize = 3;

#[derive(Default)]
pub(super) struct Tally {
    /// By kind.
    tried: BTreeMap<String, usize>,
    /// By what was not as promised, without numbers: how often.
    wrong: BTreeMap<String, usize>,
    violations: usize,
}

impl Tally {
    pub(super) fn take(&mut self, seed: u64, kind: String, wrong: Vec<String>) {
        for what in wrong {
            let digits = |c: char| !c.is_ascii_digit();
            let first = what.lines().next().unwrap_or_default();
            let shape: String = first.chars().filter(|&c| digits(c)).take(60).collect();
            let shape = format!("{}: {shape}", kind.split(' ').next().unwrap_or_default());
            let times = self.wrong.entry(shape).or_default();
            *times += 1;
            self.violations += 1;
            if *times <= TOLD {
                println!(
                    "VIOLATION, {kind}: {what}\n  again: CAMPAIGN_SEED={seed} CAMPAIGN_TRIALS=1"
                );
            }
        }
        *self.tried.entry(kind).or_default() += 1;
    }

    pub(super) fn tried(&self) -> usize {
        self.tried.values().sum()
    }

    pub(super) fn violations(&self) -> usize {
        self.violations
    }

    /// All of it, for people.
    pub(super) fn text(&self, took: Duration) -> String {
        let mut groups: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (kind, times) in &self.tried {
            let group = groups.entry(kind.split(' ').next().unwrap_or_default());
            let (kinds, trials) = group.or_default();
            *kinds += 1;
            *trials += times;
        }
        let mut text = format!(
            "tried {} faults of {} kinds in {} s",
            self.tried(),
            self.tried.len(),
            took.as_secs()
        );
        for (group, (kinds, trials)) in groups {
            let _ = write!(text, "\n  {trials:6}  {group}, {kinds} kinds");
        }
        let _ = write!(text, "\nnot as promised: {}", self.violations);
        for (what, times) in &self.wrong {
            let _ = write!(text, "\n  {times:6}  {what}");
        }
        text
    }
}
