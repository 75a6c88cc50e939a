//! SHA-256 over a buffer: bound by arithmetic.

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

use crate::DigestKernel;

/// n branches, each `env.steps` steps of the [`DigestKernel`] over a buffer of its own.
#[derive(Clone, Copy, Debug)]
pub struct Digest;

impl Workload for Digest {
    const OFFLOADS: bool = true;

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        DigestKernel::compute(mix(env.nonce, index as u64), env.steps)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        DigestKernel::compute(mix(env.nonce, index as u64), env.steps)
    }
}

#[cfg(test)]
mod tests {
    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(Digest, &env()).are_expected_and_differ();
        Answers::of(Digest, &env()).differ_by_steps();
    }
}
