//! What is shown of a machine, from all its runs: how far placing branches scales with workers, from which
//! length on a branch is worth a spawn, and what ever smaller pieces cost.

use harness_protocol::Primitive;
use harness_record::format::{duration, figure, plural};
use serde::Serialize;

use super::{
    chart::{Chart, Line},
    costs, idioms, lengths,
    run::{Provenance, Run, done, executing, key},
    scaling,
    templates::Templates,
};
use harness_judge::{
    claims::{self, MeasureOf, Quantity},
    judge,
    stats::median,
};
use harness_record::{
    cell::Cell,
    plan::{Config, pieces},
};

/// The runs of one machine, the newest first.
pub(super) struct Machine<'r, 'a> {
    pub(super) name: String,
    pub(super) runs: Vec<&'r Run<'a>>,
}

/// The machines of some runs that stand newest first: that of the newest first.
pub(super) fn machines<'r, 'a>(runs: &'r [Run<'a>]) -> Vec<Machine<'r, 'a>> {
    let mut machines: Vec<Machine<'r, 'a>> = Vec::new();
    for run in runs {
        let name = run.machine();
        match machines.iter_mut().find(|machine| machine.name == name) {
            Some(machine) => machine.runs.push(run),
            None => machines.push(Machine {
                name,
                runs: vec![run],
            }),
        }
    }
    machines
}

/// What placing bought one configuration.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Bar {
    pub(super) runtime: String,
    pub(super) title: String,
    pub(super) workers: usize,
    how: &'static str,
    /// Joined time over placed time.
    pub(super) speedup: f64,
    pub(super) text: String,
    cores: String,
    /// Placed time over that of plain threads, where both had as many branches.
    over_threads: String,
    run: String,
    #[serde(skip)]
    pub(super) cores_of_machine: usize,
}

/// A configuration's bar, if its CPU work was measured both ways.
fn bar(run: &Run<'_>, config: &Config) -> Option<Bar> {
    let cell = |primitive| run.cell(config, claims::CPU, primitive);
    let (compose, place) = (cell(Primitive::Compose)?, cell(config.placing())?);
    let placed = run.figures(place)?;
    run.figures(compose)?;
    // As claims are judged: inside each block, by what is fastest in a round.
    let ratio = |over: &Cell, under: &Cell| {
        let ratio = Quantity::Ratio {
            measure: MeasureOf::Wall,
            over: over.clone(),
            under: under.clone(),
        };
        median(&judge::values(&run.recorded.bundle, &ratio))
    };
    let speedup = ratio(compose, place)?;
    let group = run
        .recorded
        .bundle
        .plan
        .group(&config.id.runtime, claims::CPU);
    let baseline = group.and_then(|group| group.baseline.as_ref());
    let over_threads = baseline
        .filter(|baseline| baseline.branches == place.branches && run.figures(baseline).is_some())
        .and_then(|baseline| ratio(place, baseline));
    Some(Bar {
        runtime: config.id.runtime.clone(),
        title: config.title(),
        workers: config.id.workers,
        how: done(config.placing()),
        speedup,
        text: figure(speedup),
        cores: placed
            .cores_used
            .map_or_else(String::new, |cores| format!("{cores:.2}")),
        over_threads: over_threads.map_or_else(String::new, figure),
        run: run.recorded.name.clone(),
        cores_of_machine: run.recorded.report.cores,
    })
}

/// Every configuration of a machine, by the newest run that has it.
pub(super) fn bars(runs: &[&Run<'_>]) -> Vec<Bar> {
    let mut seen: Vec<String> = Vec::new();
    let mut bars = Vec::new();
    for run in runs {
        for config in run.configs() {
            let key = key(config);
            if seen.contains(&key) {
                continue;
            }
            if let Some(bar) = bar(run, config) {
                seen.push(key);
                bars.push(bar);
            }
        }
    }
    bars
}

/// Bars as a picture.
#[derive(Serialize)]
pub(super) struct BarsView<'a> {
    pub(super) id: &'a str,
    pub(super) title: String,
    pub(super) describes: String,
    pub(super) height: usize,
    pub(super) axis: usize,
    pub(super) bars: Vec<(usize, String, String, String, String)>,
    pub(super) marks: Vec<(String, String)>,
    pub(super) css: Option<String>,
    pub(super) source: Vec<String>,
}

/// Draws them.
///
/// # Errors
///
/// As [`Templates::fill`].
pub(super) fn draw_bars(
    templates: &Templates,
    id: &str,
    bars: &[Bar],
    css: Option<String>,
    source: Vec<String>,
) -> anyhow::Result<String> {
    const LEFT: f64 = 190.0;
    const WIDTH: f64 = 400.0;
    let cores = bars
        .iter()
        .map(|bar| bar.cores_of_machine)
        .max()
        .unwrap_or(1);
    let most = bars
        .iter()
        .map(|bar| bar.speedup)
        .fold(cores as f64, f64::max);
    let x = |value: f64| super::numbers::at(LEFT + value / most * WIDTH);
    let top = 30;
    let rows = bars.iter().enumerate().map(|(number, bar)| {
        let width = super::numbers::at(bar.speedup / most * WIDTH);
        let text = super::numbers::at(LEFT + bar.speedup / most * WIDTH + 8.0);
        (
            top + number * 24,
            bar.title.clone(),
            width,
            text,
            bar.text.clone(),
        )
    });
    let axis = top + bars.len() * 24 + 4;
    let mut marks = vec![(x(1.0), "as joined".to_owned())];
    if cores > 1 {
        marks.push((x(cores as f64), format!("{cores} cores")));
    }
    let each: Vec<String> = bars
        .iter()
        .map(|bar| format!("{} {}", bar.title, bar.text))
        .collect();
    let view = BarsView {
        id,
        title: "How many times as fast CPU work was when spawned (or dispatched) as when joined"
            .to_owned(),
        describes: format!("{}.", each.join(", ")),
        height: axis + if css.is_some() { 62 } else { 8 },
        axis,
        bars: rows.collect(),
        marks,
        css,
        source,
    };
    templates.fill("bars.svg", &view)
}

#[derive(Serialize)]
struct View {
    bars: Vec<Bar>,
    bars_svg: String,
    /// The worker counts that were recorded of flavours which take a number.
    counts: Vec<usize>,
    /// The curves over workers; empty where there is none.
    scaling: String,
    scaling_from: Vec<String>,
    /// The section about the length of branches.
    lengths: String,
    /// The section about what primitives cost.
    costs: String,
    /// The section about ways to put branches together.
    idioms: String,
    pieces: Vec<Panel>,
    pieces_rows: Vec<PieceRow>,
    pieces_from: String,
}

#[derive(Serialize)]
struct Panel {
    runtime: String,
    svg: String,
    legend: Vec<String>,
}

#[derive(Serialize)]
struct PieceRow {
    runtime: String,
    title: String,
    pieces: usize,
    time: String,
    ratio: String,
    law: String,
}

impl Machine<'_, '_> {
    /// The sections about the machine.
    ///
    /// # Errors
    ///
    /// As [`Templates::fill`].
    pub(super) fn html(&self, templates: &Templates) -> anyhow::Result<String> {
        let bars = bars(&self.runs);
        let mut counts: Vec<usize> = self
            .runs
            .iter()
            .flat_map(|run| run.configs())
            .filter(|config| !config.fixed)
            .map(|config| config.id.workers)
            .collect();
        counts.sort_unstable();
        counts.dedup();
        let mut from: Vec<&str> = bars.iter().map(|bar| bar.run.as_str()).collect();
        from.dedup();
        let (pieces, pieces_rows, pieces_from) = self.pieces(templates)?;
        let view = View {
            bars_svg: draw_bars(templates, "bars", &bars, None, Vec::new())?,
            counts,
            scaling: scaling::html(templates, &self.runs)?,
            scaling_from: self.provenance(templates, &from)?,
            lengths: lengths::html(templates, &self.runs)?,
            costs: costs::html(templates, &self.runs)?,
            idioms: idioms::html(templates, &self.runs)?,
            pieces,
            pieces_rows,
            pieces_from,
            bars,
        };
        templates.fill("machine.html", &view)
    }

    fn provenance(&self, templates: &Templates, names: &[&str]) -> anyhow::Result<Vec<String>> {
        let runs = self.runs.iter();
        let named = runs.filter(|run| names.contains(&run.recorded.name.as_str()));
        named
            .map(|run| Provenance::of(run.recorded).html(templates))
            .collect()
    }

    /// The cost of ever more pieces, a panel a runtime, by the run that measured them best.
    fn pieces(&self, templates: &Templates) -> anyhow::Result<(Vec<Panel>, Vec<PieceRow>, String)> {
        let rounds = |run: &&&Run<'_>| {
            let cells = run.recorded.report.cells.iter();
            let of_pieces = cells.filter(|cell| cell.scenario == claims::PIECES);
            of_pieces.map(|cell| cell.rounds).sum::<usize>()
        };
        // Of equals the newest.
        let Some(run) = self.runs.iter().rev().max_by_key(rounds) else {
            return Ok((Vec::new(), Vec::new(), String::new()));
        };
        let mut panels: Vec<Panel> = Vec::new();
        let mut rows: Vec<PieceRow> = Vec::new();
        let mut by_runtime: Vec<(String, Vec<Line>)> = Vec::new();
        for config in run.configs() {
            let Some(line) = piece_line(run, config, &mut rows) else {
                continue;
            };
            match by_runtime
                .iter_mut()
                .find(|(runtime, _)| *runtime == config.id.runtime)
            {
                Some((_, lines)) => lines.push(line),
                None => by_runtime.push((config.id.runtime.clone(), vec![line])),
            }
        }
        for (runtime, lines) in by_runtime {
            let chart = Chart {
                id: format!("pieces-{runtime}"),
                title: format!(
                    "{runtime}: time of the same work in more pieces, over that of one piece a thread"
                ),
                x_label: "pieces a thread",
                y_label: "times as long",
                base: 10.0,
                steep: false,
                lines: &lines,
                mark: None,
            };
            panels.push(Panel {
                svg: chart.draw()?,
                legend: lines.into_iter().map(|line| line.name).collect(),
                runtime,
            });
        }
        Ok((panels, rows, Provenance::of(run.recorded).html(templates)?))
    }
}

/// A configuration's times over that of the fewest pieces, by pieces a thread.
fn piece_line(run: &Run<'_>, config: &Config, rows: &mut Vec<PieceRow>) -> Option<Line> {
    let cores = run.recorded.report.cores;
    let k = pieces::threads(config, cores);
    let mut cells: Vec<_> = run
        .recorded
        .bundle
        .plan
        .cells()
        .filter(|cell| cell.scenario == claims::PIECES && config.owns(cell))
        .filter_map(|cell| Some((cell.branches, run.figures(cell)?)))
        .collect();
    cells.sort_by_key(|(branches, _)| *branches);
    let &(_, first) = cells.first().filter(|_| cells.len() > 1)?;
    let (time, law) = (first.wall_ns?.median, first.predicted_ns);
    let mut points = Vec::new();
    for (branches, cell) in cells {
        let Some(wall) = cell.wall_ns else { continue };
        let ratio = wall.median / time.max(1.0);
        points.push((branches as f64 / k as f64, ratio));
        rows.push(PieceRow {
            runtime: config.id.runtime.clone(),
            title: config.title(),
            pieces: branches,
            time: duration(wall.median),
            ratio: figure(ratio),
            law: cell
                .predicted_ns
                .zip(law)
                .map_or_else(String::new, |(law, first)| figure(law / first.max(1.0))),
        });
    }
    let threads = plural(executing(config), "thread");
    Some(Line {
        name: format!("{} ({k} {threads})", config.title()),
        points,
        ..Line::default()
    })
}
