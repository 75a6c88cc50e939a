//! What a count of events says of their rate.

use statrs::distribution::{Beta, ContinuousCDF};

/// The rate at which one more of `count` events in `of` trials would still be no surprise: the upper
/// end of the one-sided interval of C. J. Clopper and E. S. Pearson, *The Use of Confidence or
/// Fiducial Limits Illustrated in the Case of the Binomial*, Biometrika 26 (1934). The true rate is
/// above it in at most a share of 1 − `confidence` of all series of trials.
///
/// `None` without trials, and where `count` is more than `of` or `confidence` is no chance.
#[must_use]
pub fn rate_at_most(count: usize, of: usize, confidence: f64) -> Option<f64> {
    if of == 0 || count > of || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    if count == of {
        return Some(1.0);
    }
    let beta = Beta::new(count as f64 + 1.0, (of - count) as f64).ok()?;
    Some(beta.inverse_cdf(confidence))
}

/// The lower end of the one-sided interval, as [`rate_at_most`]: what a detector finds at least.
#[must_use]
pub fn rate_at_least(count: usize, of: usize, confidence: f64) -> Option<f64> {
    rate_at_most(of.checked_sub(count)?, of, confidence).map(|missed| 1.0 - missed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use statrs::distribution::{Binomial, DiscreteCDF};

    use super::*;

    fn close(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-6)
    }

    /// None of n: (1 − p)ⁿ = 0.05. None of 299 bounds the rate at 1 %, and none of 298 does not.
    #[test]
    fn bounds_by_hand() {
        assert!(close(rate_at_most(0, 1, 0.95), 0.95));
        assert!(close(rate_at_most(0, 4, 0.95), 1.0 - 0.05_f64.powf(0.25)));
        assert!(close(rate_at_least(200, 200, 0.95), 0.05_f64.powf(0.005)));
        // One of two: 1 − p² = 0.05.
        assert!(close(rate_at_most(1, 2, 0.95), 0.95_f64.sqrt()));
        assert!(rate_at_most(0, 299, 0.95).unwrap() < 0.01);
        assert!(rate_at_most(0, 298, 0.95).unwrap() > 0.01);
        assert_eq!(rate_at_most(3, 3, 0.95), Some(1.0));
        assert_eq!(rate_at_least(0, 3, 0.95), Some(0.0));
    }

    #[test]
    fn nothing_is_said_of_no_trials() {
        assert_eq!(rate_at_most(0, 0, 0.95), None);
        assert_eq!(rate_at_most(3, 2, 0.95), None);
        assert_eq!(rate_at_least(3, 2, 0.95), None);
        assert_eq!(rate_at_most(0, 2, 1.0), None);
    }

    proptest! {
        /// At the bound, so few events have a chance of just 1 − confidence, by the binomial
        /// distribution of a kept library.
        #[test]
        fn bounds_agree_with_the_binomial_distribution(
            (count, of) in (1_usize..400).prop_flat_map(|of| (0..of, Just(of))),
            confidence in 0.5_f64..0.999,
        ) {
            let bound = rate_at_most(count, of, confidence).unwrap();
            let chance = Binomial::new(bound, of as u64).unwrap().cdf(count as u64);
            prop_assert!((chance - (1.0 - confidence)).abs() < 1e-5, "{chance}");
        }
    }
}
