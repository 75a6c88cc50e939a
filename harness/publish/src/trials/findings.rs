//! What a record of trials says of the detector.

use super::Record;
use harness_judge::stats::{
    Decided, Family, Margin, Rule, Sequential, least_samples, median, quantile, rate_at_least,
    rate_at_most, ruling,
};

/// At which bounds of rates are given.
pub const CONFIDENCE: f64 = 0.95;

/// The share of slowdowns that a budget is asked to find.
pub const MOST: f64 = 0.95;

/// Where the middle half of a normal distribution ends, in deviations, twice.
const QUARTILES: f64 = 1.349;

/// An arm beside the cell itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arm {
    /// The same again: a decision is a false alarm.
    Again,
    /// So many per cent more steps: the decision that it is slower is a find, the other one is wrong.
    Slower(f64),
}

/// What one rule at one error said of all comparisons of one arm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// Which arm.
    pub arm: Arm,
    /// When it looked.
    pub rule: Rule,
    /// The error of one comparison.
    pub alpha: f64,
    /// Comparisons that had undisturbed blocks enough for a decision.
    pub comparisons: usize,
    /// That the arm is slower was decided so often.
    pub slower: usize,
    /// That it is faster, so often.
    pub faster: usize,
    /// Left open at the end because neighbouring blocks hang together.
    pub drifting: usize,
    /// Blocks at which 95 % of the comparisons have decided that it is slower, if they have.
    pub blocks: Option<usize>,
}

impl Finding {
    /// Decisions.
    #[must_use]
    pub fn decided(&self) -> usize {
        self.slower + self.faster
    }

    /// The rate of decisions is at most so high.
    #[must_use]
    pub fn decided_at_most(&self) -> Option<f64> {
        rate_at_most(self.decided(), self.comparisons, CONFIDENCE)
    }

    /// The slower arm is found at least so often.
    #[must_use]
    pub fn found_at_least(&self) -> Option<f64> {
        rate_at_least(self.slower, self.comparisons, CONFIDENCE)
    }
}

/// The noise that was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Deviation of the log ratio of two rounds that are alike: of its middle half, so that outliers do
    /// not make it.
    pub spread: f64,
    /// The share of ratios further from 1 than a tenth.
    pub outliers: f64,
    /// The median ratio, over all of them.
    pub median: f64,
}

/// The noise of a record's A/A ratios; `None` where there are none.
#[must_use]
pub fn noise(record: &Record) -> Option<Noise> {
    let ratios: Vec<f64> = record.ratios(1).concat();
    let logs: Vec<f64> = ratios.iter().map(|ratio| ratio.ln()).collect();
    let (low, high) = quantile(&logs, 0.25).zip(quantile(&logs, 0.75))?;
    let far = logs.iter().filter(|log| log.abs() > 0.1).count();
    Some(Noise {
        spread: (high - low) / QUARTILES,
        outliers: far as f64 / logs.len() as f64,
        median: median(&ratios)?,
    })
}

/// What a block of two rounds takes, in seconds; `None` without blocks.
#[must_use]
pub fn seconds_a_block(record: &Record) -> Option<f64> {
    let arms = 2 + record.slower.len();
    let took: Vec<f64> = record
        .blocks
        .iter()
        .map(|block| block.took_ns as f64 / 1e9 * 2.0 / arms as f64)
        .collect();
    median(&took)
}

/// What each rule says of each arm, at the error of one comparison of each family.
#[must_use]
pub fn findings(record: &Record, families: &[Family]) -> Vec<Finding> {
    let again = std::iter::once(Arm::Again);
    let arms = again.chain(record.slower.iter().map(|&percent| Arm::Slower(percent)));
    let mut all = Vec::new();
    for (arm, index) in arms.zip(1..) {
        let series = record.ratios(index);
        for &family in families {
            all.push(by_interval(arm, &series, family));
            all.push(by_evidence(arm, &series, family));
        }
    }
    all
}

fn one() -> Margin {
    Margin::above(1.0)
}

/// With a number of blocks that was fixed beforehand: that of the record, and, for the budget, each
/// smaller one as if it had been the number.
fn by_interval(arm: Arm, series: &[Vec<f64>], family: Family) -> Finding {
    let least = least_samples(family.alpha_each())
        .and_then(|least| usize::try_from(least).ok())
        .unwrap_or(usize::MAX);
    let enough: Vec<&Vec<f64>> = series.iter().filter(|s| s.len() >= least).collect();
    let rule = |ratios: &[f64]| ruling(ratios, &[one()], Rule::Fixed, family);
    let mut found = Finding::new(arm, Rule::Fixed, family, enough.len());
    for ratios in &enough {
        let ruling = rule(ratios);
        found.count(ruling.decided, ruling.dependent);
    }
    // The least number from which on it is enough: more blocks can undo a decision that few made.
    let shortest = enough.iter().map(|ratios| ratios.len()).min().unwrap_or(0);
    for blocks in (least..=shortest).rev() {
        let finds = enough
            .iter()
            .filter(|ratios| rule(&ratios[..blocks]).decided == Decided::Yes)
            .count();
        if (finds as f64) < MOST * enough.len() as f64 {
            break;
        }
        found.blocks = Some(blocks);
    }
    found
}

/// Looking after every block, and stopping at a decision.
fn by_evidence(arm: Arm, series: &[Vec<f64>], family: Family) -> Finding {
    let enough: Vec<&Vec<f64>> = series.iter().filter(|s| !s.is_empty()).collect();
    let mut found = Finding::new(arm, Rule::Sequential, family, enough.len());
    let mut stopped = Vec::new();
    for ratios in &enough {
        let (decided, blocks) = stops(ratios, family);
        let drifting = ruling(ratios, &[one()], Rule::Sequential, family).dependent;
        found.count(decided, decided == Decided::Open && drifting);
        if decided == Decided::Yes {
            stopped.push(blocks);
        }
    }
    stopped.sort_unstable();
    let most = (MOST * enough.len() as f64).ceil() as usize;
    found.blocks = most.checked_sub(1).and_then(|i| stopped.get(i).copied());
    found
}

/// Where a look after every block ends, as a run with `--rounds auto` looks: at the first decision that
/// no drift takes back.
fn stops(ratios: &[f64], family: Family) -> (Decided, usize) {
    let mut test = Sequential::new(one(), family.threshold());
    for (index, &ratio) in ratios.iter().enumerate() {
        if test.push(ratio) != Decided::Open {
            let ruling = ruling(&ratios[..=index], &[one()], Rule::Sequential, family);
            if ruling.decided != Decided::Open {
                return (ruling.decided, index + 1);
            }
        }
    }
    (Decided::Open, ratios.len())
}

impl Finding {
    fn new(arm: Arm, rule: Rule, family: Family, comparisons: usize) -> Self {
        Self {
            arm,
            rule,
            alpha: family.alpha_each(),
            comparisons,
            slower: 0,
            faster: 0,
            drifting: 0,
            blocks: None,
        }
    }

    fn count(&mut self, decided: Decided, drifting: bool) {
        match decided {
            Decided::Yes => self.slower += 1,
            Decided::No => self.faster += 1,
            Decided::Open if drifting => self.drifting += 1,
            Decided::Open => {}
        }
    }
}
