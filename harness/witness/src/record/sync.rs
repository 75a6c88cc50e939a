//! What threads share, as std has it, or as loom does for the tests that try every order.

#[cfg(not(all(test, witness_loom)))]
pub(super) use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

#[cfg(all(test, witness_loom))]
pub(super) use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
