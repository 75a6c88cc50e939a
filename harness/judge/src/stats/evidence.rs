//! Evidence that may be looked at after every block: the sign test as an e-process.
//!
//! Take "the ratio is below the margin". If it is not, each block falls below with a chance of one
//! half at most. Somebody who bets against that at fair odds, a share 2p − 1 of his purse a block,
//! has (2p)^S (2 − 2p)^(t−S) times his purse after S of t blocks fell below; and by Ville's
//! inequality the chance that an honest game *ever* makes a purse grow to c times what it was is
//! 1/c at most, whenever one looks. So a purse of 1/α is a decision with an error of α, and
//! stopping at the first moment that it is reached costs nothing. Nobody knows the best p
//! beforehand, so the purse is shared among all p of (½, 1], most of it where blocks agree nearly
//! always, as they do when a thing takes half the time:
//!
//! ```text
//! E(S, t) = ∫ (2p)^S (2 − 2p)^(t−S) dπ(p)        π = Beta(8, 1), cut to (½, 1]
//! ```
//!
//! J. Ville, *Étude critique de la notion de collectif* (1939); H. Robbins, *Statistical Methods
//! Related to the Law of the Iterated Logarithm*, Annals of Mathematical Statistics 41 (1970), for
//! the mixture; A. Ramdas, P. Grünwald, V. Vovk and G. Shafer, *Game-Theoretic Statistics and Safe
//! Anytime-Valid Inference*, Statistical Science 38 (2023), for the whole.

use std::f64::consts::LN_2;

use statrs::function::beta::ln_beta;

/// The first parameter of the prior π = Beta(8, 1); the other is 1.
const PRIOR: f64 = 8.0;

/// What is left of π's mass above one half: 1 − 2⁻⁸.
const ABOVE_HALF: f64 = 255.0 / 256.0;

/// ln E(S, t): the logarithm of the evidence when `wins` of `pairs` blocks are on the claimed side.
///
/// Stable up to at least 100 000 blocks, on either side. More wins than pairs count as all.
#[must_use]
pub fn ln_evidence(wins: u64, pairs: u64) -> f64 {
    ln_evidence_at(wins.min(pairs) as f64, pairs as f64)
}

/// The same at counts that need not be whole, for looking ahead.
///
/// With a = S + 8 and b = t − S + 1 the integral is 2^t · 8/(1 − 2⁻⁸) · ∫ p^(a−1) (1−p)^(b−1) dp
/// over (½, 1], an incomplete beta function. Library versions of that give nought far from its
/// middle and stop short of converging in the middle of large counts, so only the complete
/// function is taken from one, and the smaller of the two parts of it is summed here.
pub(super) fn ln_evidence_at(wins: f64, pairs: f64) -> f64 {
    let (a, b) = (wins + PRIOR, pairs - wins + 1.0);
    if a <= b {
        // The part above one half is the smaller: 2^t goes against the 2^−(a+b) of the part.
        ln_part(b, a)
    } else {
        let ln_whole = pairs * LN_2 + (PRIOR / ABOVE_HALF).ln() + ln_beta(a, b);
        ln_whole + (-(ln_part(a, b) - ln_whole).exp()).ln_1p()
    }
}

/// ln of 2^t · 8/(1 − 2⁻⁸) · ∫ x^(near−1) (1−x)^(far−1) dx over [0, ½], where near ≥ far and
/// near + far = t + 9.
///
/// The integral is 2^−(near+far)/near · Σ (near+far)ₙ/(near+1)ₙ · 2⁻ⁿ (NIST Digital Library of
/// Mathematical Functions, 8.17.8). All terms are positive, so nothing cancels, and they shrink
/// from the first; at t = 100 000 some three thousand are wanted at worst.
fn ln_part(near: f64, far: f64) -> f64 {
    let (mut sum, mut term, mut n) = (1.0, 1.0, 0.0);
    while term > sum * f64::EPSILON / 16.0 {
        term *= (near + far + n) / (near + 1.0 + n) / 2.0;
        sum += term;
        n += 1.0;
    }
    // 2^t · 2^−(t+9) · 8 = 2⁻⁶.
    (sum / near / 64.0 / ABOVE_HALF).ln()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use statrs::function::beta::beta_reg;

    use super::*;

    fn evidence(wins: u64, pairs: u64) -> f64 {
        ln_evidence(wins, pairs).exp()
    }

    fn close(a: f64, b: f64, relative: f64) -> bool {
        (a - b).abs() <= relative * a.abs().max(b.abs())
    }

    /// The definition, by Simpson's rule over p.
    fn by_integration(wins: u64, pairs: u64) -> f64 {
        const STEPS: u32 = 20_000;
        let density = |p: f64| {
            let ln_bet =
                wins as f64 * (2.0 * p).ln() + (pairs - wins) as f64 * (2.0 - 2.0 * p).ln();
            // At p = 1 with no losses: 0 · ln 0 is no number, but the bet is 2^t.
            let bet = if p == 1.0 {
                if wins == pairs {
                    2_f64.powi(pairs as i32)
                } else {
                    0.0
                }
            } else {
                ln_bet.exp()
            };
            bet * 8.0 * p.powi(7) / (1.0 - 2_f64.powi(-8))
        };
        let h = 0.5 / f64::from(STEPS);
        (0..=STEPS)
            .map(|i| {
                let weight = match i {
                    0 | STEPS => 1.0,
                    i if i % 2 == 1 => 4.0,
                    _ => 2.0,
                };
                weight * density(0.5 + h * f64::from(i))
            })
            .sum::<f64>()
            * h
            / 3.0
    }

    #[test]
    fn no_blocks_are_no_evidence() {
        assert!(close(evidence(0, 0), 1.0, 1e-12));
    }

    /// One win: ∫ 2p · 8p⁷ dp / (255/256) over (½, 1] = 16/9 · (1 − 2⁻⁹) · 256/255 =
    /// 16·511/(9·510).
    #[test]
    fn one_block_by_hand() {
        assert!(close(evidence(1, 1), 16.0 * 511.0 / (9.0 * 510.0), 1e-12));
        // The two sides of a fair game add up to twice the purse.
        assert!(close(evidence(0, 1), 2.0 - evidence(1, 1), 1e-12));
    }

    /// All of t: 2^t · 8/(t+8) · (1 − 2^−(t+8)) · 256/255.
    #[test]
    fn blocks_that_all_agree_by_hand() {
        for t in 1_u64..=60 {
            let all = 2_f64.powi(t as i32) * 8.0 / (t as f64 + 8.0)
                * (1.0 - 0.5_f64.powi(t as i32 + 8))
                * 256.0
                / 255.0;
            assert!(close(evidence(t, t), all, 1e-12), "t = {t}");
        }
        // M = 9 at 1 %: decided at 1800, and so in 13 blocks that agree.
        assert!(evidence(12, 12) < 1800.0 && evidence(13, 13) > 1800.0);
        assert!((evidence(13, 13) - 3133.0).abs() < 1.0);
    }

    #[test]
    fn evidence_agrees_with_its_definition() {
        for t in [1, 2, 7, 13, 40, 150] {
            for s in 0..=t {
                let (closed, integral) = (evidence(s, t), by_integration(s, t));
                assert!(
                    close(closed, integral, 1e-9),
                    "S = {s}, t = {t}: {closed} and {integral}"
                );
            }
        }
    }

    #[test]
    fn more_wins_than_pairs_are_all_pairs() {
        assert_eq!(ln_evidence(9, 4), ln_evidence(4, 4));
    }

    proptest! {
        /// Where the library's incomplete beta function is good, ours is the same.
        #[test]
        fn evidence_agrees_with_a_kept_library((s, t) in (0_u64..600).prop_flat_map(|t| (t / 2..=t, Just(t)))) {
            let (a, b) = (s as f64 + 8.0, (t - s) as f64 + 1.0);
            let ln = t as f64 * LN_2 + (8.0 * 256.0_f64 / 255.0).ln() + ln_beta(a, b)
                + beta_reg(b, a, 0.5).ln();
            prop_assert!((ln_evidence(s, t) - ln).abs() < 1e-9, "{} and {ln}", ln_evidence(s, t));
        }

        /// The game is fair: what a win adds a loss takes, at any length. It also ties the two
        /// ways of summing to each other, as neighbours may go different ways.
        #[test]
        fn the_game_is_fair((s, t) in (0_u64..100_000).prop_flat_map(|t| (0..=t, Just(t)))) {
            let now = ln_evidence(s, t);
            let next = ((ln_evidence(s + 1, t + 1) - now).exp() + (ln_evidence(s, t + 1) - now).exp()) / 2.0;
            prop_assert!((next - 1.0).abs() < 1e-8, "S = {s}, t = {t}: {next}");
        }

        #[test]
        fn the_game_is_fair_near_its_middle((t, off) in (20_u64..100_000, -12_i64..12)) {
            let s = (t / 2).saturating_add_signed(off).min(t);
            let now = ln_evidence(s, t);
            let next = ((ln_evidence(s + 1, t + 1) - now).exp() + (ln_evidence(s, t + 1) - now).exp()) / 2.0;
            prop_assert!((next - 1.0).abs() < 1e-8, "S = {s}, t = {t}: {next}");
        }

        #[test]
        fn a_win_adds_evidence_and_a_loss_takes_some((s, t) in (0_u64..100_000).prop_flat_map(|t| (0..=t, Just(t)))) {
            let now = ln_evidence(s, t);
            prop_assert!(now.is_finite());
            prop_assert!(ln_evidence(s + 1, t + 1) > now);
            prop_assert!(ln_evidence(s, t + 1) < now);
        }
    }
}
