//! Claims about stalls: a branch that computes holds up those that share its task, and no others.

use super::{Bound, Claim, Fact, MeasureOf, Planned, always, ratio};

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
    sentence: "a spawned sibling ticks on while another computes, as long as a worker is left for it",
    predicate: "heartbeat, hogs < k <= cores: stall under spawn <= 0.2 of the stall under compose",
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
        Ok(Planned {
            parts: vec![ratio(
                "stall spawn/compose",
                MeasureOf::Stall,
                &placed,
                &compose,
                Bound::AtMost(0.2),
            )],
            provided: None,
            by_design: None,
            predicted: None,
        })
    },
};
