//! The same recursions as plain functions.

use workload_catalogue::{CUT_FIB, Recursion};

pub use crate::calls::{Calls, InTurn};
use crate::{fib, matmul, queens, skynet};

/// A recursion of this size, from its first call to its answer.
#[must_use]
pub fn run<C: Calls>(recursion: Recursion, size: usize, nonce: u64) -> u64 {
    match recursion {
        Recursion::Fib { cut } => fib::plain::<C>(size, cut, nonce),
        Recursion::FibCuts => fib::plain::<C>(CUT_FIB, size, nonce),
        Recursion::Skynet => skynet::plain::<C>(size, nonce),
        Recursion::Queens { rows } => queens::plain::<C>(size, rows, nonce),
        Recursion::Matmul => matmul::plain::<C>(size, nonce),
    }
}

/// The answer that it must come to, worked out in another way.
#[must_use]
pub fn expected(recursion: Recursion, size: usize, nonce: u64) -> u64 {
    match recursion {
        Recursion::Fib { .. } => fib::expected(size, nonce),
        Recursion::FibCuts => fib::expected(CUT_FIB, nonce),
        Recursion::Skynet => skynet::expected(size, nonce),
        Recursion::Queens { .. } => queens::expected(size, nonce),
        Recursion::Matmul => matmul::expected(size, nonce),
    }
}
