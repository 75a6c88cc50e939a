//! Branches that use a core: spawning either gains time and cores, or it does not.

use super::super::{
    Cause, Class, Found, Recorded,
    margins::{CLEAR_GAIN, COMPUTES, NO_GAIN, OWN, SHORT_NS, WORTH_TELLING},
    serial::{MoreThreads, computed_in_turn, gained_cores, more_threads},
    text::ns,
};

pub(super) fn computing(recorded: &Recorded) -> Option<Found> {
    let (joined, spawned) = (&recorded.compose, &recorded.placed);
    let most = joined.most_cores();
    if most < COMPUTES {
        return None;
    }
    if joined.cores() < COMPUTES {
        return Some(Found::undecided(format!(
            "joined, {:.2} cores in the median and {most:.2} at most",
            joined.cores()
        )));
    }
    if recorded.branches < 2 {
        return Some(Found::undecided("one branch has no sibling".to_owned()));
    }
    // What a blocking pool uses, and handing things over to it, is none of the branches': their time tells.
    let own = joined.median(|seen| seen.polled_ns) as f64;
    if own < OWN * joined.median(|seen| seen.cpu_ns) as f64 {
        return None;
    }
    let Some(k) = recorded.placing else {
        return Some(Found::undecided(
            "how many threads execute what is spawned is not known".to_owned(),
        ));
    };
    if k == 1 {
        return Some(on_one_thread(recorded));
    }
    if recorded.cores < 2 {
        return Some(Found::undecided(
            "one core runs one thread at a time".to_owned(),
        ));
    }
    let ratio = recorded.ratio();
    let evidence = format!(
        "spawned takes {ratio:.2} of the joined time, on {:.2} cores instead of {:.2}",
        spawned.cores(),
        joined.cores()
    );
    // The laws know what the branches should be, their polls what they were.
    let promised = recorded.gain.map(|gain| gain.hi);
    let promised = promised.max_of(recorded.best_of(joined, k));
    // As far from nothing as from all that is promised.
    let margin = promised.map_or(CLEAR_GAIN, |promised| f64::midpoint(promised, 1.0));
    let promised = promised.unwrap_or(0.0);
    let parallel = spawned.most(|s| u64::from(s.peak_overlap)) >= 2 && gained_cores(recorded);
    let busy = joined.disturbed || spawned.disturbed;
    Some(
        if promised <= WORTH_TELLING && ratio <= margin && parallel {
            Found::of(Class::SpawnNeeded, evidence)
        } else if busy {
            Found::undecided(format!("machine busy: {evidence}"))
        } else if promised > WORTH_TELLING && ratio >= NO_GAIN {
            let foretold = if promised < 1.0 {
                format!("{promised:.2} is the best that there is")
            } else {
                "no gain is foretold".to_owned()
            };
            Found::of(
                Class::ComposeIsEnough,
                format!("{evidence}, and {foretold}"),
            )
        } else if ratio >= WORTH_TELLING && joined.fastest() < SHORT_NS {
            let short = ns(joined.fastest());
            Found::of(
                Class::ComposeIsEnough,
                format!("{evidence}: they take {short} together, less than a spawn is worth"),
            )
        } else if ratio >= WORTH_TELLING {
            computed_in_turn(recorded, evidence)
        } else {
            Found::undecided(evidence)
        },
    )
}

/// The larger of two, where both are known.
trait MaxOf {
    fn max_of(self, other: Self) -> Self;
}

impl MaxOf for Option<f64> {
    fn max_of(self, other: Self) -> Self {
        match (self, other) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        }
    }
}

/// What a second thread would buy is read off the blocking pool, which has several, and off the branches' own lengths.
fn on_one_thread(recorded: &Recorded) -> Found {
    let (joined, spawned) = (&recorded.compose, &recorded.placed);
    let evidence = format!(
        "at the fastest joined {} on {:.2} cores, spawned {} on {:.2}: one thread executes",
        ns(joined.fastest()),
        joined.cores(),
        ns(spawned.fastest()),
        spawned.cores()
    );
    let best = recorded.best_of(joined, 2);
    if let Some(best) = best.filter(|best| *best > WORTH_TELLING && recorded.cores >= 2) {
        let evidence = format!(
            "{evidence}, and two would take {best:.2} of the time at best, since one branch is nearly all of it"
        );
        return if joined.disturbed {
            Found::undecided(format!("machine busy: {evidence}"))
        } else {
            Found::of(Class::ComposeIsEnough, evidence)
        };
    }
    let pool = ns(recorded.offloaded.fastest());
    match more_threads(recorded) {
        MoreThreads::WaitForEachOther => Found::because(
            Class::SerialisedByWhatTheyShare,
            Some(Cause::LockOrChannel),
            format!(
                "{evidence}, and a second would buy nothing: on the blocking pool {pool}, where one waited while another ran"
            ),
        ),
        MoreThreads::WaitForMemory => Found::because(
            Class::SpawnedOnOneThread,
            Some(Cause::SharedMemory),
            format!(
                "{evidence}, and a second would buy nothing: on the blocking pool {pool}, for twice the CPU time"
            ),
        ),
        MoreThreads::Gain(ratio) => Found::of(
            Class::SpawnedOnOneThread,
            format!("{evidence}; on the blocking pool, which has more, {ratio:.2} of the time"),
        ),
        MoreThreads::Unclear => Found::undecided(format!(
            "{evidence}, and what a second would buy is not clear: on the blocking pool {pool}"
        )),
        MoreThreads::NotTold => Found::of(
            Class::SpawnedOnOneThread,
            match best.filter(|_| recorded.cores >= 2) {
                Some(best) => format!(
                    "{evidence}; two would take {best:.2} of the time at best, if the branches share nothing"
                ),
                None => evidence,
            },
        ),
    }
}
