//! By how much one sample lies above another, when nothing pairs their values.
//!
//! The estimate is that of J. L. Hodges and E. L. Lehmann, *Estimates of Location Based on Rank Tests*,
//! Annals of Mathematical Statistics 34 (1963): the median of all differences. Its interval is the set of
//! shifts that the test of H. B. Mann and D. R. Whitney, *On a Test of Whether One of Two Random Variables
//! Is Stochastically Larger than the Other*, Annals of Mathematical Statistics 18 (1947), does not reject;
//! M. Hollander, D. A. Wolfe and E. Chicken, *Nonparametric Statistical Methods*, 3rd ed. (2014), section
//! 4.3. It assumes that the two are alike but for the shift, and nothing of their shape, so outliers
//! weigh no more than their ranks.

use statrs::{
    distribution::{ContinuousCDF, Normal},
    function::factorial::ln_binomial,
};

use super::{Interval, median};

/// Pairs up to which the distribution is summed; above, it is as good as normal.
const EXACT_PAIRS: usize = 20_000;

/// A shift, and the interval that holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The median of all differences.
    pub estimate: f64,
    /// Where it lies, or `None` where the values are too few for the error asked.
    pub interval: Option<Interval>,
}

/// How far `to` lies above `from`, with an interval that misses it with a chance of `alpha` at most,
/// half of it at each end. `None` if either has no values, or one of them is not finite.
#[must_use]
pub fn shift(from: &[f64], to: &[f64], alpha: f64) -> Option<Shift> {
    if from.iter().chain(to).any(|value| !value.is_finite()) {
        return None;
    }
    let mut differences: Vec<f64> = to
        .iter()
        .flat_map(|b| from.iter().map(move |a| b - a))
        .collect();
    differences.sort_unstable_by(f64::total_cmp);
    let estimate = median(&differences)?;
    let interval = rank(from.len(), to.len(), alpha).map(|rank| Interval {
        low: differences[rank - 1],
        high: differences[differences.len() - rank],
    });
    Some(Shift { estimate, interval })
}

/// The least error at which so many values on either side make an interval: that of all differences,
/// which is missed when all values of one side lie above all of the other. 1 or more if there are too few.
#[must_use]
pub fn least_alpha(from: usize, to: usize) -> f64 {
    let (from, to) = (from as u64, to as u64);
    2.0 * (-ln_binomial(from + to, from)).exp()
}

/// The greatest r, counted from 1, for which fewer than r of all pairs lie on one side with a chance of
/// `alpha / 2` at most, if the two samples are alike.
fn rank(from: usize, to: usize, alpha: f64) -> Option<usize> {
    let pairs = from * to;
    if !(alpha > 0.0 && alpha < 1.0) || pairs == 0 {
        return None;
    }
    if pairs > EXACT_PAIRS {
        let normal = Normal::standard();
        let spread = (pairs as f64 * (from + to + 1) as f64 / 12.0).sqrt();
        // Half a pair less, since pairs come whole.
        let rank = pairs as f64 / 2.0 + normal.inverse_cdf(alpha / 2.0) * spread - 0.5;
        return (rank >= 1.0).then_some(rank as usize);
    }
    let (ways, ln_all) = (ways(from, to), ln_binomial((from + to) as u64, from as u64));
    let most = (alpha / 2.0).ln() + ln_all;
    let mut fewer = 0.0;
    let mut rank = 0;
    for ways in ways {
        fewer += ways;
        if fewer.ln() > most {
            break;
        }
        rank += 1;
    }
    (rank > 0).then_some(rank)
}

/// In how many orders of `from` and `to` values exactly u pairs lie on one side, for u up to half of all.
///
/// They are the coefficients of the Gaussian binomial, the product of (1 − q^(to + i)) / (1 − q^i) over i
/// from 1 to `from`. Each depends on lower ones only, so that the thin end, which is what is asked for, is
/// not blurred by the thick middle.
fn ways(from: usize, to: usize) -> Vec<f64> {
    let (few, many) = (from.min(to), from.max(to));
    let mut ways = vec![0.0; from * to / 2 + 1];
    ways[0] = 1.0;
    for i in 1..=few {
        for u in (many + i..ways.len()).rev() {
            ways[u] -= ways[u - many - i];
        }
        for u in i..ways.len() {
            ways[u] += ways[u - i];
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2 and 3 values: 10 orders. None below in 1, one in 1, two in 2, three in 2, then the same backwards.
    #[test]
    fn orders_by_hand() {
        assert_eq!(ways(2, 3), [1.0, 1.0, 2.0, 2.0]);
        assert_eq!(ways(3, 2), ways(2, 3));
        // Out of 20: the row for 3 and 3 in any table of the test.
        assert_eq!(ways(3, 3), [1.0, 1.0, 2.0, 3.0, 3.0]);
    }

    /// Differences of 1, 2, 4 and 11, 13, 18: 7, 9, 9, 10, 11, 12, 14, 16, 17. Of 20 orders 1 has no pair
    /// on one side: at an error of 0.1 the interval is all of it, and at 0.2 one less at either end.
    #[test]
    fn a_shift_by_hand() {
        let (from, to) = ([1.0, 2.0, 4.0], [11.0, 13.0, 18.0]);
        let interval = |low, high| Some(Interval { low, high });
        let at = |alpha| shift(&from, &to, alpha).unwrap();
        assert_eq!(at(0.11).estimate, 11.0);
        assert_eq!(at(0.11).interval, interval(7.0, 17.0));
        assert_eq!(at(0.21).interval, interval(9.0, 16.0));
        assert_eq!(at(0.09).interval, None);
        assert!((least_alpha(3, 3) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn nothing_has_no_shift() {
        assert_eq!(shift(&[], &[1.0], 0.5), None);
        assert_eq!(shift(&[1.0], &[f64::INFINITY], 0.5), None);
        assert_eq!(shift(&[1.0], &[2.0], 0.0).unwrap().interval, None);
    }

    /// Where the sum ends and the normal distribution begins, the two agree, and the latter is no bolder.
    #[test]
    fn the_normal_distribution_takes_over_where_it_is_as_good() {
        for alpha in [1e-2, 1e-4, 1e-6] {
            // Once more pairs than are summed, and as a sum.
            let (from, to) = (150, 160);
            let normal = rank(from, to, alpha).unwrap();
            let sum: Vec<f64> = ways(from, to);
            let most = (alpha / 2.0).ln() + ln_binomial(310, 150);
            let mut fewer = 0.0;
            let exact = sum
                .iter()
                .take_while(|ways| {
                    fewer += **ways;
                    fewer.ln() <= most
                })
                .count();
            assert!(normal <= exact, "{normal} {exact}");
            assert!(exact - normal < exact / 100, "{normal} {exact}");
        }
    }

    proptest! {
        #[test]
        fn all_orders_are_counted(from in 1_usize..12, to in 1_usize..12) {
            let ways = ways(from, to);
            let half: f64 = ways.iter().sum();
            let middle = if (from * to).is_multiple_of(2) { ways[ways.len() - 1] } else { 0.0 };
            let all = ln_binomial((from + to) as u64, from as u64).exp();
            prop_assert!((2.0 * half - middle - all).abs() < 1e-6 * all);
        }

        /// The interval excludes nought just where the test rejects it, and the test's chance is found here by
        /// going through every order of the two samples.
        #[test]
        fn it_agrees_with_the_test_over_all_orders(
            from in prop::collection::vec(0.0_f64..1.0, 3..7),
            to in prop::collection::vec(0.3_f64..1.4, 3..7),
        ) {
            let above = |a: &f64| to.iter().filter(|b| **b > *a).count();
            let seen: usize = from.iter().map(above).sum();
            let seen = seen.min(from.len() * to.len() - seen);
            let (mut all, mut as_far) = (0_u32, 0_u32);
            for order in 0_u32..1 << (from.len() + to.len()) {
                if order.count_ones() as usize != from.len() {
                    continue;
                }
                // A bit is a value of `from`; pairs are counted in which one of `to` comes after it.
                let (mut pairs, mut before) = (0, 0);
                for place in 0..from.len() + to.len() {
                    if order >> place & 1 == 1 { before += 1 } else { pairs += before }
                }
                all += 1;
                as_far += u32::from(pairs <= seen);
            }
            let chance = 2.0 * f64::from(as_far) / f64::from(all);
            for alpha in [0.2, 0.05, 0.01] {
                if (chance - alpha).abs() < 1e-9 { continue; }
                let interval = shift(&from, &to, alpha).unwrap().interval;
                let rejects = interval.is_some_and(|i| i.low > 0.0 || i.high < 0.0);
                prop_assert_eq!(rejects, chance <= alpha, "{} {:?}", chance, interval);
            }
        }
    }
}
