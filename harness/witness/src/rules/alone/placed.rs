//! Branches that were spawned: did that get them anywhere?

use super::super::{
    Cause, Class, Found, Recorded, Seen,
    compared::{Lateness, blocked, lateness},
    margins::{COMPUTES, LATE, LONG_NS, NO_GAIN, ONE_CORE, TWO_CORES, WORTH_TELLING},
    serial::{Held, held, queue_for_each_other, serial},
    text::ns,
};

pub(in super::super) fn placed(recorded: &Recorded) -> Found {
    let arm = &recorded.placed;
    if arm.cores() >= COMPUTES {
        return behind_a_poll(recorded).unwrap_or_else(|| computing(recorded));
    }
    blocked(arm, "spawned")
        .or_else(|| offloaded(recorded))
        .or_else(|| behind_a_poll(recorded))
        .unwrap_or_else(|| waiting(recorded))
}

/// Closures that block threads of the blocking pool, and would hold up the others in one task.
fn offloaded(recorded: &Recorded) -> Option<Found> {
    let arm = &recorded.placed;
    let held = arm.told(|seen| seen.offloaded_ns)?;
    let gains = recorded.gain.is_some_and(|gain| gain.hi <= WORTH_TELLING);
    (held >= LONG_NS && gains).then(|| {
        Found::done(
            Class::BlockingOffload,
            format!(
                "threads of the blocking pool were held for {}, and nobody waited for them who had something else to do",
                ns(held)
            ),
        )
    })
}

/// Woken or just spawned, and not polled while a thread was idle.
fn behind_a_poll(recorded: &Recorded) -> Option<Found> {
    let arm = &recorded.placed;
    let threads = recorded.placing? as u64;
    let poll = arm.median(|seen| seen.longest_poll_ns);
    let Lateness::Always(late) = lateness(arm, poll) else {
        return None;
    };
    let idle = arm.most(|seen| u64::from(seen.peak_overlap)) < threads;
    let alone = arm.most_cores() <= ONE_CORE && recorded.cores >= 2;
    (threads >= 2 && idle && alone).then(|| {
        let evidence = format!(
            "spawned on {threads} threads, ready for {} and not polled beside a poll of {}, though a thread was idle",
            ns(late),
            ns(poll)
        );
        let told_late = arm.seen.iter().all(|seen| seen.told_late);
        let cause = if told_late {
            Cause::BehindTheDriver
        } else {
            Cause::BehindAPoll
        };
        serial(arm, Some(cause), evidence)
    })
}

/// Somebody went on beside a sibling's poll who would have stood still in one task: that is what joining would cost, though it
/// need not take longer in all.
fn spared(recorded: &Recorded, evidence: &str) -> Option<Found> {
    let arm = &recorded.placed;
    let poll = arm.median(|seen| seen.longest_poll_ns);
    let spared = arm.told(|seen| seen.spared_ns)?;
    (spared >= LONG_NS && spared as f64 >= LATE * poll as f64).then(|| {
        Found::done(
            Class::SpawnNeeded,
            format!(
                "{evidence}: it is spawned, and a branch went on beside a sibling's poll that would have held it up for {}",
                ns(spared)
            ),
        )
    })
}

/// It took less time than it would take joined.
fn gained(recorded: &Recorded, evidence: &str) -> Option<Found> {
    let gain = recorded.gain.filter(|gain| gain.hi <= WORTH_TELLING)?;
    Some(Found::done(
        Class::SpawnNeeded,
        format!(
            "{evidence}: it is spawned, and took {:.2} of the time that it would take joined",
            gain.hi
        ),
    ))
}

fn in_turn(evidence: &str) -> Found {
    Found::because(
        Class::AwaitedOneAfterTheOther,
        Some(Cause::AwaitedAtOnce),
        format!("{evidence}, and never two in flight at once"),
    )
}

fn computing(recorded: &Recorded) -> Found {
    let arm = &recorded.placed;
    if recorded.branches < 2 {
        return Found::undecided("one branch has no sibling".to_owned());
    }
    let used = arm.cores();
    let evidence = format!("spawned {} on {used:.2} cores", ns(arm.fastest()));
    let best = recorded.best(arm);
    if used >= TWO_CORES && arm.side_by_side() {
        return Found::done(
            Class::SpawnNeeded,
            format!("{evidence}: it is spawned, and it runs side by side"),
        );
    }
    if recorded.cores < 2 {
        return Found::undecided(format!("{evidence}; one core runs one thread at a time"));
    }
    let held = held(arm, u64::MAX);
    if matches!(held, Held::ByALock) {
        let why = "two were polled at once, and one of them waited in its poll";
        return serial(
            arm,
            Some(Cause::LockOrChannel),
            format!("{evidence}: {why}"),
        );
    }
    if let Some(found) = gained(recorded, &evidence) {
        return found;
    }
    if arm.always_in_turn(recorded.branches) && matches!(held, Held::OnOneThread) {
        return in_turn(&evidence);
    }
    if let Some(found) = spared(recorded, &evidence) {
        return found;
    }
    // Placed as well as can be, it would take so much of the time that it would take joined.
    let best_of_joined = best.map(|best| best * recorded.gain.map_or(1.0, |gain| gain.lo));
    if best_of_joined.is_some_and(|best| best > WORTH_TELLING) && arm.most_cores() <= ONE_CORE {
        return Found::of(
            Class::ComposeIsEnough,
            format!("{evidence}, and one branch is nearly all of it"),
        );
    }
    if recorded.placing == Some(1) && !arm.side_by_side() {
        let buys = best.map_or_else(String::new, |best| {
            format!("; two would take {best:.2} of the time at best, if the branches share nothing")
        });
        return Found::of(
            Class::SpawnedOnOneThread,
            format!("{evidence}: one thread executes{buys}"),
        );
    }
    match held {
        Held::OnOneThread if recorded.placing.is_some() => serial(arm, None, evidence),
        Held::OnOneThread => Found::undecided(format!(
            "{evidence}, and how many threads execute is not known"
        )),
        Held::ByTheMachine => {
            Found::undecided(format!("{evidence}, and threads waited for a core"))
        }
        Held::ByALock | Held::ByMemory | Held::Unclear => Found::undecided(evidence),
    }
}

fn waiting(recorded: &Recorded) -> Found {
    let arm = &recorded.placed;
    if recorded.branches < 2 {
        return Found::undecided("one branch has no sibling".to_owned());
    }
    let evidence = format!("spawned {} on {:.2} cores", ns(arm.fastest()), arm.cores());
    if let Some(late) = arm.told(Seen::late).filter(|late| *late >= LONG_NS) {
        return Found::undecided(format!(
            "{evidence}: a branch was ready for {} and not polled, and what held the threads is none of the branches",
            ns(late)
        ));
    }
    if arm.always_in_turn(recorded.branches) {
        return in_turn(&evidence);
    }
    if let Some(queue) = queue_for_each_other(recorded, arm) {
        return serial(arm, Some(Cause::LockOrChannel), queue);
    }
    if !arm.always_together() {
        return Found::undecided(format!("{evidence}, and never two in flight at once"));
    }
    if let Some(found) = spared(recorded, &evidence) {
        return found;
    }
    // Joined, the polls come one after the other, and the waits overlap all the same.
    let joined = recorded.gain.map_or_else(
        || {
            let polled = arm.median(|seen| seen.polled_ns) as f64;
            1.0 - polled / arm.fastest().max(1) as f64
        },
        |gain| gain.lo,
    );
    if joined >= NO_GAIN {
        return Found::of(
            Class::ComposeIsEnough,
            format!("{evidence}: the waits overlap, as they would in one task"),
        );
    }
    if let Some(found) = gained(recorded, &evidence) {
        return found;
    }
    Found::undecided(format!(
        "{evidence}, and what joining would take is not known"
    ))
}
