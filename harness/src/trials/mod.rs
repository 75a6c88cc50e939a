//! Trials of the detector on this machine: one cell against itself, many times over, and against itself
//! with more work. How often is a difference seen where there is none, and how soon where there is one?
//!
//! A *comparison* is a series of blocks of its own. Each block runs the cell, the cell again, and the cell
//! with each slowdown that was asked for, in random order, and the ratios to the first are what the
//! [`stats`](crate::stats) get: the same rounds, the same block, the same rules as in a report. The
//! comparisons take turns block by block, so that each is spread over the whole time, as a report's are.
//!
//! All wall times are recorded, so that a record can be judged again, and one record answers for every
//! number of blocks up to its own.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

use crate::{cell::Cell, host::Host};

pub mod findings;
pub mod measure;
pub mod print;

/// The version of the record.
pub const SCHEMA: u32 = 1;

/// Everything that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`SCHEMA`].
    pub schema: u32,
    /// When it began, in UTC.
    pub started: String,
    /// The command, word by word.
    pub command: Vec<String>,
    /// The machine.
    pub host: Host,
    /// Cores that the process may use.
    pub cores: usize,
    /// What shuffled the order and made the nonces.
    pub seed: u64,
    /// Steps a branch, without a slowdown; 0 where branches only wait.
    pub steps: u64,
    /// Slowdowns, in per cent more steps. The arms of a block are the cell, the cell again, and these.
    pub slower: Vec<f64>,
    /// Which cell each comparison is about.
    pub comparisons: Vec<Cell>,
    /// Blocks, in the order in which they were run.
    pub blocks: Vec<Block>,
}

/// One round of each arm, close together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Which comparison it is of.
    pub comparison: usize,
    /// Wall times in nanoseconds, one an arm.
    pub walls_ns: Vec<u64>,
    /// How long the block took, in nanoseconds, starting processes and checking answers included.
    pub took_ns: u64,
    /// Whether other work disturbed it.
    pub disturbed: bool,
}

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// What is wrong with the file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let record: Self = serde_json::from_str(&text).with_context(|| {
            format!(
                "{} is no record of trials, as `harness control` writes it",
                path.display()
            )
        })?;
        if record.schema != SCHEMA {
            bail!(
                "{} has schema {}, and this harness reads {SCHEMA}",
                path.display(),
                record.schema
            );
        }
        let arms = 2 + record.slower.len();
        let whole = |block: &Block| {
            block.comparison < record.comparisons.len()
                && block.walls_ns.len() == arms
                && block.walls_ns.iter().all(|&wall| wall > 0)
        };
        if let Some(bad) = record.blocks.iter().position(|block| !whole(block)) {
            bail!("{}: block {bad} is not whole", path.display());
        }
        Ok(record)
    }

    /// Writes it.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let cannot = || format!("cannot write the record {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(cannot)?;
        }
        fs::write(path, serde_json::to_vec(self)?).with_context(cannot)
    }

    /// The same, with what other work disturbed counted like the rest: to see what leaving it out is good
    /// for.
    #[must_use]
    pub fn with_disturbed(mut self) -> Self {
        for block in &mut self.blocks {
            block.disturbed = false;
        }
        self
    }

    /// The ratios of an arm to the cell's first, for each comparison in the order of its blocks. Arm 1 is
    /// the cell again. Disturbed blocks form none.
    #[must_use]
    pub fn ratios(&self, arm: usize) -> Vec<Vec<f64>> {
        let mut all = vec![Vec::new(); self.comparisons.len()];
        for block in self.blocks.iter().filter(|block| !block.disturbed) {
            all[block.comparison].push(block.walls_ns[arm] as f64 / block.walls_ns[0] as f64);
        }
        all
    }
}

#[cfg(test)]
mod tests;
