//! One diagnosis, by the rules that the harness judges its scenarios by.

use super::{BranchReport, Placement, own::Own, seen::Seen};
use crate::{
    recorded::Recorded,
    rules::{self, Arm, Cause, Class, Found, Gain},
    what_if::Spawned,
    workers::Workers,
};

/// What kind of situation a call is in, what shows it, and what to do about it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Diagnosis {
    /// The class.
    pub class: Class,
    /// Why it ran one after the other, where something tells.
    pub cause: Option<Cause>,
    /// Class and cause in words.
    pub title: String,
    /// The figures that it rests on, in a line.
    pub evidence: String,
    /// What to do.
    pub remedy: &'static str,
    /// What the remedy is expected to bring, where that is spawning and it is foretold.
    pub gain: Option<Foretold>,
}

impl Diagnosis {
    pub(super) fn of_nothing() -> Self {
        Self {
            class: Class::NotDecided,
            cause: None,
            title: String::new(),
            evidence: String::new(),
            remedy: Class::NotDecided.remedy(),
            gain: None,
        }
    }
}

/// How many times as fast it is expected to be.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Foretold {
    /// At least, if no worker is idle beside something that is ready, and if the branches share no memory.
    pub at_least: f64,
    /// At best.
    pub up_to: f64,
}

/// What a diagnosis is made of.
pub(super) struct Known<'a> {
    pub(super) branches: &'a [BranchReport],
    pub(super) own: &'a Own,
    pub(super) recorded: &'a Recorded,
    pub(super) placement: Placement,
    pub(super) workers: Workers,
    pub(super) cores: usize,
    pub(super) spawned: Option<Spawned>,
}

pub(super) fn diagnose(known: &Known<'_>) -> Diagnosis {
    let found = match known.placement {
        Placement::Unknown if known.branches.iter().all(|branch| branch.polls.is_empty()) => {
            Found::undecided("no branch was polled".to_owned())
        }
        Placement::Unknown => Found::undecided(
            "what was joined cannot be told from what was spawned: await the branches in a scope of the call".to_owned(),
        ),
        Placement::Composed => known.joined(),
        Placement::Placed => known.placed(),
        // What is joined may need something that the spawned ones have, and the other way round.
        Placement::Mixed => Some(known.joined())
            .filter(|found| !matches!(found.class, Class::NotDecided | Class::ComposeIsEnough))
            .unwrap_or_else(|| known.placed()),
    };
    let gain = known.gain().filter(|_| found.class == Class::SpawnNeeded);
    Diagnosis {
        title: found.title(),
        remedy: found.remedy(),
        class: found.class,
        cause: found.cause,
        evidence: found.evidence,
        gain: gain.map(|gain| Foretold {
            at_least: 1.0 / gain.hi.max(f64::MIN_POSITIVE),
            up_to: 1.0 / gain.lo.max(f64::MIN_POSITIVE),
        }),
    }
}

impl Known<'_> {
    /// The branches that were composed, as if there were no others.
    fn joined(&self) -> Found {
        let composed = |branch: &BranchReport| branch.placement != Placement::Placed;
        let seen = Seen::of_some(self.branches, composed, self.own, self.recorded);
        rules::classify(&rules::Recorded {
            branches: self.tops().filter(|branch| composed(branch)).count(),
            compose: one(seen),
            gain: self.gain(),
            ..self.recorded()
        })
    }

    /// All of them.
    fn placed(&self) -> Found {
        rules::classify(&rules::Recorded {
            branches: self.tops().count(),
            placed: one(Seen::of(self.branches, self.own, self.recorded)),
            ..self.recorded()
        })
    }

    fn tops(&self) -> impl Iterator<Item = &BranchReport> {
        let polled = |branch: &&BranchReport| branch.inside.is_none() && !branch.polls.is_empty();
        self.branches.iter().filter(polled)
    }

    fn recorded(&self) -> rules::Recorded {
        let k = self.workers.exactly().map(|count| count as usize);
        rules::Recorded {
            cores: self.cores,
            placing: k,
            spawning: k,
            enough: 1,
            ..rules::Recorded::default()
        }
    }

    /// The foretold times as parts of what it took.
    fn gain(&self) -> Option<Gain> {
        let spawned = self.spawned?;
        let took = Seen::of(self.branches, self.own, self.recorded)
            .all
            .wall_ns
            .max(1) as f64;
        Some(Gain {
            lo: spawned.best_ns as f64 / took,
            hi: spawned.worst_ns as f64 / took,
        })
    }
}

fn one(seen: Seen) -> Arm {
    Arm {
        seen: vec![seen.all],
        disturbed: false,
    }
}
