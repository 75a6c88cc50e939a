//! Who lives on when whom is dropped.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use futures_lite::future::poll_once;
use runtime_api::{Config, Handle, OnDrop, Runtime};

use crate::{
    Outcome, Seen,
    support::{Gated, OnDropped, ensure, start, until},
};

pub(crate) fn compose_drops_its_branches_with_itself<R: Runtime>(
    config: &Config,
    _seen: &Seen,
) -> Outcome {
    start::<R, _, _, _>(config, || async {
        let dropped = Arc::new(AtomicUsize::new(0));
        let branch = |guard: OnDropped| async move {
            let _guard = guard;
            std::future::pending::<()>().await;
        };
        let guard = || OnDropped(dropped.clone());
        let join = R::compose2(
            R::compose((0..3).map(|_| branch(guard())).collect()),
            branch(guard()),
        );
        // Moved into a scope of its own, and dropped at its end.
        ensure!(
            poll_once(join).await.is_none(),
            "a join of branches that wait for ever is ready"
        );
        let dropped = dropped.load(SeqCst);
        ensure!(
            dropped == 4,
            "4 branches of a dropped join, {dropped} dropped with it"
        );
        Ok(())
    })
}

/// A task whose handle is dropped in mid-run finishes, or is dropped at its await point.
pub(crate) fn dropping_a_handle_does_what_is_declared<R: Runtime>(
    config: &Config,
    seen: &Seen,
) -> Outcome {
    let (declared, seen) = (R::semantics(config).on_drop, seen.clone());
    start::<R, _, _, _>(config, move || async move {
        let task = Gated::default();
        let handle = R::spawn(task.clone().run::<R>());
        until::<R>("the task has begun", || task.started.load(SeqCst)).await?;
        drop(handle);
        if declared == OnDrop::Detaches {
            task.open.store(true, SeqCst);
        }
        until::<R>("the task has ended", || task.dropped.load(SeqCst) == 1).await?;
        let finished = task.finished.load(SeqCst);
        seen.note(
            "dropped handle",
            if finished { "detaches" } else { "cancels" },
        );
        ensure!(
            finished == (declared == OnDrop::Detaches),
            "a dropped handle is declared {declared:?}, and the task {}",
            if finished { "ran on" } else { "was dropped" }
        );
        Ok(())
    })
}

pub(crate) fn detached_task_finishes<R: Runtime>(config: &Config, seen: &Seen) -> Outcome {
    let seen = seen.clone();
    start::<R, _, _, _>(config, move || async move {
        let task = Gated::default();
        let detached = task.clone();
        R::spawn(async { R::spawn(detached.run::<R>()).detach() }).await;
        seen.note("detached task outlives its spawner", "no");
        until::<R>("the detached task has begun", || task.started.load(SeqCst)).await?;
        task.open.store(true, SeqCst);
        until::<R>("the detached task has finished", || {
            task.finished.load(SeqCst)
        })
        .await?;
        seen.note("detached task outlives its spawner", "yes");
        Ok(())
    })
}
