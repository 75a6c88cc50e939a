//! Stub.
use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
mod timers;
pub use timers::Timers;
/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct Http;
impl Workload for Http {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}
/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct SocketAndTimer;
impl Workload for SocketAndTimer {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}
/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct StoreAndConfig;
impl Workload for StoreAndConfig {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}
/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct Echo;
impl Workload for Echo {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}
