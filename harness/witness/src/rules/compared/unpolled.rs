//! Late, joined and spawned, though nothing held a thread meanwhile.

use super::super::{Class, Found, Recorded, margins::LONG_NS, text::ns};

/// Late under both primitives, in every sample, beside polls and CPU time that are far too short to be
/// the cause. When a branch became ready cannot be seen from polls, hence the lateness that it reports.
pub(super) fn unpolled(recorded: &Recorded) -> Option<Found> {
    let mut lateness = u64::MAX;
    for arm in [&recorded.compose, &recorded.placed] {
        let late = arm.least(|seen| seen.late().unwrap_or(0));
        let explained = arm.most(|seen| seen.longest_poll_ns.max(seen.cpu_ns / 2));
        if late < LONG_NS || explained > late / 4 {
            return None;
        }
        lateness = lateness.min(late);
    }
    let poll = recorded
        .compose
        .most(|seen| seen.longest_poll_ns)
        .max(recorded.placed.most(|seen| seen.longest_poll_ns));
    Some(Found::of(
        Class::Unpolled,
        format!(
            "late by {} and more, joined and spawned alike, and no poll was longer than {}",
            ns(lateness),
            ns(poll)
        ),
    ))
}
