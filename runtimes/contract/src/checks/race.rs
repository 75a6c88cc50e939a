//! Races and timeouts: who wins, what becomes of the loser, and when.

use std::{
    cell::Cell,
    future::{Future, pending, poll_fn, ready},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use runtime_api::Config;

use crate::{
    Outcome, PATIENCE, Seen,
    subject::{race, spawn, start, timeout},
    support::{OnDropped, ensure, turn, within, yields},
};

thread_local!(
    /// Whether this thread is inside the poll of a race that is being watched.
    static RACING: Cell<bool> = const { Cell::new(false) }
);

/// Polls the race itself, and says so.
async fn watched<F: Future>(race: F) -> F::Output {
    let mut race = pin!(race);
    poll_fn(|context| {
        RACING.set(true);
        let poll = race.as_mut().poll(context);
        RACING.set(false);
        poll
    })
    .await
}

/// Done after so many turns, or never; counts when it is dropped, polled or not.
fn runner(
    turns: Option<usize>,
    dropped: Arc<AtomicUsize>,
) -> impl Future<Output = Result<usize, String>> + Send {
    let guard = OnDropped(dropped);
    async move {
        let _guard = guard;
        for _ in 0..turns.unwrap_or(usize::MAX) {
            ensure!(
                RACING.get(),
                "a future of a race is polled outside the poll of the race"
            );
            turn().await;
        }
        Ok(turns.unwrap_or(usize::MAX))
    }
}

/// On the root and in a task, whichever of the two it is.
pub(crate) fn race_ends_with_the_first_and_drops_both(config: &Config, _seen: &Seen) -> Outcome {
    async fn raced() -> Outcome {
        for turns in [0, 1, 50] {
            for (a, b) in [(Some(turns), None), (None, Some(turns))] {
                let dropped = Arc::new(AtomicUsize::new(0));
                let both = race(runner(a, dropped.clone()), runner(b, dropped.clone()));
                let won = within("a race has ended", watched(both)).await??;
                ensure!(won == turns, "a race gave {won} where {turns} was done");
                let dropped = dropped.load(SeqCst);
                ensure!(
                    dropped == 2,
                    "{dropped} of 2 futures were dropped when their race had ended"
                );
            }
        }
        Ok(())
    }
    start(config, || async {
        raced().await?;
        spawn(raced()).await
    })
}

/// On the root and in a task.
pub(crate) fn timeout_is_never_early_and_drops_what_is_late(
    config: &Config,
    _seen: &Seen,
) -> Outcome {
    async fn timed() -> Outcome {
        let at_once = timeout(Duration::ZERO, ready(7)).await;
        ensure!(
            at_once == Some(7),
            "what is done in its first poll came too late for a timeout of 0"
        );
        let after_turns = timeout(PATIENCE, async {
            yields(10).await;
            7
        });
        ensure!(
            after_turns.await == Some(7),
            "what is done after some turns came too late for a timeout of {PATIENCE:?}"
        );
        for millis in [1, 3, 20] {
            let dropped = Arc::new(AtomicUsize::new(0));
            let guard = OnDropped(dropped.clone());
            let asked = Duration::from_millis(millis);
            let before = Instant::now();
            let never = timeout(asked, async move {
                let _guard = guard;
                pending::<()>().await;
            });
            let given = within("a timeout is over", never).await?;
            let took = before.elapsed();
            ensure!(given.is_none(), "what is never done gave an output");
            ensure!(
                took >= asked,
                "a timeout of {asked:?} was over after {took:?}"
            );
            ensure!(
                dropped.load(SeqCst) == 1,
                "what came too late was not dropped when its timeout was over"
            );
        }
        Ok(())
    }
    start(config, || async {
        timed().await?;
        spawn(timed()).await
    })
}
