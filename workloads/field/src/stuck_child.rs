//! A child that waits until its parent lets go of their thread.

use std::time::Instant;

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_cpu::DigestKernel;

/// Each branch spawns a child that has nothing to do but to say how late it came, and then computes
/// `env.steps` steps in the same poll. It awaits the child after that.
///
/// The child is wanted at once: other threads of the runtime may well be idle.
#[derive(Clone, Copy, Debug)]
pub struct StuckChild;

impl Workload for StuckChild {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        let lateness = env.lateness.clone();
        let wanted = Instant::now();
        let child = R::spawn(async move {
            lateness.report(wanted.elapsed());
            mix(seed, 1)
        });
        let work = DigestKernel::compute(seed, env.steps);
        mix(work, child.await)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        mix(DigestKernel::compute(seed, env.steps), mix(seed, 1))
    }
}

#[cfg(test)]
mod tests {
    use workload_testing::{Answers, env};

    use super::*;
    use crate::at_once::AtOnce;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        let answers = Answers::<_, AtOnce>::on(StuckChild, &env());
        answers.are_expected_and_differ();
        answers.differ_by_steps();
    }

    #[test]
    fn the_child_says_how_late_it_came() {
        let env = env();
        futures_lite::future::block_on(StuckChild.branch::<AtOnce>(env.clone(), 0));
        assert!(env.lateness.largest().is_some());
    }
}
