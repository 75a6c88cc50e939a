//! One comparison: does the median ratio lie on the claimed side of its margin?

use super::{
    decided::Decided,
    evidence::ln_evidence,
    order::{Interval, median_interval},
    outlook::{Outlook, more_blocks_needed},
};

/// A side of a margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Less than the margin.
    Below,
    /// Greater than the margin.
    Above,
}

/// A margin, and the side of it on which the ratio is claimed to lie.
///
/// A ratio exactly at the margin is on neither side: it counts against the claim and against its
/// opposite. That errs towards no decision. So does a ratio that is not a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    /// Where it is.
    pub at: f64,
    /// The claimed side.
    pub side: Side,
}

impl Margin {
    /// The claim that the ratio is below `at`.
    #[must_use]
    pub fn below(at: f64) -> Self {
        Self {
            at,
            side: Side::Below,
        }
    }

    /// The claim that the ratio is above `at`.
    #[must_use]
    pub fn above(at: f64) -> Self {
        Self {
            at,
            side: Side::Above,
        }
    }

    /// The two claims that make an equality within the factor `m`: above 1/m, and below m.
    ///
    /// Two one-sided tests, each of which must hold: D. J. Schuirmann, Journal of Pharmacokinetics
    /// and Biopharmaceutics 15 (1987). They count as two comparisons of the
    /// [`Family`](super::Family).
    #[must_use]
    pub fn within(m: f64) -> [Self; 2] {
        [Self::above(1.0 / m), Self::below(m)]
    }

    /// What an interval says: it decides only if it lies wholly on one side.
    #[must_use]
    pub fn judge(self, interval: Interval) -> Decided {
        let (below, above) = (interval.high < self.at, interval.low > self.at);
        let (claimed, opposite) = match self.side {
            Side::Below => (below, above),
            Side::Above => (above, below),
        };
        match (claimed, opposite) {
            (true, _) => Decided::Yes,
            (_, true) => Decided::No,
            _ => Decided::Open,
        }
    }
}

/// The comparison after a number of blocks that was fixed before the first: by the interval of the
/// median at the error `alpha`, such as [`Family::alpha_each`](super::Family::alpha_each).
///
/// Looking at it block after block until it decides breaks its error; [`Sequential`] is for that.
#[must_use]
pub fn fixed(ratios: &[f64], margin: Margin, alpha: f64) -> Decided {
    median_interval(ratios, alpha).map_or(Decided::Open, |interval| margin.judge(interval))
}

/// The comparison that may be looked at after every block.
///
/// Either side of the margin gathers [`evidence`](super::evidence) of its own, and the first to
/// reach the threshold decides, for good: the guarantee is for the moment that it is first reached.
#[derive(Clone, Debug)]
pub struct Sequential {
    margin: Margin,
    threshold: f64,
    pairs: u64,
    claimed: u64,
    opposite: u64,
    state: Decided,
}

impl Sequential {
    /// Before the first block. The threshold is [`Family::threshold`](super::Family::threshold).
    #[must_use]
    pub fn new(margin: Margin, threshold: f64) -> Self {
        Self {
            margin,
            threshold,
            pairs: 0,
            claimed: 0,
            opposite: 0,
            state: Decided::Open,
        }
    }

    /// Takes the ratio of one more block, and says what is known now.
    pub fn push(&mut self, ratio: f64) -> Decided {
        self.pairs += 1;
        let (below, above) = (ratio < self.margin.at, ratio > self.margin.at);
        let (claimed, opposite) = match self.margin.side {
            Side::Below => (below, above),
            Side::Above => (above, below),
        };
        self.claimed += u64::from(claimed);
        self.opposite += u64::from(opposite);
        if self.state == Decided::Open {
            self.state = self.look();
        }
        self.state
    }

    fn look(&self) -> Decided {
        // Both at once cannot be: a majority is wanted for evidence above 1.
        if self.reached(self.claimed) {
            Decided::Yes
        } else if self.reached(self.opposite) {
            Decided::No
        } else {
            Decided::Open
        }
    }

    fn reached(&self, wins: u64) -> bool {
        let ln_threshold = self.threshold.ln();
        2 * wins > self.pairs
            && ln_best(wins, self.pairs) >= ln_threshold
            && ln_evidence(wins, self.pairs) >= ln_threshold
    }

    /// What is known.
    #[must_use]
    pub fn state(&self) -> Decided {
        self.state
    }

    /// What is asked.
    #[must_use]
    pub fn margin(&self) -> Margin {
        self.margin
    }

    /// Blocks seen.
    #[must_use]
    pub fn pairs(&self) -> u64 {
        self.pairs
    }

    /// Blocks on the claimed side.
    #[must_use]
    pub fn claimed(&self) -> u64 {
        self.claimed
    }

    /// Evidence for the claimed side and for the opposite one, as it is now.
    #[must_use]
    pub fn evidence(&self) -> (f64, f64) {
        (
            ln_evidence(self.claimed, self.pairs).exp(),
            ln_evidence(self.opposite, self.pairs).exp(),
        )
    }

    /// What it comes to if blocks go on as they have, and after how many more; `None` when there is
    /// no telling.
    #[must_use]
    pub fn outlook(&self) -> Option<Outlook> {
        if self.state != Decided::Open {
            return Some(Outlook {
                decided: self.state,
                blocks: 0,
            });
        }
        let (wins, decided) = if self.claimed >= self.opposite {
            (self.claimed, Decided::Yes)
        } else {
            (self.opposite, Decided::No)
        };
        more_blocks_needed(wins, self.pairs, self.threshold)
            .map(|blocks| Outlook { decided, blocks })
    }
}

/// What somebody would have won who had known the share of wins beforehand: never less than the evidence,
/// which spreads the purse over all shares, and much quicker to work out.
fn ln_best(wins: u64, pairs: u64) -> f64 {
    let part = |count: u64| match count {
        0 => 0.0,
        count => count as f64 * (2.0 * count as f64 / pairs as f64).ln(),
    };
    part(wins) + part(pairs - wins)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::Family;

    fn push_all(margin: Margin, ratios: impl IntoIterator<Item = f64>) -> Sequential {
        let mut test = Sequential::new(margin, Family::of(9).threshold());
        for ratio in ratios {
            test.push(ratio);
        }
        test
    }

    #[test]
    fn blocks_that_all_agree_decide_in_thirteen() {
        for (margin, ratio, decided) in [
            (Margin::below(0.75), 0.5, Decided::Yes),
            (Margin::below(0.75), 1.0, Decided::No),
            (Margin::above(0.75), 1.0, Decided::Yes),
            (Margin::above(0.75), 0.5, Decided::No),
        ] {
            assert_eq!(push_all(margin, [ratio; 12]).state(), Decided::Open);
            assert_eq!(push_all(margin, [ratio; 13]).state(), decided, "{margin:?}");
        }
    }

    #[test]
    fn a_ratio_at_the_margin_or_of_no_number_is_on_neither_side() {
        for ratio in [0.75, f64::NAN] {
            for margin in [Margin::below(0.75), Margin::above(0.75)] {
                let test = push_all(margin, [ratio; 1000]);
                assert_eq!(test.state(), Decided::Open);
                let (claimed, opposite) = test.evidence();
                assert!(claimed < 1.0 && opposite < 1.0);
            }
        }
        // It counts against: thirteen wins no longer do when there was a tie among the blocks.
        let tied = std::iter::once(0.75).chain([0.5; 13]);
        assert_eq!(push_all(Margin::below(0.75), tied).state(), Decided::Open);
    }

    #[test]
    fn a_decision_stays() {
        let changing = [0.5; 13].into_iter().chain([1.0; 500]);
        let test = push_all(Margin::below(0.75), changing);
        assert_eq!(
            (test.state(), test.pairs(), test.claimed()),
            (Decided::Yes, 513, 13)
        );
    }

    #[test]
    fn all_hold_only_together() {
        use Decided::{No, Open, Yes};
        assert_eq!(Decided::all([Yes, Yes]), Yes);
        assert_eq!(Decided::all([Yes, Open]), Open);
        assert_eq!(Decided::all([Open, No, Yes]), No);
        assert_eq!(Decided::all([]), Yes);
    }

    #[test]
    fn a_fixed_number_of_blocks_decides_by_its_interval() {
        let alpha = Family::of(9).alpha_each();
        let margin = Margin::below(0.75);
        assert_eq!(
            fixed(&[0.5; 10], margin, alpha),
            Decided::Open,
            "one too few"
        );
        assert_eq!(fixed(&[0.5; 11], margin, alpha), Decided::Yes);
        assert_eq!(fixed(&[0.8; 11], margin, alpha), Decided::No);
        assert_eq!(fixed(&[0.75; 50], margin, alpha), Decided::Open, "ties");
        let mut ratios = vec![0.5; 10];
        ratios.push(0.8);
        assert_eq!(
            fixed(&ratios, margin, alpha),
            Decided::Open,
            "it straddles the margin"
        );
    }

    proptest! {
        /// The quick bound takes no decision away.
        #[test]
        fn nobody_wins_more_than_who_knew(
            (wins, pairs) in (1_u64..3000).prop_flat_map(|t| (t / 2..=t, Just(t))),
        ) {
            prop_assert!(ln_evidence(wins, pairs) <= ln_best(wins, pairs) + 1e-9);
        }

        /// What is claimed of a ratio is what the opposite is not.
        #[test]
        fn the_sides_mirror_each_other(ratios in prop::collection::vec(0.5_f64..1.1, 0..80)) {
            let below = push_all(Margin::below(0.75), ratios.iter().copied());
            let above = push_all(Margin::above(0.75), ratios.iter().copied());
            let mirrored = match above.state() {
                Decided::Yes => Decided::No,
                Decided::No => Decided::Yes,
                Decided::Open => Decided::Open,
            };
            prop_assert_eq!(below.state(), mirrored);
            let swapped = (above.evidence().1, above.evidence().0);
            prop_assert_eq!(below.evidence(), swapped);
        }
    }
}
