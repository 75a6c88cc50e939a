//! Trials of the detector on this machine: one cell against itself, many times over, and against itself
//! with more work. How often is a difference seen where there is none, and how soon where there is one?
//!
//! A *comparison* is a series of blocks of its own. Each block runs the cell, the cell again, and the cell
//! with each slowdown that was asked for, in random order, and the ratios to the first are what the
//! [`stats`](harness_judge::stats) get: the same rounds, the same block, the same rules as in a report. The
//! comparisons take turns block by block, so that each is spread over the whole time, as a report's are.
//!
//! All wall times are recorded, so that a record can be judged again, and one record answers for every
//! number of blocks up to its own.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};
use serde::{Deserialize, Serialize};

use harness_record::{bundle::numbered, cell::Cell, host::Host, replace::leads_to};

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
    /// Blocks, in the order in which they were run; each a line of its own behind this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
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
        let no_record = || {
            format!(
                "{} is no record of trials, as `harness control` writes it",
                path.display()
            )
        };
        // The last line has no end if a kill cut it short; the first is written whole or not at all.
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let mut record: Self = serde_json::from_str(first).with_context(no_record)?;
        let whole = rest.rsplit_once('\n').map_or("", |(whole, _)| whole);
        for (number, line) in (2..).zip(whole.lines()) {
            let block = serde_json::from_str(line)
                .with_context(|| format!("{}, line {number}", path.display()))?;
            record.blocks.push(block);
        }
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

/// A record as it grows: what was asked first, then each block as it has been measured, so that a kill
/// loses what was under way and nothing else.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    file: File,
}

impl Log {
    /// Begins the file of a record in a folder: `NAME.jsonl`, or with a number behind the name where another trial of
    /// this second has it.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn begin(folder: &Path, name: &str, record: &Record) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let mut number = 1;
        let mut log = loop {
            let name = numbered(name, number);
            let path = folder.join(format!("{name}.jsonl"));
            let begun = Self::place(&path, record);
            let begun =
                begun.with_context(|| format!("cannot write the record {}", path.display()))?;
            match begun {
                Some(log) => break log,
                None => number += 1,
            }
        };
        log.add(&record.blocks)?;
        Ok(log)
    }

    /// Puts what was asked into its place, whole; `None` where something has its name.
    fn place(path: &Path, record: &Record) -> io::Result<Option<Self>> {
        // Under another name first: a reader finds the whole line or none. Who has that name may take the other.
        let draft = path.with_extension("part");
        let mut file = match File::create_new(&draft) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            file => file?,
        };
        if path.symlink_metadata().is_ok() {
            fs::remove_file(&draft)?;
            return Ok(None);
        }
        let asked = Record {
            blocks: Vec::new(),
            ..record.clone()
        };
        let written =
            harness_protocol::write_line(&mut file, &asked).and_then(|()| fs::rename(&draft, path));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written?;
        Ok(Some(Self {
            path: path.to_path_buf(),
            file,
        }))
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds blocks, in one write.
    ///
    /// # Errors
    ///
    /// When they cannot be written.
    pub fn add(&mut self, blocks: &[Block]) -> anyhow::Result<()> {
        let mut lines = Vec::new();
        for block in blocks {
            harness_protocol::write_line(&mut lines, block)?;
        }
        self.file
            .write_all(&lines)
            .with_context(|| format!("cannot append to {}", self.path.display()))?;
        ensure!(
            leads_to(&self.path, &self.file),
            "the record {} has gone: somebody removed or moved it while it was written",
            self.path.display()
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests;
