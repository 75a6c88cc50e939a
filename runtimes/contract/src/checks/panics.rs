//! Where an error goes, and where a panic goes.

use std::{
    future::{Future, pending, ready},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use futures_lite::FutureExt;
use runtime_api::{Config, OnPanic};

use crate::{
    Outcome, Seen,
    subject::{compose, compose2, semantics, spawn, start},
    support::{Gated, MANY, OnDropped, ensure, is_ours, panics_after, until, within, yields},
};

/// An error is an output: whoever awaits it sees it, and siblings go on.
pub(crate) fn error_in_a_branch_is_its_output(config: &Config, seen: &Seen) -> Outcome {
    async fn branch(index: usize) -> Result<usize, &'static str> {
        yields(index).await;
        if index == 0 { Err("broken") } else { Ok(index) }
    }
    let noted = seen.clone();
    start(config, || async move {
        let sibling = Gated::default();
        let live = spawn(sibling.clone().run());
        let failed = spawn(branch(0)).await;
        ensure!(
            failed == Err("broken"),
            "the error of a task came as {failed:?}"
        );
        sibling.open.store(true, SeqCst);
        live.await;
        ensure!(
            sibling.finished.load(SeqCst),
            "the sibling of a task that failed did not finish"
        );
        noted.note("error in a task", "reaches the awaiter, siblings live on");

        let all = [Err("broken"), Ok(1), Ok(2)];
        let outputs = compose((0..3).map(branch)).await;
        ensure!(
            outputs == all,
            "branches of which the first fails gave {outputs:?}"
        );
        let pair = compose2(branch(0), branch(2)).await;
        ensure!(
            pair == (all[0], all[2]),
            "a pair of which the first fails gave {pair:?}"
        );
        noted.note("error in a branch", "is its output, siblings finish");
        Ok(())
    })
}

/// A panic reaches the awaiter and nobody else, or ends the executor and the root with it. Where
/// tasks are polled at once, one that panics there does so in `spawn`.
pub(crate) fn panic_in_a_task_goes_where_declared(config: &Config, seen: &Seen) -> Outcome {
    let noted = seen.clone();
    match semantics(config).on_panic {
        OnPanic::KillsExecutor => kills_executor(config, seen),
        declared => start(config, move || reaches_awaiter(noted, declared)),
    }
}

/// Where a panic goes, as it is told.
pub(super) fn word(way: OnPanic) -> &'static str {
    match way {
        OnPanic::ReachesAwaiter => "reaches the awaiter",
        OnPanic::ReachesAwaiterWithoutPayload => "reaches the awaiter, its payload lost",
        OnPanic::KillsExecutor => "ends the executor",
    }
}

async fn reaches_awaiter(seen: Seen, declared: OnPanic) -> Outcome {
    let with_payload = declared == OnPanic::ReachesAwaiter;
    let sibling = Gated::default();
    let live = spawn(sibling.clone().run());
    for polls in [0, 3] {
        let task = spawn(panics_after(polls));
        let ended = AssertUnwindSafe(task).catch_unwind();
        let ended = within("a task that panicked has ended", ended).await?;
        ensure!(
            ended.is_err(),
            "a task that panics after {polls} yields does not panic in its awaiter"
        );
        ensure!(
            is_ours(&ended) == with_payload,
            "what a task panics with after {polls} yields {} its awaiter",
            if with_payload {
                "does not reach"
            } else {
                "reaches"
            }
        );
    }
    seen.note("panic in a task", word(declared));
    spawn(panics_after(1)).detach();
    let others: Vec<_> = (0..MANY).map(|_| spawn(yields(10))).collect();
    within("tasks beside one that panicked have ended", compose(others)).await?;
    sibling.open.store(true, SeqCst);
    within("the sibling of a task that panicked has ended", live).await?;
    ensure!(
        sibling.finished.load(SeqCst),
        "the sibling of a task that panicked did not finish"
    );
    seen.note("siblings of a task that panicked", "live on");
    Ok(())
}

fn kills_executor(config: &Config, seen: &Seen) -> Outcome {
    let polls_at_once = semantics(config).polls_at_once;
    let sibling = Gated::default();
    let live = sibling.clone();
    let ended = catch_unwind(AssertUnwindSafe(|| {
        start::<(), _, _>(config, move || async move {
            if polls_at_once {
                let spawned = catch_unwind(|| drop(spawn(panics_after(0))));
                ensure!(
                    is_ours(&spawned),
                    "a task that panics at once does not panic in spawn"
                );
            }
            spawn(live.run()).detach();
            spawn(panics_after(1)).detach();
            until("a panic ends the executor", || false).await
        })
    }));
    if is_ours(&ended) {
        seen.note("panic in a task", word(OnPanic::KillsExecutor));
        let dropped = sibling.dropped.load(SeqCst) == 1;
        let word = if dropped { "dropped" } else { "left pending" };
        seen.note("siblings of a task that panicked", word);
        return Ok(());
    }
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}

/// The siblings are dropped while it unwinds, and the runtime is usable afterwards.
pub(crate) fn panic_in_a_branch_unwinds_through_its_join(config: &Config, seen: &Seen) -> Outcome {
    /// The second of three panics, and the others wait for ever.
    async fn branch(index: usize, guard: OnDropped) {
        let _guard = guard;
        if index == 1 {
            panics_after(1).await;
        }
        pending::<()>().await;
    }
    /// Awaits a parent, and says whether its branches were dropped while the panic unwound.
    async fn unwound(
        how: &str,
        parent: impl Future<Output = ()>,
        dropped: &AtomicUsize,
    ) -> Outcome {
        let mut parent = Box::pin(AssertUnwindSafe(parent).catch_unwind());
        let ended = (&mut parent).await;
        ensure!(
            is_ours(&ended),
            "{how}: a branch that panics does not panic in the joining task"
        );
        let dropped = dropped.load(SeqCst);
        ensure!(
            dropped == 3,
            "{how}: {dropped} of 3 branches were dropped as one's panic unwound"
        );
        Ok(())
    }
    async fn joined() -> Outcome {
        let dropped = Arc::new(AtomicUsize::new(0));
        let new = |index| branch(index, OnDropped(dropped.clone()));
        let list = compose((0..3).map(new));
        unwound("a list", async { _ = list.await }, &dropped).await?;

        let dropped = Arc::new(AtomicUsize::new(0));
        let new = |index| branch(index, OnDropped(dropped.clone()));
        let pair = compose2(compose2(new(0), new(1)), new(2));
        unwound("a pair", async { _ = pair.await }, &dropped).await
    }
    let noted = seen.clone();
    start(config, || async move {
        joined().await?;
        spawn(joined()).await?;
        noted.note("panic in a branch", "unwinds through the join");
        noted.note("siblings of a branch that panicked", "dropped");
        let (list, task) = (compose((0..3).map(ready)), spawn(async { 3 }));
        let after = compose2(list, task).await;
        ensure!(
            after == (vec![0, 1, 2], 3),
            "after a panic in a branch the runtime gave {after:?}"
        );
        Ok(())
    })
}
