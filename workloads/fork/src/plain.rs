//! The same recursions as plain functions, and how such functions put their calls together: one after the other, or as a
//! library for plain code does.

use workload_catalogue::{CUT_FIB, Recursion};

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

/// A way to put plain calls together.
pub trait Calls {
    /// Whether that is anything but one after the other. Where it is not, all is as below a cut-off, and the same compiled code.
    const FORKS: bool = true;

    /// The sum of two calls.
    fn pair(one: impl FnOnce() -> u64 + Send, other: impl FnOnce() -> u64 + Send) -> u64;

    /// The sum of a call for each number below `count`.
    fn all(count: usize, call: impl Fn(usize) -> u64 + Send + Sync) -> u64;
}

/// One after the other: the sequential program.
#[derive(Debug)]
pub struct InTurn;

impl Calls for InTurn {
    const FORKS: bool = false;

    #[inline]
    fn pair(one: impl FnOnce() -> u64 + Send, other: impl FnOnce() -> u64 + Send) -> u64 {
        one().wrapping_add(other())
    }

    #[inline]
    fn all(count: usize, call: impl Fn(usize) -> u64 + Send + Sync) -> u64 {
        (0..count).fold(0, |sum, index| sum.wrapping_add(call(index)))
    }
}
