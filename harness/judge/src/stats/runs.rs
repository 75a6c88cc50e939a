//! Are the blocks independent? The runs test.

use statrs::function::factorial::ln_binomial;

/// Whether ratios that follow each other lie on the same side of `centre` more often than chance
/// has it, at an error of `alpha`: the mark of drift, and of load that comes in bursts.
///
/// It counts runs, which are stretches of neighbours on one side, and is one-sided: few runs are
/// drift, while many are a see-saw, which no neighbour on the machine makes. The chance is exact
/// (see [`chance_of_so_few`]), so that few blocks show nothing rather than too much.
///
/// The margin of a comparison as the centre asks just what its decision rests on, and leaves drift
/// alone that never comes near the margin. What it cannot find is a burst that lasts
/// as long as the comparison: all signs alike are one run, and no cause for doubt by themselves.
/// That is for the measure of other load to find.
#[must_use]
pub fn serially_dependent_around(ratios: &[f64], centre: f64, alpha: f64) -> bool {
    let signs = ratios
        .iter()
        .filter(|ratio| !ratio.is_nan() && **ratio != centre);
    let signs: Vec<bool> = signs.map(|&ratio| ratio > centre).collect();
    let above = signs.iter().filter(|&&above| above).count() as u64;
    let below = signs.len() as u64 - above;
    let runs = signs.chunk_by(|a, b| a == b).count() as u64;
    chance_of_so_few(runs, above, below) <= alpha
}

/// The chance of so many `runs` or fewer, if `above` signs of one kind and `below` of the other
/// come in random order. 1 where there is only one kind: nothing can be told from that.
///
/// Exact, with no normal approximation, by the distribution of A. Wald and J. Wolfowitz, *On a Test
/// Whether Two Samples Are from the Same Population*, Annals of Mathematical Statistics 11 (1940):
/// runs of the two kinds take turns, so 2k runs are k of each, and cutting a row of n into k pieces
/// can be done in C(n−1, k−1) ways.
#[must_use]
pub fn chance_of_so_few(runs: u64, above: u64, below: u64) -> f64 {
    if above == 0 || below == 0 {
        return 1.0;
    }
    let ln_orders = ln_binomial(above + below, above);
    let pieces = |n: u64, k: u64| {
        if k >= 1 && k <= n {
            ln_binomial(n - 1, k - 1)
        } else {
            f64::NEG_INFINITY
        }
    };
    let exactly = |runs: u64| {
        let half = runs / 2;
        if runs.is_multiple_of(2) {
            2.0 * (pieces(above, half) + pieces(below, half) - ln_orders).exp()
        } else {
            // One kind begins and ends, and so has a run more.
            (pieces(above, half + 1) + pieces(below, half) - ln_orders).exp()
                + (pieces(above, half) + pieces(below, half + 1) - ln_orders).exp()
        }
    };
    (2..=runs.min(above + below))
        .map(exactly)
        .sum::<f64>()
        .min(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Five and five: 252 orders, 2 of them of two runs, 2·4 of three, 2·4·4 of four.
    #[test]
    fn chances_by_hand() {
        for (runs, orders) in [(1, 0.0), (2, 2.0), (3, 10.0), (4, 42.0), (10, 252.0)] {
            let chance = chance_of_so_few(runs, 5, 5);
            assert!(
                (chance - orders / 252.0).abs() < 1e-12,
                "{runs} runs: {chance}"
            );
        }
        assert_eq!(chance_of_so_few(1, 7, 0), 1.0);
    }

    #[test]
    fn steps_and_slopes_are_dependent_and_see_saws_are_not() {
        let step: Vec<f64> = (0..20).map(|i| if i < 10 { 1.0 } else { 1.1 }).collect();
        let slope: Vec<f64> = (0..20).map(f64::from).collect();
        let see_saw: Vec<f64> = (0..20).map(|i| f64::from(i % 2)).collect();
        assert!(serially_dependent_around(&step, 1.05, 0.01));
        assert!(serially_dependent_around(&slope, 9.5, 0.01));
        assert!(!serially_dependent_around(&see_saw, 0.5, 0.01));
    }

    #[test]
    fn drift_that_stays_on_one_side_of_the_margin_is_no_cause_for_doubt() {
        let slope: Vec<f64> = (0..20).map(|i| 0.5 + 0.002 * f64::from(i)).collect();
        assert!(!serially_dependent_around(&slope, 0.75, 0.01));
        assert!(serially_dependent_around(&slope, 0.52, 0.01));
    }

    #[test]
    fn a_short_burst_shows_around_the_margin() {
        let mut ratios = vec![0.5; 20];
        ratios[8..13].fill(1.0);
        assert!(serially_dependent_around(&ratios, 0.75, 0.01));
        // Two runs: 2 orders; three: C(4, 1) + C(14, 1) = 18.
        assert!((chance_of_so_few(3, 5, 15) - 20.0 / 15504.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_can_be_told_from_few_equal_or_no_ratios() {
        assert!(!serially_dependent_around(&[], 1.0, 0.05));
        assert!(!serially_dependent_around(&[1.0; 40], 1.0, 0.05));
        for neither in [0.75, f64::NAN] {
            // On neither side, and so none of the lower half of a step either.
            let mut ratios = vec![neither; 20];
            ratios[10..].fill(1.0);
            assert!(!serially_dependent_around(&ratios, 0.75, 0.05));
        }
        // Three and three: two runs have a chance of 2/20. Four and four: 2/70.
        let counted = |n: i32| (1..=n).map(f64::from).collect::<Vec<_>>();
        assert!(!serially_dependent_around(&counted(6), 3.5, 0.05));
        assert!(serially_dependent_around(&counted(8), 4.5, 0.05));
    }

    /// Counts every order of up to twelve signs.
    #[test]
    fn chances_agree_with_counting() {
        for n in 2_u32..=12 {
            for above in 1..n {
                let orders: Vec<u32> = (0..1_u32 << n)
                    .filter(|o| o.count_ones() == above)
                    .collect();
                for runs in 1..=n {
                    let so_few = orders
                        .iter()
                        .filter(|&&order| {
                            let changes = (order ^ (order >> 1)) & ((1 << (n - 1)) - 1);
                            changes.count_ones() < runs
                        })
                        .count();
                    let chance = chance_of_so_few(runs.into(), above.into(), (n - above).into());
                    let counted = so_few as f64 / orders.len() as f64;
                    assert!((chance - counted).abs() < 1e-10, "{runs} of {above} in {n}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn chances_are_chances(runs in 0_u64..500, above in 0_u64..40_000, below in 0_u64..40_000) {
            let chance = chance_of_so_few(runs, above, below);
            prop_assert!((0.0..=1.0).contains(&chance));
            prop_assert!(chance_of_so_few(runs + 1, above, below) >= chance);
        }
    }
}
