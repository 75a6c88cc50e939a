//! Situations that people met, each reduced to its branches. `docs/FIELD.md` tells what happened to
//! them, where they said so, and what verdict each case should give.
//!
//! | workload | a branch |
//! | --- | --- |
//! | [`WideJoin`] | sleeps a little longer than the one before it |
//! | [`StarvedSibling`] | ticks, beside a branch whose every await is ready at once |
//! | [`BufferedStream`] | takes items from a buffered stream and handles each before the next |
//! | [`UnpolledLock`] | wants a lock that a future holds which nobody polls |
//! | [`BlockInPlace`] | ticks, beside a branch that blocks its thread |
//! | [`HotLoop`] | spawns each piece of its work and awaits it at once |
//! | [`StuckChild`] | spawns a child, and computes before it lets go |
//! | [`SharedLock`] | waits under a lock that all of them want |
//! | [`SharedMutex`] | computes under a mutex that all of them want |
//! | [`UnequalPair`] | computes for long, or for a twentieth of that |
//! | [`BlockingLookup`] | looks a name up in its own thread, within a timeout |
//! | [`BlockingArm`] | blocks, beside one that hands its blocking over, or the other way about |
//! | [`OneConnection`] | makes a request over a connection that all share |
//! | [`FetchThenCompute`] | fetches and computes in one poll, beside a branch of short requests |
//! | [`SmallReads`] | reads many small files, one by one |
//! | [`PoolOfOne`] | keeps a pool's only worker until another branch, which wants it, goes on |
//! | [`OtherArm`] | handles a command by waiting for another arm of its own loop |
//! | [`SelectBudget`] | ticks, beside a loop over two arms of which one is always ready |
//!
//! `HotLoop` and `StuckChild` spawn because that is what they are about, and the catalogue says so. `field/woken-hog` is
//! [`workload_mixed::WokenHog`], on which a claim rests as well.

mod block_in_place;
mod blocking_arm;
mod blocking_lookup;
mod buffered_stream;
mod fetch_then_compute;
mod hot_loop;
mod one_connection;
mod origin;
mod other_arm;
mod pool_of_one;
mod select_budget;
mod shared_lock;
mod shared_mutex;
mod small_reads;
mod starved_sibling;
mod stuck_child;
mod unequal_pair;
mod unpolled_lock;
mod wide_join;

pub use block_in_place::BlockInPlace;
pub use blocking_arm::BlockingArm;
pub use blocking_lookup::BlockingLookup;
pub use buffered_stream::BufferedStream;
pub use fetch_then_compute::FetchThenCompute;
pub use hot_loop::HotLoop;
pub use one_connection::OneConnection;
pub use other_arm::OtherArm;
pub use pool_of_one::PoolOfOne;
pub use select_budget::SelectBudget;
pub use shared_lock::SharedLock;
pub use shared_mutex::SharedMutex;
pub use small_reads::SmallReads;
pub use starved_sibling::StarvedSibling;
pub use stuck_child::StuckChild;
pub use unequal_pair::UnequalPair;
pub use unpolled_lock::UnpolledLock;
pub use wide_join::WideJoin;

/// A runtime for the tests of what spawns: the caller runs a task where it spawns it.
#[cfg(test)]
mod at_once;
