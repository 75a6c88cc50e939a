//! Joins: order of outputs, and who polls the branches.

use std::{
    cell::Cell,
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, Mutex},
};

use runtime_api::{Config, Runtime};

use crate::{
    Outcome, Seen,
    support::{ensure, start, yields},
};

/// Up to thirty branches and above, where `join_all` is another machine.
pub(crate) fn compose_keeps_the_order_of_its_branches<R: Runtime>(
    config: &Config,
    _seen: &Seen,
) -> Outcome {
    start::<R, _, _, _>(config, || async {
        let branch = |index: usize, n: usize| async move {
            yields::<R>(n - index).await;
            index
        };
        for n in [1, 5, 100] {
            let outputs = R::compose((0..n).map(|index| branch(index, n)).collect()).await;
            ensure!(
                outputs.iter().copied().eq(0..n),
                "{n} branches gave {outputs:?}"
            );
        }
        for pair in [(0, 1), (1, 0)] {
            let outputs = R::compose2(branch(pair.0, 2), branch(pair.1, 2)).await;
            ensure!(outputs == pair, "a pair of {pair:?} gave {outputs:?}");
        }
        Ok(())
    })
}

thread_local!(
    /// Whether this thread is inside the poll of a join that is being watched.
    static JOINING: Cell<bool> = const { Cell::new(false) }
);

/// From the root, and from a spawned task.
pub(crate) fn compose_polls_one_branch_at_a_time_in_its_own_task<R: Runtime>(
    config: &Config,
    _seen: &Seen,
) -> Outcome {
    async fn composed<R: Runtime>() -> Outcome {
        let polling = Arc::new(Mutex::new(()));
        let branch = |polling: Arc<Mutex<()>>| async move {
            for _ in 0..50 {
                {
                    let alone = polling.try_lock();
                    ensure!(alone.is_ok(), "two branches of a join are polled at once");
                    ensure!(
                        JOINING.get(),
                        "a branch of a join is polled outside the poll of the join"
                    );
                }
                R::yield_now().await;
            }
            Ok(())
        };
        let new = || branch(polling.clone());
        for n in [5, 100] {
            let mut all = pin!(R::compose2(
                R::compose((0..n).map(|_| new()).collect()),
                new()
            ));
            let (list, last) = poll_fn(|context| {
                JOINING.set(true);
                let poll = all.as_mut().poll(context);
                JOINING.set(false);
                poll
            })
            .await;
            list.into_iter().chain([last]).collect::<Outcome>()?;
        }
        Ok(())
    }
    start::<R, _, _, _>(config, || async {
        composed::<R>().await?;
        R::spawn(composed::<R>()).await
    })
}
