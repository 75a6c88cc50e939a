//! Ways to put branches together, as a person reads them.

use std::fmt::Write as _;

use harness_judge::idioms::{Hurts, Point, Row, Table};
use harness_protocol::Others;
use harness_record::format::{about, configuration, thousands};

use crate::{aligned, md, unpadded::table as plain};

/// What the columns are, once for all tables.
pub const LEGEND: &str = "Parallel: whether two branches were ever in a poll at once. At once: branches that waited together.\n\
     Polls: of branches, for each branch that is woken; 1 is its own. Parent: polls of what they are put together in, of up to 1,000.\n\
     CPU: of the process, for each wake. Hurts: where a wake takes more than two polls, or ten times the CPU time that it takes among fewer.\n\
     Fails: what becomes of the others when the first fails, and the last. Bytes: allocated at once, per branch, at most.\n\
     + stopped after some wakes: there are too many polls, or they take too long. ~ rounds differ.";

/// Of which numbers of branches times are shown.
const TIMED: [usize; 2] = [1_000, 100_000];

/// The columns in which words stand, at the left; numbers stand at the right.
const WORDS: [&str; 5] = ["idiom", "parallel", "hurts", "first fails", "last fails"];

/// One table, ready to be set in whatever way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Of which configuration.
    pub title: String,
    /// The names of the columns.
    pub header: Vec<String>,
    /// A row for each way, and root.
    pub rows: Vec<Vec<String>>,
    /// A line for each way that went wrong.
    pub failed: Vec<String>,
}

impl Grid {
    /// Of a configuration.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        let (header, rows) = cells(table);
        let failed = table.rows.iter().filter_map(|row| {
            let end = row.gave_out.as_ref()?;
            let (way, n) = (name(row), number(end.branches));
            Some(format!("{way} fails at {n}: {}", end.why))
        });
        Self {
            title: title(table),
            header,
            rows,
            failed: failed.collect(),
        }
    }
}

/// Every table; empty if there is none.
#[must_use]
pub fn text(all: &[Table]) -> String {
    let mut out = String::new();
    for table in all {
        let Grid {
            title,
            header,
            rows,
            failed,
        } = Grid::of(table);
        let _ = writeln!(out, "{title}: the same branches, put together in each way");
        let is_words = |column: usize| WORDS.contains(&header[column].as_str());
        out.push_str(&aligned::table(&header, &rows, is_words));
        for line in failed {
            let _ = writeln!(out, "  {line}");
        }
        out.push('\n');
    }
    if !out.is_empty() {
        let _ = writeln!(out, "{LEGEND}");
    }
    out
}

/// The same, a table for each configuration.
#[must_use]
pub fn markdown(all: &[Table]) -> String {
    let mut out = String::new();
    for table in all {
        let grid = Grid::of(table);
        let header: Vec<&str> = grid.header.iter().map(String::as_str).collect();
        let _ = writeln!(out, "{}:\n\n{}", grid.title, plain(&header, grid.rows));
        for line in grid.failed {
            let _ = writeln!(out, "{}\n", md::text(&line));
        }
    }
    if !out.is_empty() {
        let _ = writeln!(out, "{}", LEGEND.replace('\n', " "));
    }
    out
}

fn title(table: &Table) -> String {
    configuration(
        &table.id.runtime,
        table.version.as_deref(),
        &table.id.flavour,
        table.id.workers,
    )
}

fn name(row: &Row) -> String {
    match (row.spawns, row.root.as_str()) {
        (false, _) => row.idiom.clone(),
        (true, "block_on") => format!("{} from block_on", row.idiom),
        (true, _) => format!("{} from a task", row.idiom),
    }
}

fn cells(table: &Table) -> (Vec<String>, Vec<Vec<String>>) {
    let points = table.rows.iter().flat_map(|row| &row.points);
    let mut counts: Vec<usize> = points.map(|point| point.branches).collect();
    counts.sort_unstable();
    counts.dedup();
    let timed: Vec<usize> = match TIMED.iter().any(|n| counts.contains(n)) {
        true => TIMED.into_iter().filter(|n| counts.contains(n)).collect(),
        false => counts.clone(),
    };
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|&word| word.to_owned())
            .collect::<Vec<_>>()
    };
    let mut header = words(&["idiom", "parallel", "at once"]);
    header.extend(of_numbers("polls", &counts));
    header.push("parent".to_owned());
    header.extend(of_numbers("CPU", &timed));
    header.extend(words(&["hurts", "first fails", "last fails", "bytes"]));
    let rows = table.rows.iter().map(|row| {
        let at = |n: &usize| row.points.iter().find(|point| point.branches == *n);
        let most = row.points.last();
        let or_none = |text: Option<String>| text.unwrap_or_default();
        let mut cells = vec![name(row), parallel(row), or_none(most.map(at_once))];
        cells.extend(counts.iter().map(|n| or_none(at(n).map(polls))));
        let parent = row.points.iter().rfind(|point| point.branches <= TIMED[0]);
        cells.push(or_none(
            parent.map(|point| few(point.parent_polls_per_wake)),
        ));
        let cpu = |n: &usize| or_none(at(n).map(|point| about(point.cpu_per_wake_ns)));
        cells.extend(timed.iter().map(cpu));
        cells.push(hurts(row));
        for of in [
            |point: &Point| point.first_fails,
            |point: &Point| point.last_fails,
        ] {
            let seen = row.points.iter().rev().find_map(of);
            cells.push(or_none(seen.map(others)));
        }
        cells.push(or_none(most.map(|point| format!("{:.0}", point.bytes))));
        cells
    });
    (header, rows.collect())
}

/// `polls of 10`, `of 30`, `of 1,000`.
fn of_numbers(what: &str, counts: &[usize]) -> Vec<String> {
    let named = counts.iter().enumerate().map(|(at, n)| match at {
        0 => format!("{what} of {}", number(*n)),
        _ => format!("of {}", number(*n)),
    });
    named.collect()
}

fn number(n: usize) -> String {
    thousands(n as f64)
}

fn parallel(row: &Row) -> String {
    match row.points.iter().map(|point| point.inside).max() {
        None => String::new(),
        Some(0 | 1) => "never".to_owned(),
        Some(inside) => format!("{inside} at once"),
    }
}

fn at_once(point: &Point) -> String {
    match point.waiting {
        all if all == point.branches as u64 => "all".to_owned(),
        some => number(some as usize),
    }
}

fn polls(point: &Point) -> String {
    let stopped = if point.stopped_after.is_some() {
        "+"
    } else {
        ""
    };
    let varies = if point.varies { "~" } else { "" };
    format!("{varies}{}{stopped}", few(point.polls_per_wake))
}

/// With a digit after the point where there is one, but not of many.
fn few(value: f64) -> String {
    if value > 0.0 && value < 0.1 {
        return "<0.1".to_owned();
    }
    let rounded = format!("{value:.1}");
    match rounded.strip_suffix(".0") {
        Some(whole) if value < 1_000.0 => whole.to_owned(),
        _ if value < 1_000.0 => rounded,
        _ => thousands(value.round()),
    }
}

/// `from 10 on: polls`, `10 to 30: polls`, `from 100 000 on: time`.
fn hurts(row: &Row) -> String {
    let hurting = row
        .points
        .iter()
        .filter_map(|point| Some((point.branches, point.hurts?)));
    let hurting: Vec<(usize, Hurts)> = hurting.collect();
    let (Some((from, why)), Some((to, _))) = (hurting.first(), hurting.last()) else {
        return "no".to_owned();
    };
    let why = match why {
        Hurts::Polls => "polls",
        Hurts::Time => "time",
    };
    let on = row.points.last().is_some_and(|point| point.branches == *to);
    match (on, from == to) {
        (true, _) => format!("from {} on: {why}", number(*from)),
        (false, true) => format!("at {}: {why}", number(*from)),
        (false, false) => format!("{} to {}: {why}", number(*from), number(*to)),
    }
}

/// `dropped`, where that became of all; else each with its number.
fn others(others: Others) -> String {
    let all = [
        (others.finished, "finish"),
        (others.ran_on, "run on"),
        (others.dropped, "dropped"),
        (others.left, "left"),
    ];
    let some: Vec<(u64, &str)> = all.into_iter().filter(|(n, _)| *n > 0).collect();
    match &some[..] {
        [(_, word)] => (*word).to_owned(),
        some => {
            let parts = some
                .iter()
                .map(|(n, word)| format!("{} {word}", number(*n as usize)));
            parts.collect::<Vec<_>>().join(", ")
        }
    }
}
