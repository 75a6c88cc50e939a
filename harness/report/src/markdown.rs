//! The report as Markdown, for a README or an issue.

use harness_record::format::duration;
use std::fmt::Write as _;

use comfy_table::{Table, presets};

use super::{CellReport, ClaimReport, Report, table};
use crate::{connections, crossing, fork, idioms, md, pieces, promises, scale};
use harness_judge::judge::Verdict;
use harness_record::{bundle::CellStatus, format::counted, plan::Plan};

/// Claims and cells, a table each for every configuration.
#[must_use]
pub fn of(report: &Report, plan: &Plan) -> String {
    if let Some(costs) = &report.costs {
        let measured = format!(
            "Counted {} on {}, {} allowed, by {}.",
            md::text(&report.started),
            md::text(report.host.cpu.as_deref().unwrap_or("an unknown processor")),
            counted(report.cores, "core"),
            md::code(&report.command.join(" ")),
        );
        let promises = promises::list(&report.verified);
        let costs = super::costs::print::markdown(costs);
        return format!("{measured}\n\n{promises}{costs}");
    }
    let mut out = format!(
        "Measured {} on {}, {} allowed, by {}. {} comparisons share an error of {:.0} %; \
         {} blocks, {} disturbed; seed {}.\n",
        md::text(&report.started),
        md::text(report.host.cpu.as_deref().unwrap_or("an unknown processor")),
        counted(report.cores, "core"),
        md::code(&report.command.join(" ")),
        report.comparisons,
        100.0 * report.family_error,
        report.blocks,
        report.disturbed_blocks,
        report.seed
    );
    if report.unverified {
        out.push_str("\n**Unverified**: what the adapters declare was not tried.\n");
    }
    for compared in report.compared_and_broken() {
        let (title, summary) = (compared.title(), compared.summary());
        let _ = writeln!(
            out,
            "\n{}, which calibrates and compares, is not measured: {}.",
            md::text(&title),
            md::text(&summary)
        );
    }
    if let Some(controls) = report.controls.summary() {
        let _ = writeln!(out, "\n{controls}.");
    }
    for kin in &report.kin {
        let _ = writeln!(out, "\n{}", md::text(kin));
    }
    for config in plan.usable() {
        let version = config.version.as_deref().unwrap_or("");
        let title = format!(
            "{} {version} {}@{}",
            config.id.runtime, config.id.flavour, config.id.workers
        );
        let _ = writeln!(out, "\n### {}\n", md::text(&title));
        if let Some(standing) = report.standing(config) {
            let _ = writeln!(out, "{}.", md::text(&standing.summary()));
            for broken in &standing.broken {
                let line = format!("{}: {}", broken.check, broken.why);
                let word = broken.word();
                let _ = writeln!(out, "- **{word}** {}", md::text(&line));
            }
            out.push('\n');
        }
        let mut claims = markdown(&["claim", "verdict", "evidence"]);
        let passed =
            |claim: &&ClaimReport| plan.only_costs() && claim.verdict == Verdict::NotTestable;
        for claim in report.claims_on(config).filter(|claim| !passed(claim)) {
            let verdict = serde_json::to_value(claim.verdict).ok();
            let verdict = verdict
                .as_ref()
                .and_then(serde_json::Value::as_str)
                .unwrap_or("");
            claims.add_row([claim.claim.as_str(), verdict, &md::cell(&claim.reason)]);
        }
        if let Some(control) = report.controls.on(config) {
            claims.add_row(["A/A", "control", &md::cell(&control)]);
        }
        if !claims.is_empty() {
            let _ = writeln!(out, "{claims}\n");
        }

        let mut cases = markdown(&["field case", "class", "evidence", "what to do", "met in"]);
        for (case, source) in report.field_cases_on(config) {
            let class = case.title();
            let evidence = md::cell(&case.evidence);
            cases.add_row([&case.scenario, &class, &evidence, &case.remedy, source]);
        }
        if !cases.is_empty() {
            let _ = writeln!(out, "{cases}\n");
        }

        let rows = table::rows(report, config);
        let columns = table::columns(&rows);
        let mut header = vec!["scenario", "n"];
        header.extend(&columns);
        let mut cells = markdown(&header);
        for (scenario, row) in &rows {
            let mut texts = vec![md::cell(scenario), table::size(scenario, row)];
            texts.extend(columns.iter().map(|column| {
                row.iter()
                    .find(|cell| cell.primitive == *column)
                    .map_or_else(String::new, |cell| text(cell))
            }));
            cells.add_row(texts);
        }
        if !cells.is_empty() {
            let _ = writeln!(out, "{cells}");
        }
    }
    let missed: Vec<String> = report.cells.iter().filter_map(CellReport::missed).collect();
    if !missed.is_empty() {
        let _ = writeln!(out);
    }
    for line in missed {
        let _ = writeln!(out, "- {}", md::text(&line));
    }
    for text in [
        crossing::text(&report.crossings),
        pieces::text(&report.splittings),
    ] {
        if !text.is_empty() {
            let _ = writeln!(out, "\n{}", md::fenced(text.trim_end()));
        }
    }
    if !report.connections.is_empty() {
        let _ = writeln!(out, "\n{}", connections::markdown(&report.connections));
    }
    if !report.idioms.is_empty() {
        let _ = writeln!(out, "\n{}", idioms::markdown(&report.idioms));
    }
    if !report.scale.is_empty() {
        let _ = writeln!(out, "\n{}", scale::markdown(&report.scale));
    }
    if !report.fork.is_empty() {
        let _ = writeln!(out, "\n{}", fork::markdown(&report.fork));
    }
    for answer in &report.answers {
        let _ = writeln!(out, "\n{}", md::text(answer));
    }
    out
}

fn markdown(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN);
    table.set_header(header);
    table
}

fn text(cell: &CellReport) -> String {
    let Some(wall) = cell.wall_ns.filter(|_| cell.status == CellStatus::Ok) else {
        return cell.word().to_owned();
    };
    let mark = if cell.exhibit {
        table::EXHIBIT_MARK
    } else {
        ""
    };
    let speedup = cell
        .speedup
        .map_or_else(String::new, |speedup| format!(", {speedup:.2}x"));
    let of_law = cell
        .measured_over_predicted
        .map_or_else(String::new, |of_law| {
            format!(", {}{} of law", table::missed_mark(cell), of_law.factor())
        });
    let cores = cell
        .cores_used
        .map_or_else(String::new, |cores| format!(", {cores:.2} cores"));
    format!("{mark}{}{of_law}{speedup}{cores}", duration(wall.median))
}
