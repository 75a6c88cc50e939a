//! s, what a spawn costs: a burst of branches with nothing to do, spawned and then awaited.
//!
//! A burst, because that is what the laws' n·s is about. Two spawns alone may cost fifty times as much
//! each, most of it the sleep and the waking of whoever waits for them; `spawn-costs-more` shows that.

use std::collections::HashMap;

use harness_protocol::Primitive;

use super::{RunTools, SAMPLES};
use crate::{
    child::{Outcome, Status},
    run::{
        ask_adapter, request,
        worth::{self, Failed},
    },
};
use harness_judge::{claims::READY, stats::median};
use harness_record::{
    bundle::{Event, Recorder},
    cell::Cell,
};

/// Branches of a burst.
const BURST: usize = 256;
/// Bursts of a sample.
const BURSTS: u32 = 4;

/// The costs that are not in the record, in nanoseconds, by the cell that should have shown them.
#[derive(Debug, Default)]
pub(super) struct Costs(HashMap<Cell, Result<u64, Failed>>);

impl Costs {
    /// s of a cell's primitive, from where its parent runs, or how the burst that shows it failed; 0 where nothing is
    /// spawned, and where there is no such thing.
    ///
    /// A blocking pool is handed closures, and costs something else, which is taken as nothing.
    pub(super) fn of(
        &mut self,
        recorder: &mut Recorder,
        tools: &RunTools<'_>,
        cell: &Cell,
    ) -> anyhow::Result<Result<u64, Failed>> {
        if !matches!(cell.primitive, Primitive::Spawn | Primitive::Dispatch) {
            return Ok(Ok(0));
        }
        let burst = Cell {
            scenario: READY.to_owned(),
            branches: BURST,
            again: false,
            ..cell.clone()
        };
        if let Some(&known) = recorder.bundle.spawn_ns.get(&burst) {
            return Ok(Ok(known));
        }
        if let Some(known) = self.0.get(&burst) {
            return Ok(known.clone());
        }
        let seed = recorder.bundle.header.options.seed;
        let mut request = request(&burst, &recorder.bundle, tools, seed);
        request.repeats = BURSTS;
        request.count = false;
        request.samples = SAMPLES;
        let each = |outcome: &Outcome| {
            let spawns = f64::from(BURSTS) * BURST as f64;
            let of_samples = outcome.samples.iter();
            let costs: Vec<f64> = of_samples.map(|s| s.wall_ns as f64 / spawns).collect();
            median(&costs).map(|ns| ns.round() as u64)
        };
        let outcome = ask_adapter(&burst, request, tools)
            .filter(|outcome| outcome.status != Status::Interrupted);
        let failed = outcome.as_ref().and_then(|outcome| {
            let start_up = tools.start_up(&burst);
            worth::failed_alone(&recorder.bundle, &burst, outcome, start_up)
        });
        let spawn_ns = match failed {
            Some(failed) if failed.status.is_failure() => Err(Failed {
                reason: format!(
                    "what it takes to spawn {BURST} branches, on {}: {}",
                    burst.id, failed.reason
                ),
                ..failed
            }),
            Some(_) => Ok(0),
            None => match outcome.as_ref().and_then(each) {
                Some(spawn_ns) => {
                    recorder.add(Event::SpawnCost {
                        cell: burst.clone(),
                        spawn_ns,
                    })?;
                    Ok(spawn_ns)
                }
                None => Ok(0),
            },
        };
        self.0.insert(burst, spawn_ns.clone());
        Ok(spawn_ns)
    }
}
