//! How plain functions put their calls together: one after the other here, or as a library for plain code does.

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
