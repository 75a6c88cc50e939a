//! A claim about branches that block their thread: joined or spawned, they wait for threads.

use std::iter;

use harness_protocol::{Primitive, Threads};

use super::{Bound, Claim, Fact, Planned, always, wall};

const BLOCKING: &str = "blocking";

/// How far above its law a time may come out.
const SLACK: f64 = 1.10;

pub(super) const BLOCKING_DEFEATS_BOTH: Claim = Claim {
    id: "blocking-defeats-both",
    sentence: "waits that block their thread overlap no further than there are threads, joined or spawned; a blocking pool overlaps them",
    predicate: "blocking, n > k: in every sample compose >= n*d and spawn >= ceil(n/k)*d; spawn_blocking/sequential <= 1.10/n; k >= 2: spawn/sequential <= 1.10*ceil(n/k)/n",
    plan: |context| {
        let (compose, placed) = (context.compose(BLOCKING)?, context.placed(BLOCKING)?);
        let cured = context.cell(BLOCKING, Primitive::SpawnBlocking)?;
        let sequential = context.sequential(BLOCKING)?;
        let n = placed.branches;
        let k = context.k(n);
        if n <= k {
            return Err(match context.config.threads_of(context.config.placing()) {
                Threads::Branches => {
                    "each branch has a thread of its own: none waits for another's".to_owned()
                }
                Threads::Fixed(_) | Threads::Workers | Threads::UpToWorkers => format!(
                    "{n} branches have {k} executing threads, and the claim is about more branches than threads; try --branches {}",
                    2 * k
                ),
            });
        }
        // A blocked thread is blocked for d at least, whatever else the machine does: so these are
        // facts, and no comparisons.
        let least = |waits: usize| {
            let wait_ms = workload_catalogue::scenario(BLOCKING).map_or(0.0, |s| s.wait_ms);
            Fact::NoFasterThan(waits as u64 * (wait_ms * 1e6) as u64)
        };
        let b = context.config.threads(Primitive::SpawnBlocking, n);
        let waits = n.div_ceil(k);
        // On one thread that is all of them, and there is nothing to reach.
        let reached = (k > 1).then(|| {
            wall(
                "blocking spawn/sequential",
                &placed,
                &sequential,
                Bound::AtMost(SLACK * waits as f64 / n as f64),
            )
        });
        Ok(Planned {
            predicted: context.predicted_ratio(&cured, &sequential),
            parts: iter::once(wall(
                "blocking spawn_blocking/sequential",
                &cured,
                &sequential,
                Bound::AtMost(SLACK / n as f64),
            ))
            .chain(reached)
            .chain([
                always(
                    "joined waits came one after the other",
                    &[&compose],
                    least(n),
                ),
                always("spawned waits held their threads", &[&placed], least(waits)),
            ])
            .collect(),
            provided: None,
            by_design: match b {
                1 => Some("one blocking thread"),
                b if b < n => Some("fewer blocking threads than branches"),
                _ => None,
            },
        })
    },
};
