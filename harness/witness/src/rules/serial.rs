//! What ran one after the other though several threads execute: is that so by what the branches share, and why?

use super::{
    Arm, Cause, Class, Found, Recorded, Seen,
    margins::{
        APART, CLEAR_GAIN, HELD_BUSY, MORE_CORES, ONE_CORE, OVERLAPPED, QUEUED_FOR_EACH_OTHER,
        TWO_CORES,
    },
    recorded::{alike, middle},
    text::ns,
};

/// Serial, unless load may have made it so.
pub(super) fn serial(arm: &Arm, cause: Option<Cause>, evidence: String) -> Found {
    if arm.disturbed {
        return Found::undecided(format!("machine busy: {evidence}"));
    }
    Found::because(Class::SpawnedButSerialised, cause, evidence)
}

/// What holds up branches that compute on several threads and gain no time by it.
pub(super) enum Held {
    /// Two were polled at once on the time of one core: one of them held its thread and waited.
    ByALock,
    /// Two computed at once, and it took the CPU time of both for the work of one.
    ByMemory,
    /// Never two at once: one thread had them all.
    OnOneThread,
    /// Two threads were inside branches and one of them had no core.
    ByTheMachine,
    /// None of these.
    Unclear,
}

/// Of an arm on several threads that took as long as one thread would: `work` is the CPU time that it takes there.
pub(super) fn held(arm: &Arm, work: u64) -> Held {
    let used = arm.cores();
    let one_core = arm.most_cores() <= ONE_CORE;
    // Time in polls that nobody used, and not because one branch is short and ended first. In most samples: a thread
    // that was woken late finds the other nearly done.
    let used_of_polls = |seen: &Seen| seen.cpu_ns as f64 / seen.polled_ns.max(1) as f64;
    let waits = middle(&mut arm.seen.iter().map(used_of_polls).collect::<Vec<_>>())
        .is_some_and(|used| used < HELD_BUSY);
    let more_work = arm.median(|seen| seen.cpu_ns) as f64 >= TWO_CORES * work as f64;
    match arm.side_by_side() {
        true if one_core && waits && arm.short_of_cores() => Held::ByTheMachine,
        true if one_core && waits => Held::ByALock,
        true if used >= TWO_CORES && more_work => Held::ByMemory,
        false if one_core => Held::OnOneThread,
        _ => Held::Unclear,
    }
}

/// Computing branches that gained nothing on several threads: `evidence` says by what figures.
pub(super) fn computed_in_turn(recorded: &Recorded, evidence: String) -> Found {
    let spawned = &recorded.placed;
    let class_of_lock = if takes_as_long_in_turn(recorded) {
        Class::SerialisedByWhatTheyShare
    } else {
        Class::SpawnedButSerialised
    };
    let because =
        |class, cause, why: &str| Found::because(class, Some(cause), format!("{evidence}: {why}"));
    match held(spawned, recorded.compose.median(|seen| seen.cpu_ns)) {
        Held::ByALock => because(
            class_of_lock,
            Cause::LockOrChannel,
            "two were polled at once, and one of them waited in its poll",
        ),
        Held::ByMemory => because(
            Class::SpawnedButSerialised,
            Cause::SharedMemory,
            "two computed at once, and the same work took the time of both",
        ),
        Held::OnOneThread if spawned.always_in_turn(recorded.branches) => because(
            Class::AwaitedOneAfterTheOther,
            Cause::AwaitedAtOnce,
            "never two in flight at once",
        ),
        Held::OnOneThread => Found::of(Class::SpawnedButSerialised, evidence),
        Held::ByTheMachine => {
            Found::undecided(format!("{evidence}, and threads waited for a core"))
        }
        Held::Unclear => Found::undecided(evidence),
    }
}

/// One after the other they take no longer than joined, as far as that was recorded.
fn takes_as_long_in_turn(recorded: &Recorded) -> bool {
    let in_turn = &recorded.sequential;
    recorded.tells_quietly(in_turn) && alike(in_turn.fastest(), recorded.compose.fastest())
}

/// What the blocking pool shows of threads that a runtime with one executing thread does not have.
pub(super) enum MoreThreads {
    /// They gain so much: the part of the joined time that is left.
    Gain(f64),
    /// Nothing, since the branches share what only one of them can have.
    WaitForEachOther,
    /// Nothing, since the branches share memory.
    WaitForMemory,
    /// It was recorded, and is not clear, or others disturbed it.
    Unclear,
    /// Not recorded, or the pool had no second thread.
    NotTold,
}

/// Whether more threads gain anything, by the arm that had more.
pub(super) fn more_threads(recorded: &Recorded) -> MoreThreads {
    let (joined, offloaded) = (&recorded.compose, &recorded.offloaded);
    let two_at_once = offloaded.most(|seen| u64::from(seen.peak_overlap)) >= 2;
    if !recorded.tells(offloaded) || recorded.cores < 2 || !two_at_once {
        return MoreThreads::NotTold;
    }
    let ratio = offloaded.fastest() as f64 / joined.fastest().max(1) as f64;
    if ratio <= CLEAR_GAIN && offloaded.side_by_side() {
        return MoreThreads::Gain(ratio);
    }
    if offloaded.disturbed || joined.disturbed || !alike(offloaded.fastest(), joined.fastest()) {
        return MoreThreads::Unclear;
    }
    match held(offloaded, joined.median(|seen| seen.cpu_ns)) {
        Held::ByALock => MoreThreads::WaitForEachOther,
        Held::ByMemory => MoreThreads::WaitForMemory,
        Held::OnOneThread | Held::ByTheMachine | Held::Unclear => MoreThreads::Unclear,
    }
}

/// How much of what waits could overlap they do overlap.
pub(super) enum Overlap {
    /// Next to nothing, and the evidence.
    Nothing(String),
    /// Less than half, and the evidence.
    Little(String),
    /// Enough of it; or it is not told, or there is nothing to overlap.
    Enough,
}

/// Branches that wait, held against the same awaited one after the other. What could be overlapped is all but the
/// longest of them, which nobody shortens.
pub(super) fn overlap(recorded: &Recorded) -> Overlap {
    let (in_turn, joined, spawned) = (&recorded.sequential, &recorded.compose, &recorded.placed);
    let longest = in_turn.told(|seen| seen.longest_life_ns);
    let (Some(longest), true) = (longest, recorded.tells_quietly(in_turn)) else {
        return Overlap::Enough;
    };
    let all = in_turn.fastest();
    let could = all.saturating_sub(longest);
    // One branch is nearly all of it.
    if (could as f64) < (1.0 - CLEAR_GAIN) * all as f64 {
        return Overlap::Enough;
    }
    let did = |arm: &Arm| all.saturating_sub(arm.fastest()) as f64 / could.max(1) as f64;
    let evidence = format!(
        "one after the other {}, joined {}, spawned {}, though they were in flight together and the longest takes {}",
        ns(all),
        ns(joined.fastest()),
        ns(spawned.fastest()),
        ns(longest)
    );
    let most = did(joined).max(did(spawned));
    let together = joined.always_together() && spawned.always_together();
    match most {
        _ if !together || most >= OVERLAPPED => Overlap::Enough,
        _ if most <= APART => Overlap::Nothing(evidence),
        _ => Overlap::Little(evidence),
    }
}

/// Branches that wait for each other's wakes for as long as a queue for one thing makes them: the second for the
/// first, the third for both. What ended a wait is known from the wakers.
pub(super) fn queue_for_each_other(recorded: &Recorded, arm: &Arm) -> Option<String> {
    let waited = arm.told(|seen| seen.waited_for_siblings_ns)?;
    let wall = arm.median(|seen| seen.wall_ns);
    let ahead = recorded.branches.saturating_sub(1) as f64 / 2.0;
    let queue = ahead * wall as f64;
    (arm.always_together() && queue > 0.0 && waited as f64 >= QUEUED_FOR_EACH_OTHER * queue).then(
        || {
            format!(
                "of {}, its branches waited {} in all for wakes that came from each other",
                ns(wall),
                ns(waited)
            )
        },
    )
}

/// The spawned branches used more cores than the joined ones.
pub(super) fn gained_cores(recorded: &Recorded) -> bool {
    recorded.placed.most_cores() >= MORE_CORES * recorded.compose.most_cores()
}
