//! Timers and yields.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Mutex,
    time::{Duration, Instant},
};

use runtime_api::{Config, Runtime};

use crate::{
    Outcome, Seen,
    support::{ensure, start},
};

/// On the root and in a task.
pub(crate) fn sleep_lasts_as_long_as_asked<R: Runtime>(config: &Config, _seen: &Seen) -> Outcome {
    async fn late<R: Runtime>() -> Outcome {
        for millis in [0, 1, 3, 20] {
            let asked = Duration::from_millis(millis);
            let before = Instant::now();
            R::sleep(asked).await;
            let took = before.elapsed();
            ensure!(took >= asked, "a timer of {asked:?} fired after {took:?}");
        }
        Ok(())
    }
    start::<R, _, _, _>(config, || async {
        late::<R>().await?;
        R::spawn(late::<R>()).await
    })
}

pub(crate) fn yield_now_is_pending_once<R: Runtime>(config: &Config, _seen: &Seen) -> Outcome {
    start::<R, _, _, _>(config, || async {
        let mut pending = 0;
        let mut yielding = pin!(R::yield_now());
        poll_fn(|context| {
            let poll = yielding.as_mut().poll(context);
            pending += u32::from(poll.is_pending());
            poll
        })
        .await;
        ensure!(pending == 1, "a yield was pending {pending} times");

        let turns = Mutex::new(Vec::new());
        let branch = |name: char| {
            let turns = &turns;
            async move {
                for _ in 0..3 {
                    turns.lock().unwrap().push(name);
                    R::yield_now().await;
                }
            }
        };
        R::compose2(branch('a'), branch('b')).await;
        let turns = turns.into_inner().unwrap();
        let longest = turns.chunk_by(|a, b| a == b).map(<[char]>::len).max();
        ensure!(
            longest <= Some(2),
            "a branch had more than two turns running: {turns:?}"
        );
        Ok(())
    })
}
