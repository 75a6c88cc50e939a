//! Branches too short for a clock: put together again and again in one timed region.
//!
//! Nothing is added that a user of the runtime would not write: no witness (its two clock reads cost
//! more than such a branch), no list of handles for a pair, no clone of the environment. What is
//! added is the loop, a nonce for each turn of it, and a fold of the answers, some nanoseconds, and
//! they are the same under every primitive. What is allocated is counted in a second pass, after the
//! clock has stopped.

use std::hint::black_box;

use harness_protocol::Primitive;
use runtime_api::Runtime;
use workload_api::{Env, Workload};

use crate::{
    any_workload::{AnyWorkload, Repeats},
    counted::Counted,
    counting,
    region::{Entered, Region},
};

/// The answer of a branch is folded over all turns.
pub(crate) async fn region<R: Runtime, W: Workload>(
    workload: W,
    mut env: Env,
    indices: Vec<usize>,
    primitive: Primitive,
    repeats: Repeats,
) -> Region {
    let mut answers = vec![0; indices.len()];
    let mut again = answers.clone();
    let entered = Entered::now(&mut env);
    turns::<R, W>(workload, &env, &indices, primitive, repeats, &mut answers).await;
    let mut region = entered.left(answers);
    if repeats.count {
        let turns = turns::<R, W>(workload, &env, &indices, primitive, repeats, &mut again);
        region.allocated = Some(counting::of(turns).await.1);
        if again != region.answers {
            // Counted or not, the same work has the same answer; the check then says which is wrong.
            region.answers = again;
        }
    }
    region
}

/// What is wrong with these answers, if anything.
pub(crate) fn wrong(
    workload: &dyn AnyWorkload,
    env: &Env,
    indices: &[usize],
    answers: &[u64],
    repeats: Repeats,
) -> Option<String> {
    let times = repeats.times;
    indices.iter().zip(answers).find_map(|(&index, &answer)| {
        let expected = expected(workload, env, index, times);
        (answer != expected).then(|| {
            format!(
                "branch {index} came to {answer:#x} over {times} repeats, expected {expected:#x}"
            )
        })
    })
}

/// What the folded answer of a branch must be.
fn expected(workload: &dyn AnyWorkload, env: &Env, index: usize, times: u32) -> u64 {
    (0..times).fold(0, |answer, turn| {
        folded(answer, workload.expected(&of_turn(env, turn), index))
    })
}

/// The environment of one turn.
fn of_turn(env: &Env, turn: u32) -> Env {
    Env {
        nonce: nonce(env, turn),
        ..env.clone()
    }
}

/// Another one each turn, so that no turn can answer for another.
fn nonce(env: &Env, turn: u32) -> u64 {
    env.nonce.wrapping_add(u64::from(turn))
}

/// A nanosecond, and it tells a missing answer and two that changed places.
fn folded(answers: u64, answer: u64) -> u64 {
    answers.rotate_left(1).wrapping_add(answer)
}

async fn turns<R: Runtime, W: Workload>(
    workload: W,
    env: &Env,
    indices: &[usize],
    primitive: Primitive,
    repeats: Repeats,
    answers: &mut [u64],
) {
    let mut of_turn = env.clone();
    for turn in 0..repeats.times {
        // Hidden from the optimiser, which would see that a turn is an addition.
        of_turn.nonce = black_box(nonce(env, turn));
        once::<R, W>(workload, &of_turn, indices, primitive, answers).await;
    }
}

/// One turn. A pair is put together as a user would write it; more are kept in a list, as a user
/// would have to.
pub(crate) async fn once<R: Runtime, W: Workload>(
    workload: W,
    env: &Env,
    indices: &[usize],
    primitive: Primitive,
    answers: &mut [u64],
) {
    let branch = |index: usize| workload.branch_of::<Counted<R>>(env, index);
    match (primitive, indices) {
        (Primitive::Sequential, _) => {
            for (answer, &index) in answers.iter_mut().zip(indices) {
                *answer = folded(*answer, branch(index).await);
            }
        }
        (Primitive::Compose, &[a, b]) => {
            let (a, b) = R::compose2(branch(a), branch(b)).await;
            fold(answers, [a, b]);
        }
        (Primitive::Compose, _) => {
            let outputs = R::compose(indices.iter().copied().map(branch).collect()).await;
            fold(answers, outputs);
        }
        (Primitive::Spawn, &[a, b]) => {
            let (a, b) = (R::spawn(branch(a)), R::spawn(branch(b)));
            fold(answers, [a.await, b.await]);
        }
        (Primitive::Spawn, _) => {
            let spawn = |&index| R::spawn(branch(index));
            await_all(indices.iter().map(spawn).collect(), answers).await;
        }
        (Primitive::Dispatch, &[a, b]) => {
            let (a, b) = (branch(a), branch(b));
            let (a, b) = (R::dispatch(move || a), R::dispatch(move || b));
            fold(answers, [a.await, b.await]);
        }
        (Primitive::Dispatch, _) => {
            let dispatch = |&index| {
                let branch = branch(index);
                R::dispatch(move || branch)
            };
            await_all(indices.iter().map(dispatch).collect(), answers).await;
        }
        // Not asked for: `measure` refuses it.
        (Primitive::SpawnBlocking, _) => {}
    }
}

fn fold(answers: &mut [u64], outputs: impl IntoIterator<Item = u64>) {
    for (answer, output) in answers.iter_mut().zip(outputs) {
        *answer = folded(*answer, output);
    }
}

async fn await_all<F: Future<Output = u64>>(handles: Vec<F>, answers: &mut [u64]) {
    for (answer, handle) in answers.iter_mut().zip(handles) {
        *answer = folded(*answer, handle.await);
    }
}
