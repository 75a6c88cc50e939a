//! The rules for branches that were recorded both joined and spawned.

use super::{Found, Recorded};

mod blocked;
mod computing;
mod late;
mod spawning;
mod stalled;
mod unpolled;
mod waiting;

pub(super) use blocked::blocked;
pub(super) use late::{Lateness, lateness};

/// The first rule that has an answer gives it.
pub(super) fn classify(recorded: &Recorded) -> Found {
    let arms = [&recorded.compose, &recorded.placed];
    if arms
        .iter()
        .any(|arm| arm.seen.len() < recorded.enough.max(1))
    {
        return Found::undecided(format!(
            "{} samples joined and {} spawned, and it takes {} of each",
            arms[0].seen.len(),
            arms[1].seen.len(),
            recorded.enough
        ));
    }
    if !arms.iter().all(|arm| arm.all_seen()) {
        return Found::undecided("not all polls were seen".to_owned());
    }
    let rules = [
        unpolled::unpolled,
        |recorded: &Recorded| blocked(&recorded.compose, "joined"),
        spawning::spawning,
        stalled::stalled,
        computing::computing,
    ];
    rules
        .into_iter()
        .find_map(|rule| rule(recorded))
        .unwrap_or_else(|| waiting::waiting(recorded))
}
