//! What a primitive costs on a machine, by the newest run of it that counted most.

use serde::Serialize;

use super::{
    run::{Provenance, Run},
    templates::Templates,
};
use harness_report::costs::headlines::headlines;

#[derive(Serialize)]
struct Row {
    runtime: String,
    title: String,
    answers: Vec<String>,
}

#[derive(Serialize)]
struct View {
    questions: Vec<&'static str>,
    rows: Vec<Row>,
    target: String,
    provenance: String,
}

/// The section about a machine, whose runs stand newest first; empty where none counted costs.
///
/// # Errors
///
/// As [`Templates::fill`].
pub(super) fn html(templates: &Templates, runs: &[&Run<'_>]) -> anyhow::Result<String> {
    let counted = runs
        .iter()
        .rev()
        .filter_map(|run| Some((run, run.recorded.report.costs.as_ref()?)));
    // Of equals the last, which is the newest.
    let Some((run, costs)) = counted.max_by_key(|(_, costs)| costs.operations.len()) else {
        return Ok(String::new());
    };
    let (questions, rows) = headlines(costs);
    let rows = rows.into_iter().map(|row| Row {
        runtime: row.runtime,
        title: row.title,
        answers: row.answers,
    });
    let view = View {
        questions,
        rows: rows.collect(),
        target: costs.target.clone(),
        provenance: Provenance::of(run.recorded).html(templates)?,
    };
    templates.fill("costs.html", &view)
}
