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

/// Calls a macro with as many names as there are branches: 10 or 30, which is what the catalogue asks of a way whose branches
/// stand in its source.
#[macro_export]
macro_rules! written_out {
    ($branches:ident, $each:ident) => {
        match $branches.len() {
            10 => $each!($branches, 10; a b c d e f g h i j),
            30 => $each!($branches, 30; a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd),
            n => panic!("10 or 30 branches are written out, and not {n}"),
        }
    };
}

/// The numbers that [`written_out!`] knows.
pub const WRITTEN_OUT: &[usize] = &[10, 30];

#[cfg(test)]
mod tests;
