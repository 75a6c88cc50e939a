//! What a thread did during a long poll: computed, or held its core without using it, or waited for one.
//!
//! Reading the thread's CPU clock takes some twenty times as long as reading the clock on the wall. So it is read only
//! when a poll begins and the last reading is older than [`OFTEN_NS`], and when a poll ends that was longer than that:
//! a thread that polls and polls pays for it ten thousand times a second at most.

use std::{cell::Cell, thread::ThreadId};

use quanta::Clock;

/// A reading is fresh for so long; polls up to this length are not looked into.
pub(crate) const OFTEN_NS: u64 = 100_000;

/// What the system has counted for a thread so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// CPU time, in nanoseconds.
    pub(crate) cpu_ns: u64,
    /// How often it gave its core away, to wait for something.
    pub(crate) voluntary: u64,
    /// How often its core was taken from it.
    pub(crate) involuntary: u64,
}

/// What a thread had done when a poll began, or shortly before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Anchor {
    at: u64,
    reading: Option<Reading>,
}

thread_local! {
    static LAST: Cell<Anchor> = const { Cell::new(Anchor { at: 0, reading: None }) };
}

/// How many ticks of the clock [`OFTEN_NS`] are.
pub(crate) fn often(clock: &Clock) -> u64 {
    const SOME: u64 = 1 << 32;
    let ns = clock.delta_as_nanos(0, SOME).max(1);
    let ticks = u128::from(OFTEN_NS) * u128::from(SOME) / u128::from(ns);
    u64::try_from(ticks).unwrap_or(u64::MAX)
}

/// To be asked when a poll begins, at tick `now`.
#[inline]
pub(crate) fn before(now: u64, often: u64) -> Anchor {
    let last = LAST.get();
    if now.wrapping_sub(last.at) <= often {
        last
    } else {
        read_at(now)
    }
}

/// To be asked when a long poll ends, at tick `now`: what the thread did since `anchor`, as [`Spent::packed`].
#[cold]
pub(crate) fn after(anchor: Anchor, now: u64) -> u64 {
    let read = read_at(now);
    let spent = anchor.reading.zip(read.reading).map(|(from, to)| Spent {
        cpu_ns: to.cpu_ns.saturating_sub(from.cpu_ns),
        voluntary: to.voluntary.saturating_sub(from.voluntary),
        involuntary: to.involuntary.saturating_sub(from.involuntary),
    });
    spent.map_or(0, Spent::packed)
}

#[cold]
fn read_at(now: u64) -> Anchor {
    let anchor = Anchor {
        at: now,
        reading: read(),
    };
    LAST.set(anchor);
    anchor
}

/// What a thread did in a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) cpu_ns: u64,
    pub(crate) voluntary: u64,
    pub(crate) involuntary: u64,
}

const BITS_OF_SWITCHES: u32 = 12;
const MOST_SWITCHES: u64 = (1 << BITS_OF_SWITCHES) - 1;
const BITS_OF_CPU: u32 = 39;
const TOLD: u64 = 1 << 63;

impl Spent {
    /// One word, and never 0, which stands for "not looked into". CPU time up to nine minutes, switches up to 4,095.
    fn packed(self) -> u64 {
        TOLD | self.cpu_ns.min((1 << BITS_OF_CPU) - 1) << (2 * BITS_OF_SWITCHES)
            | self.voluntary.min(MOST_SWITCHES) << BITS_OF_SWITCHES
            | self.involuntary.min(MOST_SWITCHES)
    }

    pub(crate) fn unpacked(word: u64) -> Option<Self> {
        (word & TOLD != 0).then_some(Self {
            cpu_ns: (word & !TOLD) >> (2 * BITS_OF_SWITCHES),
            voluntary: word >> BITS_OF_SWITCHES & MOST_SWITCHES,
            involuntary: word & MOST_SWITCHES,
        })
    }
}

/// How long this thread has been ready to run without having a core, in nanoseconds and up to now. It is a microsecond's
/// work, so it is for the two ends of a call.
#[cfg(all(target_os = "linux", not(test)))]
pub(crate) fn without_a_core() -> Option<(ThreadId, u64)> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let ns = text.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some((std::thread::current().id(), ns))
}

#[cfg(not(all(target_os = "linux", not(test))))]
pub(crate) fn without_a_core() -> Option<(ThreadId, u64)> {
    None
}

/// Whether this system tells at all.
pub(crate) const TELLS: bool = cfg!(target_os = "linux");

#[cfg(all(target_os = "linux", not(test)))]
fn read() -> Option<Reading> {
    system()
}

#[cfg(target_os = "linux")]
fn system() -> Option<Reading> {
    use nix::{
        sys::resource::{UsageWho, getrusage},
        time::{ClockId, clock_gettime},
    };
    let cpu = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).ok()?;
    let usage = getrusage(UsageWho::RUSAGE_THREAD).ok()?;
    let ns =
        u64::try_from(cpu.tv_sec()).ok()? * 1_000_000_000 + u64::try_from(cpu.tv_nsec()).ok()?;
    Some(Reading {
        cpu_ns: ns,
        voluntary: u64::try_from(usage.voluntary_context_switches()).ok()?,
        involuntary: u64::try_from(usage.involuntary_context_switches()).ok()?,
    })
}

#[cfg(not(any(target_os = "linux", test)))]
fn read() -> Option<Reading> {
    None
}

#[cfg(test)]
use fake::read;
#[cfg(test)]
pub(crate) use fake::{forget, say};

/// What a test says that the thread has done.
#[cfg(test)]
mod fake {
    use super::*;

    thread_local! {
        static FAKE: Cell<Option<Reading>> = const { Cell::new(None) };
    }

    /// What was read before is forgotten.
    pub(crate) fn forget() {
        LAST.set(Anchor::default());
    }

    /// From now on the system says this of the calling thread.
    pub(crate) fn say(reading: Reading) {
        FAKE.set(Some(reading));
    }

    pub(super) fn read() -> Option<Reading> {
        FAKE.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(cpu_ns: u64) {
        say(Reading {
            cpu_ns,
            ..Reading::default()
        });
    }

    #[test]
    fn a_fresh_reading_serves_and_an_old_one_is_renewed() {
        says(5);
        let first = before(1_000_000, 100);
        says(77);
        assert_eq!(before(1_000_100, 100).reading, first.reading, "fresh");
        assert_eq!(before(1_000_101, 100).reading.unwrap().cpu_ns, 77, "old");
    }

    #[test]
    fn what_was_spent_is_counted_from_the_anchor() {
        says(5);
        let anchor = before(1_000_000, 100);
        says(25);
        let spent = Spent::unpacked(after(anchor, 1_000_500)).unwrap();
        assert_eq!((spent.cpu_ns, spent.voluntary), (20, 0));
        assert_eq!(
            before(1_000_510, 100).reading.unwrap().cpu_ns,
            25,
            "read again at the end"
        );
    }

    #[test]
    fn a_word_holds_what_was_spent() {
        let some = Spent {
            cpu_ns: 123_456_789,
            voluntary: 50,
            involuntary: 3,
        };
        assert_eq!(Spent::unpacked(some.packed()), Some(some));
        let nothing = Spent {
            cpu_ns: 0,
            voluntary: 0,
            involuntary: 0,
        };
        assert_eq!(Spent::unpacked(nothing.packed()), Some(nothing));
        assert_eq!(Spent::unpacked(0), None);
        let most = Spent {
            cpu_ns: u64::MAX,
            voluntary: u64::MAX,
            involuntary: u64::MAX,
        };
        let most = Spent::unpacked(most.packed()).unwrap();
        assert_eq!((most.voluntary, most.involuntary), (4095, 4095));
        assert!(most.cpu_ns > 500_000_000_000);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_tells_sleeping_from_computing() {
        let start = system().unwrap();
        for _ in 0..3 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let slept = system().unwrap();
        assert!(
            slept.voluntary >= start.voluntary + 3,
            "{start:?} {slept:?}"
        );
        let before = slept.cpu_ns;
        while system().unwrap().cpu_ns < before + 1_000_000 {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn ticks_of_a_mocked_clock_are_nanoseconds() {
        assert_eq!(often(&Clock::mock().0), OFTEN_NS);
    }
}
