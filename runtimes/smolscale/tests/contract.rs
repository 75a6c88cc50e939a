//! The contract of the trait, on the real runtime.

runtime_contract::tests!(runtime_smolscale::Smolscale);
