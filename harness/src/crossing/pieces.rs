//! How small a piece of work may be: the same work in ever more pieces, and what they cost.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use workload_catalogue::{Branches, Scenario};

use super::time;
use crate::{
    bundle::Bundle,
    cell::{Cell, primitive_name},
    format::{about, configuration, counted, plural},
    plan::Config,
    report::Estimate,
    stats::median,
};

/// Pieces whose time is within this of the best are as good: what a reader would not notice.
const AS_GOOD: f64 = 1.05;

/// What one configuration takes for the same work in ever more pieces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Splitting {
    /// The runtime.
    pub runtime: String,
    /// The version of its crate.
    pub version: Option<String>,
    /// The flavour.
    pub flavour: String,
    /// Workers asked for.
    pub workers: usize,
    /// The primitive that places a piece on another core here.
    pub placing: String,
    /// The numbers of pieces that were measured, the fewest first: a piece for each executing thread.
    pub points: Vec<Cut>,
    /// The number of pieces whose median time is the least.
    pub best: usize,
    /// The most pieces whose median time is within 5 % of that.
    pub most: usize,
}

/// The work in so many pieces.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cut {
    /// How many.
    pub pieces: usize,
    /// What one computes, in nanoseconds.
    pub piece_ns: f64,
    /// Undisturbed blocks that the figures rest on.
    pub blocks: usize,
    /// Time over the time of a piece a thread, in one block: the median over blocks, and its interval at 95 %.
    pub ratio: Estimate,
    /// Time, in nanoseconds: the median over blocks.
    pub wall_ns: f64,
}

/// Every configuration that was given its work in several numbers of pieces, in the order of the plan.
#[must_use]
pub fn splittings(bundle: &Bundle) -> Vec<Splitting> {
    let of = |config: &Config| {
        let mut groups = bundle.plan.groups.iter();
        let group = groups.find(|group| {
            group.runtime == config.runtime && group.scenario.branches == Branches::Pieces
        })?;
        let mut cells: Vec<&Cell> = group
            .cells
            .iter()
            .filter(|cell| config.owns(cell))
            .collect();
        cells.sort_by_key(|cell| cell.branches);
        let first = *cells.first()?;
        let points: Vec<Cut> = cells
            .iter()
            .filter_map(|cell| cut(bundle, group.scenario, cell, first))
            .collect();
        let least = points
            .iter()
            .min_by(|a, b| a.ratio.median.total_cmp(&b.ratio.median))?;
        let as_good = |point: &&Cut| point.ratio.median <= AS_GOOD * least.ratio.median;
        Some(Splitting {
            runtime: config.runtime.clone(),
            version: config.version.clone(),
            flavour: config.flavour.clone(),
            workers: config.workers,
            placing: primitive_name(config.placing()).to_owned(),
            best: least.pieces,
            most: points
                .iter()
                .filter(as_good)
                .map(|point| point.pieces)
                .max()?,
            points,
        })
    };
    let all = bundle.plan.usable().filter_map(of);
    all.filter(|splitting| splitting.points.len() > 1).collect()
}

fn cut(bundle: &Bundle, scenario: &Scenario, cell: &Cell, first: &Cell) -> Option<Cut> {
    let times: Vec<(f64, f64)> = bundle
        .rounds(cell)
        .map(|(block, _)| block)
        .filter(|block| block.complete && block.disturbed.is_none())
        .filter_map(|block| Some((time(block, cell)?, time(block, first)?)))
        .collect();
    let ratios: Vec<f64> = times.iter().map(|(cut, whole)| cut / whole).collect();
    let walls: Vec<f64> = times.iter().map(|(cut, _)| *cut).collect();
    Some(Cut {
        pieces: cell.branches,
        piece_ns: scenario.work_ms * 1e6 * bundle.plan.share(cell),
        blocks: ratios.len(),
        ratio: Estimate::of(&ratios)?,
        wall_ns: median(&walls)?,
    })
}

/// Every splitting as a person reads it; empty if there is none.
#[must_use]
pub fn text(splittings: &[Splitting]) -> String {
    let mut out = String::new();
    for splitting in splittings {
        let name = configuration(
            &splitting.runtime,
            splitting.version.as_deref(),
            &splitting.flavour,
            splitting.workers,
        );
        let gap = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(
            out,
            "{gap}{name}: time of the same work in more pieces over that of a piece a thread [95 % interval]",
        );
        for point in &splitting.points {
            let _ = writeln!(
                out,
                "  {:>7} {:<6} of {:<8}  {}",
                point.pieces,
                plural(point.pieces, "piece"),
                about(point.piece_ns),
                point.ratio.factor()
            );
        }
        let _ = writeln!(out, "  {}", rule(splitting));
    }
    out
}

/// What follows for whoever cuts work into pieces.
fn rule(splitting: &Splitting) -> String {
    let of = |pieces: usize| splitting.points.iter().find(|point| point.pieces == pieces);
    let size = |pieces| of(pieces).map_or_else(String::new, |point| about(point.piece_ns));
    let (best, most) = (splitting.best, splitting.most);
    let mut rule = format!("Best in {} of {}", counted(best, "piece"), size(best));
    if most > best {
        let _ = write!(rule, "; pieces down to {} are within 5 % of it", size(most));
    }
    let last = splitting.points.iter().max_by_key(|point| point.pieces);
    let more = last.filter(|last| last.pieces > most).zip(of(best));
    if let Some((last, best)) = more {
        let _ = write!(
            rule,
            "; {} of {} take {:.2} times as long, {} more for each piece",
            last.pieces,
            about(last.piece_ns),
            last.ratio.median / best.ratio.median,
            about((last.wall_ns - best.wall_ns) / last.pieces as f64)
        );
    }
    rule.push('.');
    rule
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::fabricated::{block, disturbed_block, sample, smol_run};

    /// 4 ms on each of two threads, and half a microsecond a piece: 2 to 2000 pieces take 4.0005 ms, 4.005,
    /// 4.05 and 4.5, which is 1.001, 1.012 and 1.125 of the first.
    #[test]
    fn the_smallest_piece_that_costs_nothing_and_what_smaller_ones_cost() {
        let mut bundle = smol_run();
        let arms = |cost_us: f64| -> Vec<(String, f64)> {
            [2_usize, 20, 200, 2000]
                .map(|n| {
                    let wall = 4.0 + cost_us / 1e3 * n as f64 / 2.0;
                    (format!("smol:workers@2/pieces/spawn@{n}"), wall)
                })
                .to_vec()
        };
        let named = |arms: &[(String, f64)]| -> Vec<(String, harness_protocol::Sample)> {
            arms.iter()
                .map(|(name, ms)| (name.clone(), sample(*ms, 2.0)))
                .collect()
        };
        for _ in 0..7 {
            let quiet = named(&arms(0.5));
            let quiet: Vec<_> = quiet.iter().map(|(n, s)| (n.as_str(), s.clone())).collect();
            block(&mut bundle, &quiet);
            let busy = named(&arms(50.0));
            let busy: Vec<_> = busy.iter().map(|(n, s)| (n.as_str(), s.clone())).collect();
            disturbed_block(&mut bundle, &busy);
        }
        let splittings = splittings(&bundle);
        assert_eq!(splittings.len(), 1, "smol as it comes was not measured");
        let found = &splittings[0];
        assert_eq!((found.best, found.most, found.points.len()), (2, 200, 4));
        let last = found.points[3];
        assert_eq!((last.blocks, last.piece_ns), (7, 4_000.0));
        assert!((last.ratio.median - 4.5 / 4.0005).abs() < 1e-6, "{last:?}");
        assert_snapshot!(text(&splittings), @r"
        smol 1.2.3 workers@2: time of the same work in more pieces over that of a piece a thread [95 % interval]
                2 pieces of 4 ms      1.00 [1.00, 1.00]
               20 pieces of 400 µs    1.00 [1.00, 1.00]
              200 pieces of 40 µs     1.01 [1.01, 1.01]
             2000 pieces of 4 µs      1.12 [1.12, 1.12]
          Best in 2 pieces of 4 ms; pieces down to 40 µs are within 5 % of it; 2000 of 4 µs take 1.12 times as long, 250 ns more for each piece.
        ");
    }
}
