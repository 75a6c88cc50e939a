//! A lock held by a future that nobody polls.

use std::{pin::pin, time::Instant};

use async_lock::Mutex;
use futures_lite::future;
use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// The lock is meant to be held for this part of `env.wait`.
const HELD: u32 = 10;

/// Each branch starts a future that takes a lock for a tenth of `env.wait`, sets it aside as a `select!`
/// does whose other arm won, and waits `env.wait` for something else before it takes it up again.
/// Beside that, in the same task, it wants the lock, and reports how long after the time when it should
/// have been free it had it.
///
/// The people who met this had no end of it: what was waited for was the lock. Here it is a timer, so
/// that a cell ends.
#[derive(Clone, Copy, Debug)]
pub struct UnpolledLock;

impl Workload for UnpolledLock {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let lock = Mutex::new(mix(env.nonce, index as u64));
        let held = env.wait / HELD;
        let free_at = Instant::now() + held;
        let mut keeper = pin!(async {
            let mut value = lock.lock().await;
            R::sleep(held).await;
            *value = mix(*value, 1);
        });
        let done = future::poll_once(keeper.as_mut()).await.is_some();
        let elsewhere = async {
            R::sleep(env.wait).await;
            // Only a lock that is held for no time at all is given back in the first poll.
            if !done {
                keeper.await;
            }
        };
        let wanting = async {
            let value = lock.lock().await;
            env.lateness
                .report(Instant::now().saturating_duration_since(free_at));
            mix(*value, 2)
        };
        R::compose2(elsewhere, wanting).await.1
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(mix(mix(env.nonce, index as u64), 1), 2)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(UnpolledLock, &env()).are_expected_and_differ();
    }

    #[test]
    fn the_lock_is_late_by_what_was_waited_for_elsewhere() {
        let mut env = env();
        env.wait = Duration::from_millis(20);
        let _ = Answers::one(UnpolledLock, &env, 0);
        assert!(env.lateness.largest() >= Some(Duration::from_millis(18)));
    }
}
