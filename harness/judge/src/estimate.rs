//! A figure of a cell and its interval, from the rounds that count.

use harness_record::format;
use serde::{Deserialize, Serialize};

use harness_record::{
    bundle::{Bundle, CellStatus, Round},
    cell::Cell,
};

use crate::stats::{median, median_interval};

/// A cell's good rounds: those of undisturbed blocks, or, if there are none, of disturbed ones, and
/// whether that is so.
#[must_use]
pub fn good_rounds<'a>(bundle: &'a Bundle, cell: &'a Cell) -> (Vec<&'a Round>, bool) {
    let of = |disturbed: bool| -> Vec<&Round> {
        bundle
            .rounds(cell)
            .filter(|(block, round)| {
                block.disturbed.is_some() == disturbed && round.status == CellStatus::Ok
            })
            .map(|(_, round)| round)
            .collect()
    };
    let (quiet, busy) = (of(false), of(true));
    let disturbed = quiet.is_empty() && !busy.is_empty();
    (if disturbed { busy } else { quiet }, disturbed)
}

/// The error of one cell's interval. Intervals of cells are for reading; verdicts rest on their own,
/// which share the error of the family.
pub const CELL_ALPHA: f64 = 0.05;

/// A median and its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// The median over rounds.
    pub median: f64,
    /// The lower end; null when there were too few rounds for an interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl Estimate {
    /// The median of some values and its interval at [`CELL_ALPHA`]; `None` of none.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let interval = median_interval(values, CELL_ALPHA);
        Some(Self {
            median: median(values)?,
            low: interval.map(|interval| interval.low),
            high: interval.map(|interval| interval.high),
        })
    }

    /// Of a quantity that is this one over a constant.
    #[must_use]
    pub fn over(self, by: f64) -> Self {
        Self {
            median: self.median / by,
            low: self.low.map(|low| low / by),
            high: self.high.map(|high| high / by),
        }
    }

    /// Both ends.
    #[must_use]
    pub fn interval(self) -> Option<(f64, f64)> {
        self.low.zip(self.high)
    }

    /// A factor with two digits after the point, and its interval.
    #[must_use]
    pub fn factor(self) -> String {
        format::factor(self.median, self.interval())
    }

    /// A time in nanoseconds as people read it, and its interval.
    #[must_use]
    pub fn time(self) -> String {
        match self.interval() {
            Some((low, high)) => format::span(self.median, low, high),
            None => format::duration(self.median),
        }
    }
}
