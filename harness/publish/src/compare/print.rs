//! A comparison as a person reads it: in a terminal, or as Markdown.

use super::{Basis, Change, Comparison, Mean, Row, SideReport};
use comfy_table::{CellAlignment, Table, presets};
use harness_record::format::duration;
use harness_report::{md, screen::painted};
use owo_colors::Style;
use std::fmt::Write as _;

/// For a terminal.
#[must_use]
pub fn terminal(found: &Comparison, all: bool) -> String {
    let mut out = String::new();
    heading(&mut out, found, str::to_owned);
    for warning in &found.warnings {
        let warning = format!("warning: {warning}");
        let _ = writeln!(out, "{}", painted(&warning, Style::new().yellow()));
    }
    let rows = shown(found, all);
    if !rows.is_empty() {
        let mut table = table(found, presets::NOTHING);
        for row in &rows {
            table.add_row(texts(found, row));
        }
        align(&mut table, found);
        let _ = writeln!(out, "\n{}", coloured(&table.to_string(), &rows));
    }
    left_out(&mut out, found, all);
    if !found.means.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(MEANS);
        for mean in &found.means {
            table.add_row(of_mean(mean));
        }
        for column in [2, 3, 4] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let _ = writeln!(out, "\n{}", trimmed(&table.to_string()));
    }
    out
}

/// For an issue or a README.
#[must_use]
pub fn markdown(found: &Comparison, all: bool) -> String {
    let mut out = String::new();
    heading(&mut out, found, md::text);
    // A line each, as in a terminal.
    let mut out: String = out.lines().map(|line| format!("- {line}\n")).collect();
    for warning in &found.warnings {
        let _ = writeln!(out, "- **Warning**: {}", md::text(warning));
    }
    let rows = shown(found, all);
    if !rows.is_empty() {
        let mut table = table(found, presets::ASCII_MARKDOWN);
        for row in &rows {
            let cells = texts(found, row).into_iter();
            table.add_row(cells.map(|text| md::cell(&text)));
        }
        let _ = writeln!(out, "\n{table}");
    }
    let mut few = String::new();
    left_out(&mut few, found, all);
    if !few.is_empty() {
        let _ = write!(out, "\n{few}");
    }
    if !found.means.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::ASCII_MARKDOWN);
        table.set_header(MEANS);
        for mean in &found.means {
            table.add_row(of_mean(mean).map(|text| md::cell(&text)));
        }
        let _ = writeln!(out, "\n{table}");
    }
    out
}

const MEANS: [&str; 5] = ["geometric mean by", "", "B/A", "cells", "changed"];

fn of_mean(mean: &Mean) -> [String; 5] {
    [
        mean.by.clone(),
        match &mean.over {
            Some(over) => format!("{}, over {over}", mean.name),
            None => mean.name.clone(),
        },
        format!("{:.3}", mean.ratio),
        mean.cells.to_string(),
        mean.changed.to_string(),
    ]
}

/// With what is said of the sides, which the records say, as it may stand there.
fn heading(out: &mut String, found: &Comparison, fit: fn(&str) -> String) {
    for (letter, side) in [("A", &found.a), ("B", &found.b)] {
        let _ = writeln!(out, "{letter}  {}", fit(&of_side(side)));
    }
    let what = match found.basis {
        Basis::OneRun => {
            "One run: times, as ratios inside its blocks where both cells stand in the same."
        }
        Basis::OneMachine => {
            "Two runs on one machine: times, less what the machine did (column `over`)."
        }
        Basis::Machines => {
            "Two machines: shapes only, each run's ratios to its own controls; no time is compared."
        }
    };
    let _ = writeln!(out, "{what}");
    let shown = found
        .rows
        .iter()
        .filter(|row| matches!(row.word, Change::Slower | Change::Faster));
    let _ = writeln!(
        out,
        "{} comparisons share an error of {:.0} %; a change is shown in {} of them, and in those marked ~ none is.",
        found.comparisons,
        100.0 * found.family_error,
        shown.count()
    );
}

fn of_side(side: &SideReport) -> String {
    let versions: Vec<String> = side
        .versions
        .iter()
        .map(|(runtime, version)| format!("{runtime} {version}"))
        .collect();
    let mut line = format!("{}, {}", side.run, side.choice);
    if !versions.is_empty() {
        let _ = write!(line, " ({})", versions.join(", "));
    }
    let _ = write!(line, "; {}; {}", side.machine, side.started);
    line
}

/// The rows that are worth a line; with `all`, every one.
fn shown(found: &Comparison, all: bool) -> Vec<&Row> {
    let rows = found.rows.iter();
    rows.filter(|row| all || row.word != Change::TooFew)
        .collect()
}

fn left_out(out: &mut String, found: &Comparison, all: bool) {
    let few = found
        .rows
        .iter()
        .filter(|row| row.word == Change::TooFew)
        .count();
    if few > 0 {
        let _ = writeln!(
            out,
            "Too few undisturbed rounds on either side: {few} cells ({} on each would do){}.",
            found.least_rounds,
            if all { "" } else { "; --all shows them" }
        );
    }
    if found.alone > 0 {
        let _ = writeln!(out, "Of one side only: {} cells.", found.alone);
    }
}

/// Whether figures are ratios to a control rather than times.
fn shapes(found: &Comparison) -> bool {
    found.basis == Basis::Machines
}

fn table(found: &Comparison, style: comfy_table::TableStyle) -> Table {
    let mut table = Table::new();
    table.load_style(style);
    let mut header = vec!["", "cell", "A", "B", "B/A", "interval"];
    if found.basis != Basis::OneRun {
        header.push("over");
    }
    header.push("rounds");
    table.set_header(header);
    table
}

fn align(table: &mut Table, found: &Comparison) {
    let rounds = if found.basis == Basis::OneRun { 6 } else { 7 };
    for column in [2, 3, 4, rounds] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

fn texts(found: &Comparison, row: &Row) -> Vec<String> {
    let figure = |ns: Option<f64>, ratio: Option<f64>| match (ns, ratio) {
        (Some(ns), _) if !shapes(found) => duration(ns),
        (_, Some(ratio)) => format!("{ratio:.3}"),
        _ => String::new(),
    };
    let ratio = |ratio: Option<f64>| ratio.map_or_else(String::new, |ratio| format!("{ratio:.3}"));
    let cell = match &row.other {
        Some(other) => format!("{} and {other}", row.cell),
        None => row.cell.clone(),
    };
    let interval = row
        .low
        .zip(row.high)
        .map_or_else(String::new, |(low, high)| format!("[{low:.3}, {high:.3}]"));
    let mut texts = vec![
        mark(row.word).to_owned(),
        cell,
        figure(row.a_ns, row.a_ratio),
        figure(row.b_ns, row.b_ratio),
        ratio(row.ratio),
        row.reason.clone().unwrap_or(interval),
    ];
    if found.basis != Basis::OneRun {
        texts.push(match (&row.over, row.machine) {
            (Some(_), Some(machine)) => format!("machine {machine:.3}"),
            (Some(over), None) => over.clone(),
            (None, _) => String::new(),
        });
    }
    texts.push(if row.rounds_a == row.rounds_b {
        row.rounds_a.to_string()
    } else {
        format!("{}, {}", row.rounds_a, row.rounds_b)
    });
    texts
}

fn mark(word: Change) -> &'static str {
    match word {
        Change::Slower => "slower",
        Change::Faster => "faster",
        Change::NotShown => "~",
        Change::TooFew => "",
        Change::Failed => "failed",
    }
}

fn trimmed(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// Colours the lines of a table below its header, after they were padded: escape codes have no width.
fn coloured(table: &str, rows: &[&Row]) -> String {
    let mut lines = Vec::new();
    for (index, line) in table.lines().map(str::trim_end).enumerate() {
        let row = index.checked_sub(1).and_then(|index| rows.get(index));
        let style = match row.map(|row| row.word) {
            None => Style::new().bold(),
            Some(Change::Slower) => Style::new().red(),
            Some(Change::Faster) => Style::new().green(),
            Some(Change::Failed) => Style::new().yellow(),
            Some(Change::NotShown | Change::TooFew) => Style::new().dimmed(),
        };
        lines.push(painted(line, style));
    }
    lines.join("\n")
}
