//! Made-up noise of known answer: how often is the word of a report wrong, and how soon is it
//! given?
//!
//! Everything is seeded, so a run of these tests is always the same run.

use super::{
    noise::{Machine, Noise},
    *,
};
use evidence::ln_evidence;
use fastrand::Rng;

/// Comparisons of a report, as many as a report on one runtime makes.
const M: usize = 9;

/// The arms of one comparison, one block after the other.
struct Arms {
    machine: Machine,
    /// The true ratio.
    ratio: f64,
    /// Whether the order of arms is drawn for each block, as it should be.
    shuffled: bool,
}

impl Arms {
    fn new(rng: &mut Rng, noise: Noise, spread: f64, ratio: f64) -> Self {
        Self {
            machine: Machine::new(rng, noise, spread),
            ratio,
            shuffled: true,
        }
    }

    /// The ratio of one block.
    fn block(&mut self) -> f64 {
        let mut arms = [self.machine.process(), self.machine.process()];
        if self.shuffled {
            self.machine.shuffle(&mut arms);
        }
        self.ratio * arms[1] / arms[0]
    }
}

/// Looks after every block, up to so many; the decision and the blocks it took.
fn decide(arms: &mut Arms, margin: Margin, most: u64) -> (Decided, u64) {
    let mut test = Sequential::new(margin, Family::of(M).threshold());
    while test.pairs() < most && test.push(arms.block()) == Decided::Open {}
    (test.state(), test.pairs())
}

/// Reports with a wrong decision among so many, every comparison of which is exactly at its
/// margin, so that any decision is wrong.
fn wrong_reports(noise: Noise, reports: usize, blocks: u64, shuffled: bool) -> usize {
    let mut rng = Rng::with_seed(20);
    let margin = Margin::below(0.75);
    (0..reports)
        .filter(|_| {
            (0..M).fold(false, |wrong, _| {
                let mut arms = Arms::new(&mut rng, noise, 0.02, margin.at);
                arms.shuffled = shuffled;
                decide(&mut arms, margin, blocks).0 != Decided::Open || wrong
            })
        })
        .count()
}

/// The chance that a comparison at its margin is ever decided within so many blocks: no simulation,
/// but a sum over all ways that the signs can fall.
fn chance_of_deciding_at_the_margin(threshold: f64, blocks: usize) -> f64 {
    // undecided[s] is the chance of s wins so far and no decision yet.
    let mut undecided = vec![1.0];
    let mut decided = 0.0;
    let mut enough = 1;
    for t in 1..=blocks {
        let mut next = vec![0.0; t + 1];
        for (s, chance) in undecided.iter().enumerate() {
            next[s] += chance / 2.0;
            next[s + 1] += chance / 2.0;
        }
        while enough <= t && ln_evidence(enough as u64, t as u64) < threshold.ln() {
            enough += 1;
        }
        for s in enough..=t {
            // s wins of the one side, and s of the other.
            decided += std::mem::take(&mut next[s]) + std::mem::take(&mut next[t - s]);
        }
        undecided = next;
    }
    decided
}

/// Blocks until a decision, in so many comparisons.
fn blocks_taken(noise: Noise, spread: f64, ratio: f64, margins: [Margin; 2]) -> Vec<f64> {
    let mut rng = Rng::with_seed(7);
    (0..200)
        .map(|_| {
            let mut arms = Arms::new(&mut rng, noise, spread, ratio);
            let mut tests = margins.map(|m| Sequential::new(m, Family::of(M).threshold()));
            (1..=1000)
                .find(|_| {
                    let ratio = arms.block();
                    Decided::all(tests.each_mut().map(|test| test.push(ratio))) != Decided::Open
                })
                .map_or(f64::INFINITY, f64::from)
        })
        .collect()
}

/// Whatever the noise, a report errs with 0.65 % at most, however long it goes on: the bound of 1 %
/// is kept with room to spare, and not by much.
#[test]
fn the_chance_of_a_wrong_decision_under_peeking_is_below_its_bound() {
    let family = Family::of(M);
    let after = |blocks| chance_of_deciding_at_the_margin(family.threshold(), blocks);
    let (soon, late) = (after(50), after(2000));
    assert!(soon < late && late < family.alpha_each());
    assert!((0.0053..0.0054).contains(&(soon * M as f64)), "{soon}");
    assert!((0.0064..0.0066).contains(&(late * M as f64)), "{late}");
}

/// Reports that peek after each of a hundred blocks, every comparison at its margin. By the sum above one
/// in 185 errs, so 299 of them are without an error only once in five; what is to be shown, a rate below
/// 1 %, takes more of them with the errors that they make.
fn errs_below_one_per_cent(noise: Noise) {
    const REPORTS: usize = 6000;
    let wrong = wrong_reports(noise, REPORTS, 100, true);
    let bound = rate_at_most(wrong, REPORTS, 0.95).unwrap();
    assert!(bound < 0.01, "{wrong} of {REPORTS}: below {bound}");
    // A simulation in which nothing is ever decided would show nothing.
    assert!(wrong > 10, "{wrong} of {REPORTS}");
}

#[test]
fn reports_at_the_margin_seldom_decide_in_calm() {
    errs_below_one_per_cent(Noise::Calm);
}

#[test]
fn reports_at_the_margin_seldom_decide_with_outliers() {
    errs_below_one_per_cent(Noise::Outliers);
}

#[test]
fn reports_at_the_margin_seldom_decide_in_drift() {
    errs_below_one_per_cent(Noise::Drift);
}

#[test]
fn reports_at_the_margin_seldom_decide_in_bursts() {
    errs_below_one_per_cent(Noise::Bursts);
}

/// What is caught here would be missed by a simulation that cannot fail.
#[test]
fn without_a_drawn_order_drift_makes_reports_wrong() {
    let wrong = wrong_reports(Noise::Drift, 40, 100, false);
    assert!(wrong > 10, "{wrong} of 40");
}

/// Looking at the interval for a fixed number of blocks after every block is what the sequential
/// test is there to avoid.
#[test]
fn peeking_at_the_fixed_interval_breaks_its_error() {
    const REPORTS: usize = 150;
    let alpha = Family::of(M).alpha_each();
    let margin = Margin::below(0.75);
    let mut rng = Rng::with_seed(3);
    let mut wrong = 0;
    for _ in 0..REPORTS {
        let decided = (0..M).any(|_| {
            let mut arms = Arms::new(&mut rng, Noise::Calm, 0.02, margin.at);
            let ratios: Vec<f64> = (0..60).map(|_| arms.block()).collect();
            (11..=60).any(|blocks| fixed(&ratios[..blocks], margin, alpha) != Decided::Open)
        });
        wrong += usize::from(decided);
    }
    assert!(wrong > REPORTS / 40, "{wrong} of {REPORTS}");
}

#[test]
fn the_fixed_interval_keeps_its_error_when_it_is_looked_at_once() {
    let alpha = 0.05;
    let margin = Margin::below(0.75);
    let mut rng = Rng::with_seed(5);
    let wrong = (0..2000)
        .filter(|_| {
            let mut arms = Arms::new(&mut rng, Noise::Outliers, 0.02, margin.at);
            let ratios: Vec<f64> = (0..15).map(|_| arms.block()).collect();
            fixed(&ratios, margin, alpha) != Decided::Open
        })
        .count();
    // Fifteen blocks: the fourth from either end, which errs with 2 · 576/32768 = 3.5 %.
    assert!((45..=100).contains(&wrong), "{wrong} of 2000");
}

#[test]
fn a_thing_that_takes_half_the_time_is_seen_in_thirteen_blocks() {
    for spread in [0.01, 0.02, 0.03] {
        let half = |noise| {
            let mut rng = Rng::with_seed(7);
            let taken: Vec<f64> = (0..200)
                .map(|_| {
                    let mut arms = Arms::new(&mut rng, noise, spread, 0.55);
                    let (decided, blocks) = decide(&mut arms, Margin::below(0.75), 1000);
                    assert_eq!(decided, Decided::Yes);
                    blocks as f64
                })
                .collect();
            (median(&taken), quantile(&taken, 0.95))
        };
        assert_eq!(half(Noise::Calm), (Some(13.0), Some(13.0)));
        // A tenth of the samples far out, in either arm, costs some blocks and no answer.
        let (median, slow) = half(Noise::Outliers);
        assert!(
            median <= Some(18.0) && slow <= Some(33.0),
            "{median:?}, {slow:?}"
        );
    }
}

#[test]
fn an_equality_wants_more_blocks_the_closer_it_is() {
    let middle = |m, noise, spread| {
        let taken = blocks_taken(noise, spread, 1.0, Margin::within(m));
        median(&taken).unwrap()
    };
    let wide = middle(1.10, Noise::Calm, 0.03);
    let close = middle(1.05, Noise::Calm, 0.03);
    assert!(
        wide < 20.0 && (20.0..40.0).contains(&close),
        "{wide}, {close}"
    );
    let close = middle(1.05, Noise::Outliers, 0.03);
    assert!((40.0..70.0).contains(&close), "{close}");
}

/// Comparisons of 200 that found a slowdown by so much, in so many blocks at most.
fn found(rule: Rule, spread: f64, slower: f64, blocks: usize) -> usize {
    let family = Family::of(M);
    let mut rng = Rng::with_seed(11);
    (0..200)
        .filter(|_| {
            let mut arms = Arms::new(&mut rng, Noise::Calm, spread, 1.0 + slower);
            let ratios: Vec<f64> = (0..blocks).map(|_| arms.block()).collect();
            let ruling = ruling(&ratios, &[Margin::above(1.0)], rule, family);
            ruling.decided == Decided::Yes
        })
        .count()
}

/// Blocks within which the share that is found is above 95 %, by its lower bound: so many at most by the
/// interval, and so many after every block. docs/STATISTICS.md shows this table.
#[test]
fn slowdowns_are_found_at_a_known_rate() {
    for (spread, slower, fixed, sequential) in [
        (0.01, 0.10, 12, 13),
        (0.01, 0.05, 12, 13),
        (0.01, 0.02, 31, 40),
        (0.02, 0.10, 12, 13),
        (0.02, 0.05, 25, 31),
        (0.02, 0.02, 100, 140),
        (0.03, 0.10, 16, 18),
        (0.03, 0.05, 40, 50),
        (0.03, 0.02, 240, 400),
    ] {
        for (rule, blocks) in [(Rule::Fixed, fixed), (Rule::Sequential, sequential)] {
            let found = found(rule, spread, slower, blocks);
            let bound = rate_at_least(found, 200, 0.95).unwrap();
            assert!(
                bound > 0.95,
                "{rule:?}, {slower} at {spread}: {found} of 200 in {blocks} blocks, {bound}"
            );
        }
    }
    // Half the blocks find less, and what is faster is never found slower.
    assert!(found(Rule::Fixed, 0.02, 0.02, 50) < 190);
    assert_eq!(found(Rule::Fixed, 0.02, -0.10, 31), 0);
}

/// Bursts of load that hit one arm only, as they hit the arm that wants all cores, move the ratio
/// itself. Randomised order does not help there; the runs test finds most.
#[test]
fn bursts_in_one_arm_are_found_and_independent_noise_is_not() {
    let margin = 0.75;
    let found = |bursts: bool, ratio| {
        let mut rng = Rng::with_seed(13);
        (0..200)
            .filter(|_| {
                let mut load = Machine::new(&mut rng, Noise::Bursts, 0.0);
                let mut arms = Arms::new(&mut rng, Noise::Calm, 0.03, ratio);
                let ratios: Vec<f64> = (0..40)
                    .map(|_| arms.block() * if bursts { load.process() } else { 1.0 })
                    .collect();
                serially_dependent_around(&ratios, margin, 0.05)
            })
            .count()
    };
    let bursts = found(true, 0.5);
    assert!(bursts > 150, "{bursts} of 200");
    // 5 % of 200 are 10; all of it needs a margin in the midst of the noise.
    let calm = found(false, margin);
    assert!(calm <= 20, "{calm} of 200");
    assert_eq!(found(false, 0.5), 0);
}
