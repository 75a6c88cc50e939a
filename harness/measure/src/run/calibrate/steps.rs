//! How many steps make the work that a scenario aims at.

use harness_protocol::Primitive;
use workload_catalogue::{Branches, Scenario, UNLIKE};

use super::{ALONE, RunTools, SAMPLES, calibrated, of_branches, work};
use crate::run::{
    ask_adapter, ask_within, request,
    uncalibrated::unavailable,
    worth::{self, Failed},
};
use harness_judge::stats::median;
use harness_record::{
    bundle::{Bundle, Event, Recorder},
    cell::Cell,
    config_id::ConfigId,
    plan::{BASELINE, pieces},
};

/// Steps of the first look at a kernel: some 1 to 6 ms, beside which what a branch does besides its
/// steps is little.
const FIRST_STEPS: u64 = 400;
/// Steps of somebody's own are counted until they take so much longer than none.
const ENOUGH_NS: f64 = 1e6;
/// Where as many take less, nobody reads `env.steps`.
const MOST_STEPS: u64 = FIRST_STEPS << 21;

/// Why they are not known, if they are not.
pub(super) fn record(
    recorder: &mut Recorder,
    tools: &RunTools<'_>,
    scenario: &Scenario,
) -> anyhow::Result<Result<(), Failed>> {
    if recorder.bundle.steps.contains_key(scenario.name) {
        return Ok(Ok(()));
    }
    match counted(&recorder.bundle, tools, scenario) {
        Ok((steps, step_ns)) => {
            recorder.add(Event::Steps {
                scenario: scenario.name.to_owned(),
                steps,
                step_ns,
            })?;
            Ok(Ok(()))
        }
        // The cells that want them are not run, and say why.
        Err(why) => Ok(Err(why)),
    }
}

/// The steps that make the work which a scenario aims at, and what one takes in nanoseconds, on the
/// baseline: the same steps for every runtime, so that they all do the same work. Somebody's own workload may know one
/// runtime only, so there the first that was asked for will do.
///
/// # Errors
///
/// Why they cannot be counted, in a line.
pub fn steps_of(
    bundle: &Bundle,
    tools: &RunTools<'_>,
    scenario: &Scenario,
) -> Result<(u64, f64), String> {
    counted(bundle, tools, scenario).map_err(|failed| failed.reason)
}

fn counted(
    bundle: &Bundle,
    tools: &RunTools<'_>,
    scenario: &Scenario,
) -> Result<(u64, f64), Failed> {
    let not_there = || unavailable(format!("that takes the runtime {BASELINE}"));
    let mut entrants = bundle.header.entrants.iter();
    let baseline = if scenario.is_own() {
        entrants.find(|entrant| entrant.asked && entrant.unavailable.is_none())
    } else {
        entrants.find(|entrant| entrant.name == BASELINE)
    };
    let baseline = baseline.ok_or_else(not_there)?;
    let flavour = baseline.flavours.first().ok_or_else(not_there)?;
    let cell = Cell {
        id: ConfigId {
            runtime: baseline.name.clone(),
            flavour: flavour.name.clone(),
            workers: 1,
        },
        root: harness_protocol::Root::BlockOn,
        scenario: scenario.name.to_owned(),
        primitive: Primitive::Sequential,
        branches: if scenario.is_own() {
            bundle.header.options.branches.unwrap_or(2).min(UNLIKE)
        } else {
            2
        },
        again: false,
    };
    let cell = calibrated(scenario, &cell);
    // With however many workers it was tried.
    let mut tried = bundle
        .promises
        .iter()
        .filter(|tried| (&tried.runtime, &tried.flavour) == (&cell.id.runtime, &cell.id.flavour));
    if let Some(broken) = tried.find_map(|tried| tried.disqualifies()) {
        return Err(unavailable(format!(
            "the runtime {} does not do what it declares: {broken}",
            cell.id.runtime
        )));
    }
    let of = |branch: Option<usize>, steps: u64| {
        let mut request = request(&cell, bundle, tools, bundle.header.options.seed);
        request.steps = steps;
        request.wait_ns = 0;
        request.samples = SAMPLES;
        request.only = branch;
        let repeats = request.repeats;
        let outcome = if scenario.is_own() {
            ask_within(ALONE, &cell, request, tools)
        } else {
            ask_adapter(&cell, request, tools)
        };
        let outcome = outcome.ok_or_else(not_there)?;
        let start_up = tools.start_up(&cell);
        if let Some(failed) = worth::failed_alone(bundle, &cell, &outcome, start_up) {
            return Err(of_branches(scenario, &cell, failed));
        }
        let work: Vec<f64> = outcome.samples.iter().map(|s| work(scenario, s)).collect();
        let work = median(&work).ok_or_else(not_there)?;
        Ok(work / f64::from(repeats))
    };
    let step_ns = if scenario.is_own() {
        own_step(cell.branches, scenario.together, &of)?
    } else {
        let all = 0..cell.branches;
        let mut computing = all.filter(|&index| !scenario.kinds.ticks(index, cell.branches));
        let (branch, together) = if scenario.together {
            (None, computing.count())
        } else {
            (computing.next(), 1)
        };
        (of(branch, FIRST_STEPS)? / (FIRST_STEPS as f64 * together as f64)).max(1.0)
    };
    let steps = scenario.work_ms * 1e6 / step_ns;
    let steps = match scenario.branches {
        Branches::Pieces => pieces::divisible(steps),
        _ => steps.round().max(1.0) as u64,
    };
    Ok((steps, step_ns))
}

/// What a step takes in somebody's own workload, in nanoseconds, by its longest branch. What a branch does besides its
/// steps may be most of it, some may have no steps at all, and how long one takes is anybody's guess.
fn own_step(
    branches: usize,
    together: bool,
    of: &dyn Fn(Option<usize>, u64) -> Result<f64, Failed>,
) -> Result<f64, Failed> {
    // Those that wait for each other are all measured as one.
    let each = |steps| {
        let indices = (0..branches).map(Some).filter(move |_| !together);
        let all = together.then_some(None);
        let one = move |branch| of(branch, steps);
        indices.chain(all).map(one)
    };
    let without: Vec<f64> = each(0).collect::<Result<_, _>>()?;
    let mut steps = FIRST_STEPS;
    while steps <= MOST_STEPS {
        let with: Vec<f64> = each(steps).collect::<Result<_, _>>()?;
        let more = with
            .iter()
            .zip(&without)
            .map(|(with, without)| with - without);
        let longest = more.fold(0.0, f64::max);
        if longest >= ENOUGH_NS {
            let shared = if together { branches } else { 1 };
            return Ok(longest / (steps * shared as u64) as f64);
        }
        steps *= 8;
    }
    Err(unavailable(
        "it does not take longer with more steps".to_owned(),
    ))
}
