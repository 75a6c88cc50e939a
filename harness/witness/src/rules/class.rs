//! The classes and their causes: what each is called, what it means, and what to do.

/// What kind of situation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Class {
    /// Spawning gains nothing: the waits overlap in one task, or one branch is nearly all there is.
    ComposeIsEnough,
    /// Only another thread gives the time, or the turn, that is missing.
    SpawnNeeded,
    /// A branch blocks its thread.
    BlockingOffload,
    /// It was spawned, and several threads execute, and it ran one after the other all the same.
    SpawnedButSerialised,
    /// One thread executes what is spawned.
    SpawnedOnOneThread,
    /// Joined, spawned and one after the other it takes the same time.
    SerialisedByWhatTheyShare,
    /// No branch began to wait before the one in front of it was done.
    AwaitedOneAfterTheOther,
    /// Something was ready, and nobody polled it.
    Unpolled,
    /// What was recorded does not tell.
    NotDecided,
}

impl Class {
    /// All of them.
    pub const ALL: [Class; 9] = [
        Class::ComposeIsEnough,
        Class::SpawnNeeded,
        Class::BlockingOffload,
        Class::SpawnedButSerialised,
        Class::SpawnedOnOneThread,
        Class::SerialisedByWhatTheyShare,
        Class::AwaitedOneAfterTheOther,
        Class::Unpolled,
        Class::NotDecided,
    ];

    /// As people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::ComposeIsEnough => "compose is enough",
            Class::SpawnNeeded => "spawn needed",
            Class::BlockingOffload => "blocking: offload",
            Class::SpawnedButSerialised => "spawned but serialised",
            Class::SpawnedOnOneThread => "spawned on one thread",
            Class::SerialisedByWhatTheyShare => "serialised by what they share",
            Class::AwaitedOneAfterTheOther => "awaited one after the other",
            Class::Unpolled => "unpolled",
            Class::NotDecided => "not decided",
        }
    }

    /// With its cause, if there is one: `spawned but serialised: a lock or channel`.
    #[must_use]
    pub fn with(self, cause: Option<Cause>) -> String {
        let cause = cause.map_or_else(String::new, |cause| format!(": {}", cause.name()));
        format!("{}{cause}", self.name())
    }

    /// What it says of somebody's program.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Class::ComposeIsEnough => "A spawn would cost more and gain nothing.",
            Class::SpawnNeeded => {
                "In one task it holds up whatever is joined with it; another thread would run it meanwhile."
            }
            Class::BlockingOffload => {
                "A call holds its thread and waits: nothing else that this thread executes goes on."
            }
            Class::SpawnedButSerialised => {
                "It was spawned, several threads execute, and it gained nothing."
            }
            Class::SpawnedOnOneThread => {
                "One thread executes what is spawned, so that spawned branches take turns as joined ones do."
            }
            Class::SerialisedByWhatTheyShare => {
                "One branch at a time has what all of them need, however they are put together."
            }
            Class::AwaitedOneAfterTheOther => {
                "Each branch began only when the one before it had ended, so that their waits add up."
            }
            Class::Unpolled => {
                "Something was ready to go on, its thread was free, and whoever has to poll it was waiting for something else."
            }
            Class::NotDecided => "What was recorded fits several answers, or none.",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Class::ComposeIsEnough => "Join them in one task.",
            Class::SpawnNeeded => "Spawn it, and await its handle where the result is needed.",
            Class::BlockingOffload => {
                "Hand the blocking call to the blocking pool: neither joining nor spawning mends it."
            }
            Class::SpawnedButSerialised => {
                "Spawn before you await or compute, and await later; if that is so already, join it instead."
            }
            Class::SpawnedOnOneThread => {
                "Let a second thread execute what is spawned, or join it: spawning alone gains nothing."
            }
            Class::SerialisedByWhatTheyShare => {
                "Share less or hold it shorter (nothing awaited or computed under a lock, more than one connection): neither joining nor spawning helps."
            }
            Class::AwaitedOneAfterTheOther => {
                "Make all branches first, and then await them together with a join."
            }
            Class::Unpolled => {
                "Keep polling it, or spawn the part that must go on: neither more threads nor a faster core help."
            }
            Class::NotDecided => {
                "Measure again on a quiet machine, or more often: with more rounds, or by the totals of many calls."
            }
        }
    }
}

/// Why what was spawned, or shared, ran one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Cause {
    /// Each was awaited before the next was spawned.
    AwaitedAtOnce,
    /// It waited in the queue of a thread that went on polling something else, and no other thread took it.
    BehindAPoll,
    /// The thread that polled the driver ran what that woke, and nobody polled the driver meanwhile.
    BehindTheDriver,
    /// One branch at a time had a lock, a connection or a turn at a channel.
    LockOrChannel,
    /// Side by side the same work took more CPU time: memory is what they share.
    SharedMemory,
}

impl Cause {
    /// All of them.
    pub const ALL: [Cause; 5] = [
        Cause::AwaitedAtOnce,
        Cause::BehindAPoll,
        Cause::BehindTheDriver,
        Cause::LockOrChannel,
        Cause::SharedMemory,
    ];

    /// As people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Cause::AwaitedAtOnce => "each awaited right after its spawn",
            Cause::BehindAPoll => "behind its parent's poll",
            Cause::BehindTheDriver => "behind the driver",
            Cause::LockOrChannel => "a lock or channel",
            Cause::SharedMemory => "shared memory",
        }
    }

    /// What it says of somebody's program.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Cause::AwaitedAtOnce => "Each was awaited before the next was spawned.",
            Cause::BehindAPoll => {
                "It lay in the queue of the thread that spawned or woke it, which computed on, and no other thread took it from there."
            }
            Cause::BehindTheDriver => {
                "The thread that polls timers and sockets ran what these woke, and no other thread polled them meanwhile."
            }
            Cause::LockOrChannel => {
                "One branch at a time had the lock, the connection or the turn that all of them need."
            }
            Cause::SharedMemory => {
                "Side by side the same work took more CPU time: the branches wait for the same memory."
            }
        }
    }

    /// Its cure.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Cause::AwaitedAtOnce => {
                "Make all of them first and await them afterwards; for what only waits a join is enough, without a spawn."
            }
            Cause::BehindAPoll => {
                "Yield right after the spawn or the wake, or compute on the blocking pool."
            }
            Cause::BehindTheDriver => {
                "Compute on the blocking pool, or yield before the long piece: then another thread polls timers and sockets."
            }
            Cause::LockOrChannel => {
                "Hold it shorter, or have more than one: await and compute nothing under a lock that others want."
            }
            Cause::SharedMemory => {
                "Make the data smaller, or give each branch its own part of it: more threads only wait for memory."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever reads one reads a plain sentence.
    #[test]
    fn each_has_a_name_and_two_sentences_of_its_own() {
        let classes = Class::ALL.map(|class| (class.name(), class.meaning(), class.remedy()));
        let causes = Cause::ALL.map(|cause| (cause.name(), cause.meaning(), cause.remedy()));
        let all: Vec<_> = classes.into_iter().chain(causes).collect();
        for (index, (name, meaning, remedy)) in all.iter().enumerate() {
            for text in [meaning, remedy] {
                assert!(text.ends_with('.') && text.len() > 8, "{name}: {text}");
                assert!(text.starts_with(char::is_uppercase), "{name}: {text}");
            }
            let others = all.iter().skip(index + 1);
            assert!(
                others
                    .into_iter()
                    .all(|other| other.0 != *name && other.1 != *meaning)
            );
        }
    }
}
