//! Work of any length from some nanoseconds on: for the sweep over what a branch computes.

use std::future::Future;

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// Chains that a step takes one round further each. One chain would leave most of the core idle, and the
/// next branch of a join, which does not depend on this one, would begin there before this one has ended:
/// two branches of 100 ns would take hardly more than one. Eight keep the multiplier busy.
const CHAINS: usize = 8;

/// n branches, each `env.steps` steps of [`mix`] in eight chains that end in one answer.
///
/// A branch keeps a nonce, its index and its steps, and sets nothing up: at a length of 100 ns anything
/// else would show.
#[derive(Clone, Copy, Debug)]
pub struct Length;

impl Workload for Length {
    const REPEATS: bool = true;

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
        async move { chains(nonce, index as u64, steps) }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        chains(env.nonce, index as u64, env.steps)
    }
}

/// The first and the last lines take a few nanoseconds together, whatever the steps.
fn chains(nonce: u64, index: u64, steps: u64) -> u64 {
    let mut chains: [u64; CHAINS] = std::array::from_fn(|chain| start(nonce, index, chain as u64));
    for step in 0..steps {
        for chain in &mut chains {
            *chain = mix(*chain, step);
        }
    }
    chains.into_iter().fold(0, folded)
}

/// Another start for each chain of each branch of each sample. Two odd factors tell what they multiply apart.
fn start(nonce: u64, index: u64, chain: u64) -> u64 {
    let index = index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (nonce ^ index).wrapping_add(chain.wrapping_mul(0xd1b5_4a32_d192_ed03))
}

fn folded(answer: u64, chain: u64) -> u64 {
    answer.rotate_left(7) ^ chain
}

#[cfg(test)]
mod tests {
    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(Length, &env()).are_expected_and_differ();
        Answers::of(Length, &env()).differ_by_steps();
    }

    #[test]
    fn every_step_of_every_chain_counts() {
        let chain = |chain: u64| mix(mix(start(5, 3, chain), 0), 1);
        let by_hand = (0..CHAINS as u64).map(chain).fold(0, folded);
        assert_eq!(chains(5, 3, 2), by_hand);
    }
}
