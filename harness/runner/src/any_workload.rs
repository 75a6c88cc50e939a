//! A workload on a runtime, with the types of both left behind.
//!
//! Compiled once for each workload is what it must be: the parents, futures in which branches are made and put
//! together. The rest of a round is compiled once. A parent is in a box, made before any clock is read: a
//! virtual call for each of its polls, the same under every primitive. Its branches are in none.

use std::{future::Future, pin::Pin};

use harness_protocol::{Measure, Primitive};
use workload_api::{Env, Shared};

use crate::region::Region;

/// The future that puts the branches of one sample together.
pub(crate) type Parent = Pin<Box<dyn Future<Output = Region> + Send>>;

/// How often, and whether what is allocated is to be counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeats {
    pub(crate) times: u32,
    pub(crate) count: bool,
}

/// What stands beside the branches of a sample.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Beside {
    /// The witness; the first so many hand-overs are traced.
    Witness { trace: usize },
    /// A loop, since the branches are too short to be timed or watched.
    Loop(Repeats),
    /// Nobody, since the branches are too many.
    Nobody,
    /// Nobody either, since the one branch forks too many.
    Forks,
}

/// A [`Workload`] on a [`Runtime`].
pub(crate) trait AnyWorkload: Send + Sync {
    /// [`Workload::REPEATS`].
    fn repeats(&self) -> bool;

    /// [`Workload::UNWATCHED`].
    fn unwatched(&self) -> bool;

    /// [`Workload::FORKS`].
    fn forks(&self) -> bool;

    /// [`Workload::OFFLOADS`].
    fn offloads(&self) -> bool;

    /// [`Workload::TOGETHER`].
    fn together(&self) -> bool;

    /// Whether what is measured is measured once before, for nothing.
    fn warms_up(&self) -> bool {
        true
    }

    /// Why it cannot do what is asked, where that is not a matter of the constants above.
    fn refuses(&self, _request: &Measure) -> Option<String> {
        None
    }

    /// [`Workload::prepare`].
    fn prepare(&self, env: &Env) -> Result<(), String>;

    /// [`Workload::share`].
    fn share(&self, env: &Env) -> Shared;

    /// [`Workload::expected`].
    fn expected(&self, env: &Env, index: usize) -> u64;

    /// The parent of one sample, not begun. Whoever asks for what the workload is not made for has been refused.
    fn parent(&self, env: Env, indices: Vec<usize>, primitive: Primitive, beside: Beside)
    -> Parent;
}
