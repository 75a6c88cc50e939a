//! Stub.
use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct SyncAccount;
impl Workload for SyncAccount {
    fn branch<R: Runtime>(
        self,
        env: Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + 'static {
        async move { mix(env.nonce, index as u64) }
    }
    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}
/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct Heartbeat;
impl Workload for Heartbeat {
    fn branch<R: Runtime>(
        self,
        env: Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + 'static {
        async move { mix(env.nonce, index as u64) }
    }
    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}
/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct Turns;
impl Workload for Turns {
    fn branch<R: Runtime>(
        self,
        env: Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + 'static {
        async move { mix(env.nonce, index as u64) }
    }
    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}
/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct Blocking;
impl Workload for Blocking {
    fn branch<R: Runtime>(
        self,
        env: Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + 'static {
        async move { mix(env.nonce, index as u64) }
    }
    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}
impl Heartbeat {
    /// Stub.
    pub const HOG_FIRST: Self = Self;
    /// Stub.
    pub const HOG_LAST: Self = Self;
}
