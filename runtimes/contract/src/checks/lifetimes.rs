//! Who lives on when whom is dropped.

use std::{
    future::poll_fn,
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Poll, Waker},
    time::Instant,
};

use futures_lite::future::poll_once;
use runtime_api::{Config, Handle, OnDrop, Runtime};

use crate::{
    Outcome, PATIENCE, Seen,
    support::{Gated, OnDropped, compose, compose2, ensure, spawn, start, until, yields},
};

/// Their wakers live on, and wake nothing any more.
pub(crate) fn compose_drops_its_branches_with_itself<R: Runtime>(
    config: &Config,
    seen: &Seen,
) -> Outcome {
    let noted = seen.clone();
    noted.note("branches die with their join", "no");
    start::<R, _, _, _>(config, || async move {
        let dropped = Arc::new(AtomicUsize::new(0));
        let polled = Arc::new(AtomicUsize::new(0));
        let wakers = Arc::new(Mutex::new(Vec::new()));
        let branch = || {
            let (guard, polled) = (OnDropped(dropped.clone()), polled.clone());
            let wakers = wakers.clone();
            poll_fn(move |context| -> Poll<()> {
                let _ = &guard;
                polled.fetch_add(1, SeqCst);
                wakers.lock().unwrap().push(context.waker().clone());
                Poll::Pending
            })
        };
        let join = compose2::<R, _, _>(compose::<R, _>((0..3).map(|_| branch())), branch());
        // Moved into a scope of its own, and dropped at its end.
        ensure!(
            poll_once(join).await.is_none(),
            "a join of branches that wait for ever is ready"
        );
        let (polls, dropped) = (polled.load(SeqCst), dropped.load(SeqCst));
        ensure!(polls == 4, "the first poll of a join polled {polls} of 4");
        ensure!(
            dropped == 4,
            "{dropped} of 4 branches were dropped with their join"
        );
        let kept = mem::take(&mut *wakers.lock().unwrap());
        kept.into_iter().for_each(Waker::wake);
        yields::<R>(10).await;
        let polls = polled.load(SeqCst);
        ensure!(
            polls == 4,
            "branches were polled again after their join was dropped"
        );
        noted.note("branches die with their join", "yes");
        Ok(())
    })
}

/// What it joins is dropped there and then; to what it spawned happens what happens to dropped
/// handles.
pub(crate) fn dropping_a_parent_drops_what_it_joins<R: Runtime>(
    config: &Config,
    seen: &Seen,
) -> Outcome {
    let (declared, noted) = (R::semantics(config).on_drop, seen.clone());
    start::<R, _, _, _>(config, move || async move {
        let (joined, spawned) = (Gated::default(), Gated::default());
        let mut parent = {
            let (joined, spawned) = (joined.clone(), spawned.clone());
            Box::pin(async move {
                let task = spawn::<R, _>(spawned.run::<R>());
                let branches = (0..2).map(|_| joined.clone().run::<R>());
                compose2::<R, _, _>(compose::<R, _>(branches), task).await;
            })
        };
        let limit = Instant::now() + PATIENCE;
        while !(joined.started.load(SeqCst) && spawned.started.load(SeqCst)) {
            ensure!(
                Instant::now() < limit && poll_once(&mut parent).await.is_none(),
                "what a parent joined and spawned has not begun, or has ended too early"
            );
            R::yield_now().await;
        }
        drop(parent);
        let dropped = joined.dropped.load(SeqCst);
        ensure!(
            dropped == 2,
            "{dropped} of 2 joined branches were dropped with their parent"
        );
        if declared == OnDrop::Detaches {
            spawned.open.store(true, SeqCst);
        }
        until::<R>("the spawned child of a dropped parent has ended", || {
            spawned.dropped.load(SeqCst) == 1
        })
        .await?;
        let finished = spawned.finished.load(SeqCst);
        let word = if finished { "runs on" } else { "is cancelled" };
        noted.note("joined child of a dropped parent", "is dropped");
        noted.note("spawned child of a dropped parent", word);
        ensure!(
            finished == (declared == OnDrop::Detaches),
            "a dropped handle is declared {declared:?}, and with a dropped parent the task {word}"
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
        let handle = spawn::<R, _>(task.clone().run::<R>());
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
        spawn::<R, _>(async { spawn::<R, _>(detached.run::<R>()).detach() }).await;
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
