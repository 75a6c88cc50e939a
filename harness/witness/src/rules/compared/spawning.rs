//! Branches that spawn by themselves.

use super::{
    super::{
        Arm, Cause, Class, Found, Recorded,
        margins::{COMPUTES, ONE_CORE, TWO_CORES},
        serial::serial,
        text::{counted, ns},
    },
    Lateness, lateness,
};

/// Whoever spawned something wanted it beside what spawned it. It either shows in
/// how late it came, if that was reported, or in the cores used.
pub(super) fn spawning(recorded: &Recorded) -> Option<Found> {
    let arm = &recorded.placed;
    let spawned = arm.least(|seen| seen.hidden_spawns);
    if spawned == 0 {
        return None;
    }
    let tasks = counted(spawned, "task");
    let (used, most) = (arm.cores(), arm.most_cores());
    if most < COMPUTES {
        return Some(Found::undecided(format!(
            "the branches spawned {tasks}, on {most:.2} cores at most: polls of tasks that wait are not seen"
        )));
    }
    let in_turn = spawned >= 2 && awaited_at_once(arm);
    let Some(k) = recorded.spawning else {
        return Some(Found::undecided(format!(
            "the branches spawned {tasks}, and how many threads execute them is not known"
        )));
    };
    if k == 1 {
        let buys = if in_turn {
            "; a second thread would buy nothing, since each was awaited before the next was spawned"
        } else {
            ""
        };
        return Some(Found::of(
            Class::SpawnedOnOneThread,
            format!(
                "the branches spawned {tasks}, and one thread executes them ({used:.2} cores){buys}"
            ),
        ));
    }
    if recorded.cores < 2 {
        return Some(Found::undecided(
            "one core runs one thread at a time".to_owned(),
        ));
    }
    let what = |said: String| format!("the branches spawned {tasks} on {k} threads, {said}");
    let cause = in_turn.then_some(Cause::AwaitedAtOnce);
    Some(match lateness(arm, arm.median(|s| s.longest_poll_ns)) {
        Lateness::Always(late) => serial(
            arm,
            Some(Cause::BehindAPoll),
            what(format!(
                "{} late in every sample, as long as the poll that spawned them",
                ns(late)
            )),
        ),
        Lateness::Free(late) => Found::of(
            Class::SpawnNeeded,
            what(format!(
                "{} late beside a poll of {}: another thread had them",
                ns(late),
                ns(arm.median(|s| s.longest_poll_ns))
            )),
        ),
        Lateness::Mixed => {
            Found::undecided(what("late in some samples and not in others".to_owned()))
        }
        Lateness::Untold if most <= ONE_CORE && in_turn => serial(
            arm,
            cause,
            what(format!(
                "one at a time, and never used more than {most:.2} cores"
            )),
        ),
        Lateness::Untold if most <= ONE_CORE => serial(
            arm,
            cause,
            what(format!("and never used more than {most:.2} cores")),
        ),
        Lateness::Untold if used >= TWO_CORES => Found::of(
            Class::SpawnNeeded,
            what(format!("and used {used:.2} cores")),
        ),
        Lateness::Untold => Found::undecided(what(format!("and used {used:.2} cores"))),
    })
}

/// Never two of the tasks unfinished at one instant.
fn awaited_at_once(arm: &Arm) -> bool {
    arm.seen.iter().all(|seen| seen.hidden_peak == Some(1))
}
