//! SHA-256 in steps so small, and with so little besides them, that a thousand pieces are the same
//! work as one.

use std::future::Future;

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

use crate::kernel::chain;

/// What every step hashes: short enough for a piece of 4 µs to hold a few steps, constant so that a
/// piece has nothing to set up. A buffer of its own, as `digest` has, would make a thousand pieces a
/// thousand buffers' work more.
static FILL: [u8; 512] = [0x5a; 512];

/// n branches, each `env.steps` steps of SHA-256, each digest chained to the one before.
///
/// How the same work is cut into ever more branches is the plan's affair: it asks for fewer steps.
#[derive(Clone, Copy, Debug)]
pub struct Pieces;

impl Workload for Pieces {
    const OFFLOADS: bool = true;

    fn branch<R: Runtime>(
        self,
        env: Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + 'static {
        self.branch_of::<R>(&env, index)
    }

    fn branch_of<R: Runtime>(
        self,
        env: &Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + use<R> + 'static {
        let (nonce, steps) = (env.nonce, env.steps);
        async move { piece(nonce, index, steps) }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        piece(env.nonce, index, env.steps)
    }
}

fn piece(nonce: u64, index: usize, steps: u64) -> u64 {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&mix(nonce, index as u64).to_le_bytes());
    for _ in 0..steps {
        digest = chain(&digest, &FILL);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(Pieces, &env()).are_expected_and_differ();
        Answers::of(Pieces, &env()).differ_by_steps();
    }

    /// `(printf '\x01\0\0\0\0\0\0\0'; head -c 24 /dev/zero; head -c 512 /dev/zero | tr '\0' Z) | sha256sum`
    #[test]
    fn a_step_is_the_sha_256_of_the_digest_before_and_the_fill() {
        let mut digest = [0; 32];
        digest[0] = 1;
        let hex: String = chain(&digest, &FILL)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, OF_ONE);
    }

    const OF_ONE: &str = "a3447df04b16e62f6eda128b06a7c34837dd186b0d6bb9faa5564e98089e6771";
}
