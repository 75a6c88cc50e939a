//! A branch that blocks its thread, beside one that does not.

use std::thread;

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_mixed::Heartbeat;

/// The last branch ticks for `env.wait`, as in `heartbeat`. Every other blocks its thread as long.
///
/// What a runtime may do for a branch that says it will block (`tokio::task::block_in_place` hands the
/// other tasks of its thread to another one) does nothing for siblings in the same task. So the branch
/// just blocks: to its siblings that is the same.
#[derive(Clone, Copy, Debug)]
pub struct BlockInPlace;

impl Workload for BlockInPlace {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        if Heartbeat::HOG_FIRST.ticks(&env, index) {
            return Heartbeat::HOG_FIRST.branch::<R>(env, index).await;
        }
        thread::sleep(env.wait);
        mix(env.nonce, index as u64)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        if Heartbeat::HOG_FIRST.ticks(env, index) {
            return Heartbeat::HOG_FIRST.expected(env, index);
        }
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
        Answers::of(BlockInPlace, &env()).are_expected_and_differ();
    }

    #[test]
    fn one_branch_blocks_and_the_other_suffers() {
        let env = env();
        let blocking = BlockInPlace.branch::<OneThread>(env.clone(), 0);
        assert!(future::block_on(future::poll_once(blocking)).is_some());
        assert!(env.start.elapsed() >= env.wait);
        assert_eq!(env.lateness.largest(), None);
        let _ = Answers::composed(BlockInPlace, &env);
        // Its first tick was due after 1 of 3 ms.
        assert!(env.lateness.largest() >= Some(env.wait / 2));
    }
}
