//! A pool of one worker, which waits for itself.

use async_channel::{Receiver, Sender, bounded};
use async_lock::Semaphore;
use runtime_api::Runtime;
use workload_api::{Env, Shared, Workload, mix};
use workload_cpu::DigestKernel;

/// Batches that the producer makes and the consumer takes.
const BATCHES: u64 = 4;

/// The first branch makes batches and sends them through a channel that holds one. It keeps the pool's only worker
/// all the while, while it waits for room in the channel as well. The second takes the batches, and wants the
/// worker for each: it makes room only when it has had it.
///
/// In the original neither went on. Here the producer gives the worker back when it has waited for room for `env.wait`,
/// and goes on without.
#[derive(Clone, Copy, Debug)]
pub struct PoolOfOne;

struct Pool {
    workers: Semaphore,
    batches: (Sender<u64>, Receiver<u64>),
}

impl Workload for PoolOfOne {
    const TOGETHER: bool = true;

    fn share(self, _env: &Env) -> Shared {
        Shared::new(Pool {
            workers: Semaphore::new(1),
            batches: bounded(1),
        })
    }

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        if index == 0 {
            produce::<R>(&env).await
        } else {
            consume(&env).await
        }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        let fold = |answer, batch| {
            let made = made(env, batch);
            mix(
                answer,
                if index == 0 {
                    made
                } else {
                    taken(env, batch, made)
                },
            )
        };
        (0..BATCHES).fold(seed, fold)
    }
}

async fn produce<R: Runtime>(env: &Env) -> u64 {
    let pool = env.shared::<Pool>();
    let mut worker = Some(pool.workers.acquire().await);
    let mut answer = mix(env.nonce, 0);
    for batch in 0..BATCHES {
        let made = made(env, batch);
        answer = mix(answer, made);
        let sent = R::timeout(env.wait, pool.batches.0.send(made)).await;
        if sent.is_none() {
            drop(worker.take());
            send(pool, made).await;
        }
    }
    answer
}

/// The channel is open for as long as the pool is there.
async fn send(pool: &Pool, batch: u64) {
    let _ = pool.batches.0.send(batch).await;
}

async fn consume(env: &Env) -> u64 {
    let pool = env.shared::<Pool>();
    let mut answer = mix(env.nonce, 1);
    for batch in 0..BATCHES {
        let made = pool.batches.1.recv().await.unwrap_or_default();
        let _worker = pool.workers.acquire().await;
        answer = mix(answer, taken(env, batch, made));
    }
    answer
}

/// A batch, made of a share of the producer's steps.
fn made(env: &Env, batch: u64) -> u64 {
    DigestKernel::compute(mix(env.nonce, batch), steps(env, batch))
}

/// What becomes of it by a share of the consumer's.
fn taken(env: &Env, batch: u64, made: u64) -> u64 {
    DigestKernel::compute(made, steps(env, batch))
}

/// The shares of all batches make `env.steps`.
fn steps(env: &Env, batch: u64) -> u64 {
    env.steps * (batch + 1) / BATCHES - env.steps * batch / BATCHES
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        let answers = Answers::together(PoolOfOne, &env());
        answers.are_expected_and_differ();
        answers.differ_by_steps();
    }

    #[test]
    fn neither_goes_on_until_the_producer_gives_the_worker_back() {
        let env = env();
        let start = Instant::now();
        let _ = Answers::composed(PoolOfOne, &env);
        assert!(start.elapsed() >= env.wait);
    }
}
