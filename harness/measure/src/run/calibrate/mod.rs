//! What one branch takes alone: how many steps make the work that a scenario aims at, d and c of each
//! runtime, and the laws' predictions. Recorded before the first block; no part of any ratio.

use harness_record::config_id::ConfigId;
use std::{collections::HashMap, time::Duration};

use harness_protocol::{Primitive, Sample};
use workload_catalogue::{Branches, Kinds, Law, Scenario, UNLIKE};

use super::{RunTools, Uncalibrated, ask_adapter, ask_within, request};
use crate::child::{Outcome, Status};
use harness_judge::stats::median;
use harness_record::{
    bundle::{Bundle, Event, Recorder},
    cell::Cell,
    laws::{self, Branch, Setting},
    plan::{BASELINE, Group, Plan, pieces},
};

mod spawn;

/// Steps of the first look at a kernel: some 1 to 6 ms, beside which what a branch does besides its
/// steps is little.
const FIRST_STEPS: u64 = 400;
const SAMPLES: usize = 3;
/// A branch of somebody's own is given so long alone: it may be one that waits for another, and that for ever.
const ALONE: Duration = Duration::from_secs(5);
/// Steps of somebody's own are counted until they take so much longer than none.
const ENOUGH_NS: f64 = 1e6;
/// Where as many take less, nobody reads `env.steps`.
const MOST_STEPS: u64 = FIRST_STEPS << 21;

/// Calibrates every group and predicts every cell. What could not be calibrated is returned, with the reason.
pub(super) fn all(recorder: &mut Recorder, tools: &RunTools<'_>) -> anyhow::Result<Uncalibrated> {
    tools.progress.calibrating();
    let groups = recorder.bundle.plan.groups.clone();
    let mut uncalibrated = Uncalibrated::default();
    for scenario in scenarios(&recorder.bundle.plan) {
        if let Err(why) = steps(recorder, tools, scenario)? {
            uncalibrated.insert(scenario.name.to_owned(), why);
        }
    }
    let mut spawns = spawn::Costs::default();
    // What a step of a sweep computes is what its steps were counted for, and there is no more to predict.
    let swept = |group: &Group| group.scenario.branches.is_sweep();
    for group in groups.into_iter().filter(|group| !swept(group)) {
        // One cell of each configuration stands for all its primitives.
        let mut done: Vec<&Cell> = Vec::new();
        for cell in group.cells.iter().chain(&group.baseline) {
            if tools.interrupt.is_raised() {
                return Ok(uncalibrated);
            }
            let alike = |other: &&Cell| other.id == cell.id;
            if done.iter().any(&alike) {
                continue;
            }
            done.push(cell);
            let bundle = &recorder.bundle;
            let unknown = super::block::uncalibrated(bundle, &uncalibrated, cell);
            if bundle.refuses(cell) || unknown.is_some() {
                continue;
            }
            let Some(alone) = each_kind(recorder, tools, group.scenario, cell)? else {
                continue;
            };
            for predicted in group.cells.iter().chain(&group.baseline).filter(alike) {
                let spawn_ns = spawns.of(recorder, tools, predicted)?;
                predict(recorder, group.scenario, predicted, &alone, spawn_ns)?;
            }
        }
    }
    Ok(uncalibrated)
}

fn scenarios(plan: &Plan) -> Vec<&'static Scenario> {
    let mut scenarios: Vec<&'static Scenario> = Vec::new();
    for group in plan
        .groups
        .iter()
        .filter(|group| group.scenario.work_ms > 0.0)
    {
        if scenarios
            .iter()
            .all(|known| known.name != group.scenario.name)
        {
            scenarios.push(group.scenario);
        }
    }
    scenarios
}

/// Why they are not known, if they are not.
fn steps(
    recorder: &mut Recorder,
    tools: &RunTools<'_>,
    scenario: &Scenario,
) -> anyhow::Result<Result<(), String>> {
    if recorder.bundle.steps.contains_key(scenario.name) {
        return Ok(Ok(()));
    }
    match steps_of(&recorder.bundle, tools, scenario) {
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
    let not_there = || format!("that takes the runtime {BASELINE}");
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
        return Err(format!(
            "the runtime {} does not do what it declares: {broken}",
            cell.id.runtime
        ));
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
        let work: Vec<f64> = outcome.samples.iter().map(|s| work(scenario, s)).collect();
        let work = median(&work).filter(|_| outcome.is_ok());
        let work = work.ok_or_else(|| failed(scenario, &cell, &outcome))?;
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

/// The cell in which branches show what they take: one of them at a time, or all of them joined, where they wait
/// for each other.
fn calibrated(scenario: &Scenario, cell: &Cell) -> Cell {
    Cell {
        primitive: if scenario.together {
            Primitive::Compose
        } else {
            Primitive::Sequential
        },
        branches: match scenario.branches {
            Branches::Exactly(n) => n,
            _ => cell.branches,
        },
        again: false,
        ..cell.clone()
    }
}

/// What failed, in a line.
fn failed(scenario: &Scenario, cell: &Cell, outcome: &Outcome) -> String {
    let what = if scenario.together {
        "its branches, joined"
    } else {
        "one branch alone"
    };
    let perhaps = match outcome.status {
        Status::Timeout if scenario.together => "",
        Status::Timeout if scenario.is_own() => {
            ". If its branches wait for each other, say `const TOGETHER: bool = true;` in the file"
        }
        Status::Timeout => {
            ". If its branches wait for each other, its line in the catalogue says `.together()`"
        }
        _ => "",
    };
    format!("{what}, on {}: {}{perhaps}", cell.id, outcome.why())
}

/// What a step takes in somebody's own workload, in nanoseconds, by its longest branch. What a branch does besides its
/// steps may be most of it, some may have no steps at all, and how long one takes is anybody's guess.
fn own_step(
    branches: usize,
    together: bool,
    of: &dyn Fn(Option<usize>, u64) -> Result<f64, String>,
) -> Result<f64, String> {
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
    Err("it does not take longer with more steps".to_owned())
}

/// c of one sample of one branch alone: its time in polls, but no more than the CPU time of the
/// process, since a poll that lost its core is longer than its work. What is repeated is not watched,
/// and waits for nothing. What a branch spawns is not among its polls, so there all CPU time counts.
fn work(scenario: &Scenario, sample: &Sample) -> f64 {
    match sample.repeats {
        Some(_) => sample.wall_ns as f64,
        None if scenario.spawns => sample.cpu_ns as f64,
        None => sample.polled_ns.min(sample.cpu_ns) as f64,
    }
}

/// What each branch of a scenario takes alone, on the configuration of this cell; `None` if it could
/// not be run.
fn each_kind(
    recorder: &mut Recorder,
    tools: &RunTools<'_>,
    scenario: &Scenario,
    cell: &Cell,
) -> anyhow::Result<Option<Vec<Branch>>> {
    let cell = calibrated(scenario, cell);
    let mut by_kind: HashMap<usize, Branch> = HashMap::new();
    // Measured together, they all have the same share.
    let kinds = if scenario.together {
        Kinds::Alike
    } else {
        scenario.kinds
    };
    for branch in kinds.representatives(cell.branches) {
        let alone = if scenario.law == Some(Law::OneSchedule) {
            // A schedule that starts with the clock is no wait of the runtime's, and its hog is the
            // kernel whose steps were just counted.
            if scenario.kinds.ticks(branch, cell.branches) {
                Branch {
                    wait_ns: nanos(scenario.wait_ms),
                    work_ns: 0,
                }
            } else {
                Branch {
                    wait_ns: 0,
                    work_ns: nanos(scenario.work_ms),
                }
            }
        } else {
            match measure_alone(recorder, tools, scenario, &cell, branch)? {
                Some(alone) => alone,
                None => return Ok(None),
            }
        };
        by_kind.insert(branch, alone);
    }
    let kind = |index| kinds.like(index, cell.branches);
    Ok((0..cell.branches)
        .map(|index| by_kind.get(&kind(index)).copied())
        .collect())
}

fn measure_alone(
    recorder: &mut Recorder,
    tools: &RunTools<'_>,
    scenario: &Scenario,
    cell: &Cell,
    branch: usize,
) -> anyhow::Result<Option<Branch>> {
    // The baseline stands beside every runtime; and a run that goes on has what it had.
    if let Some(&known) = recorder.bundle.alone.get(&(cell.clone(), branch)) {
        return Ok(Some(known));
    }
    let mut request = request(
        cell,
        &recorder.bundle,
        tools,
        recorder.bundle.header.options.seed,
    );
    // What is repeated is run whole, or the loop around it would be counted to each branch.
    let repeated = request.repeats > 1;
    let whole = repeated || scenario.together;
    request.only = (!whole).then_some(branch);
    request.samples = SAMPLES;
    request.count = false;
    let outcome = if scenario.is_own() {
        ask_within(ALONE, cell, request, tools)
    } else {
        ask_adapter(cell, request, tools)
    };
    let Some(outcome) = outcome else {
        return Ok(None);
    };
    let share = |all: f64, shared: bool| {
        if shared {
            all / cell.branches as f64
        } else {
            all
        }
    };
    let alone = |sample: &Sample| {
        let work = work(scenario, sample);
        let wait = (sample.wall_ns as f64 - work).max(0.0);
        // What is repeated is done in turn; those who wait for each other all wait as long.
        (share(wait, repeated), share(work, whole))
    };
    let (wait, work): (Vec<f64>, Vec<f64>) = outcome.samples.iter().map(alone).unzip();
    let medians = median(&wait).zip(median(&work));
    let Some((wait_ns, work_ns)) = medians.filter(|_| outcome.is_ok()) else {
        match outcome.status {
            // The cell says of itself that there is no such thing.
            Status::Interrupted | Status::Unsupported => (),
            Status::Timeout if scenario.is_own() => {
                tools.progress.say(&alone_for_ever(cell, branch, &outcome));
            }
            _ => {
                let why = failed(scenario, cell, &outcome);
                let line = format!("{}: its times are not predicted: {why}", scenario.name);
                tools.progress.say(&line);
            }
        }
        return Ok(None);
    };
    let alone = Branch {
        wait_ns: wait_ns as u64,
        work_ns: work_ns as u64,
    };
    recorder.add(Event::Calibration {
        cell: cell.clone(),
        branch,
        alone,
    })?;
    Ok(Some(alone))
}

/// What to say of a branch that came to no end.
fn alone_for_ever(cell: &Cell, branch: usize, late: &Outcome) -> String {
    format!(
        "branch {branch} of {} alone: {}; if it waits for another branch, that is why: say `const TOGETHER: bool = true;` \
         in the file; if it only takes long, give --timeout 1m",
        cell.scenario,
        late.reason.as_deref().unwrap_or("not done in time")
    )
}

fn nanos(milliseconds: f64) -> u64 {
    (milliseconds * 1e6) as u64
}

fn predict(
    recorder: &mut Recorder,
    scenario: &Scenario,
    cell: &Cell,
    alone: &[Branch],
    spawn_ns: u64,
) -> anyhow::Result<()> {
    let Some(law) = scenario.law else {
        return Ok(());
    };
    if recorder.bundle.predictions.contains_key(cell) {
        return Ok(());
    }
    let plan = &recorder.bundle.plan;
    let alone = &cut(alone, plan.share(cell), cell.branches);
    let setting = Setting {
        executing: plan.threads(cell),
        blocking: plan.threads(&Cell {
            primitive: Primitive::SpawnBlocking,
            ..cell.clone()
        }),
        cores: plan.cores,
        spawn_ns: spawn_ns * u64::from(scenario.repeats),
    };
    let wall_ns = laws::predict(law, cell.primitive, alone, setting);
    let wait_ns = alone.iter().map(|branch| branch.wait_ns).max().unwrap_or(0);
    let work_ns = alone.iter().map(|branch| branch.work_ns).sum();
    recorder.add(Event::Prediction {
        cell: cell.clone(),
        wall_ns,
        wait_ns,
        work_ns,
        floor_ns: laws::floor(alone, setting),
    })
}

/// The branches of a cell, by those of one that has as many or does the same work in fewer pieces.
fn cut(alone: &[Branch], share: f64, branches: usize) -> Vec<Branch> {
    if alone.len() == branches {
        return alone.to_vec();
    }
    let piece = |branch: &Branch| Branch {
        work_ns: (branch.work_ns as f64 * share).round() as u64,
        ..*branch
    };
    let first = alone.first().map(piece).unwrap_or_default();
    vec![first; branches]
}
