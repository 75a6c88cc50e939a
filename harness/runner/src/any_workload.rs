//! A workload on a runtime, with the types of both left behind.
//!
//! Compiled once for each workload is what it must be: the parents, futures in which branches are made and put
//! together. The rest of a round is compiled once. A parent is in a box, made before any clock is read: a
//! virtual call for each of its polls, the same under every primitive. Its branches are in none.

use std::{future::Future, marker::PhantomData, pin::Pin};

use harness_protocol::Primitive;
use runtime_api::Runtime;
use workload_api::{Env, Workload};

use crate::{
    region::Region,
    repeated::{self, Repeats},
    unwatched, watched,
};

/// The future that puts the branches of one sample together.
pub(crate) type Parent = Pin<Box<dyn Future<Output = Region> + Send>>;

/// What stands beside the branches of a sample.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Beside {
    /// The witness; the first so many hand-overs are traced.
    Witness { trace: usize },
    /// A loop, since the branches are too short to be timed or watched.
    Loop(Repeats),
    /// Nobody, since the branches are too many.
    Nobody,
}

/// A [`Workload`] on a [`Runtime`].
pub(crate) trait AnyWorkload: Send + Sync {
    /// [`Workload::REPEATS`].
    fn repeats(&self) -> bool;

    /// [`Workload::UNWATCHED`].
    fn unwatched(&self) -> bool;

    /// [`Workload::OFFLOADS`].
    fn offloads(&self) -> bool;

    /// [`Workload::prepare`].
    fn prepare(&self, env: &Env) -> Result<(), String>;

    /// [`Workload::expected`].
    fn expected(&self, env: &Env, index: usize) -> u64;

    /// The parent of one sample, not begun. Whoever asks for what the workload is not made for has been refused.
    fn parent(&self, env: Env, indices: Vec<usize>, primitive: Primitive, beside: Beside)
    -> Parent;
}

/// This workload, on this runtime.
pub(crate) fn on<R: Runtime>(workload: impl Workload) -> Box<dyn AnyWorkload> {
    Box::new(On::<R, _>(workload, PhantomData))
}

struct On<R, W>(W, PhantomData<R>);

impl<R: Runtime, W: Workload> AnyWorkload for On<R, W> {
    fn repeats(&self) -> bool {
        W::REPEATS
    }

    fn unwatched(&self) -> bool {
        W::UNWATCHED
    }

    fn offloads(&self) -> bool {
        W::OFFLOADS
    }

    fn prepare(&self, env: &Env) -> Result<(), String> {
        self.0.prepare(env)
    }

    fn expected(&self, env: &Env, index: usize) -> u64 {
        self.0.expected(env, index)
    }

    /// The constants are asked here, in no future: in a future, what comes after an await is compiled even where
    /// a constant says that nothing comes there.
    fn parent(
        &self,
        env: Env,
        indices: Vec<usize>,
        primitive: Primitive,
        beside: Beside,
    ) -> Parent {
        let workload = self.0;
        if W::REPEATS
            && let Beside::Loop(repeats) = beside
        {
            return Box::pin(repeated::region::<R, W>(
                workload, env, indices, primitive, repeats,
            ));
        }
        if W::UNWATCHED
            && let Beside::Nobody = beside
        {
            return Box::pin(unwatched::region::<R, W>(workload, env, indices, primitive));
        }
        let trace = match beside {
            Beside::Witness { trace } => trace,
            Beside::Loop(_) | Beside::Nobody => 0,
        };
        if W::OFFLOADS && primitive == Primitive::SpawnBlocking {
            return Box::pin(watched::offloaded::<R, W>(workload, env, indices, trace));
        }
        Box::pin(watched::region::<R, W>(
            workload, env, indices, primitive, trace,
        ))
    }
}
