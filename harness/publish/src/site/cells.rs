//! Every cell's time against its prediction, as a table.

use harness_record::format::{configuration, duration, figure};
use serde::Serialize;

use super::{run::Run, templates::Templates};
use harness_record::bundle::CellStatus;
use harness_report::{CellReport, table};

#[derive(Serialize)]
struct View {
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    runtime: String,
    scenario: String,
    config: String,
    /// The primitive, and its branches.
    how: String,
    time: String,
    law: String,
    of_law: String,
    missed: bool,
    speedup: String,
    cores: String,
    note: String,
}

/// The table of a run.
///
/// # Errors
///
/// As [`Templates::fill`].
pub(super) fn html(templates: &Templates, run: &Run<'_>) -> anyhow::Result<String> {
    let rows = run.recorded.report.cells.iter().map(row).collect();
    templates.fill("cells.html", View { rows })
}

fn row(cell: &CellReport) -> Row {
    let text = |value: Option<f64>, write: fn(f64) -> String| value.map_or_else(String::new, write);
    let worker = if cell.root == "worker" {
        ", in a task"
    } else {
        ""
    };
    let time = cell.wall_ns.map_or_else(
        || cell.word().to_owned(),
        |wall| {
            let interval = wall.interval().map_or_else(String::new, |(low, high)| {
                format!(" [{}, {}]", duration(low), duration(high))
            });
            format!("{}{interval}", duration(wall.median))
        },
    );
    let mut notes = Vec::new();
    if let Some(missed) = cell.on_one_core.filter(|&missed| missed > 0) {
        notes.push(format!("{missed} of {} on one core", cell.samples));
    }
    if let Some(stall) = cell.stall_ns {
        notes.push(format!("stall {}", duration(stall)));
    }
    if cell.disturbed {
        notes.push("machine busy".to_owned());
    }
    if cell.exhibit {
        notes.push("information only".to_owned());
    }
    if cell.status != CellStatus::Ok {
        notes.extend(cell.reason.clone());
    }
    Row {
        runtime: cell.id.runtime.clone(),
        scenario: cell.scenario.clone(),
        config: configuration(&cell.id.runtime, None, &cell.id.flavour, cell.id.workers),
        how: format!("{} @{}{worker}", cell.primitive, cell.branches),
        time,
        law: text(cell.predicted_ns, duration),
        of_law: cell
            .measured_over_predicted
            .map_or_else(String::new, |of_law| figure(of_law.median)),
        missed: !table::missed_mark(cell).is_empty(),
        speedup: text(
            cell.speedup.filter(|_| cell.primitive != "sequential"),
            figure,
        ),
        cores: text(cell.cores_used, |cores| format!("{cores:.2}")),
        note: notes.join("; "),
    }
}
