//! Where a panic goes.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use futures_lite::FutureExt;
use runtime_api::{Config, Handle, OnPanic, Runtime};

use crate::{
    Outcome, Seen,
    support::{MANY, ensure, is_ours, panics_after, start, until, yields},
};

/// A panic reaches the awaiter and nobody else, or ends the executor and the root with it. Where
/// tasks are polled at once, one that panics there does so in `spawn`.
pub(crate) fn panic_in_a_task_goes_where_declared<R: Runtime>(
    config: &Config,
    seen: &Seen,
) -> Outcome {
    let semantics = R::semantics(config);
    let polls_at_once = semantics.polls_at_once;
    let note = seen.clone();
    match semantics.on_panic {
        OnPanic::ReachesAwaiter => start::<R, _, _, _>(config, || async move {
            for polls in [0, 3] {
                let task = R::spawn(panics_after::<R>(polls));
                let ended = AssertUnwindSafe(task).catch_unwind().await;
                ensure!(
                    is_ours(&ended),
                    "a task that panics after {polls} yields does not panic in its awaiter"
                );
            }
            note.note("panic in a task", "reaches the awaiter");
            R::spawn(panics_after::<R>(1)).detach();
            let live = (0..MANY).map(|_| R::spawn(yields::<R>(10))).collect();
            R::compose(live).await;
            Ok(())
        }),
        OnPanic::KillsExecutor => {
            let ended = catch_unwind(AssertUnwindSafe(|| {
                start::<R, (), _, _>(config, move || async move {
                    if polls_at_once {
                        let spawned = catch_unwind(|| drop(R::spawn(panics_after::<R>(0))));
                        ensure!(
                            is_ours(&spawned),
                            "a task that panics at once does not panic in spawn"
                        );
                    }
                    R::spawn(panics_after::<R>(1)).detach();
                    until::<R>("a panic ends the executor", || false).await
                })
            }));
            if is_ours(&ended) {
                seen.note("panic in a task", "ends the executor");
                return Ok(());
            }
            ended.unwrap_or_else(|panic| resume_unwind(panic))
        }
    }
}
