//! Joins: order of outputs, and who polls the branches.

use std::{
    cell::Cell,
    future::{Future, Ready, poll_fn, ready},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use runtime_api::Config;

use crate::{
    Outcome, Seen,
    subject::{compose, compose2, spawn, start, yield_now},
    support::{ensure, turn, until, yields},
};

/// Up to thirty branches and above, where `join_all` is another machine.
pub(crate) fn compose_keeps_the_order_of_its_branches(config: &Config, _seen: &Seen) -> Outcome {
    start(config, || async {
        let branch = |index: usize, n: usize| async move {
            yields(n - index).await;
            index
        };
        for n in [1, 5, 100] {
            let outputs = compose((0..n).map(|index| branch(index, n))).await;
            ensure!(
                outputs.iter().copied().eq(0..n),
                "{n} branches gave {outputs:?}"
            );
        }
        for pair in [(0, 1), (1, 0)] {
            let outputs = compose2(branch(pair.0, 2), branch(pair.1, 2)).await;
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
pub(crate) fn compose_polls_one_branch_at_a_time_in_its_own_task(
    config: &Config,
    _seen: &Seen,
) -> Outcome {
    async fn composed() -> Outcome {
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
                yield_now().await;
            }
            Ok(())
        };
        let new = || branch(polling.clone());
        for n in [5, 100] {
            let mut all = pin!(compose2(compose((0..n).map(|_| new())), new()));
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
    start(config, || async {
        composed().await?;
        spawn(composed()).await
    })
}

/// Whether it takes one poll or more is what is looked at.
pub(crate) fn compose_of_none_gives_none(config: &Config, seen: &Seen) -> Outcome {
    let noted = seen.clone();
    start(config, || async move {
        let (outputs, polls) = polls_of(compose(Vec::<Ready<()>>::new())).await;
        noted.note("polls of a join of none", polls);
        ensure!(
            outputs.is_empty(),
            "a join of no branches gave {}",
            outputs.len()
        );
        Ok(())
    })
}

/// Awaits it, and counts its polls.
async fn polls_of<F: Future>(future: F) -> (F::Output, usize) {
    let mut future = pin!(future);
    let mut polls = 0;
    let output = poll_fn(|context| {
        polls += 1;
        future.as_mut().poll(context)
    });
    let output = output.await;
    (output, polls)
}

/// Around the sizes where a list is joined by another machine (30), and where a budget is spent (128).
const WIDTHS: [usize; 7] = [1, 2, 30, 31, 128, 129, 10_000];

pub(crate) fn compose_is_as_wide_as_asked(config: &Config, seen: &Seen) -> Outcome {
    let noted = seen.clone();
    start(config, || async move {
        let mut words = Vec::new();
        for n in WIDTHS {
            let (outputs, _) = polls_of(compose((0..n).map(ready))).await;
            ensure!(
                outputs.into_iter().eq(0..n),
                "{n} ready branches came in another order"
            );
            let branches = (0..n).map(|index| async move {
                turn().await;
                index
            });
            let (outputs, polls) = polls_of(compose(branches)).await;
            ensure!(
                outputs.into_iter().eq(0..n),
                "{n} branches, each pending once, came in another order"
            );
            words.push(format!("{n}: {polls}"));
        }
        noted.note("polls of a join pending once", words.join(", "));
        Ok(())
    })
}

/// A runtime may bound what a task takes in one poll (tokio: 128 operations), and a wide join of
/// handles then needs more polls. Whether it does is what is looked at; the answers must be right.
pub(crate) fn compose_of_finished_tasks_gives_all(config: &Config, seen: &Seen) -> Outcome {
    let noted = seen.clone();
    start(config, || async move {
        let mut words = Vec::new();
        for n in [128, 129] {
            let mut fewest = usize::MAX;
            // The fewest of some: a task may not quite be done when it has said so.
            for _ in 0..5 {
                let finished = Arc::new(AtomicUsize::new(0));
                let tasks: Vec<_> = (0..n)
                    .map(|index| {
                        let finished = finished.clone();
                        spawn(async move {
                            finished.fetch_add(1, SeqCst);
                            index
                        })
                    })
                    .collect();
                until("all tasks have finished", || finished.load(SeqCst) == n).await?;
                yields(10).await;
                let (outputs, polls) = polls_of(compose(tasks)).await;
                ensure!(
                    outputs.into_iter().eq(0..n),
                    "{n} finished tasks came in another order"
                );
                fewest = fewest.min(polls);
            }
            words.push(format!("{n}: {fewest}"));
        }
        noted.note("polls of a join of finished tasks", words.join(", "));
        Ok(())
    })
}
