//! The sweep as a person reads it: ratios by length, where they cross 1, and the rule that follows.

use std::fmt::Write as _;

use super::{Crossing, Found};

/// Columns of one series.
const COLUMN: usize = 21;

/// Every sweep, those of one configuration and root in one table; empty if there is none.
#[must_use]
pub fn text(crossings: &[Crossing]) -> String {
    let mut out = String::new();
    let alike = |a: &Crossing, b: &Crossing| {
        (&a.runtime, &a.flavour, a.workers, &a.root) == (&b.runtime, &b.flavour, b.workers, &b.root)
    };
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
    let version = crossing
        .version
        .as_deref()
        .map_or_else(String::new, |version| format!(" {version}"));
    let parent = if crossing.root == "worker" {
        "parent in a task"
    } else {
        "parent in block_on"
    };
    format!(
        "{}{version} {}@{}, {parent}",
        crossing.runtime, crossing.flavour, crossing.workers
    )
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
        row(out, &time(length), together.iter().map(ratio).collect());
    }
    row(out, "crosses 1 at", together.iter().map(at).collect());
}

/// `6.1 µs [4.2 µs, 8 µs]`. An end that lies beyond what was measured is told so.
fn at(crossing: &Crossing) -> String {
    match crossing.found {
        Found::NeverOnOneThread => "never: one thread".to_owned(),
        Found::NotUpTo { length_ns } => format!("not up to {}", time(length_ns)),
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
                ends[end] = found.map_or_else(|| format!("{beyond}{}", time(edge)), time);
            }
            // Too few blocks have no interval.
            if known {
                format!("{} [{}]", time(ns), ends.join(", "))
            } else {
                time(ns)
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
        time(point.map_or(0.0, |point| point.length_ns))
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
            time(length_ns)
        ),
        Found::At { length_ns, .. } => format!(
            "On this machine, {placing} when a branch computes for more than {} between awaits",
            length_ns.map_or_else(|| shortest(first), |ns| format!("about {}", time(ns)))
        ),
    };
    for (number, crossing) in others.iter().enumerate() {
        let from = match crossing.found {
            Found::NeverOnOneThread => "never".to_owned(),
            Found::NotUpTo { length_ns } => format!("not up to {}", time(length_ns)),
            Found::At {
                length_ns: None, ..
            } => format!("less than {}", shortest(crossing)),
            Found::At {
                length_ns: Some(ns),
                ..
            } => format!("about {}", time(ns)),
        };
        let joint = if number == 0 { "; with" } else { ", with" };
        let _ = write!(rule, "{joint} {} branches {from}", crossing.branches);
    }
    rule.push('.');
    rule
}

/// A time with the two digits that mean something: `6.1 µs`.
pub(crate) fn time(ns: f64) -> String {
    // 999 ns is a microsecond, in two digits.
    let (value, unit) = match ns {
        ns if ns < 995.0 => (ns, "ns"),
        ns if ns < 995e3 => (ns / 1e3, "µs"),
        ns => (ns / 1e6, "ms"),
    };
    let tenths = (value * 10.0).round() / 10.0;
    if tenths < 10.0 {
        let text = format!("{tenths:.1}");
        return format!("{} {unit}", text.trim_end_matches(".0"));
    }
    let step = if value < 99.5 { 1.0 } else { 10.0 };
    format!("{:.0} {unit}", (value / step).round() * step)
}
