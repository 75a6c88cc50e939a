//! Two branches of which one is nearly all there is.

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_cpu::DigestKernel;

/// The short one does so small a part of the long one's steps.
const SHORTER: u64 = 20;

/// By turns a branch of `env.steps` steps, and one of a twentieth of them: the two directions of a connection over
/// which a client asks for little and is sent much.
#[derive(Clone, Copy, Debug)]
pub struct UnequalPair;

impl UnequalPair {
    fn steps(env: &Env, index: usize) -> u64 {
        if index.is_multiple_of(2) {
            env.steps
        } else {
            env.steps.div_ceil(SHORTER)
        }
    }
}

impl Workload for UnequalPair {
    const OFFLOADS: bool = true;

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        DigestKernel::compute(mix(env.nonce, index as u64), Self::steps(&env, index))
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        DigestKernel::compute(mix(env.nonce, index as u64), Self::steps(env, index))
    }
}

#[cfg(test)]
mod tests {
    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(UnequalPair, &env()).are_expected_and_differ();
    }

    #[test]
    fn every_second_branch_does_a_twentieth() {
        let mut env = env();
        env.steps = 400;
        let steps = [0, 1, 2, 3].map(|index| UnequalPair::steps(&env, index));
        assert_eq!(steps, [400, 20, 400, 20]);
        env.steps = 401;
        assert_eq!(
            UnequalPair::steps(&env, 1),
            21,
            "a step more is no answer of before"
        );
    }
}
