//! Curves over workers, for a terminal and for Markdown.

use std::fmt::Write as _;

use super::{Estimate, Report};
use crate::scaling::{Curve, Fit, PREDICTED_CORES};

/// A line for each curve of a runtime or of all, and what its law says; nothing where there is none.
#[must_use]
pub(super) fn of(report: &Report, runtime: Option<&str>) -> String {
    let mut out = String::new();
    let is_shown = |curve: &&Curve| runtime.is_none_or(|runtime| runtime == curve.runtime);
    let curves: Vec<&Curve> = report.scaling.iter().filter(is_shown).collect();
    let names = curves.iter().map(|curve| name(curve).len()).max();
    for curve in curves {
        let points = curve
            .points
            .iter()
            .map(|point| format!("{}: {}", point.workers, point.speedup.factor()));
        let _ = writeln!(
            out,
            "  {:<2$}  {}",
            name(curve),
            points.collect::<Vec<_>>().join("   "),
            names.unwrap_or(0)
        );
        let words = match &curve.fit {
            Some(fit) => law(fit),
            None => "no law: that takes two cores, and as many workers".to_owned(),
        };
        let _ = writeln!(out, "  {:<1$}  {words}", "", names.unwrap_or(0));
    }
    out
}

/// What curves are, above them.
pub(super) fn heading(report: &Report) -> String {
    format!(
        "Scaling: time with one worker over time with more, on {} cores [95 %]",
        report.cores
    )
}

/// What a curve is of, in a line.
pub(crate) fn name(curve: &Curve) -> String {
    let root = match curve.root.as_str() {
        "block_on" => String::new(),
        root => format!(" from a {root}"),
    };
    format!(
        "{} {} {}@{} by {}{root}",
        curve.runtime, curve.flavour, curve.scenario, curve.branches, curve.primitive
    )
}

/// A law in words, each figure with its interval.
pub(crate) fn law(fit: &Fit) -> String {
    let percent = |estimate: Estimate, digits: usize| {
        let interval = estimate.interval().map_or_else(String::new, |(low, high)| {
            format!(" [{:.digits$}, {:.digits$}]", 100.0 * low, 100.0 * high)
        });
        format!("{:.digits$}{interval} %", 100.0 * estimate.median)
    };
    let exchange = match fit.exchange {
        Some(exchange) => format!(", {} for each pair of workers", percent(exchange, 2)),
        None => ", what pairs of workers cost is not known from so few".to_owned(),
    };
    format!(
        "serial {}{exchange}; predicted, not measured: {} times as fast on {PREDICTED_CORES} cores",
        percent(fit.serial, 1),
        fit.predicted.factor()
    )
}
