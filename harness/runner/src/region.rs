//! The timed region: its two edges.
//!
//! Everything between the two edges is timed: the spawns too, since an eager runtime would otherwise start
//! ahead of the clock.

use std::time::Instant;

use harness_protocol::Idiom;
use workload_api::Env;

use crate::{
    counting::Allocated,
    edges::{Between, Edge},
    witness,
};

/// What a parent came to: the answers; the edges of the timed region, in the units in which they were read;
/// and what is known of what lay between.
pub(crate) struct Region {
    /// In the order of the branches.
    pub(crate) answers: Vec<u64>,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) between: Between,
    /// The hand-overs that were traced.
    pub(crate) handed: Vec<witness::Interval>,
    /// What was allocated, if that was asked for.
    pub(crate) allocated: Option<Allocated>,
    /// What became of branches that count for themselves.
    pub(crate) idiom: Option<Idiom>,
    /// How far resident memory rose, in bytes, if that was asked for and the system tells.
    pub(crate) peak_bytes: Option<u64>,
}

/// A region that has been entered.
pub(crate) struct Entered {
    edge: Edge,
    start: u64,
}

impl Entered {
    /// Reads the edge, and begins the clock of the branches.
    pub(crate) fn now(env: &mut Env) -> Self {
        let clock = witness::clock();
        let edge = Edge::now();
        env.start = Instant::now();
        Self {
            edge,
            start: clock.raw(),
        }
    }

    /// Reads the other edge.
    pub(crate) fn left(self, answers: Vec<u64>) -> Region {
        let end = witness::clock().raw();
        Region {
            answers,
            start: self.start,
            end,
            between: self.edge.until_now(),
            handed: Vec::new(),
            allocated: None,
            idiom: None,
            peak_bytes: None,
        }
    }
}
