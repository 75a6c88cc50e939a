//! What branches wait for and where they count.
//!
//! All of it is made before anything is put together, so that a branch allocates nothing, and what is allocated meanwhile is
//! the idiom's.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    task::Waker,
    thread,
    time::{Duration, Instant},
};

use workload_api::mix;

/// No more polls than this are made one by one: an idiom that polls every branch at every wake would be at it for hours with
/// 100 000 of them, and what it does is known by then.
const MOST_POLLS: u64 = 3_000_000;

/// Nor is it at it for longer: some look through a list of all of them at every wake, and poll one.
const LONGEST: Duration = Duration::from_secs(1);

/// So long the first branch stays in its poll, waiting for another to be polled beside it.
const MEETING: Duration = Duration::from_millis(50);

/// What wakes the branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waking {
    /// They need not wait: each is done when it is polled first. The first of all stays in that poll until another is polled
    /// beside it, or `MEETING` has passed.
    Ready,
    /// One is woken when the task that polls all of them has nothing else to do.
    WhenIdle,
    /// One is woken when all have begun, and each wakes the next as it ends.
    InTurn,
}

/// Which branch fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fails {
    /// None.
    None,
    /// The first, which is woken first.
    First,
    /// The last of those that wait when the first is to be woken; it is woken in its place.
    Last,
}

/// Where a branch stands.
#[derive(Debug)]
enum Place {
    /// Not polled yet.
    New,
    Waiting(Waker),
    Woken,
    /// At its end, or dropped before.
    Gone,
}

/// What the branches of one run have in common.
#[derive(Debug)]
pub struct World {
    made: Instant,
    nonce: u64,
    waking: Waking,
    fails: Fails,
    places: Vec<Mutex<Place>>,
    /// The branch that fails.
    failing: AtomicUsize,
    /// Those before it have been woken.
    next: Mutex<usize>,
    /// Whether the first has stayed in its poll.
    met: AtomicBool,
    /// Whether one has failed, and the next was not woken.
    held: AtomicBool,
    polls: AtomicU64,
    parent_polls: AtomicU64,
    wakes: AtomicU64,
    begun: AtomicU64,
    ended: AtomicU64,
    dropped: AtomicU64,
    waiting: AtomicU64,
    most_waiting: AtomicU64,
    inside: AtomicU32,
    most_inside: AtomicU32,
}

/// What has been counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Polls of branches.
    pub polls: u64,
    /// Polls of what they were put together in.
    pub parent_polls: u64,
    /// Branches that were woken.
    pub wakes: u64,
    /// Branches that were polled at all.
    pub begun: u64,
    /// Branches that came to their end, failed or not.
    pub ended: u64,
    /// Branches that were dropped before.
    pub dropped: u64,
    /// Branches that had begun and not ended, at most.
    pub most_waiting: u64,
    /// Branches that were in a poll at one instant, at most.
    pub most_inside: u32,
}

impl World {
    /// Of so many branches.
    #[must_use]
    pub fn new(branches: usize, nonce: u64, waking: Waking, fails: Fails) -> Self {
        let place = || match waking {
            Waking::Ready => Place::Woken,
            Waking::WhenIdle | Waking::InTurn => Place::New,
        };
        Self {
            made: Instant::now(),
            nonce,
            waking,
            fails,
            places: (0..branches).map(|_| Mutex::new(place())).collect(),
            failing: AtomicUsize::new(usize::MAX),
            next: Mutex::new(0),
            met: AtomicBool::new(false),
            held: AtomicBool::new(false),
            polls: AtomicU64::new(0),
            parent_polls: AtomicU64::new(0),
            wakes: AtomicU64::new(0),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
            most_waiting: AtomicU64::new(0),
            inside: AtomicU32::new(0),
            most_inside: AtomicU32::new(0),
        }
    }

    /// What the branch of this index answers.
    #[must_use]
    pub fn answer(&self, index: usize) -> u64 {
        mix(self.nonce, index as u64)
    }

    /// What has been counted.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            polls: self.polls.load(Relaxed),
            parent_polls: self.parent_polls.load(Relaxed),
            wakes: self.wakes.load(Relaxed),
            begun: self.begun.load(Relaxed),
            ended: self.ended.load(Relaxed),
            dropped: self.dropped.load(Relaxed),
            most_waiting: self.most_waiting.load(Relaxed),
            most_inside: self.most_inside.load(Relaxed),
        }
    }

    /// Whether every branch has come to its end or was dropped.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let counts = self.counts();
        counts.ended + counts.dropped == self.places.len() as u64
    }

    /// Wakes every branch that is still there, and those that have not begun need not wait.
    pub fn wake_all(&self) {
        // Nobody needs to be looked for any longer.
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = self.places.len();
        for index in 0..self.places.len() {
            self.wake(index);
        }
    }

    /// Whether branches that are woken in turn are not, since one has failed.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.load(Relaxed)
    }

    /// Lets them go on.
    pub fn go_on(&self) {
        if self.held.swap(false, Relaxed) && self.waking == Waking::InTurn {
            self.wake_next();
        }
    }

    /// Wakes the next branch in the order of their indices, if one waits.
    pub(crate) fn wake_next(&self) {
        let index = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let first = *next == 0 && self.failing.load(Relaxed) == usize::MAX;
            match self.fails {
                Fails::Last if first => self.last_waiting(),
                Fails::First if first => Some(0),
                _ => {
                    let waits = |index: &usize| matches!(*self.place(*index), Place::Waiting(_));
                    let index = (*next..self.places.len()).find(waits);
                    // What lies between is at its end, or woken: those that have not begun come after those that wait.
                    *next = index.map_or(*next, |index| index + 1);
                    index
                }
            }
        };
        let Some(index) = index else { return };
        if self.fails != Fails::None && self.failing.load(Relaxed) == usize::MAX {
            self.failing.store(index, Relaxed);
        }
        self.wakes.fetch_add(1, Relaxed);
        self.wake(index);
    }

    /// The index of the last branch that waits.
    fn last_waiting(&self) -> Option<usize> {
        let waits = |index: &usize| matches!(*self.place(*index), Place::Waiting(_));
        (0..self.places.len()).rev().find(waits)
    }

    fn wake(&self, index: usize) {
        let mut place = self.place(index);
        let waker = match &mut *place {
            Place::Waiting(_) | Place::New => match std::mem::replace(&mut *place, Place::Woken) {
                Place::Waiting(waker) => Some(waker),
                _ => None,
            },
            Place::Woken | Place::Gone => None,
        };
        drop(place);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn place(&self, index: usize) -> MutexGuard<'_, Place> {
        let place = self.places[index].lock();
        place.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn waking(&self) -> Waking {
        self.waking
    }

    pub(crate) fn parent_polled(&self) {
        self.parent_polls.fetch_add(1, Relaxed);
    }

    /// Whether there is nothing further to learn.
    pub(crate) fn is_enough(&self) -> bool {
        let one_task = self.waking == Waking::WhenIdle;
        one_task && (self.polls.load(Relaxed) > MOST_POLLS || self.made.elapsed() > LONGEST)
    }

    /// A branch is polled; whether it is done. `new` says that it was never polled before.
    pub(crate) fn polled(&self, index: usize, new: bool, waker: &Waker) -> Polled {
        let inside = self.inside.fetch_add(1, Relaxed) + 1;
        self.most_inside.fetch_max(inside, Relaxed);
        self.polls.fetch_add(1, Relaxed);
        if new {
            let waiting = self.waiting.fetch_add(1, Relaxed) + 1;
            self.most_waiting.fetch_max(waiting, Relaxed);
        }
        if self.waking == Waking::Ready && !self.met.swap(true, Relaxed) {
            self.stay();
        }
        let done = self.settle(index, waker);
        let all_begun = new && self.begun.fetch_add(1, Relaxed) + 1 == self.places.len() as u64;
        if done {
            self.waiting.fetch_sub(1, Relaxed);
            self.ended.fetch_add(1, Relaxed);
        }
        self.inside.fetch_sub(1, Relaxed);
        let failed = done && self.failing.load(Relaxed) == index;
        if failed {
            // Whoever waits for the failure is to see it before the others end.
            self.held.store(true, Relaxed);
        } else if self.waking == Waking::InTurn && (done || all_begun) {
            self.wake_next();
        }
        match done {
            false => Polled::Pending,
            true if failed => Polled::Failed,
            true => Polled::Done,
        }
    }

    /// Whether it was woken; otherwise it waits from now on.
    fn settle(&self, index: usize, waker: &Waker) -> bool {
        let mut place = self.place(index);
        match &mut *place {
            Place::Woken => {
                *place = Place::Gone;
                true
            }
            Place::Waiting(known) => {
                known.clone_from(waker);
                false
            }
            Place::New | Place::Gone => {
                *place = Place::Waiting(waker.clone());
                false
            }
        }
    }

    /// Stays where it is until somebody is beside it.
    fn stay(&self) {
        let began = Instant::now();
        while self.inside.load(Relaxed) < 2 && began.elapsed() < MEETING {
            thread::yield_now();
        }
    }

    /// A branch was dropped before its end.
    pub(crate) fn dropped(&self, index: usize, begun: bool) {
        let before = std::mem::replace(&mut *self.place(index), Place::Gone);
        // A waker may be the last that holds its task.
        drop(before);
        if begun {
            self.waiting.fetch_sub(1, Relaxed);
        }
        self.dropped.fetch_add(1, Relaxed);
    }
}

/// What came of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Polled {
    Pending,
    Done,
    Failed,
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, task::Context};

    use super::*;
    use crate::Branch;

    fn poll(branch: &mut Branch) -> Option<Result<u64, crate::Failed>> {
        use std::{future::Future, pin::Pin, task::Poll};
        let mut context = Context::from_waker(Waker::noop());
        match Pin::new(branch).poll(&mut context) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    fn tasks(branches: usize, fails: Fails) -> (Arc<World>, Vec<Branch>) {
        let world = Arc::new(World::new(branches, 7, Waking::InTurn, fails));
        let all = (0..branches).map(|index| Branch::new(&world, index));
        let all = all.collect();
        (world, all)
    }

    #[test]
    fn tasks_wake_each_other_once_all_have_begun() {
        let (world, mut all) = tasks(3, Fails::None);
        assert!(all.iter_mut().take(2).all(|branch| poll(branch).is_none()));
        assert_eq!(poll(&mut all[0]), None, "the third has not begun");
        assert_eq!(poll(&mut all[2]), None);
        assert_eq!(poll(&mut all[1]), None, "it is the turn of the first");
        for (index, branch) in all.iter_mut().enumerate() {
            assert_eq!(poll(branch), Some(Ok(world.answer(index))));
        }
        let counts = world.counts();
        assert_eq!((counts.wakes, counts.ended, counts.polls), (3, 3, 8));
        assert_eq!(counts.most_waiting, 3);
    }

    #[test]
    fn when_one_has_failed_the_others_wait_until_they_may_go_on() {
        let (world, mut all) = tasks(3, Fails::Last);
        assert!(all.iter_mut().all(|branch| poll(branch).is_none()));
        assert!(!world.is_held());
        assert_eq!(poll(&mut all[2]), Some(Err(crate::Failed)));
        assert!(world.is_held());
        assert_eq!(poll(&mut all[0]), None);
        world.go_on();
        assert_eq!(poll(&mut all[0]), Some(Ok(world.answer(0))));
        assert!(!world.is_over());
        drop(all);
        let counts = world.counts();
        assert_eq!((counts.ended, counts.dropped), (2, 1));
        assert!(world.is_over());
    }

    #[test]
    fn a_branch_that_never_began_is_woken_with_the_others() {
        let (world, mut all) = tasks(2, Fails::None);
        assert_eq!(poll(&mut all[0]), None);
        world.wake_all();
        assert!(all.iter_mut().all(|branch| poll(branch).is_some()));
        assert_eq!(world.counts().polls, 3);
    }
}
