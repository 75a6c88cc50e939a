//! may behind the trait: coroutines with stacks of their own, which no future needs.
//!
//! | call | what it is here |
//! | --- | --- |
//! | start | [`may::config`], and the calling thread, which is none of may's, in [`future::block_on`] |
//! | compose2, compose | [`future::zip`], [`futures_util::future::join_all`]; see below |
//! | race, timeout | as the trait has them |
//! | spawn | [`may::go!`]: a coroutine that polls the branch, and parks while it is pending |
//! | sleep | [`coroutine::sleep`], in a coroutine of its own |
//! | yield_now | [`future::yield_now`], for siblings in the same coroutine |
//! | spawn_blocking, connect, read_file | left out |
//!
//! # What compose means here
//!
//! Nothing of may's. Its calls wait by switching to another coroutine, in the middle of whatever called them, so a
//! coroutine does one thing at a time, and there is no such thing as two of its waits that overlap. What a may user writes instead is
//! [`may::join!`], which takes a coroutine for each branch and waits for all of them: that is spawning with a scope, it runs on as many
//! threads as there are workers, and its branches must be `Send`. A join that overlaps waits and gains no core, which this workspace is
//! about, exists only where waiting is a value that is returned (`Poll::Pending`).
//!
//! A coroutine can poll futures all the same, and then their joins are as everywhere. But a future that
//! calls may to wait (say `coroutine::sleep` within `poll`) suspends its coroutine, and with it all of its siblings: `join_all` of such futures takes
//! the sum of them. `tests/compose.rs` shows each of these. So what is measured as `compose` here is
//! the futures' own join, polled in a coroutine, and what waits in it is woken from elsewhere: a sleep is a coroutine that
//! sleeps and then wakes whoever awaits it.
//!
//! # What is left out
//!
//! may's sockets read and write by suspending the coroutine, which no future may do, for the reason above. It has no pool for code that
//! blocks a thread, and no files.
//!
//! # Threads
//!
//! A coroutine can go on on another thread than it stopped on. What is thread-local is therefore not to be kept over a switch, and a
//! compiler may keep the address of such a thing for as long as a function runs; so each poll is a call that is not
//! inlined, and no poll switches. Workers live as long as the process, and each is bound to a core. Stacks do not grow: they have four times may's
//! usual 32 KiB, as what is polled here formats text and unwinds.
//!
//! Pages: [go!](https://docs.rs/may/latest/may/macro.go.html),
//! [join!](https://docs.rs/may/latest/may/macro.join.html),
//! [JoinHandle](https://docs.rs/may/latest/may/coroutine/struct.JoinHandle.html).

use std::{
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Wake, Waker, ready},
    thread,
    time::Duration,
};

use futures_channel::oneshot::{self, Receiver};
use futures_lite::future;
use may::coroutine::{self, Coroutine};
use runtime_api::{
    About, Config, Flavour, Handle, Lack, NoStream, OnDrop, OnPanic, Runtime, Semantics, Threads,
    Workers,
};

/// In words, as may counts them: 128 KiB.
const STACK: usize = 0x4000;

/// may.
#[derive(Debug)]
pub struct May;

impl Runtime for May {
    type Stream = NoStream;

    const LACKS: &'static [Lack] = &[Lack::BlockingPool, Lack::Sockets, Lack::Files];

    fn about() -> About {
        About {
            name: "may",
            flavours: vec![Flavour {
                name: "default",
                summary: "go!: a coroutine for each branch, on one worker per core",
                workers: Workers::PerCore,
            }],
        }
    }

    fn semantics(_config: &Config) -> Semantics {
        Semantics {
            spawn: Threads::Workers,
            dispatch: None,
            dispatched: None,
            blocking: Threads::Fixed(1),
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: false,
            threads_outlive_root: true,
        }
    }

    fn start<M, F>(config: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        may::config()
            .set_workers(config.workers)
            .set_stack_size(STACK);
        Ok(future::block_on(async { root().await }))
    }

    fn compose2<A, B>(a: A, b: B) -> impl Future<Output = (A::Output, B::Output)> + Send
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        future::zip(a, b)
    }

    fn compose<F>(branches: Vec<F>) -> impl Future<Output = Vec<F::Output>> + Send
    where
        F: Future + Send,
        F::Output: Send,
    {
        futures_util::future::join_all(branches)
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        may::go!(move || {
            // A `JoinHandle` of may's gives the panic too, but can only be waited for by blocking.
            let output = catch_unwind(AssertUnwindSafe(|| in_this_coroutine(future)));
            // Nobody waits for it where the handle was dropped.
            let _ = sender.send(output);
        });
        Task(receiver)
    }

    async fn sleep(duration: Duration) {
        let (sender, receiver) = oneshot::channel();
        may::go!(move || {
            coroutine::sleep(duration);
            let _ = sender.send(());
        });
        receiver.await.expect("a coroutine that sleeps wakes up");
    }

    fn yield_now() -> impl Future<Output = ()> + Send {
        future::yield_now()
    }
}

/// Polls a future to its end in the coroutine that calls, which parks while it is pending.
fn in_this_coroutine<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(coroutine::current())));
    loop {
        if let Poll::Ready(output) = poll(future.as_mut(), &waker) {
            return output;
        }
        coroutine::park();
    }
}

/// On its own, so that nothing of a thread's is kept until the next poll, which may be another thread's.
#[inline(never)]
fn poll<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

struct Unpark(Coroutine);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// What a coroutine will have given: a panic goes on in whoever awaits it.
struct Task<T>(Receiver<thread::Result<T>>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let sent = ready!(Pin::new(&mut self.0).poll(context));
        let output = sent.expect("a coroutine sends what it gives");
        Poll::Ready(output.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    /// Nothing waits for the coroutine then, as with a `JoinHandle` that is dropped.
    fn detach(self) {}
}
