//! The contract of the trait, on the real runtime: `RUSTFLAGS="--cfg tokio_unstable" cargo test -p runtime-tokio-unstable`.
#![cfg(tokio_unstable)]

runtime_contract::tests!(runtime_tokio_unstable::TokioUnstable);
