//! How far a configuration scales with workers: the curves of the report, each with the law nearest to it.

use serde::Serialize;

use super::{
    chart::{Chart, Line},
    run::{Provenance, Run},
    templates::Templates,
};
use harness_judge::scaling::{Curve, Law};
use harness_report::scaling::{law, name};

/// Steps in which a law is drawn.
const STEPS: u32 = 32;

/// The curves of one runtime.
#[derive(Serialize)]
struct Panel {
    runtime: String,
    svg: String,
    legend: Vec<String>,
    laws: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    runtime: String,
    curve: String,
    workers: usize,
    speedup: String,
    blocks: usize,
    run: String,
}

#[derive(Serialize)]
struct View {
    panels: Vec<Panel>,
    rows: Vec<Row>,
    provenance: Vec<String>,
}

/// The section about a machine, each curve by the newest run that has it; empty where none has one.
///
/// # Errors
///
/// As [`Templates::fill`], or when a chart cannot be drawn.
pub(super) fn html(templates: &Templates, runs: &[&Run<'_>]) -> anyhow::Result<String> {
    let mut curves: Vec<(&Run<'_>, &Curve)> = Vec::new();
    for run in runs {
        for curve in &run.recorded.report.scaling {
            if !curves.iter().any(|(_, known)| name(known) == name(curve)) {
                curves.push((run, curve));
            }
        }
    }
    if curves.is_empty() {
        return Ok(String::new());
    }
    curves.sort_by_key(|(_, curve)| name(curve));
    let same = |a: &(&Run<'_>, &Curve), b: &(&Run<'_>, &Curve)| a.1.runtime == b.1.runtime;
    let panels = curves.chunk_by(same).map(panel);
    let used = |run: &&&Run<'_>| {
        let mut of = curves.iter();
        of.any(|(other, _)| other.recorded.name == run.recorded.name)
    };
    let provenance = runs.iter().filter(used);
    let view = View {
        panels: panels.collect::<anyhow::Result<_>>()?,
        rows: curves
            .iter()
            .flat_map(|(run, curve)| rows(run, curve))
            .collect(),
        provenance: provenance
            .map(|run| Provenance::of(run.recorded).html(templates))
            .collect::<anyhow::Result<_>>()?,
    };
    templates.fill("scaling.html", &view)
}

fn panel(curves: &[(&Run<'_>, &Curve)]) -> anyhow::Result<Panel> {
    let runtime = curves[0].1.runtime.clone();
    let lines: Vec<Line> = curves
        .iter()
        .map(|(run, curve)| line(curve, run.recorded.report.cores))
        .collect();
    let chart = Chart {
        id: format!("scaling-{runtime}"),
        title: format!("{runtime}: time with one worker over time with more"),
        x_label: "workers",
        y_label: "times as fast as one",
        base: 2.0,
        steep: false,
        lines: &lines,
        mark: None,
    };
    let said = |(run, curve): &(&Run<'_>, &Curve)| {
        let cores = run.recorded.report.cores;
        format!("{}: {}.", name(curve), law(curve, cores))
    };
    Ok(Panel {
        svg: chart.draw()?,
        legend: lines.into_iter().map(|line| line.name).collect(),
        laws: curves.iter().map(said).collect(),
        runtime,
    })
}

/// A curve on so many cores, up to which its law is fitted and drawn.
fn line(curve: &Curve, cores: usize) -> Line {
    let points = curve.points.iter();
    let at = |workers: usize| workers as f64;
    let within = points.clone().map(|point| point.workers);
    let most = within
        .filter(|workers| *workers <= cores)
        .max()
        .unwrap_or(1);
    let law = curve.fit.as_ref().map(|fit| Law {
        serial: fit.serial.median,
        exchange: fit.exchange.median,
    });
    // Even steps on the scale of the chart.
    let step = |step: u32| at(most).powf(f64::from(step) / f64::from(STEPS));
    Line {
        name: name(curve),
        points: points
            .clone()
            .map(|point| (at(point.workers), point.speedup.median))
            .collect(),
        intervals: points
            .filter_map(|point| {
                let (low, high) = point.speedup.interval()?;
                Some((at(point.workers), low, high))
            })
            .collect(),
        law: law.map_or_else(Vec::new, |law| {
            (0..=STEPS).map(step).map(|x| (x, law.speedup(x))).collect()
        }),
    }
}

fn rows(run: &Run<'_>, curve: &Curve) -> impl Iterator<Item = Row> {
    curve.points.iter().map(|point| Row {
        runtime: curve.runtime.clone(),
        curve: name(curve),
        workers: point.workers,
        speedup: point.speedup.factor(),
        blocks: point.blocks,
        run: run.recorded.name.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness_judge::{
        estimate::Estimate,
        scaling::{Fit, Point},
    };

    fn exactly(median: f64) -> Estimate {
        Estimate {
            median,
            low: Some(median - 0.1),
            high: None,
        }
    }

    /// By hand: 3 / (1 + 0.25 · 2) = 2. Four workers share three cores, and no law is said of them.
    #[test]
    fn a_law_is_drawn_up_to_the_cores_and_points_beyond() {
        let point = |workers, speedup| Point {
            workers,
            speedup: exactly(speedup),
            blocks: 9,
        };
        let mut curve = Curve {
            runtime: "smol".to_owned(),
            flavour: "workers".to_owned(),
            root: "block_on".to_owned(),
            scenario: "digest".to_owned(),
            primitive: "spawn".to_owned(),
            branches: 12,
            points: vec![point(1, 1.0), point(2, 1.6), point(3, 2.0), point(4, 1.9)],
            fit: Some(Fit {
                serial: exactly(0.25),
                exchange: exactly(0.0),
                predicted: None,
            }),
        };
        let drawn = line(&curve, 3);
        assert_eq!(
            drawn.points,
            [(1.0, 1.0), (2.0, 1.6), (3.0, 2.0), (4.0, 1.9)]
        );
        let &(x, y) = drawn.law.last().unwrap();
        assert!(
            (x - 3.0).abs() < 1e-12 && (y - 2.0).abs() < 1e-12,
            "{x} {y}"
        );
        // Half an interval is none.
        assert_eq!(drawn.intervals, []);
        // Where nothing is known of a law none is drawn.
        curve.fit = None;
        assert_eq!(line(&curve, 2).law, []);
    }
}
