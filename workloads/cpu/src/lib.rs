//! Stub.
use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
/// Stub.
#[derive(Clone, Copy, Debug)]
pub struct Digest;
impl Workload for Digest {
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
pub struct Scan;
impl Workload for Scan {
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
pub struct Parse;
impl Workload for Parse {
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
