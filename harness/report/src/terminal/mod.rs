//! The report as a person reads it in a terminal.

use super::{CellReport, Report, costs, scaling, table};
use crate::{
    connections, crossing, fork, idioms, pieces, promises, scale,
    screen::{painted, wrapped},
    timeline,
};
use configuration::{claims_beside, claims_of, field_cases, promises_of, title};
use harness_judge::claims;
use harness_record::{bundle::Bundle, cell::Cell, plan::Config};
use owo_colors::Style;
use std::fmt::Write as _;

mod configuration;
mod difference;

pub(super) use difference::difference;

/// Said of a run that tried no promises.
pub(super) const UNVERIFIED: &str = "unverified: what the adapters declare was not tried";

/// Disturbed blocks that are named one by one.
const SHOWN_DISTURBANCES: usize = 3;

/// Everything, in this order: the machine and the method in a line each; for each configuration the
/// claims and the table; the timeline; the answers.
#[must_use]
pub fn of(bundle: &Bundle, report: &Report, width: usize) -> String {
    let mut out = String::new();
    if let Some(costs) = &report.costs {
        let complete = if report.complete {
            ""
        } else {
            "; stopped before its end"
        };
        let summary = report.host.summary(report.cores);
        let _ = writeln!(out, "{summary}; {}{complete}", report.started);
        for line in absent(bundle) {
            let _ = writeln!(out, "{line}");
        }
        for (one, why) in bundle.header.unheard() {
            let _ = writeln!(out, "{} is not measured: {why}", one.name);
        }
        out.push('\n');
        out.push_str(&promises::lines(&report.verified));
        out.push_str(&costs::print::text(costs, width));
        return out;
    }
    heading(&mut out, bundle, report);
    for config in shown(bundle) {
        let _ = writeln!(
            out,
            "\n{}",
            painted(&title(bundle, config), Style::new().bold())
        );
        if let Some(standing) = report.standing(config) {
            promises_of(&mut out, standing);
        }
        if bundle.plan.only_costs() {
            claims_beside(&mut out, report, config);
        } else {
            claims_of(&mut out, report, config);
        }
        if let Some(control) = report.controls.on(config) {
            let _ = writeln!(out, "  {:<13} {:<30} {control}", "control", "A/A");
        }
        field_cases(&mut out, report, config, width);
        if !bundle.plan.only_costs() {
            let _ = writeln!(out, "\n{}", table::of(report, config));
        }
    }
    if !bundle.plan.only_costs() {
        legend(&mut out, report);
    }
    missed_laws(&mut out, report);
    failures(&mut out, report);
    answer(&mut out, bundle, report, width);
    out
}

/// The end of it: who ran when under compose and when placed, and "Join or spawn?".
fn answer(out: &mut String, bundle: &Bundle, report: &Report, width: usize) {
    timelines(out, bundle, width);
    for text in [
        crossing::text(&report.crossings),
        pieces::text(&report.splittings),
        scale::text(&report.scale),
        connections::text(&report.connections),
        fork::text(&report.fork),
        idioms::text(&report.idioms),
    ] {
        if !text.is_empty() {
            let _ = write!(out, "\n{text}");
        }
    }
    let curves = scaling::of(report);
    if !curves.is_empty() {
        let heading = scaling::heading(report);
        let _ = writeln!(out, "\n{}", painted(&heading, Style::new().bold()));
        out.push_str(&curves);
    }
    if !report.answers.is_empty() {
        let _ = writeln!(out, "\n{}", painted("Join or spawn?", Style::new().bold()));
        for answer in &report.answers {
            let _ = writeln!(out, "{}", wrapped(answer, width));
        }
        if let Some(why) = difference(bundle, None) {
            let _ = writeln!(out, "{}", wrapped(&why, width));
        }
    }
}

/// The configurations that can run here.
fn shown(bundle: &Bundle) -> impl Iterator<Item = &Config> + Clone {
    let all = bundle.plan.configs.iter();
    all.filter(|config| config.unavailable.is_none())
}

/// The runtimes and flavours that did not run, and why, a line each. Whose adapter was not heard stands among what
/// failed.
pub(super) fn absent(bundle: &Bundle) -> impl Iterator<Item = String> {
    let header = &bundle.header;
    let asked = header.entrants.iter();
    let asked = asked.filter(|one| one.asked && !header.is_unheard(&one.name));
    asked.flat_map(|entrant| {
        let itself = (entrant.name.clone(), &entrant.unavailable);
        let flavours = entrant.flavours.iter();
        let flavours = flavours.map(|flavour| {
            let name = format!("{} {}", entrant.name, flavour.name);
            (name, &flavour.unavailable)
        });
        let all = [itself].into_iter().chain(flavours);
        all.filter_map(|(name, why)| Some(format!("{name} is unavailable: {}", why.as_ref()?)))
    })
}

/// How the machine lies, and how many workers runtimes start on it where nobody says how many.
fn machine(bundle: &Bundle, report: &Report) -> Option<String> {
    let entrants = bundle.header.entrants.iter();
    let unasked = entrants.flat_map(|entrant| {
        let flavours = entrant.flavours.iter();
        flavours.filter_map(|flavour| {
            let workers = flavour.unasked_workers?;
            Some(format!("{} {} {workers}", entrant.name, flavour.name))
        })
    });
    let unasked: Vec<String> = unasked.collect();
    let unasked = (!unasked.is_empty()).then(|| format!("workers unasked: {}", unasked.join(", ")));
    let parts: Vec<String> = report.host.layout().into_iter().chain(unasked).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn heading(out: &mut String, bundle: &Bundle, report: &Report) {
    let _ = writeln!(
        out,
        "{}; {}",
        report.host.summary(report.cores),
        report.started
    );
    if let Some(machine) = machine(bundle, report) {
        let _ = writeln!(out, "{machine}");
    }
    let _ = writeln!(
        out,
        "{} comparisons share an error of {:.0} %; {} blocks, {} of them disturbed by {}; seed {}{}",
        report.comparisons,
        100.0 * report.family_error,
        report.blocks,
        report.disturbed_blocks,
        report.disturber(),
        report.seed,
        if report.complete {
            ""
        } else {
            "; stopped before its end"
        }
    );
    if let Some(controls) = report.controls.summary() {
        let _ = writeln!(out, "{controls}");
    }
    if report.unverified {
        let _ = writeln!(out, "{UNVERIFIED}");
    }
    for kin in &report.kin {
        let _ = writeln!(out, "{kin}");
    }
    for compared in report.compared_and_broken() {
        let _ = writeln!(
            out,
            "{}, which calibrates and compares, is not measured: {}",
            compared.title(),
            compared.summary()
        );
        for broken in &compared.broken {
            let _ = writeln!(out, "  broken  {}: {}", broken.check, broken.why);
        }
    }
    for d in report.disturbances.iter().take(SHOWN_DISTURBANCES) {
        let _ = writeln!(
            out,
            "  block {} ({}, {}): {}",
            d.block, d.runtime, d.scenario, d.why
        );
    }
    if let Some(more) = report
        .disturbances
        .len()
        .checked_sub(SHOWN_DISTURBANCES)
        .filter(|&more| more > 0)
    {
        let _ = writeln!(out, "  and {more} more, in the record");
    }
}

fn legend(out: &mut String, report: &Report) {
    if report.cells.iter().all(|cell| cell.wall_ns.is_none()) {
        return;
    }
    let _ = writeln!(
        out,
        "Each cell: median wall time [95 % interval over rounds]; law: the time predicted beforehand, and how\n\
         many times as fast as sequential; measured over predicted time; cores used (CPU time over wall time),\n\
         peak: most threads inside branches at once.\n\
         {} further from the prediction than the law allows; {} information only: no claim rests on it, so it gets\n\
         {} rounds unless more are asked for.",
        table::MISSED_MARK,
        table::EXHIBIT_MARK,
        harness_record::plan::EXHIBIT_ROUNDS
    );
}

/// Every cell that a law missed by more than its band, a line each.
fn missed_laws(out: &mut String, report: &Report) {
    for line in report.cells.iter().filter_map(CellReport::missed) {
        let _ = writeln!(out, "{line}");
    }
}

fn failures(out: &mut String, report: &Report) {
    for alike in report.failed_alike() {
        let Some(cell) = alike.first() else {
            continue;
        };
        let _ = writeln!(
            out,
            "\n{} {}: {}",
            cell.status.name(),
            named(&alike),
            cell.reason.as_deref().unwrap_or("no reason given")
        );
        for line in cell.stderr.iter().flat_map(|text| text.lines()) {
            let _ = writeln!(out, "    {line}");
        }
    }
}

/// What failed alike: one cell by its name, several by the first and their number.
pub(super) fn named(alike: &[&CellReport]) -> String {
    match alike {
        [] => String::new(),
        [one] => one.cell.clone(),
        [first, ..] => format!("{} cells, such as {}", alike.len(), first.cell),
    }
}

/// The CPU scenario of each configuration where a second thread took part, or of the first if none.
fn timelines(out: &mut String, bundle: &Bundle, width: usize) {
    for config in shown(bundle) {
        let scenario = bundle.plan.own().map_or(claims::CPU, |own| own.name);
        let trace = |primitive| {
            bundle
                .plan
                .cells()
                .find(|cell| {
                    config.owns(cell) && cell.scenario == scenario && cell.primitive == primitive
                })
                .and_then(|cell: &Cell| bundle.trace(cell))
        };
        let placing = config.placing();
        let (Some(compose), Some(placed)) =
            (trace(harness_protocol::Primitive::Compose), trace(placing))
        else {
            continue;
        };
        let _ = writeln!(
            out,
            "\n{scenario} on {}: who was inside which branch, and when",
            config.title()
        );
        let parts = [
            timeline::Part {
                heading: "",
                label: "compose",
                polls: compose,
            },
            timeline::Part {
                heading: "",
                label: harness_record::cell::primitive_name(placing),
                polls: placed,
            },
        ];
        out.push_str(&timeline::draw(&parts, width));
    }
}
