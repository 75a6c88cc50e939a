//! What threads share, as std has it, or as loom does for the tests that try every order.

#[cfg(not(all(test, witness_loom)))]
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

#[cfg(all(test, witness_loom))]
pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
