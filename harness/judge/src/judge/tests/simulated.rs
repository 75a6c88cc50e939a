//! Whole reports on made-up machines, through the judge: the order of arms, the fastest of five samples,
//! what disturbs, what hangs together, what is still needed, when to stop.
//!
//! The comparisons that can be put exactly at their margin are there: compose takes 1.05 of sequential,
//! where equality ends, and spawn 1.10 of the threads, whose rounds speak through the fastest of five as
//! well. And the second arm of compose takes what the first does. Whatever is decided of these is wrong.

use super::*;
use crate::{
    judge::{again, controls},
    stats::{
        noise::{Machine, Noise},
        rate_at_most,
    },
};

/// Of each noise: enough to bound the rate of their errors at 1 % if there is none, since 0.99²⁹⁹ < 0.05.
const REPORTS: u64 = 299;
const BLOCKS: usize = 24;
/// Blocks before the first look, since no decision takes fewer, and between two.
const LOOK: usize = 6;
const FIRST_LOOK: usize = 12;
const SPREAD: f64 = 0.02;

/// What each arm takes in milliseconds where nothing disturbs, its cores, and the samples of a round.
#[derive(Clone, Copy)]
struct Truth {
    compose: f64,
    spawn: f64,
}

const AT_MARGINS: Truth = Truth {
    compose: 8.0 * 1.05,
    spawn: 4.0 * 1.10,
};

/// What the machine does to arms that run on both cores, and whether anybody sees it.
#[derive(Clone, Copy, PartialEq)]
enum Load {
    /// The same as to all.
    Alike,
    /// A burst halves them, and only them, and the meter tells.
    Seen,
    /// The same, and it does not tell.
    Unseen,
}

struct Simulated {
    bundle: Bundle,
    machine: Machine,
    truth: Truth,
    load: Load,
}

impl Simulated {
    fn new(seed: u64, noise: Noise, rounds: Rounds, truth: Truth, load: Load) -> Self {
        let options = Options {
            scenarios: vec!["digest".to_owned()],
            rounds,
            ..options()
        };
        let mut workers = smol();
        workers.flavours.remove(0);
        Self {
            bundle: predicted(header(vec![unasked(threads()), workers], options, 2)),
            machine: Machine::new(&mut fastrand::Rng::with_seed(seed), noise, SPREAD),
            truth,
            load,
        }
    }

    fn round(&mut self, cell: &Cell) -> Vec<Sample> {
        self.machine.next();
        let (ms, threads) = match cell.to_string().as_str() {
            S => (8.0, 1),
            P => (self.truth.spawn, 2),
            T => (4.0, 2),
            _ => (self.truth.compose, 1),
        };
        let samples = if threads == 2 { 5 } else { 1 };
        (0..samples)
            .map(|_| {
                let hit = self.machine.busy && self.load != Load::Alike && threads == 2;
                // A burst that takes one of two cores leaves the other, and the work takes twice as long.
                let lost = if hit { 2.0 } else { 1.0 };
                let noise = match self.load {
                    Load::Alike => self.machine.sample(),
                    Load::Seen | Load::Unseen => self.machine.calm(),
                };
                overlapping(ms * lost * noise, f64::from(threads) * 0.97 / lost, threads)
            })
            .collect()
    }

    fn block(&mut self, mut arms: Vec<Cell>) {
        self.machine.shuffle(&mut arms);
        let mut busy = false;
        let rounds: Vec<(String, Vec<Sample>)> = arms
            .iter()
            .map(|cell| {
                let samples = self.round(cell);
                busy |= self.machine.busy;
                (cell.to_string(), samples)
            })
            .collect();
        let rounds: Vec<(&str, Vec<Sample>)> = rounds
            .iter()
            .map(|(name, samples)| (name.as_str(), samples.clone()))
            .collect();
        let seen = busy && self.load == Load::Seen;
        block_of_many(&mut self.bundle, &rounds, seen.then_some("others"));
    }

    /// Runs what is needed, and looks at that again and again, as a run does after each pass.
    fn run(mut self, blocks: usize) -> (Bundle, usize) {
        let family = family(&self.bundle);
        let mut wanted = Vec::new();
        for ran in 0..blocks {
            if ran == 0 || (ran >= FIRST_LOOK && ran % LOOK == 0) {
                wanted = needed(&self.bundle, &cases(&self.bundle), family);
            }
            if wanted.is_empty() {
                return (self.bundle, ran);
            }
            let with_controls = wanted
                .iter()
                .flat_map(|cell| again(cell).into_iter().chain([cell.clone()]))
                .collect();
            self.block(with_controls);
        }
        (self.bundle, blocks)
    }
}

fn family(bundle: &Bundle) -> Family {
    Family::of(comparisons(&cases(bundle)))
}

fn verdict(bundle: &Bundle, id: &str) -> Verdict {
    let cases = cases(bundle);
    let case = cases.iter().find(|case| case.claim.id == id).unwrap();
    judge(bundle, case, family(bundle)).verdict
}

/// Whether a report at the margins says anything that it may not.
fn errs(bundle: &Bundle) -> bool {
    let decided = |id| verdict(bundle, id) != Verdict::Inconclusive;
    decided("compose-gains-no-core")
        || decided(USES)
        || controls(bundle, family(bundle))
            .iter()
            .any(|control| control.false_alarm)
}

/// Whether a report at the margins errs that is looked at again and again, and one that is looked at once:
/// the same blocks answer for both.
fn errors(seed: u64, noise: Noise) -> [bool; 2] {
    let mut run = Simulated::new(seed, noise, Rounds::Auto, AT_MARGINS, Load::Alike);
    let arms: Vec<Cell> = [S, C, P, T].map(cell).to_vec();
    let mut again_and_again = false;
    for ran in 1..=BLOCKS {
        let with_control = arms.iter().cloned().chain(again(&arms[1])).collect();
        run.block(with_control);
        if ran >= FIRST_LOOK && ran % LOOK == 0 {
            again_and_again |= errs(&run.bundle);
        }
    }
    run.bundle.plan.rounds = Rounds::Fixed(BLOCKS);
    [again_and_again, errs(&run.bundle)]
}

/// Three comparisons at the margin that may err with 0.01/M each make a few errors in all these reports;
/// what is to be shown is that their rate is below 1 %.
#[test]
fn reports_at_the_margins_seldom_err_in_any_noise() {
    let noises = [Noise::Calm, Noise::Outliers, Noise::Drift, Noise::Bursts];
    let wrong: Vec<[usize; 2]> = std::thread::scope(|scope| {
        let all = noises.map(|noise| {
            scope.spawn(move || {
                let errors: Vec<[bool; 2]> = (0..REPORTS).map(|seed| errors(seed, noise)).collect();
                [0, 1].map(|rule| errors.iter().filter(|errors| errors[rule]).count())
            })
        });
        all.map(|noise| noise.join().unwrap()).to_vec()
    });
    for rule in [0, 1] {
        let sum = wrong.iter().map(|wrong| wrong[rule]).sum();
        let all = rate_at_most(sum, noises.len() * REPORTS as usize, 0.95).unwrap();

        assert!(all < 0.01, "{wrong:?} of {REPORTS} each: {all}");
    }
}

/// What is well within its margins is said, and the run stops when all is: a simulation in which nothing is
/// ever decided would show nothing.
#[test]
fn what_is_clear_is_decided_and_ends_the_run() {
    let clear = Truth {
        compose: 8.0,
        spawn: 4.0,
    };
    for noise in [Noise::Calm, Noise::Bursts] {
        for seed in 0..10 {
            let run = Simulated::new(seed, noise, Rounds::Auto, clear, Load::Alike);
            let (bundle, ran) = run.run(200);
            assert!(ran < 200, "{noise:?}, {seed}");
            for id in ["compose-gains-no-core", USES] {
                assert_eq!(
                    verdict(&bundle, id),
                    Verdict::Holds,
                    "{noise:?}, {seed}, {id}"
                );
            }
        }
    }
}

/// A burst that takes the second core halves what runs on two, and only that, so that no order of arms
/// helps. Spawned and joined work then take as long as each other. Where the meter sees it, the blocks
/// form no ratio, and where it does not, they hang together.
#[test]
fn bursts_that_hit_one_arm_refute_nothing() {
    let clear = Truth {
        compose: 8.0,
        spawn: 4.0,
    };
    let words = |load| {
        let words = (0..100).map(|seed| {
            let run = Simulated::new(seed, Noise::Bursts, Rounds::Fixed(40), clear, load);
            verdict(&run.run(40).0, USES)
        });
        let words: Vec<Verdict> = words.collect();
        let count = |word| words.iter().filter(|&&said| said == word).count();
        (count(Verdict::Holds), count(Verdict::Refuted))
    };
    let (holds, refuted) = words(Load::Seen);
    assert!(
        holds > 20 && refuted == 0,
        "seen: {holds} hold, {refuted} refuted"
    );
    let (holds, refuted) = words(Load::Unseen);
    assert!(refuted <= 2, "unseen: {holds} hold, {refuted} refuted");
}
