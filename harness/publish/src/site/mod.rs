//! The page that people look at, and the pictures of the README, from recorded runs.
//!
//! Everything is drawn here, when the page is built, and the browser only chooses what it shows: polls are cut
//! to a few hundred rectangles a cell (`lanes`), samples to some tens of dots a comparison (`dots`). So a
//! page is as smooth with many runs as with one, and what it shows can be tested without a browser. What is not shown
//! at first is packed, and the browser unpacks it when it is asked for. Templates
//! are filled in by minijinja, which escapes; charts are drawn by plotters.
//!
//! Both are functions of the runs alone: no clock, no machine, no order of a hash map.

use std::collections::BTreeMap;

use anyhow::ensure;
use data_encoding::BASE64;
use harness_protocol::Primitive;
use serde::Serialize;
use serde_json::{Value, json};

use first::Does;
use grid::Grid;
use harness_judge::claims::CLAIMS;
use harness_record::bundle::pack;
use harness_report::recorded::Recorded;
use palette::{Theme, variables};
use run::{Provenance, Run, executing, key};
use templates::Templates;

mod cells;
mod chart;
mod costs;
mod dots;
mod evidence;
mod first;
mod grid;
mod idioms;
mod lanes;
mod lengths;
mod machine;
mod numbers;
mod palette;
mod pictures;
mod run;
mod scaling;
mod templates;
mod timeline;

/// Bytes that the runs may take of a page, beside the one that is shown first, as they are packed. Those that find no
/// room with all their evidence, the oldest, are there with their grids.
const EVIDENCE: usize = 800_000;
/// And those that find none with their grids either, with where they came from.
const GRIDS: usize = 1_000_000;

/// One static page about these runs, the newest first: all that it needs is in it.
///
/// # Errors
///
/// When a template or a chart cannot be drawn.
pub fn page(recorded: &[Recorded]) -> anyhow::Result<String> {
    let templates = Templates::new()?;
    let runs = newest_first(recorded);
    let machines = machine::machines(&runs);
    let shown = shown(&runs);
    let mut view = View::new()?;
    let mut used = 0;
    let mut has_room = true;
    // The run that is shown first is the first of the data, too.
    let others = (0..runs.len()).filter(|index| Some(*index) != shown);
    for index in shown.into_iter().chain(others) {
        let run = &runs[index];
        let mut data = if has_room {
            whole(&templates, run)?
        } else {
            brief(&templates, run, true)?
        };
        if Some(index) == shown {
            // The page holds these parts itself, and reads them from there.
            for (part, place) in [
                ("chips", &mut view.chips),
                ("grid", &mut view.grid),
                ("cells", &mut view.cells),
            ] {
                let html = data.as_object_mut().and_then(|data| data.remove(part));
                if let Some(Value::String(html)) = html {
                    *place = html;
                }
            }
            view.cells_count = run.recorded.report.cells.len();
            let config = first::default_config(run);
            let picture = config.and_then(|config| first::first(run, config, Does::Compute));
            view.first = picture
                .map(|picture| picture.html(&templates, run))
                .transpose()?;
            view.provenance = Provenance::of(run.recorded).html(&templates)?;
            view.default.clone_from(&run.recorded.name);
        }
        let mut data = packed(&data)?;
        if Some(index) != shown {
            if has_room && used + data.len() > EVIDENCE {
                has_room = false;
                data = packed(&brief(&templates, run, true)?)?;
            }
            if used + data.len() > GRIDS {
                data = packed(&brief(&templates, run, false)?)?;
            }
        }
        used += data.len();
        view.data.push((run.recorded.name.clone(), data));
    }
    let of_machine = |index: usize| runs[index].machine();
    let first_machine = shown.map(of_machine);
    let mut others = BTreeMap::new();
    for machine in &machines {
        let html = machine.html(&templates)?;
        if Some(&machine.name) == first_machine.as_ref() {
            view.machine = html;
        } else {
            others.insert(machine.name.clone(), html);
        }
        view.machines.push(machine.name.clone());
    }
    view.machine_data = packed(&json!(others))?;
    view.runs = runs.iter().map(About::of).collect();
    for run in &runs {
        for config in run.configs() {
            if !view.runtimes.contains(&config.id.runtime) {
                view.runtimes.push(config.id.runtime.clone());
            }
        }
    }
    let scenarios = runs.iter().flat_map(|run| &run.recorded.bundle.plan.groups);
    let mut measured: Vec<&str> = scenarios.map(|group| group.scenario.name).collect();
    let place = |name: &str| {
        workload_catalogue::SCENARIOS
            .iter()
            .position(|s| s.name == name)
    };
    measured.sort_by_key(|name| place(name));
    measured.dedup();
    view.scenarios = measured.into_iter().map(str::to_owned).collect();
    templates.fill("page.html", &view)
}

/// The pictures of the README, by the names of their files: of the run that the page shows first.
///
/// # Errors
///
/// When a template cannot be filled in.
pub fn pictures(recorded: &[Recorded]) -> anyhow::Result<BTreeMap<String, String>> {
    let runs = newest_first(recorded);
    match shown(&runs) {
        Some(index) => pictures::of(&Templates::new()?, &runs, &runs[index]),
        None => Ok(BTreeMap::new()),
    }
}

/// The run that the pictures are of.
#[must_use]
pub fn depicted(recorded: &[Recorded]) -> Option<&Recorded> {
    let runs = newest_first(recorded);
    shown(&runs).map(|index| runs[index].recorded)
}

fn newest_first(recorded: &[Recorded]) -> Vec<Run<'_>> {
    let mut recorded: Vec<&Recorded> = recorded.iter().collect();
    recorded.sort_by_key(|run| (std::cmp::Reverse(&run.report.started), &run.name));
    let mut runs: Vec<Run<'_>> = recorded.into_iter().map(Run::new).collect();
    Run::tell_apart(&mut runs);
    runs
}

/// The run that is shown first: of those that have the first picture and are whole, if any do, the one that measured most;
/// of several alike the newest.
fn shown(runs: &[Run<'_>]) -> Option<usize> {
    let measured = |index: &usize| {
        let run = &runs[*index];
        let drawn = first::default_config(run).is_some();
        let complete = run.recorded.report.complete;
        (drawn, complete, run.recorded.breadth())
    };
    // Of equals the last, which is the newest.
    (0..runs.len()).rev().max_by_key(measured)
}

#[derive(Serialize)]
struct View {
    css: String,
    js: &'static str,
    chips: String,
    first: Option<String>,
    grid: String,
    cells: String,
    cells_count: usize,
    provenance: String,
    default: String,
    machine: String,
    machines: Vec<String>,
    runs: Vec<About>,
    runtimes: Vec<String>,
    claims: Vec<&'static str>,
    scenarios: Vec<String>,
    data: Vec<(String, String)>,
    machine_data: String,
}

impl View {
    fn new() -> anyhow::Result<Self> {
        let js = include_str!("page.js");
        ensure!(!js.contains("</"), "page.js would end its own element");
        let (light, dark) = (variables(Theme::Light), variables(Theme::Dark));
        let css = format!(
            ":root{{color-scheme:light;{light}}}@media(prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}:root[data-theme=dark]{{color-scheme:dark;{dark}}}{}{}",
            include_str!("page.css"),
            pictures::DRAWINGS
        );
        Ok(Self {
            css,
            js,
            chips: String::new(),
            first: None,
            grid: String::new(),
            cells: String::new(),
            cells_count: 0,
            provenance: String::new(),
            default: String::new(),
            machine: String::new(),
            machines: Vec::new(),
            runs: Vec::new(),
            runtimes: Vec::new(),
            claims: CLAIMS.iter().map(|claim| claim.id).collect(),
            scenarios: Vec::new(),
            data: Vec::new(),
            machine_data: String::new(),
        })
    }
}

/// A run in the table of runs.
#[derive(Serialize)]
struct About {
    name: String,
    machine: String,
    host: String,
    command: String,
    revision: String,
    blocks: String,
    disturbed: usize,
    complete: &'static str,
}

impl About {
    fn of(run: &Run<'_>) -> Self {
        let report = &run.recorded.report;
        let provenance = Provenance::of(run.recorded);
        Self {
            name: run.recorded.name.clone(),
            machine: run.machine(),
            host: report.host.in_full(report.cores),
            command: provenance.command,
            revision: provenance.revision.unwrap_or_default(),
            blocks: match &report.costs {
                None => report.blocks.to_string(),
                Some(costs) => format!("{} costs", costs.operations.len()),
            },
            disturbed: match &report.costs {
                None => report.disturbed_blocks,
                Some(costs) => costs.disturbed_rounds,
            },
            complete: if report.complete {
                "yes"
            } else {
                "no: it was stopped"
            },
        }
    }
}

/// All of a run that the page can show.
fn whole(templates: &Templates, run: &Run<'_>) -> anyhow::Result<Value> {
    let mut first: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    for does in Does::ALL {
        let pictures = first.entry(does.key()).or_default();
        for config in run.configs() {
            if let Some(picture) = first::first(run, config, does) {
                pictures.insert(key(config), picture.html(templates, run)?);
            }
        }
    }
    let mut evidence = BTreeMap::new();
    for config in run.configs() {
        for (case, claim) in run.claims_on(config) {
            let html = evidence::html(templates, run, case, claim)?;
            evidence.insert(format!("{}/{}", case.claim.id, key(config)), html);
        }
    }
    let default = first::default_config(run).map(key);
    let note = match run.recorded.report.costs {
        None => {
            "<p class=\"said\">This run did not put these branches together both ways on this runtime.</p>"
        }
        Some(_) => {
            "<p class=\"said\">This run counted what primitives cost, and put no branches together to judge claims.</p>"
        }
    };
    Ok(json!({
        "default": default,
        "configs": run.configs().map(key).collect::<Vec<_>>(),
        "note": note,
        "chips": chips(templates, run)?,
        "first": first,
        "grid": Grid::of(run).html(templates)?,
        "cells": cells::html(templates, run)?,
        "evidence": evidence,
        "timelines": evidence::timelines(templates, run)?,
        "provenance": Provenance::of(run.recorded).html(templates)?,
    }))
}

/// A run of which the page has no room for more than its grid, or not even that.
fn brief(templates: &Templates, run: &Run<'_>, with_grid: bool) -> anyhow::Result<Value> {
    let where_else = templates.fill("elsewhere.html", json!({ "run": run.recorded.name }))?;
    Ok(json!({
        "default": Value::Null,
        "configs": [],
        "note": where_else,
        "elsewhere": where_else,
        "chips": "",
        "first": { "compute": {}, "wait": {} },
        "grid": if with_grid { Grid::of(run).html(templates)? } else { where_else.clone() },
        "cells": where_else,
        "evidence": {},
        "timelines": {},
        "provenance": Provenance::of(run.recorded).html(templates)?,
    }))
}

#[derive(Serialize)]
struct Chip {
    key: String,
    runtime: String,
    flavour: String,
}

#[derive(Serialize)]
struct ChipGroup {
    label: &'static str,
    chips: Vec<Chip>,
}

/// What the reader chooses the first picture by.
fn chips(templates: &Templates, run: &Run<'_>) -> anyhow::Result<String> {
    let group = |label, several: bool| ChipGroup {
        label,
        chips: run
            .configs()
            .filter(|config| (executing(config) > 1) == several)
            .filter(|config| {
                Does::ALL
                    .iter()
                    .any(|does| first::first(run, config, *does).is_some())
            })
            .map(|config| Chip {
                key: key(config),
                runtime: config.id.runtime.clone(),
                flavour: if config.placing() == Primitive::Spawn {
                    config.id.flavour.clone()
                } else {
                    format!("{} (dispatch)", config.id.flavour)
                },
            })
            .collect(),
    };
    let groups = [group("several threads", true), group("one thread", false)];
    let does = [(Does::Compute.key(), "compute"), (Does::Wait.key(), "wait")];
    let default = first::default_config(run).map(key).unwrap_or_default();
    templates.fill(
        "chips.html",
        json!({ "groups": groups, "does": does, "default": default }),
    )
}

/// JSON as the page carries it: gzip in base64, a tenth as long, and with nothing in it that could end its element.
fn packed(value: &Value) -> anyhow::Result<String> {
    let json = serde_json::to_vec(value)?;
    let mut gzip = Vec::new();
    pack(&mut json.as_slice(), &mut gzip)?;
    Ok(BASE64.encode(&gzip))
}

#[cfg(test)]
mod tests;
