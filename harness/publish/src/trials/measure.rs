//! Running trials.

use std::time::Instant;

use anyhow::bail;
use harness_protocol::Sample;

use super::{Block, Log, Record};
use harness_measure::{
    child::Status,
    load::Meter,
    run::{RunTools, ask_adapter, request},
};
use harness_record::{bundle::Bundle, cell::Cell};

/// Blocks that one reading of the machine's load covers: a block of two rounds is shorter than what the
/// kernel's clocks resolve, and these together are about as long as a block of a report.
const BATCH: usize = 8;

/// Runs so many blocks of every comparison of the record, disturbed ones again up to `repeats` times, and
/// adds them to it and to its log. An interrupt ends it early and well: the blocks so far are there.
///
/// # Errors
///
/// The first round that did not go well: a cell that fails has no ratio. Or that the log cannot be written.
pub fn run(
    record: &mut Record,
    log: &mut Log,
    bundle: &Bundle,
    tools: &RunTools<'_>,
    blocks: usize,
    repeats: usize,
) -> anyhow::Result<()> {
    let mut random = fastrand::Rng::with_seed(record.seed);
    // Every comparison once before any twice, in an order of each turn's own.
    let mut order = Vec::with_capacity(blocks * record.comparisons.len());
    for _ in 0..blocks {
        let mut turn: Vec<usize> = (0..record.comparisons.len()).collect();
        random.shuffle(&mut turn);
        order.extend(turn);
    }
    for batch in order.chunks(BATCH) {
        for _ in 0..=repeats {
            if tools.interrupt.is_raised() {
                return Ok(());
            }
            let first = record.blocks.len();
            let disturbed = batch_of(record, bundle, tools, batch, &mut random)?;
            log.add(&record.blocks[first..])?;
            if !disturbed {
                break;
            }
        }
    }
    Ok(())
}

/// One block of each of these comparisons; whether others disturbed them.
fn batch_of(
    record: &mut Record,
    bundle: &Bundle,
    tools: &RunTools<'_>,
    comparisons: &[usize],
    random: &mut fastrand::Rng,
) -> anyhow::Result<bool> {
    let meter = Meter::start(&[]);
    let first = record.blocks.len();
    for &comparison in comparisons {
        tools.progress.block(record.blocks.len() as u64, "control");
        let Some(block) = block(record, bundle, tools, comparison, random)? else {
            // Half a batch has no reading of the load, and so counts for nothing.
            record.blocks.truncate(first);
            return Ok(false);
        };
        record.blocks.push(block);
    }
    let disturbed = meter.stop().is_some_and(|load| load.disturbed.is_some());
    for block in &mut record.blocks[first..] {
        block.disturbed = disturbed;
    }
    Ok(disturbed)
}

/// `None` when it was interrupted.
fn block(
    record: &Record,
    bundle: &Bundle,
    tools: &RunTools<'_>,
    comparison: usize,
    random: &mut fastrand::Rng,
) -> anyhow::Result<Option<Block>> {
    let cell = &record.comparisons[comparison];
    let began = Instant::now();
    let nonce = random.u64(..);
    let mut walls_ns = vec![0; 2 + record.slower.len()];
    let mut arms: Vec<usize> = (0..walls_ns.len()).collect();
    random.shuffle(&mut arms);
    for arm in arms {
        let percent = arm.checked_sub(2).map_or(0.0, |index| record.slower[index]);
        let Some(wall_ns) = round(cell, bundle, tools, nonce, percent)? else {
            return Ok(None);
        };
        walls_ns[arm] = wall_ns;
    }
    Ok(Some(Block {
        comparison,
        walls_ns,
        took_ns: began.elapsed().as_nanos().try_into().unwrap_or(u64::MAX),
        disturbed: false,
    }))
}

/// The wall time that one round says, in nanoseconds; `None` when it was interrupted.
fn round(
    cell: &Cell,
    bundle: &Bundle,
    tools: &RunTools<'_>,
    nonce: u64,
    percent: f64,
) -> anyhow::Result<Option<u64>> {
    let mut request = request(cell, bundle, tools, nonce);
    request.steps = slowed(request.steps, percent);
    let Some(outcome) = ask_adapter(cell, request, tools) else {
        bail!("{cell} has no adapter");
    };
    if outcome.status == Status::Interrupted {
        return Ok(None);
    }
    let wrong = outcome
        .samples
        .iter()
        .find_map(|sample| sample.wrong.clone());
    let why = match (outcome.is_ok(), wrong) {
        (true, None) => None,
        (true, Some(wrong)) => Some(wrong),
        (false, _) => Some(
            outcome
                .reason
                .unwrap_or_else(|| "it did not say why".to_owned()),
        ),
    };
    if let Some(why) = why {
        bail!("{cell} failed: {why}");
    }
    // The fastest sample speaks for a round, as in a report.
    let fastest = outcome
        .samples
        .iter()
        .map(|sample: &Sample| sample.wall_ns)
        .min();
    match fastest {
        Some(wall_ns @ 1..) => Ok(Some(wall_ns)),
        _ => bail!("{cell} took no time: that is a figure left out"),
    }
}

/// So many per cent more steps, to the nearest whole one.
#[must_use]
pub fn slowed(steps: u64, percent: f64) -> u64 {
    (steps as f64 * (1.0 + percent / 100.0)).round() as u64
}
