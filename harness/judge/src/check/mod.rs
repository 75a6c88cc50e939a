//! Everything that is wrong with a record: its shape, and then what cannot be true.
//!
//! Where the shape is right and every figure is possible, a figure may still have been changed. That is
//! what the seal is for.
//!
//! What an adapter says is held against the same rules when it is heard ([`wrong_with_adapter`],
//! [`wrong_with_sample`], [`wrong_with_cost`]), so that no run records what this would refuse.

use std::{fmt, path::Path};

use harness_protocol::Sample;
use harness_record::{
    bundle::{Bundle, Header, Problem, Seal, problem, reader::Files, sum},
    cell::Cell,
    costs::Found as FoundCost,
    demands::Demands,
    host::Host,
};

mod costs;
mod declared;
mod events;
mod header;
mod idiom;
mod samples;

pub use declared::Declared;
use events::Walk;

/// As many problems are named; of more there is only the number.
pub const NAMED: usize = 50;
/// No round, block or check takes a day: what it measures takes milliseconds.
const DAY_NS: u64 = 86_400_000_000_000;

/// What came of checking a record.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What is wrong, in the order of the files; [`NAMED`] at most.
    pub problems: Vec<Problem>,
    /// How many more problems there are.
    pub more: usize,
    /// What the record holds, if nothing is wrong with it.
    pub found: Option<Found>,
}

/// What a sound record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Complete blocks.
    pub blocks: usize,
    /// Rounds.
    pub rounds: usize,
    /// Whether its run counted what primitives cost.
    pub of_costs: bool,
    /// Whether it is of a file of somebody's own, which the record does not hold.
    pub of_own: bool,
    /// What it found of that.
    pub costs: usize,
    /// How often it went on after it was stopped or killed.
    pub resumed: usize,
    /// How it stands.
    pub state: State,
}

/// How a sound record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its run came to its end, and the seal is whole.
    Sealed,
    /// Its run came to its end, and nothing seals it.
    Complete,
    /// Its run was stopped.
    Stopped,
    /// Its run was killed, or goes on.
    Open,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sealed => "complete and sealed",
            Self::Complete => "complete, not sealed",
            Self::Stopped => "stopped",
            Self::Open => "without its end",
        })
    }
}

/// Something wrong with a field, before it is known where the field stands.
struct Wrong {
    /// A JSON pointer.
    pointer: String,
    why: String,
}

/// Collects what is wrong with the fields of one thing.
#[derive(Default)]
struct Wrongs(Vec<Wrong>);

impl Wrongs {
    fn add(&mut self, pointer: impl Into<String>, why: impl Into<String>) {
        self.0.push(Wrong {
            pointer: pointer.into(),
            why: why.into(),
        });
    }

    /// Adds it unless the condition is true.
    fn unless(&mut self, fine: bool, pointer: &str, why: impl FnOnce() -> String) {
        if !fine {
            self.add(pointer, why());
        }
    }

    /// The first of them: the field, and why.
    fn first(self) -> Option<String> {
        let Wrong { pointer, why } = self.0.into_iter().next()?;
        Some(format!("{}: {why}", problem::field(&pointer)))
    }
}

/// What an adapter cannot say of itself, the first of it; for whoever hears it.
#[must_use]
pub fn wrong_with_adapter(declared: Declared<'_>) -> Option<String> {
    let mut wrongs = Wrongs::default();
    declared::check(declared, "", &mut wrongs);
    wrongs.first()
}

/// What cannot be true of a sample of a cell, the first of it; for whoever hears it.
#[must_use]
pub fn wrong_with_sample(sample: &Sample, cell: &Cell, host: &Host) -> Option<String> {
    let mut wrongs = Wrongs::default();
    samples::check(sample, "", cell, cpus(host), &mut wrongs);
    wrongs.first()
}

/// What cannot be true of what something costs, the first of it; for whoever hears it.
#[must_use]
pub fn wrong_with_cost(found: &FoundCost) -> Option<String> {
    let mut wrongs = Wrongs::default();
    costs::found(found, &mut wrongs);
    wrongs.first()
}

/// Whether an operation of which costs are told can be called so.
#[must_use]
pub fn is_operation(text: &str) -> bool {
    costs::is_operation(text)
}

/// What the compiler cannot have said of spawns, the first of it; for whoever reads that from a file.
#[must_use]
pub fn wrong_with_demands(demands: &Demands) -> Option<String> {
    let mut wrongs = Wrongs::default();
    events::demands::demands(demands, &mut wrongs);
    wrongs.first()
}

/// What cannot be said of the runtimes in the head of a record, the first of it; for whoever is about to write it. Part of
/// that is from files beside prebuilt adapters, and those anybody may have edited.
#[must_use]
pub fn wrong_with_runtimes(header: &Header) -> Option<String> {
    let mut wrongs = Wrongs::default();
    header::runtimes(header, &mut wrongs);
    wrongs.first()
}

/// As many CPUs as a process may have, at most.
fn cpus(host: &Host) -> usize {
    host.logical_cpus.unwrap_or(host.cores).max(host.cores)
}

/// Checks the record in a folder.
#[must_use]
pub fn check(folder: &Path) -> Checked {
    let mut problems = Vec::new();
    let found = all(folder, &mut problems);
    let more = problems.len().saturating_sub(NAMED);
    problems.truncate(NAMED);
    Checked {
        found: found.filter(|_| problems.is_empty()),
        problems,
        more,
    }
}

fn all(folder: &Path, problems: &mut Vec<Problem>) -> Option<Found> {
    let files = match Files::open(folder) {
        Ok(files) => files,
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let sealed = Seal::open(folder).and_then(|seal| {
        let holds = |seal: Seal| seal.holds(&files.run, &files.samples.0, &sum(&files.samples.1));
        seal.map(holds).transpose().map(|holds| holds.is_some())
    });
    let found = of_files(&files, problems);
    let sealed = match sealed {
        Ok(sealed) => sealed,
        Err(broken) => {
            problems.extend(broken);
            return None;
        }
    };
    let (bundle, rounds) = found?;
    let state = match bundle.ended {
        None => State::Open,
        Some(true) => State::Stopped,
        Some(false) if sealed => State::Sealed,
        Some(false) => State::Complete,
    };
    if sealed && state != State::Sealed {
        problems.push(files.at(
            files.lines().count(),
            String::new(),
            "the record is sealed, and its last event is not the end of the run".to_owned(),
        ));
    }
    Some(Found {
        blocks: bundle.blocks.iter().filter(|block| block.complete).count(),
        rounds,
        of_costs: bundle.header.options.costs.is_some(),
        of_own: bundle.plan.own().is_some(),
        costs: bundle.costs.len(),
        resumed: bundle.resumed.len(),
        state,
    })
}

/// What the files hold: the bundle, and the number of rounds.
fn of_files(files: &Files, problems: &mut Vec<Problem>) -> Option<(Bundle, usize)> {
    let header = match files.head(true) {
        Ok(header) => header,
        Err(wrong) => {
            problems.extend(wrong);
            match files.head(false) {
                Ok(header) => header,
                Err(_) => {
                    // Nobody knows what the lines are about, and their shape can be looked at.
                    let events = files.lines().map(|line| files.event(line, true));
                    problems.extend(events.filter_map(Result::err).flatten());
                    return None;
                }
            }
        }
    };
    let text = String::from_utf8_lossy(&files.run.1);
    let known = problems.len();
    let wrongs = header::check(&header).into_iter().enumerate();
    problems.extend(wrongs.map(|(index, wrong)| Problem {
        file: files.run.0.clone(),
        // Of those that are named: each is looked for from the beginning.
        line: (known + index < NAMED).then(|| problem::line(&text, &wrong.pointer)),
        field: problem::field(&wrong.pointer),
        why: wrong.why,
    }));
    if files.can_be_planned(&header).is_err() {
        // Said above.
        return None;
    }
    let mut walk = Walk::new(header);
    let mut last = 0;
    for (number, line) in files.lines() {
        last = number;
        match files.event((number, line), true) {
            Ok(event) => problems.extend(
                walk.take(event)
                    .into_iter()
                    .map(|wrong| files.at(number, problem::field(&wrong.pointer), wrong.why)),
            ),
            Err(wrong) => {
                problems.extend(wrong);
                // What follows is held against what this line says, if it says anything.
                walk.take_damaged(files.event((number, line), false).ok());
            }
        }
    }
    problems.extend(
        walk.end()
            .into_iter()
            .map(|why| files.at(last, String::new(), why)),
    );
    Some((walk.bundle, walk.rounds))
}
