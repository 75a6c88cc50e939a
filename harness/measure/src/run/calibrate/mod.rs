//! What one branch takes alone: how many steps make the work that a scenario aims at, d and c of each
//! runtime, and the laws' predictions. Recorded before the first block; no part of any ratio.

use std::time::Duration;

use harness_protocol::{Primitive, Sample};
use workload_catalogue::{Branches, Scenario};

use super::{RunTools, uncalibrated::Uncalibrated, worth::Failed};
use harness_record::{
    bundle::{CellStatus, Event, Recorder},
    cell::Cell,
    laws::{self, Branch, Setting},
    plan::{Group, Plan},
};

mod alone;
mod spawn;
mod steps;

pub use steps::steps_of;

const SAMPLES: usize = 3;
/// A branch of somebody's own is given so long alone: it may be one that waits for another, and that for ever.
const ALONE: Duration = Duration::from_secs(5);

/// Calibrates every group and predicts every cell. What could not be calibrated is returned, with the reason.
pub(super) fn all(recorder: &mut Recorder, tools: &RunTools<'_>) -> anyhow::Result<Uncalibrated> {
    tools.progress.calibrating();
    let groups = recorder.bundle.plan.groups.clone();
    let mut uncalibrated = Uncalibrated::default();
    for scenario in scenarios(&recorder.bundle.plan) {
        if let Err(why) = steps::record(recorder, tools, scenario)? {
            uncalibrated.steps(scenario.name, why);
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
            if bundle.refuses(cell) || uncalibrated.of(bundle, cell).is_some() {
                continue;
            }
            let all = || group.cells.iter().chain(&group.baseline).filter(alike);
            match alone::each_kind(recorder, tools, group.scenario, cell)? {
                Ok(alone) => {
                    for predicted in all() {
                        match spawns.of(recorder, tools, predicted)? {
                            Ok(spawn_ns) => {
                                predict(recorder, group.scenario, predicted, &alone, spawn_ns)?;
                            }
                            Err(failed) => uncalibrated.cell(predicted, failed),
                        }
                    }
                }
                Err(Some(failed)) => {
                    all().for_each(|cell| uncalibrated.cell(cell, failed.clone()));
                }
                Err(None) => {}
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

/// The same, with what failed.
fn of_branches(scenario: &Scenario, cell: &Cell, failed: Failed) -> Failed {
    let what = if scenario.together {
        "its branches, joined"
    } else {
        "one branch alone"
    };
    let perhaps = match failed.status {
        CellStatus::Timeout if scenario.together => "",
        CellStatus::Timeout if scenario.is_own() => {
            ". If its branches wait for each other, say `const TOGETHER: bool = true;` in the file"
        }
        CellStatus::Timeout => {
            ". If its branches wait for each other, its line in the catalogue says `.together()`"
        }
        _ => "",
    };
    Failed {
        reason: format!("{what}, on {}: {}{perhaps}", cell.id, failed.reason),
        ..failed
    }
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
