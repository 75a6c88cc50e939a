//! Branches of which there are so many that a witness would take most of the time and memory: put together
//! once, as a user would, with nobody beside them.
//!
//! What the runner keeps, a number for each branch and its answer, is there before the region begins. In it are
//! the branches and what the primitive makes of them: the list of handles that a user keeps as well, and of
//! joined branches the list of futures and of outputs.

use std::hint::black_box;

use harness_protocol::Primitive;
use runtime_api::Runtime;
use workload_api::{Env, Workload};

use crate::{
    memory::Memory,
    region::{Entered, Region},
    repeated::once,
};

/// Of a warm-up: enough to start every thread, and too few to leave memory behind that would be missing from
/// what the sample takes.
const WARMUP_BRANCHES: usize = 8;

/// The branches of a warm-up.
pub(crate) fn few(branches: usize) -> usize {
    branches.min(WARMUP_BRANCHES)
}

/// And how far resident memory rises in it.
pub(crate) async fn region<R: Runtime, W: Workload>(
    workload: W,
    mut env: Env,
    indices: Vec<usize>,
    primitive: Primitive,
) -> Region {
    // Written and not only asked for: what is never written has no page yet.
    let mut answers: Vec<u64> = indices.iter().map(|_| black_box(0)).collect();
    let memory = Memory::now();
    let entered = Entered::now(&mut env);
    once::<R, W>(workload, &env, &indices, primitive, &mut answers).await;
    Region {
        peak_bytes: memory.and_then(Memory::risen),
        ..entered.left(answers)
    }
}
