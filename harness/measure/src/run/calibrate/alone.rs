//! What one branch takes alone, on one configuration.

use std::collections::HashMap;

use harness_protocol::Sample;
use workload_catalogue::{Kinds, Law, Scenario};

use super::{ALONE, RunTools, SAMPLES, calibrated, nanos, of_branches, work};
use crate::{
    child::{Outcome, Status},
    run::{
        ask_adapter, ask_within, request,
        worth::{self, Failed},
    },
};
use harness_judge::stats::median;
use harness_record::{
    bundle::{Event, Recorder},
    cell::Cell,
    laws::Branch,
};

/// What one branch alone showed, or how that failed; of what fails without a fault (there is no such thing, somebody
/// stopped the run) nothing.
type Shown<T> = Result<T, Option<Failed>>;

/// What each branch of a scenario takes alone, on the configuration of this cell.
pub(super) fn each_kind(
    recorder: &mut Recorder,
    tools: &RunTools<'_>,
    scenario: &Scenario,
    cell: &Cell,
) -> anyhow::Result<Shown<Vec<Branch>>> {
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
                Ok(alone) => alone,
                Err(failed) => return Ok(Err(failed)),
            }
        };
        by_kind.insert(branch, alone);
    }
    let kind = |index| kinds.like(index, cell.branches);
    let each = (0..cell.branches).map(|index| by_kind.get(&kind(index)).copied());
    Ok(each.collect::<Option<Vec<Branch>>>().ok_or(None))
}

fn measure_alone(
    recorder: &mut Recorder,
    tools: &RunTools<'_>,
    scenario: &Scenario,
    cell: &Cell,
    branch: usize,
) -> anyhow::Result<Shown<Branch>> {
    // The baseline stands beside every runtime; and a run that goes on has what it had.
    if let Some(&known) = recorder.bundle.alone.get(&(cell.clone(), branch)) {
        return Ok(Ok(known));
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
        return Ok(Err(None));
    };
    let failed = worth::failed_alone(&recorder.bundle, cell, &outcome, tools.start_up(cell));
    if let Some(failed) = failed {
        return Ok(Err(said(tools, scenario, cell, branch, &outcome, failed)));
    }
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
    let Some((wait_ns, work_ns)) = median(&wait).zip(median(&work)) else {
        return Ok(Err(None));
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
    Ok(Ok(alone))
}

/// Says that a branch alone failed; returned is what that makes of the cells which it should have told of, if anything:
/// somebody's own branches may do otherwise together, and what there is not is no fault.
fn said(
    tools: &RunTools<'_>,
    scenario: &Scenario,
    cell: &Cell,
    branch: usize,
    outcome: &Outcome,
    failed: Failed,
) -> Option<Failed> {
    // Where there is no such thing, the cell says so of itself.
    if matches!(outcome.status, Status::Interrupted | Status::Unsupported) {
        return None;
    }
    if outcome.status == Status::Timeout && scenario.is_own() {
        tools.progress.say(&alone_for_ever(cell, branch, outcome));
        return None;
    }
    let failed = of_branches(scenario, cell, failed);
    tools.progress.say(&format!(
        "{}: its times are not predicted: {}",
        scenario.name, failed.reason
    ));
    (failed.status.is_failure() && !scenario.is_own()).then_some(failed)
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
