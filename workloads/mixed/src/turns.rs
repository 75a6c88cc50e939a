//! CPU work cut by yields.

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};
use workload_cpu::DigestKernel;

/// In how many pieces a branch computes. At the usual 5 ms of work a piece is some 150 µs: short
/// enough to let a sibling in often, long enough that the yields cost nothing beside it.
const PIECES: u64 = 32;

/// n branches, each `env.steps` steps of the digest kernel in 32 pieces with a yield between them.
///
/// Siblings take turns; they gain no core by it.
#[derive(Clone, Copy, Debug)]
pub struct Turns;

impl Workload for Turns {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let mut kernel = DigestKernel::new(mix(env.nonce, index as u64));
        for piece in 0..PIECES {
            if piece > 0 {
                R::yield_now().await;
            }
            kernel.run(share(env.steps, piece));
        }
        kernel.answer()
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        DigestKernel::compute(mix(env.nonce, index as u64), env.steps)
    }
}

/// The steps of one piece: as even as whole steps can be, and `steps` in all.
fn share(steps: u64, piece: u64) -> u64 {
    steps / PIECES + u64::from(piece < steps % PIECES)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_lite::future;
    use workload_testing::{Answers, OneThread, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(Turns, &env()).are_expected_and_differ();
        Answers::of(Turns, &env()).differ_by_steps();
    }

    #[test]
    fn pieces_are_even_and_add_up() {
        for steps in [0, 1, 31, 32, 33, 1000] {
            let shares: Vec<u64> = (0..PIECES).map(|piece| share(steps, piece)).collect();
            assert_eq!(shares.iter().sum::<u64>(), steps);
            assert!(shares[0] - shares[31] <= 1);
        }
    }

    #[test]
    fn a_branch_lets_go_of_its_thread_between_pieces() {
        let mut branch = pin!(Turns.branch::<OneThread>(env(), 0));
        let mut polls = 1;
        while future::block_on(future::poll_once(branch.as_mut())).is_none() {
            polls += 1;
        }
        assert_eq!(polls, PIECES);
    }
}
