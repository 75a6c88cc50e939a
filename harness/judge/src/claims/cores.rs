//! Claims about cores: joining never gains one, spawning does where there is a worker for it.

use harness_protocol::Primitive;
use workload_catalogue::scenario;

use super::{
    BETWEEN_AWAITS, Bound, CPU, Claim, Fact, MeasureOf, Planned, Provided, Quantity, always, level,
    several, wall,
};
use harness_record::cell::Cell;

/// Below this, two cores are a gain beyond doubt: the middle of one core's 1.00 and two cores' 0.50.
const CLEAR_GAIN: f64 = 0.75;
/// As much of k cores as a process must use to be said to use them.
const MOST_OF_THE_CORES: f64 = 0.75;
/// More than one core, with room for what the kernel does for the process.
const ONE_CORE: f64 = 1.05;
/// A law that promises less than a tenth is too near 1 for its halfway mark to tell anything.
const WORTH_TELLING: f64 = 0.90;

/// Whether the witness sees the polls of a cell: not where they are repeated, or too many.
fn watched(cell: &Cell) -> bool {
    scenario(&cell.scenario)
        .is_none_or(|scenario| scenario.repeats == 1 && !scenario.is_unwatched())
}

pub(super) const COMPOSE_IS_NEVER_PARALLEL: Claim = Claim {
    id: "compose-is-never-parallel",
    sentence: "no two joined branches are ever polled at once, whatever the workers",
    predicate: "every scenario: no two polls of joined branches overlap on two threads, and no branch spawns another",
    plan: |context| {
        let cells: Vec<_> = context
            .plan
            .cells()
            .filter(|cell| context.config.owns(cell) && cell.primitive == Primitive::Compose)
            .filter(|cell| watched(cell))
            .collect();
        if cells.is_empty() {
            return Err("needs compose, which was left out".to_owned());
        }
        let cells: Vec<_> = cells
            .into_iter()
            .filter(|cell| several(cell).is_ok() && !spawns_by_design(cell))
            .collect();
        if cells.is_empty() {
            return Err("needs two branches at least".to_owned());
        }
        Ok(Planned {
            parts: vec![always(
                "never two polled at once",
                &cells,
                Fact::NeverTwoAtOnce,
            )],
            provided: None,
            by_design: None,
            predicted: Some(1.0),
        })
    },
};

/// Whether spawning is what the scenario is about, so that its branches show nothing of composing.
fn spawns_by_design(cell: &Cell) -> bool {
    scenario(&cell.scenario).is_some_and(|facts| facts.spawns)
}

pub(super) const COMPOSE_GAINS_NO_CORE: Claim = Claim {
    id: "compose-gains-no-core",
    sentence: "joined CPU work that shares nothing takes as long as the same work done one after the other, on one core",
    predicate: "digest: compose/sequential within 1.05 (1.10 in short runs); cores used by compose <= 1.05",
    plan: |context| {
        let (compose, sequential) = (context.compose(CPU)?, context.sequential(CPU)?);
        several(&compose)?;
        Ok(Planned {
            predicted: context.predicted_ratio(&compose, &sequential),
            parts: vec![
                wall(
                    "digest compose/sequential",
                    &compose,
                    &sequential,
                    Bound::Within(context.equality()),
                ),
                level(
                    "cores under compose",
                    MeasureOf::Cores,
                    &compose,
                    Bound::AtMost(ONE_CORE),
                ),
            ],
            provided: None,
            by_design: None,
        })
    },
};

pub(super) const SPAWN_USES_CORES: Claim = Claim {
    id: "spawn-uses-cores",
    sentence: "CPU work spawned in equal branches that share nothing runs on as many cores as there are workers, as threads would",
    predicate: "digest, n = k <= cores, k >= 2: spawn/compose <= 0.75; spawn/threads <= 1.10; cores >= 0.75 k; two polled at once",
    plan: |context| {
        let (placed, compose) = (context.placed(CPU)?, context.compose(CPU)?);
        several(&placed)?;
        let k = context.k(placed.branches);
        let by_design = context.one_thread_by_design();
        let cores = context.plan.cores;
        if cores < 2 {
            return Err(
                "this process may use one core, and the claim is about two or more".to_owned(),
            );
        }
        if k < 2 && !by_design {
            return Err("one worker was asked for; try --workers 2".to_owned());
        }
        if k > cores {
            let lever = if context.k(1) == context.k(2) {
                "--workers"
            } else {
                "--branches"
            };
            return Err(format!(
                "{k} executing threads share {cores} cores; try {lever} {cores}"
            ));
        }
        if placed.branches % k != 0 {
            return Err(format!(
                "{} branches do not share out evenly over {k} threads; try --branches {k}",
                placed.branches
            ));
        }
        // One executing thread is held to what two would do: that it falls short is the finding.
        let k = k.max(2);
        let at_least = MOST_OF_THE_CORES * k.min(placed.branches) as f64;
        let mut parts = vec![
            wall(
                "digest spawn/compose",
                &placed,
                &compose,
                Bound::AtMost(CLEAR_GAIN),
            ),
            level(
                "cores under spawn",
                MeasureOf::Cores,
                &placed,
                Bound::AtLeast(at_least),
            ),
            level(
                "polled at once",
                MeasureOf::PeakOverlap,
                &placed,
                Bound::AtLeast(1.5),
            ),
        ];
        let baseline = context
            .plan
            .group(&context.config.id.runtime, CPU)
            .and_then(|g| g.baseline.as_ref());
        // Fewer workers than the baseline has threads cannot keep up with it, and need not.
        let comparable = by_design || k == cores.min(placed.branches);
        if let Some(baseline) = baseline.filter(|b| comparable && b.branches == placed.branches) {
            parts.insert(
                1,
                wall(
                    "digest spawn/threads",
                    &placed,
                    baseline,
                    Bound::AtMost(1.10),
                ),
            );
        }
        // Where the runtime is plain threads, its own branches say whether there is a core to gain.
        let plain = match context.config.id.runtime.as_str() {
            harness_record::plan::BASELINE => Some(&placed),
            _ => baseline,
        };
        let provided = plain.map(|plain| Provided {
            quantity: Quantity::Ratio {
                measure: MeasureOf::Wall,
                over: plain.clone(),
                under: compose.clone(),
            },
            at_most: CLEAR_GAIN,
            otherwise: "plain threads gain nothing here: the machine has no second core to give",
        });
        Ok(Planned {
            predicted: context.predicted_ratio(&placed, &compose),
            parts,
            provided,
            by_design: if by_design {
                Some("one executing thread")
            } else {
                context.left_to_chance()
            },
        })
    },
};

pub(super) const SPAWN_NEEDS_WORKERS: Claim = Claim {
    id: "spawn-needs-workers",
    sentence: "with one worker, spawning CPU work gains nothing over joining it",
    predicate: "digest, k = 1: spawn/compose within 1.10; cores used by spawn <= 1.05",
    plan: |context| {
        let (placed, compose) = (context.placed(CPU)?, context.compose(CPU)?);
        several(&placed)?;
        let k = context.k(placed.branches);
        if k != 1 {
            return Err(format!(
                "it has {k} executing threads here, and the claim is about one; try --workers 1"
            ));
        }
        Ok(Planned {
            predicted: context.predicted_ratio(&placed, &compose),
            parts: vec![
                wall(
                    "digest spawn/compose",
                    &placed,
                    &compose,
                    Bound::Within(1.10),
                ),
                level(
                    "cores under spawn",
                    MeasureOf::Cores,
                    &placed,
                    Bound::AtMost(ONE_CORE),
                ),
            ],
            provided: None,
            by_design: None,
        })
    },
};

pub(super) const SPAWN_COMPUTES_BETWEEN_AWAITS: Claim = Claim {
    id: "spawn-computes-between-awaits",
    sentence: "tasks that wait and compute are done sooner spawned than joined, where two threads execute them",
    predicate: "sync-account, k >= 2: spawn/compose at most midway between 1 and what the laws give",
    plan: |context| {
        let (placed, compose) = (
            context.placed(BETWEEN_AWAITS)?,
            context.compose(BETWEEN_AWAITS)?,
        );
        several(&placed)?;
        let k = context.k(placed.branches).min(context.plan.cores);
        if k < 2 {
            return Err(
                "the claim is about two executing threads or more, on as many cores".to_owned(),
            );
        }
        let law = match context.predictions {
            Some(_) => context
                .predicted_ratio(&placed, &compose)
                .filter(|law| law.is_finite())
                .ok_or_else(|| format!("{BETWEEN_AWAITS} could not be calibrated"))?,
            // Before that it may promise something.
            None => 0.0,
        };
        // Halfway to a law of 1 or more, a spawn that gains nothing would do.
        if law > WORTH_TELLING {
            return Err(format!(
                "by the calibration spawning comes to {law:.2} of joining, too near 1 to tell"
            ));
        }
        Ok(Planned {
            parts: vec![wall(
                "sync-account spawn/compose",
                &placed,
                &compose,
                Bound::AtMost(f64::midpoint(1.0, law)),
            )],
            provided: None,
            by_design: None,
            predicted: Some(law),
        })
    },
};
