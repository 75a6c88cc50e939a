//! A place in a program whose calls are watched.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

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
/// A service that is to be watched all the time watches some of its calls:
///
/// ```
/// # use poll_witness::Site;
/// static SEARCH: Site = Site::new("search").one_in(100).workers(8);
/// ```
#[derive(Debug)]
pub struct Site {
    name: &'static str,
    one_in: u32,
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
        let before = self.calls.fetch_add(1, Ordering::Relaxed);
        if before % u64::from(self.one_in) != 0 {
            return Call::new(None);
        }
        if self.tally.watching() >= self.at_once {
            self.tally.passes_over();
            return Call::new(None);
        }
        let clock = clock().clone();
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
