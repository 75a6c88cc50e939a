//! The record of a run: a folder with `run.json`, which says what was asked, of what and where, and
//! `samples.jsonl`, one event a line, appended as it happens, and compressed once it is published. Every table is derived from these two.
//! `docs/BUNDLE.md` describes them for those who read them without this harness.

use crate::numbers::median;
use crate::{
    cell::Cell,
    costs::Cost,
    demands::Demands,
    laws::{self, Prediction},
    load::Disturber,
    plan::Plan,
    promise::Tried,
};
pub use event::{CellStatus, Event};
use harness_protocol::{Primitive, Sample};
pub use header::{Header, Made, Share, command};
pub use packed::{Samples, pack};
pub use problem::Problem;
pub use promises::FAILS_VERIFY;
pub use reader::Written;
pub use recorder::{Recorder, Reopened, assemble, flush_folder, name, numbered};
pub use seal::SEAL;
pub use seal::{Seal, Sums, sum};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

mod event;
mod header;
mod packed;
mod private;
pub mod problem;
mod promises;
pub mod reader;
mod recorder;
pub(crate) mod seal;
mod shape;
mod stream;

/// The version of both files. A field that is added has a default, is not written while it has it, and leaves the
/// number as it is; whatever changes the meaning of a field, or takes one away, raises it.
pub const SCHEMA: u32 = 4;
/// The last revision of this harness that reads records of the versions before.
const READS_OLDER: &str = "96c502343bdad8abcb428734067e2c00e2987262";
/// The name of the head of a record.
pub const HEADER: &str = "run.json";
/// Where a run appends its events.
pub const EVENTS: &str = "samples.jsonl";
/// Where they are once they are published.
pub const PACKED: &str = "samples.jsonl.gz";

/// Something of each cell. The judge looks cells up by the million, and their names are no stranger's, who could choose
/// them to collide.
pub type ByCell<T> = HashMap<Arc<Cell>, T, foldhash::fast::RandomState>;

/// One round, as the judge sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// Its place in the block's random order.
    pub order: usize,
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
    /// Its rounds. Blocks share the names of cells.
    pub rounds: ByCell<Round>,
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
    /// What a branch takes alone, by the sequential cell that showed it.
    pub alone: HashMap<(Cell, usize), laws::Branch>,
    /// What a spawn costs, in nanoseconds, by the cell that showed it.
    pub spawn_ns: HashMap<Cell, u64>,
    /// What the compiler said of the spawns, by runtime.
    pub demands: HashMap<String, Demands>,
    /// What the laws say.
    pub predictions: HashMap<Cell, Prediction>,
    /// Blocks, by number.
    pub blocks: Vec<Block>,
    /// The numbers of the blocks that hold a round of a cell: the judge asks for a cell's rounds after
    /// every pass.
    of_cell: ByCell<Vec<usize>>,
    /// M, once it is fixed.
    pub comparisons: Option<usize>,
    /// What primitives cost, in the order in which it was found.
    pub costs: Vec<Cost>,
    /// When the run went on after it was stopped or killed, in UTC.
    pub resumed: Vec<String>,
    /// Whether the run came to its end, and if so whether it was stopped.
    pub ended: Option<bool>,
    /// Whether it was sealed when it ended, and is what was sealed.
    pub sealed: bool,
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
            alone: HashMap::new(),
            spawn_ns: HashMap::new(),
            demands: HashMap::new(),
            predictions: HashMap::new(),
            blocks: Vec::new(),
            of_cell: ByCell::default(),
            comparisons: None,
            costs: Vec::new(),
            resumed: Vec::new(),
            ended: None,
            sealed: false,
        }
    }

    /// What disturbed the blocks that were disturbed.
    #[must_use]
    pub fn disturber(&self) -> Disturber {
        let blocks = self.blocks.iter();
        Disturber::of(blocks.filter_map(|block| block.disturbed.as_deref()))
    }

    /// Takes in one event, as a reader of the record would.
    pub fn add(&mut self, event: Event) {
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
            Event::Calibration {
                cell,
                branch,
                alone,
            } => {
                self.alone.insert((cell, branch), alone);
            }
            Event::SpawnCost { cell, spawn_ns } => {
                self.spawn_ns.insert(cell, spawn_ns);
            }
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
                order,
                status,
                reason,
                stderr,
                samples,
            } => {
                let number = usize::try_from(block).unwrap_or(usize::MAX);
                let known = self.of_cell.get_key_value(&cell);
                let cell = known.map_or_else(|| Arc::new(cell), |(cell, _)| Arc::clone(cell));
                let numbers = self.of_cell.entry(Arc::clone(&cell)).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
                self.block(block).rounds.insert(
                    cell,
                    Round {
                        order,
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
            Event::Cost(cost) => self.costs.push(cost),
            Event::Resumed { at } => {
                self.resumed.push(at);
                self.ended = None;
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

    /// Every cell that it has a round of.
    #[must_use]
    pub fn measured(&self) -> BTreeSet<&Cell> {
        self.of_cell.keys().map(AsRef::as_ref).collect()
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

    /// Of the samples of a cell that kept their polls the one that is most like the cell: its time is nearest to
    /// the median of what the rounds say, each by its fastest sample. Of undisturbed blocks, if there are any.
    #[must_use]
    pub fn traced<'a>(&'a self, cell: &'a Cell) -> Option<&'a Sample> {
        let rounds = |disturbed: bool| {
            self.rounds(cell)
                .filter(move |(block, _)| block.disturbed.is_some() == disturbed)
                .map(|(_, round)| round)
        };
        let typical = |disturbed: bool| {
            let fastest = |round: &Round| round.samples.iter().map(|s| s.wall_ns).min();
            let walls: Vec<f64> = rounds(disturbed)
                .filter_map(fastest)
                .map(|wall| wall as f64)
                .collect();
            let median = median(&walls)?;
            let off = |sample: &&Sample| (sample.wall_ns as f64 - median).abs();
            rounds(disturbed)
                .flat_map(|round| &round.samples)
                .filter(|sample| !sample.trace.is_empty())
                .min_by(|a, b| off(a).total_cmp(&off(b)))
        };
        typical(false).or_else(|| typical(true))
    }

    /// The polls of that sample.
    #[must_use]
    pub fn trace<'a>(&'a self, cell: &'a Cell) -> Option<&'a [harness_protocol::Poll]> {
        self.traced(cell).map(|sample| sample.trace.as_slice())
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
