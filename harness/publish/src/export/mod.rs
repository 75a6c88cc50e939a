//! The samples of recorded runs in long format, a row a sample, for other tools.
//!
//! [`COLUMNS`] says what there is, once for all formats and for the document. Rows come in the order in
//! which the runs are named, then by block, by place in the block's random order, and by sample.

use harness_record::{
    bundle::{Block, Bundle, Round},
    cell::Cell,
};

pub mod columns;
pub mod parquet;
pub mod text;

pub use columns::{COLUMNS, Column, Kind, Value};

/// One run to export: what it is called, and what was recorded.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The name of its folder.
    pub name: &'a str,
    /// The record.
    pub bundle: &'a Bundle,
}

/// One row: a sample, with all that stands around it in its record.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The run.
    pub run: Run<'a>,
    /// The number of the block.
    pub number: usize,
    /// The block.
    pub block: &'a Block,
    /// The cell.
    pub cell: &'a Cell,
    /// The round.
    pub round: &'a Round,
    /// The sample and its number; `None` of a round that has none, because it failed.
    pub sample: Option<(usize, &'a harness_protocol::Sample)>,
}

/// Every row of a run, in order.
pub fn rows<'a>(run: Run<'a>) -> impl Iterator<Item = Row<'a>> {
    run.bundle
        .blocks
        .iter()
        .enumerate()
        .flat_map(move |(number, block)| {
            let rounds = block.rounds.iter();
            let mut rounds: Vec<(&Cell, &Round)> =
                rounds.map(|(cell, round)| (&**cell, round)).collect();
            rounds.sort_by_key(|(cell, round)| (round.order, *cell));
            rounds.into_iter().flat_map(move |(cell, round)| {
                let row = move |sample| Row {
                    run,
                    number,
                    block,
                    cell,
                    round,
                    sample,
                };
                let failed = round.samples.is_empty().then(|| row(None));
                let samples = round.samples.iter().enumerate();
                samples.map(move |sample| row(Some(sample))).chain(failed)
            })
        })
}

#[cfg(test)]
mod tests;
