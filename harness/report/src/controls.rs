//! The A/A controls of a run, as reported.

use harness_record::config_id::ConfigId;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use harness_judge::{
    judge::{self, Control},
    stats::{Family, rate_at_most},
};
use harness_record::cell::root_name;
use harness_record::{bundle::Bundle, cell::primitive_name, plan::Config};

/// At which the bound of the rate is given.
const CONFIDENCE: f64 = 0.95;

/// How often a difference was seen where there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Controls {
    /// Comparisons of a cell with itself that had a block to go by.
    pub comparisons: usize,
    /// Those that decided a difference.
    pub false_alarms: usize,
    /// The rate of false alarms is at most so high, at 95 % (Clopper and Pearson); null without
    /// comparisons.
    pub rate_at_most: Option<f64>,
    /// Each of them.
    pub each: Vec<ControlReport>,
}

/// One cell against itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ControlReport {
    /// The cell; the other arm of each block was the same again.
    pub cell: String,
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// Where the parent ran.
    pub root: String,
    /// The scenario.
    pub scenario: String,
    /// The primitive.
    pub primitive: String,
    /// The median ratio of the second arm's wall time to the first's.
    pub ratio: Option<f64>,
    /// Its interval, at the error of one comparison; null when there were too few blocks for one.
    pub interval: Option<[f64; 2]>,
    /// Undisturbed blocks that it rests on.
    pub blocks: usize,
    /// Whether a difference was decided.
    pub false_alarm: bool,
    /// Whether the second arm failed.
    pub failed: bool,
    /// One line.
    pub reason: String,
}

impl Controls {
    pub(super) fn of(bundle: &Bundle, family: Family) -> Self {
        let each: Vec<ControlReport> = judge::controls(bundle, family)
            .into_iter()
            .map(one)
            .collect();
        let comparisons = each.iter().filter(|control| control.blocks > 0).count();
        let false_alarms = each.iter().filter(|control| control.false_alarm).count();
        Self {
            comparisons,
            false_alarms,
            rate_at_most: rate_at_most(false_alarms, comparisons, CONFIDENCE),
            each,
        }
    }

    /// All of them in a line; `None` where there is none.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let at_most = self.rate_at_most?;
        Some(format!(
            "A/A control: {} of {} comparisons of a cell with itself saw a difference, so fewer than {:.1} % do, at {:.0} % confidence",
            self.false_alarms,
            self.comparisons,
            100.0 * at_most,
            100.0 * CONFIDENCE
        ))
    }

    /// Those on one configuration in a line, such as `digest 1.00 [0.99, 1.01], timers 1.00`; `None`
    /// where there is none.
    #[must_use]
    pub fn on(&self, config: &Config) -> Option<String> {
        let mut line = String::new();
        for control in self.each.iter().filter(|control| control.is_of(config)) {
            let comma = if line.is_empty() { "" } else { "; " };
            let _ = write!(line, "{comma}{} ", control.scenario);
            if let Some(ratio) = control.ratio {
                let _ = write!(line, "{ratio:.3} ");
            }
            if let Some([low, high]) = control.interval {
                let _ = write!(line, "[{low:.3}, {high:.3}] ");
            }
            let _ = write!(line, "in {} blocks: {}", control.blocks, control.reason);
        }
        (!line.is_empty()).then_some(line)
    }
}

impl ControlReport {
    fn is_of(&self, config: &Config) -> bool {
        self.id == config.id && self.root == root_name(config.root)
    }
}

fn one(control: Control) -> ControlReport {
    let cell = &control.cell;
    ControlReport {
        cell: cell.to_string(),
        id: cell.id.clone(),
        root: root_name(cell.root).to_owned(),
        scenario: cell.scenario.clone(),
        primitive: primitive_name(cell.primitive).to_owned(),
        ratio: control.ratio,
        interval: control
            .interval
            .map(|interval| [interval.low, interval.high]),
        blocks: control.blocks,
        false_alarm: control.false_alarm,
        failed: control.failed,
        reason: control.reason,
    }
}
