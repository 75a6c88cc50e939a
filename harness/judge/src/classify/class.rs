//! The classes, and what each means.

use serde::{Deserialize, Serialize};

/// What kind of situation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Waits overlap in one task, and spawning gains nothing.
    ComposeIsEnough,
    /// Only another thread gives the time, or the turn, that is missing.
    SpawnNeeded,
    /// A branch blocks its thread.
    BlockingOffload,
    /// It was spawned, and several threads execute, and it ran one after the other all the same.
    SpawnedButSerialised,
    /// It was spawned, and one thread executes what is spawned.
    SpawnedOnOneThread,
    /// Something was ready, and nobody polled it.
    Unpolled,
    /// What was recorded does not tell.
    NotDecided,
}

impl Class {
    /// As people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::ComposeIsEnough => "compose is enough",
            Class::SpawnNeeded => "spawn needed",
            Class::BlockingOffload => "blocking: offload",
            Class::SpawnedButSerialised => "spawned but serialised",
            Class::SpawnedOnOneThread => "spawned on one thread",
            Class::Unpolled => "unpolled",
            Class::NotDecided => "not decided",
        }
    }

    /// What it means for somebody whose program is in this situation.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Class::ComposeIsEnough => "Join it: a spawn would cost more and gain nothing.",
            Class::SpawnNeeded => "Spawn it: in one task it holds up whatever is joined with it.",
            Class::BlockingOffload => {
                "Hand the blocking call to the blocking pool: neither joining nor spawning mends it."
            }
            Class::SpawnedButSerialised => {
                "Spawning gained no thread here: spawn before you await or compute, and await later."
            }
            Class::SpawnedOnOneThread => {
                "Spawning gains nothing until a second thread executes what is spawned."
            }
            Class::Unpolled => {
                "Keep polling it, or spawn the part that must go on: neither more threads nor a faster core help."
            }
            Class::NotDecided => "Measure again on a quiet machine, or with more samples.",
        }
    }
}
