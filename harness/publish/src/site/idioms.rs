//! What each way to put branches together does to them, by the newest run that compared most.

use serde::Serialize;

use super::{
    run::{Provenance, Run},
    templates::Templates,
};
use harness_report::idioms::{Grid, LEGEND};

#[derive(Serialize)]
struct Panel {
    runtime: String,
    title: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    failed: Vec<String>,
}

#[derive(Serialize)]
struct View {
    panels: Vec<Panel>,
    legend: Vec<&'static str>,
    provenance: String,
}

/// The section about a machine, whose runs stand newest first; empty where none compared them.
///
/// # Errors
///
/// As [`Templates::fill`].
pub(super) fn html(templates: &Templates, runs: &[&Run<'_>]) -> anyhow::Result<String> {
    let compared = |run: &&&Run<'_>| {
        let tables = run.recorded.report.idioms.iter();
        tables.map(|table| table.rows.len()).sum::<usize>()
    };
    // Of equals the last, which is the newest.
    let most = runs.iter().rev().max_by_key(compared);
    let Some(run) = most.filter(|run| compared(run) > 0) else {
        return Ok(String::new());
    };
    let panels = run.recorded.report.idioms.iter().map(|table| {
        let grid = Grid::of(table);
        Panel {
            runtime: table.id.runtime.clone(),
            title: grid.title,
            header: grid.header,
            rows: grid.rows,
            failed: grid.failed,
        }
    });
    let view = View {
        panels: panels.collect(),
        legend: LEGEND.lines().map(str::trim).collect(),
        provenance: Provenance::of(run.recorded).html(templates)?,
    };
    templates.fill("idioms.html", &view)
}
