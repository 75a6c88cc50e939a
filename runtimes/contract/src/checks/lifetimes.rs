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
use runtime_api::{Config, OnDrop};

use crate::{
    Outcome, PATIENCE, Seen,
    subject::{compose, compose2, semantics, spawn, start, yield_now},
    support::{Gated, OnDropped, ends_as_declared, ensure, until, yields},
};

/// Their wakers live on, and wake nothing any more.
pub(crate) fn compose_drops_its_branches_with_itself(config: &Config, seen: &Seen) -> Outcome {
    let noted = seen.clone();
    noted.note("branches die with their join", "no");
    start(config, || async move {
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
        let join = compose2(compose((0..3).map(|_| branch())), branch());
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
        yields(10).await;
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
pub(crate) fn dropping_a_parent_drops_what_it_joins(config: &Config, seen: &Seen) -> Outcome {
    let (declared, noted) = (semantics(config).on_drop, seen.clone());
    start(config, move || async move {
        let (joined, spawned) = (Gated::default(), Gated::default());
        let mut parent = {
            let (joined, spawned) = (joined.clone(), spawned.clone());
            Box::pin(async move {
                let task = spawn(spawned.run());
                let branches = (0..2).map(|_| joined.clone().run());
                compose2(compose(branches), task).await;
            })
        };
        let limit = Instant::now() + PATIENCE;
        while !(joined.started.load(SeqCst) && spawned.started.load(SeqCst)) {
            ensure!(
                Instant::now() < limit && poll_once(&mut parent).await.is_none(),
                "what a parent joined and spawned has not begun, or has ended too early"
            );
            yield_now().await;
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
        until("the spawned child of a dropped parent has ended", || {
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
pub(crate) fn dropping_a_handle_does_what_is_declared(config: &Config, seen: &Seen) -> Outcome {
    let (declared, seen) = (semantics(config).on_drop, seen.clone());
    start(config, move || async move {
        let task = Gated::default();
        let handle = spawn(task.clone().run());
        until("the task has begun", || task.started.load(SeqCst)).await?;
        drop(handle);
        ends_as_declared("dropped handle", "task", &task, declared, &seen).await
    })
}

pub(crate) fn detached_task_finishes(config: &Config, seen: &Seen) -> Outcome {
    let seen = seen.clone();
    start(config, move || async move {
        let task = Gated::default();
        let detached = task.clone();
        spawn(async { spawn(detached.run()).detach() }).await;
        seen.note("detached task outlives its spawner", "no");
        until("the detached task has begun", || task.started.load(SeqCst)).await?;
        task.open.store(true, SeqCst);
        until("the detached task has finished", || {
            task.finished.load(SeqCst)
        })
        .await?;
        seen.note("detached task outlives its spawner", "yes");
        Ok(())
    })
}
