//! Recursions that fork: what schedulers are compared by elsewhere.
//!
//! | workload | what it computes | calls of a call |
//! | --- | --- | --- |
//! | [`Fib`], [`FibCuts`] | a Fibonacci number by its definition | 2 |
//! | [`Skynet`] | the sum over the leaves of a tree | 10 |
//! | [`Queens`] | placements of queens on a board | up to one for each column |
//! | [`Matmul`] | a product of two matrices, by quarters | twice 4 |
//!
//! The problems and the shapes of their calls are those of [tzcnt/runtime-benchmarks](https://github.com/tzcnt/runtime-benchmarks).
//! Each is written twice: with futures, whose calls a runtime puts together (`ways`), and as the plain program that one
//! would write without ([`plain`]), which is what is below a cut-off, and what all is held against.
//!
//! A future that calls itself has a size that no compiler knows, so each call is in a box ([`Call`]): one allocation a call,
//! joined as spawned, which is what `Box::pin` or `#[async_recursion]` makes a user pay as well.

mod calls;
mod fib;
mod matmul;
pub mod plain;
mod queens;
mod skynet;
mod ways;

pub use fib::{Fib, FibCuts};
pub use matmul::Matmul;
pub use queens::Queens;
pub use skynet::Skynet;
pub use ways::Call;

#[cfg(test)]
mod tests;
