//! A join that polls its branches on threads: parallel, behind the back of whoever reads `join`.
//!
//! No branch is moved or outlives the poll, so this needs no `'static` and no `unsafe`.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    thread,
};

use futures_util::future::{MaybeDone, maybe_done};
use tokio::runtime::Handle;

pub(crate) async fn two_on_threads<A, B>(a: A, b: B) -> (A::Output, B::Output)
where
    A: Future + Send,
    B: Future + Send,
    A::Output: Send,
    B::Output: Send,
{
    let (mut a, mut b) = (pin!(maybe_done(a)), pin!(maybe_done(b)));
    poll_fn(|context| {
        let waker = context.waker();
        let runtime = Handle::current();
        let done = thread::scope(|scope| {
            let other = scope.spawn(|| polled(a.as_mut(), waker, &runtime));
            let here = b.as_mut().poll(&mut Context::from_waker(waker)).is_ready();
            other.join().is_ok_and(|done| done) && here
        });
        ready_if(done)
    })
    .await;
    let outputs = a.take_output().zip(b.take_output());
    outputs.unwrap_or_else(|| panic!("a branch of the join panicked"))
}

pub(crate) async fn all_on_threads<F>(branches: Vec<F>) -> Vec<F::Output>
where
    F: Future + Send,
    F::Output: Send,
{
    let mut branches: Vec<Pin<Box<MaybeDone<F>>>> = branches
        .into_iter()
        .map(|branch| Box::pin(maybe_done(branch)))
        .collect();
    poll_fn(|context| {
        let waker = context.waker();
        let runtime = &Handle::current();
        let done = thread::scope(|scope| {
            let polls: Vec<_> = branches
                .iter_mut()
                .map(|branch| scope.spawn(move || polled(branch.as_mut(), waker, runtime)))
                .collect();
            // The scope waits for those that are not asked.
            polls
                .into_iter()
                .all(|poll| poll.join().is_ok_and(|done| done))
        });
        ready_if(done)
    })
    .await;
    let outputs = branches
        .iter_mut()
        .filter_map(|branch| branch.as_mut().take_output());
    outputs.collect()
}

/// Polls a branch where the runtime's timers and sockets are known.
fn polled<F: Future>(branch: Pin<&mut MaybeDone<F>>, waker: &Waker, runtime: &Handle) -> bool {
    let _inside = runtime.enter();
    branch.poll(&mut Context::from_waker(waker)).is_ready()
}

fn ready_if(done: bool) -> Poll<()> {
    if done { Poll::Ready(()) } else { Poll::Pending }
}
