//! A branch is late behind a long poll of a sibling.

use super::{
    super::{Arm, Cause, Class, Found, Recorded, margins::FREE, serial::serial, text::ns},
    Lateness,
    computing::computing,
    lateness,
};

/// If spawned branches are late as well, what they do with the cores tells more, and the next rule is asked first.
pub(super) fn stalled(recorded: &Recorded) -> Option<Found> {
    let poll = recorded.compose.median(|seen| seen.longest_poll_ns);
    let joined = match lateness(&recorded.compose, poll) {
        Lateness::Always(late) => late,
        Lateness::Free(_) | Lateness::Untold => return None,
        Lateness::Mixed => {
            return Some(Found::undecided(
                "joined, late in some samples and not in others".to_owned(),
            ));
        }
    };
    let said = |spawned: &str| {
        format!(
            "joined, late by {} behind a poll of {}; spawned, {spawned}",
            ns(joined),
            ns(poll)
        )
    };
    let Some(k) = recorded.placing else {
        return Some(Found::undecided(said(
            "on a number of threads that is not known",
        )));
    };
    match lateness(&recorded.placed, poll) {
        Lateness::Free(late) => Some(Found::of(
            Class::SpawnNeeded,
            said(&format!("by {}", ns(late))),
        )),
        _ if k == 1 => Some(Found::of(
            Class::SpawnedOnOneThread,
            said("no better: one thread executes"),
        )),
        Lateness::Always(late) => {
            let gains = computing(recorded).filter(|other| other.class == Class::SpawnNeeded);
            let cause = cause(&recorded.placed, late, k);
            let why = match cause {
                Some(Cause::BehindTheDriver) => {
                    ", though all had begun and a thread was idle: nobody polled the driver"
                }
                Some(Cause::BehindAPoll) => ", since one was not polled until then",
                _ => "",
            };
            let evidence = said(&format!("by {} on {k} threads{why}", ns(late)));
            Some(gains.unwrap_or_else(|| serial(&recorded.placed, cause, evidence)))
        }
        Lateness::Mixed | Lateness::Untold => {
            Some(Found::undecided(said("in some samples and not in others")))
        }
    }
}

/// Why a spawned branch is late beside a long poll, where a thread is left for it. Had it not begun, it lay in a queue.
/// Had it begun, it waited for its deadline, and that comes from the driver; if it had been woken in time, it lay
/// in a queue as well.
fn cause(arm: &Arm, late: u64, threads: usize) -> Option<Cause> {
    let little = |time: u64| time as f64 <= FREE * late as f64;
    // Two short polls that met once, when branches began, kept no thread busy.
    let met = arm.most(|seen| u64::from(seen.peak_overlap)) >= threads as u64;
    let others = arm.median(|seen| seen.polled_ns.saturating_sub(seen.longest_poll_ns));
    if met && !little(others / (threads as u64 - 1).max(1)) {
        return None;
    }
    let begun = arm.told(|seen| seen.all_begun_ns)?;
    if !little(begun) {
        return Some(Cause::BehindAPoll);
    }
    match arm.told(|seen| seen.ready_ns) {
        Some(ready) if !little(ready) => Some(Cause::BehindAPoll),
        _ => Some(Cause::BehindTheDriver),
    }
}
