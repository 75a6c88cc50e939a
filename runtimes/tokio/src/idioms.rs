//! The ways to put branches together that tokio has of its own.

use std::{future::Future, panic::resume_unwind};

use runtime_api::written_out;
use tokio::task::{JoinError, JoinSet};
use tokio_util::task::TaskTracker;

/// Those scenarios `idioms/NAME`.
#[cfg_attr(
    not(feature = "idioms"),
    allow(dead_code, reason = "asked for by tests alone")
)]
pub(crate) const NAMES: &[&str] = &["join", "join-set", "select", "task-tracker"];

pub(crate) async fn idiom<F, T, E>(name: &str, branches: Vec<F>) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>> + Send + Unpin + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    match name {
        "join" => join(branches).await,
        "join-set" => join_set(branches).await,
        "select" => select(branches).await,
        "task-tracker" => task_tracker(branches).await,
        _ => unreachable!("none of NAMES"),
    }
}

/// [`JoinSet`]: what is left of it is aborted when it is dropped.
async fn join_set<F, T, E>(branches: Vec<F>) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    let mut answers = Vec::with_capacity(branches.len());
    let mut set: JoinSet<Result<T, E>> = branches.into_iter().collect();
    while let Some(answer) = set.join_next().await {
        answers.push(its_own(answer)?);
    }
    Ok(answers)
}

/// [`TaskTracker`], which waits for all tasks and keeps no outputs: those are asked of the handles when all are done.
async fn task_tracker<F, T, E>(branches: Vec<F>) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    let tracker = TaskTracker::new();
    let handles: Vec<_> = branches
        .into_iter()
        .map(|branch| tracker.spawn(branch))
        .collect();
    tracker.close();
    tracker.wait().await;
    let mut answers = Vec::with_capacity(handles.len());
    for handle in handles {
        answers.push(its_own(handle.await)?);
    }
    Ok(answers)
}

fn its_own<T>(output: Result<T, JoinError>) -> T {
    match output.map_err(JoinError::try_into_panic) {
        Ok(output) => output,
        Err(Ok(panic)) => resume_unwind(panic),
        Err(Err(error)) => panic!("{error}"),
    }
}

/// [`tokio::join!`].
async fn join<F, T, E>(branches: Vec<F>) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>>,
{
    macro_rules! joined {
        ($branches:ident, $n:literal; $($name:ident)*) => {{
            let Ok([$($name),*]) = <[F; $n]>::try_from($branches) else {
                unreachable!("so many there are")
            };
            let ($($name),*) = tokio::join!($($name),*);
            Ok(vec![$($name?),*])
        }};
    }
    written_out!(branches, joined)
}

/// [`tokio::select!`] in a loop, each branch switched off when it is done.
async fn select<F, T, E>(branches: Vec<F>) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>> + Unpin,
{
    macro_rules! selected {
        ($branches:ident, $n:literal; $($name:ident)*) => {{
            let Ok([$($name),*]) = <[F; $n]>::try_from($branches) else {
                unreachable!("so many there are")
            };
            // Each with whether it is still there.
            $(let mut $name = ($name, true);)*
            let mut answers = Vec::with_capacity($n);
            loop {
                tokio::select! {
                    $(answer = &mut $name.0, if $name.1 => {
                        $name.1 = false;
                        answers.push(answer?);
                    })*
                    else => break,
                }
            }
            Ok(answers)
        }};
    }
    written_out!(branches, selected)
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, ready},
        pin::Pin,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use super::*;

    type Branch = Pin<Box<dyn Future<Output = Result<usize, &'static str>> + Send>>;

    fn put(name: &'static str, branches: Vec<Branch>) -> Result<Vec<usize>, &'static str> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(idiom(name, branches))
    }

    #[test]
    fn each_way_gives_all_answers() {
        for name in NAMES {
            for n in [10, 30] {
                let yields = |index| async move {
                    tokio::task::yield_now().await;
                    Ok(index)
                };
                let branches = (0..n).map(|index| Box::pin(yields(index)) as Branch);
                let mut answers = put(name, branches.collect()).unwrap();
                answers.sort_unstable();
                assert_eq!(answers, (0..n).collect::<Vec<_>>(), "{name}");
            }
        }
    }

    #[test]
    fn what_looks_at_each_as_it_comes_fails_at_once_and_drops_the_others() {
        struct Dropped(Arc<AtomicUsize>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        for name in ["join-set", "select"] {
            let dropped = Arc::new(AtomicUsize::new(0));
            let waits = || {
                let dropped = Dropped(Arc::clone(&dropped));
                async move {
                    let _dropped = dropped;
                    pending().await
                }
            };
            let mut branches: Vec<Branch> = (0..9).map(|_| Box::pin(waits()) as Branch).collect();
            branches.push(Box::pin(ready(Err("failed"))));
            assert_eq!(put(name, branches), Err("failed"), "{name}");
            assert_eq!(dropped.load(Ordering::SeqCst), 9, "{name}");
        }
    }

    #[test]
    fn what_waits_for_all_tells_the_failure_then() {
        for name in ["join", "task-tracker"] {
            let ended = Arc::new(AtomicUsize::new(0));
            let ends = |_| {
                let ended = Arc::clone(&ended);
                Box::pin(async move {
                    tokio::task::yield_now().await;
                    Ok(ended.fetch_add(1, Ordering::SeqCst))
                }) as Branch
            };
            let mut branches: Vec<Branch> = vec![Box::pin(ready(Err("failed")))];
            branches.extend((0..9).map(ends));
            assert_eq!(put(name, branches), Err("failed"), "{name}");
            assert_eq!(ended.load(Ordering::SeqCst), 9, "{name}");
        }
    }
}
