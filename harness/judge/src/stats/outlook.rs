//! How many more blocks an open comparison would take.

use super::{decided::Decided, evidence::ln_evidence_at};

/// No plan looks further ahead than this.
const FAR: u64 = 100_000;

/// What a comparison comes to if blocks go on as they have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// What would be decided.
    pub decided: Decided,
    /// After how many more blocks; 0 when it is decided already.
    pub blocks: u64,
}

impl Outlook {
    /// The outlook of several comparisons that must all hold, as [`Decided::all`] joins them: the
    /// first `No` ends it, and a `Yes` takes the slowest.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        let mut yes = Some(Self {
            decided: Decided::Yes,
            blocks: 0,
        });
        let mut no: Option<Self> = None;
        for part in parts {
            match part {
                Some(part) if part.decided == Decided::No => {
                    no =
                        Some(no.map_or(part, |no| if part.blocks < no.blocks { part } else { no }));
                }
                Some(part) => {
                    yes = yes.map(|yes| if part.blocks > yes.blocks { part } else { yes });
                }
                None => yes = None,
            }
        }
        no.or(yes)
    }
}

/// About how many more blocks bring the evidence to the threshold if `wins` of `pairs` goes on as
/// the share of blocks on the side in question.
///
/// 0 when it is there already; `None` when 100 000 more would not do, as with a share near one
/// half, or when there are no blocks to go by. It is a forecast from few blocks, no promise: it is
/// meant for a line such as "inconclusive: about 20 s more".
#[must_use]
pub fn more_blocks_needed(wins: u64, pairs: u64, threshold: f64) -> Option<u64> {
    if pairs == 0 {
        return None;
    }
    let share = wins.min(pairs) as f64 / pairs as f64;
    let enough = |more: u64| {
        let pairs = (pairs + more) as f64;
        ln_evidence_at(share * pairs, pairs) >= threshold.ln()
    };
    if enough(0) {
        return Some(0);
    }
    if !enough(FAR) {
        return None;
    }
    // Along a fixed share the evidence falls at first, if at all, and then rises for good, so that
    // it crosses the threshold once.
    let (mut short, mut far) = (0, FAR);
    while far - short > 1 {
        let middle = short + (far - short) / 2;
        if enough(middle) {
            far = middle;
        } else {
            short = middle;
        }
    }
    Some(far)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::evidence::ln_evidence;

    #[test]
    fn wins_throughout_want_thirteen_in_all() {
        assert_eq!(more_blocks_needed(1, 1, 1800.0), Some(12));
        assert_eq!(more_blocks_needed(12, 12, 1800.0), Some(1));
        assert_eq!(more_blocks_needed(13, 13, 1800.0), Some(0));
    }

    #[test]
    fn a_share_near_one_half_is_hopeless() {
        assert_eq!(more_blocks_needed(50, 100, 1800.0), None);
        assert_eq!(more_blocks_needed(505, 1000, 1800.0), None);
        assert_eq!(more_blocks_needed(10, 100, 1800.0), None);
        assert_eq!(more_blocks_needed(0, 0, 1800.0), None);
        assert!(more_blocks_needed(60, 100, 1800.0).is_some());
    }

    #[test]
    fn outlooks_join_as_decisions_do() {
        let yes = |blocks| {
            Some(Outlook {
                decided: Decided::Yes,
                blocks,
            })
        };
        let no = |blocks| {
            Some(Outlook {
                decided: Decided::No,
                blocks,
            })
        };
        assert_eq!(Outlook::all([yes(3), yes(8), yes(5)]), yes(8));
        assert_eq!(Outlook::all([yes(3), None]), None);
        assert_eq!(Outlook::all([None, no(7), yes(50), no(4)]), no(4));
        assert_eq!(Outlook::all([]), yes(0));
    }

    proptest! {
        /// The forecast comes true when it can be checked in whole blocks.
        #[test]
        fn a_forecast_comes_true(wins in 7_u64..=10, times in 1_u64..20, threshold in 100.0_f64..1e5) {
            if let Some(more) = more_blocks_needed(wins * times, 10 * times, threshold) {
                // Round the end up, and the block before it down, to whole tens.
                let after = (10 * times + more).div_ceil(10);
                prop_assert!(ln_evidence(after * wins, after * 10) >= threshold.ln());
                if more > 0 {
                    let before = (10 * times + more - 1) / 10;
                    prop_assert!(ln_evidence(before * wins, before * 10) < threshold.ln());
                }
            }
        }

        #[test]
        fn a_better_share_wants_fewer(wins in 60_u64..100) {
            let (worse, better) = (more_blocks_needed(wins, 100, 1e6), more_blocks_needed(wins + 1, 100, 1e6));
            prop_assert!(better <= worse);
        }
    }
}
