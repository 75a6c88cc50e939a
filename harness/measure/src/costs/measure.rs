//! Every operation of every configuration in turn: timed in rounds, then counted.

use std::{path::Path, thread, time::Duration};

use harness_protocol::costs::Operation;

use super::{
    cargo_bench,
    executable::{self, Asking},
    process::Ended,
};
use crate::{
    affinity::{allowed, set},
    child::{Interrupt, Program},
    load::Meter,
    progress::{Ahead, Progress},
};
use harness_judge::{check::wrong_with_cost, stats::median};
use harness_record::costs::{Cost, Doing, Failed, Found, Side, Time};
use harness_record::{
    bundle::{Event, Recorder},
    host::Cpus,
    plan::Config,
};

/// An executable, and what it knows.
#[derive(Clone, Debug)]
pub struct Executable {
    /// Of which runtime.
    pub runtime: String,
    /// What to start.
    pub program: Program,
    /// The operations that were asked for.
    pub operations: Vec<Operation>,
}

/// What measuring takes.
#[derive(Clone, Copy, Debug)]
pub struct CostTools<'a> {
    /// A process that takes longer is ended.
    pub at_most: Duration,
    /// How often each operation is timed.
    pub rounds: u64,
    /// Whether instructions are counted.
    pub instructions: bool,
    /// A folder for criterion's files and callgrind's.
    pub scratch: &'a Path,
    /// Stops it.
    pub interrupt: &'a Interrupt,
    /// Who is told.
    pub progress: &'a Progress,
}

/// Measures all that an executable knows, on one configuration. What goes wrong is recorded, and the next
/// operation has its turn.
///
/// # Errors
///
/// When the record cannot be written.
pub fn configuration(
    recorder: &mut Recorder,
    executable: &Executable,
    config: &Config,
    tools: &CostTools<'_>,
) -> anyhow::Result<()> {
    let title = config.title();
    // Not every configuration has all that the runtime has; what it cannot say is found out below.
    let (program, interrupt) = (&executable.program, tools.interrupt);
    let here = executable::operations(program, Some(config), tools.at_most, interrupt).ok();
    let has = |operation: &&Operation| here.as_ref().is_none_or(|here| here.contains(operation));
    let operations: Vec<&Operation> = executable.operations.iter().filter(has).collect();
    let of = operations.len();
    // Callgrind lets one thread run at a time: of several it would count another schedule.
    let mut countable = tools.instructions && config.threads(config.placing(), 2) == 1;
    tools.progress.runtime(&title, Ahead::default());
    for (index, operation) in operations.into_iter().enumerate() {
        tools
            .progress
            .cost(&title, &operation.operation, (index + 1, of));
        let mut one = One {
            recorder,
            operation,
            asking: Asking {
                program: &executable.program,
                config,
                operation: &operation.operation,
                at_most: tools.at_most,
                interrupt: tools.interrupt,
            },
            tools,
            failed: Vec::new(),
        };
        one.time()?;
        one.count()?;
        if countable {
            // What valgrind cannot run once it cannot run at all, as with rings of the kernel's that it knows
            // in part, and each try may last as long as it is let.
            countable = one.instructions()?;
        }
        if tools.interrupt.is_raised() {
            break;
        }
    }
    Ok(())
}

/// One operation.
struct One<'a, 'r> {
    recorder: &'r mut Recorder,
    operation: &'a Operation,
    asking: Asking<'a>,
    tools: &'a CostTools<'a>,
    /// What failed once is not tried again, in no respect.
    failed: Vec<Side>,
}

impl One<'_, '_> {
    /// Both sides, or the one that there is and works; in every other round the other first.
    fn sides(&self, round: u64) -> Vec<Side> {
        let mut sides: Vec<Side> = Side::BOTH
            .into_iter()
            .filter(|side| self.operation.sides.contains(side))
            .filter(|side| !self.failed.contains(side))
            .collect();
        if round % 2 == 1 {
            sides.reverse();
        }
        sides
    }

    fn time(&mut self) -> anyhow::Result<()> {
        for round in 0..self.tools.rounds {
            let sides = self.sides(round);
            let meter = Meter::start(&[]);
            let home = self.tools.scratch.join("criterion");
            let timed: Vec<(Side, Result<cargo_bench::Found, Ended>)> = sides
                .into_iter()
                .map(|side| (side, self.asking.time(side, &home)))
                .collect();
            let load = meter.stop();
            for (order, (side, found)) in timed.into_iter().enumerate() {
                let found = found.map(|found| {
                    Found::Time(Time {
                        round,
                        order,
                        iterations: found.iterations,
                        times_ns: found.times_ns,
                        estimate: found.estimate,
                        load: load.clone(),
                    })
                });
                self.record(side, Doing::Time, found)?;
            }
            if self.tools.interrupt.is_raised() {
                break;
            }
        }
        Ok(())
    }

    fn count(&mut self) -> anyhow::Result<()> {
        for side in self.sides(0) {
            let found = self.asking.count(side).map(Found::Allocations);
            self.record(side, Doing::Allocations, found)?;
        }
        Ok(())
    }

    /// Both sides at once: nothing is timed. Whether neither failed.
    fn instructions(&mut self) -> anyhow::Result<bool> {
        let (asking, scratch) = (self.asking, self.tools.scratch);
        let counted: Vec<(Side, Result<Found, Ended>)> = thread::scope(|scope| {
            let threads: Vec<_> = self
                .sides(0)
                .into_iter()
                .map(|side| {
                    let ns = self.takes(side);
                    let count = move || {
                        pin(side as usize);
                        asking.instructions(side, ns, scratch)
                    };
                    (side, scope.spawn(count))
                })
                .collect();
            let joined = threads.into_iter().map(|(side, thread)| {
                let counted = thread.join();
                let counted = counted.unwrap_or_else(|_| Err(Ended::wrong("our thread panicked")));
                (side, counted.map(Found::Instructions))
            });
            joined.collect()
        });
        let failed = self.failed.len();
        for (side, found) in counted {
            self.record(side, Doing::Instructions, found)?;
        }
        Ok(self.failed.len() == failed)
    }

    /// What one side took, by what is recorded; a millisecond, where nothing is.
    fn takes(&self, side: Side) -> f64 {
        let known = self.recorder.bundle.costs.iter().filter(|cost| {
            cost.is_of(&self.asking.config.id)
                && cost.operation == self.asking.operation
                && cost.side == side
        });
        let times: Vec<f64> = known
            .filter_map(|cost| match &cost.found {
                Found::Time(time) => Some(time.estimate.ns),
                _ => None,
            })
            .collect();
        median(&times).unwrap_or(1e6)
    }

    fn record(
        &mut self,
        side: Side,
        doing: Doing,
        found: Result<Found, Ended>,
    ) -> anyhow::Result<()> {
        let found = match found {
            Ok(found) => possible(doing, found),
            // What was cut off by the user is no failure, and no finding.
            Err(Ended::Interrupted) => return Ok(()),
            Err(Ended::Wrong { reason, stderr }) => Found::Failed(Failed {
                doing,
                reason,
                stderr,
            }),
        };
        if matches!(found, Found::Failed(_)) {
            self.failed.push(side);
        }
        let config = self.asking.config;
        self.recorder.add(Event::Cost(Cost {
            runtime: config.id.runtime.clone(),
            flavour: config.id.flavour.clone(),
            workers: config.id.workers,
            operation: self.asking.operation.to_owned(),
            side,
            found,
        }))
    }
}

/// Keeps this thread, and the processes that it starts, on one core of those that we may use. Callgrind runs one
/// thread at a time anyhow; on several cores it is chance which of two threads that wait for each other comes
/// next, and the counts of one program differ by some per cent.
fn pin(number: usize) {
    let one = allowed().and_then(|cpus| {
        let number = number % cpus.count();
        Cpus::of(cpus.iter().nth(number))
    });
    if let Some(one) = one {
        // Where it may not be set, the counts vary more, and say so.
        let _ = set(&one);
    }
}
/// What was found, unless it cannot be true.
#[must_use]
pub fn possible(doing: Doing, found: Found) -> Found {
    match wrong_with_cost(&found) {
        None => found,
        Some(why) => Found::Failed(Failed {
            doing,
            reason: format!("what it found cannot be true: {why}"),
            stderr: String::new(),
        }),
    }
}
