//! The contract of the trait, on the real runtime.

runtime_contract::tests!(runtime_tokio_local::TokioLocal);
