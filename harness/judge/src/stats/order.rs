//! Medians, quantiles, and the interval of a median that assumes nothing of the noise.

use harness_record::numbers::sorted;
pub use harness_record::numbers::{median, quantile};
use statrs::function::factorial::ln_binomial;

/// A closed interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// An interval that misses the median of what the values were drawn from with a chance of `alpha`
/// at most, half of it at each end.
///
/// The ends are two of the values: the r-th smallest and the r-th largest. The r-th smallest lies
/// above the median only when fewer than r values fell below it, and each does so with a chance of
/// one half, whatever the shape of the noise; so the error is a sum of binomial chances, and exact.
/// W. R. Thompson, *On Confidence Ranges for the Median*, Annals of Mathematical Statistics 7
/// (1936); H. A. David and H. N. Nagaraja, *Order Statistics*, 3rd ed. (2003), section 7.1. Being
/// made of order statistics, the interval of the ratios is that of their logarithms, too.
///
/// `None` if the values are fewer than [`least_samples`], or one of them is not a number: there is
/// no interval then that keeps its word.
#[must_use]
pub fn median_interval(values: &[f64], alpha: f64) -> Option<Interval> {
    let sorted = sorted(values)?;
    let rank = rank(sorted.len() as u64, alpha)? as usize;
    Some(Interval {
        low: sorted[rank - 1],
        high: sorted[sorted.len() - rank],
    })
}

/// The fewest samples that [`median_interval`] wants: the least n with 2·2⁻ⁿ ≤ `alpha`.
///
/// At that number its interval reaches from the least value to the greatest, so plan for more.
/// `None` if `alpha` is not a chance that any number of samples can keep.
#[must_use]
pub fn least_samples(alpha: f64) -> Option<u64> {
    // 2⁻ⁿ is exact down to n = 1074, and below it is 0, which no alpha is asked to be.
    (alpha > 0.0 && alpha < 1.0).then(|| {
        let mut n = 1;
        while 2.0 * 0.5_f64.powi(n) > alpha {
            n += 1;
        }
        n.unsigned_abs().into()
    })
}

/// The greatest r, counted from 1, at which fewer than r of n fall on one side with a chance of
/// `alpha / 2` at most.
fn rank(n: u64, alpha: f64) -> Option<u64> {
    if !(alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    let ln_all = n as f64 * std::f64::consts::LN_2;
    let mut fewer = 0.0;
    let mut rank = 0;
    // Summed here, and not by way of the incomplete beta function as a library does: the tail is
    // short, its terms are all positive, and nothing has to converge.
    while rank <= n / 2 {
        fewer += (ln_binomial(n, rank) - ln_all).exp();
        if fewer > alpha / 2.0 {
            break;
        }
        rank += 1;
    }
    (rank > 0).then_some(rank)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use statrs::distribution::{Binomial, DiscreteCDF};

    use super::*;
    use crate::stats::Family;

    #[test]
    fn medians_and_quantiles_by_hand() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[9.0, 1.0, 5.0]), Some(5.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 9.0]), Some(3.0));
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.25), Some(2.0));
        assert_eq!(quantile(&[0.0, 10.0], 0.9), Some(9.0));
        assert_eq!(quantile(&[1.0, 2.0], 1.5), None);
        assert_eq!(median(&[1.0, f64::INFINITY, 1.0]), Some(1.0));
    }

    #[test]
    fn what_is_not_a_number_yields_no_number() {
        assert_eq!(median(&[1.0, f64::NAN]), None);
        assert_eq!(median_interval(&[f64::NAN; 30], 0.05), None);
    }

    /// n = 10: P(fewer than 2 of 10) = 11/1024, twice that is 0.0215 ≤ 0.05; P(fewer than 3) =
    /// 56/1024 is too much. So the second from either end.
    #[test]
    fn an_interval_by_hand() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let interval = median_interval(&values, 0.05);
        assert_eq!(
            interval,
            Some(Interval {
                low: 2.0,
                high: 9.0
            })
        );
    }

    #[test]
    fn too_few_values_make_no_interval_and_just_enough_reach_from_least_to_greatest() {
        // Hand: 2·2⁻⁶ = 0.031 ≤ 0.05 < 2·2⁻⁵ = 0.0625.
        assert_eq!(least_samples(0.05), Some(6));
        let values = [4.0, 2.0, 6.0, 1.0, 5.0, 3.0];
        assert_eq!(median_interval(&values[..5], 0.05), None);
        assert_eq!(
            median_interval(&values, 0.05),
            Some(Interval {
                low: 1.0,
                high: 6.0
            })
        );
    }

    #[test]
    fn the_blocks_that_a_report_wants_at_least() {
        for (comparisons, least) in [(9, 11), (18, 12), (40, 13), (144, 15)] {
            let alpha = Family::of(comparisons).alpha_each();
            assert_eq!(least_samples(alpha), Some(least), "M = {comparisons}");
        }
    }

    #[test]
    fn no_number_of_samples_keeps_an_error_of_nought() {
        for alpha in [0.0, -1.0, 1.0, 2.0, f64::NAN] {
            assert_eq!(least_samples(alpha), None);
            assert_eq!(median_interval(&[1.0; 50], alpha), None);
        }
    }

    proptest! {
        /// The rank is the greatest that the binomial distribution of a kept library allows.
        #[test]
        fn ranks_agree_with_the_binomial_distribution(n in 1_u64..2000, exponent in 0.5_f64..6.0) {
            let alpha = 10_f64.powf(-exponent);
            let fewer_than = |r: u64| Binomial::new(0.5, n).unwrap().cdf(r - 1);
            // A hair's breadth either way, so that the last bit of a sum decides nothing.
            match rank(n, alpha) {
                None => prop_assert!(fewer_than(1) > alpha / 2.0 * (1.0 - 1e-9)),
                Some(r) => {
                    prop_assert!(fewer_than(r) <= alpha / 2.0 * (1.0 + 1e-9));
                    prop_assert!(fewer_than(r + 1) > alpha / 2.0 * (1.0 - 1e-9));
                    prop_assert!(2 * r <= n + 1);
                }
            }
        }

        #[test]
        fn an_interval_exists_from_the_least_number_of_samples_on(exponent in 0.5_f64..9.0) {
            let alpha = 10_f64.powf(-exponent);
            let least = least_samples(alpha).unwrap();
            prop_assert_eq!(rank(least, alpha), Some(1));
            prop_assert_eq!(rank(least - 1, alpha), None);
        }

        #[test]
        fn an_interval_holds_the_median_of_its_values(
            values in prop::collection::vec(-1e3_f64..1e3, 8..60),
        ) {
            let interval = median_interval(&values, 0.05).unwrap();
            let median = median(&values).unwrap();
            prop_assert!(interval.low <= median && median <= interval.high);
        }
    }
}
