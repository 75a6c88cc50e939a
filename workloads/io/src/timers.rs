//! Nothing but a wait.

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// n branches, each one sleep of `env.wait`.
#[derive(Clone, Copy, Debug)]
pub struct Timers;

impl Workload for Timers {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        // Made here and not outside: a sleep's deadline is fixed when it is made, and sleeps made
        // together would overlap even when awaited one after the other.
        R::sleep(env.wait).await;
        mix(env.nonce, index as u64)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Instant};

    use futures_lite::future;
    use workload_testing::{Answers, OneThread, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(Timers, &env()).are_expected_and_differ();
    }

    #[test]
    fn a_branch_waits_from_its_first_poll() {
        let env = env();
        let branch = Timers.branch::<OneThread>(env.clone(), 0);
        thread::sleep(env.wait);
        let polled = Instant::now();
        future::block_on(branch);
        assert!(polled.elapsed() >= env.wait);
    }
}
