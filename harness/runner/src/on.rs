//! A workload on a runtime, as what leaves the types of both behind.

use std::marker::PhantomData;

use harness_protocol::Primitive;
use runtime_api::Runtime;
use workload_api::{Env, Shared, Workload};

use crate::{
    any_workload::{AnyWorkload, Beside, Parent},
    forked, repeated, unwatched, watched,
};

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

    fn forks(&self) -> bool {
        W::FORKS
    }

    fn offloads(&self) -> bool {
        W::OFFLOADS
    }

    fn together(&self) -> bool {
        W::TOGETHER
    }

    fn prepare(&self, env: &Env) -> Result<(), String> {
        self.0.prepare(env)
    }

    fn share(&self, env: &Env) -> Shared {
        self.0.share(env)
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
        if W::FORKS
            && let Beside::Forks = beside
        {
            return Box::pin(forked::region::<R, W>(workload, env, primitive));
        }
        let trace = match beside {
            Beside::Witness { trace } => trace,
            Beside::Loop(_) | Beside::Nobody | Beside::Forks => 0,
        };
        if W::OFFLOADS && primitive == Primitive::SpawnBlocking {
            return Box::pin(watched::offloaded::<R, W>(workload, env, indices, trace));
        }
        Box::pin(watched::region::<R, W>(
            workload, env, indices, primitive, trace,
        ))
    }
}
