//! A world for tests in which time is told: one thread, a clock that only moves when somebody waits or computes, and
//! what the system would say of the thread meanwhile.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use quanta::{Clock, Mock};

use crate::{
    Call, Report,
    call::{Limits, Watched},
    record::meter::{self, Reading},
    tally::Tally,
};

pub(crate) const MS: u64 = 1_000_000;

/// Clones are the same world.
#[derive(Clone)]
pub(crate) struct World {
    clock: Clock,
    mock: Arc<Mock>,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    now: u64,
    told: Reading,
    /// Deadlines, and who waits for them.
    timers: Vec<(u64, Waker)>,
}

impl World {
    pub(crate) fn new() -> Self {
        let (clock, mock) = Clock::mock();
        let world = Self {
            clock,
            mock,
            inner: Arc::default(),
        };
        meter::forget();
        // The clock begins at a time that is not 0, as clocks do.
        world.passes(MS, Reading::default());
        world
    }

    /// Begins a call in it.
    pub(crate) fn enter(&self, workers: Option<u32>) -> Call {
        self.enter_with(workers, Limits::USUAL)
    }

    pub(crate) fn enter_with(&self, workers: Option<u32>, limits: Limits) -> Call {
        // As a site's, which stands in a static.
        let tally: &'static Tally = Box::leak(Box::new(Tally::new()));
        Call::new(Some(Watched::begin(
            "test",
            tally,
            workers,
            limits,
            self.clock.clone(),
        )))
    }

    fn passes(&self, ns: u64, told: Reading) {
        let mut inner = self.inner.lock().unwrap();
        inner.now += ns;
        inner.told.cpu_ns += told.cpu_ns;
        inner.told.voluntary += told.voluntary;
        inner.told.involuntary += told.involuntary;
        self.mock.increment(ns);
        meter::say(inner.told);
        let now = inner.now;
        let (due, later) = std::mem::take(&mut inner.timers)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        inner.timers = later;
        drop(inner);
        let due: Vec<(u64, Waker)> = due;
        // As by a driver on another thread: nobody of the call.
        std::thread::scope(|scope| {
            scope.spawn(|| due.into_iter().for_each(|(_, waker)| waker.wake()));
        });
    }

    /// The thread computes for so long. Timers that come due meanwhile go off when they do.
    pub(crate) fn computes(&self, ns: u64) {
        let told = |ns| Reading {
            cpu_ns: ns,
            ..Reading::default()
        };
        self.until(ns, told);
    }

    /// The thread waits in a call, without giving its thread away.
    pub(crate) fn blocks(&self, ns: u64) {
        self.passes(
            0,
            Reading {
                voluntary: 1,
                ..Reading::default()
            },
        );
        self.until(ns, |_| Reading::default());
    }

    /// Somebody else has the core.
    pub(crate) fn is_kept_from_its_core(&self, ns: u64) {
        self.passes(
            0,
            Reading {
                involuntary: 1,
                ..Reading::default()
            },
        );
        self.until(ns, |_| Reading::default());
    }

    /// So much time passes, step by step where timers go off.
    fn until(&self, ns: u64, told: impl Fn(u64) -> Reading) {
        let end = self.inner.lock().unwrap().now + ns;
        loop {
            let inner = self.inner.lock().unwrap();
            let next = inner.timers.iter().map(|(at, _)| *at).min();
            let step = next.map_or(end, |at| at.clamp(inner.now, end)) - inner.now;
            let last = inner.now + step == end;
            drop(inner);
            self.passes(step, told(step));
            if last {
                return;
            }
        }
    }

    /// Waits for so long, from when it is first polled.
    pub(crate) fn sleep(&self, ns: u64) -> impl Future<Output = ()> + Send + use<> {
        let world = self.clone();
        let mut deadline = None;
        poll_fn(move |context: &mut Context<'_>| {
            let mut inner = world.inner.lock().unwrap();
            let at = *deadline.get_or_insert(inner.now + ns);
            if inner.now >= at {
                return Poll::Ready(());
            }
            inner.timers.push((at, context.waker().clone()));
            Poll::Pending
        })
    }

    /// Runs a future to its end on this thread: polls it whenever it was woken, and lets time pass when it was not.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&flag));
        let mut context = Context::from_waker(&waker);
        let mut future = pin!(future);
        loop {
            while flag.0.swap(false, Ordering::SeqCst) {
                if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                    return output;
                }
            }
            let inner = self.inner.lock().unwrap();
            let next = inner.timers.iter().map(|(at, _)| *at).min();
            let wait = next.expect("nobody will ever wake it") - inner.now;
            drop(inner);
            self.passes(wait, Reading::default());
        }
    }

    /// A call whose branches are put together by `body`, in a scope.
    pub(crate) fn call<F: Future>(&self, workers: u32, body: impl FnOnce(&Call) -> F) -> Report {
        let call = self.enter(Some(workers));
        let scope = call.scope(body(&call));
        self.run(scope);
        call.finish()
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}
