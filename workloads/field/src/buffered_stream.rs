//! A stream whose buffered futures nobody polls while an item is handled.

use std::{
    pin::pin,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use runtime_api::Runtime;
use workload_api::{Env, Workload, mix};

/// Items that a branch takes from its stream.
const ITEMS: u32 = 3;
/// Fetches in flight, at most.
const AT_ONCE: usize = 2;
/// Handling an item takes so many times as long as fetching the first.
const SLOWER: u32 = 10;

/// Each branch has a stream of fetches, two of them in flight, and handles each item before it asks for
/// the next. It handles for `env.wait` in all, and that, too, is a wait.
///
/// A fetch reports how late past its own deadline it went on. Its timer fires while an item is handled,
/// and the stream is polled again only after that.
#[derive(Clone, Copy, Debug)]
pub struct BufferedStream;

impl Workload for BufferedStream {
    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let handling = env.wait / ITEMS;
        let fetches = stream::iter(0..ITEMS).map(|item| {
            // Unequal, or both would be ready in one poll and nothing would be left behind.
            let wait = handling / SLOWER * (item + 1);
            fetch::<R>(env.clone(), item, wait)
        });
        let mut fetched = pin!(fetches.buffered(AT_ONCE));
        let mut answer = mix(env.nonce, index as u64);
        while let Some(item) = fetched.next().await {
            R::sleep(handling).await;
            answer = mix(answer, item);
        }
        answer
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let seed = mix(env.nonce, index as u64);
        (0..ITEMS).fold(seed, |answer, item| {
            mix(answer, mix(env.nonce, u64::from(item)))
        })
    }
}

async fn fetch<R: Runtime>(env: Env, item: u32, wait: Duration) -> u64 {
    let deadline = Instant::now() + wait;
    R::sleep(wait).await;
    env.lateness
        .report(Instant::now().saturating_duration_since(deadline));
    mix(env.nonce, u64::from(item))
}

#[cfg(test)]
mod tests {
    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(BufferedStream, &env()).are_expected_and_differ();
    }

    #[test]
    fn a_buffered_fetch_is_late_by_the_handling_of_another_item() {
        let mut env = env();
        env.wait = Duration::from_millis(60);
        let _ = Answers::one(BufferedStream, &env, 0);
        // 20 ms of handling begin 2 ms after the start, and the second fetch was due after 4 ms.
        assert!(env.lateness.largest() >= Some(Duration::from_millis(17)));
    }
}
