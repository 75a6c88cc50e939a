//! Which runtimes are made of the same executor, reactor or pool, by the lock file: what they agree on is one piece of
//! evidence, and not one for each.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Entrant;

/// Some runtimes, and what they share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kin {
    /// The runtimes, two at least.
    pub runtimes: Vec<String>,
    /// The crates, each as `NAME VERSION`.
    pub crates: Vec<String>,
}

/// Who of these shares what: crates that the same runtimes share stand together, those of the most runtimes first.
#[must_use]
pub fn kin(entrants: &[Entrant]) -> Vec<Kin> {
    let mut who_has: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entrant in entrants.iter().filter(|entrant| entrant.asked) {
        for part in &entrant.lineage {
            who_has.entry(part).or_default().insert(&entrant.name);
        }
    }
    let mut shared: BTreeMap<BTreeSet<&str>, Vec<String>> = BTreeMap::new();
    for (part, runtimes) in who_has {
        if runtimes.len() > 1 {
            shared.entry(runtimes).or_default().push(part.to_owned());
        }
    }
    let mut all: Vec<Kin> = shared
        .into_iter()
        .map(|(runtimes, crates)| Kin {
            runtimes: runtimes.into_iter().map(str::to_owned).collect(),
            crates,
        })
        .collect();
    all.sort_by_key(|kin| std::cmp::Reverse(kin.runtimes.len()));
    all
}

impl Kin {
    /// In a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!(
            "{} share {}: where they agree, that is one piece of evidence.",
            listed(&self.runtimes),
            listed(&self.crates)
        )
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated::{entrant, unasked};

    fn made_of(name: &str, lineage: &[&str]) -> Entrant {
        Entrant {
            lineage: lineage.iter().map(|&part| part.to_owned()).collect(),
            ..entrant(name, Vec::new())
        }
    }

    #[test]
    fn who_shares_what_is_said_once() {
        let all = [
            made_of("async-std", &["async-executor 1.14.1", "async-io 2.6.0"]),
            made_of("smol", &["async-executor 1.14.1", "async-io 2.6.0"]),
            made_of("threads", &["async-io 2.6.0"]),
            made_of("tokio", &["tokio 1.54.1"]),
        ];
        let sentences: Vec<String> = kin(&all).iter().map(Kin::sentence).collect();
        assert_eq!(
            sentences,
            [
                "async-std, smol and threads share async-io 2.6.0: where they agree, that is one piece of evidence.",
                "async-std and smol share async-executor 1.14.1: where they agree, that is one piece of evidence.",
            ]
        );
    }

    #[test]
    fn another_version_is_another_crate_and_who_is_only_compared_with_is_no_evidence() {
        let versions = [made_of("a", &["x 1.0.0"]), made_of("b", &["x 2.0.0"])];
        assert_eq!(kin(&versions), []);
        let compared = [
            made_of("a", &["x 1.0.0"]),
            unasked(made_of("b", &["x 1.0.0"])),
        ];
        assert_eq!(kin(&compared), []);
    }
}
