//! Where the root runs, and where tasks do.

use std::{collections::HashSet, thread, time::Duration};

use runtime_api::Config;

use crate::{
    Outcome, Seen,
    subject::{compose, semantics, spawn, start},
    support::{count, ensure, here, yields},
};

pub(crate) fn root_is_polled_by_the_calling_thread(config: &Config, seen: &Seen) -> Outcome {
    let polled_by = start(config, || async {
        yields(10).await;
        Ok(here())
    })?;
    ensure!(
        polled_by == here(),
        "the root was polled on another thread than the one that called start"
    );
    seen.note("block_on root is polled by", "the calling thread");
    Ok(())
}

/// Nothing is promised here but that both roots work: on which threads is what runtimes differ in.
pub(crate) fn roots_and_tasks_share_threads_or_not(config: &Config, seen: &Seen) -> Outcome {
    let tasks = 8 + 4 * count(semantics(config).spawn, config).min(8);
    let noted = seen.clone();
    start(config, move || async move {
        let root = here();
        let word = |threads: &HashSet<_>| {
            if threads.contains(&root) {
                "the calling thread"
            } else {
                "another thread"
            }
        };
        let worker_root = spawn(async {
            let polled = compose((0..3).map(|_| async { here() })).await;
            yields(10).await;
            polled.into_iter().chain([here()]).collect::<HashSet<_>>()
        });
        noted.note("worker root is polled by", word(&worker_root.await));

        let hold = || async {
            // So that each thread that can poll a task gets one.
            thread::sleep(Duration::from_millis(1));
            here()
        };
        let tasks: Vec<_> = (0..tasks).map(|_| spawn(hold())).collect();
        let threads: HashSet<_> = compose(tasks).await.into_iter().collect();
        let helps = if threads.contains(&root) { "yes" } else { "no" };
        noted.note("root's thread polls tasks while it waits", helps);
        Ok(())
    })
}
