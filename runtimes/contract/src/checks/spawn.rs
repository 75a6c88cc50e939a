//! Spawned tasks: their output, their threads, their first poll.

use std::{cell::Cell, collections::HashSet, sync::Arc, thread, time::Duration};

use runtime_api::{Config, Runtime};

use crate::{
    Outcome, Seen,
    support::{MANY, Meeting, count, ensure, here, start, yields},
};

pub(crate) fn spawn_gives_the_output<R: Runtime>(config: &Config, _seen: &Seen) -> Outcome {
    start::<R, _, _, _>(config, || async {
        let ready = R::spawn(async { 1 });
        let later = R::spawn(async {
            yields::<R>(3).await;
            2
        });
        // A task can spawn, too.
        let nested = R::spawn(async { R::spawn(async { 4 }).await });
        let outputs = [ready.await, later.await, nested.await];
        ensure!(outputs == [1, 2, 4], "1, 2 and 4 came as {outputs:?}");
        Ok(())
    })
}

/// As many tasks as declared meet, each holding its thread; then more tasks than that hold theirs for
/// a while, and no further thread may turn up.
pub(crate) fn spawn_reaches_as_many_threads_as_declared<R: Runtime>(
    config: &Config,
    seen: &Seen,
) -> Outcome {
    let k = count(R::semantics(config).spawn, config);
    let seen = seen.clone();
    start::<R, _, _, _>(config, move || async move {
        let meeting = Meeting::of(k);
        let attend = |meeting: Arc<Meeting>| async move {
            meeting.attend();
            here()
        };
        let tasks: Vec<_> = (0..k).map(|_| R::spawn(attend(meeting.clone()))).collect();
        let mut threads: HashSet<_> = R::compose(tasks).await.into_iter().collect();
        seen.note("threads that poll tasks", meeting.peak());
        ensure!(
            meeting.peak() == k,
            "{k} threads declared for spawn, {} seen",
            meeting.peak()
        );
        if k < MANY {
            let holding = (0..8 + 4 * k).map(|_| {
                R::spawn(async {
                    // Holds its thread, so that the others are taken, too.
                    thread::sleep(Duration::from_millis(1));
                    here()
                })
            });
            threads.extend(R::compose(holding.collect()).await);
            seen.note("threads that poll tasks", threads.len());
            ensure!(
                threads.len() <= k,
                "{k} threads declared for spawn, {} seen",
                threads.len()
            );
        }
        Ok(())
    })
}

/// Whether the first poll happens inside the call of `spawn`.
pub(crate) fn spawn_polls_at_once_if_declared<R: Runtime>(config: &Config, seen: &Seen) -> Outcome {
    thread_local!(static SPAWNING: Cell<bool> = const { Cell::new(false) });
    let at_once = start::<R, _, _, _>(config, || async {
        SPAWNING.set(true);
        let task = R::spawn(async { SPAWNING.get() });
        SPAWNING.set(false);
        Ok(task.await)
    })?;
    seen.note("first poll", if at_once { "in spawn" } else { "queued" });
    let declared = R::semantics(config).polls_at_once;
    ensure!(
        at_once == declared,
        "polls_at_once is declared {declared}, and the first poll was {}in spawn",
        if at_once { "" } else { "not " }
    );
    Ok(())
}
