//! One block: a round of every arm, in random order, close together, with what others used meanwhile.

use std::time::Instant;

use harness_protocol::{Primitive, Root};

use super::{Tools, Turn, ask_adapter, request};
use crate::{
    bundle::{CellStatus, Event, Recorder},
    cell::Cell,
    child::{Outcome, Status},
    load::Meter,
    plan::{Group, Plan},
};

/// A disturbed block is run again so often, time allowing.
const REPEATS: usize = 2;
/// Polls to keep of each cell's first round, for timelines.
const TRACED_POLLS: usize = 256;

pub(super) fn run(
    turn: &mut Turn<'_>,
    recorder: &mut Recorder,
    tools: &Tools<'_>,
    group: &Group,
    mut arms: Vec<Cell>,
    pass: usize,
) -> anyhow::Result<()> {
    for _ in 0..=REPEATS {
        turn.random.shuffle(&mut arms);
        // One nonce a block: its arms do the same work.
        let nonce = turn.random.u64(..);
        let disturbed = once(recorder, tools, group, &arms, nonce, pass == 0)?;
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
    tools: &Tools<'_>,
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
        let mut request = request(cell, &recorder.bundle, tools, nonce);
        request.trace = if trace { TRACED_POLLS } else { 0 };
        let Some(outcome) = ask_adapter(cell, request, tools) else {
            continue;
        };
        if outcome.status == Status::Interrupted {
            // Half a block is no observation; its rounds so far are kept all the same.
            return Ok(false);
        }
        let (status, mut reason) = status(&recorder.bundle.plan, cell, &outcome);
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

/// What a round is worth: the child's own status, unless its samples say that it was wrong.
fn status(plan: &Plan, cell: &Cell, outcome: &Outcome) -> (CellStatus, Option<String>) {
    let reason = || outcome.reason.clone();
    match outcome.status {
        Status::Ok => match outcome
            .samples
            .iter()
            .find_map(|sample| wrong(plan, cell, sample))
        {
            Some(why) => (CellStatus::Wrong, Some(why)),
            None => (CellStatus::Ok, None),
        },
        Status::Unsupported => (CellStatus::Unsupported, reason()),
        Status::Unavailable => (CellStatus::Unavailable, reason()),
        Status::Timeout => (CellStatus::Timeout, reason()),
        Status::Failed | Status::Crashed | Status::Interrupted => (CellStatus::Crashed, reason()),
    }
}

fn wrong(plan: &Plan, cell: &Cell, sample: &harness_protocol::Sample) -> Option<String> {
    if let Some(why) = &sample.wrong {
        return Some(why.clone());
    }
    // A parent in a task of its own may move between polls: that is two threads and no parallelism.
    let may_move = cell.root == Root::Worker
        && matches!(cell.primitive, Primitive::Sequential | Primitive::Compose);
    let k = plan.threads(cell);
    let threads = sample.threads as usize;
    (threads > k && !may_move)
        .then(|| format!("{threads} threads polled its branches, and the adapter declares {k}"))
}
