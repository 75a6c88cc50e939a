//! Made-up noise of known answer: how often is the word of a report wrong, and how soon is it
//! given?
//!
//! Everything is seeded, so a run of these tests is always the same run.

use super::*;
use evidence::ln_evidence;
use fastrand::Rng;

/// Comparisons of a report, as many as a report on one runtime makes.
const M: usize = 9;

/// What happens to the two arms of a comparison.
#[derive(Clone, Copy, Debug)]
enum Noise {
    /// A few per cent, the same throughout.
    Calm,
    /// One sample in ten takes up to three times as long.
    Outliers,
    /// The machine gets slower by a hundredth with every process.
    Drift,
    /// Something else takes half the machine half of the time, for some twenty processes on end.
    Bursts,
}

/// The arms of one comparison, one block after the other.
struct Arms {
    rng: Rng,
    noise: Noise,
    /// Spread of one arm's logarithm.
    spread: f64,
    /// The true ratio.
    ratio: f64,
    /// Whether the order of arms is drawn for each block, as it should be.
    shuffled: bool,
    clock: f64,
    busy: bool,
}

impl Arms {
    fn new(rng: &mut Rng, noise: Noise, spread: f64, ratio: f64) -> Self {
        Self {
            rng: rng.fork(),
            noise,
            spread,
            ratio,
            shuffled: true,
            clock: 0.0,
            busy: false,
        }
    }

    /// By Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.rng.f64()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.rng.f64()).cos()
    }

    /// What the next process would take, if what it runs took 1.
    fn process(&mut self) -> f64 {
        self.clock += 1.0;
        let calm = (self.spread * self.normal()).exp();
        calm * match self.noise {
            Noise::Calm => 1.0,
            Noise::Outliers if self.rng.f64() < 0.1 => 1.0 + 2.0 * self.rng.f64(),
            Noise::Outliers => 1.0,
            Noise::Drift => (0.01 * self.clock).exp(),
            Noise::Bursts => {
                if self.rng.f64() < 0.05 {
                    self.busy = !self.busy;
                }
                if self.busy { 2.0 } else { 1.0 }
            }
        }
    }

    /// The ratio of one block.
    fn block(&mut self) -> f64 {
        let [first, second] = [self.process(), self.process()];
        let ratio = if self.shuffled && self.rng.bool() {
            first / second
        } else {
            second / first
        };
        self.ratio * ratio
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

/// By the sum above a report of a hundred blocks errs once in 170, so some of these do; what counts
/// is that their number bounds the rate below 1 %.
#[test]
fn reports_at_the_margin_seldom_decide_in_any_noise() {
    const REPORTS: usize = 300;
    let noises = [Noise::Calm, Noise::Outliers, Noise::Drift, Noise::Bursts];
    let wrong = noises.map(|noise| wrong_reports(noise, REPORTS, 100, true));
    let all = rate_at_most(wrong.iter().sum(), noises.len() * REPORTS, 0.95).unwrap();
    assert!(all < 0.01, "{wrong:?} of {REPORTS} each: below {all}");
    // None of 299 bounds the rate at 1 % by itself.
    assert_eq!(wrong[0], 0, "calm");
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

#[test]
fn a_slowdown_of_a_twentieth_is_found_in_31_blocks() {
    let alpha = Family::of(M).alpha_each();
    for (spread, least) in [(0.01, 200), (0.02, 195), (0.03, 165)] {
        let mut rng = Rng::with_seed(11);
        let found = (0..200)
            .filter(|_| {
                let mut arms = Arms::new(&mut rng, Noise::Calm, spread, 1.05);
                let ratios: Vec<f64> = (0..31).map(|_| arms.block()).collect();
                fixed(&ratios, Margin::above(1.0), alpha) == Decided::Yes
            })
            .count();
        assert!(found >= least, "{found} of 200 at a spread of {spread}");
    }
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
                let mut load = Arms::new(&mut rng, Noise::Bursts, 0.0, 1.0);
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
