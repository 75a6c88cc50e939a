//! The ways, each in a file of its own, as their documentation would have a user write them.

mod buffered;
mod concurrency;
mod join;
mod join_all;
mod native;
mod select;
mod select_all;
mod spawn_await;
mod unordered;

pub use buffered::Buffered;
pub use concurrency::{Concurrency, TryConcurrency};
pub use join::Join;
pub use join_all::{JoinAll, TryJoinAll};
pub use native::Native;
pub use select::Select;
pub use select_all::SelectAll;
pub use spawn_await::SpawnAwait;
pub use unordered::Unordered;

#[cfg(test)]
mod tests;
