//! What is left when the root has ended.

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    sync::atomic::Ordering::SeqCst,
    thread,
    time::{Duration, Instant},
};

use runtime_api::{Config, Lack};

use crate::{
    Outcome, PATIENCE, Seen,
    subject::{lacks, semantics, spawn, spawn_blocking, start},
    support::{Gated, ensure, entries, pause, until},
};

/// How long threads on their way out are waited for, where others stay.
const A_MOMENT: Duration = Duration::from_millis(20);

/// How long a task is given that need not be polled any more.
const A_WHILE: Duration = Duration::from_millis(500);

/// The threads of this process, where the system tells.
fn threads() -> Option<BTreeSet<PathBuf>> {
    Some(entries("/proc/self/task")?.into_iter().collect())
}

/// Their names, for people.
fn names(threads: &BTreeSet<PathBuf>) -> String {
    let name = |thread: &PathBuf| {
        let name = fs::read_to_string(thread.join("comm")).unwrap_or_default();
        name.trim().to_owned()
    };
    let mut names: Vec<_> = threads.iter().map(name).collect();
    names.sort();
    names.join(", ")
}

/// Waits, with no runtime left to yield to.
fn wait(limit: Duration, condition: impl Fn() -> bool) -> bool {
    let limit = Instant::now() + limit;
    while !condition() {
        if Instant::now() > limit {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
    true
}

/// Threads on their way out are waited for. Those of the runtime are the ones that were not there
/// before it started.
pub(crate) fn threads_outlive_the_root_as_declared(config: &Config, seen: &Seen) -> Outcome {
    let declared = semantics(config).threads_outlive_root;
    let before = threads();
    start(config, move || async move {
        // So that whatever is started on demand is there.
        spawn(async {}).await;
        if !lacks(Lack::BlockingPool) {
            spawn_blocking(|| ()).await;
        }
        pause(Duration::from_millis(1)).await;
        Ok(())
    })?;
    let Some(before) = before else {
        seen.note("threads left after the root", "not to be seen here");
        return Ok(());
    };
    let left = || -> BTreeSet<_> { &threads().unwrap_or_default() - &before };
    wait(if declared { A_MOMENT } else { PATIENCE }, || {
        left().is_empty()
    });
    let left = left();
    let word = match left.len() {
        0 => "none".to_owned(),
        some => format!("{some}: {}", names(&left)),
    };
    seen.note("threads left after the root", &word);
    ensure!(
        declared != left.is_empty(),
        "threads_outlive_root is declared {declared}, and threads left are {word}"
    );
    Ok(())
}

/// Nothing is promised of it: it is dropped, runs on, or is never polled again.
pub(crate) fn task_pending_when_the_root_ends(config: &Config, seen: &Seen) -> Outcome {
    let task = Gated::default();
    let pending = task.clone();
    start(config, move || async move {
        spawn(pending.clone().run()).detach();
        until("the task has begun", || pending.started.load(SeqCst)).await
    })?;
    let dropped = task.dropped.load(SeqCst) == 1;
    task.open.store(true, SeqCst);
    let word = if dropped {
        "is dropped"
    } else if wait(A_WHILE, || task.dropped.load(SeqCst) == 1) {
        "runs on"
    } else {
        "is left pending"
    };
    seen.note("task pending when the root ends", word);
    Ok(())
}
