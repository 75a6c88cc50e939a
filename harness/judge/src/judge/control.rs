//! The A/A control: a cell against itself, in the same blocks as the claims and under the same rules.
//!
//! The joined cells of two scenarios get a second arm in each of their blocks, a process of its own with
//! the same request and nonce. Its ratio to the first is 1 whatever the runtime does, so any decision on
//! either side of 1 is a false alarm, and shows that the blocks are not what the statistics suppose.
//!
//! A control is no claim. What it finds is no word on a runtime, so it cannot make one wrong, and it takes
//! no share of the family's error: M is what the claims make. Each control errs as a single comparison
//! may, with α/M.

use harness_protocol::Primitive;

use super::{failure, margin};
use crate::{
    claims::{Bound, CPU, MeasureOf, Quantity, WAITS},
    stats::{Decided, Family, Interval},
};
use harness_record::{bundle::Bundle, cell::Cell, plan::Plan};

/// What came of one control.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// The cell; its second arm is called `/again`.
    pub cell: Cell,
    /// The median ratio of the second arm to the first.
    pub ratio: Option<f64>,
    /// Its interval, at the error of one comparison.
    pub interval: Option<Interval>,
    /// Undisturbed blocks that it rests on.
    pub blocks: usize,
    /// Whether a difference was decided, where there is none.
    pub false_alarm: bool,
    /// One line.
    pub reason: String,
    /// Whether the second arm failed.
    pub failed: bool,
}

/// The second arm of a cell, if it gets one: where branches compute, and where they wait.
#[must_use]
pub fn again(cell: &Cell) -> Option<Cell> {
    let controlled = cell.primitive == Primitive::Compose
        && !cell.again
        && [CPU, WAITS].contains(&cell.scenario.as_str());
    controlled.then(|| Cell {
        again: true,
        ..cell.clone()
    })
}

/// Every control of a run, in the order of the plan.
#[must_use]
pub fn controls(bundle: &Bundle, family: Family) -> Vec<Control> {
    pairs(&bundle.plan)
        .map(|(cell, again)| control(bundle, cell, &again, family))
        .collect()
}

fn pairs(plan: &Plan) -> impl Iterator<Item = (&Cell, Cell)> {
    plan.cells()
        .filter_map(|cell| again(cell).map(|again| (cell, again)))
}

fn control(bundle: &Bundle, cell: &Cell, again: &Cell, family: Family) -> Control {
    let failed = [again, cell]
        .into_iter()
        .find_map(|arm| Some((arm, failure(bundle, arm)?)));
    let quantity = Quantity::Ratio {
        measure: MeasureOf::Wall,
        over: again.clone(),
        under: cell.clone(),
    };
    let found = margin(
        bundle,
        "second/first",
        &quantity,
        Bound::AtMost(1.0),
        family,
    );
    let false_alarm = failed.is_none() && found.decided != Decided::Open;
    let reason = match &failed {
        Some((arm, failure)) => format!("{arm} failed: {}", failure.reason),
        None if false_alarm => {
            "false alarm: a difference was decided where there is none".to_owned()
        }
        None if found.busy => bundle.disturber().leaves_open().to_owned(),
        None if found.observations == 0 => "nothing was measured".to_owned(),
        None if found.dependent => "drifting: neighbouring blocks hang together".to_owned(),
        None => "no difference shown".to_owned(),
    };
    Control {
        cell: cell.clone(),
        ratio: found.measured,
        interval: found.interval,
        blocks: found.observations,
        false_alarm,
        reason,
        failed: failed.is_some_and(|(arm, failure)| arm.again && failure.status.is_failure()),
    }
}
