//! Each rule of what a wake tells, on a clock that only moves when a test says so.

use std::{
    future::{pending, poll_fn, ready},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, MutexGuard, PoisonError},
    task::Waker,
    thread,
};

use quanta::Mock;
use runtime_api::Runtime;
use workload_api::Env;

use super::*;

const MS: u64 = 1_000_000;

/// Time that is told; what wakes tell is the process's, so one test has it at a time.
struct World {
    time: Arc<Mock>,
    _alone: MutexGuard<'static, ()>,
}

impl World {
    /// It begins at so many nanoseconds.
    fn at(start: u64) -> Self {
        let alone = witness::ALONE
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (clock, time) = Clock::mock();
        time.increment(start);
        TOLD.set(Some(Box::leak(Box::new(clock))));
        take();
        Self {
            time,
            _alone: alone,
        }
    }

    fn passes(&self, ms: u64) {
        self.time.increment(ms * MS);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        TOLD.set(None);
    }
}

/// What wakes have told, in milliseconds.
fn waited_and_ready() -> (u64, u64) {
    let told = take();
    (told.waited_ns / MS, told.ready_ns / MS)
}

#[derive(Clone, Copy)]
struct Of<const TOGETHER: bool>;

impl<const TOGETHER: bool> Workload for Of<TOGETHER> {
    const TOGETHER: bool = TOGETHER;

    async fn branch<R: Runtime>(self, _: Env, _: usize) -> u64 {
        0
    }

    fn expected(self, _: &Env, _: usize) -> u64 {
        0
    }
}

type Branch<F, const TOGETHER: bool = true> = Pin<Box<Waking<Of<TOGETHER>, F>>>;

fn branch<F: Future>(index: u32, future: F) -> Branch<F> {
    Box::pin(Waking::new(index, future))
}

/// Polls it once, as its task does.
fn poll<F: Future, const TOGETHER: bool>(branch: &mut Branch<F, TOGETHER>) -> Poll<F::Output> {
    branch
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

/// Where a branch leaves its waker.
#[derive(Clone, Default)]
struct Left(Arc<Mutex<Option<Waker>>>);

impl Left {
    fn leave(&self, context: &Context<'_>) {
        *self.0.lock().unwrap() = Some(context.waker().clone());
    }

    /// Wakes it here and now.
    fn wake(&self) {
        self.0.lock().unwrap().as_ref().unwrap().wake_by_ref();
    }
}

/// A branch that leaves its waker and waits, for ever; when it is polled the world does `meanwhile`.
fn waits<M: FnMut()>(index: u32, left: &Left, mut meanwhile: M) -> Branch<impl Future + use<M>> {
    let left = left.clone();
    branch(
        index,
        poll_fn(move |context| -> Poll<()> {
            left.leave(context);
            meanwhile();
            Poll::Pending
        }),
    )
}

/// A branch that wakes whoever left a waker, each time that it is polled.
fn wakes(index: u32, left: &Left) -> Branch<impl Future + use<>> {
    let left = left.clone();
    branch(
        index,
        poll_fn(move |_| -> Poll<()> {
            left.wake();
            Poll::Pending
        }),
    )
}

/// As a timer's thread does.
fn elsewhere(what: impl FnOnce() + Send) {
    thread::scope(|scope| {
        scope.spawn(what);
    });
}

/// `waiting` has been polled, and 5 ms have passed.
fn five_milliseconds_later() -> (World, Left, Branch<impl Future>, Branch<impl Future>) {
    let (world, left) = (World::at(MS), Left::default());
    let (mut waiting, waking) = (waits(0, &left, || ()), wakes(1, &left));
    let _ = poll(&mut waiting);
    world.passes(5);
    (world, left, waiting, waking)
}

#[test]
fn a_wait_that_a_siblings_poll_ends_is_a_wait_for_it() {
    let (_world, left, _waiting, mut waking) = five_milliseconds_later();
    let _ = poll(&mut waking);
    assert_eq!(waited_and_ready(), (5, 0));
    // And is told once.
    assert_eq!(take(), Told::default());
    left.wake();
    assert_eq!(take(), Told::default());
}

#[test]
fn a_wait_that_anything_else_ends_is_none_for_a_sibling() {
    // A timer on a thread of its own.
    let (world, left, _waiting, _waking) = five_milliseconds_later();
    elsewhere(|| left.wake());
    assert_eq!(waited_and_ready(), (0, 0));

    // And one on the thread that has polled a sibling.
    drop(world);
    let (world, left, mut waiting, mut waking) = five_milliseconds_later();
    let _ = poll(&mut waking);
    assert_eq!(waited_and_ready(), (5, 0));
    let _ = poll(&mut waiting);
    world.passes(5);
    left.wake();
    assert_eq!(waited_and_ready(), (0, 0));
}

#[test]
fn who_wakes_itself_waits_for_nobody() {
    let (world, left) = (World::at(MS), Left::default());
    let mut itself = waits(0, &left, || left.wake());
    let _ = poll(&mut itself);
    world.passes(4);
    let _ = poll(&mut itself);
    assert_eq!(waited_and_ready(), (0, 4));
}

#[test]
fn the_first_wake_ends_the_wait() {
    let (world, left, mut waiting, mut waking) = five_milliseconds_later();
    elsewhere(|| left.wake());
    world.passes(3);
    let _ = poll(&mut waking);
    world.passes(2);
    let _ = poll(&mut waiting);
    assert_eq!(waited_and_ready(), (0, 5), "a sibling came too late");

    drop(world);
    let (world, _left, _waiting, mut waking) = five_milliseconds_later();
    let _ = poll(&mut waking);
    world.passes(3);
    let _ = poll(&mut waking);
    assert_eq!(waited_and_ready(), (5, 0), "it waited once");
}

#[test]
fn the_first_wake_counts_at_the_first_tick_too() {
    let (world, left) = (World::at(0), Left::default());
    let (mut waiting, mut waking) = (waits(0, &left, || ()), wakes(1, &left));
    let _ = poll(&mut waiting);
    elsewhere(|| left.wake());
    world.passes(3);
    let _ = poll(&mut waking);
    let _ = poll(&mut waiting);
    assert_eq!(waited_and_ready(), (0, 2), "all but a nanosecond of 3 ms");
}

#[test]
fn a_wait_may_begin_at_the_first_tick() {
    let (world, left) = (World::at(0), Left::default());
    let (mut waiting, mut waking) = (waits(0, &left, || ()), wakes(1, &left));
    let _ = poll(&mut waiting);
    world.passes(3);
    let _ = poll(&mut waking);
    assert_eq!(waited_and_ready(), (2, 0), "all but a nanosecond of 3 ms");
}

#[test]
fn a_poll_that_nobody_woke_it_for_neither_ends_a_wait_nor_begins_one() {
    let (world, _left, mut waiting, mut waking) = five_milliseconds_later();
    let _ = poll(&mut waiting);
    world.passes(3);
    let _ = poll(&mut waking);
    assert_eq!(waited_and_ready(), (8, 0));
}

#[test]
fn its_own_polls_are_no_wait() {
    let (world, left) = (World::at(MS), Left::default());
    let time = Arc::clone(&world.time);
    let mut computes = waits(0, &left, move || time.increment(4 * MS));
    let mut waking = wakes(1, &left);
    // The first, and one that it was woken for.
    for _ in 0..2 {
        let _ = poll(&mut computes);
        world.passes(5);
        let _ = poll(&mut waking);
        assert_eq!(waited_and_ready(), (5, 0));
    }
}

#[test]
fn who_is_woken_while_it_is_polled_has_not_waited() {
    let (world, left) = (World::at(MS), Left::default());
    let (time, there) = (Arc::clone(&world.time), left.clone());
    let mut polls = 0;
    let mut waiting = waits(0, &left, move || {
        polls += 1;
        if polls != 2 {
            time.increment(4 * MS);
            // A sibling, on a thread of its own.
            elsewhere(|| {
                let _ = poll(&mut wakes(1, &there));
            });
        }
    });
    // In its first poll; and, after one that ends pending, in one that it was woken for.
    let _ = poll(&mut waiting);
    assert_eq!(waited_and_ready(), (0, 0));
    let _ = poll(&mut waiting);
    world.passes(7);
    elsewhere(|| left.wake());
    take();
    let _ = poll(&mut waiting);
    assert_eq!(waited_and_ready(), (0, 0));
}

#[test]
fn who_is_done_waits_no_more() {
    let (world, left) = (World::at(MS), Left::default());
    let there = left.clone();
    let mut polls = 0;
    let mut done = branch(
        0,
        poll_fn(move |context| {
            there.leave(context);
            polls += 1;
            if polls == 2 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }),
    );
    let mut waking = wakes(1, &left);
    // The last poll is one that nobody woke it for.
    assert!(poll(&mut done).is_pending());
    assert!(poll(&mut done).is_ready());
    world.passes(5);
    let _ = poll(&mut waking);
    assert_eq!(waited_and_ready(), (0, 0));
}

#[test]
fn the_longest_that_one_was_ready_is_told() {
    let (world, left, mut waiting, _waking) = five_milliseconds_later();
    for ms in [2, 6, 3] {
        left.wake();
        world.passes(ms);
        let _ = poll(&mut waiting);
    }
    assert_eq!(waited_and_ready(), (0, 6));
    assert_eq!(take(), Told::default());
}

#[test]
fn a_branch_within_a_branch_hands_the_thread_back() {
    // It is the outer one that wakes: itself, or a sibling.
    for (woken, waited) in [(0, 0), (2, 5)] {
        let (world, left) = (World::at(MS), Left::default());
        let mut waiting = waits(woken, &left, || ());
        let mut outer = branch(
            0,
            poll_fn(|_| -> Poll<()> {
                assert!(poll(&mut branch(1, ready(()))).is_ready());
                left.wake();
                Poll::Pending
            }),
        );
        let _ = poll(&mut waiting);
        world.passes(5);
        let _ = poll(&mut outer);
        assert_eq!(waited_and_ready(), (waited, 0));
    }
}

#[test]
fn a_panic_hands_the_thread_back() {
    let (_world, left, _waiting, _waking) = five_milliseconds_later();
    let mut panics = branch(1, poll_fn(|_| -> Poll<()> { panic!("as it may") }));
    let caught = catch_unwind(AssertUnwindSafe(|| poll(&mut panics)));
    assert!(caught.is_err());
    left.wake();
    assert_eq!(waited_and_ready(), (0, 0));
}

#[test]
fn branches_that_do_not_wait_for_each_other_are_not_watched() {
    let (world, left) = (World::at(MS), Left::default());
    let there = left.clone();
    let mut waiting: Branch<_, false> = Box::pin(Waking::new(
        0,
        poll_fn(move |context| -> Poll<()> {
            there.leave(context);
            Poll::Pending
        }),
    ));
    let _ = poll(&mut waiting);
    world.passes(5);
    let _ = poll(&mut wakes(1, &left));
    assert_eq!(take(), Told::default());
}

#[test]
fn a_branch_that_needs_no_waker_is_larger_by_little() {
    let branch = Waking::<Of<false>, _>::new(0, pending::<()>());
    let (bare, pointer) = (size_of_val(&pending::<()>()), size_of::<usize>());
    assert!(size_of_val(&branch) <= bare + 2 * pointer);
}
