//! Ever more branches as a person reads it.

use harness_record::format::configuration;
use std::fmt::Write as _;

use harness_judge::scale::{GaveOut, Many, Series, summary};
use harness_record::format::{about, duration};

use crate::unpadded::table as plain;

/// What the columns are, once for all tables.
const LEGEND: &str = "CPU: time of the process, per branch. Over: wall time beyond the instant that all wait for, per branch.\n\
     Memory: how far the resident set rose at its peak, in bytes per branch; of fewer than 10 000 it tells nothing.\n\
     < not all were there at once: the last began when the wait was over, and they took more memory than this.\n\
     ~ other work disturbed every round.";

/// Every series, those of one configuration and scenario side by side; empty if there is none.
#[must_use]
pub fn text(all: &[Series]) -> String {
    let mut out = String::new();
    for together in all.chunk_by(alike) {
        if let Some(first) = together.first() {
            table(&mut out, first, together);
        }
    }
    if !out.is_empty() {
        let _ = writeln!(out, "{LEGEND}");
    }
    out
}

fn alike(a: &Series, b: &Series) -> bool {
    (&a.id, &a.scenario) == (&b.id, &b.scenario)
}

fn title(series: &Series) -> String {
    configuration(
        &series.id.runtime,
        series.version.as_deref(),
        &series.id.flavour,
        series.id.workers,
    )
}

fn table(out: &mut String, first: &Series, together: &[Series]) {
    let _ = writeln!(
        out,
        "{}: {}, {}",
        title(first),
        first.scenario,
        summary(&first.scenario)
    );
    let mut line = format!("  {:>9}", "n");
    for series in together {
        let cpu = format!("{}: CPU", series.primitive);
        let _ = write!(line, "  {cpu:>13} {:>8} {:>8}", "over", "memory");
    }
    let _ = writeln!(out, "{line}");
    let mut counts: Vec<usize> = together
        .iter()
        .flat_map(|series| &series.points)
        .map(|point| point.branches)
        .collect();
    counts.sort_unstable();
    counts.dedup();
    for n in counts {
        let mut line = format!("  {n:>9}");
        for series in together {
            let point = series.points.iter().find(|point| point.branches == n);
            let [cpu, over, memory] = point.map_or_else(Default::default, cells);
            let _ = write!(line, "  {cpu:>13} {over:>8} {memory:>8}");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for series in together {
        if let Some(out_at) = &series.gave_out {
            let _ = writeln!(out, "  {}", gave_out(series, out_at));
        }
    }
    out.push('\n');
}

fn cells(point: &Many) -> [String; 3] {
    let mark = if point.disturbed { "~" } else { "" };
    [
        format!("{mark}{}", about(point.cpu_ns.median)),
        about(point.over_wait_ns.median),
        memory(point),
    ]
}

fn memory(point: &Many) -> String {
    let late = if point.late_ns.is_some() { "<" } else { "" };
    point
        .bytes
        .map_or_else(String::new, |bytes| format!("{late}{bytes:.0}"))
}

fn gave_out(series: &Series, out: &GaveOut) -> String {
    format!(
        "{} gives out at {}: {}",
        series.primitive, out.branches, out.why
    )
}

/// A table for each scenario, a row for each configuration and primitive: what a branch takes when there are
/// few and when there are most, and what gave out.
#[must_use]
pub fn markdown(all: &[Series]) -> String {
    let mut scenarios: Vec<&str> = all.iter().map(|series| series.scenario.as_str()).collect();
    scenarios.sort_unstable();
    scenarios.dedup();
    let mut out = String::new();
    for scenario in scenarios {
        let of_scenario = all.iter().filter(|series| series.scenario == scenario);
        let rows = of_scenario.map(|series| {
            let at = |n: usize| series.points.iter().find(|point| point.branches == n);
            let cpu = |n: usize| at(n).map_or_else(String::new, |point| cells(point)[0].clone());
            let bytes = |n: usize| at(n).map_or_else(String::new, memory);
            let most = series.points.last();
            let wall = most.map_or_else(String::new, |most| {
                format!("{} in {}", most.branches, duration(most.wall_ns.median))
            });
            let end = series.gave_out.as_ref();
            vec![
                title(series),
                series.primitive.clone(),
                cpu(1_000),
                cpu(1_000_000),
                bytes(10_000),
                bytes(1_000_000),
                wall,
                end.map_or_else(String::new, |end| format!("{}: {}", end.branches, end.why)),
            ]
        });
        let table = plain(
            &[
                "configuration",
                "primitive",
                "CPU per branch, of 1 000",
                "of 1 000 000",
                "bytes per branch, of 10 000",
                "of 1 000 000",
                "the most",
                "gives out at",
            ],
            rows.collect(),
        );
        let _ = writeln!(out, "`{scenario}`, {}:\n\n{table}", summary(scenario));
    }
    if !out.is_empty() {
        let _ = writeln!(out, "{}", LEGEND.replace('\n', " ").replace('<', "&lt;"));
    }
    out
}
