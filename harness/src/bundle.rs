//! The record of a run: a folder with `run.json`, which says what was asked, of what and where, and
//! `samples.jsonl`, one event a line, appended as it happens. Every table is derived from these two.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use harness_protocol::{Primitive, Sample};
use serde::{Deserialize, Serialize};

use crate::{
    cell::Cell,
    claims::Prediction,
    demands::Demands,
    host::Host,
    laws,
    load::Load,
    plan::{Entrant, Options, Plan},
    verify::Tried,
};

/// The version of both files.
pub const SCHEMA: u32 = 1;
const HEADER: &str = "run.json";
const EVENTS: &str = "samples.jsonl";

/// What was asked, of what, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`SCHEMA`].
    pub schema: u32,
    /// When the run began, in UTC.
    pub started: String,
    /// The command, word by word.
    pub command: Vec<String>,
    /// The machine.
    pub host: Host,
    /// Cores that the process may use.
    pub cores: usize,
    /// What the user asked for, defaults filled in.
    pub options: Options,
    /// The runtimes.
    pub entrants: Vec<Entrant>,
    /// What was kept from, or noted about, the builds of the adapters.
    pub builds: Vec<String>,
}

impl Header {
    /// Of a run by this process that begins now.
    #[must_use]
    pub fn now(host: Host, options: Options, entrants: Vec<Entrant>, builds: Vec<String>) -> Self {
        Self {
            schema: SCHEMA,
            started: jiff::Timestamp::now()
                .round(jiff::Unit::Second)
                .unwrap_or_default()
                .to_string(),
            command: std::iter::once("harness".to_owned())
                .chain(std::env::args().skip(1))
                .collect(),
            cores: host.cores,
            host,
            options,
            entrants,
            builds,
        }
    }
}

/// How a round, and so a cell, went.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CellStatus {
    /// Measured, and every answer was right.
    #[default]
    Ok,
    /// The runtime has no such primitive.
    Unsupported,
    /// The runtime cannot run on this machine.
    Unavailable,
    /// An answer was wrong, or the witness contradicts what the runtime declares.
    Wrong,
    /// Not done in time.
    Timeout,
    /// The process ended early, or made no sense.
    Crashed,
}

impl CellStatus {
    /// Whether something went wrong, as against a runtime that has no such thing, or cannot run here.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Wrong | Self::Timeout | Self::Crashed)
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A promise was tried, before anything was measured.
    Verified(Tried),
    /// What the compiler said of a runtime's spawns.
    Demands {
        /// The runtime.
        runtime: String,
        /// What it said.
        #[serde(flatten)]
        demands: Demands,
    },
    /// How many steps make the work that a scenario aims at.
    Steps {
        /// The scenario.
        scenario: String,
        /// Steps a branch.
        steps: u64,
        /// What one took, in nanoseconds of CPU time.
        step_ns: f64,
    },
    /// What one branch takes alone; takes no part in any ratio.
    Calibration {
        /// A sequential cell of the configuration and scenario.
        cell: Cell,
        /// The branch.
        branch: usize,
        /// d and c.
        #[serde(flatten)]
        alone: laws::Branch,
    },
    /// What a spawn costs; takes no part in any ratio.
    SpawnCost {
        /// A burst of branches with nothing to do.
        cell: Cell,
        /// s, in nanoseconds.
        spawn_ns: u64,
    },
    /// What the laws say of a cell, before it is run.
    Prediction {
        /// The cell.
        cell: Cell,
        /// Wall time, in nanoseconds.
        wall_ns: u64,
        /// d of the longest branch.
        wait_ns: u64,
        /// c of all branches.
        work_ns: u64,
        /// What no placing of the branches can beat.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        floor_ns: Option<u64>,
    },
    /// How many comparisons the run's claims make: fixed before the first block.
    Comparisons {
        /// M.
        comparisons: usize,
    },
    /// One process, one cell, some samples.
    Round {
        /// Which block.
        block: u64,
        /// The cell.
        cell: Cell,
        /// Its place in the block's random order.
        order: usize,
        /// How it went.
        status: CellStatus,
        /// One line, when it did not go well.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The end of the adapter's standard error, when it did not go well.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        stderr: String,
        /// What was measured.
        samples: Vec<Sample>,
    },
    /// A block is complete: its rounds stand before it.
    Block {
        /// Which.
        block: u64,
        /// About which runtime.
        runtime: String,
        /// About which scenario.
        scenario: String,
        /// How long it took, in nanoseconds, starting processes included.
        took_ns: u64,
        /// What others used meanwhile.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        load: Option<Load>,
        /// Why its ratios do not count, if they do not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        disturbed: Option<String>,
    },
    /// The run is over.
    End {
        /// Whether the user stopped it.
        interrupted: bool,
    },
}

/// What a record is called: when it began, and the low bits of its seed.
#[must_use]
pub fn name(started: &str, seed: u64) -> String {
    let plain = started.chars().filter(|c| !":-".contains(*c));
    let stamp: String = plain.take(15).collect();
    format!("{stamp}-{:x}", seed & 0xffff)
}

/// Appends a run to its folder.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    events: File,
    /// The same run, as a reader would see it.
    pub bundle: Bundle,
}

impl Recorder {
    /// Starts a record under `results`, in a folder named after the time and the seed.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made or written.
    pub fn create(results: &Path, header: Header) -> anyhow::Result<Self> {
        let folder = results.join(name(&header.started, header.options.seed));
        let cannot = || format!("cannot write the record {}", folder.display());
        fs::create_dir_all(&folder).with_context(cannot)?;
        // Under another name first: a reader finds the whole header or none.
        let draft = folder.join(format!("{HEADER}.part"));
        let mut text = serde_json::to_vec_pretty(&header)?;
        text.push(b'\n');
        fs::write(&draft, text).with_context(cannot)?;
        fs::rename(&draft, folder.join(HEADER)).with_context(cannot)?;
        let events = File::options()
            .create_new(true)
            .append(true)
            .open(folder.join(EVENTS))
            .with_context(cannot)?;
        Ok(Self {
            folder,
            events,
            bundle: Bundle::new(header),
        })
    }

    /// Where the record lies.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Adds one event.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn add(&mut self, event: Event) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(&event)?;
        line.push(b'\n');
        // One write a line: a kill leaves at most one line short.
        self.events
            .write_all(&line)
            .with_context(|| format!("cannot append to {}", self.folder.join(EVENTS).display()))?;
        self.bundle.add(event);
        Ok(())
    }
}

/// One round, as the judge sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// How it went.
    pub status: CellStatus,
    /// Why it did not go well.
    pub reason: Option<String>,
    /// The end of its standard error.
    pub stderr: String,
    /// What was measured.
    pub samples: Vec<Sample>,
}

/// One block, as the judge sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// About which runtime.
    pub runtime: String,
    /// About which scenario.
    pub scenario: String,
    /// How long it took, in nanoseconds.
    pub took_ns: u64,
    /// Why its ratios do not count, if they do not.
    pub disturbed: Option<String>,
    /// Whether all its rounds are there.
    pub complete: bool,
    /// Its rounds.
    pub rounds: HashMap<Cell, Round>,
}

/// A whole record.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// What was asked, of what, and where.
    pub header: Header,
    /// What follows from the header.
    pub plan: Plan,
    /// What came of the adapters' promises.
    pub promises: Vec<Tried>,
    /// Steps a branch, by scenario.
    pub steps: HashMap<String, u64>,
    /// What the compiler said of the spawns, by runtime.
    pub demands: HashMap<String, Demands>,
    /// What the laws say.
    pub predictions: HashMap<Cell, Prediction>,
    /// Blocks, by number.
    pub blocks: Vec<Block>,
    /// The numbers of the blocks that hold a round of a cell: the judge asks for a cell's rounds after
    /// every pass.
    of_cell: HashMap<Cell, Vec<usize>>,
    /// M, once it is fixed.
    pub comparisons: Option<usize>,
    /// Whether the run came to its end, and if so whether it was stopped.
    pub ended: Option<bool>,
}

impl Bundle {
    /// A record with nothing in it yet.
    #[must_use]
    pub fn new(header: Header) -> Self {
        let plan = Plan::new(&header.entrants, &header.options, header.cores);
        Self {
            header,
            plan,
            promises: Vec::new(),
            steps: HashMap::new(),
            demands: HashMap::new(),
            predictions: HashMap::new(),
            blocks: Vec::new(),
            of_cell: HashMap::new(),
            comparisons: None,
            ended: None,
        }
    }

    /// Reads a record. A last line that was cut short by a kill is passed over.
    ///
    /// # Errors
    ///
    /// Which file and line cannot be read, and what was expected there.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(HEADER);
        if !path.is_file() {
            bail!(
                "{} is no record of a run: it has no {HEADER}; `harness run` names the folder that it writes",
                folder.display()
            );
        }
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // The version first: another version's header may look otherwise.
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
        }
        let not_as_expected = || format!("{} is not as expected", path.display());
        let Version { schema } = serde_json::from_str(&text).with_context(not_as_expected)?;
        if schema != SCHEMA {
            bail!(
                "{} has schema {schema}, and this harness reads {SCHEMA}",
                path.display()
            );
        }
        let header: Header = serde_json::from_str(&text).with_context(not_as_expected)?;
        let mut bundle = Self::new(header);
        let path = folder.join(EVENTS);
        let file = File::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut events = BufReader::new(file);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            events
                .read_until(b'\n', &mut line)
                .with_context(|| format!("cannot read {}", path.display()))?;
            // A line without its end was cut short, perhaps within a character.
            if line.last() != Some(&b'\n') {
                break;
            }
            let event = serde_json::from_slice(&line)
                .map_err(|error| error.to_string())
                .and_then(|event| bundle.follows(event));
            match event {
                Ok(event) => bundle.add(event),
                Err(why) => bail!("{}, line {number}: {why}", path.display()),
            }
        }
        Ok(bundle)
    }

    /// Blocks are numbered as they come: any other number is an error in the file, and a large one
    /// would be an allocation. And what is predicted once something was measured is no prediction.
    fn follows(&self, event: Event) -> Result<Event, String> {
        match event {
            Event::Round { block, .. } | Event::Block { block, .. }
                if block > self.blocks.len() as u64 =>
            {
                Err(format!(
                    "block {block} stands where block {} is the next",
                    self.blocks.len()
                ))
            }
            Event::Prediction { cell, .. } if !self.blocks.is_empty() => Err(format!(
                "{cell} is predicted after the first block, and a prediction comes before any"
            )),
            event => Ok(event),
        }
    }

    pub(crate) fn add(&mut self, event: Event) {
        match event {
            Event::Verified(tried) => self.promises.push(tried),
            Event::Steps {
                scenario, steps, ..
            } => {
                self.steps.insert(scenario, steps);
            }
            Event::Demands { runtime, demands } => {
                self.demands.insert(runtime, demands);
            }
            // Kept for readers; the laws have made predictions of it.
            Event::Calibration { .. } | Event::SpawnCost { .. } => {}
            Event::Prediction {
                cell,
                wall_ns,
                wait_ns,
                work_ns,
                floor_ns,
            } => {
                self.predictions.insert(
                    cell,
                    Prediction {
                        wall_ns,
                        wait_ns,
                        work_ns,
                        floor_ns,
                    },
                );
            }
            Event::Comparisons { comparisons } => self.comparisons = Some(comparisons),
            Event::Round {
                block,
                cell,
                status,
                reason,
                stderr,
                samples,
                ..
            } => {
                let number = usize::try_from(block).unwrap_or(usize::MAX);
                let numbers = self.of_cell.entry(cell.clone()).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
                self.block(block).rounds.insert(
                    cell,
                    Round {
                        status,
                        reason,
                        stderr,
                        samples,
                    },
                );
            }
            Event::Block {
                block,
                runtime,
                scenario,
                took_ns,
                disturbed,
                ..
            } => {
                let block = self.block(block);
                block.runtime = runtime;
                block.scenario = scenario;
                block.took_ns = took_ns;
                block.disturbed = disturbed;
                block.complete = true;
            }
            Event::End { interrupted } => self.ended = Some(interrupted),
        }
    }

    fn block(&mut self, number: u64) -> &mut Block {
        let index = usize::try_from(number).unwrap_or(usize::MAX - 1);
        if self.blocks.len() <= index {
            self.blocks.resize_with(index + 1, Block::default);
        }
        &mut self.blocks[index]
    }

    /// Why the configuration of this name is not measured: a promise that it broke.
    #[must_use]
    pub fn refused(&self, runtime: &str, flavour: &str, workers: usize) -> Option<String> {
        let mut broken = self
            .promises
            .iter()
            .filter(|tried| tried.is_of(runtime, flavour, workers) && tried.broken.is_some());
        let first = broken.next()?;
        let why = first.broken.as_deref().unwrap_or_default();
        let more = match broken.count() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Some(format!("fails verify: {}: {why}{more}", first.check))
    }

    /// Whether a cell's configuration broke a promise.
    #[must_use]
    pub fn refuses(&self, cell: &Cell) -> bool {
        self.refused(&cell.runtime, &cell.flavour, cell.workers)
            .is_some()
    }

    /// Every round of a cell, with the block that it stands in.
    pub fn rounds<'a>(&'a self, cell: &'a Cell) -> impl Iterator<Item = (&'a Block, &'a Round)> {
        let blocks = self.of_cell.get(cell).map_or(&[][..], Vec::as_slice);
        blocks.iter().filter_map(move |&block| {
            let block = self.blocks.get(block)?;
            Some((block, block.rounds.get(cell)?))
        })
    }

    /// The cell's first round that did not go well.
    #[must_use]
    pub fn failure<'a>(&'a self, cell: &'a Cell) -> Option<&'a Round> {
        self.rounds(cell)
            .map(|(_, round)| round)
            .find(|round| round.status != CellStatus::Ok)
    }

    /// The first traced polls of a cell, if a witnessed round kept them.
    #[must_use]
    pub fn trace<'a>(&'a self, cell: &'a Cell) -> Option<&'a [harness_protocol::Poll]> {
        self.rounds(cell)
            .flat_map(|(_, round)| &round.samples)
            .map(|sample| sample.trace.as_slice())
            .find(|trace| !trace.is_empty())
    }

    /// The cell of the same configuration and scenario under another primitive, where it was planned.
    #[must_use]
    pub fn sibling(&self, cell: &Cell, primitive: Primitive) -> Option<&Cell> {
        self.plan.cells().find(|other| {
            other.primitive == primitive
                && Cell {
                    primitive,
                    again: false,
                    ..cell.clone()
                } == **other
        })
    }
}

#[cfg(test)]
mod tests;
