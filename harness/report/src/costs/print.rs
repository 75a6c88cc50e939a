//! Costs as people and other programs read them.

use super::{CostReport, Costs, Target, TwinReport};
use crate::{
    aligned::table as columns,
    screen::{painted, wrapped},
    unpadded::table as plain,
};
use harness_judge::estimate::Estimate;
use harness_record::{
    costs::{Doing, Side},
    format::{configuration, duration, plural, thousands},
};
use owo_colors::Style;
use std::fmt::Write as _;

/// The columns of what an operation costs.
const COSTS: [&str; 6] = [
    "operation",
    "time",
    "per branch",
    "instructions",
    "allocations",
    "bytes",
];
/// The columns of what the trait adds.
const TWINS: [&str; 5] = ["operation", "instructions", "allocations", "time", "target"];

/// The report of a run that counted costs, for a terminal.
#[must_use]
pub fn text(costs: &Costs, width: usize) -> String {
    let mut out = String::new();
    for (title, answer, rows, twins) in parts(costs) {
        let _ = writeln!(out, "\n{}", painted(&title, Style::new().bold()));
        for line in answer {
            let _ = writeln!(out, "  {}", wrapped(&line, width - 2));
        }
        let _ = write!(out, "\n{}", aligned(&COSTS, &rows));
        if !twins.is_empty() {
            let _ = write!(
                out,
                "\n  through the trait over by hand\n{}",
                aligned(&TWINS, &twins)
            );
        }
    }
    out.push('\n');
    for text in [&legend(costs), &costs.target] {
        let _ = writeln!(out, "{}", wrapped(text, width));
    }
    for one in &costs.operations {
        for failed in &one.failed {
            let doing = match failed.doing {
                Doing::Time => "timing",
                Doing::Allocations => "counting allocations of",
                Doing::Instructions => "counting instructions of",
            };
            let _ = writeln!(
                out,
                "\nfailed {doing} {} {} {}: {}",
                title(one),
                one.operation,
                one.side.name(),
                failed.reason
            );
            for line in failed.stderr.lines() {
                let _ = writeln!(out, "    {line}");
            }
        }
    }
    out
}

/// The same as Markdown.
#[must_use]
pub fn markdown(costs: &Costs) -> String {
    let mut out = String::new();
    for (title, answer, rows, twins) in parts(costs) {
        let _ = writeln!(out, "\n### {title}\n");
        for line in answer {
            let _ = writeln!(out, "- {line}");
        }
        let _ = writeln!(out, "\n{}", plain(&COSTS, rows));
        if !twins.is_empty() {
            let _ = writeln!(
                out,
                "Through the trait over by hand:\n\n{}",
                plain(&TWINS, twins)
            );
        }
    }
    let _ = writeln!(
        out,
        "{}\n\n{}",
        legend(costs).replace('\n', " "),
        costs.target
    );
    out
}

/// A row a side of an operation, columns named as in the JSON report.
///
/// # Errors
///
/// As the writer of CSV reports them; writing to memory, it has no reason to.
pub fn csv(costs: &Costs) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "runtime",
        "version",
        "flavour",
        "workers",
        "operation",
        "root",
        "branches",
        "side",
        "time_ns",
        "time_ns_low",
        "time_ns_high",
        "time_per_branch_ns",
        "instructions",
        "allocations",
        "bytes",
        "rounds",
        "disturbed",
        "reason",
    ])?;
    for one in &costs.operations {
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        let count = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
        let reasons: Vec<&str> = one
            .failed
            .iter()
            .map(|failed| failed.reason.as_str())
            .collect();
        writer.write_record([
            one.id.runtime.clone(),
            one.version.clone().unwrap_or_default(),
            one.id.flavour.clone(),
            one.id.workers.to_string(),
            one.operation.clone(),
            one.root.clone(),
            one.branches.to_string(),
            one.side.name().to_owned(),
            number(one.time_ns.map(|time| time.median)),
            number(one.time_ns.and_then(|time| time.low)),
            number(one.time_ns.and_then(|time| time.high)),
            number(one.time_per_branch_ns),
            number(one.instructions),
            count(one.allocations),
            count(one.bytes),
            one.rounds.to_string(),
            one.disturbed.to_string(),
            reasons.join("; "),
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

type Part = (String, Vec<String>, Vec<Vec<String>>, Vec<Vec<String>>);

/// Of each configuration the title, what follows, the rows of its operations and those of its twins.
fn parts(costs: &Costs) -> Vec<Part> {
    let configurations = costs.configurations().into_iter();
    let parts = configurations.map(|first| {
        let answers = costs.answers.iter();
        let answers = answers.filter(|a| a.id == first.id);
        let answers = answers.flat_map(|a| std::iter::once(a.two.clone()).chain(a.worth.clone()));
        let operations = costs.operations.iter();
        let ours = operations.filter(|one| one.side == Side::Trait && one.id == first.id);
        let twins = costs.twins.iter();
        let twins = twins.filter(|twin| twin.id == first.id);
        (
            titled(first),
            answers.collect(),
            ours.map(row).collect(),
            twins.map(twin_row).collect(),
        )
    });
    parts.collect()
}

/// `smol default@1`.
#[must_use]
pub fn title(one: &CostReport) -> String {
    one.id.to_string()
}

/// `smol 2.0.2 default@1`.
fn titled(one: &CostReport) -> String {
    configuration(
        &one.id.runtime,
        one.version.as_deref(),
        &one.id.flavour,
        one.id.workers,
    )
}

fn row(one: &CostReport) -> Vec<String> {
    let per_branch = one.time_per_branch_ns.filter(|_| one.branches > 1);
    let time = match (one.time_ns, one.failed.is_empty()) {
        (Some(time), _) => format!(
            "{}{}",
            time.time(),
            if one.disturbed { ", machine busy" } else { "" }
        ),
        (None, true) => "not timed".to_owned(),
        (None, false) => "failed".to_owned(),
    };
    vec![
        one.operation.clone(),
        time,
        per_branch.map_or_else(String::new, duration),
        one.instructions.map_or_else(String::new, thousands),
        one.allocations
            .map_or_else(String::new, |n| thousands(n as f64)),
        one.bytes.map_or_else(String::new, |n| thousands(n as f64)),
    ]
}

fn twin_row(twin: &TwinReport) -> Vec<String> {
    let equal = match twin.allocations_equal {
        Some(true) => "equal",
        Some(false) => "other",
        None => "",
    };
    vec![
        twin.operation.clone(),
        twin.instruction_ratio
            .map_or_else(String::new, |ratio| format!("{ratio:.3}")),
        equal.to_owned(),
        twin.time_ratio.map_or_else(String::new, Estimate::factor),
        word(twin.target).to_owned(),
    ]
}

/// How a reader reads it.
#[must_use]
pub fn word(target: Target) -> &'static str {
    match target {
        Target::Met => "met",
        Target::Missed => "missed",
        Target::Unsteady => "unsteady",
        Target::NotCounted => "not counted",
    }
}

/// `1.50 µs, 2 allocations, 640 bytes`, as far as it is known.
#[must_use]
pub fn cost(one: &CostReport) -> Option<String> {
    let mut text = duration(one.time_ns?.median);
    if let Some(allocations) = one.allocations {
        let noun = plural(allocations, "allocation");
        let _ = write!(text, ", {} {noun}", thousands(allocations as f64));
        if let Some(bytes) = one.bytes.filter(|bytes| *bytes > 0) {
            let _ = write!(text, ", {} bytes", thousands(bytes as f64));
        }
    }
    Some(text)
}

/// The same over the branches, where it is about several: `0.75 µs, 2 allocations`.
#[must_use]
pub fn cost_of_branch(one: &CostReport) -> String {
    let Some(time) = one.time_per_branch_ns else {
        return String::new();
    };
    let mut text = duration(time);
    if let Some(allocations) = one.allocations {
        let each = allocations as f64 / one.branches as f64;
        let _ = write!(text, ", {each:.2} allocations");
    }
    text
}

fn legend(costs: &Costs) -> String {
    let times = if costs.left_by_cargo_bench {
        "Times are criterion's own estimates [95 % interval], as `cargo bench` left them."
            .to_owned()
    } else {
        format!(
            "Times are medians of {} rounds [95 % interval], both sides in each; {} of {} timings were disturbed by \
             other work and are in no figure.",
            costs.rounds, costs.disturbed_rounds, costs.timed_rounds
        )
    };
    let counted = match &costs.valgrind {
        Some(valgrind) => format!("Instructions by {valgrind}, where one thread executes."),
        None => "Instructions were not counted.".to_owned(),
    };
    format!("{times}\n{counted}")
}

/// Names to the left, figures to the right.
fn aligned(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|&cell| cell.to_owned()).collect();
    columns(&header, rows, |column| column == 0)
}
