//! A wait that holds its thread.

use std::thread;

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// n branches, each blocking its thread for `env.wait`: what a synchronous client or driver does.
///
/// A branch calls nothing of the runtime, so that the cure, the runtime's blocking pool, can run it.
#[derive(Clone, Copy, Debug)]
pub struct Blocking;

impl Workload for Blocking {
    const OFFLOADS: bool = true;

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        thread::sleep(env.wait);
        mix(env.nonce, index as u64)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

#[cfg(test)]
mod tests {
    use futures_lite::future;
    use workload_testing::{Answers, OneThread, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(Blocking, &env()).are_expected_and_differ();
    }

    #[test]
    fn a_branch_waits_in_its_only_poll() {
        let env = env();
        let branch = Blocking.branch::<OneThread>(env.clone(), 0);
        assert!(future::block_on(future::poll_once(branch)).is_some());
        assert!(env.start.elapsed() >= env.wait);
    }
}
