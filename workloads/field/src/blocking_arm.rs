//! An arm that blocks, beside one that hands its blocking over.

use std::{thread, time::Instant};

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// One of two branches blocks its thread for `env.wait`, as a driver's call does. The other hands a call that blocks
/// as long to the blocking pool, and reports how long after the start of the sample that call began.
///
/// In a join the one that is polled first decides: what is handed over first blocks beside the other, and what is
/// handed over last begins when the other is done.
#[derive(Clone, Copy, Debug)]
pub struct BlockingArm {
    /// The index of the branch that blocks.
    blocks: usize,
}

impl BlockingArm {
    /// The branch that blocks is the first.
    pub const FIRST: Self = Self { blocks: 0 };
    /// It is the last.
    pub const LAST: Self = Self { blocks: 1 };
}

impl Workload for BlockingArm {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let wait = env.wait;
        if index == self.blocks {
            thread::sleep(wait);
        } else {
            let (start, lateness) = (env.start, env.lateness.clone());
            R::spawn_blocking(move || {
                lateness.report(Instant::now().saturating_duration_since(start));
                thread::sleep(wait);
            })
            .await;
        }
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
        Answers::of(BlockingArm::FIRST, &env()).are_expected_and_differ();
        Answers::of(BlockingArm::LAST, &env()).are_expected_and_differ();
    }

    #[test]
    fn one_blocks_its_thread_and_the_other_reports_when_it_began() {
        for (arm, blocks) in [(BlockingArm::FIRST, 0), (BlockingArm::LAST, 1)] {
            let env = env();
            let blocking = arm.branch::<OneThread>(env.clone(), blocks);
            assert!(future::block_on(future::poll_once(blocking)).is_some());
            assert!(env.start.elapsed() >= env.wait);
            assert_eq!(env.lateness.largest(), None);
            let _ = Answers::one(arm, &env, 1 - blocks);
            assert!(env.lateness.largest().is_some());
        }
    }
}
