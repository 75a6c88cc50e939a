//! Branches that leave the core idle: time is all that spawning could gain.

use super::super::{
    Cause, Class, Found, Recorded,
    margins::{CLEAR_GAIN, LONG_NS, NO_GAIN},
    serial::{Overlap, overlap, queue_for_each_other},
    text::ns,
};

pub(super) fn waiting(recorded: &Recorded) -> Found {
    let (joined, spawned) = (&recorded.compose, &recorded.placed);
    if recorded.branches < 2 {
        return Found::undecided("one branch has no sibling".to_owned());
    }
    let late = joined.least(|seen| seen.late().unwrap_or(0));
    if late >= LONG_NS {
        return Found::undecided(format!(
            "joined, late by {} and more, and what held it up is not clear",
            ns(late)
        ));
    }
    let ratio = recorded.ratio();
    let evidence = format!(
        "at the fastest joined {} and spawned {}, on {:.2} cores, in {} and {} polls",
        ns(joined.fastest()),
        ns(spawned.fastest()),
        joined.cores(),
        joined.median(|seen| seen.polls),
        spawned.median(|seen| seen.polls)
    );
    if joined.disturbed || spawned.disturbed {
        return Found::undecided(format!("machine busy: {evidence}"));
    }
    for (arm, how) in [(joined, "joined"), (spawned, "spawned")] {
        if arm.always_in_turn(recorded.branches) {
            return Found::of(
                Class::AwaitedOneAfterTheOther,
                format!("{evidence}; {how}, never two in flight at once"),
            );
        }
    }
    let shared = |evidence| {
        let cause = Some(Cause::LockOrChannel);
        Found::because(Class::SerialisedByWhatTheyShare, cause, evidence)
    };
    match overlap(recorded) {
        Overlap::Nothing(evidence) => return shared(evidence),
        Overlap::Little(evidence) => return Found::undecided(evidence),
        Overlap::Enough => {}
    }
    if let Some(queue) = queue_for_each_other(recorded, joined) {
        return shared(format!("{evidence}; {queue}"));
    }
    match ratio {
        ratio if ratio >= NO_GAIN && joined.always_together() => {
            Found::of(Class::ComposeIsEnough, evidence)
        }
        ratio if ratio <= CLEAR_GAIN => Found::of(Class::SpawnNeeded, evidence),
        _ => Found::undecided(evidence),
    }
}
