//! One mutex of the standard library around all the work.

use std::sync::{Mutex, PoisonError};

use runtime_api::Runtime;
use workload_api::{Env, Shared, Workload, mix};
use workload_cpu::DigestKernel;

/// n branches, each with `env.steps` steps on the one model that they share, under the mutex around it. Whoever finds it
/// taken blocks its thread until it is free.
///
/// There is no await under the mutex, nor anywhere else: a blocking pool can take a branch.
#[derive(Clone, Copy, Debug)]
pub struct SharedMutex;

/// What computes; it keeps nothing from one branch to the next.
struct Model;

impl Model {
    fn embed(seed: u64, steps: u64) -> u64 {
        DigestKernel::compute(seed, steps)
    }
}

impl Workload for SharedMutex {
    const OFFLOADS: bool = true;

    fn share(self, _env: &Env) -> Shared {
        Shared::new(Mutex::new(Model))
    }

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let model = env.shared::<Mutex<Model>>();
        // A panic under it spoils nothing, and fails its own branch.
        let _model = model.lock().unwrap_or_else(PoisonError::into_inner);
        Model::embed(mix(env.nonce, index as u64), env.steps)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        Model::embed(mix(env.nonce, index as u64), env.steps)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use futures_lite::future;
    use workload_testing::{Answers, OneThread, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        let answers = Answers::of(SharedMutex, &env());
        answers.are_expected_and_differ();
        answers.differ_by_steps();
    }

    #[test]
    fn a_branch_waits_on_its_thread_while_another_has_the_mutex() {
        let mut env = env();
        env.shared = SharedMutex.share(&env);
        let shared = env.shared.clone();
        let taken = shared.get::<Mutex<Model>>().lock().unwrap();
        let (done, is_done) = mpsc::channel();
        let other = std::thread::spawn(move || {
            let answer = future::block_on(SharedMutex.branch::<OneThread>(env, 0));
            done.send(answer).unwrap();
        });
        // However slow the machine is, it does not end. Without the mutex it takes microseconds.
        let waited = is_done.recv_timeout(Duration::from_millis(50));
        assert_eq!(waited, Err(mpsc::RecvTimeoutError::Timeout));
        drop(taken);
        other.join().unwrap();
        assert!(is_done.recv().is_ok());
    }
}
