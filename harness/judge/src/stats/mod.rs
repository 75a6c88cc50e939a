//! How sure a report may be of what it says: pure functions from ratios to decisions.
//!
//! One *block* runs every arm of a claim once, each in a fresh process, and gives one ratio for
//! each comparison. Blocks are the independent samples; what happens inside a process is not. A
//! *comparison* asks whether the median ratio lies below (or above) a margin that was written down
//! before the first block.
//!
//! Two rules answer it:
//!
//! - After a number of blocks that was fixed beforehand: [`fixed`], by an interval of order
//!   statistics ([`median_interval`]).
//! - After every block, stopping as soon as there is an answer: [`Sequential`], by a test that may
//!   be looked at any number of times ([`evidence`] says why).
//!
//! Neither assumes anything of the noise but that a block at the margin is as likely to fall on
//! one side as on the other, whatever the blocks before it did. Drift and bursts of load break
//! that; [`serially_dependent_around`] looks for them, and a comparison in which it finds them is
//! not decided. [`ruling()`] puts these together.
//!
//! A report makes many comparisons, and [`Family`] shares one error rate among them.

pub mod decided;
pub mod evidence;
#[cfg(any(test, feature = "fabricated"))]
pub mod noise;
pub mod order;
pub mod outlook;
pub mod rate;
pub mod ruling;
pub mod runs;
pub mod sequential;
pub mod shift;
#[cfg(test)]
mod simulations;

pub use decided::Decided;
pub use order::{Interval, least_samples, median, median_interval, quantile};
pub use outlook::{Outlook, more_blocks_needed};
pub use rate::{rate_at_least, rate_at_most};
pub use ruling::{Rule, Ruling, ruling};
pub use runs::serially_dependent_around;
pub use sequential::{Margin, Sequential, Side, fixed};
pub use shift::{Shift, shift};

/// All the comparisons of one report, which share one error rate.
///
/// By Bonferroni's inequality the chance that a report makes any wrong decision is at most the sum
/// of the chances of its comparisons, however they hang together: comparisons of one claim share
/// their arms, so they do hang together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Family {
    /// The chance of one wrong decision or more in the whole report, at most.
    pub alpha: f64,
    /// M, the comparisons that the report makes. An equality makes two.
    pub comparisons: usize,
}

impl Family {
    /// The error rate of a report unless somebody says otherwise.
    pub const ALPHA: f64 = 0.01;

    /// So many comparisons at [`Family::ALPHA`].
    #[must_use]
    pub fn of(comparisons: usize) -> Self {
        Self {
            alpha: Self::ALPHA,
            comparisons,
        }
    }

    /// Evidence at which one side of one comparison is decided: 2M/α.
    ///
    /// The 2 is for the two sides, each of which gathers evidence of its own.
    #[must_use]
    pub fn threshold(&self) -> f64 {
        2.0 / self.alpha_each()
    }

    /// The error rate of one comparison, both its sides together: α/M.
    #[must_use]
    pub fn alpha_each(&self) -> f64 {
        self.alpha / self.comparisons.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_shares_its_error_among_comparisons_and_sides() {
        let family = Family::of(9);
        assert!((family.threshold() - 1800.0).abs() < 1e-9);
        assert!((family.alpha_each() - 0.01 / 9.0).abs() < 1e-15);
    }

    #[test]
    fn a_family_of_none_is_no_stricter_and_no_laxer_than_a_family_of_one() {
        assert!((Family::of(0).threshold() - Family::of(1).threshold()).abs() < 1e-12);
    }
}
