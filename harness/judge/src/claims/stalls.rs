//! Claims about stalls: a branch that computes holds up those that share its task, and no others.

use super::{Bound, Claim, Fact, MeasureOf, Planned, always, ratio};
use harness_record::cell::Cell;

/// A hog that is woken alone, so that whoever polled the timers runs it.
const WOKEN: &str = "heartbeat-woken";

/// How much of a joined branch's stall a spawned one may have.
const FREED: Bound = Bound::AtMost(0.2);

pub(super) const HEARTBEATS: [&str; 2] = ["heartbeat", "heartbeat-hog-last"];

pub(super) const COMPOSE_SHARES_ITS_STALL: Claim = Claim {
    id: "compose-shares-its-stall",
    sentence: "while one joined branch computes, its siblings stand still, in whichever order they were joined",
    predicate: "heartbeat, hog first and hog last: lateness past the requested deadline >= the hog's poll less tick and grain",
    plan: |context| {
        let cells = HEARTBEATS.map(|scenario| context.compose(scenario));
        let [first, last] = cells;
        let cells = [first?, last?];
        let cells: Vec<_> = cells.iter().collect();
        Ok(Planned {
            parts: vec![always(
                "the tick was late by the hog's poll",
                &cells,
                Fact::StalledByTheHog,
            )],
            provided: None,
            by_design: None,
            predicted: None,
        })
    },
};

pub(super) const SPAWN_FREES_SIBLINGS: Claim = Claim {
    id: "spawn-frees-siblings",
    sentence: "a spawned sibling goes on while another computes, as long as a worker is left for it",
    predicate: "heartbeat and heartbeat-woken, hogs < k <= cores: stall under spawn <= 0.2 of the stall under compose",
    plan: |context| {
        let (placed, compose) = (
            context.placed(HEARTBEATS[0])?,
            context.compose(HEARTBEATS[0])?,
        );
        let k = context.k(placed.branches);
        let hogs = placed.branches - 1;
        if hogs >= k {
            return Err(format!(
                "{hogs} hog and {k} executing thread: no worker is left for the sibling"
            ));
        }
        if k > context.plan.cores && hogs >= context.plan.cores {
            return Err(format!(
                "{k} executing threads share {} core",
                context.plan.cores
            ));
        }
        let freed = |label, placed: &Cell, compose: &Cell| {
            ratio(label, MeasureOf::Stall, placed, compose, FREED)
        };
        // What frees a sibling of a hog that computes at once need not free one of a hog that is woken alone.
        let (woken, woken_compose) = (context.placed(WOKEN)?, context.compose(WOKEN)?);
        let parts = vec![
            freed("stall spawn/compose", &placed, &compose),
            freed("woken alone, stall spawn/compose", &woken, &woken_compose),
        ];
        Ok(Planned {
            parts,
            provided: None,
            by_design: None,
            predicted: None,
        })
    },
};
