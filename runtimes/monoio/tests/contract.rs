//! The contract of the trait, on the real runtime.
#![cfg(target_os = "linux")]

runtime_contract::tests!(runtime_monoio::Monoio);
