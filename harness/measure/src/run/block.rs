//! One block: a round of every arm, in random order, close together, with what others used meanwhile.

use std::time::Instant;

use super::{
    RunTools, Turn, ask_adapter, request, room,
    uncalibrated::{Uncalibrated, unavailable},
    worth,
};
use crate::{child::Status, load::Meter};
use harness_record::{
    bundle::{CellStatus, Event, Recorder},
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
        let no_room = || room::none(&recorder.bundle, cell).map(unavailable);
        if let Some(failed) = unknown.of(&recorder.bundle, cell).or_else(no_room) {
            recorder.add(Event::Round {
                block,
                cell: cell.clone(),
                order,
                status: failed.status,
                reason: Some(failed.reason),
                stderr: failed.stderr,
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
        let start_up = tools.start_up(cell);
        let mut failed = worth::failed(&recorder.bundle, cell, &outcome, start_up);
        if let Some(failed) = &mut failed
            && group.scenario.needs_origin
            && let Some(Err(gone)) = tools.origin.map(|origin| origin.borrow_mut().check())
        {
            // The adapter only saw its connection refused.
            failed.reason = gone;
        }
        let (status, reason, stderr) = match failed {
            None => (CellStatus::Ok, None, String::new()),
            Some(failed) => (failed.status, Some(failed.reason), failed.stderr),
        };
        recorder.add(Event::Round {
            block,
            cell: cell.clone(),
            order,
            status,
            reason,
            stderr,
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
