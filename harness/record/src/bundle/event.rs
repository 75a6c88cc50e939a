//! What happens in a run, one event a line of its record.

use harness_protocol::Sample;
use serde::{Deserialize, Serialize};

use crate::{
    cell::Cell,
    costs::{Cost, Found},
    demands::Demands,
    laws,
    load::Load,
    promise::Tried,
};

/// How a round, and so a cell, went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// As people and files write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Unsupported => "unsupported",
            Self::Unavailable => "unavailable",
            Self::Wrong => "wrong",
            Self::Timeout => "timeout",
            Self::Crashed => "crashed",
        }
    }

    /// Whether something went wrong, as against a runtime that has no such thing, or cannot run here.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Wrong | Self::Timeout | Self::Crashed)
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
        /// A sequential cell of the configuration and scenario; a joined one where branches wait for each other.
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
        floor_ns: u64,
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
    /// What one side of one operation costs, in one respect.
    Cost(Cost),
    /// A run that was stopped or killed goes on.
    Resumed {
        /// When, in UTC.
        at: String,
    },
    /// The run is over.
    End {
        /// Whether the user stopped it.
        interrupted: bool,
    },
}

/// The same, as it is read: with the name of the event around its fields. Told apart by a name among them, they would be
/// read into a tree of serde's, of which nobody knows the places. The compiler holds the fields of the two against each
/// other.
#[derive(Deserialize)]
#[serde(remote = "Event", rename_all = "snake_case")]
pub(super) enum Named {
    Verified(Tried),
    Demands {
        runtime: String,
        #[serde(flatten)]
        demands: Demands,
    },
    Steps {
        scenario: String,
        steps: u64,
        step_ns: f64,
    },
    Calibration {
        cell: Cell,
        branch: usize,
        #[serde(flatten)]
        alone: laws::Branch,
    },
    SpawnCost {
        cell: Cell,
        spawn_ns: u64,
    },
    Prediction {
        cell: Cell,
        wall_ns: u64,
        wait_ns: u64,
        work_ns: u64,
        floor_ns: u64,
    },
    Comparisons {
        comparisons: usize,
    },
    Round {
        block: u64,
        cell: Cell,
        order: usize,
        status: CellStatus,
        #[serde(default)]
        reason: Option<String>,
        #[serde(default)]
        stderr: String,
        samples: Vec<Sample>,
    },
    Block {
        block: u64,
        runtime: String,
        scenario: String,
        took_ns: u64,
        #[serde(default)]
        load: Option<Load>,
        #[serde(default)]
        disturbed: Option<String>,
    },
    Cost(Cost),
    Resumed {
        at: String,
    },
    End {
        interrupted: bool,
    },
}

/// A round as it stands on its line, but for the name of the event.
#[derive(Deserialize)]
struct RoundLine {
    block: u64,
    cell: Cell,
    order: usize,
    status: CellStatus,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    stderr: String,
    samples: Vec<Sample>,
}

impl From<RoundLine> for Event {
    fn from(mut line: RoundLine) -> Self {
        // Read into room for four; most rounds have one.
        line.samples.shrink_to_fit();
        Self::Round {
            block: line.block,
            cell: line.cell,
            order: line.order,
            status: line.status,
            reason: line.reason,
            stderr: line.stderr,
            samples: line.samples,
        }
    }
}

/// Reads a line that begins as a round of ours does.
pub(super) fn short(line: &[u8]) -> Option<serde_json::Result<Event>> {
    let is_ours = line.starts_with(br#"{"event":"round","#);
    is_ours.then(|| serde_json::from_slice::<RoundLine>(line).map(Event::from))
}

impl Event {
    /// Reads a line of a record.
    ///
    /// An event whose name stands among its fields is first read into a tree, and then out of it, which takes
    /// several times as long as all the rest. Nearly all lines are rounds, and a record names the event first.
    pub(super) fn of_line(line: &[u8]) -> serde_json::Result<Self> {
        match short(line) {
            Some(Ok(event)) => Ok(event),
            // The longer way says as much of what is wrong, but for a field that stands there twice.
            Some(Err(error)) => serde_json::from_slice::<Self>(line).and(Err(error)),
            None => serde_json::from_slice(line),
        }
    }

    /// Whether a run would have written this line of it.
    pub(super) fn is_written(&self, line: &[u8]) -> bool {
        let written = serde_json::to_vec(self);
        written.is_ok_and(|written| line.strip_suffix(b"\n").unwrap_or(line) == written)
    }

    /// Every text in it that a program said, and that may name a person or a place.
    pub(super) fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Self::Round {
                reason,
                stderr,
                samples,
                ..
            } => {
                let wrong = samples
                    .iter_mut()
                    .filter_map(|sample| sample.wrong.as_mut());
                reason.iter_mut().chain([stderr]).chain(wrong).collect()
            }
            Self::Cost(Cost {
                found: Found::Failed(failed),
                ..
            }) => vec![&mut failed.reason, &mut failed.stderr],
            Self::Verified(tried) => tried
                .broken
                .iter_mut()
                .chain(tried.seen.values_mut())
                .collect(),
            Self::Demands { demands, .. } => {
                let complaints = demands.spawns.iter_mut().flat_map(|asked| {
                    let pairs = asked.pairs.iter_mut();
                    pairs.flat_map(|pair| pair.refused.iter_mut().chain(&mut pair.twin))
                });
                let said = complaints.map(|complaint| &mut complaint.message);
                demands.unknown.iter_mut().chain(said).collect()
            }
            _ => Vec::new(),
        }
    }
}
