//! What the rounds of two cells say, and over what the one is held against the other.

use std::collections::BTreeMap;

use harness_protocol::Primitive;
use workload_catalogue::{Branches, Scenario, scenario};

use super::Basis;
use harness_judge::{
    claims::{MeasureOf, Quantity},
    judge,
    stats::{Interval, median, median_interval, shift, shift::least_alpha},
};
use harness_record::{bundle::Bundle, cell::Cell, plan::BASELINE};

/// What a change must exceed where what the machine did is divided out. docs/COMPARE.md has what was measured.
pub const FLOOR: f64 = 0.01;
/// What it must exceed where nothing tells what the machine did meanwhile.
pub const BARE_FLOOR: f64 = 0.03;
/// Rounds of the baseline in either run, below which it tells nothing of the machine: with fewer there is
/// no interval at the error of one comparison among a hundred.
const LEAST_OF_MACHINE: usize = 10;

/// What a time is divided by, before it is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Over {
    /// Nothing: times are compared.
    Nothing,
    /// What the same cell of the baseline changed by between the two runs.
    Machine(Cell),
    /// The sequential cell of the same configuration, in the same block.
    Sequential,
    /// The baseline's cell, in the same block.
    Baseline,
}

/// Logarithms of what either side's rounds say, one for each block that counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Apart {
    pub(super) a: Vec<f64>,
    pub(super) b: Vec<f64>,
}

impl Apart {
    fn of(a: &[f64], b: &[f64]) -> Self {
        let logs = |values: &[f64]| values.iter().map(|value| value.ln()).collect();
        Self {
            a: logs(a),
            b: logs(b),
        }
    }

    fn least(&self) -> usize {
        self.a.len().min(self.b.len())
    }

    fn least_alpha(&self) -> f64 {
        least_alpha(self.a.len(), self.b.len())
    }
}

/// What is known of a pair of cells.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    pub(super) over: Over,
    pub(super) apart: Apart,
    /// Logarithms of ratios formed inside blocks, where both cells stand in the same ones.
    pub(super) paired: Option<Vec<f64>>,
    /// Those of the baseline.
    pub(super) machine: Option<Apart>,
    /// Whether the cell takes the time of its steps, and so changes with the machine by just as much as
    /// the baseline does.
    pub(super) only_computes: bool,
    /// By what the logarithm may be off either way, because the two did not do the same work.
    pub(super) slack: f64,
    pub(super) floor: f64,
}

/// A change, as the logarithm of a ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) estimate: f64,
    pub(super) interval: Option<Interval>,
}

impl Evidence {
    /// The least error at which there is an interval.
    pub(super) fn least_alpha(&self) -> f64 {
        match (&self.paired, &self.machine) {
            (Some(ratios), _) => {
                2.0 * 0.5_f64.powi(i32::try_from(ratios.len()).unwrap_or(i32::MAX))
            }
            // Each of two intervals may err half as often.
            (None, Some(machine)) => 2.0 * self.apart.least_alpha().max(machine.least_alpha()),
            (None, None) => self.apart.least_alpha(),
        }
    }

    /// The change, with an interval that errs with a chance of `alpha` at most.
    pub(super) fn change(&self, alpha: f64) -> Option<Change> {
        let (estimate, interval) = match (&self.paired, &self.machine) {
            (Some(ratios), _) => (median(ratios)?, median_interval(ratios, alpha)),
            (None, None) => {
                let found = shift(&self.apart.a, &self.apart.b, alpha)?;
                (found.estimate, found.interval)
            }
            (None, Some(machine)) => {
                let cell = shift(&self.apart.a, &self.apart.b, alpha / 2.0)?;
                let machine = shift(&machine.a, &machine.b, alpha / 2.0)?;
                // The machine's share: all of it, or anything from none to twice as much.
                let (least, most) = if self.only_computes {
                    (1.0, 1.0)
                } else {
                    (0.0, 2.0)
                };
                let interval = cell.interval.zip(machine.interval);
                let interval = interval.map(|(cell, machine)| Interval {
                    low: cell.low - (least * machine.high).max(most * machine.high),
                    high: cell.high - (least * machine.low).min(most * machine.low),
                });
                (cell.estimate - machine.estimate, interval)
            }
        };
        Some(Change {
            estimate,
            interval: interval.map(|interval| Interval {
                low: interval.low - self.slack,
                high: interval.high + self.slack,
            }),
        })
    }
}

/// The two runs of a comparison.
pub(super) struct Runs<'a> {
    pub(super) a: &'a Bundle,
    pub(super) b: &'a Bundle,
    pub(super) basis: Basis,
    /// By scenario and root, the cell of the baseline that tells what the machine did.
    machine: BTreeMap<(String, harness_protocol::Root), (Cell, Apart)>,
}

impl<'a> Runs<'a> {
    pub(super) fn new(a: &'a Bundle, b: &'a Bundle, basis: Basis) -> Self {
        let mut machine = BTreeMap::new();
        if basis == Basis::OneMachine {
            for cell in a.measured().intersection(&b.measured()) {
                let alone = matches!(cell.primitive, Primitive::Sequential | Primitive::Compose);
                if cell.id.runtime != BASELINE || !alone || cell.again {
                    continue;
                }
                if judge::failure(a, cell)
                    .or_else(|| judge::failure(b, cell))
                    .is_some()
                {
                    continue;
                }
                let apart = Apart::of(&times(a, cell), &times(b, cell));
                let entry = machine.entry((cell.scenario.clone(), cell.root));
                let best: &mut (Cell, Apart) =
                    entry.or_insert_with(|| ((*cell).clone(), Apart::default()));
                // The one that most is known of; of two alike the first.
                if apart.least() > best.1.least() {
                    *best = ((*cell).clone(), apart);
                }
            }
        }
        Self {
            a,
            b,
            basis,
            machine,
        }
    }

    /// What is known of a pair of cells, over each thing that they may be held over: one, but across
    /// machines, where a cell has several shapes. None where one side's cell is what others are held over.
    pub(super) fn evidence(&self, a: &Cell, b: &Cell) -> Vec<Evidence> {
        let Some(facts) = scenario(&a.scenario) else {
            return Vec::new();
        };
        let plain = |over, a: Vec<f64>, b: Vec<f64>| Evidence {
            over,
            apart: Apart::of(&a, &b),
            paired: None,
            machine: None,
            only_computes: only_computes(facts),
            slack: 0.0,
            floor: FLOOR,
        };
        let over_sequential = || {
            let shape = |bundle, cell: &Cell| ratios(bundle, cell, &sequential(cell));
            plain(Over::Sequential, shape(self.a, a), shape(self.b, b))
        };
        match self.basis {
            Basis::Machines => {
                let mut found = Vec::new();
                if a.primitive != Primitive::Sequential {
                    found.push(over_sequential());
                }
                let (one, two) = (over_baseline(self.a, a), over_baseline(self.b, b));
                if !one.is_empty() && !two.is_empty() {
                    found.push(plain(Over::Baseline, one, two));
                }
                found
            }
            Basis::OneRun => {
                let mut found = plain(Over::Nothing, times(self.a, a), times(self.b, b));
                let ratios = ratios(self.a, b, a);
                if a.id.runtime == b.id.runtime && !ratios.is_empty() {
                    found.paired = Some(ratios.iter().map(|ratio| ratio.ln()).collect());
                }
                vec![found]
            }
            Basis::OneMachine => {
                let Some(other_steps) = self.other_steps(facts) else {
                    return Vec::new();
                };
                let mut found = plain(Over::Nothing, times(self.a, a), times(self.b, b));
                let machine = self.machine.get(&(a.scenario.clone(), a.root));
                let machine = machine.filter(|(_, apart)| apart.least() >= LEAST_OF_MACHINE);
                if a.id.runtime != BASELINE
                    && b.id.runtime != BASELINE
                    && let Some((cell, apart)) = machine
                {
                    // The baseline makes the same steps, so they are divided out with the machine.
                    found.over = Over::Machine(cell.clone());
                    found.machine = Some(apart.clone());
                    return vec![found];
                }
                if facts.work_ms > 0.0 {
                    if a.primitive == Primitive::Sequential {
                        return Vec::new();
                    }
                    let mut found = over_sequential();
                    if !found.only_computes {
                        // The two spend unlike shares of their time on steps, and nobody knows which.
                        found.slack = other_steps.abs();
                    }
                    return vec![found];
                }
                found.floor = BARE_FLOOR;
                vec![found]
            }
        }
    }

    /// The logarithm of A's steps over B's; `None` where only one of the runs tells.
    fn other_steps(&self, facts: &Scenario) -> Option<f64> {
        match (self.a.steps.get(facts.name), self.b.steps.get(facts.name)) {
            (None, None) => Some(0.0),
            (Some(&a), Some(&b)) if a > 0 && b > 0 => Some((a as f64 / b as f64).ln()),
            _ => None,
        }
    }
}

/// Whether a cell's time is that of its steps, and of little else.
fn only_computes(facts: &Scenario) -> bool {
    facts.wait_ms == 0.0 && !facts.needs_origin && facts.branches != Branches::Pieces
}

/// What each undisturbed round of a cell took, in nanoseconds: its fastest sample, as the judge has it. Of samples that
/// put their branches together many times, once, as a report shows it.
pub(super) fn times(bundle: &Bundle, cell: &Cell) -> Vec<f64> {
    let level = Quantity::Level {
        measure: MeasureOf::Wall,
        cell: cell.clone(),
    };
    let mut samples = bundle.rounds(cell).flat_map(|(_, round)| &round.samples);
    let repeats = samples.next().and_then(|sample| sample.repeats);
    let repeats = f64::from(repeats.unwrap_or(1).max(1));
    let times = judge::values(bundle, &level).into_iter();
    times.map(|time| time / repeats).collect()
}

/// The ratios of two cells' times, in the blocks that hold both.
fn ratios(bundle: &Bundle, over: &Cell, under: &Cell) -> Vec<f64> {
    let ratio = Quantity::Ratio {
        measure: MeasureOf::Wall,
        over: over.clone(),
        under: under.clone(),
    };
    judge::values(bundle, &ratio)
}

fn sequential(cell: &Cell) -> Cell {
    Cell {
        primitive: Primitive::Sequential,
        again: false,
        ..cell.clone()
    }
}

/// A placed cell over the baseline's in its blocks, where there is one.
fn over_baseline(bundle: &Bundle, cell: &Cell) -> Vec<f64> {
    let placed = bundle
        .plan
        .config(cell)
        .is_some_and(|config| config.placing() == cell.primitive);
    let group = bundle
        .plan
        .groups
        .iter()
        .find(|group| group.runtime == cell.id.runtime && group.scenario.name == cell.scenario);
    match group.and_then(|group| group.baseline.as_ref()) {
        Some(baseline) if placed && baseline != cell => ratios(bundle, cell, baseline),
        _ => Vec::new(),
    }
}

/// The least rounds on either side, as many on each, at which there may be an interval at this error.
pub(super) fn least_rounds(alpha: f64) -> usize {
    (1..1000)
        .find(|&n| least_alpha(n, n) <= alpha)
        .unwrap_or(usize::MAX)
}
