//! Branches of which there may be a million, each as small as one that a user would write.
//!
//! They keep no `Env`, whose clone would be most of what they hold: of it only what they use. All waits of a
//! sample end at one instant, so that all branches are there at once, however long it takes to make them. One
//! that first runs when that instant is past says so: then not all were, and what memory shows is too little.

use std::{
    future::Future,
    hint::black_box,
    time::{Duration, Instant},
};

use runtime_api::Runtime;
use workload_api::{Env, Lateness, Workload, mix};

/// What a branch of [`ManyBuffers`] holds while it waits, in bytes.
const BUFFER: usize = 1024;

/// n branches that wait for one instant.
#[derive(Clone, Copy, Debug)]
pub struct ManyTimers;

impl Workload for ManyTimers {
    const UNWATCHED: bool = true;

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
        let (answer, until, lateness) = (answer(env, index), until(env), env.lateness.clone());
        async move {
            R::sleep(left(until, &lateness)).await;
            answer
        }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        answer(env, index)
    }
}

/// The same, and each holds a buffer of 1 KiB that it fills before and reads after.
#[derive(Clone, Copy, Debug)]
pub struct ManyBuffers;

impl Workload for ManyBuffers {
    const UNWATCHED: bool = true;

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
        let (answer, until, lateness) = (answer(env, index), until(env), env.lateness.clone());
        async move {
            let mut buffer = [0; BUFFER];
            for word in buffer.chunks_exact_mut(8) {
                word.copy_from_slice(&answer.to_le_bytes());
            }
            // Or the optimiser would keep the one word that is read.
            black_box(&mut buffer);
            R::sleep(left(until, &lateness)).await;
            black_box(&mut buffer);
            let mut last = [0; 8];
            last.copy_from_slice(&buffer[BUFFER - 8..]);
            u64::from_le_bytes(last)
        }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        answer(env, index)
    }
}

/// n branches that give way once.
#[derive(Clone, Copy, Debug)]
pub struct ManyYields;

impl Workload for ManyYields {
    const UNWATCHED: bool = true;

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
        let answer = answer(env, index);
        async move {
            R::yield_now().await;
            answer
        }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        answer(env, index)
    }
}

fn answer(env: &Env, index: usize) -> u64 {
    mix(env.nonce, index as u64)
}

/// The instant at which all waits end.
fn until(env: &Env) -> Instant {
    env.start + env.wait
}

/// How long it is until then; if it is past, that is reported.
fn left(until: Instant, lateness: &Lateness) -> Duration {
    let now = Instant::now();
    if now > until {
        lateness.report(now - until);
    }
    until.saturating_duration_since(now)
}

#[cfg(test)]
mod tests {
    use futures_lite::future;
    use workload_testing::{Answers, OneThread, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(ManyTimers, &env()).are_expected_and_differ();
        Answers::of(ManyBuffers, &env()).are_expected_and_differ();
        Answers::of(ManyYields, &env()).are_expected_and_differ();
    }

    #[test]
    fn a_branch_is_no_larger_than_what_it_keeps_and_its_buffer_once() {
        let sleep = size_of_val(&OneThread::sleep(Duration::ZERO));
        let timer = size_of_val(&ManyTimers.branch_of::<OneThread>(&env(), 1));
        assert!(timer <= 48 + sleep, "{timer}");
        let buffer = size_of_val(&ManyBuffers.branch_of::<OneThread>(&env(), 1));
        assert!(
            (timer + BUFFER..=timer + BUFFER + 16).contains(&buffer),
            "{buffer}"
        );
        let yields = size_of_val(&ManyYields.branch_of::<OneThread>(&env(), 1));
        assert!(yields <= 32, "{yields}");
    }

    #[test]
    fn all_waits_end_at_one_instant_and_a_branch_that_comes_later_says_so() {
        let env = Env {
            start: Instant::now(),
            wait: Duration::from_millis(20),
            ..env()
        };
        future::block_on(ManyTimers.branch_of::<OneThread>(&env, 0));
        assert!(env.start.elapsed() >= env.wait);
        assert_eq!(env.lateness.largest(), None);
        // The second starts when the wait of both is over.
        future::block_on(ManyTimers.branch_of::<OneThread>(&env, 1));
        assert!(env.lateness.largest().is_some());
    }
}
