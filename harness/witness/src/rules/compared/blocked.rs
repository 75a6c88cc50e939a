//! A thread was held without being used.

use super::super::{
    Arm, Class, Found, Seen,
    margins::{HELD_BUSY, HELD_IDLE, LONG_NS, MOSTLY},
    text::ns,
};

/// Polls that hold their thread while it neither runs nor waits for a core. Who computes always does one
/// of the two, load or not; where the kernel does not tell of the second, every sample must agree.
pub(in super::super) fn blocked(arm: &Arm, how: &str) -> Option<Found> {
    if let Some(held) = arm.told(|seen| seen.blocked_ns) {
        return told(arm, held, how);
    }
    let poll = arm.least(|seen| seen.longest_poll_ns);
    if poll < LONG_NS {
        return None;
    }
    let mut shares: Vec<f64> = arm.seen.iter().map(Seen::used_of_polls).collect();
    shares.sort_by(f64::total_cmp);
    let queue_known = arm.seen.iter().all(|seen| seen.queued_ns.is_some());
    let decides = if queue_known {
        shares.len() / 2
    } else {
        shares.len() - 1
    };
    let held = format!("{how}, a poll held its thread for {} and more", ns(poll));
    // The kernel's account of the threads may hold a little more than their polls.
    let percent = |share: f64| 100.0 * share.min(1.0);
    if shares[decides] <= HELD_IDLE {
        Some(Found::of(
            Class::BlockingOffload,
            format!(
                "{held}, and {:.0} % of that was CPU time or waiting for it",
                percent(shares[decides])
            ),
        ))
    } else if shares[0] < HELD_BUSY {
        Some(Found::undecided(format!(
            "{held}: it used the core, or waited for one, for {:.0} to {:.0} % of that, too little for computing and too much for blocking",
            percent(shares[0]),
            percent(shares[decides])
        )))
    } else {
        None
    }
}

/// The thread's own clock tells what a long poll held and did not use.
fn told(arm: &Arm, held: u64, how: &str) -> Option<Found> {
    let polled = arm.median(|seen| seen.polled_ns);
    (held >= LONG_NS && held as f64 >= MOSTLY * polled as f64).then(|| {
        let evidence = format!(
            "{how}, polls held their threads for {} without using them, of {} in polls",
            ns(held),
            ns(polled)
        );
        Found::of(Class::BlockingOffload, evidence)
    })
}
