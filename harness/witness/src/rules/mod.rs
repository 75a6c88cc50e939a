//! What kind of situation some branches are in: is the join enough, is a spawn needed, or is it something that neither
//! mends?
//!
//! A class follows from what was seen of the branches and from nothing else: joined, spawned, one after the other, on
//! the blocking pool, as far as each was recorded; how many threads execute; and what spawning is expected to gain.
//! No name is among it. The harness applies the rules to the samples of a scenario, the library to one call.
//!
//! Where the branches were recorded both joined and spawned, these rules are asked in turn (`compared`), and the first
//! that has an answer gives it:
//!
//! 1. `unpolled`: late, joined and spawned, though nothing held a thread meanwhile.
//! 2. `blocked`: a thread was held without being used.
//! 3. `spawning`: the branches spawn by themselves; did that get them anywhere?
//! 4. `stalled`: a branch is late behind a long poll of another.
//! 5. `computing`: the branches use a core; do they use more of them when spawned?
//! 6. `waiting`: they do not; do their waits overlap, and does spawning gain any time?
//!
//! Where there is one of the two (`alone`) the other is what it would be, as far as that can be foretold: from
//! [`Gain`], and from the wakers.
//!
//! Load makes things late and slow, and never early or parallel. So a class that says "late" or "serial"
//! wants every sample to agree and, where load could make it so, undisturbed ones. In between, and where
//! that is lacking, it is not decided, and the evidence says why.

mod alone;
mod class;
mod compared;
mod margins;
mod recorded;
mod seen;
mod serial;
pub(crate) mod text;

pub use class::{Cause, Class};
#[cfg(feature = "watch")]
pub(crate) use margins::LONG_NS;
pub use margins::{COMPUTES, HELD_IDLE};
pub use recorded::{Arm, Gain, Recorded};
pub use seen::Seen;

/// A class, and what shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The class.
    pub class: Class,
    /// Why it ran one after the other, where the class leaves that open and something tells.
    pub cause: Option<Cause>,
    /// One line.
    pub evidence: String,
    /// What the class asks for has been done: it is spawned, or offloaded, and should stay so.
    pub done: bool,
}

impl Found {
    /// What it says of a program: of its cause, or else of its class.
    #[must_use]
    pub fn meaning(&self) -> &'static str {
        self.cause
            .map_or_else(|| self.class.meaning(), Cause::meaning)
    }

    /// What to do: the cure of its cause, or else of its class; or nothing.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self.class {
            Class::SpawnNeeded if self.done => "Leave it spawned.",
            Class::BlockingOffload if self.done => "Leave it on the blocking pool.",
            class => self.cause.map_or_else(|| class.remedy(), Cause::remedy),
        }
    }

    /// Class and cause, as people read them: `spawned but serialised: a lock or channel`.
    #[must_use]
    pub fn title(&self) -> String {
        self.class.with(self.cause)
    }

    fn of(class: Class, evidence: String) -> Self {
        Self::because(class, None, evidence)
    }

    fn because(class: Class, cause: Option<Cause>, evidence: String) -> Self {
        Self {
            class,
            cause,
            evidence,
            done: false,
        }
    }

    fn done(class: Class, evidence: String) -> Self {
        Self {
            done: true,
            ..Self::of(class, evidence)
        }
    }

    /// Whether it follows from who waited for whom, which load does not change; or from branches that ran side by side. Anything
    /// that rests on how long something took could be the doing of load.
    fn stands_beside_load(&self) -> bool {
        let by_wakes = matches!(
            self.class,
            Class::BlockingOffload
                | Class::AwaitedOneAfterTheOther
                | Class::SerialisedByWhatTheyShare
        );
        by_wakes || self.done || self.cause == Some(Cause::LockOrChannel)
    }

    /// Nothing that can be said, and why.
    #[must_use]
    pub fn undecided(why: String) -> Self {
        Self::of(Class::NotDecided, why)
    }
}

/// The class of what was recorded.
#[must_use]
pub fn classify(recorded: &Recorded) -> Found {
    let (joined, spawned) = (&recorded.compose, &recorded.placed);
    let has = |arm: &Arm| arm.seen.len() >= recorded.enough.max(1);
    // In the harness both arms are wanted, and each of them several times; one call has one.
    let one = recorded.enough <= 1;
    if (has(joined) && has(spawned)) || !one {
        return compared::classify(recorded);
    }
    for arm in [joined, spawned].into_iter().filter(|arm| has(arm)) {
        if !arm.all_seen() {
            return Found::undecided("not all polls were seen".to_owned());
        }
    }
    let (arm, found) = if has(joined) {
        (joined, alone::joined(recorded))
    } else if has(spawned) {
        (spawned, alone::placed(recorded))
    } else {
        return Found::undecided("neither joined nor spawned branches were seen".to_owned());
    };
    let late_all_the_same = found.class == Class::SpawnNeeded && alone::late_without_load(recorded);
    if arm.disturbed && !late_all_the_same && !found.stands_beside_load() {
        return Found::undecided(format!("machine busy: {}", found.evidence));
    }
    found
}

#[cfg(test)]
mod tests;
