//! Held connections as a person reads them.

use harness_record::format::{configuration, percent};
use std::fmt::Write as _;

use harness_judge::connections::{Point, Series};
use harness_record::format::about;

use crate::unpadded::table as plain;

/// What the columns are, once for all tables.
const LEGEND: &str = "Trip: wall time while all are open, over their round trips. CPU: time of the process over the same.\n\
     Over a limit: time over that of a program without a runtime, in one block [95 % interval].\n\
     Origin: the part of the time in which the one thread at the other end was busy; near 100 % it is what is measured.\n\
     ~ other work disturbed every block.";

/// Every series; empty if there is none.
#[must_use]
pub fn text(all: &[Series]) -> String {
    let mut out = String::new();
    if all.is_empty() {
        return out;
    }
    for series in all {
        let _ = writeln!(out, "{}", title(series));
        let mut line = format!(
            "  {:>11} {:>8} {:>8} {:>7}",
            "connections", "trip", "CPU", "origin"
        );
        for limit in limits(series) {
            let _ = write!(line, "  {:<21}", format!("trip over {limit}"));
            let _ = write!(line, "  {:<21}", format!("CPU over {limit}"));
        }
        let _ = writeln!(out, "{}", line.trim_end());
        for point in &series.points {
            let mut line = format!(
                "  {:>11} {:>8} {:>8} {:>7}",
                point.connections,
                trip(point),
                about(point.cpu_ns.median),
                percent(point.origin_busy, 0)
            );
            for over in &point.over {
                let _ = write!(
                    line,
                    "  {:<21}  {:<21}",
                    over.wall.factor(),
                    over.cpu.factor()
                );
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
        if let Some(end) = &series.gave_out {
            let _ = writeln!(out, "  gives out at {}: {}", end.branches, end.why);
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{LEGEND}");
    out
}

/// What a series is held against, by its points.
fn limits(series: &Series) -> Vec<&str> {
    let most = series.points.iter().max_by_key(|point| point.over.len());
    let over = most.into_iter().flat_map(|point| &point.over);
    over.map(|over| over.limit.as_str()).collect()
}

fn title(series: &Series) -> String {
    if series.limit {
        return format!("no runtime, {}", series.id.flavour);
    }
    let name = configuration(
        &series.id.runtime,
        series.version.as_deref(),
        &series.id.flavour,
        series.id.workers,
    );
    format!("{name}, {}", series.primitive)
}

fn trip(point: &Point) -> String {
    let mark = if point.disturbed { "~" } else { "" };
    format!("{mark}{}", about(point.trip_ns.median))
}

/// A table: a row for each configuration and primitive, a column for each number of connections.
#[must_use]
pub fn markdown(all: &[Series]) -> String {
    let mut counts: Vec<usize> = all
        .iter()
        .flat_map(|series| &series.points)
        .map(|point| point.connections)
        .collect();
    counts.sort_unstable();
    counts.dedup();
    if counts.is_empty() && all.is_empty() {
        return String::new();
    }
    let header: Vec<String> = ["configuration".to_owned()]
        .into_iter()
        .chain(counts.iter().map(ToString::to_string))
        .chain(["gives out at".to_owned()])
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let rows = all.iter().map(|series| {
        let cell = |n: &usize| {
            let point = series.points.iter().find(|point| point.connections == *n);
            point.map_or_else(String::new, figure)
        };
        let end = series.gave_out.as_ref();
        let end = end.map_or_else(String::new, |end| format!("{}: {}", end.branches, end.why));
        [title(series)]
            .into_iter()
            .chain(counts.iter().map(cell))
            .chain([end])
            .collect()
    });
    let table = plain(&header, rows.collect());
    format!(
        "{table}\nEach: a round trip while all are open, its CPU time in the client, how busy the origin's thread was; \
         then the time over a plain epoll's, in one block, with its interval at 95 %.\n"
    )
}

/// `4.1 µs, CPU 3.9 µs, origin 96 %; 1.20× [1.11, 1.31]`: the first limit is what is shown.
fn figure(point: &Point) -> String {
    let mut text = format!(
        "{}, CPU {}, origin {}",
        trip(point),
        about(point.cpu_ns.median),
        percent(point.origin_busy, 0)
    );
    if let Some(over) = point.over.first() {
        let _ = write!(text, "; {}", over.wall.factor());
    }
    text
}
