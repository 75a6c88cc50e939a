//! Curves over workers, for a terminal and for Markdown.

use std::fmt::Write as _;

use super::{Estimate, Report};
use harness_judge::scaling::{Curve, LEAST_FITTED, LEAST_PREDICTING};

/// A line for each curve, and what its law says; nothing where there is none.
#[must_use]
pub(super) fn of(report: &Report) -> String {
    let mut out = String::new();
    let names = report.scaling.iter().map(|curve| name(curve).len()).max();
    for curve in &report.scaling {
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
        let words = law(curve, report.cores);
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
pub fn name(curve: &Curve) -> String {
    let root = match curve.root.as_str() {
        "block_on" => String::new(),
        root => format!(" from a {root}"),
    };
    format!(
        "{} {} {}@{} by {}{root}",
        curve.runtime, curve.flavour, curve.scenario, curve.branches, curve.primitive
    )
}

/// The law of a curve in words, each figure with its interval, or why there is none.
pub fn law(curve: &Curve, cores: usize) -> String {
    let takes = |least: usize| {
        let here = curve.within(cores);
        format!("that takes {least} worker counts up to the number of cores (here: {here})")
    };
    let Some(fit) = curve.fit else {
        return format!("nothing can be said of contention: {}", takes(LEAST_FITTED));
    };
    let percent = |estimate: Estimate, digits: usize| {
        let interval = estimate.interval().map_or_else(String::new, |(low, high)| {
            format!(" [{:.digits$}, {:.digits$}]", 100.0 * low, 100.0 * high)
        });
        format!("{:.digits$}{interval} %", 100.0 * estimate.median)
    };
    let predicted = match fit.predicted {
        Some(predicted) => format!(
            "predicted, not measured: {} times as fast on {} cores",
            predicted.speedup.factor(),
            predicted.cores
        ),
        None => format!("no prediction: {}", takes(LEAST_PREDICTING)),
    };
    format!(
        "serial {}, {} for each pair of workers; {predicted}",
        percent(fit.serial, 1),
        percent(fit.exchange, 2),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness_judge::scaling::{Fit, Point, Prediction};

    fn exactly(median: f64) -> Estimate {
        Estimate {
            median,
            low: Some(median - 0.001),
            high: Some(median + 0.001),
        }
    }

    fn curve(workers: &[usize], fit: Option<Fit>) -> Curve {
        let point = |&workers: &usize| Point {
            workers,
            speedup: exactly(workers as f64),
            blocks: 9,
        };
        Curve {
            runtime: "smol".to_owned(),
            flavour: "workers".to_owned(),
            root: "block_on".to_owned(),
            scenario: "digest".to_owned(),
            primitive: "spawn".to_owned(),
            branches: 12,
            points: workers.iter().map(point).collect(),
            fit,
        }
    }

    /// Numbers of workers beyond the cores are none of those that a law rests on.
    #[test]
    fn what_too_few_worker_counts_cannot_tell_is_said() {
        insta::assert_snapshot!(law(&curve(&[1, 2, 3, 4], None), 2), @"nothing can be said of contention: that takes 3 worker counts up to the number of cores (here: 2)");
        let mut fit = Fit {
            serial: exactly(0.25),
            exchange: exactly(0.01),
            predicted: None,
        };
        insta::assert_snapshot!(law(&curve(&[1, 2, 4, 8], Some(fit)), 4), @"serial 25.0 [24.9, 25.1] %, 1.00 [0.90, 1.10] % for each pair of workers; no prediction: that takes 4 worker counts up to the number of cores (here: 3)");
        fit.predicted = Some(Prediction {
            cores: 32,
            speedup: exactly(3.5),
        });
        insta::assert_snapshot!(law(&curve(&[1, 2, 4, 8], Some(fit)), 8), @"serial 25.0 [24.9, 25.1] %, 1.00 [0.90, 1.10] % for each pair of workers; predicted, not measured: 3.50 [3.50, 3.50] times as fast on 32 cores");
    }
}
