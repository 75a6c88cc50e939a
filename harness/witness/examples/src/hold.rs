//! Shows what the runs of an example are diagnosed as, and holds them to it.

use poll_witness::{
    Comparison, Report,
    rules::{Cause, Class},
};

use crate::work::steps_per_millisecond;

/// So often a run is tried before a machine that is quiet is believed not to decide it.
const ATTEMPTS: usize = 30;
/// So often a quiet machine may miss what was foretold.
const MISSES: usize = 2;
/// Threads wanted a core and had none for more than this part of the time in polls: the machine is busy.
const BUSY: f64 = 0.02;
/// How far from what was foretold the time of the after may be, as a part of the time before: threads take some time to wake.
const SLACK: f64 = 0.03;

/// One way in which an example's program is written, and what the witness must say of it.
pub struct Run {
    name: &'static str,
    run: fn() -> Report,
    class: Class,
    cause: Option<Cause>,
    done: bool,
    gains: bool,
}

impl Run {
    /// A run of this name, which is of this class.
    #[must_use]
    pub const fn new(name: &'static str, run: fn() -> Report, class: Class) -> Self {
        Self {
            name,
            run,
            class,
            cause: None,
            done: false,
            gains: false,
        }
    }

    /// And for this reason.
    #[must_use]
    pub const fn because(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }

    /// And what the class asks for has been done.
    #[must_use]
    pub const fn done(mut self) -> Self {
        self.done = true;
        self
    }

    /// And it gains what the first run of the example foretold.
    #[must_use]
    pub const fn gains(mut self) -> Self {
        self.gains = true;
        self
    }
}

/// Runs each once, and prints its report.
pub fn show(runs: &[Run]) {
    // Not within a call, whose report it would be in.
    steps_per_millisecond();
    let mut first = None;
    for run in runs {
        let report = (run.run)();
        println!("== {}\n\n{report}", run.name);
        if let Some(before) = first.as_ref().filter(|_| run.gains) {
            println!("{}", compared(&report.compared_with(before)));
        }
        println!();
        first.get_or_insert(report);
    }
}

/// Runs each until it is decided, and holds it to its class; and those that gain, to what was foretold. A busy machine may leave
/// something undecided; no machine may make it something else.
///
/// # Panics
///
/// A run is of another class, or a quiet machine does not decide it, or it gains something else than was foretold.
pub fn hold(runs: &[Run]) {
    steps_per_millisecond();
    for run in runs {
        decided(run);
    }
    let Some((first, others)) = runs.split_first() else {
        return;
    };
    for run in others.iter().filter(|run| run.gains) {
        gains(first, run);
    }
}

/// A report of this run, if the machine lets it be decided.
fn decided(run: &Run) -> Option<Report> {
    let mut quiet = None;
    for _ in 0..ATTEMPTS {
        let report = (run.run)();
        let diagnosis = &report.diagnosis;
        let found = (diagnosis.class, diagnosis.cause, diagnosis.done);
        if found == (run.class, run.cause, run.done) {
            return Some(report);
        }
        let expected = run.class.with(run.cause);
        // Without its cause it is half decided.
        let undecided = diagnosis.class == Class::NotDecided
            || (diagnosis.class == run.class && diagnosis.cause.is_none() && run.cause.is_some());
        assert!(undecided, "{} is {expected}:\n{report}", run.name);
        if !busy(&report) {
            quiet = Some(report);
        }
    }
    if let Some(report) = quiet {
        let expected = run.class.with(run.cause);
        panic!(
            "{} is {expected}, and the machine is quiet:\n{report}",
            run.name
        );
    }
    eprintln!("{}: not decided, since the machine is busy", run.name);
    None
}

/// That the second run takes the time that the first one foretold.
fn gains(before: &Run, after: &Run) {
    let mut missed = Vec::new();
    for _ in 0..ATTEMPTS {
        let (Some(first), Some(then)) = (decided(before), decided(after)) else {
            return;
        };
        let comparison = then.compared_with(&first);
        match comparison.as_foretold(SLACK) {
            Some(true) => return,
            None => panic!("{} foretells nothing:\n{first}", before.name),
            Some(false) if busy(&first) || busy(&then) => {}
            Some(false) => missed.push(compared(&comparison)),
        }
    }
    assert!(
        missed.len() <= MISSES,
        "{} times not as {} foretold:\n{}",
        missed.len(),
        before.name,
        missed.join("\n")
    );
    eprintln!(
        "{}: its gain is not known, since the machine is busy",
        after.name
    );
}

fn compared(comparison: &Comparison) -> String {
    let took = format!("it took {:.2} of the time before", comparison.ratio);
    match comparison.foretold {
        Some((best, worst)) => format!("{took}; {best:.2} to {worst:.2} was foretold"),
        None => format!("{took}; nothing was foretold"),
    }
}

/// Whether others had the cores, as the report tells.
fn busy(report: &Report) -> bool {
    let sum =
        |of: fn(&poll_witness::BranchReport) -> u64| report.branches.iter().map(of).sum::<u64>();
    let queued = sum(|branch| branch.queued_ns) as f64;
    let one_core = std::thread::available_parallelism().is_ok_and(|cores| cores.get() < 2);
    let parent = report.without_core_ns.unwrap_or(0) as f64;
    one_core
        || parent > BUSY * report.span_ns.max(1) as f64
        || queued > BUSY * sum(|branch| branch.polled_ns).max(1) as f64
}
