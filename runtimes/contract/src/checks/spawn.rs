//! Spawned tasks: their output, their threads, their first poll.

use std::{
    cell::Cell,
    collections::HashSet,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Instant,
};

use runtime_api::Config;

use crate::{
    Outcome, PATIENCE, Seen,
    perform::{message, quietly},
    subject::{Task, compose, compose2, semantics, spawn, spawn_blocking, start, yield_now},
    support::{
        Gated, MANY, Meeting, count, ensure, here, holding, until, up_to_so_many_take_part, yields,
    },
};

pub(crate) fn spawn_gives_the_output(config: &Config, _seen: &Seen) -> Outcome {
    start(config, || async {
        let ready = spawn(async { 1 });
        let later = spawn(async {
            yields(3).await;
            2
        });
        // A task can spawn, too.
        let nested = spawn(async { spawn(async { 4 }).await });
        let outputs = [ready.await, later.await, nested.await];
        ensure!(outputs == [1, 2, 4], "1, 2 and 4 came as {outputs:?}");
        Ok(())
    })
}

/// As many tasks as declared meet, each holding its thread; then more tasks than that hold theirs for
/// a while, and no further thread may turn up. Where the number is only the most there can be, how many take part is told.
pub(crate) fn spawn_reaches_as_many_threads_as_declared(config: &Config, seen: &Seen) -> Outcome {
    let declared = semantics(config).spawn;
    let k = count(declared, config);
    let seen = seen.clone();
    start(config, move || async move {
        if declared.is_only_the_most() {
            let aspect = "threads that poll tasks";
            return up_to_so_many_take_part("spawn", aspect, k, &seen, || spawn(holding())).await;
        }
        let meeting = Meeting::of(k);
        let attend = |meeting: Arc<Meeting>| async move {
            meeting.attend();
            here()
        };
        let tasks: Vec<_> = (0..k).map(|_| spawn(attend(meeting.clone()))).collect();
        let mut threads: HashSet<_> = compose(tasks).await.into_iter().collect();
        let word = |threads: usize| match k {
            MANY => "one a task".to_owned(),
            _ => threads.to_string(),
        };
        seen.note("threads that poll tasks", word(meeting.peak()));
        ensure!(
            meeting.peak() == k,
            "{k} threads declared for spawn, {} seen",
            meeting.peak()
        );
        if k < MANY {
            let more = (0..8 + 4 * k).map(|_| spawn(holding()));
            threads.extend(compose(more).await);
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

thread_local!(
    /// Whether this thread is inside a call of `spawn` that is being watched.
    static SPAWNING: Cell<bool> = const { Cell::new(false) }
);

/// Spawns with the mark set.
fn marked<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> Task<T> {
    SPAWNING.set(true);
    let task = spawn(future);
    SPAWNING.set(false);
    task
}

/// Whether the first poll happens inside the call of `spawn`, and on whose thread.
pub(crate) fn spawn_polls_at_once_if_declared(config: &Config, seen: &Seen) -> Outcome {
    let (at_once, polled_by, root) = start(config, || async {
        let task = marked(async { (SPAWNING.get(), here()) });
        let (at_once, polled_by) = task.await;
        Ok((at_once, polled_by, here()))
    })?;
    seen.note("first poll", if at_once { "in spawn" } else { "queued" });
    seen.note(
        "first poll by",
        if polled_by == root {
            "the spawner's thread"
        } else {
            "another thread"
        },
    );
    let declared = semantics(config).polls_at_once;
    ensure!(
        at_once == declared,
        "polls_at_once is declared {declared}, and the first poll was {}in spawn",
        if at_once { "" } else { "not " }
    );
    Ok(())
}

/// An eager runtime polls once, up to the first await. One that goes on through the awaits has the
/// spawner wait, which composes what was to be spawned.
pub(crate) fn spawn_returns_at_its_tasks_first_await(config: &Config, seen: &Seen) -> Outcome {
    const FAR_TOO_MANY: u32 = 100;
    async fn watched() -> Result<u32, String> {
        let returned = Arc::new(AtomicBool::new(false));
        let gate = returned.clone();
        let task = marked(async move {
            let limit = Instant::now() + PATIENCE;
            let mut polls_in_spawn = 0;
            while !gate.load(SeqCst) && polls_in_spawn < FAR_TOO_MANY && Instant::now() < limit {
                polls_in_spawn += u32::from(SPAWNING.get());
                yield_now().await;
            }
            (gate.load(SeqCst), polls_in_spawn)
        });
        returned.store(true, SeqCst);
        let (returned, polls_in_spawn) = task.await;
        ensure!(
            returned && polls_in_spawn <= 1,
            "spawn runs its task on through its awaits, and returns only then"
        );
        Ok(polls_in_spawn)
    }
    let polls = start(config, || async {
        let from_root = watched().await?;
        let from_task = spawn(watched()).await?;
        Ok(from_root.max(from_task))
    })?;
    seen.note("polls inside spawn", polls);
    Ok(())
}

/// A join that called itself `spawn` would poll its branch only when it is awaited.
pub(crate) fn spawned_task_needs_nobody_to_await_it(config: &Config, seen: &Seen) -> Outcome {
    async fn watched() -> Outcome {
        let task = Gated::default();
        task.open.store(true, SeqCst);
        let handle = spawn(task.clone().run());
        until("a task has finished that nobody awaits yet", || {
            task.finished.load(SeqCst)
        })
        .await?;
        handle.await;
        Ok(())
    }
    seen.note("runs before it is awaited", "no");
    start(config, || async {
        watched().await?;
        spawn(watched()).await
    })?;
    seen.note("runs before it is awaited", "yes");
    Ok(())
}

pub(crate) fn branches_can_spawn(config: &Config, seen: &Seen) -> Outcome {
    async fn nested() -> Outcome {
        let branch = |index: usize| async move {
            yields(index).await;
            let child = spawn(async move { spawn(async move { index }).await });
            child.await
        };
        let outputs = compose((0..5).map(branch)).await;
        ensure!(
            outputs.iter().copied().eq(0..5),
            "branches that spawn gave {outputs:?}"
        );
        let pair = compose2(branch(0), branch(1)).await;
        ensure!(pair == (0, 1), "a pair that spawns gave {pair:?}");
        Ok(())
    }
    start(config, || async {
        nested().await?;
        spawn(nested()).await
    })?;
    seen.note("spawn in a branch", "works");
    Ok(())
}

/// Not every runtime allows it: which, is what is looked at.
pub(crate) fn blocking_code_spawns_or_panics(config: &Config, seen: &Seen) -> Outcome {
    let noted = seen.clone();
    start(config, || async move {
        let spawned = spawn_blocking(|| quietly(|| spawn(async { 5 })));
        match spawned.await {
            Ok(task) => {
                let output = task.await;
                ensure!(output == 5, "a task spawned in blocking code gave {output}");
                noted.note("spawn in blocking code", "works");
            }
            Err(panic) => {
                let said = format!("panics: {}", message(panic.as_ref()));
                noted.note("spawn in blocking code", said);
            }
        }
        Ok(())
    })
}
