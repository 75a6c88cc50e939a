//! Margins: a quantity of each block that counts, and on which side of a margin its median lies.

use harness_protocol::Sample;

use super::Finding;
use crate::{
    claims::{Bound, MeasureOf, Quantity},
    stats::{Family, Interval, Margin, Rule, median, median_interval, ruling},
};
use harness_record::{
    bundle::{Block, Bundle, CellStatus},
    cell::Cell,
    plan::Rounds,
};

/// A sample that used fewer cores than this had a second one for less than a quarter of its time.
const SECOND_CORE: f64 = 1.25;

pub(super) fn margin(
    bundle: &Bundle,
    label: &str,
    quantity: &Quantity,
    bound: Bound,
    family: Family,
) -> Finding {
    let values = values(bundle, quantity);
    let interval = median_interval(&values, family.alpha_each());
    let margins: Vec<Margin> = match bound {
        Bound::AtMost(at) => vec![Margin::below(at)],
        Bound::AtLeast(at) => vec![Margin::above(at)],
        Bound::Within(m) => Margin::within(m).to_vec(),
    };
    let rule = match bundle.plan.rounds {
        Rounds::Fixed(_) => Rule::Fixed,
        Rounds::Budget | Rounds::Auto => Rule::Sequential,
    };
    let ruling = ruling(&values, &margins, rule, family);
    let cells = quantity.cells();
    let disturbed = disturbed(bundle, &cells);
    Finding {
        decided: ruling.decided,
        evidence: format!("{label} {}", against(&values, interval, bound)),
        measured: median(&values),
        interval,
        observations: values.len(),
        scenario: cells
            .first()
            .map(|cell| cell.scenario.clone())
            .unwrap_or_default(),
        more: ruling.outlook.map(|outlook| outlook.blocks),
        busy: disturbed > values.len(),
        dependent: ruling.dependent,
    }
}

/// A quantity beside its margin, for people: `0.51 [0.50, 0.52], at most 0.75`.
fn against(values: &[f64], interval: Option<Interval>, bound: Bound) -> String {
    let measured = match median(values) {
        Some(median) => format!("{median:.2}"),
        None => "not measured".to_owned(),
    };
    let interval = interval.map_or_else(String::new, |i| format!(" [{:.2}, {:.2}]", i.low, i.high));
    let bound = match bound {
        Bound::AtMost(at) => format!("at most {at:.2}"),
        Bound::AtLeast(at) => format!("at least {at:.2}"),
        Bound::Within(m) => format!("within {:.2} and {m:.2}", 1.0 / m),
    };
    format!("{measured}{interval}, {bound}")
}

pub(super) fn disturbed(bundle: &Bundle, cells: &[&Cell]) -> usize {
    let Some((first, others)) = cells.split_first() else {
        return 0;
    };
    bundle
        .rounds(first)
        .filter(|(block, _)| {
            block.disturbed.is_some() && others.iter().all(|cell| block.rounds.contains_key(*cell))
        })
        .count()
}

/// The quantity in each block that counts and that has all it needs.
#[must_use]
pub fn values(bundle: &Bundle, quantity: &Quantity) -> Vec<f64> {
    let cells = quantity.cells();
    let Some(first) = cells.first() else {
        return Vec::new();
    };
    bundle
        .rounds(first)
        .map(|(block, _)| block)
        .filter(|block| block.complete && block.disturbed.is_none())
        .filter_map(|block| match quantity {
            Quantity::Level { measure, cell } => in_block(block, cell, *measure),
            Quantity::Ratio {
                measure,
                over,
                under,
            } => {
                let ratio = in_block(block, over, *measure)? / in_block(block, under, *measure)?;
                ratio.is_finite().then_some(ratio)
            }
        })
        .collect()
}

/// What a round says: its fastest sample. Most rounds have one. Where threads are to run side by side
/// there are several, because the kernel now and then wakes two threads on one core though another
/// is idle; what a runtime can do shows when it does not. How often it did is reported beside it.
///
/// Such an arm is the fastest of several where the arm under it may be a single sample, which flatters
/// it by what its own noise is worth: of five samples about one deviation, some 3 % where the margin
/// is a quarter away. It is never done to an arm with one executing thread, and no claim rests on
/// such a ratio alone: the cores that its fastest sample used are asked, and arms with as many samples.
fn in_block(block: &Block, cell: &Cell, measure: MeasureOf) -> Option<f64> {
    of_sample(fastest(block, cell)?, measure)
}

/// The sample that a round speaks through.
pub(crate) fn fastest<'a>(block: &'a Block, cell: &Cell) -> Option<&'a Sample> {
    let round = block
        .rounds
        .get(cell)
        .filter(|round| round.status == CellStatus::Ok)?;
    round.samples.iter().min_by_key(|sample| sample.wall_ns)
}

/// Whether a sample kept no second core busy, whatever its polls say: two threads that take turns on
/// one core are both inside a branch.
#[must_use]
pub fn on_one_core(sample: &Sample) -> bool {
    of_sample(sample, MeasureOf::Cores).is_some_and(|cores| cores < SECOND_CORE)
}

/// One measure of one sample.
#[must_use]
pub fn of_sample(sample: &Sample, measure: MeasureOf) -> Option<f64> {
    match measure {
        // No cell takes no time: that is a figure left out.
        MeasureOf::Wall => (sample.wall_ns > 0).then_some(sample.wall_ns as f64),
        MeasureOf::Cores if sample.wall_ns == 0 => None,
        MeasureOf::Cores => Some(sample.cpu_ns as f64 / sample.wall_ns as f64),
        // An adapter without a witness says nothing of overlap, which is not that there was none.
        MeasureOf::PeakOverlap => witnessed(sample).then_some(f64::from(sample.peak_overlap)),
        MeasureOf::Stall => sample.stall_ns.map(|stall| stall as f64),
    }
}

/// Whether the witness saw all polls of the sample.
pub(super) fn witnessed(sample: &Sample) -> bool {
    sample.polls > 0 && sample.lost_polls == 0
}
