//! The shares of a plan as one record: what a run of the whole plan on one machine would have written.
//!
//! First stands what each found before its first block, then their blocks, share after share, whatever the order in
//! which they came. Several shares may have found the same beforehand, each on its own machine: a promise, what a spawn
//! costs, and, where the blocks of a comparison were shared out, its calibration. One can stand in a record; it is
//! that of the first share, which no measurement chose, but for a promise that was broken anywhere, otherwise than
//! declared: that stays broken.

use std::collections::HashSet;

use harness_record::{
    bundle::{Event, Header, Share, Written},
    cell::Cell,
    config_id::ConfigId,
};

/// What can be found before the first block, and stands in a record once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Once {
    Promise(ConfigId, String),
    Demands(String),
    Steps(String),
    Alone(Cell, usize),
    SpawnCost(Cell),
    Prediction(Cell),
    Comparisons,
}

impl Once {
    fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::Verified(tried) => Self::Promise(tried.id(), tried.check.clone()),
            Event::Demands { runtime, .. } => Self::Demands(runtime.clone()),
            Event::Steps { scenario, .. } => Self::Steps(scenario.clone()),
            Event::Calibration { cell, branch, .. } => Self::Alone(cell.clone(), *branch),
            Event::SpawnCost { cell, .. } => Self::SpawnCost(cell.clone()),
            Event::Prediction { cell, .. } => Self::Prediction(cell.clone()),
            Event::Comparisons { .. } => Self::Comparisons,
            Event::Round { .. }
            | Event::Block { .. }
            | Event::Cost(_)
            | Event::Resumed { .. }
            | Event::End { .. } => return None,
        })
    }
}

/// Joins shares of one plan, which came to their end, into a record. `shares` are in their order, each once; where
/// some are missing the record is one that was stopped.
#[must_use]
pub fn join(shares: Vec<Written>) -> Option<(Header, Vec<Event>)> {
    let first = shares.first()?;
    let whole = first.header.options.partition?.of() == shares.len();
    let mut header = first.header.clone();
    header.options.partition = None;
    header.command = without_partition(&header.command);
    let started = shares.iter().map(|share| &share.header.started).min();
    header.started = started.unwrap_or(&first.header.started).clone();
    let broken: HashSet<Once> = (shares.iter().flat_map(|share| &share.events))
        .filter(|event| is_broken(event))
        .filter_map(Once::of)
        .collect();

    let (mut before, mut blocks) = (Vec::new(), Vec::new());
    let mut known = HashSet::new();
    let mut next = 0;
    for share in shares {
        let begins = next;
        let last = share.events.len().saturating_sub(1);
        for (at, mut event) in share.events.into_iter().enumerate() {
            match Once::of(&event) {
                Some(once) => {
                    let stands_back = broken.contains(&once) && !is_broken(&event);
                    if !stands_back && known.insert(once) {
                        before.push(event);
                    }
                }
                // The end of the record is that of all shares.
                None if at == last && matches!(event, Event::End { .. }) => {}
                None => {
                    if let Event::Round { block, .. } | Event::Block { block, .. } = &mut event {
                        *block += begins;
                        next = next.max(*block + 1);
                    }
                    blocks.push(event);
                }
            }
        }
        if let (Some(partition), Some(seal)) = (share.header.options.partition, share.seal) {
            header.shares.push(Share {
                partition,
                started: share.header.started,
                sha256: seal.sha256,
                blocks: next - begins,
            });
        }
    }
    before.append(&mut blocks);
    before.push(Event::End {
        interrupted: !whole,
    });
    Some((header, before))
}

/// Whether it is a promise whose configuration is not measured for it.
fn is_broken(event: &Event) -> bool {
    matches!(event, Event::Verified(tried) if tried.disqualifies().is_some())
}

/// A command without the share that it asked for: that of the plan.
fn without_partition(command: &[String]) -> Vec<String> {
    let mut words = command.iter();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--partition" => _ = words.next(),
            word if word.starts_with("--partition=") => {}
            _ => kept.push(word.clone()),
        }
    }
    kept
}
