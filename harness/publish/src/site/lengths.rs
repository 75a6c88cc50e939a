//! From which length on a branch is worth a spawn: the sweep over what a branch computes.

use harness_record::format::{configuration, duration, figure};
use serde::Serialize;

use super::{
    chart::{Chart, Line},
    run::{Provenance, Run},
    templates::Templates,
};
use harness_judge::crossing::{self, Crossing, Found};

/// A configuration's curves from one root.
#[derive(Serialize)]
struct Panel {
    runtime: String,
    title: String,
    svg: String,
    legend: Vec<String>,
    found: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    runtime: String,
    title: String,
    length: String,
    joined: String,
    spawned: String,
    ratio: String,
}

#[derive(Serialize)]
struct View {
    panels: Vec<Panel>,
    rows: Vec<Row>,
    provenance: String,
}

/// The section about a machine, by its newest run that has a sweep; empty where none has.
///
/// # Errors
///
/// As [`Templates::fill`], or when a chart cannot be drawn.
pub(super) fn html(templates: &Templates, runs: &[&Run<'_>]) -> anyhow::Result<String> {
    let swept = runs.iter().find_map(|run| {
        let crossings = crossing::crossings(&run.recorded.bundle);
        (!crossings.is_empty()).then_some((run, crossings))
    });
    let Some((run, crossings)) = swept else {
        return Ok(String::new());
    };
    let same = |a: &Crossing, b: &Crossing| {
        (&a.id.runtime, &a.id.flavour, a.id.workers, &a.root)
            == (&b.id.runtime, &b.id.flavour, b.id.workers, &b.root)
    };
    let panels = crossings.chunk_by(same).enumerate();
    let panels = panels.map(|(number, of_config)| panel(number, of_config));
    let view = View {
        panels: panels.collect::<anyhow::Result<_>>()?,
        rows: crossings.iter().flat_map(rows).collect(),
        provenance: Provenance::of(run.recorded).html(templates)?,
    };
    templates.fill("lengths.html", &view)
}

fn title(crossing: &Crossing) -> String {
    configuration(
        &crossing.id.runtime,
        None,
        &crossing.id.flavour,
        crossing.id.workers,
    )
}

fn panel(number: usize, crossings: &[Crossing]) -> anyhow::Result<Panel> {
    let first = &crossings[0];
    let lines: Vec<Line> = crossings
        .iter()
        .map(|crossing| Line {
            name: format!("{} branches", crossing.branches),
            points: crossing
                .points
                .iter()
                .map(|point| (point.length_ns / 1e3, point.ratio.median))
                .collect(),
            ..Line::default()
        })
        .collect();
    let mark = crossings.iter().find_map(|crossing| match crossing.found {
        Found::At {
            length_ns: Some(ns),
            ..
        } => Some((ns / 1e3, duration(ns))),
        _ => None,
    });
    let chart = Chart {
        id: format!("lengths-{number}"),
        title: format!(
            "{}: {} time over compose time, by what a branch computes",
            title(first),
            first.placing
        ),
        x_label: "what a branch computes, µs",
        y_label: "times as long as joined",
        base: 10.0,
        steep: true,
        lines: &lines,
        mark,
    };
    Ok(Panel {
        runtime: first.id.runtime.clone(),
        title: format!("{}, from {}", title(first), first.root),
        svg: chart.draw()?,
        legend: lines.iter().map(|line| line.name.clone()).collect(),
        found: words(crossings),
    })
}

/// Where the curves of a panel cross, in words: once where one thread executes them all.
fn words(crossings: &[Crossing]) -> Vec<String> {
    let mut words: Vec<String> = crossings.iter().map(found).collect();
    words.dedup();
    words
}

/// Where it crosses, in words.
fn found(crossing: &Crossing) -> String {
    let placing = &crossing.placing;
    match crossing.found {
        Found::NeverOnOneThread => {
            format!("One thread executes what is handed to {placing}: it never pays.")
        }
        Found::NotUpTo { length_ns } => {
            format!(
                "With {} branches it does not pay up to {}.",
                crossing.branches,
                duration(length_ns)
            )
        }
        Found::At {
            length_ns,
            low_ns,
            high_ns,
        } => {
            let at = length_ns.map_or_else(
                || "below the shortest branch measured".to_owned(),
                |ns| format!("from {} on", duration(ns)),
            );
            let between = match (low_ns, high_ns) {
                (Some(low), Some(high)) => {
                    format!(
                        " (between {} and {}, at 95 %)",
                        duration(low),
                        duration(high)
                    )
                }
                _ => String::new(),
            };
            format!(
                "With {} branches {placing} pays {at}{between}.",
                crossing.branches
            )
        }
    }
}

fn rows(crossing: &Crossing) -> impl Iterator<Item = Row> {
    let title = title(crossing);
    crossing.points.iter().map(move |point| {
        let interval = point
            .ratio
            .interval()
            .map_or_else(String::new, |(low, high)| {
                format!(" [{}, {}]", figure(low), figure(high))
            });
        Row {
            runtime: crossing.id.runtime.clone(),
            title: format!(
                "{title}, {} branches from {}",
                crossing.branches, crossing.root
            ),
            length: duration(point.length_ns),
            joined: duration(point.compose_ns),
            spawned: duration(point.spawn_ns),
            ratio: format!("{}{interval}", figure(point.ratio.median)),
        }
    })
}
