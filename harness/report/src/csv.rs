//! The cells as CSV: a row a cell, columns named as in the JSON report.

use super::{CellReport, Report};

/// Every cell, with a header.
///
/// # Errors
///
/// As the writer of CSV reports them; writing to memory, it has no reason to.
pub fn of(report: &Report) -> anyhow::Result<String> {
    if let Some(costs) = &report.costs {
        return super::costs::print::csv(costs);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "runtime",
        "version",
        "flavour",
        "workers",
        "root",
        "scenario",
        "primitive",
        "branches",
        "status",
        "reason",
        "wall_ns",
        "wall_ns_low",
        "wall_ns_high",
        "predicted_ns",
        "measured_over_predicted",
        "measured_over_predicted_low",
        "measured_over_predicted_high",
        "law_band_low",
        "law_band_high",
        "law",
        "speedup",
        "cores_used",
        "peak_overlap",
        "mean_overlap",
        "mean_concurrency",
        "threads",
        "longest_poll_ns",
        "stall_ns",
        "allocations",
        "allocated_bytes",
        "rounds",
        "exhibit",
    ])?;
    for cell in &report.cells {
        writer.write_record(row(cell))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn row(cell: &CellReport) -> Vec<String> {
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    vec![
        cell.id.runtime.clone(),
        text(&cell.version),
        cell.id.flavour.clone(),
        cell.id.workers.to_string(),
        cell.root.clone(),
        cell.scenario.clone(),
        cell.primitive.clone(),
        cell.branches.to_string(),
        cell.status.name().to_owned(),
        text(&cell.reason),
        number(cell.wall_ns.map(|wall| wall.median)),
        number(cell.wall_ns.and_then(|wall| wall.low)),
        number(cell.wall_ns.and_then(|wall| wall.high)),
        number(cell.predicted_ns),
        number(cell.measured_over_predicted.map(|of_law| of_law.median)),
        number(cell.measured_over_predicted.and_then(|of_law| of_law.low)),
        number(cell.measured_over_predicted.and_then(|of_law| of_law.high)),
        number(cell.law_band.map(|band| band.low)),
        number(cell.law_band.map(|band| band.high)),
        cell.law
            .map_or_else(String::new, |law| law.name().to_owned()),
        number(cell.speedup),
        number(cell.cores_used),
        number(cell.peak_overlap),
        number(cell.mean_overlap),
        number(cell.mean_concurrency),
        number(cell.threads),
        number(cell.longest_poll_ns),
        number(cell.stall_ns),
        number(cell.allocations),
        number(cell.allocated_bytes),
        cell.rounds.to_string(),
        cell.exhibit.to_string(),
    ]
}
