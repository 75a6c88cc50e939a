//! How the calls of a call are put together: in turn, joined, or handed over.
//!
//! What each gives back is added up, which is all that these recursions do with it.

use std::{future::Future, pin::Pin};

use runtime_api::Runtime;

/// A call that has not begun: a future that calls itself must be in a box.
pub type Call = Pin<Box<dyn Future<Output = u64> + Send>>;

/// A way to put calls together. Each is a type, so that none is looked up at a fork.
pub(crate) trait Ways: Send + Sync + 'static {
    /// The sum of two calls.
    fn pair<R: Runtime>(one: Call, other: Call) -> impl Future<Output = u64> + Send;

    /// The sum of any number of calls.
    fn all<R: Runtime>(
        calls: impl Iterator<Item = Call> + Send,
    ) -> impl Future<Output = u64> + Send;
}

/// Each awaited before the next is begun: the boxes alone.
pub(crate) struct InTurn;

impl Ways for InTurn {
    async fn pair<R: Runtime>(one: Call, other: Call) -> u64 {
        let one = one.await;
        one.wrapping_add(other.await)
    }

    async fn all<R: Runtime>(calls: impl Iterator<Item = Call> + Send) -> u64 {
        let mut sum = 0_u64;
        for call in calls {
            sum = sum.wrapping_add(call.await);
        }
        sum
    }
}

/// Joined in the calling task.
pub(crate) struct Compose;

impl Ways for Compose {
    async fn pair<R: Runtime>(one: Call, other: Call) -> u64 {
        let (one, other) = R::compose2(one, other).await;
        one.wrapping_add(other)
    }

    async fn all<R: Runtime>(calls: impl Iterator<Item = Call> + Send) -> u64 {
        sum(R::compose(calls.collect()).await)
    }
}

/// Handed to the scheduler; of a pair the second runs where it is meanwhile.
pub(crate) struct Spawn;

impl Ways for Spawn {
    async fn pair<R: Runtime>(one: Call, other: Call) -> u64 {
        let one = R::spawn(one);
        let other = other.await;
        one.await.wrapping_add(other)
    }

    async fn all<R: Runtime>(calls: impl Iterator<Item = Call> + Send) -> u64 {
        await_all(calls.map(R::spawn).collect()).await
    }
}

/// Placed on another core's executor, likewise.
pub(crate) struct Dispatch;

impl Ways for Dispatch {
    async fn pair<R: Runtime>(one: Call, other: Call) -> u64 {
        let one = R::dispatch(move || one);
        let other = other.await;
        one.await.wrapping_add(other)
    }

    async fn all<R: Runtime>(calls: impl Iterator<Item = Call> + Send) -> u64 {
        await_all(calls.map(|call| R::dispatch(move || call)).collect()).await
    }
}

async fn await_all<F: Future<Output = u64>>(handles: Vec<F>) -> u64 {
    let mut sum = 0_u64;
    for handle in handles {
        sum = sum.wrapping_add(handle.await);
    }
    sum
}

fn sum(answers: Vec<u64>) -> u64 {
    answers.into_iter().fold(0, u64::wrapping_add)
}

/// Calls a function with the way as a type, by its name.
macro_rules! by {
    ($way:expr, $function:ident::<$runtime:ty>($($argument:expr),*)) => {
        match $way {
            workload_api::Way::InTurn => $function::<$runtime, crate::ways::InTurn>($($argument),*),
            workload_api::Way::Compose => $function::<$runtime, crate::ways::Compose>($($argument),*),
            workload_api::Way::Spawn => $function::<$runtime, crate::ways::Spawn>($($argument),*),
            workload_api::Way::Dispatch => $function::<$runtime, crate::ways::Dispatch>($($argument),*),
        }
    };
}
pub(crate) use by;
