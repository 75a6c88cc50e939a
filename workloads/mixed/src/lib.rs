//! Branches that wait and compute, or do either as they should not.
//!
//! | workload | a branch |
//! | --- | --- |
//! | [`Heartbeat`] | ticks every millisecond, beside branches that hog their thread |
//! | [`Turns`] | computes in pieces, and yields between them |
//! | [`Blocking`] | waits by blocking its thread |
//!
//! What they compute is [`workload_cpu::DigestKernel`], so that a step costs here what it costs in
//! `digest`.

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

mod blocking;
mod heartbeat;
mod turns;

pub use blocking::Blocking;
pub use heartbeat::Heartbeat;
pub use turns::Turns;

/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct SyncAccount;
impl Workload for SyncAccount {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}
