//! Claims about what a spawn costs: more than joining, and more of them buy no more cores.

use harness_protocol::{Primitive, Root};

use super::{Bound, Claim, Context, Fact, PIECES, Planned, READY, always, wall};
use harness_record::{
    cell::Cell,
    plan::{Rounds, pieces},
};

/// How far below 1 the time of more pieces may come out: what shares out more evenly may gain a little.
const NO_FASTER: f64 = 0.95;
/// Where the laws say that the spawns add so much, the time must be seen to rise.
const WORTH_SEEING: f64 = 1.10;

/// By which primitive, from where; and how people read the time and the allocations.
const ASKED: &[(Primitive, Root, &str, &str)] = &[
    (
        Primitive::Spawn,
        Root::BlockOn,
        "from block_on spawn/compose",
        "from block_on a pair of spawns",
    ),
    (
        Primitive::Spawn,
        Root::Worker,
        "from a task spawn/compose",
        "from a task a pair of spawns",
    ),
    (
        Primitive::Dispatch,
        Root::BlockOn,
        "from block_on dispatch/compose",
        "from block_on a pair of dispatches",
    ),
    (
        Primitive::Dispatch,
        Root::Worker,
        "from a task dispatch/compose",
        "from a task a pair of dispatches",
    ),
];

pub(super) const SPAWN_COSTS_MORE: Claim = Claim {
    id: "spawn-costs-more",
    sentence: "spawning two ready branches takes more time and more allocations than joining them",
    predicate: "ready, parent in block_on and in a task: spawn/compose >= 1 in time; spawn allocates more, counted exactly",
    plan: |context| {
        let mut margins = Vec::new();
        let mut facts = Vec::new();
        let mut predicted = None;
        // What a dispatch costs is asked where it is declared what it does; records from before were not asked.
        let dispatches = context.config.semantics.dispatched.is_some();
        for &(primitive, root, time, memory) in ASKED {
            if primitive == Primitive::Dispatch && !dispatches {
                continue;
            }
            let spawn = context.rooted(READY, primitive, root)?;
            let compose = context.rooted(READY, Primitive::Compose, root)?;
            predicted = predicted.or_else(|| context.predicted_ratio(&spawn, &compose));
            margins.push(wall(time, &spawn, &compose, Bound::AtLeast(1.0)));
            facts.push(always(memory, &[&spawn, &compose], Fact::AllocatesMore));
        }
        Ok(Planned {
            parts: margins.into_iter().chain(facts).collect(),
            provided: None,
            by_design: None,
            predicted,
        })
    },
};

pub(super) const MORE_SPAWNS_NOT_MORE_PARALLEL: Claim = Claim {
    id: "more-spawns-not-more-parallel",
    sentence: "work that shares out evenly over the executing threads is no faster in more pieces, and uses no more cores",
    predicate: "pieces, in long runs or alone: 10k pieces/k pieces >= 0.95 in time (in long runs 100k and 1000k too, >= 1 where the laws say 1.10); at most k threads in branches, cores <= k",
    plan: |context| {
        if context.config.thread_a_branch() {
            return Err(
                "every branch has a thread of its own: with more pieces k grows, and there is nothing to hold them against"
                    .to_owned(),
            );
        }
        let cells = cells(context)?;
        let [few, ten, more @ ..] = &cells[..] else {
            return Err("needs two numbers of pieces at least".to_owned());
        };
        // Its blocks are among the longest: with them a short run would decide nothing at all.
        let beside_others = context
            .plan
            .groups
            .iter()
            // Of a share as of the whole.
            .chain(&context.plan.elsewhere)
            .any(|g| g.scenario.name != PIECES);
        if context.plan.rounds == Rounds::Budget && beside_others {
            return Err(format!(
                "a short run has no room for it beside the others; try --scenario {PIECES}, or --rounds auto"
            ));
        }
        let mut parts = vec![wall("10k pieces/k", ten, few, Bound::AtLeast(NO_FASTER))];
        let mut judged = vec![few, ten];
        // Nor for the dearer ones, on their own; there they are exhibits.
        if context.plan.rounds != Rounds::Budget {
            for (cell, label) in more.iter().zip(["100k pieces/k", "1000k pieces/k"]) {
                let law = context.predicted_ratio(cell, few);
                let least = match law {
                    Some(law) if law >= WORTH_SEEING => 1.0,
                    _ => NO_FASTER,
                };
                parts.push(wall(label, cell, few, Bound::AtLeast(least)));
                judged.push(cell);
            }
        }
        let declared = context.k(few.branches);
        parts.push(always(
            "no more threads in branches than k",
            &judged,
            Fact::ThreadsAtMost(declared),
        ));
        // Beyond that the parent, which runs beside the workers in `block_on`, has so much to spawn
        // and to await that it keeps a core of its own busy, and no branch on it.
        let cores = pieces::threads(context.config, context.plan.cores);
        parts.push(always(
            "no more cores than k",
            &[few, ten],
            Fact::CoresAtMost(cores),
        ));
        Ok(Planned {
            predicted: context.predicted_ratio(ten, few),
            parts,
            provided: None,
            by_design: None,
        })
    },
};

/// The cells of the scenario on this configuration, fewest pieces first.
fn cells(context: &Context<'_>) -> Result<Vec<Cell>, String> {
    // Says what is missing, if it is.
    context.placed(PIECES)?;
    let mut cells: Vec<Cell> = context
        .plan
        .cells()
        .filter(|cell| {
            cell.scenario == PIECES
                && cell.primitive == context.config.placing()
                && context.config.owns(cell)
        })
        .cloned()
        .collect();
    cells.sort_unstable_by_key(|cell| cell.branches);
    Ok(cells)
}
