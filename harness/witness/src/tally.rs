//! What the calls of a site add up to.

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use crate::{
    report::Report,
    rules::{Cause, Class, text::counted},
};

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
    diagnoses: Vec<Times>,
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
        let found = &report.diagnosis;
        let is_it = |known: &&mut Times| {
            (known.class, known.cause, known.done) == (found.class, found.cause, found.done)
        };
        match sums.diagnoses.iter_mut().find(is_it) {
            Some(known) => known.times += 1,
            None => sums.diagnoses.push(Times {
                class: found.class,
                cause: found.cause,
                done: found.done,
                remedy: found.remedy,
                times: 1,
            }),
        }
        // One that is not decided says little, however long it took.
        let rank = |report: &Report| (report.diagnosis.class != Class::NotDecided, report.wall_ns);
        if sums
            .slowest
            .as_deref()
            .is_none_or(|slowest| rank(report) >= rank(slowest))
        {
            sums.slowest = Some(Box::new(report.clone()));
        }
    }

    pub(crate) fn totals(&self, site: &'static str, calls: u64) -> Totals {
        let sums = self.sums();
        let mut diagnoses = sums.diagnoses.clone();
        // Of equals the one that was first seen first.
        diagnoses.sort_by_key(|known| std::cmp::Reverse(known.times));
        Totals {
            site,
            calls,
            watched: sums.finished,
            passed_over: self.passed_over.load(Ordering::Relaxed),
            abandoned: self.abandoned.load(Ordering::Relaxed),
            with_losses: sums.with_losses,
            diagnoses,
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
    /// The watched call that took longest, whole: of those that were decided, if any was.
    pub slowest: Option<Report>,
}

/// How often a diagnosis was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Times {
    /// The class.
    pub class: Class,
    /// Its cause, where something told.
    pub cause: Option<Cause>,
    /// Whether nothing was left to do.
    pub done: bool,
    /// What to do, of the first such call.
    pub remedy: &'static str,
    /// Calls.
    pub times: u64,
}

impl Totals {
    /// What to do about the site, and of how many calls that was said: the most frequent of the diagnoses that ask for
    /// something. `None` where no call that was decided asks for anything.
    #[must_use]
    pub fn asks(&self) -> Option<&Times> {
        let asks = |found: &&Times| found.class != Class::NotDecided && !found.done;
        self.diagnoses.iter().find(asks)
    }

    fn decided(&self) -> u64 {
        let decided = self
            .diagnoses
            .iter()
            .filter(|found| found.class != Class::NotDecided);
        decided.map(|found| found.times).sum()
    }
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
        for found in &self.diagnoses {
            let done = if found.done {
                ", and it is done so"
            } else {
                ""
            };
            let title = found.class.with(found.cause);
            writeln!(f, "  {:>6}  {title}{done}", found.times)?;
        }
        match (self.asks(), self.decided()) {
            _ if self.diagnoses.is_empty() => {}
            (None, 0) => writeln!(f, "  → {}", Class::NotDecided.remedy())?,
            (None, _) => writeln!(f, "  → Leave it as it is.")?,
            (Some(Times { remedy, times, .. }), decided) => writeln!(
                f,
                "  → {remedy} (said by {times} of the {} decided)",
                counted(decided, "call")
            )?,
        }
        if let Some(slowest) = &self.slowest {
            write!(f, "the slowest:\n{slowest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(class: Class, cause: Option<Cause>, done: bool, times: u64) -> Times {
        let remedy = cause.map_or_else(|| class.remedy(), Cause::remedy);
        Times {
            class,
            cause,
            done,
            remedy,
            times,
        }
    }

    fn says(diagnoses: Vec<Times>) -> String {
        let totals = Totals {
            site: "checkout",
            calls: 40,
            watched: 40,
            passed_over: 0,
            abandoned: 0,
            with_losses: 0,
            diagnoses,
            slowest: None,
        };
        totals.to_string()
    }

    /// What is asked for most often among the calls that were decided, though most were not, or want nothing.
    #[test]
    fn many_calls_come_to_one_remedy() {
        let undecided = || times(Class::NotDecided, None, false, 23);
        let joined = || times(Class::ComposeIsEnough, None, true, 9);
        let spawn = times(Class::SpawnNeeded, None, false, 7);
        let in_turn = Some(Cause::AwaitedAtOnce);
        let in_turn = times(Class::AwaitedOneAfterTheOther, in_turn, false, 1);
        let all = says(vec![undecided(), joined(), spawn, in_turn]);
        assert_eq!(
            all,
            "checkout: 40 of 40 calls watched\n      23  not decided\n       9  compose is enough, and it is done so\n       \
             7  spawn needed\n       1  awaited one after the other: each awaited right after its spawn\n  → Spawn it, and \
             await its handle where the result is needed. (said by 7 of the 17 calls decided)\n"
        );
        assert!(says(vec![undecided(), joined()]).ends_with("  → Leave it as it is.\n"));
        let none = says(vec![undecided()]);
        assert!(none.contains("→ Measure again"), "{none}");
        assert_eq!(says(Vec::new()).lines().count(), 1);
    }
}
