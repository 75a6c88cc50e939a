//! Branches with nothing to do: what putting them together costs is all that is left.

use std::future::Future;

use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// n branches, each ready at its first poll with an answer made of the nonce.
///
/// A branch keeps nothing of its `Env` but that answer, so that a task which holds it is as small as
/// one that a user would write, and the same bytes are allocated for it.
#[derive(Clone, Copy, Debug)]
pub struct Ready;

impl Workload for Ready {
    const REPEATS: bool = true;

    fn branch<R: Runtime>(
        self,
        env: Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + 'static {
        self.branch_of::<R>(&env, index)
    }

    fn branch_of<R: Runtime>(
        self,
        env: &Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + use<R> + 'static {
        let (nonce, index) = (env.nonce, index as u64);
        async move { mix(nonce, index) }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_lite::future;
    use workload_testing::{Answers, OneThread, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(Ready, &env()).are_expected_and_differ();
    }

    #[test]
    fn a_branch_is_ready_at_its_first_poll_and_no_larger_than_what_it_keeps() {
        let branch = Ready.branch_of::<OneThread>(&env(), 1);
        // Nonce, index, and where it stands.
        assert!(size_of_val(&branch) <= 24, "{}", size_of_val(&branch));
        let branch = pin!(branch);
        let answer = future::block_on(future::poll_once(branch));
        assert_eq!(answer, Some(Ready.expected(&env(), 1)));
    }
}
