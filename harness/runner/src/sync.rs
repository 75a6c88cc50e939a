//! What threads share, as std has it, or as loom does for the tests that try every order:
//! `RUSTFLAGS="--cfg witness_loom" cargo test -p harness-runner --release --lib loom`.

#[cfg(not(all(test, witness_loom)))]
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

#[cfg(all(test, witness_loom))]
pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering};
