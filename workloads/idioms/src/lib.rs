//! The ways to put branches together that people write, each over the same branches.
//!
//! Every other scenario is about what branches do; here they do nothing but wait to be woken, and count: how often each was
//! polled, how many were there at once, and what became of the others when one failed. What is counted depends on no clock,
//! so it is the same on a busy machine. A way is a function in [`ways`] and a line in the catalogue; one that only one runtime has
//! is [`Native`] there, and the adapter has it (`Runtime::idiom`).

use std::future::Future;

use runtime_api::Runtime;

mod branch;
mod outside;
pub mod ways;
mod world;

pub use branch::Branch;
pub use outside::{Outside, Stopped};
pub use ways::{
    Buffered, Concurrency, Join, JoinAll, Native, Select, SelectAll, SpawnAwait, TryConcurrency,
    TryJoinAll, Unordered,
};
pub use world::{Counts, Fails, Waking, World};

/// What a branch fails with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// A way to put branches together.
pub trait Idiom: Copy + Send + Sync + 'static {
    /// Whether only a runtime can have it: then it stands in the adapter.
    const NATIVE: bool = false;

    /// The numbers of branches that stand in its source, each by itself; none for a way that takes a list.
    const WRITTEN_OUT: &'static [usize] = &[];

    /// The answers of all branches, in any order, or the first failure that it sees: as its users write it.
    fn run<R, F>(self, branches: Vec<F>) -> impl Future<Output = Result<Vec<u64>, Failed>> + Send
    where
        R: Runtime,
        F: Future<Output = Result<u64, Failed>> + Send + Unpin + 'static;
}
