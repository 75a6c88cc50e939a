//! Branches placed on other cores' executors.

use std::{collections::HashSet, panic::AssertUnwindSafe, thread, time::Duration};

use futures_lite::FutureExt;
use runtime_api::{Config, OnPanic};

use super::io::{echo, exchange};
use crate::{
    Outcome, Seen,
    subject::{compose, dispatch, semantics, sleep, start},
    support::{MANY, Meeting, count, ensure, here, is_ours, panics_after, within},
};

/// As many dispatched branches as declared are polled at once, each on a thread of its own that is
/// not the root's; each is built where it is polled, and uses the runtime's own types there.
pub(crate) fn dispatch_reaches_as_many_threads_as_declared(
    config: &Config,
    seen: &Seen,
) -> Outcome {
    let semantics = semantics(config);
    let k = count(semantics.dispatch.unwrap_or(semantics.spawn), config);
    let (address, other_core) = (echo(), semantics.dispatch.is_some());
    let seen = seen.clone();
    start(config, move || async move {
        let meeting = Meeting::of(k);
        let placed = (0..k).map(|_| {
            let meeting = meeting.clone();
            dispatch(move || {
                let built_by = here();
                async move {
                    meeting.attend();
                    let polled_by = here();
                    sleep(Duration::from_millis(1)).await;
                    exchange(address).await?;
                    Ok::<_, String>((built_by, polled_by))
                }
            })
        });
        let placed = compose(placed).await;
        let placed = placed.into_iter().collect::<Result<Vec<_>, _>>()?;
        let polled_by: HashSet<_> = placed.iter().map(|&(_, polled_by)| polled_by).collect();
        if other_core {
            seen.note("threads that poll dispatched branches", polled_by.len());
        }
        ensure!(
            polled_by.len() == k && meeting.peak() == k,
            "{k} threads declared for dispatch, {} seen",
            meeting.peak()
        );
        let holding = (0..8 + 4 * k.min(MANY / 4)).map(|_| {
            dispatch(|| async {
                thread::sleep(Duration::from_millis(1));
                here()
            })
        });
        let others: HashSet<_> = compose(holding).await.into_iter().collect();
        ensure!(
            k == MANY || others.is_subset(&polled_by),
            "{k} threads declared for dispatch, {} seen",
            others.union(&polled_by).count()
        );
        if other_core {
            ensure!(
                !polled_by.contains(&here()),
                "a dispatched branch was polled on the root's thread"
            );
            ensure!(
                placed
                    .iter()
                    .all(|(built_by, polled_by)| built_by == polled_by),
                "a dispatched branch was built on another thread than it was polled on"
            );
        }
        Ok(())
    })
}

/// And the executor it was placed on lives.
pub(crate) fn dispatch_carries_a_panic_to_the_awaiter(config: &Config, _seen: &Seen) -> Outcome {
    let semantics = semantics(config);
    if semantics.dispatch.is_none() && semantics.on_panic == OnPanic::KillsExecutor {
        return Ok(());
    }
    start(config, || async {
        for polls in [0, 3] {
            let branch = dispatch(move || panics_after(polls));
            let ended = AssertUnwindSafe(branch).catch_unwind();
            let ended = within("a branch that panicked has ended", ended).await?;
            ensure!(
                is_ours(&ended),
                "a branch that panics after {polls} yields does not panic in its awaiter"
            );
        }
        let live = (0..MANY).map(|i| dispatch(move || async move { i }));
        let outputs = compose(live).await;
        ensure!(
            outputs.iter().copied().eq(0..MANY),
            "after a panic {MANY} branches gave {outputs:?}"
        );
        Ok(())
    })
}
