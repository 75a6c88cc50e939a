//! Branches under the witness, put together once.

use harness_protocol::Primitive;
use runtime_api::Runtime;
use workload_api::{Env, Workload};

use crate::{
    counted::Counted,
    region::{Entered, Region},
    waking::Waking,
    witness::{self, Witnessed},
};

/// All primitives but the blocking pool.
pub(crate) async fn region<R: Runtime, W: Workload>(
    workload: W,
    mut env: Env,
    indices: Vec<usize>,
    primitive: Primitive,
    trace: usize,
) -> Region {
    let mut handed = Vec::with_capacity(trace.min(indices.len()));
    let entered = Entered::now(&mut env);
    let branch = move |index: usize| {
        let branch = workload.branch_of::<Counted<R>>(&env, index);
        Witnessed::new(name(index), Waking::<W, _>::new(name(index), branch))
    };
    let answers = match primitive {
        Primitive::Sequential => {
            let mut answers = Vec::with_capacity(indices.len());
            for index in indices {
                answers.push(branch(index).await);
            }
            answers
        }
        Primitive::Compose => match indices[..] {
            [a, b] => {
                let (a, b) = R::compose2(branch(a), branch(b)).await;
                vec![a, b]
            }
            _ => R::compose(hand_over(indices, branch, 0, &mut handed)).await,
        },
        Primitive::Spawn => {
            let spawn = |index| R::spawn(branch(index));
            all(hand_over(indices, spawn, trace, &mut handed)).await
        }
        Primitive::Dispatch => {
            let place = |index| {
                let branch = branch.clone();
                R::dispatch(move || branch(index))
            };
            all(hand_over(indices, place, trace, &mut handed)).await
        }
        // Refused before anything was started.
        Primitive::SpawnBlocking => Vec::new(),
    };
    Region {
        handed,
        ..entered.left(answers)
    }
}

/// The blocking pool: a future of its own, since not every workload can be given to one.
pub(crate) async fn offloaded<R: Runtime, W: Workload>(
    workload: W,
    mut env: Env,
    indices: Vec<usize>,
    trace: usize,
) -> Region {
    let mut handed = Vec::with_capacity(trace.min(indices.len()));
    let entered = Entered::now(&mut env);
    let offload = |index| {
        let branch = workload.branch_of::<Counted<R>>(&env, index);
        let branch = Witnessed::new(name(index), branch);
        R::spawn_blocking(move || futures_lite::future::block_on(branch))
    };
    let answers = all(hand_over(indices, offload, trace, &mut handed)).await;
    Region {
        handed,
        ..entered.left(answers)
    }
}

/// What the witness calls a branch.
fn name(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Hands the branches to a primitive, one after the other, and returns their handles.
///
/// Where polls are to be traced, so are the first `trace` hand-overs: two reads of the clock each, some
/// 35 ns, for the first round of a cell alone, whose branches take milliseconds.
fn hand_over<H>(
    indices: Vec<usize>,
    mut to: impl FnMut(usize) -> H,
    trace: usize,
    handed: &mut Vec<witness::Interval>,
) -> Vec<H> {
    let mut handles = Vec::with_capacity(indices.len());
    let clock = witness::clock();
    for index in indices {
        if handed.len() == trace {
            handles.push(to(index));
            continue;
        }
        let (thread, start) = (witness::thread(), clock.raw());
        handles.push(to(index));
        handed.push(witness::Interval {
            branch: name(index),
            thread,
            start,
            end: clock.raw(),
        });
    }
    handles
}

/// Awaits handles of running tasks one after the other, as `a.await; b.await` would.
async fn all<F: Future>(handles: Vec<F>) -> Vec<F::Output> {
    let mut outputs = Vec::with_capacity(handles.len());
    for handle in handles {
        outputs.push(handle.await);
    }
    outputs
}
