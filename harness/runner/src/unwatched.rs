//! Branches of which there are so many that a witness would take most of the time and memory: put together
//! once, as a user would, with nobody beside them.
//!
//! What the runner keeps, a number for each branch and its answer, is there before the region begins. In it are
//! the branches and what the primitive makes of them: the list of handles that a user keeps as well, and of
//! joined branches the list of futures and of outputs.

use std::{hint::black_box, time::Instant};

use harness_protocol::Primitive;
use runtime_api::Runtime;
use workload_api::{Env, Workload};

use crate::{edges::Edge, measure::Region, memory::Memory, repeated::once, witness};

/// Of a warm-up: enough to start every thread, and too few to leave memory behind that would be missing from
/// what the sample takes.
const WARMUP_BRANCHES: usize = 8;

/// The branches of a warm-up.
pub(crate) fn few(branches: usize) -> usize {
    branches.min(WARMUP_BRANCHES)
}

/// The answers, the edges, and how far resident memory rose between them, in bytes, where the system tells.
pub(crate) async fn region<R: Runtime, W: Workload>(
    workload: W,
    mut env: Env,
    indices: Vec<usize>,
    primitive: Primitive,
) -> (Vec<u64>, Region, Option<u64>) {
    let clock = witness::clock();
    // Written and not only asked for: what is never written has no page yet.
    let mut answers: Vec<u64> = indices.iter().map(|_| black_box(0)).collect();
    let memory = Memory::now();
    let edge = Edge::now();
    env.start = Instant::now();
    let start = clock.raw();
    once::<R, W>(workload, &env, &indices, primitive, &mut answers).await;
    let end = clock.raw();
    let region = Region {
        start,
        end,
        between: edge.until_now(),
        handed: Vec::new(),
    };
    (answers, region, memory.and_then(|memory| memory.risen()))
}
