//! Recursions that fork, as a person reads them.

use std::fmt::Write as _;

use harness_judge::{
    fork::{Point, SEQUENTIAL, Series},
    scale::summary,
};
use harness_record::format::{about, configuration, duration, figure, thousands};
use workload_catalogue::{Recursion, Scenario, scenario};

use crate::{aligned, unpadded::table as plain};

/// What the columns are, once for all tables.
const LEGEND: &str = "Times as fast: as the sequential program, plain calls in one thread, of the same block. The other figures are of the largest size.\n\
     Per fork: CPU time beyond that program's, over the forks. Cores: CPU time over time. Memory: how far it rose at its peak.\n\
     In turn: each call awaited before the next; every call of a runtime is in a box, for a future that calls itself must be.\n\
     From: the size from which it is 1.1 times as fast as that program, of those measured. ~ other work disturbed every block.";

/// The tables, aligned; empty if there is none.
#[must_use]
pub fn text(all: &[Series]) -> String {
    let mut out = String::new();
    for together in by_scenario(all) {
        let (header, rows) = table(together);
        let _ = writeln!(out, "{}", heading(together));
        // What gave out is told in words, in the last column.
        let last = header.len() - 1;
        let is_words = |column| column == 0 || column == last;
        out.push_str(&aligned::table(&header, &rows, is_words));
        out.push('\n');
    }
    if !out.is_empty() {
        let _ = writeln!(out, "{LEGEND}");
    }
    out
}

/// The same in Markdown.
#[must_use]
pub fn markdown(all: &[Series]) -> String {
    let mut out = String::new();
    for together in by_scenario(all) {
        let (header, rows) = table(together);
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let heading = heading(together).replacen(':', "`:", 1);
        let _ = writeln!(out, "`{heading}\n\n{}", plain(&header, rows));
    }
    if !out.is_empty() {
        let _ = writeln!(out, "{}", LEGEND.replace('\n', " "));
    }
    out
}

fn by_scenario(all: &[Series]) -> impl Iterator<Item = &[Series]> {
    all.chunk_by(|a, b| a.scenario == b.scenario)
}

fn recursion(together: &[Series]) -> Option<Recursion> {
    scenario(&together.first()?.scenario).and_then(Scenario::recursion)
}

fn sizes(together: &[Series]) -> Vec<&Point> {
    let mut all: Vec<&Point> = together.iter().flat_map(|series| &series.points).collect();
    all.sort_by_key(|point| point.size);
    all.dedup_by_key(|point| point.size);
    all
}

/// `fork/fib: what it computes; 1,346,268 forks at n = 30`.
fn heading(together: &[Series]) -> String {
    let name = together.first().map_or("", |series| &series.scenario);
    let largest = sizes(together).last().map_or_else(String::new, |point| {
        let counted = recursion(together).map_or("n", Recursion::size_name);
        let forks = thousands(point.forks as f64);
        format!("; {forks} forks at {counted} = {}", point.size)
    });
    format!("{name}: {}{largest}", summary(name))
}

fn table(together: &[Series]) -> (Vec<String>, Vec<Vec<String>>) {
    let sizes: Vec<usize> = sizes(together).iter().map(|point| point.size).collect();
    let counted = recursion(together).map_or("n", Recursion::size_name);
    let mut header = vec![format!("times as fast, by {counted}")];
    header.extend(sizes.iter().map(ToString::to_string));
    let of_largest = ["time", "per fork", "cores", "memory", "from"];
    header.extend(of_largest.map(str::to_owned));
    let rows = together.iter().map(|series| {
        let at = |size: &usize| series.points.iter().find(|point| point.size == *size);
        let speedup = |size: &usize| at(size).map_or_else(String::new, speedup);
        let largest = sizes.last().and_then(at);
        let mut row = vec![title(series)];
        row.extend(sizes.iter().map(speedup));
        let mut figures = largest.map_or_else(Default::default, of_point);
        if is_sequential(series) {
            // Itself is what it is held against.
            figures[1].clear();
        }
        row.extend(figures);
        row.push(end(series));
        row
    });
    (header, rows.collect())
}

fn is_sequential(series: &Series) -> bool {
    series.limit && series.id.flavour == SEQUENTIAL
}

fn title(series: &Series) -> String {
    let version = series.version.as_deref();
    if is_sequential(series) {
        return "the sequential program".to_owned();
    }
    if series.limit {
        let version = version.map_or_else(String::new, |version| format!(" {version}"));
        return format!("{}{version} @{}", series.id.flavour, series.id.workers);
    }
    let id = &series.id;
    let name = configuration(&id.runtime, version, &id.flavour, id.workers);
    let primitive = match series.primitive.as_str() {
        "sequential" => "in turn",
        primitive => primitive,
    };
    format!("{name}, {primitive}")
}

/// Two digits that mean something, however slow.
fn speedup(point: &Point) -> String {
    let mark = if point.disturbed { "~" } else { "" };
    point.speedup.map_or_else(String::new, |speedup| {
        let digits = match speedup.median {
            of if of >= 0.0995 => figure(of),
            of if of >= 0.00995 => format!("{of:.3}"),
            of => format!("{of:.4}"),
        };
        format!("{mark}{digits}")
    })
}

fn of_point(point: &Point) -> [String; 4] {
    [
        duration(point.wall_ns.median),
        point
            .fork_ns
            .map_or_else(String::new, |fork| per_fork(fork.median)),
        format!("{:.2}", point.cores.median),
        point
            .peak_bytes
            .map_or_else(String::new, |bytes| format!("{:.1} MB", bytes / 1e6)),
    ]
}

/// What costs next to nothing may come out below it.
fn per_fork(ns: f64) -> String {
    if ns < 0.05 {
        "0 ns".to_owned()
    } else {
        about(ns)
    }
}

/// From which size on it wins, and where it gave out.
fn end(series: &Series) -> String {
    let wins = series.wins_from.map(|size| size.to_string());
    let out = series.gave_out.as_ref();
    let out = out.map(|out| format!("gives out at {}: {}", out.branches, out.why));
    let parts: Vec<String> = wins.into_iter().chain(out).collect();
    parts.join("; ")
}
