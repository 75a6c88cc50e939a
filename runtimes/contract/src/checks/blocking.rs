//! The blocking pool.

use std::{
    panic::{AssertUnwindSafe, panic_any},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use futures_lite::FutureExt;
use runtime_api::{Config, Threads};

use crate::{
    Outcome, PATIENCE, Seen,
    subject::{compose, compose2, semantics, spawn, spawn_blocking, start},
    support::{PANIC, count, ensure, here, is_ours, until, within},
};

pub(crate) fn spawn_blocking_leaves_the_calling_thread(config: &Config, _seen: &Seen) -> Outcome {
    let ran_on = start(config, || async { Ok(spawn_blocking(here).await) })?;
    ensure!(
        ran_on != here(),
        "blocking code ran on the thread that asked for it"
    );
    Ok(())
}

/// How long one more than declared is given to turn up. A busy machine may hide it in that time, and
/// shows no honest runtime as a liar; the tests of this crate must not miss one.
const FOR_ONE_MORE: Duration = Duration::from_millis(if cfg!(test) { 500 } else { 2 });

/// Where jobs are held, and how many were there. The one that makes them as many as wanted opens it, and not the runtime:
/// where a job that finds the pool full holds the executor up, nobody else could.
#[derive(Default)]
struct Gate {
    wanted: usize,
    running: AtomicUsize,
    peak: AtomicUsize,
    open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn wait(&self) {
        let running = 1 + self.running.fetch_add(1, SeqCst);
        self.peak.fetch_max(running, SeqCst);
        if running == self.wanted {
            thread::sleep(FOR_ONE_MORE);
            self.open();
        }
        let shut = self.open.lock().unwrap();
        // Longer than the watcher's patience, who opens it then.
        let held = self
            .opened
            .wait_timeout_while(shut, 2 * PATIENCE, |open| !*open);
        drop(held.unwrap());
        self.running.fetch_sub(1, SeqCst);
    }

    fn is_open(&self) -> bool {
        *self.open.lock().unwrap()
    }

    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

/// So many jobs block at once as there are threads declared for them, and one more does not.
pub(crate) fn spawn_blocking_reaches_as_many_threads_as_declared(
    config: &Config,
    seen: &Seen,
) -> Outcome {
    let declared = semantics(config).blocking;
    let b = count(declared, config);
    let jobs = b + usize::from(declared != Threads::Branches);
    let peak = start(config, move || async move {
        let gate = Arc::new(Gate {
            wanted: b,
            ..Gate::default()
        });
        // Each in a task of its own, so that the watcher's yields do not poll them: a wait that is
        // polled without end is more than every runtime bears (see glommio's adapter).
        let jobs = (0..jobs).map(|_| {
            let gate = gate.clone();
            spawn(async { spawn_blocking(move || gate.wait()).await })
        });
        compose2(compose(jobs), async {
            // Too few of them is what the peak says.
            let _ = until("so many jobs block", || gate.is_open()).await;
            gate.open();
        })
        .await;
        Ok(gate.peak.load(SeqCst))
    })?;
    seen.note(
        "threads that run blocking code",
        match declared {
            Threads::Branches if peak == b => "one a branch".to_owned(),
            _ => peak.to_string(),
        },
    );
    ensure!(
        peak == b,
        "{b} threads declared for blocking code, {peak} seen"
    );
    Ok(())
}

pub(crate) fn spawn_blocking_carries_a_panic_to_the_awaiter(
    config: &Config,
    seen: &Seen,
) -> Outcome {
    let seen = seen.clone();
    start(config, || async move {
        let job = spawn_blocking(|| panic_any(PANIC));
        let ended = AssertUnwindSafe(job).catch_unwind();
        let result: thread::Result<()> =
            within("blocking code that panicked has ended", ended).await?;
        ensure!(
            is_ours(&result),
            "blocking code that panics does not panic in its awaiter"
        );
        let after = spawn_blocking(|| 3).await;
        ensure!(after == 3, "after a panic blocking code gave {after} for 3");
        seen.note("panic in blocking code", "reaches the awaiter");
        Ok(())
    })
}
