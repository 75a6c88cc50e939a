//! Branches placed on other cores' executors. Of a flavour that declares no `dispatch` it is never called.

use std::{
    collections::HashSet,
    panic::AssertUnwindSafe,
    sync::{Arc, atomic::Ordering::SeqCst},
    thread::ThreadId,
    time::Duration,
};

use futures_lite::FutureExt;
use runtime_api::{Config, Dispatched, Lack, OnPanic};

use super::{
    io::{echo, exchange},
    panics::word,
};
use crate::{
    Outcome, Seen,
    subject::{compose, dispatch, lacks, semantics, start},
    support::{
        Gated, MANY, Meeting, count, ends_as_declared, ensure, here, holding, is_ours,
        panics_after, pause, until, up_to_so_many_take_part, within,
    },
};

/// As many dispatched branches as declared are polled at once, each on a thread of its own that is
/// not the root's; each is built where it is polled, and uses the runtime's own types there. Where the number is only
/// the most there can be, how many take part is told.
pub(crate) fn dispatch_reaches_as_many_threads_as_declared(
    config: &Config,
    seen: &Seen,
) -> Outcome {
    let Some(declared) = semantics(config).dispatch else {
        return Ok(());
    };
    let (k, seen) = (count(declared, config), seen.clone());
    start(config, move || async move {
        let aspect = "threads that poll dispatched branches";
        if declared.is_only_the_most() {
            up_to_so_many_take_part("dispatch", aspect, k, &seen, || dispatch(holding)).await?;
            return each_where_it_was_built(&place(k, None).await?);
        }
        let meeting = Meeting::of(k);
        let placed = place(k, Some(meeting.clone())).await?;
        let polled_by: HashSet<_> = placed.iter().map(|&(_, polled_by)| polled_by).collect();
        seen.note(aspect, polled_by.len());
        ensure!(
            polled_by.len() == k && meeting.peak() == k,
            "{k} threads declared for dispatch, {} seen",
            meeting.peak()
        );
        let more = (0..8 + 4 * k.min(MANY / 4)).map(|_| dispatch(holding));
        let others: HashSet<_> = compose(more).await.into_iter().collect();
        ensure!(
            k == MANY || others.is_subset(&polled_by),
            "{k} threads declared for dispatch, {} seen",
            others.union(&polled_by).count()
        );
        each_where_it_was_built(&placed)
    })
}

/// Dispatches so many branches, and says on which threads each was built and polled.
async fn place(
    branches: usize,
    meeting: Option<Arc<Meeting>>,
) -> Result<Vec<(ThreadId, ThreadId)>, String> {
    let address = (!lacks(Lack::Sockets)).then(echo);
    let placed = (0..branches).map(|_| {
        let meeting = meeting.clone();
        dispatch(move || {
            let built_by = here();
            async move {
                if let Some(meeting) = meeting {
                    meeting.attend();
                }
                let polled_by = here();
                pause(Duration::from_millis(1)).await;
                if let Some(address) = address {
                    exchange(address).await?;
                }
                Ok::<_, String>((built_by, polled_by))
            }
        })
    });
    compose(placed).await.into_iter().collect()
}

fn each_where_it_was_built(placed: &[(ThreadId, ThreadId)]) -> Outcome {
    ensure!(
        placed.iter().all(|&(_, polled_by)| polled_by != here()),
        "a dispatched branch was polled on the root's thread"
    );
    ensure!(
        placed
            .iter()
            .all(|(built_by, polled_by)| built_by == polled_by),
        "a dispatched branch was built on another thread than it was polled on"
    );
    Ok(())
}

/// What is declared of a flavour that dispatches; nothing of others.
fn declared(config: &Config) -> Result<Option<Dispatched>, String> {
    let semantics = semantics(config);
    match (semantics.dispatch, semantics.dispatched) {
        (None, _) => Ok(None),
        (Some(_), Some(dispatched)) => Ok(Some(dispatched)),
        (Some(_), None) => Err("it declares a dispatch, and not what that does: \
            write `dispatched: Some(Dispatched { … })`"
            .to_owned()),
    }
}

/// A panic reaches whoever awaits the branch, with its payload or without, or ends the executor it was placed on. In
/// all cases but that one, branches are placed and polled as before.
pub(crate) fn dispatch_carries_a_panic_to_the_awaiter(config: &Config, seen: &Seen) -> Outcome {
    let Some(Dispatched { on_panic, .. }) = declared(config)? else {
        return Ok(());
    };
    let seen = seen.clone();
    start(config, move || async move {
        for polls in [0, 3] {
            let branch = dispatch(move || panics_after(polls));
            let ended = AssertUnwindSafe(branch).catch_unwind();
            let ended = within("a branch that panicked has ended", ended).await;
            let way = match &ended {
                Ok(ended) if is_ours(ended) => OnPanic::ReachesAwaiter,
                Ok(Err(_)) => OnPanic::ReachesAwaiterWithoutPayload,
                Err(why) if on_panic != OnPanic::KillsExecutor => return Err(why.clone()),
                Ok(Ok(())) | Err(_) => OnPanic::KillsExecutor,
            };
            seen.note("panic in a dispatched branch", word(way));
            ensure!(
                way == on_panic,
                "a panic in a dispatched branch is declared {on_panic:?}, and of one that panics after {polls} yields it {}",
                word(way)
            );
            if on_panic == OnPanic::KillsExecutor {
                return Ok(());
            }
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

/// A branch finishes, or is dropped at its await point, when what `dispatch` returned is dropped in mid-run.
pub(crate) fn dropping_what_dispatch_returned_does_what_is_declared(
    config: &Config,
    seen: &Seen,
) -> Outcome {
    let Some(Dispatched { on_drop, .. }) = declared(config)? else {
        return Ok(());
    };
    let seen = seen.clone();
    start(config, move || async move {
        let branch = Gated::default();
        let run = branch.clone();
        let mut placed = Box::pin(dispatch(move || run.run()));
        // Whoever drops it has begun to wait for it: a hand-over may begin with its first poll.
        let begun = async {
            let began = until("the branch has begun", || branch.started.load(SeqCst)).await;
            began.map(|()| false)
        };
        let ended = async {
            placed.as_mut().await;
            Ok(true)
        };
        let ended = ended.or(begun).await?;
        ensure!(!ended, "a branch that waits has ended");
        drop(placed);
        let aspect = "dropped handle of a dispatched branch";
        ends_as_declared(aspect, "branch", &branch, on_drop, &seen).await
    })
}
