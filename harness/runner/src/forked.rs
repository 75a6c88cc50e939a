//! A branch that forks by itself: run where its parent is, and put together at every depth as the cell's primitive says.
//!
//! It runs on the bare runtime. What counts the tasks that branches make would count each fork, in memory that all threads
//! write to, and that costs as much as a fork does; how many there are is known from the size.

use harness_protocol::Primitive;
use runtime_api::Runtime;
use workload_api::{Env, Way, Workload};

use crate::{
    memory::Memory,
    region::{Entered, Region},
};

/// The way of a primitive; `None` where it is none.
pub(crate) fn way(primitive: Primitive) -> Option<Way> {
    match primitive {
        Primitive::Sequential => Some(Way::InTurn),
        Primitive::Compose => Some(Way::Compose),
        Primitive::Spawn => Some(Way::Spawn),
        Primitive::Dispatch => Some(Way::Dispatch),
        Primitive::SpawnBlocking => None,
    }
}

/// And how far resident memory rises in it.
pub(crate) async fn region<R: Runtime, W: Workload>(
    workload: W,
    mut env: Env,
    primitive: Primitive,
) -> Region {
    let memory = Memory::now();
    let entered = Entered::now(&mut env);
    let answer = match way(primitive) {
        Some(way) => vec![workload.forked::<R>(&env, way).await],
        // Refused before anything was started.
        None => Vec::new(),
    };
    Region {
        peak_bytes: memory.and_then(Memory::risen),
        ..entered.left(answer)
    }
}
