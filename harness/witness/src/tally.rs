//! What the calls of a site add up to.

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use crate::{report::Report, rules::Class};

/// The part of a site that its calls write to.
#[derive(Debug)]
pub(crate) struct Tally {
    /// Calls whose recordings are held in memory.
    watching: AtomicU32,
    passed_over: AtomicU64,
    abandoned: AtomicU64,
    sums: Mutex<Sums>,
}

#[derive(Debug)]
struct Sums {
    finished: u64,
    with_losses: u64,
    diagnoses: Vec<(Class, u64)>,
    slowest: Option<Box<Report>>,
}

impl Tally {
    pub(crate) const fn new() -> Self {
        Self {
            watching: AtomicU32::new(0),
            passed_over: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
            sums: Mutex::new(Sums {
                finished: 0,
                with_losses: 0,
                diagnoses: Vec::new(),
                slowest: None,
            }),
        }
    }

    // The counters are for bounds and for people: none orders anything else.

    pub(crate) fn watching(&self) -> u32 {
        self.watching.load(Ordering::Relaxed)
    }

    pub(crate) fn begins(&self) {
        self.watching.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn ends(&self) {
        self.watching.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn passes_over(&self) {
        self.passed_over.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn abandoned(&self) {
        self.abandoned.fetch_add(1, Ordering::Relaxed);
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        // Numbers that are added to one by one: a panic elsewhere costs one of them at most.
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, report: &Report) {
        let mut sums = self.sums();
        sums.finished += 1;
        sums.with_losses += u64::from(report.lost_polls + report.lost_branches > 0);
        let class = report.diagnosis.class;
        match sums.diagnoses.iter_mut().find(|(known, _)| *known == class) {
            Some((_, times)) => *times += 1,
            None => sums.diagnoses.push((class, 1)),
        }
        let slowest = sums.slowest.as_ref().map_or(0, |slowest| slowest.wall_ns);
        if report.wall_ns >= slowest {
            sums.slowest = Some(Box::new(report.clone()));
        }
    }

    pub(crate) fn totals(&self, site: &'static str, calls: u64) -> Totals {
        let sums = self.sums();
        let mut diagnoses = sums.diagnoses.clone();
        // Of equals the one that was first seen first.
        diagnoses.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        Totals {
            site,
            calls,
            watched: sums.finished,
            passed_over: self.passed_over.load(Ordering::Relaxed),
            abandoned: self.abandoned.load(Ordering::Relaxed),
            with_losses: sums.with_losses,
            diagnoses: diagnoses
                .into_iter()
                .map(|(class, times)| Times { class, times })
                .collect(),
            slowest: sums.slowest.as_deref().cloned(),
        }
    }
}

/// What the calls of a site have come to so far; from [`Site::totals`](crate::Site::totals).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Totals {
    /// The site's name.
    pub site: &'static str,
    /// Calls that were entered while the site was switched on, watched or not.
    pub calls: u64,
    /// Calls that were watched and finished.
    pub watched: u64,
    /// Calls that would have been watched, but for others that were at the time.
    pub passed_over: u64,
    /// Calls that were watched and dropped before they were finished.
    pub abandoned: u64,
    /// Watched calls of which something was lost. They have no diagnosis.
    pub with_losses: u64,
    /// How often each diagnosis was found, the most frequent first.
    pub diagnoses: Vec<Times>,
    /// The watched call that took longest, whole.
    pub slowest: Option<Report>,
}

/// How often a diagnosis was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Times {
    /// The class.
    pub class: Class,
    /// Calls.
    pub times: u64,
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            site,
            calls,
            watched,
            ..
        } = self;
        write!(f, "{site}: {watched} of {calls} calls watched")?;
        for (count, what) in [
            (self.passed_over, "passed over"),
            (self.abandoned, "abandoned"),
            (self.with_losses, "with losses"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        writeln!(f)?;
        for Times { class, times } in &self.diagnoses {
            writeln!(f, "  {times:>6}  {}", class.name())?;
        }
        if let Some(slowest) = &self.slowest {
            write!(f, "the slowest:\n{slowest}")?;
        }
        Ok(())
    }
}
