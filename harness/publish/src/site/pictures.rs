//! The pictures of the README: what the page shows, alone, and once for light and once for dark.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    first::{self, Does},
    grid::Grid,
    machine,
    numbers::at,
    palette::{Theme, spelled_out},
    run::{Provenance, Run},
    templates::Templates,
    timeline::{self, Alone, Size},
};

/// The style of what is drawn, in the page and alone.
pub(super) const DRAWINGS: &str = include_str!("drawings.css");
/// What only the grid's picture has.
const GRID: &str = "svg .id{font-size:13px;fill:var(--ink)}svg .small{font-size:11px}svg .sign{fill:none;stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}svg .sign.holds{stroke:var(--holds)}svg .sign.refuted{stroke:var(--refuted)}svg .sign.open{stroke:var(--open)}svg .sign.none{stroke:var(--quiet)}";

/// All pictures of a run, by the names of their files.
///
/// # Errors
///
/// As [`Templates::fill`].
pub(super) fn of(
    templates: &Templates,
    runs: &[Run<'_>],
    run: &Run<'_>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let provenance = Provenance::of(run.recorded);
    let source = provenance.lines(130);
    let mut pictures = BTreeMap::new();
    for theme in [Theme::Light, Theme::Dark] {
        let mut keep = |name: &str, svg: String| {
            pictures.insert(format!("{name}-{}.svg", theme.name()), svg);
        };
        let css = spelled_out(DRAWINGS, theme);
        let config = first::default_config(run);
        if let Some(first) = config.and_then(|config| first::first(run, config, Does::Compute)) {
            let title = format!(
                "The same branches joined and spawned, on {}",
                first.config.title()
            );
            let alone = Alone {
                css: css.clone(),
                caption: title.clone(),
                source: source.clone(),
            };
            let parts = first.parts();
            let svg = timeline::draw(templates, ("", &title), &parts, Size::Wide, Some(&alone))?;
            keep("join-or-spawn", svg);
        }
        if !run.recorded.report.claims.is_empty() {
            let css = format!("{css}{}", spelled_out(GRID, theme));
            keep("claims", grid(templates, run, css, source.clone())?);
        }
        let newest_of_machine: Vec<&Run<'_>> = runs
            .iter()
            .filter(|other| other.machine() == run.machine())
            .collect();
        let bars = machine::bars(&newest_of_machine);
        if !bars.is_empty() {
            let bars = machine::draw_bars(templates, "", &bars, Some(css), provenance.lines(96))?;
            keep("speed-up", bars);
        }
    }
    Ok(pictures)
}

#[derive(Serialize)]
struct View {
    title: String,
    describes: String,
    css: String,
    height: usize,
    columns: Vec<Column>,
    rows: Vec<Row>,
    legend: Vec<Legend>,
    legend_y: usize,
    source: Vec<String>,
}

#[derive(Serialize)]
struct Column {
    x: String,
    runtime: String,
    lines: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    id: &'static str,
    y: usize,
    rule: usize,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    x: String,
    y: usize,
    text_x: String,
    sign: &'static str,
    class: &'static str,
    measured: String,
}

#[derive(Serialize)]
struct Legend {
    x: usize,
    sign: &'static str,
    class: &'static str,
    text: String,
}

/// A sign as strokes, since not every font has it.
fn strokes(class: &str) -> &'static str {
    match class {
        "holds" => "m-5 0l3.5 3.5l6-7.5",
        "refuted" => "m-4-4l8 8m0-8l-8 8",
        "open" => "m-3-3a3.2 3.2 0 1 1 4 3.4q-1.2.6-1.2 1.8m0 3h.01",
        _ => "m-4 0h8",
    }
}

fn grid(
    templates: &Templates,
    run: &Run<'_>,
    css: String,
    source: Vec<String>,
) -> anyhow::Result<String> {
    const LEFT: f64 = 222.0;
    const TOP: usize = 76;
    const ROW: usize = 25;
    let grid = Grid::of(run);
    let step = (880.0 - LEFT) / grid.columns.len().max(1) as f64;
    let x = |number: usize| LEFT + (number as f64 + 0.5) * step;
    let columns = grid.columns.iter().enumerate().map(|(number, column)| {
        let mut lines: Vec<String> = Vec::new();
        for word in column.flavour.split_inclusive('-') {
            match lines.last_mut() {
                Some(line) if line.len() + word.len() < 9 => line.push_str(word),
                _ => lines.push(word.to_owned()),
            }
        }
        lines.push(format!("@{}", column.workers));
        Column {
            x: at(x(number)),
            runtime: column.runtime.clone(),
            lines,
        }
    });
    let columns = columns.collect();
    let rows = grid.rows.iter().enumerate().map(|(number, row)| {
        let y = TOP + number * ROW + 17;
        let cells = row.cells.iter().enumerate().map(|(number, cell)| {
            let shift = if cell.measured.is_empty() { 0.0 } else { 15.0 };
            Cell {
                x: at(x(number) - shift),
                y: y - 4,
                text_x: at(x(number) - shift + 9.0),
                sign: strokes(cell.class),
                class: cell.class,
                measured: cell.measured.clone(),
            }
        });
        Row {
            id: row.id,
            y,
            rule: TOP + number * ROW,
            cells: cells.collect(),
        }
    });
    let rows: Vec<Row> = rows.collect();
    let legend_y = TOP + rows.len() * ROW + 26;
    let mut legend: Vec<Legend> = Vec::new();
    for count in &grid.counts {
        let x = legend
            .last()
            .map_or(6, |last| last.x + 32 + 7 * last.text.chars().count());
        legend.push(Legend {
            x,
            sign: strokes(count.class),
            class: count.class,
            text: format!("{} {}", count.times, count.word),
        });
    }
    let said: Vec<&str> = legend.iter().map(|item| item.text.as_str()).collect();
    let view = View {
        title: "Claims about joining and spawning, on each configuration".to_owned(),
        describes: format!(
            "{} claims on {} configurations: {}.",
            grid.rows.len(),
            grid.columns.len(),
            said.join(", ")
        ),
        css,
        height: legend_y + 62,
        columns,
        rows,
        legend,
        legend_y,
        source,
    };
    templates.fill("grid.svg", &view)
}
