//! One block: a round of every arm, in random order, close together, with what others used meanwhile.

use std::time::Instant;

use workload_catalogue::scenario;

use super::{RunTools, Turn, Uncalibrated, ask_adapter, impossible::impossible, request, room};
use crate::{
    child::{Outcome, Status},
    load::Meter,
};
use harness_record::{
    bundle::{Bundle, CellStatus, Event, Recorder},
    cell::Cell,
    plan::Group,
};

/// A disturbed block is run again so often, time allowing.
pub(super) const REPEATS: usize = 2;
/// Polls to keep of each cell's first round, for timelines.
const TRACED_POLLS: usize = 256;

pub(super) fn run(
    turn: &mut Turn<'_>,
    recorder: &mut Recorder,
    tools: &RunTools<'_>,
    group: &Group,
    mut arms: Vec<Cell>,
    trace: bool,
) -> anyhow::Result<()> {
    // Of many branches a block takes a minute, and something else always happens in a minute.
    let repeats = if group.scenario.is_unwatched() {
        0
    } else {
        REPEATS
    };
    for _ in 0..=repeats {
        turn.random.shuffle(&mut arms);
        if group.scenario.is_unwatched() {
            // What ten times as many would take is known from these.
            arms.sort_by_key(|cell| cell.branches);
        }
        // One nonce a block: its arms do the same work.
        let nonce = turn.random.u64(..);
        let uncalibrated = turn.uncalibrated;
        let disturbed = once(recorder, tools, uncalibrated, group, &arms, nonce, trace)?;
        let repeat = disturbed && !turn.is_over() && !tools.interrupt.is_raised();
        if !repeat {
            break;
        }
    }
    Ok(())
}

/// Whether others disturbed it.
fn once(
    recorder: &mut Recorder,
    tools: &RunTools<'_>,
    unknown: &Uncalibrated,
    group: &Group,
    arms: &[Cell],
    nonce: u64,
    trace: bool,
) -> anyhow::Result<bool> {
    let block = recorder.bundle.blocks.len() as u64;
    tools.progress.block(block, group.scenario.name);
    let began = Instant::now();
    let origin: Vec<u32> = tools
        .origin
        .iter()
        .map(|origin| origin.borrow().pid())
        .collect();
    let meter = Meter::start(&origin);
    for (order, cell) in arms.iter().enumerate() {
        let no_room = room::none(&recorder.bundle, cell);
        if let Some(why) = uncalibrated(&recorder.bundle, unknown, cell).or(no_room) {
            recorder.add(Event::Round {
                block,
                cell: cell.clone(),
                order,
                status: CellStatus::Unavailable,
                reason: Some(why),
                stderr: String::new(),
                samples: Vec::new(),
            })?;
            continue;
        }
        let mut request = request(cell, &recorder.bundle, tools, nonce);
        request.trace = if trace { TRACED_POLLS } else { 0 };
        let Some(outcome) = ask_adapter(cell, request, tools) else {
            continue;
        };
        if outcome.status == Status::Interrupted {
            // Half a block is no observation; its rounds so far are kept all the same.
            return Ok(false);
        }
        let (status, mut reason) = status(&recorder.bundle, cell, &outcome);
        let ok = status == CellStatus::Ok;
        if !ok
            && group.scenario.needs_origin
            && let Some(Err(gone)) = tools.origin.map(|origin| origin.borrow_mut().check())
        {
            // The adapter only saw its connection refused.
            reason = Some(gone);
        }
        recorder.add(Event::Round {
            block,
            cell: cell.clone(),
            order,
            status,
            reason,
            stderr: if ok { String::new() } else { outcome.stderr },
            samples: outcome.samples,
        })?;
    }
    let load = meter.stop();
    let disturbed = load.as_ref().and_then(|load| load.disturbed.clone());
    let is_disturbed = disturbed.is_some();
    recorder.add(Event::Block {
        block,
        runtime: group.runtime.clone(),
        scenario: group.scenario.name.to_owned(),
        took_ns: began.elapsed().as_nanos().try_into().unwrap_or(u64::MAX),
        load,
        disturbed,
    })?;
    Ok(is_disturbed)
}

/// Why a cell cannot be run: its branches compute, and nobody knows how many steps. Without any it
/// would be measured all the same, and show that nothing is gained by what has nothing to do.
pub(super) fn uncalibrated(bundle: &Bundle, unknown: &Uncalibrated, cell: &Cell) -> Option<String> {
    let computes = scenario(&cell.scenario).is_some_and(|facts| facts.work_ms > 0.0);
    let is_own = scenario(&cell.scenario).is_some_and(workload_catalogue::Scenario::is_own);
    (computes && !bundle.steps.contains_key(&cell.scenario)).then(|| {
        if is_own {
            return "how many steps make the work that was asked for cannot be told: each branch alone must come to its \
                    end, and one must take longer with more of `env.steps`; or leave --work and WORK out"
                .to_owned();
        }
        match unknown.get(&cell.scenario) {
            Some(why) => format!(
                "the steps of {} could not be calibrated: {why}",
                cell.scenario
            ),
            // Of a run that goes on: what came before the first block is not tried again.
            None => format!(
                "the steps of {} were not calibrated when this run began",
                cell.scenario
            ),
        }
    })
}

/// What a round is worth: the child's own status, unless its samples say that it was wrong, or cannot
/// be true.
fn status(bundle: &Bundle, cell: &Cell, outcome: &Outcome) -> (CellStatus, Option<String>) {
    let reason = || outcome.reason.clone();
    match outcome.status {
        Status::Ok => {
            let said = outcome.samples.iter().find_map(|s| s.wrong.clone());
            match said.or_else(|| impossible(bundle, cell, outcome)) {
                Some(why) => (CellStatus::Wrong, Some(why)),
                None => (CellStatus::Ok, None),
            }
        }
        Status::Unsupported => (CellStatus::Unsupported, reason()),
        Status::Unavailable => (CellStatus::Unavailable, reason()),
        Status::Timeout => (CellStatus::Timeout, reason()),
        Status::Failed | Status::Crashed | Status::Interrupted => (CellStatus::Crashed, reason()),
    }
}

#[cfg(test)]
mod tests {
    use harness_protocol::Sample;

    use super::*;
    use harness_record::fabricated::{cell, sample, smol_run};

    fn outcome(status: Status, samples: Vec<Sample>) -> Outcome {
        Outcome {
            status,
            reason: (status != Status::Ok).then(|| "why".to_owned()),
            ..crate::fabricated::outcome(samples)
        }
    }

    #[test]
    fn a_wrong_answer_is_wrong_in_whichever_sample() {
        let bundle = smol_run();
        let wrong = Sample {
            wrong: Some("branch 1 answered 0x0".to_owned()),
            ..sample(4.0, 1.0)
        };
        // Of the baseline as well, which is no configuration of the plan.
        for name in [
            "smol:workers@2/digest/spawn@2",
            "threads:threads@2/digest/spawn@2",
        ] {
            let outcome = outcome(Status::Ok, vec![sample(4.0, 1.0), wrong.clone()]);
            let (status, reason) = status(&bundle, &cell(name), &outcome);
            assert_eq!(status, CellStatus::Wrong);
            assert_eq!(reason.as_deref(), Some("branch 1 answered 0x0"));
        }
    }

    #[test]
    fn how_a_child_ended_is_how_its_cell_went() {
        let bundle = smol_run();
        for (ended, expected) in [
            (Status::Unsupported, CellStatus::Unsupported),
            (Status::Unavailable, CellStatus::Unavailable),
            (Status::Timeout, CellStatus::Timeout),
            (Status::Failed, CellStatus::Crashed),
            (Status::Crashed, CellStatus::Crashed),
        ] {
            let cell = cell("smol:workers@2/digest/spawn@2");
            // What it had said before does not mend it.
            let outcome = outcome(ended, vec![sample(4.0, 1.0)]);
            assert_eq!(
                status(&bundle, &cell, &outcome),
                (expected, Some("why".to_owned()))
            );
        }
    }

    #[test]
    fn what_computes_waits_for_its_steps() {
        let mut bundle = smol_run();
        let digest = cell("smol:workers@2/digest/spawn@2");
        let mut unknown = Uncalibrated::default();
        assert_eq!(uncalibrated(&bundle, &unknown, &digest), None);
        bundle.steps.clear();
        assert_eq!(
            uncalibrated(&bundle, &unknown, &digest).as_deref(),
            Some("the steps of digest were not calibrated when this run began")
        );
        unknown.insert("digest".to_owned(), "it crashed".to_owned());
        assert_eq!(
            uncalibrated(&bundle, &unknown, &digest).as_deref(),
            Some("the steps of digest could not be calibrated: it crashed")
        );
        let timers = cell("smol:workers@2/timers/spawn@3");
        assert_eq!(uncalibrated(&bundle, &unknown, &timers), None);
    }
}
