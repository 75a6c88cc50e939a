//! Since when a branch is ready to be polled, and who made it so.

use crate::sync::{AtomicU64, Ordering};

/// Who was being polled on the thread that did something: a branch of the call, its scope, or nobody of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Who(u32);

impl Who {
    /// Nobody of this call: a timer, a socket, another task.
    pub(crate) const OUTSIDE: Self = Self(0);
    /// The scope, between the polls of its branches.
    pub(crate) const SCOPE: Self = Self(1);
    /// Branches past this one are not told apart from outside.
    const LAST: u32 = (1 << BITS_OF_WHO) - 3;

    /// The branch of this number.
    pub(crate) const fn branch(number: u32) -> Self {
        if number > Self::LAST {
            Self::OUTSIDE
        } else {
            Self(number + 2)
        }
    }

    /// Its number, if it is a branch.
    pub(crate) const fn number(self) -> Option<u32> {
        self.0.checked_sub(2)
    }

    pub(crate) const fn code(self) -> u32 {
        self.0
    }

    pub(crate) const fn of_code(code: u32) -> Self {
        Self(code)
    }
}

const BITS_OF_WHO: u32 = 20;
/// Ticks that fit beside: at 3 GHz an hour and a half. What is woken later is woken then.
const MOST_TICKS: u64 = (1 << (64 - BITS_OF_WHO)) - 1;

/// When something was woken, in ticks since its call began, and by whom: one word, so that it is read and written whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wake {
    pub(crate) ticks: u64,
    pub(crate) by: Who,
}

impl Wake {
    /// Never 0, which stands for none.
    pub(crate) fn packed(self) -> u64 {
        self.ticks.clamp(1, MOST_TICKS) << BITS_OF_WHO | u64::from(self.by.0)
    }

    pub(crate) fn unpacked(word: u64) -> Option<Self> {
        let who = (word & ((1 << BITS_OF_WHO) - 1)) as u32;
        (word != 0).then_some(Self {
            ticks: word >> BITS_OF_WHO,
            by: Who(who),
        })
    }
}

/// The first wake since the last poll began. Later ones make nothing readier than it is.
///
/// All orders are relaxed: the word is whole in itself, and that the poll which a wake leads to sees it follows from
/// the executor, which orders every wake before the poll that it causes.
#[derive(Debug)]
pub(crate) struct Woken(AtomicU64);

impl Woken {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Notes a wake, unless there has been one already. The time is asked for only where it is needed.
    #[inline]
    pub(crate) fn note(&self, wake: impl FnOnce() -> Wake) {
        if self.0.load(Ordering::Relaxed) == 0 {
            let word = wake().packed();
            // Whoever else was first stays first.
            let _ = self
                .0
                .compare_exchange(0, word, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// The wake that there was, as one word, and forgets it: 0 is none. What wakes from now on is for the next poll.
    #[inline]
    pub(crate) fn take(&self) -> u64 {
        // Most polls of a join were woken for a sibling; these need no write.
        if self.0.load(Ordering::Relaxed) == 0 {
            0
        } else {
            self.0.swap(0, Ordering::Relaxed)
        }
    }
}

#[cfg(all(test, not(witness_loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_first_wake_counts_until_it_is_taken() {
        let woken = Woken::new();
        assert_eq!(woken.take(), 0);
        let first = Wake {
            ticks: 17,
            by: Who::branch(3),
        };
        woken.note(|| first);
        woken.note(|| panic!("not asked for the time again"));
        assert_eq!(Wake::unpacked(woken.take()), Some(first));
        assert_eq!(Wake::unpacked(woken.take()), None);
    }

    #[test]
    fn the_edges_of_the_word() {
        for by in [
            Who::OUTSIDE,
            Who::SCOPE,
            Who::branch(0),
            Who::branch(Who::LAST),
        ] {
            for ticks in [1, 2, MOST_TICKS] {
                let wake = Wake { ticks, by };
                assert_eq!(Wake::unpacked(wake.packed()), Some(wake));
            }
        }
        let at_once = Wake {
            ticks: 0,
            by: Who::OUTSIDE,
        };
        assert_ne!(at_once.packed(), 0);
        for ticks in [MOST_TICKS + 1, u64::MAX] {
            let by = Who::SCOPE;
            let late = Wake { ticks, by }.packed();
            assert_eq!(Wake::unpacked(late).unwrap().ticks, MOST_TICKS);
        }
        assert_eq!(Who::branch(u32::MAX), Who::OUTSIDE);
        assert_eq!(Who::branch(5).number(), Some(5));
        assert_eq!(Who::SCOPE.number(), None);
    }
}

/// Run by `RUSTFLAGS="--cfg witness_loom" cargo test -p poll-witness --release loom`: every order of what two wakers and a poll do.
#[cfg(all(test, witness_loom))]
mod loom_tests {
    use super::*;
    use loom::{sync::Arc, thread};

    #[test]
    fn loom_of_two_wakers_one_is_first_and_no_wake_is_taken_twice() {
        loom::model(|| {
            let woken = Arc::new(Woken::new());
            let wakers: Vec<_> = [1, 2]
                .map(|ticks| {
                    let woken = Arc::clone(&woken);
                    let by = Who::OUTSIDE;
                    thread::spawn(move || woken.note(|| Wake { ticks, by }))
                })
                .into_iter()
                .collect();
            let during = woken.take();
            for waker in wakers {
                waker.join().unwrap();
            }
            let after = woken.take();
            assert_eq!(woken.take(), 0);
            assert!(during != 0 || after != 0, "a wake was lost");
            assert_ne!(during, after, "taken twice");
        });
    }
}
