//! A loop that spawns each piece of its work and awaits it at once.

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_cpu::DigestKernel;

/// Pieces that a branch cuts its work into.
const PIECES: u64 = 10;

/// Each branch computes `env.steps` steps of the digest kernel in ten pieces. Each piece is a task of
/// its own, and the next is spawned only when it is done.
#[derive(Clone, Copy, Debug)]
pub struct HotLoop;

impl Workload for HotLoop {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let mut answer = mix(env.nonce, index as u64);
        for piece in 0..PIECES {
            let steps = steps(&env, piece);
            answer = R::spawn(async move { DigestKernel::compute(answer, steps) }).await;
        }
        answer
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        (0..PIECES).fold(seed, |answer, piece| {
            DigestKernel::compute(answer, steps(env, piece))
        })
    }
}

/// The steps of a piece: all pieces together make `env.steps`.
fn steps(env: &Env, piece: u64) -> u64 {
    env.steps * (piece + 1) / PIECES - env.steps * piece / PIECES
}

#[cfg(test)]
mod tests {
    use workload_testing::{Answers, env};

    use super::*;
    use crate::at_once::AtOnce;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        let answers = Answers::<_, AtOnce>::on(HotLoop, &env());
        answers.are_expected_and_differ();
        answers.differ_by_steps();
    }

    #[test]
    fn each_piece_is_a_task_and_together_they_are_all_the_work() {
        let env = env();
        let before = AtOnce::spawned();
        futures_lite::future::block_on(HotLoop.branch::<AtOnce>(env.clone(), 0));
        assert_eq!(AtOnce::spawned() - before, PIECES);
        for all in [0, 5, 10, 4007] {
            let env = Env {
                steps: all,
                ..env.clone()
            };
            assert_eq!(
                (0..PIECES).map(|piece| steps(&env, piece)).sum::<u64>(),
                all
            );
        }
    }
}
