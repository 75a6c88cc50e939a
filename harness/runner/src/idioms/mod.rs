//! Branches that count, put together in one of the ways that people write.
//!
//! Each is put together four times: woken one by one, while allocations are counted; with nothing to wait for, where
//! the first stays in its poll to see whether another comes beside it; and with one that fails, the first and the last. Nothing
//! of it is timed.

use std::{
    marker::PhantomData,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_lite::future;
use harness_protocol::{Idiom as Counted, Measure, Others, Primitive};
use runtime_api::Runtime;
use workload_api::{Env, Shared, mix};
use workload_catalogue::scenario;
use workload_idioms::{Branch, Failed, Fails, Idiom, Outside, Stopped, Waking, World};

use crate::{
    any_workload::{AnyWorkload, Beside, Parent},
    counting, live,
    region::{Entered, Region},
};

/// So long a parent may take to see that a task of its own has failed, before the others are woken as well.
const PATIENCE: Duration = Duration::from_millis(20);

/// So long what is still there may take to end or to be dropped.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// This way, on this runtime.
pub(crate) fn on<R: Runtime>(name: &'static str, idiom: impl Idiom) -> Box<dyn AnyWorkload> {
    let facts = scenario(name);
    Box::new(On::<R, _> {
        name: name.trim_start_matches(workload_catalogue::IDIOMS),
        of_tasks: facts.is_some_and(|facts| facts.spawns),
        idiom,
        runtime: PhantomData,
    })
}

struct On<R, I> {
    name: &'static str,
    /// Whether it hands the branches to the scheduler.
    of_tasks: bool,
    idiom: I,
    runtime: PhantomData<R>,
}

impl<R: Runtime, I: Idiom> AnyWorkload for On<R, I> {
    fn repeats(&self) -> bool {
        false
    }

    fn unwatched(&self) -> bool {
        true
    }

    fn offloads(&self) -> bool {
        false
    }

    fn together(&self) -> bool {
        false
    }

    fn forks(&self) -> bool {
        false
    }

    /// All of it is counted, and the first time as well.
    fn warms_up(&self) -> bool {
        false
    }

    fn prepare(&self, _env: &Env) -> Result<(), String> {
        Ok(())
    }

    fn share(&self, _env: &Env) -> Shared {
        Shared::default()
    }

    fn expected(&self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }

    fn refuses(&self, request: &Measure) -> Option<String> {
        let (name, runtime) = (self.name, R::about().name);
        let primitive = match self.of_tasks {
            true => Primitive::Spawn,
            false => Primitive::Compose,
        };
        let written = I::WRITTEN_OUT;
        if I::NATIVE && !R::IDIOMS.contains(&name) {
            Some(format!("{runtime} has no {name}"))
        } else if request.primitive != primitive || request.only.is_some() || !request.unwatched {
            Some(format!("{name} is one way to put all branches together"))
        } else if !written.is_empty() && !written.contains(&request.branches) {
            let numbers: Vec<String> = written.iter().map(ToString::to_string).collect();
            let numbers = numbers.join(" or ");
            Some(format!("of {name}, {numbers} branches are written out"))
        } else {
            None
        }
    }

    fn parent(
        &self,
        env: Env,
        indices: Vec<usize>,
        _primitive: Primitive,
        _beside: Beside,
    ) -> Parent {
        let (name, of_tasks, idiom) = (self.name, self.of_tasks, self.idiom);
        Box::pin(async move { region::<R, I>(name, of_tasks, idiom, env, indices.len()).await })
    }
}

/// What came of one time.
type Came = Result<Result<Vec<u64>, Failed>, Stopped>;

async fn region<R: Runtime, I: Idiom>(
    name: &'static str,
    of_tasks: bool,
    idiom: I,
    mut env: Env,
    branches: usize,
) -> Region {
    let nonce = env.nonce;
    let waking = match of_tasks {
        true => Waking::InTurn,
        false => Waking::WhenIdle,
    };
    let world = |waking, fails| Arc::new(World::new(branches, nonce, waking, fails));

    let one_by_one = world(waking, Fails::None);
    let (all, outside) = (made(&one_by_one, branches), Outside::new(&one_by_one));
    let entered = Entered::now(&mut env);
    let counted = counting::of(outside.around(together::<R, I>(name, idiom, all)));
    let (came, allocated) = counted.await;
    let mut region = entered.left(Vec::new());
    let peak_bytes = live::peak();
    let stopped = came.is_err();
    region.answers = in_order(&one_by_one, branches, came);

    let at_once = world(Waking::Ready, Fails::None);
    let (all, outside) = (made(&at_once, branches), Outside::new(&at_once));
    let came = outside.around(together::<R, I>(name, idiom, all)).await;
    let again = in_order(&at_once, branches, came);
    if !stopped && again != region.answers {
        // The check then says which is wrong.
        region.answers = again;
    }

    let mut fails = Vec::new();
    for which in [Fails::First, Fails::Last] {
        let world = world(waking, which);
        let (all, outside) = (made(&world, branches), Outside::new(&world));
        let parent = outside.around(together::<R, I>(name, idiom, all));
        let came = future::or(parent, nudge::<R, _>(&world)).await;
        fails.push(match came {
            Ok(Err(Failed)) => Some(others::<R>(&world, branches).await),
            Ok(Ok(_)) | Err(Stopped) => None,
        });
    }
    let counts = one_by_one.counts();
    region.idiom = Some(Counted {
        wakes: counts.wakes,
        polls: counts.polls,
        begun: counts.begun,
        parent_polls: counts.parent_polls,
        waiting: counts.most_waiting,
        inside: counts.most_inside.max(at_once.counts().most_inside),
        stopped,
        allocations: allocated.allocations,
        peak_bytes,
        branch_bytes: size_of::<Branch>() as u64,
        last_fails: fails.pop().flatten(),
        first_fails: fails.pop().flatten(),
    });
    region
}

fn made(world: &Arc<World>, branches: usize) -> Vec<Branch> {
    (0..branches)
        .map(|index| Branch::new(world, index))
        .collect()
}

/// The runtime's own way of this name, if it has one.
async fn together<R: Runtime, I: Idiom>(
    name: &'static str,
    idiom: I,
    branches: Vec<Branch>,
) -> Result<Vec<u64>, Failed> {
    if R::IDIOMS.contains(&name) {
        R::idiom(name, branches).await
    } else {
        idiom.run::<R, _>(branches).await
    }
}

/// Answers come as branches end, each of which has an answer of its own: in the order of the branches if they are all there,
/// and else as they came.
fn in_order(world: &World, branches: usize, came: Came) -> Vec<u64> {
    let Ok(Ok(mut answers)) = came else {
        return Vec::new();
    };
    let expected: Vec<u64> = (0..branches).map(|index| world.answer(index)).collect();
    let mut sorted = expected.clone();
    sorted.sort_unstable();
    answers.sort_unstable();
    if answers == sorted { expected } else { answers }
}

/// When a task has failed, those that are woken in turn wait until the parent could see it. If it does not look, they go on.
async fn nudge<R: Runtime, T>(world: &World) -> T {
    let mut since = None;
    loop {
        if world.is_held() {
            let since = *since.get_or_insert_with(Instant::now);
            if since.elapsed() > PATIENCE {
                world.go_on();
            }
        }
        R::yield_now().await;
    }
}

/// What becomes of the others, now that the parent has seen the failure and is done.
async fn others<R: Runtime>(world: &World, branches: usize) -> Others {
    let seen = world.counts();
    world.wake_all();
    let began = Instant::now();
    while !world.is_over() && began.elapsed() < AFTERWARDS {
        R::yield_now().await;
    }
    let after = world.counts();
    let finished = seen.ended.saturating_sub(1);
    let ran_on = after.ended - seen.ended;
    Others {
        finished,
        ran_on,
        dropped: after.dropped,
        left: (branches as u64).saturating_sub(1 + finished + ran_on + after.dropped),
    }
}

#[cfg(test)]
mod tests;
