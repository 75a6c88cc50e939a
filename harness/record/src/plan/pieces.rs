//! The scenario whose cells are the same work in ever more pieces.

use workload_catalogue::{Branches, Scenario, scenario};

use super::{Config, Plan};
use crate::cell::Cell;

/// Pieces for each thread, in the cells of a configuration. All divide the last, so that a thread's
/// steps can be cut into each.
pub const PIECES: [usize; 4] = [1, 10, 100, 1000];
/// Cells with more pieces than this are left out: they would say nothing that the others do not, and
/// their tasks would be measured for the memory that they fill.
const MOST: usize = 20_000;

/// Threads that can each have a piece and a core for it.
#[must_use]
pub fn threads(config: &Config, cores: usize) -> usize {
    config.threads(config.placing(), cores).min(cores).max(1)
}

/// The numbers of pieces, fewest first. None where each branch has a thread of its own: there more
/// pieces are more threads, and k is nothing that they could be held against.
#[must_use]
pub fn counts(config: &Config, cores: usize) -> Vec<usize> {
    if config.thread_a_branch() {
        return Vec::new();
    }
    let k = threads(config, cores);
    PIECES
        .into_iter()
        .map(|each| k * each)
        .filter(|&n| n <= MOST)
        .collect()
}

/// Steps a thread, such that they can be cut into every number of pieces: `steps`, rounded.
#[must_use]
pub fn divisible(steps: f64) -> u64 {
    let last = PIECES[PIECES.len() - 1] as f64;
    ((steps / last).round().max(1.0) * last) as u64
}

impl Plan {
    /// The part of a scenario's work that one branch of the cell does: all of it, but where the work is
    /// cut into pieces. There the scenario's work is one thread's.
    #[must_use]
    pub fn share(&self, cell: &Cell) -> f64 {
        match (scenario(&cell.scenario), self.config(cell)) {
            (
                Some(Scenario {
                    branches: Branches::Pieces,
                    ..
                }),
                Some(config),
            ) => threads(config, self.cores) as f64 / cell.branches.max(1) as f64,
            _ => 1.0,
        }
    }
}
