//! One diagnosis, by the rules that the harness judges its scenarios by.

use super::{
    BranchReport, Placement,
    chains::{self, Otherwise},
    own::Own,
    seen::Seen,
};
use crate::{
    recorded::Recorded,
    rules::{self, Arm, Cause, Class, Found, Gain, text::ns},
    what_if::{SPAWN_NS, Spawned},
    workers::Workers,
};

/// Of a shorter call there is nothing to say: what it would gain is within what spawns and wakes take.
const SHORT_NS: u64 = 20 * SPAWN_NS;

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
    /// Whether there is nothing to do: it is put together as the class would have it.
    pub done: bool,
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
            done: false,
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
        _ if known.is_short() => Found::undecided(format!(
            "it took {} in all, and a spawn alone may take {}",
            ns(known.seen().wall_ns),
            ns(SPAWN_NS)
        )),
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
    let as_it_is = as_it_is(&found, known.placement);
    let gain = known.gain().filter(|_| found.class == Class::SpawnNeeded);
    Diagnosis {
        title: found.title(),
        remedy: as_it_is.unwrap_or_else(|| found.remedy()),
        done: found.done || as_it_is.is_some(),
        class: found.class,
        cause: found.cause,
        evidence: found.evidence,
        gain: gain.map(|gain| Foretold {
            at_least: 1.0 / gain.hi.max(f64::MIN_POSITIVE),
            up_to: 1.0 / gain.lo.max(f64::MIN_POSITIVE),
        }),
    }
}

/// What to do where nothing is wrong: the remedy of the class says how it should be, and so it is.
fn as_it_is(found: &Found, placement: Placement) -> Option<&'static str> {
    match (found.class, placement) {
        (Class::ComposeIsEnough, Placement::Composed) => Some("Leave it joined."),
        (Class::ComposeIsEnough, Placement::Mixed) => {
            Some("Leave what blocks on its thread, and the rest joined.")
        }
        _ => None,
    }
}

impl Known<'_> {
    /// All branches.
    fn seen(&self) -> rules::Seen {
        Seen::of(self.branches, self.own, self.recorded).all
    }

    /// Something was polled, and all of it took hardly longer than a spawn.
    fn is_short(&self) -> bool {
        let seen = self.seen();
        seen.polls > 0 && seen.wall_ns < SHORT_NS
    }

    /// The branches that were composed, as if there were no others.
    fn joined(&self) -> Found {
        let composed = |branch: &BranchReport| branch.placement != Placement::Placed;
        let seen = Seen::of_some(self.branches, composed, self.own, self.recorded);
        rules::classify(&rules::Recorded {
            branches: self.tops().filter(|branch| composed(branch)).count(),
            compose: self.one(seen),
            gain: self.gain(),
            best: self
                .best()
                .filter(|_| self.placement == Placement::Composed),
            ..self.recorded()
        })
    }

    /// All of them.
    fn placed(&self) -> Found {
        let took = self.took() as f64;
        let over = |(least, most): (u64, u64)| Gain {
            lo: took / most.max(1) as f64,
            hi: took / least.max(1) as f64,
        };
        rules::classify(&rules::Recorded {
            branches: self.tops().count(),
            placed: self.one(Seen::of(self.branches, self.own, self.recorded)),
            gain: self.otherwise().map(|otherwise| over(otherwise.joined_ns)),
            best: self.best(),
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

    fn otherwise(&self) -> Option<Otherwise> {
        let (workers, cores) = (self.workers, self.cores);
        chains::otherwise(self.branches, self.own, self.recorded, workers, cores)
    }

    /// What it could take at best, as a part of what it took.
    fn best(&self) -> Option<f64> {
        let otherwise = self.otherwise()?;
        Some(otherwise.best_ns as f64 / self.took() as f64)
    }

    fn one(&self, seen: Seen) -> Arm {
        let all = seen.all;
        let part = |ns: Option<u64>, whole: u64| ns.unwrap_or(0) as f64 / whole.max(1) as f64;
        let polls = part(all.queued_ns, all.polled_ns);
        let parent = part(self.recorded.without_core_ns, all.wall_ns);
        Arm {
            seen: vec![all],
            disturbed: polls.max(parent) > DISTURBED,
        }
    }

    fn took(&self) -> u64 {
        self.seen().wall_ns.max(1)
    }

    /// The foretold times as parts of what it took.
    fn gain(&self) -> Option<Gain> {
        let spawned = self.spawned?;
        let took = self.took() as f64;
        Some(Gain {
            lo: spawned.best_ns as f64 / took,
            hi: spawned.worst_ns as f64 / took,
        })
    }
}

/// Others had the cores for more than this part of the time in polls, or the parent's thread wanted one for this part of the
/// whole.
const DISTURBED: f64 = 0.05;
