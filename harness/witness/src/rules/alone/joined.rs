//! Branches that were joined: what would spawning them gain?

use super::super::{
    Cause, Class, Found, Recorded, Seen,
    compared::{Lateness, blocked, lateness},
    margins::{COMPUTES, LATE, LONG_NS, MOSTLY, NO_GAIN, WORTH_TELLING},
    serial::queue_for_each_other,
    text::ns,
};

pub(in super::super) fn joined(recorded: &Recorded) -> Found {
    let arm = &recorded.compose;
    let rules = [stalled, computing];
    unpolled(recorded)
        .or_else(|| blocked(arm, "joined"))
        .or_else(|| rules.into_iter().find_map(|rule| rule(recorded)))
        .unwrap_or_else(|| waiting(recorded))
}

/// Woken, and polled long after, while no sibling's poll held the task up.
fn unpolled(recorded: &Recorded) -> Option<Found> {
    let arm = &recorded.compose;
    let ready = arm.told(|seen| seen.ready_ns)?;
    let held = arm.told(|seen| seen.held_by_sibling_ns)?;
    let explained = arm.most(|seen| seen.longest_poll_ns.max(seen.cpu_ns / 2));
    (ready >= LONG_NS && explained.max(held) <= ready / 4).then(|| {
        Found::of(
            Class::Unpolled,
            format!(
                "a branch had been woken and was not polled for {}, and no poll was longer than {}",
                ns(ready),
                ns(explained)
            ),
        )
    })
}

/// Woken, and not polled while a sibling in the same task was.
fn stalled(recorded: &Recorded) -> Option<Found> {
    let arm = &recorded.compose;
    if recorded.branches < 2 {
        return None;
    }
    let poll = arm.median(|seen| seen.longest_poll_ns);
    let Lateness::Always(late) = lateness(arm, poll) else {
        return None;
    };
    let held = arm.told(|seen| seen.held_by_sibling_ns);
    if held.is_some_and(|held| (held as f64) < MOSTLY * late as f64) {
        return None;
    }
    Some(where_it_runs(
        recorded,
        format!(
            "late by {} behind a sibling's poll of {}",
            ns(late),
            ns(poll)
        ),
    ))
}

/// Whether a branch would have been late behind a sibling's poll on a machine of its own too. Load makes that poll longer by
/// the time that it waited for a core; and it makes the wake later, if anything, never earlier within the poll. So what is
/// left of the lateness without that time is the least that it would have been.
pub(in super::super) fn late_without_load(recorded: &Recorded) -> bool {
    let arm = &recorded.compose;
    let left = |seen: &Seen| Some(seen.held_by_sibling_ns?.saturating_sub(seen.queued_ns?));
    let poll = arm.median(|seen| seen.longest_poll_ns.min(seen.cpu_ns));
    arm.told(left)
        .is_some_and(|left| left >= LONG_NS && left as f64 >= LATE * poll as f64)
}

/// A spawn is what is missing, if a thread is left to execute it.
fn where_it_runs(recorded: &Recorded, evidence: String) -> Found {
    match recorded.placing {
        _ if recorded.cores < 2 => {
            Found::undecided(format!("{evidence}; one core runs one thread at a time"))
        }
        Some(1) => Found::of(
            Class::SpawnedOnOneThread,
            format!("{evidence}; one thread executes what is spawned"),
        ),
        Some(_) => Found::of(Class::SpawnNeeded, evidence),
        None => Found::of(
            Class::SpawnNeeded,
            format!("{evidence}, if two threads execute what is spawned"),
        ),
    }
}

/// Branches that use a core: what spawning would gain is foretold.
fn computing(recorded: &Recorded) -> Option<Found> {
    let arm = &recorded.compose;
    if arm.cores() < COMPUTES {
        return None;
    }
    if recorded.branches < 2 {
        return Some(Found::undecided("one branch has no sibling".to_owned()));
    }
    let evidence = format!("joined {} on {:.2} cores", ns(arm.fastest()), arm.cores());
    // What spawning would gain supposes that each needs the one before, which only the program's author knows.
    if arm.always_in_turn(recorded.branches) {
        return Some(Found::of(
            Class::AwaitedOneAfterTheOther,
            format!(
                "{evidence}, and each began when the one before it had ended: they compute, so if none needs another, spawn them"
            ),
        ));
    }
    // On one thread what two would take is what matters.
    let best = recorded.best(arm);
    if let Some(best) = best.filter(|best| *best > WORTH_TELLING && recorded.cores >= 2) {
        return Some(Found::of(
            Class::ComposeIsEnough,
            format!(
                "{evidence}, and spawned it would take {best:.2} of that at best: one branch is nearly all of it"
            ),
        ));
    }
    if recorded.placing == Some(1) {
        return Some(where_it_runs(recorded, evidence));
    }
    let Some(gain) = recorded.gain else {
        return Some(Found::undecided(format!(
            "{evidence}, and what spawning would gain cannot be foretold"
        )));
    };
    let foretold = format!(
        "{evidence}; spawned it would take {:.2} to {:.2} of that",
        gain.lo, gain.hi
    );
    Some(if gain.hi <= WORTH_TELLING {
        where_it_runs(recorded, foretold)
    } else if gain.lo > WORTH_TELLING {
        Found::of(Class::ComposeIsEnough, foretold)
    } else {
        Found::undecided(foretold)
    })
}

/// Branches that leave the core idle.
fn waiting(recorded: &Recorded) -> Found {
    let arm = &recorded.compose;
    if recorded.branches < 2 {
        return Found::undecided("one branch has no sibling".to_owned());
    }
    let evidence = format!(
        "joined {} on {:.2} cores, in {} polls",
        ns(arm.fastest()),
        arm.cores(),
        arm.median(|seen| seen.polls)
    );
    if let Some(late) = arm.told(Seen::late).filter(|late| *late >= LONG_NS) {
        return Found::undecided(format!(
            "{evidence}: late by {}, and what held it up is not clear",
            ns(late)
        ));
    }
    if arm.always_in_turn(recorded.branches) {
        return Found::of(
            Class::AwaitedOneAfterTheOther,
            format!("{evidence}, and never two in flight at once"),
        );
    }
    if let Some(queue) = queue_for_each_other(recorded, arm) {
        let cause = Some(Cause::LockOrChannel);
        return Found::because(Class::SerialisedByWhatTheyShare, cause, queue);
    }
    if !arm.always_together() {
        return Found::undecided(format!("{evidence}, and never two in flight at once"));
    }
    // All that a spawn could save is time in polls.
    let polls = 1.0 - arm.median(|seen| seen.polled_ns) as f64 / arm.fastest().max(1) as f64;
    let best = recorded.gain.map_or(polls, |gain| gain.lo);
    if best >= NO_GAIN {
        return Found::of(Class::ComposeIsEnough, evidence);
    }
    match recorded.gain {
        Some(gain) if gain.hi < NO_GAIN => where_it_runs(
            recorded,
            format!(
                "{evidence}; spawned it would take {:.2} to {:.2} of that",
                gain.lo, gain.hi
            ),
        ),
        _ => Found::undecided(format!(
            "{evidence}, and what spawning would gain cannot be foretold"
        )),
    }
}
