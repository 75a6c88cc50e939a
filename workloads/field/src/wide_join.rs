//! A wide join whose branches become ready one after the other.

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// n branches; branch i sleeps `env.wait` and i n-ths of it more.
///
/// Each wake is for one branch. A join that hands its own waker to all of them cannot tell which, and
/// polls every branch that is left: about n²/2 polls where 2n would do.
#[derive(Clone, Copy, Debug)]
pub struct WideJoin;

impl Workload for WideJoin {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let more = index as f64 / env.branches.max(1) as f64;
        R::sleep(env.wait + env.wait.mul_f64(more)).await;
        mix(env.nonce, index as u64)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(WideJoin, &env()).are_expected_and_differ();
    }

    #[test]
    fn a_later_branch_sleeps_longer() {
        let env = env();
        let began = Instant::now();
        let _ = Answers::one(WideJoin, &env, 1);
        assert!(began.elapsed() >= env.wait + env.wait / 2);
    }
}
