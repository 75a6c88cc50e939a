//! A report as people read it.

use std::fmt;

use super::{
    BranchReport, Comparison, Placement, Report, Share,
    timeline::{self, letter},
};
use crate::{
    recorded::{By, Ending},
    rules::{
        Class, LONG_NS,
        text::{counted, ns},
    },
    what_if::Refused,
    workers::Known,
};

/// Branches that are shown, one a line: those that took most of the time.
const SHOWN: usize = 16;
/// A part of a branch's time that is too small to be told.
const WORTH_TELLING: f64 = 0.01;
/// A time foretold that is so much of the time now is no gain to speak of.
const NO_FASTER: f64 = 0.95;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.watched {
            return f.write_str("this call was not watched\n");
        }
        self.head(f)?;
        self.lines(f)?;
        self.figures(f)?;
        self.conclusion(f)
    }
}

impl Report {
    fn head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.placement {
            Placement::Composed => ", joined in one task",
            Placement::Placed => ", spawned",
            Placement::Mixed => ", some joined and some spawned",
            Placement::Unknown => "",
        };
        let branches = match self.branches.len() {
            1 => "1 branch".to_owned(),
            n => format!("{n} branches"),
        };
        writeln!(f, "{}: {}, {branches}{how}", self.site, ns(self.wall_ns))
    }

    /// The timeline, with what each branch did beside its line.
    fn lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown: Vec<(usize, &BranchReport)> = self.branches.iter().enumerate().collect();
        shown.sort_by_key(|(_, branch)| {
            std::cmp::Reverse(branch.polled_ns + branch.waiting_ns + branch.ready_ns)
        });
        shown.truncate(SHOWN);
        shown.sort_by_key(|(number, _)| *number);
        if shown.is_empty() {
            return Ok(());
        }
        let names = shown.iter().map(|(_, branch)| branch.name.chars().count());
        let width = names.max().unwrap_or(0).min(24);
        let lines = timeline::lines(self, shown.iter().copied());
        for ((number, branch), line) in shown.iter().zip(lines) {
            let (letter, name) = (letter(*number), &branch.name);
            writeln!(
                f,
                "  {letter} {name:width$.width$}  {line}  {}",
                self.of_branch(branch)
            )?;
        }
        let hidden = self.branches.len() - shown.len();
        if hidden > 0 {
            writeln!(f, "  and {hidden} more")?;
        }
        writeln!(
            f,
            "  {:width$}    0 to {}; {}",
            "",
            ns(self.span_ns),
            timeline::legend()
        )
    }

    fn of_branch(&self, branch: &BranchReport) -> String {
        let polls = match branch.polls.len() {
            0 => return "never polled".to_owned(),
            1 => format!("1 poll of {}", ns(branch.longest_poll_ns)),
            n => format!("{n} polls, the longest {}", ns(branch.longest_poll_ns)),
        };
        let life = self.span_ns.max(1) as f64;
        let mut parts = vec![polls];
        let mut part = |what: &str, time: u64| {
            if time as f64 >= WORTH_TELLING * life {
                parts.push(format!("{what} {}", ns(time)));
            }
        };
        part("computed", branch.computing_ns);
        part("blocked its thread", branch.blocked_ns);
        part("waited for a core", branch.queued_ns);
        part("waited", branch.waiting_ns);
        part("ready and not polled", branch.ready_ns);
        let mut text = parts.join(", ");
        let shares = |shares: &[Share]| {
            let told = shares
                .iter()
                .filter(|share| share.ns as f64 >= WORTH_TELLING * life);
            let told = told.filter(|share| share.by != By::Outside).take(3);
            let told = told.map(|share| format!("{} {}", self.name_of(share.by), ns(share.ns)));
            told.collect::<Vec<_>>().join(", ")
        };
        let (held, waited) = (shares(&branch.held_up_by), shares(&branch.waited_for));
        if !held.is_empty() {
            text.push_str(&format!(" (held up by {held})"));
        }
        if !waited.is_empty() {
            text.push_str(&format!(" (waited for {waited})"));
        }
        match branch.ended.map(|ended| ended.how) {
            None => text.push_str(", still running"),
            Some(Ending::Dropped) => text.push_str(", dropped"),
            Some(Ending::Panicked) => text.push_str(", panicked"),
            Some(Ending::Done) => {}
        }
        text
    }

    fn figures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workers = match self.workers.known {
            Known::Seen => format!("workers: at least {}", self.workers.count),
            Known::Said | Known::Tokio => format!("workers: {}", self.workers.count),
        };
        writeln!(
            f,
            "  polled at once: {} at most, {:.2} on average; in flight: {} and {:.2}; cores used: {:.2}; threads: {}; {workers}",
            self.peak_overlap,
            self.mean_overlap,
            self.peak_concurrency,
            self.mean_concurrency,
            self.cores_used,
            self.threads
        )?;
        let without = self.without_core_ns.unwrap_or(0);
        if without as f64 >= WORTH_TELLING * self.span_ns.max(1) as f64 && without > 0 {
            writeln!(
                f,
                "  others had the cores: the call's thread waited {} for one",
                ns(without)
            )?;
        }
        if !self.told {
            writeln!(
                f,
                "  this system does not tell of CPU time: time in polls counts as computing"
            )?;
        }
        if self.lost_polls + self.lost_branches > 0 {
            let (polls, branches) = (counted(self.lost_polls, "poll"), self.lost_branches);
            writeln!(
                f,
                "  lost for want of room: {polls}, of branches {branches}"
            )?;
        }
        Ok(())
    }

    fn conclusion(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let diagnosis = &self.diagnosis;
        writeln!(f, "  {}: {}", diagnosis.title, diagnosis.evidence)?;
        writeln!(f, "  → {}", diagnosis.remedy)?;
        if let Some(long) = self.longest_to_leave() {
            writeln!(
                f,
                "  but one poll of {} took {}: whatever else its thread runs, other calls too, waited for that; on the blocking pool it holds up nobody",
                long.name,
                ns(long.longest_poll_ns)
            )?;
        }
        match self.spawned {
            // On one thread a spawn changes the order of things, and no more.
            Ok(spawned) if spawned.workers == 1 => Ok(()),
            Ok(spawned) if spawned.best_ns as f64 > NO_FASTER * self.span_ns as f64 => {
                let workers = spawned.workers;
                write!(
                    f,
                    "  spawned on {workers} workers it would take as long as now"
                )?;
                let held = |branch: &&BranchReport| !branch.held_up_by.is_empty();
                let held = self.branches.iter().filter(held);
                match held.max_by_key(|branch| branch.longest_ready_ns) {
                    Some(branch) if diagnosis.class == Class::SpawnNeeded => {
                        let earlier = ns(branch.longest_ready_ns);
                        writeln!(
                            f,
                            ", and {} would go on up to {earlier} earlier",
                            branch.name
                        )
                    }
                    _ => writeln!(f),
                }
            }
            Ok(spawned) => {
                let times = |ns: u64| self.span_ns as f64 / ns.max(1) as f64;
                let if_so = match self.workers.exactly() {
                    Some(_) => "",
                    None => ", if there are as many",
                };
                writeln!(
                    f,
                    "  spawned on {} workers{if_so}: {} to {}, up to {:.2} times as fast",
                    spawned.workers,
                    ns(spawned.best_ns),
                    ns(spawned.worst_ns),
                    times(spawned.best_ns)
                )
            }
            Err(Refused::Placed | Refused::NoSibling) => Ok(()),
            Err(refused) => writeln!(
                f,
                "  what spawning would gain is not foretold: {}",
                refused.why()
            ),
        }
    }
}

impl Report {
    /// Where nothing is to be done for the sake of this call: the branch whose poll others may have been late behind.
    fn longest_to_leave(&self) -> Option<&BranchReport> {
        let holds = |branch: &&BranchReport| {
            branch.placement != Placement::Placed
                && (branch.longest_poll_ns.saturating_sub(branch.queued_ns)) >= LONG_NS
        };
        let all = self.branches.iter().filter(holds);
        all.max_by_key(|branch| branch.longest_poll_ns)
            .filter(|_| self.diagnosis.class == Class::ComposeIsEnough)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} of the time before", self.ratio)?;
        if let Some((best, worst)) = self.foretold {
            write!(f, ", foretold {best:.2} to {worst:.2}")?;
        }
        if let Some(stretched) = self.stretched {
            write!(f, "; the same polls took {stretched:.2} of their CPU time")?;
        }
        Ok(())
    }
}
