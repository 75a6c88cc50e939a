//! The small timeline: a line a branch.
//!
//! The harness draws a lane a thread, to compare runtimes. Who reads of one call wants to know what each branch did, and above
//! all when it was ready and not polled, which a thread's lane cannot show.

use super::{BranchReport, Report};

/// Columns of a line.
const COLUMNS: usize = 48;

/// Polled for a quarter of the column at least: the branch's letter. Otherwise one of these.
const SHORT: char = '|';
const READY: char = '-';
const WAITS: char = '·';
const ABSENT: char = ' ';

/// The letter of a branch; those that are too many share a sign.
pub(super) fn letter(number: usize) -> char {
    ('A'..='Z').chain('a'..='z').nth(number).unwrap_or('#')
}

/// A line for each of these branches.
pub(super) fn lines<'a>(
    report: &'a Report,
    branches: impl Iterator<Item = (usize, &'a BranchReport)>,
) -> Vec<String> {
    let (from, to) = edges(report);
    branches
        .map(|(number, branch)| line(branch, letter(number), from, to))
        .collect()
}

/// What stands below the lines: the edges, and what the signs mean.
pub(super) fn legend() -> String {
    format!("a letter: polled; {SHORT} short polls; {READY} ready, not polled; {WAITS} waits")
}

/// From the first branch's hand-over on, for as long as the report's span.
fn edges(report: &Report) -> (u64, u64) {
    let first = report.branches.iter().map(|branch| branch.created_ns).min();
    let from = first.unwrap_or(0);
    (from, from + report.span_ns.max(1))
}

fn line(branch: &BranchReport, letter: char, from: u64, to: u64) -> String {
    let edge = |column: usize| {
        let span = u128::from(to - from) * column as u128 / COLUMNS as u128;
        from + u64::try_from(span).unwrap_or(u64::MAX)
    };
    let ready = ready(branch);
    let polls = branch
        .polls
        .iter()
        .map(|poll| (poll.start_ns, poll.end_ns))
        .collect::<Vec<_>>();
    let alive = (branch.created_ns, branch.end_ns());
    (0..COLUMNS)
        .map(|column| {
            let (start, end) = (edge(column), edge(column + 1).max(edge(column) + 1));
            let part = |all: &[(u64, u64)]| {
                let inside = all
                    .iter()
                    .map(|(a, b)| (*b).min(end).saturating_sub((*a).max(start)));
                inside.sum::<u64>() as f64 / (end - start) as f64
            };
            let touched = polls
                .iter()
                .any(|(a, b)| *a < end && (*b).max(a + 1) > start);
            match () {
                () if part(&polls) >= 0.25 => letter,
                () if touched => SHORT,
                () if part(&ready) >= 0.5 => READY,
                () if alive.0 < end && alive.1 > start => WAITS,
                () => ABSENT,
            }
        })
        .collect()
}

/// The times in which it had been woken and was not polled.
fn ready(branch: &BranchReport) -> Vec<(u64, u64)> {
    let mut before = branch.created_ns;
    let mut times = Vec::new();
    for poll in &branch.polls {
        if let Some(wake) = poll.woken {
            times.push((wake.at_ns.max(before), poll.start_ns));
        }
        before = poll.end_ns;
    }
    times
}
