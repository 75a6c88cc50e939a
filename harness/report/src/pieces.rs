//! How small a piece of work may be, as a person reads it.

use std::fmt::Write as _;

use harness_judge::crossing::pieces::Splitting;
use harness_record::format::{about, configuration, counted, plural};

/// Every splitting as a person reads it; empty if there is none.
#[must_use]
pub fn text(splittings: &[Splitting]) -> String {
    let mut out = String::new();
    for splitting in splittings {
        let name = configuration(
            &splitting.id.runtime,
            splitting.version.as_deref(),
            &splitting.id.flavour,
            splitting.id.workers,
        );
        let gap = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(
            out,
            "{gap}{name}: time of the same work in more pieces, relative to one piece per thread [95 % interval]",
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
    use harness_judge::crossing::pieces::splittings;
    use harness_record::fabricated::{block, disturbed_block, sample, smol_run};

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
        smol 1.2.3 workers@2: time of the same work in more pieces, relative to one piece per thread [95 % interval]
                2 pieces of 4 ms      1.00 [1.00, 1.00]
               20 pieces of 400 µs    1.00 [1.00, 1.00]
              200 pieces of 40 µs     1.01 [1.01, 1.01]
             2000 pieces of 4 µs      1.12 [1.12, 1.12]
          Best in 2 pieces of 4 ms; pieces down to 40 µs are within 5 % of it; 2000 of 4 µs take 1.12 times as long, 250 ns more for each piece.
        ");
    }
}
