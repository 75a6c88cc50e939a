//! The sweep as a person reads it: ratios by length, where they cross 1, and the rule that follows.

use harness_record::format::configuration;
use std::fmt::Write as _;

use harness_judge::crossing::{Crossing, Found};
use harness_record::format::about;

/// Columns of one series.
const COLUMN: usize = 21;

/// Every sweep, those of one configuration and root in one table; empty if there is none.
#[must_use]
pub fn text(crossings: &[Crossing]) -> String {
    let mut out = String::new();
    let alike = |a: &Crossing, b: &Crossing| (&a.id, &a.root) == (&b.id, &b.root);
    for together in crossings.chunk_by(alike) {
        if let Some((first, others)) = together.split_first() {
            let gap = if out.is_empty() { "" } else { "\n" };
            out.push_str(gap);
            table(&mut out, first, together);
            let _ = writeln!(out, "  {}", rule(first, others));
        }
    }
    out
}

/// What a configuration and a root are called, of its first series.
fn title(crossing: &Crossing) -> String {
    let name = configuration(
        &crossing.id.runtime,
        crossing.version.as_deref(),
        &crossing.id.flavour,
        crossing.id.workers,
    );
    let parent = if crossing.root == "worker" {
        "parent in a task"
    } else {
        "parent in block_on"
    };
    format!("{name}, {parent}")
}

fn table(out: &mut String, first: &Crossing, together: &[Crossing]) {
    let _ = writeln!(
        out,
        "{}: time of {} over time of compose [95 % interval]",
        title(first),
        first.placing
    );
    let row = |out: &mut String, head: &str, cells: Vec<String>| {
        let mut line = format!("  {head:>17}");
        for cell in cells {
            let _ = write!(line, "  {cell:<COLUMN$}");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    };
    let branches = |crossing: &Crossing| format!("{} branches", crossing.branches);
    row(
        out,
        "a branch computes",
        together.iter().map(branches).collect(),
    );
    let mut lengths: Vec<f64> = together
        .iter()
        .flat_map(|crossing| &crossing.points)
        .map(|point| point.length_ns)
        .collect();
    lengths.sort_by(f64::total_cmp);
    lengths.dedup();
    for length in lengths {
        let ratio = |crossing: &Crossing| {
            let mut points = crossing.points.iter();
            let point = points.find(|point| point.length_ns == length);
            point.map_or_else(String::new, |point| point.ratio.factor())
        };
        row(out, &about(length), together.iter().map(ratio).collect());
    }
    row(out, "crosses 1 at", together.iter().map(at).collect());
}

/// `6.1 µs [4.2 µs, 8 µs]`. An end that lies beyond what was measured is told so.
fn at(crossing: &Crossing) -> String {
    match crossing.found {
        Found::NeverOnOneThread => "never: one thread".to_owned(),
        Found::NotUpTo { length_ns } => format!("not up to {}", about(length_ns)),
        Found::At {
            length_ns: None, ..
        } => "below these".to_owned(),
        Found::At {
            length_ns: Some(ns),
            low_ns,
            high_ns,
        } => {
            let (mut ends, mut known) = ([String::new(), String::new()], true);
            for (end, found, beyond, which) in [
                (0, low_ns, "<", crossing.points.first()),
                (1, high_ns, ">", crossing.points.last()),
            ] {
                let edge = which.map_or(0.0, |point| point.length_ns);
                known &= which.is_some_and(|point| point.ratio.low.is_some());
                ends[end] = found.map_or_else(|| format!("{beyond}{}", about(edge)), about);
            }
            // Too few blocks have no interval.
            if known {
                format!("{} [{}]", about(ns), ends.join(", "))
            } else {
                about(ns)
            }
        }
    }
}

/// The rule of thumb that follows for one configuration and root: of few branches, and what more of them
/// change.
fn rule(first: &Crossing, others: &[Crossing]) -> String {
    let placing = &first.placing;
    let shortest = |crossing: &Crossing| {
        let point = crossing.points.first();
        about(point.map_or(0.0, |point| point.length_ns))
    };
    let few = first.branches;
    let mut rule = match first.found {
        Found::NeverOnOneThread => {
            return format!(
                "Never {placing} for speed here: one thread executes, and each spawn adds its cost."
            );
        }
        Found::NotUpTo { length_ns } => format!(
            "On this machine {placing} gains nothing for {few} branches that compute for up to {} between awaits",
            about(length_ns)
        ),
        Found::At { length_ns, .. } => format!(
            "On this machine, {placing} when a branch computes for more than {} between awaits",
            length_ns.map_or_else(|| shortest(first), |ns| format!("about {}", about(ns)))
        ),
    };
    for (number, crossing) in others.iter().enumerate() {
        let from = match crossing.found {
            Found::NeverOnOneThread => "never".to_owned(),
            Found::NotUpTo { length_ns } => format!("not up to {}", about(length_ns)),
            Found::At {
                length_ns: None, ..
            } => format!("less than {}", shortest(crossing)),
            Found::At {
                length_ns: Some(ns),
                ..
            } => format!("about {}", about(ns)),
        };
        let joint = if number == 0 { "; with" } else { ", with" };
        let _ = write!(rule, "{joint} {} branches {from}", crossing.branches);
    }
    rule.push('.');
    rule
}
