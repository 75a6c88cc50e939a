//! The executable of an adapter's bench target `costs`, and what it can be asked.
//!
//! - `--operations`: a line of JSON for each operation that it knows.
//! - `--bench`, with criterion's options: times.
//! - `--count OPERATION SIDE`: a line of JSON, what one operation asks of the allocator.
//! - `--run OPERATION SIDE TIMES`: does it so often; callgrind counts the instructions.

use std::{collections::HashSet, ffi::OsString, fs, path::Path, time::Duration};

use harness_protocol::costs::Operation;
use serde::de::DeserializeOwned;

use super::{
    cargo_bench,
    process::{self, Ended},
};
use crate::child::{Interrupt, Program};
use harness_judge::check::is_operation;
use harness_record::costs::{Allocations, Instructions, Side};
use harness_record::{
    plan::Config,
    text::{fit, one_line},
};

/// Criterion's own options for a short run. The bootstrap behind its interval is cut to what it allows
/// without a warning: ours is over rounds.
const SHORT: [&str; 9] = [
    "--bench",
    "--noplot",
    "--quiet",
    "--color=never",
    "--warm-up-time=0.1",
    "--measurement-time=0.2",
    "--sample-size=10",
    "--nresamples=1001",
    "--exact",
];
/// Under valgrind everything takes some fifty times as long.
const SLOWER: u32 = 5;
/// Pairs of processes that are counted, and how many where they do not agree.
const PAIRS: usize = 2;
const MORE_PAIRS: usize = 7;
/// Counts that differ by less agree.
const AGREE: f64 = 0.001;
/// The shorter process executes about so many instructions beyond its start: that of two processes of one program
/// differs by some thousands.
const ENOUGH: f64 = 1e7;
/// It does the operation for so long at most, were it not for valgrind: one that waits executes little.
const LONGEST_NS: f64 = 5e8;
/// And for about so long, before it is known how many instructions the operation takes.
const FIRST_NS: f64 = 1e6;

/// What is asked of one side of one operation.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// The executable.
    pub program: &'a Program,
    /// On which configuration.
    pub config: &'a Config,
    /// The operation.
    pub operation: &'a str,
    /// A process that takes longer is ended.
    pub at_most: Duration,
    /// Stops it.
    pub interrupt: &'a Interrupt,
}

/// The operations that an executable knows: of one configuration, or of all.
pub fn operations(
    program: &Program,
    config: Option<&Config>,
    at_most: Duration,
    interrupt: &Interrupt,
) -> Result<Vec<Operation>, Ended> {
    let mut asked = with(program, ["--operations"]);
    asked.args.extend(config.into_iter().flat_map(arguments));
    let lines = process::run(&asked, at_most, interrupt)?;
    let operations: Vec<Operation> = lines
        .iter()
        .map(|line| parsed(line, "an operation"))
        .collect::<Result<_, _>>()?;
    if operations.is_empty() {
        return Err(Ended::wrong("it names no operation"));
    }
    let mut names = HashSet::new();
    for Operation { operation, .. } in &operations {
        let name = one_line(operation, 80);
        if !is_operation(operation) {
            return Err(Ended::wrong(format!("it names an operation \"{name}\"")));
        }
        if !names.insert(operation) {
            return Err(Ended::wrong(format!("it names {name} twice")));
        }
    }
    Ok(operations)
}

impl Asking<'_> {
    /// Times one side, by one short run of criterion, whose files go below `home`.
    pub fn time(&self, side: Side, home: &Path) -> Result<cargo_bench::Found, Ended> {
        // What lies there is of the round before.
        let _ = fs::remove_dir_all(home);
        fs::create_dir_all(home)
            .map_err(|error| Ended::wrong(format!("cannot make {}: {error}", home.display())))?;
        let config = self.config;
        let id = format!(
            "{}/{}@{}/{}/{}",
            config.id.runtime,
            config.id.flavour,
            config.id.workers,
            self.operation,
            side.name()
        );
        let mut asked = with(self.program, SHORT);
        asked.args.extend(self.configuration());
        asked.args.push(id.clone().into());
        asked
            .environment
            .push(("CRITERION_HOME".into(), home.into()));
        process::run(&asked, self.at_most, self.interrupt)?;
        let found = cargo_bench::read(home).map_err(|error| Ended::wrong(format!("{error:#}")))?;
        let is_it = |found: &cargo_bench::Found| {
            (found.operation.as_str(), found.side) == (self.operation, side)
        };
        match <[cargo_bench::Found; 1]>::try_from(found) {
            Ok([found]) if is_it(&found) => Ok(found),
            Ok(_) => Err(Ended::wrong(format!("it measured another than {id}"))),
            Err(found) => Err(Ended::wrong(format!(
                "it measured {} benchmarks where {id} is one",
                found.len()
            ))),
        }
    }

    /// Counts what one operation asks of the allocator.
    pub fn count(&self, side: Side) -> Result<Allocations, Ended> {
        let mut asked = with(self.program, ["--count", self.operation, side.name()]);
        asked.args.extend(self.configuration());
        let lines = process::run(&asked, self.at_most, self.interrupt)?;
        match &lines[..] {
            [line] => parsed(line, "a count of allocations"),
            lines => Err(Ended::wrong(format!(
                "it printed {} lines where one is a count",
                lines.len()
            ))),
        }
    }

    /// Counts the instructions of one operation, which takes about `ns` nanoseconds.
    pub fn instructions(&self, side: Side, ns: f64, scratch: &Path) -> Result<Instructions, Ended> {
        let pair = |times: u64| {
            let once = self.callgrind(side, times, scratch)?;
            let twice = self.callgrind(side, 2 * times, scratch)?;
            Ok([once, twice])
        };
        let most = (LONGEST_NS / ns.max(1.0)).clamp(1.0, 1e6);
        let first = (FIRST_NS / ns.max(1.0)).clamp(1.0, 2000.0) as u64;
        let [once, twice] = pair(first)?;
        let each = twice.saturating_sub(once) as f64 / first as f64;
        let times = (ENOUGH / each.max(1.0)).clamp(1.0, most) as u64;
        let mut counted = Instructions {
            times,
            counts: Vec::new(),
        };
        while counted.counts.len() < PAIRS
            || (counted.counts.len() < MORE_PAIRS && spread(&counted.inner()) > AGREE)
        {
            let [once, twice] = pair(times)?;
            if twice <= once {
                return Err(Ended::wrong(format!(
                    "{} times took {twice} instructions, and {times} times {once}",
                    2 * times
                )));
            }
            counted.counts.push([once, twice]);
        }
        Ok(counted)
    }

    /// All instructions of a process that does one side so often.
    fn callgrind(&self, side: Side, times: u64, scratch: &Path) -> Result<u64, Ended> {
        let out = scratch.join(format!("callgrind-{}", side.name()));
        let mut word = OsString::from("--callgrind-out-file=");
        word.push(&out);
        let mut asked = Program::new("valgrind");
        // Without its heading, which names where the program lies: what is recorded should name no place.
        asked.args = vec!["--tool=callgrind".into(), "--quiet".into(), word];
        asked.args.push(self.program.path.clone().into());
        asked.args.extend(self.program.args.iter().cloned());
        for word in ["--run", self.operation, side.name(), &times.to_string()] {
            asked.args.push(word.into());
        }
        asked.args.extend(self.configuration());
        process::run(&asked, self.at_most * SLOWER, self.interrupt)?;
        let text = fs::read_to_string(&out)
            .map_err(|error| Ended::wrong(format!("callgrind left no counts: {error}")))?;
        let _ = fs::remove_file(&out);
        total(&text).ok_or_else(|| Ended::wrong("callgrind's file has no total"))
    }

    fn configuration(&self) -> [OsString; 4] {
        arguments(self.config)
    }
}

/// What says on which configuration.
fn arguments(config: &Config) -> [OsString; 4] {
    [
        "--flavour".into(),
        config.id.flavour.clone().into(),
        "--workers".into(),
        config.id.workers.to_string().into(),
    ]
}

/// The total of a file of callgrind's: `totals: 1234`, and of older ones `summary: 1234`.
pub(super) fn total(text: &str) -> Option<u64> {
    let number = |name: &str| {
        let line = text
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix(name))?;
        line.trim().parse().ok()
    };
    number("totals:").or_else(|| number("summary:"))
}

/// How far the values lie apart, as a share of the least.
pub fn spread(values: &[f64]) -> f64 {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if least.is_finite() && least > 0.0 {
        most / least - 1.0
    } else {
        0.0
    }
}

/// What valgrind calls itself, where it is installed.
pub fn valgrind(interrupt: &Interrupt) -> Option<String> {
    let asked = with(&Program::new("valgrind"), ["--version"]);
    let lines = process::run(&asked, Duration::from_secs(10), interrupt).ok()?;
    lines.first().map(|line| one_line(line, 40))
}

fn with(program: &Program, words: impl IntoIterator<Item = impl AsRef<str>>) -> Program {
    let mut asked = program.clone();
    let words = words.into_iter().map(|word| OsString::from(word.as_ref()));
    asked.args.extend(words);
    asked
}

fn parsed<T: DeserializeOwned>(line: &str, what: &str) -> Result<T, Ended> {
    serde_json::from_slice(&fit(line.as_bytes())).map_err(|error| {
        Ended::wrong(format!(
            "it printed `{}` where {what} is expected: {error}",
            one_line(line, 80)
        ))
    })
}
