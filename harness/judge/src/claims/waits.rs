//! Claims about waiting: both primitives overlap it, so that joining is enough.

use super::{Bound, Claim, Context, Fact, Part, Planned, always, several, wall};
use harness_record::{cell::Cell, plan::Rounds};

pub(super) const TIMERS: &str = "timers";
pub(super) const HTTP: &str = "http";

/// How far above the law a wait may come out: 1/n becomes 1.10/n.
const SLACK: f64 = 1.10;

/// Joining is held to be enough where all the work is at most this part of the wait.
const MOSTLY_WAITING: f64 = 0.02;

pub(super) const COMPOSE_OVERLAPS_WAITS: Claim = Claim {
    id: "compose-overlaps-waits",
    sentence: "joined branches that share nothing wait at the same time: n waits cost one",
    predicate: "timers (in long runs http too): compose/sequential <= 1.10/n; n branches in flight; never two polled at once",
    plan: |context| {
        let compose = context.compose(TIMERS)?;
        let http = context.compose(HTTP);
        let mut parts = overlaps(context, [COMPOSE_TIMERS, COMPOSE_HTTP], &compose, http)?;
        parts.push(always(
            "all branches in flight",
            &[&compose],
            Fact::AllInFlight,
        ));
        parts.push(always(
            "never two polled at once",
            &[&compose],
            Fact::NeverTwoAtOnce,
        ));
        planned(context, &compose, parts)
    },
};
const COMPOSE_TIMERS: &str = "timers compose/sequential";
const COMPOSE_HTTP: &str = "http compose/sequential";

pub(super) const SPAWN_OVERLAPS_WAITS: Claim = Claim {
    id: "spawn-overlaps-waits",
    sentence: "spawned branches that share nothing wait at the same time too",
    predicate: "timers (in long runs http too): spawn/sequential <= 1.10/n",
    plan: |context| {
        let placed = context.placed(TIMERS)?;
        let http = context.placed(HTTP);
        let parts = overlaps(context, [SPAWN_TIMERS, SPAWN_HTTP], &placed, http)?;
        planned(context, &placed, parts)
    },
};
const SPAWN_TIMERS: &str = "timers spawn/sequential";
const SPAWN_HTTP: &str = "http spawn/sequential";

pub(super) const IO_GAINS_NOTHING_FROM_SPAWN: Claim = Claim {
    id: "io-gains-nothing-from-spawn",
    sentence: "where a few branches only wait, joining them is as fast as spawning them",
    predicate: "timers, where n*c <= 2 % of d: compose/spawn <= 1.05",
    plan: |context| {
        let (compose, placed) = (context.compose(TIMERS)?, context.placed(TIMERS)?);
        several(&compose)?;
        // Without a calibration nobody knows whether the claim is about these branches at all.
        let share = match context.predictions {
            Some(predictions) => predictions
                .get(&compose)
                .filter(|prediction| prediction.wait_ns > 0)
                .map(|prediction| prediction.work_ns as f64 / prediction.wait_ns as f64)
                .ok_or_else(|| format!("{TIMERS} could not be calibrated"))?,
            // Before that it may be.
            None => 0.0,
        };
        if share > MOSTLY_WAITING {
            return Err(format!(
                "the branches compute for {:.1} % of their wait, and the claim is about at most {:.0} %",
                100.0 * share,
                100.0 * MOSTLY_WAITING
            ));
        }
        Ok(Planned {
            predicted: context.predicted_ratio(&compose, &placed),
            parts: vec![wall(
                "timers compose/spawn",
                &compose,
                &placed,
                Bound::AtMost(1.05),
            )],
            provided: None,
            by_design: None,
        })
    },
};

/// The parts that say that waits overlap: on timers and, in long runs, on HTTP requests.
fn overlaps(
    context: &Context<'_>,
    [timers, http]: [&'static str; 2],
    of_timers: &Cell,
    of_http: Result<Cell, String>,
) -> Result<Vec<Part>, String> {
    several(of_timers)?;
    let bound = |cell: &Cell| Bound::AtMost(SLACK / cell.branches as f64);
    let mut parts = vec![wall(
        timers,
        of_timers,
        &context.sequential(TIMERS)?,
        bound(of_timers),
    )];
    // Ten seconds have no room for a second kind of wait; there HTTP is an exhibit.
    let long = context.plan.rounds != Rounds::Budget;
    if let (true, Ok(cell), Ok(sequential)) = (long, of_http, context.sequential(HTTP)) {
        parts.push(wall(http, &cell, &sequential, bound(&cell)));
    }
    Ok(parts)
}

fn planned(context: &Context<'_>, cell: &Cell, parts: Vec<Part>) -> Result<Planned, String> {
    Ok(Planned {
        predicted: context.predicted_ratio(cell, &context.sequential(TIMERS)?),
        parts,
        provided: None,
        by_design: None,
    })
}
