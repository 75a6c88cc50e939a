//! Stub.
use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct Timers;
impl Workload for Timers {
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
pub struct Http;
impl Workload for Http {
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
pub struct SocketAndTimer;
impl Workload for SocketAndTimer {
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
pub struct StoreAndConfig;
impl Workload for StoreAndConfig {
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
pub struct Echo;
impl Workload for Echo {
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
