//! What kind of situation a scenario is on one configuration: is the join enough, is a spawn needed, or
//! is it something that neither mends?
//!
//! A class follows from what was recorded of the cells and from nothing else: the samples of compose and of
//! the primitive that places branches on other threads, how many threads that has, and what the laws
//! predict. The scenario's name is not among it. The rules are asked in this order, and the first that has
//! an answer gives it:
//!
//! 1. `unpolled`: late, joined and spawned, though nothing held a thread meanwhile.
//! 2. `blocked`: a thread was held without being used.
//! 3. `spawning`: the branches spawn by themselves; did that get them anywhere?
//! 4. `stalled`: a branch is late behind a long poll of another.
//! 5. `computing`: the branches use a core; do they use more of them when spawned?
//! 6. `waiting`: they do not; does spawning gain any time?
//!
//! Load makes things late and slow, and never early or parallel. So a class that says "late" or "serial"
//! wants every sample to agree and, where load could make it so, undisturbed blocks. In between, and where
//! that is lacking, it is not decided, and the evidence says why.

use harness_protocol::Sample;
use harness_record::format::counted;

use harness_record::format::duration;

mod class;
mod recorded;

pub use class::Class;
use recorded::cores;
pub use recorded::{Arm, Recorded};

/// Fewer samples of a cell decide nothing.
const LEAST_SAMPLES: usize = 5;
/// A shorter poll is not said to hold its thread, nor a smaller lateness to be one: timers round by up to
/// 2 ms, and the tick is 1 ms.
const LONG_NS: u64 = 4_000_000;
/// CPU time, and time spent waiting for a core, over the time in polls: below, threads were held and not
/// used.
const HELD_IDLE: f64 = 0.25;
/// And above, they were used.
const HELD_BUSY: f64 = 0.75;
/// CPU time over wall time from which on branches are said to compute.
const COMPUTES: f64 = 0.50;
/// A lateness of so much of the long poll was caused by it. Timers and ticks take the rest.
const LATE: f64 = 0.50;
/// And so little of it was not.
const FREE: f64 = 0.25;
/// Cores used by one thread and the runtime's own housekeeping.
const ONE_CORE: f64 = 1.25;
/// Cores used by two.
const TWO_CORES: f64 = 1.50;
/// A gain in time that noise does not give, where no law says how large it should be.
const CLEAR_GAIN: f64 = 0.75;
/// A difference in time that does not matter.
const NO_GAIN: f64 = 0.80;
/// A law that promises less than a tenth promises nothing to speak of.
const WORTH_TELLING: f64 = 0.90;

/// A class, and what shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The class.
    pub class: Class,
    /// One line.
    pub evidence: String,
}

/// The class of what was recorded.
#[must_use]
pub fn classify(recorded: &Recorded<'_>) -> Found {
    let arms = [&recorded.compose, &recorded.placed];
    let fewest = arms.map(|arm| arm.samples.len()).into_iter().min();
    if fewest.is_none_or(|fewest| fewest < LEAST_SAMPLES) {
        return undecided(format!(
            "{} samples joined and {} spawned, and it takes {LEAST_SAMPLES} of each",
            arms[0].samples.len(),
            arms[1].samples.len()
        ));
    }
    let seen = |sample: &&Sample| sample.polls > 0 && sample.lost_polls == 0;
    if !arms.iter().all(|arm| arm.samples.iter().all(seen)) {
        return undecided("not all polls were seen".to_owned());
    }
    let rules = [unpolled, blocked, spawning, stalled, computing];
    rules
        .into_iter()
        .find_map(|rule| rule(recorded))
        .unwrap_or_else(|| waiting(recorded))
}

fn found(class: Class, evidence: String) -> Found {
    Found { class, evidence }
}

fn undecided(why: String) -> Found {
    found(Class::NotDecided, why)
}

/// Late under both primitives, in every sample, beside polls and CPU time that are far too short to be
/// the cause. When a branch became ready cannot be seen from polls, hence the lateness that it reports.
fn unpolled(recorded: &Recorded<'_>) -> Option<Found> {
    let mut lateness = u64::MAX;
    for arm in [&recorded.compose, &recorded.placed] {
        let late = arm.least(|sample| sample.stall_ns.unwrap_or(0));
        let explained = arm.most(|sample| sample.longest_poll_ns.max(sample.cpu_ns / 2));
        if late < LONG_NS || explained > late / 4 {
            return None;
        }
        lateness = lateness.min(late);
    }
    let poll = recorded
        .compose
        .most(|sample| sample.longest_poll_ns)
        .max(recorded.placed.most(|sample| sample.longest_poll_ns));
    Some(found(
        Class::Unpolled,
        format!(
            "late by {} and more, joined and spawned alike, and no poll was longer than {}",
            ns(lateness),
            ns(poll)
        ),
    ))
}

/// Polls that hold their thread while it neither runs nor waits for a core. Who computes always does one
/// of the two, load or not; where the kernel does not tell of the second, every sample must agree.
fn blocked(recorded: &Recorded<'_>) -> Option<Found> {
    let arm = &recorded.compose;
    let poll = arm.least(|sample| sample.longest_poll_ns);
    if poll < LONG_NS {
        return None;
    }
    let share = |sample: &&Sample| {
        let used = sample.cpu_ns + sample.queued_ns.unwrap_or(0);
        used as f64 / sample.polled_ns.max(1) as f64
    };
    let mut shares: Vec<f64> = arm.samples.iter().map(share).collect();
    shares.sort_by(f64::total_cmp);
    let queue_known = arm.samples.iter().all(|sample| sample.queued_ns.is_some());
    let decides = if queue_known {
        shares.len() / 2
    } else {
        shares.len() - 1
    };
    let evidence = format!(
        "joined, a poll held its thread for {} and more, and {:.0} % of that was CPU time or waiting for it",
        ns(poll),
        100.0 * shares[decides]
    );
    if shares[decides] <= HELD_IDLE {
        Some(found(Class::BlockingOffload, evidence))
    } else if shares[0] < HELD_BUSY {
        Some(undecided(format!(
            "{evidence}: neither blocking nor computing"
        )))
    } else {
        None
    }
}

/// Branches that spawn: whoever spawned something wanted it beside what spawned it. It either shows in
/// how late it came, if that was reported, or in the cores used.
fn spawning(recorded: &Recorded<'_>) -> Option<Found> {
    let arm = &recorded.placed;
    let tasks = match arm.least(|sample| sample.hidden_spawns) {
        0 => return None,
        tasks => counted(tasks, "task"),
    };
    let (used, most) = (arm.cores(), arm.largest(cores));
    if most < COMPUTES {
        return Some(undecided(format!(
            "the branches spawned {tasks}, on {most:.2} cores at most: polls of tasks that wait are not seen"
        )));
    }
    if recorded.spawning == 1 {
        return Some(found(
            Class::SpawnedOnOneThread,
            format!("the branches spawned {tasks}, and one thread executes them ({used:.2} cores)"),
        ));
    }
    if recorded.cores < 2 {
        return Some(undecided("one core runs one thread at a time".to_owned()));
    }
    let k = recorded.spawning;
    let what = |said: String| format!("the branches spawned {tasks} on {k} threads, {said}");
    Some(match lateness(arm, arm.median(|s| s.longest_poll_ns)) {
        Lateness::Always(late) => serial(
            arm,
            what(format!(
                "{} late in every sample, as long as the poll that spawned them",
                ns(late)
            )),
        ),
        Lateness::Free(late) => found(
            Class::SpawnNeeded,
            what(format!(
                "{} late beside a poll of {}: another thread had them",
                ns(late),
                ns(arm.median(|s| s.longest_poll_ns))
            )),
        ),
        Lateness::Mixed => undecided(what("late in some samples and not in others".to_owned())),
        Lateness::Untold if most <= ONE_CORE => serial(
            arm,
            what(format!("and never used more than {most:.2} cores")),
        ),
        Lateness::Untold if used >= TWO_CORES => found(
            Class::SpawnNeeded,
            what(format!("and used {used:.2} cores")),
        ),
        Lateness::Untold => undecided(what(format!("and used {used:.2} cores"))),
    })
}

/// Serial, unless load may have made it so.
fn serial(arm: &Arm<'_>, evidence: String) -> Found {
    if arm.disturbed {
        return undecided(format!("machine busy: {evidence}"));
    }
    found(Class::SpawnedButSerialised, evidence)
}

/// A branch that reports its lateness, behind a long poll of a sibling. If spawned branches are late as
/// well, what they do with the cores tells more, and the next rule is asked first.
fn stalled(recorded: &Recorded<'_>) -> Option<Found> {
    let poll = recorded.compose.median(|sample| sample.longest_poll_ns);
    let joined = match lateness(&recorded.compose, poll) {
        Lateness::Always(late) => late,
        Lateness::Free(_) | Lateness::Untold => return None,
        Lateness::Mixed => {
            return Some(undecided(
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
    match lateness(&recorded.placed, poll) {
        Lateness::Free(late) => Some(found(Class::SpawnNeeded, said(&format!("by {}", ns(late))))),
        _ if recorded.placing == 1 => Some(found(
            Class::SpawnedOnOneThread,
            said("no better: one thread executes"),
        )),
        Lateness::Always(late) => {
            let gains = computing(recorded).filter(|other| other.class == Class::SpawnNeeded);
            let evidence = said(&format!("by {} on {} threads", ns(late), recorded.placing));
            Some(gains.unwrap_or_else(|| serial(&recorded.placed, evidence)))
        }
        Lateness::Mixed | Lateness::Untold => {
            Some(undecided(said("in some samples and not in others")))
        }
    }
}

/// Branches that use a core: spawning either gains time and cores, or it does not.
fn computing(recorded: &Recorded<'_>) -> Option<Found> {
    let (joined, spawned) = (&recorded.compose, &recorded.placed);
    let most = joined.largest(cores);
    if most < COMPUTES {
        return None;
    }
    if joined.cores() < COMPUTES {
        return Some(undecided(format!(
            "joined, {:.2} cores in the median and {most:.2} at most",
            joined.cores()
        )));
    }
    if recorded.branches < 2 {
        return Some(undecided("one branch has no sibling".to_owned()));
    }
    if recorded.placing == 1 {
        return Some(found(
            Class::SpawnedOnOneThread,
            format!(
                "joined {} on {:.2} cores, spawned {} on {:.2}: one thread executes",
                ns(joined.fastest()),
                joined.cores(),
                ns(spawned.fastest()),
                spawned.cores()
            ),
        ));
    }
    if recorded.cores < 2 {
        return Some(undecided("one core runs one thread at a time".to_owned()));
    }
    let ratio = recorded.ratio();
    let evidence = format!(
        "spawned takes {ratio:.2} of the joined time, on {:.2} cores instead of {:.2}",
        spawned.cores(),
        joined.cores()
    );
    let promised = recorded.predicted_ratio();
    // As far from nothing as from all that the laws promise.
    let margin = promised.map_or(CLEAR_GAIN, |promised| f64::midpoint(promised, 1.0));
    let promised = promised.unwrap_or(0.0);
    let parallel = spawned.most(|s| u64::from(s.peak_overlap)) >= 2
        && spawned.largest(cores) >= 1.1 * joined.largest(cores);
    let busy = joined.disturbed || spawned.disturbed;
    Some(
        if promised <= WORTH_TELLING && ratio <= margin && parallel {
            found(Class::SpawnNeeded, evidence)
        } else if busy {
            undecided(format!("machine busy: {evidence}"))
        } else if promised > WORTH_TELLING && ratio >= NO_GAIN {
            found(
                Class::ComposeIsEnough,
                format!("{evidence}, and the laws promise no less than {promised:.2}"),
            )
        } else if ratio >= WORTH_TELLING && spawned.largest(cores) <= ONE_CORE {
            found(Class::SpawnedButSerialised, evidence)
        } else {
            undecided(evidence)
        },
    )
}

/// Branches that leave the core idle: time is all that spawning could gain.
fn waiting(recorded: &Recorded<'_>) -> Found {
    let (joined, spawned) = (&recorded.compose, &recorded.placed);
    if recorded.branches < 2 {
        return undecided("one branch has no sibling".to_owned());
    }
    let late = joined.least(|sample| sample.stall_ns.unwrap_or(0));
    if late >= LONG_NS {
        return undecided(format!(
            "joined, late by {} and more, and what held it up is not clear",
            ns(late)
        ));
    }
    let ratio = recorded.ratio();
    let evidence = format!(
        "joined {} and spawned {}, on {:.2} cores, in {} and {} polls",
        ns(joined.fastest()),
        ns(spawned.fastest()),
        joined.cores(),
        joined.median(|sample| sample.polls),
        spawned.median(|sample| sample.polls)
    );
    if joined.disturbed || spawned.disturbed {
        return undecided(format!("machine busy: {evidence}"));
    }
    let together = joined.least(|sample| u64::from(sample.peak_concurrency)) >= 2;
    match ratio {
        ratio if ratio >= NO_GAIN && together => found(Class::ComposeIsEnough, evidence),
        ratio if ratio <= CLEAR_GAIN => found(Class::SpawnNeeded, evidence),
        _ => undecided(evidence),
    }
}

/// How late an arm's branches were, against the poll that may have caused it; a lateness is the median.
enum Lateness {
    /// By most of that poll, in every sample.
    Always(u64),
    /// By little of it, in half of the samples at least: load may have held up the others.
    Free(u64),
    /// Neither.
    Mixed,
    /// None reports it, or no poll is long enough to cause any.
    Untold,
}

fn lateness(arm: &Arm<'_>, poll: u64) -> Lateness {
    let told = arm.samples.iter().all(|sample| sample.stall_ns.is_some());
    if !told || poll < LONG_NS {
        return Lateness::Untold;
    }
    let share = |sample: &Sample| sample.stall_ns.unwrap_or(0) as f64 / poll as f64;
    let late = arm.median(|sample| sample.stall_ns.unwrap_or(0));
    if arm.samples.iter().all(|sample| share(sample) >= LATE) {
        return Lateness::Always(late);
    }
    if late as f64 / poll as f64 <= FREE {
        return Lateness::Free(late);
    }
    Lateness::Mixed
}

fn ns(time: u64) -> String {
    duration(time as f64)
}

#[cfg(test)]
mod tests;
