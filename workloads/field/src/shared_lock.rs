//! One lock for all, held across an await.

use async_lock::Mutex;
use runtime_api::Runtime;
use workload_api::{Env, Shared, Workload, mix};

/// n branches, each a request of `env.wait` that is made under the one lock around the table of routes. Nothing under the
/// lock is changed: each branch only reads the seed that lies there.
#[derive(Clone, Copy, Debug)]
pub struct SharedLock;

/// What all requests go through.
struct Router {
    seed: u64,
}

impl Workload for SharedLock {
    fn share(self, env: &Env) -> Shared {
        Shared::new(Mutex::new(Router { seed: env.nonce }))
    }

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let router = env.shared::<Mutex<Router>>().lock().await;
        R::sleep(env.wait).await;
        mix(router.seed, index as u64)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(SharedLock, &env()).are_expected_and_differ();
    }

    #[test]
    fn joined_they_take_as_long_as_one_after_the_other() {
        let mut env = env();
        env.branches = 4;
        let start = Instant::now();
        let _ = Answers::composed(SharedLock, &env);
        assert!(start.elapsed() >= 4 * Duration::from_millis(3));
    }
}
