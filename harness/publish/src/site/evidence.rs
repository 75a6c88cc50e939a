//! What a claim's word rests on, on one configuration: what the grid opens to.

use harness_record::format::figure;
use std::collections::BTreeMap;

use harness_protocol::Primitive;
use serde::Serialize;

use super::{
    dots::{self, Plot},
    run::{Run, key, named, note},
    templates::Templates,
    timeline::{self, Part as TimelinePart, Size},
};
use harness_judge::{
    claims::Part,
    judge::{self, Case},
    stats::{median, median_interval},
};
use harness_record::{cell::Cell, plan::Config};
use harness_report::ClaimReport;

/// Timelines beside one claim, at most: the claim about every scenario would show every one.
const MOST_TIMELINES: usize = 3;

#[derive(Serialize)]
struct View<'a> {
    id: &'static str,
    title: String,
    sentence: &'static str,
    predicate: &'static str,
    word: &'static str,
    sign: &'static str,
    class: &'static str,
    measured: Option<String>,
    predicted: Option<String>,
    observations: usize,
    /// The reason, part by part.
    reason: Vec<&'a str>,
    plots: Vec<PlotOf>,
    /// Keys of timelines, with their headings.
    timelines: Vec<(String, String)>,
    command: String,
    report: String,
}

#[derive(Serialize)]
struct PlotOf {
    label: &'static str,
    asks: String,
    drawn: dots::Drawn,
}

/// The evidence for one claim on one configuration.
///
/// # Errors
///
/// As [`Templates::fill`].
pub(super) fn html(
    templates: &Templates,
    run: &Run<'_>,
    case: &Case<'_>,
    claim: &ClaimReport,
) -> anyhow::Result<String> {
    let (word, sign, class) = super::grid::word(claim);
    let mut plots = Vec::new();
    let parts = case
        .planned
        .as_ref()
        .map_or(&[][..], |planned| &planned.parts);
    for (number, part) in parts.iter().enumerate() {
        let predicted = claim.predicted.filter(|_| number == 0);
        plots.extend(plot(templates, run, part, number, predicted)?);
    }
    let scenarios = scenarios(parts);
    let timelines = watched(run, case.config, parts)
        .into_iter()
        .map(|scenario| (timeline_key(case.config, scenario), scenario.to_owned()))
        .collect();
    let view = View {
        id: case.claim.id,
        title: case.config.title(),
        sentence: case.claim.sentence,
        predicate: case.claim.predicate,
        word,
        sign,
        class,
        measured: claim.measured.map(|measured| {
            let interval = claim.interval.map_or_else(String::new, |[low, high]| {
                format!(", interval {} to {}", figure(low), figure(high))
            });
            format!("{}{interval}", figure(measured))
        }),
        predicted: claim.predicted.map(figure),
        observations: claim.observations,
        reason: claim.reason.split("; ").collect(),
        plots,
        timelines,
        command: command(case.config, &scenarios),
        report: format!(
            "cargo run -p harness -- report results/{}",
            run.recorded.name
        ),
    };
    templates.fill("evidence.html", &view)
}

/// The dots of a part that has a margin and was measured.
fn plot(
    templates: &Templates,
    run: &Run<'_>,
    part: &Part,
    number: usize,
    predicted: Option<f64>,
) -> anyhow::Result<Option<PlotOf>> {
    let Part::Margin {
        label,
        quantity,
        bound,
    } = part
    else {
        return Ok(None);
    };
    let values = judge::values(&run.recorded.bundle, quantity);
    let Some(median) = median(&values) else {
        return Ok(None);
    };
    let plot = Plot {
        label,
        values: &values,
        bound: *bound,
        median,
        interval: median_interval(&values, run.family.alpha_each()),
        predicted,
    };
    Ok(Some(PlotOf {
        label,
        asks: dots::asks(*bound),
        drawn: dots::draw(templates, &format!("dots-{number}"), &plot)?,
    }))
}

/// The scenarios that a claim's parts are about, each once, in their order.
fn scenarios(parts: &[Part]) -> Vec<&str> {
    let mut scenarios: Vec<&str> = Vec::new();
    for cell in parts.iter().flat_map(Part::cells) {
        if !scenarios.contains(&cell.scenario.as_str()) {
            scenarios.push(&cell.scenario);
        }
    }
    scenarios
}

/// The first of these scenarios whose polls were kept.
fn watched<'p>(run: &Run<'_>, config: &Config, parts: &'p [Part]) -> Vec<&'p str> {
    let scenarios = scenarios(parts).into_iter();
    scenarios
        .filter(|scenario| !parts_of(run, config, scenario).is_empty())
        .take(MOST_TIMELINES)
        .collect()
}

fn timeline_key(config: &Config, scenario: &str) -> String {
    format!("{}/{scenario}", key(config))
}

/// The primitives of a scenario of which polls were kept.
fn parts_of<'a>(run: &Run<'a>, config: &Config, scenario: &str) -> Vec<TimelinePart<'a>> {
    let wanted = [
        Primitive::Sequential,
        Primitive::Compose,
        config.placing(),
        Primitive::SpawnBlocking,
    ];
    let part = |primitive| {
        let cell: &Cell = run.cell(config, scenario, primitive)?;
        Some(TimelinePart {
            name: named(primitive),
            note: note(run.figures(cell)?),
            polls: run.polls(cell)?,
        })
    };
    wanted.into_iter().filter_map(part).collect()
}

/// The timelines that the evidence of a run shows, by key.
///
/// # Errors
///
/// As [`Templates::fill`].
pub(super) fn timelines(
    templates: &Templates,
    run: &Run<'_>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut timelines = BTreeMap::new();
    for config in run.configs() {
        for (case, _) in run.claims_on(config) {
            let parts = case
                .planned
                .as_ref()
                .map_or(&[][..], |planned| &planned.parts);
            for scenario in watched(run, config, parts) {
                let key = timeline_key(config, scenario);
                if timelines.contains_key(&key) {
                    continue;
                }
                let parts = parts_of(run, config, scenario);
                let id = format!("timeline-{}", scenario.replace('/', "-"));
                let title = format!("{scenario} on {}", config.title());
                let drawn = timeline::draw(templates, (&id, &title), &parts, Size::Narrow, None)?;
                timelines.insert(key, drawn);
            }
        }
    }
    Ok(timelines)
}

/// What measures it again.
fn command(config: &Config, scenarios: &[&str]) -> String {
    let mut command = format!("cargo run -p harness -- --runtime {}", config.id.runtime);
    if scenarios.is_empty() {
        return command;
    }
    if !config.fixed {
        command.push_str(&format!(" --workers {}", config.id.workers));
    }
    // About every scenario: the whole run says it.
    if scenarios.len() <= MOST_TIMELINES {
        command.push_str(&format!(" --scenario {}", scenarios.join(",")));
    }
    command
}
