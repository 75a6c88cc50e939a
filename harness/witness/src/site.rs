//! A place in a program whose calls are watched.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use quanta::Clock;

use crate::{
    call::{Call, Limits, Watched},
    lanes::clock,
    tally::{Tally, Totals},
};

/// Whether any site watches.
static ENABLED: AtomicBool = AtomicBool::new(true);

/// Switches watching on or off, for all sites and from the next call on. It is on at first.
pub fn enable(on: bool) {
    ENABLED.store(on, Ordering::Relaxed);
}

/// A place in a program whose calls are watched: a handler, a job, a step of one. It stands in a `static`, since it
/// adds its calls up.
///
/// ```
/// use poll_witness::{Site, Witness as _};
///
/// static CHECKOUT: Site = Site::new("checkout");
///
/// # async fn fetch() -> u8 { 1 }
/// # async fn render() -> u8 { 2 }
/// # futures_lite::future::block_on(async {
/// let call = CHECKOUT.enter();
/// let sum = call
///     .scope(async {
///         let fetched = fetch().witness(&call, "fetch");
///         let rendered = render().witness(&call, "render");
///         let (a, b) = futures_lite::future::zip(fetched, rendered).await;
///         a + b
///     })
///     .await;
/// println!("{}", call.finish());
/// # assert_eq!(sum, 3);
/// # });
/// # #[cfg(not(feature = "off"))]
/// # assert_eq!(CHECKOUT.totals().watched, 1);
/// ```
///
/// A service that is to be watched all the time watches some of its calls: one of so many, so many a second, or both.
///
/// ```
/// # use poll_witness::Site;
/// static SEARCH: Site = Site::new("search").one_in(100).per_second(5).workers(8);
/// ```
#[derive(Debug)]
pub struct Site {
    name: &'static str,
    one_in: u32,
    rate: Option<Rate>,
    at_once: u32,
    workers: Option<u32>,
    limits: Limits,
    on: AtomicBool,
    calls: AtomicU64,
    tally: Tally,
}

impl Site {
    /// A site of this name that watches each call, of at most 64 at once.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            one_in: 1,
            rate: None,
            at_once: 64,
            workers: None,
            limits: Limits::USUAL,
            on: AtomicBool::new(true),
            calls: AtomicU64::new(0),
            tally: Tally::new(),
        }
    }

    /// Watches the first of so many calls, and then the first of so many again. 0 is taken for 1.
    #[must_use]
    pub const fn one_in(mut self, calls: u32) -> Self {
        self.one_in = if calls == 0 { 1 } else { calls };
        self
    }

    /// Watches at most so many calls a second, each at least that part of a second after the one before, however many
    /// there are: so what watching costs is bounded where nobody knows how busy the service will be. 0 is taken for 1.
    ///
    /// Beside [`one_in`](Self::one_in) it chooses among the calls that are left by that.
    #[must_use]
    pub const fn per_second(mut self, calls: u32) -> Self {
        self.rate = Some(Rate::new(calls));
        self
    }

    /// Watches at most so many calls at the same time, which bounds what watching takes: some 700 KB a call if it is
    /// polled that often. Others that would have had their turn are counted as passed over.
    #[must_use]
    pub const fn at_once(mut self, calls: u32) -> Self {
        self.at_once = calls;
        self
    }

    /// Keeps at most so many polls of a call, of 40 bytes each; 16,384 unless it is said. A call with more of them has
    /// no diagnosis.
    #[must_use]
    pub const fn polls(mut self, most: u32) -> Self {
        self.limits.polls = most;
        self
    }

    /// Says how many threads execute what is spawned here: what spawning would gain depends on it. Otherwise tokio is
    /// asked, with the feature `tokio`, or the threads that were seen are counted.
    #[must_use]
    pub const fn workers(mut self, count: u32) -> Self {
        self.workers = Some(count);
        self
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Switches this site on or off, from the next call on. It is on at first.
    pub fn switch(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    /// Begins a call, which is watched if it is its turn.
    pub fn enter(&'static self) -> Call {
        if cfg!(feature = "off")
            || !ENABLED.load(Ordering::Relaxed)
            || !self.on.load(Ordering::Relaxed)
        {
            return Call::new(None);
        }
        self.enter_by(clock)
    }

    /// The clock is asked for only where it is needed.
    fn enter_by<'a>(&'static self, clock: impl FnOnce() -> &'a Clock) -> Call {
        let before = self.calls.fetch_add(1, Ordering::Relaxed);
        if before % u64::from(self.one_in) != 0 {
            return Call::new(None);
        }
        let clock = clock();
        let is_due = |rate: &Rate| rate.is_due(clock.delta_as_nanos(0, clock.raw()));
        if !self.rate.as_ref().is_none_or(is_due) {
            return Call::new(None);
        }
        if self.tally.watching() >= self.at_once {
            self.tally.passes_over();
            return Call::new(None);
        }
        let clock = clock.clone();
        let watched = Watched::begin(self.name, &self.tally, self.workers, self.limits, clock);
        Call::new(Some(watched))
    }

    /// What its calls add up to.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.tally
            .totals(self.name, self.calls.load(Ordering::Relaxed))
    }
}

/// At most so many turns a second, evenly spaced.
#[derive(Debug)]
struct Rate {
    /// Nanoseconds between two turns.
    apart: u64,
    /// When the next may be had, in nanoseconds of the clock that is asked.
    due: AtomicU64,
}

impl Rate {
    const fn new(per_second: u32) -> Self {
        let per_second = if per_second == 0 { 1 } else { per_second };
        Self {
            // Rounded up: at most so many.
            apart: 1_000_000_000_u64.div_ceil(per_second as u64),
            due: AtomicU64::new(0),
        }
    }

    /// Whether a turn may be had now. Who is told so has taken it.
    fn is_due(&self, now_ns: u64) -> bool {
        // Relaxed: the word is whole in itself. Of two who ask at once, one finds it changed.
        let due = self.due.load(Ordering::Relaxed);
        now_ns >= due
            && self
                .due
                .compare_exchange(
                    due,
                    now_ns.saturating_add(self.apart),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                )
                .is_ok()
    }
}

#[cfg(all(test, not(any(witness_loom, feature = "off"))))]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// Enters a call each so many milliseconds of a made-up clock: how many of so many are watched.
    fn watched(site: &'static Site, calls: u32, each_ns: u64) -> usize {
        let (clock, mock) = Clock::mock();
        mock.increment(7 * MS);
        let turns = (0..calls).filter(|_| {
            mock.increment(each_ns);
            let call = site.enter_by(|| &clock);
            let is_watched = call.is_watched();
            drop(call.finish());
            is_watched
        });
        turns.count()
    }

    #[test]
    fn a_busy_site_watches_so_many_a_second_and_a_quiet_one_all() {
        static BUSY: Site = Site::new("busy").per_second(10);
        static QUIET: Site = Site::new("quiet").per_second(10);
        // A second of a call each millisecond: at 0, 100, ... 900 ms.
        assert_eq!(watched(&BUSY, 1_000, MS), 10);
        assert_eq!(BUSY.totals().calls, 1_000);
        assert_eq!(watched(&QUIET, 30, 100 * MS), 30, "just not too many");
    }

    #[test]
    fn turns_that_nobody_took_are_not_saved_up() {
        let rate = Rate::new(2);
        let second = 1_000 * MS;
        assert!(rate.is_due(3_600 * second));
        assert!(!rate.is_due(3_600 * second));
        assert!(!rate.is_due(3_600 * second + 500 * MS - 1));
        assert!(rate.is_due(3_600 * second + 500 * MS));
        assert!(!rate.is_due(3_600 * second + 999 * MS));
    }

    #[test]
    fn never_more_than_so_many() {
        assert_eq!(Rate::new(3).apart, 333_333_334);
        assert_eq!(Rate::new(0).apart, 1_000 * MS, "0 is taken for 1");
        assert_eq!(Rate::new(u32::MAX).apart, 1);
    }

    #[test]
    fn one_in_so_many_is_asked_first() {
        static BOTH: Site = Site::new("both").one_in(4).per_second(100);
        // The calls at 0, 4, 8, 12, 16, ... ms; of these, those 10 ms apart.
        assert_eq!(watched(&BOTH, 40, MS), 4);
    }

    #[test]
    fn what_is_passed_over_had_its_turn() {
        static FULL: Site = Site::new("full").per_second(10).at_once(1);
        let (clock, mock) = Clock::mock();
        let held = FULL.enter_by(|| &clock);
        mock.increment(50 * MS);
        assert!(!FULL.enter_by(|| &clock).is_watched(), "not its turn");
        mock.increment(50 * MS);
        assert!(!FULL.enter_by(|| &clock).is_watched(), "no room");
        assert_eq!(FULL.totals().passed_over, 1);
        drop(held.finish());
    }
}
