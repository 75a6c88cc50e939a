//! The table of one configuration: a row a scenario, a column a primitive.

use comfy_table::{Table, presets};
use harness_record::format::{duration, mean};
use workload_catalogue::{SCENARIOS, Scenario, own, scenario};

use super::{CellReport, Report};
use harness_record::{
    bundle::CellStatus,
    cell::{PRIMITIVES, primitive_name},
    laws::band::Fit,
    load::Disturber,
    plan::Config,
};

/// What stands before a figure that no claim rests on.
pub const EXHIBIT_MARK: &str = "~";

/// What stands before a time over its law, where the law missed.
pub const MISSED_MARK: &str = "!";

/// The mark of a cell that its law missed.
#[must_use]
pub fn missed_mark(cell: &CellReport) -> &'static str {
    if cell.law == Some(Fit::Missed) {
        MISSED_MARK
    } else {
        ""
    }
}

/// The cells of one configuration, by scenario, in the catalogue's order. A scenario has a row for
/// each number of branches and each root that it was run with: most have one.
#[must_use]
pub fn rows<'a>(report: &'a Report, config: &Config) -> Vec<(&'static str, Vec<&'a CellReport>)> {
    let mut rows: Vec<(&'static str, Vec<&'a CellReport>)> = Vec::new();
    let mut owns: Vec<&'static Scenario> = Vec::new();
    for facts in report.cells.iter().filter_map(|cell| own(&cell.scenario)) {
        if owns.iter().all(|known| known.name != facts.name) {
            owns.push(facts);
        }
    }
    // A sweep has a table of its own.
    for scenario in SCENARIOS
        .iter()
        .filter(|scenario| !scenario.branches.is_sweep())
        .chain(owns)
    {
        let of_scenario = report
            .cells
            .iter()
            .filter(|cell| cell.scenario == scenario.name && is_of(cell, config));
        let first_row = rows.len();
        for cell in of_scenario {
            let alike = |(_, row): &&mut (&'static str, Vec<&'a CellReport>)| {
                (row[0].branches, &row[0].root) == (cell.branches, &cell.root)
            };
            match rows[first_row..].iter_mut().find(alike) {
                Some((_, row)) => row.push(cell),
                None => rows.push((scenario.name, vec![cell])),
            }
        }
    }
    rows
}

/// n of a row, and the root where the scenario is run from both.
#[must_use]
pub fn size(scenario: &str, cells: &[&CellReport]) -> String {
    let n = cells.first().map_or(0, |cell| cell.branches);
    let root = cells.first().filter(|_| both_roots(scenario));
    let root = root.map_or_else(String::new, |cell| format!(", {}", cell.root));
    format!("{n}{root}")
}

fn both_roots(name: &str) -> bool {
    scenario(name).is_some_and(|scenario| scenario.both_roots)
}

/// Whether a cell is of a configuration.
#[must_use]
pub fn is_of(cell: &CellReport, config: &Config) -> bool {
    cell.id == config.id
        && (cell.root == harness_record::cell::root_name(config.root) || both_roots(&cell.scenario))
}

/// The primitives that any of these cells was put together with, in the order of the columns.
#[must_use]
pub fn columns(cells: &[(&'static str, Vec<&CellReport>)]) -> Vec<&'static str> {
    PRIMITIVES
        .map(primitive_name)
        .into_iter()
        .filter(|primitive| {
            cells
                .iter()
                .any(|(_, row)| row.iter().any(|cell| cell.primitive == *primitive))
        })
        .collect()
}

/// The table as text, with borders of box-drawing characters.
#[must_use]
pub fn of(report: &Report, config: &Config) -> String {
    let rows = rows(report, config);
    let columns = columns(&rows);
    let busy = match report.disturber() {
        Disturber::Quota => "held back",
        Disturber::Others | Disturber::Both => "machine busy",
    };
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    let mut header = vec!["scenario"];
    header.extend(&columns);
    table.set_header(header);
    for (scenario, cells) in &rows {
        let mut row = vec![format!("{scenario}\nn = {}", size(scenario, cells))];
        for column in &columns {
            row.push(
                cells
                    .iter()
                    .find(|cell| cell.primitive == *column)
                    .map_or_else(String::new, |cell| text(cell, busy)),
            );
        }
        table.add_row(row);
    }
    table.to_string()
}

/// One cell: time and interval; the law and the speed-up; the time over the law; the two witnesses of parallelism.
fn text(cell: &CellReport, busy: &str) -> String {
    let Some(wall) = cell.wall_ns.filter(|_| cell.status == CellStatus::Ok) else {
        return cell.word().to_owned();
    };
    let mark = if cell.exhibit { EXHIBIT_MARK } else { "" };
    let mut lines = vec![format!("{mark}{}", wall.time())];
    let mut second = Vec::new();
    if let Some(law) = cell.predicted_ns {
        second.push(format!("law {}", duration(law)));
    }
    if let Some(speedup) = cell.speedup.filter(|_| cell.primitive != "sequential") {
        second.push(format!("{speedup:.2}x"));
    }
    lines.push(second.join(", "));
    if let Some(of_law) = cell.measured_over_predicted {
        let mark = missed_mark(cell);
        lines.push(format!("{mark}{} of law", of_law.factor()));
    }
    let mut third = Vec::new();
    if let Some(cores) = cell.cores_used {
        third.push(format!("{cores:.2} cores"));
    }
    if let Some(peak) = cell.peak_overlap {
        third.push(format!("peak {peak:.0}"));
    }
    lines.push(third.join(", "));
    if let Some(allocated) = allocated(cell) {
        lines.push(allocated);
    }
    if let Some(stall) = cell.stall_ns {
        lines.push(format!("stall {}", duration(stall)));
    }
    if let Some(missed) = cell.on_one_core.filter(|&missed| missed > 0) {
        lines.push(format!("{missed} of {} on one core", cell.samples));
    }
    if cell.disturbed {
        lines.push(busy.to_owned());
    }
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// What a cell allocates each time: `2 allocations`, and below it `256 bytes`.
fn allocated(cell: &CellReport) -> Option<String> {
    let (allocations, bytes) = cell.allocations.zip(cell.allocated_bytes)?;
    Some(match allocations {
        0.0 => "no allocation".to_owned(),
        _ => format!("{} allocations\n{} bytes", mean(allocations), mean(bytes)),
    })
}
