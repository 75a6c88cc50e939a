//! What cannot be true of what something costs.

use std::collections::HashSet;

use super::{DAY_NS, Wrongs};
use harness_record::{
    bundle::{Bundle, Header},
    costs::{Allocations, Cost, Found, Instructions, Side, Time, is_asked},
    plan::{Config, MOST_WORKERS, Rounds},
};

/// More instructions than any process executes in a day.
const MOST_INSTRUCTIONS: u64 = 10_u64.pow(16);
/// More than any operation asks of the allocator.
const MOST_ALLOCATIONS: u64 = 10_u64.pow(12);
/// Figures that were written and read again, and sums that were rounded.
const ROUNDED: f64 = 1e-6;

/// What was found so far, and where anything may be found.
pub(super) struct Seen {
    pub(super) configs: Vec<Config>,
    found: HashSet<String>,
}

impl Seen {
    pub(super) fn new(header: &Header) -> Self {
        Self {
            configs: header.configurations(),
            found: HashSet::new(),
        }
    }

    /// Whether this is found for the first time, of one side or, where there is none, of an operation.
    fn is_new(&mut self, cost: &Cost, side: Option<Side>, what: &str) -> bool {
        let Cost {
            runtime,
            flavour,
            workers,
            operation,
            ..
        } = cost;
        let side = side.map_or("", Side::name);
        self.found.insert(format!(
            "{runtime} {flavour} {workers} {operation} {side} {what}"
        ))
    }

    /// What is wrong with one finding, beside those before it.
    pub(super) fn check(&mut self, cost: &Cost, bundle: &Bundle, wrongs: &mut Wrongs) {
        let header = &bundle.header;
        let Some(asked) = &header.options.costs else {
            return wrongs.add("/event", "this run counted nothing that primitives cost");
        };
        let known = self.configs.iter().any(|config| {
            (&config.id.runtime, &config.id.flavour, config.id.workers)
                == (&cost.runtime, &cost.flavour, cost.workers)
        });
        wrongs.unless(known, "/flavour", || {
            format!(
                "no configuration of this run is {} {}@{}",
                cost.runtime, cost.flavour, cost.workers
            )
        });
        let refused = bundle.refused(&cost.id());
        if let Some(why) = refused {
            wrongs.add("/flavour", format!("it is not counted, since it {why}"));
        }
        let in_range = (1..=MOST_WORKERS).contains(&cost.workers);
        wrongs.unless(in_range, "/workers", || {
            format!(
                "{} stands where a number from 1 to {MOST_WORKERS} is expected",
                cost.workers
            )
        });
        let operation = &cost.operation;
        wrongs.unless(is_operation(operation), "/operation", || {
            format!("\"{operation}\" stands where an operation is expected")
        });
        found(&cost.found, wrongs);
        let wanted = is_asked(&asked.operations, operation);
        wrongs.unless(wanted, "/operation", || {
            format!("{operation} was not asked for")
        });
        match &cost.found {
            Found::Time(found) => self.time(cost, found, header, wrongs),
            Found::Allocations(_) => {
                let new = self.is_new(cost, Some(cost.side), "allocations");
                wrongs.unless(new, "/found", again);
            }
            Found::Instructions(_) => {
                let new = self.is_new(cost, Some(cost.side), "instructions");
                wrongs.unless(new, "/found", again);
                wrongs.unless(asked.valgrind.is_some(), "/found", || {
                    "options.costs.valgrind in run.json says that nothing counted them".to_owned()
                });
            }
            Found::Failed(_) => {
                let new = self.is_new(cost, Some(cost.side), "failed");
                wrongs.unless(new, "/found/failed/doing", || {
                    "it went wrong before, and is not tried again".to_owned()
                });
            }
        }
    }

    fn time(&mut self, cost: &Cost, found: &Time, header: &Header, wrongs: &mut Wrongs) {
        let Time { round, order, .. } = found;
        let new = self.is_new(cost, Some(cost.side), &format!("round {round}"));
        wrongs.unless(new, "/found/time/round", || {
            format!("round {round} of it was measured before")
        });
        let rounds = match header.options.rounds {
            Rounds::Fixed(rounds) => rounds as u64,
            _ => u64::MAX,
        };
        wrongs.unless(*round < rounds, "/found/time/round", || {
            format!("the run has {rounds} rounds, counted from 0")
        });
        let alone = self.is_new(cost, None, &format!("round {round} order {order}"));
        wrongs.unless(*order < 2 && (alone || !new), "/found/time/order", || {
            "0 is expected of the side that ran first, and 1 of the other".to_owned()
        });
    }
}

/// Whether an operation can be called so.
pub(super) fn is_operation(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() || c == ' ';
    !text.trim().is_empty() && text.chars().all(plain)
}

/// What is wrong with what was found, by itself.
pub(super) fn found(found: &Found, wrongs: &mut Wrongs) {
    match found {
        Found::Time(found) => time(found, wrongs),
        Found::Allocations(found) => allocations(found, wrongs),
        Found::Instructions(found) => instructions(found, wrongs),
        Found::Failed(failed) => {
            wrongs.unless(!failed.reason.is_empty(), "/found/failed/reason", || {
                "it is empty".to_owned()
            });
        }
    }
}

fn again() -> String {
    "they were counted before".to_owned()
}

fn allocations(found: &Allocations, wrongs: &mut Wrongs) {
    let Allocations { allocations, bytes } = *found;
    wrongs.unless(
        allocations <= MOST_ALLOCATIONS,
        "/found/allocations/allocations",
        || "no operation asks so often".to_owned(),
    );
    // Both are of one time and rounded: what allocates in fewer than half of the times does so 0 times, of some bytes.
    let fits = (allocations..=MOST_ALLOCATIONS).contains(&bytes);
    wrongs.unless(fits, "/found/allocations/bytes", || {
        format!("{allocations} allocations are of a byte each at least")
    });
}

fn time(found: &Time, wrongs: &mut Wrongs) {
    let at = |field: &str| format!("/found/time/{field}");
    let (iterations, times) = (&found.iterations, &found.times_ns);
    wrongs.unless(!iterations.is_empty(), &at("iterations"), || {
        "there is no sample".to_owned()
    });
    wrongs.unless(iterations.len() == times.len(), &at("times_ns"), || {
        format!("there are {} samples in iterations", iterations.len())
    });
    let most = found
        .load
        .as_ref()
        .map_or(u128::from(DAY_NS), |load| load.wall.as_nanos());
    let sum: u128 = times.iter().copied().map(u128::from).sum();
    wrongs.unless(sum <= most, &at("times_ns"), || {
        format!("its samples alone took {sum} ns, and the round {most}")
    });
    for (index, (&iterations, &time)) in iterations.iter().zip(times).enumerate() {
        let more_than_none = iterations > 0 && iterations < MOST_ALLOCATIONS;
        wrongs.unless(more_than_none, &at(&format!("iterations/{index}")), || {
            "a number above 0 is expected".to_owned()
        });
        wrongs.unless(
            (1..=DAY_NS).contains(&time),
            &at(&format!("times_ns/{index}")),
            || format!("{time} stands where a time above 0 and below a day is expected"),
        );
    }
    let each = iterations
        .iter()
        .zip(times)
        .map(|(n, ns)| *ns as f64 / (*n).max(1) as f64);
    let least = each.clone().fold(f64::INFINITY, f64::min) * (1.0 - ROUNDED);
    let most = each.fold(0.0, f64::max) * (1.0 + ROUNDED);
    let estimate = &found.estimate;
    // A slope through the origin and a mean both lie among the samples, and so do those of a bootstrap.
    for (field, ns) in [
        ("low_ns", estimate.low_ns),
        ("ns", estimate.ns),
        ("high_ns", estimate.high_ns),
    ] {
        wrongs.unless((least..=most).contains(&ns), &at(&format!("estimate/{field}")), || {
            format!("{ns} stands where a time among those of its samples is expected, {least:.3} to {most:.3}")
        });
    }
    let ordered = estimate.low_ns <= estimate.ns && estimate.ns <= estimate.high_ns;
    wrongs.unless(ordered, &at("estimate/ns"), || {
        "it lies outside its interval".to_owned()
    });
    let chance = estimate.confidence > 0.0 && estimate.confidence < 1.0;
    wrongs.unless(chance, &at("estimate/confidence"), || {
        "a number between 0 and 1 is expected".to_owned()
    });
}

fn instructions(found: &Instructions, wrongs: &mut Wrongs) {
    let at = |field: &str| format!("/found/instructions/{field}");
    wrongs.unless((1..=1_000_000).contains(&found.times), &at("times"), || {
        "a number from 1 to 1000000 is expected".to_owned()
    });
    wrongs.unless(!found.counts.is_empty(), &at("counts"), || {
        "there is none".to_owned()
    });
    for (index, [once, twice]) in found.counts.iter().enumerate() {
        let more = once < twice && *once > 0 && *twice < MOST_INSTRUCTIONS;
        wrongs.unless(more, &at(&format!("counts/{index}")), || {
            "the second process does as much again as the first, and executes more instructions"
                .to_owned()
        });
    }
}
