//! A branch that awaits at every turn and never lets go.

use async_lock::Semaphore;
use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_cpu::DigestKernel;
use workload_mixed::Heartbeat;

/// The last branch ticks, as in `heartbeat`. Every other takes a permit before each of `env.steps` steps
/// and gives it back after it.
///
/// The permit is always there, so the await is ready at once, and an await that is ready at once gives
/// nobody else a turn.
#[derive(Clone, Copy, Debug)]
pub struct StarvedSibling;

impl Workload for StarvedSibling {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        if Heartbeat::HOG_FIRST.ticks(&env, index) {
            return Heartbeat::HOG_FIRST.branch::<R>(env, index).await;
        }
        let permits = Semaphore::new(1);
        let mut kernel = DigestKernel::new(mix(env.nonce, index as u64));
        for _ in 0..env.steps {
            let _permit = permits.acquire().await;
            kernel.run(1);
        }
        kernel.answer()
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        Heartbeat::HOG_FIRST.expected(env, index)
    }
}

#[cfg(test)]
mod tests {
    use futures_lite::future;
    use workload_testing::{Answers, OneThread, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(StarvedSibling, &env()).are_expected_and_differ();
        let mut more = env();
        more.steps += 1;
        assert_ne!(
            Answers::one(StarvedSibling, &more, 0),
            StarvedSibling.expected(&env(), 0)
        );
    }

    #[test]
    fn an_await_that_is_ready_lets_nobody_in() {
        let env = env();
        let branch = StarvedSibling.branch::<OneThread>(env.clone(), 0);
        assert!(future::block_on(future::poll_once(branch)).is_some());
        assert_eq!(env.lateness.largest(), None);
    }
}
