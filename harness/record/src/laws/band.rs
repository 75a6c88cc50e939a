//! How far a measured time may lie from its law before the report says that the law missed.
//!
//! A band is for reading: no verdict and no exit code rests on it.

use harness_protocol::Primitive;
use serde::{Deserialize, Serialize};
use workload_catalogue::Scenario;

/// How far a law that states a time, rather than a bound, may be off to either side. d and c are medians
/// of three samples of one branch alone, and between blocks a machine's clock and a timer's grain move
/// by some percent; 10 % is also what two arms may differ by and count as the same.
const OFF: f64 = 0.10;

/// The least and the most that a measured time may be of its law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Band {
    /// As a factor of the law.
    pub low: f64,
    /// As a factor of the law.
    pub high: f64,
}

/// The band of a cell, by the facts of its scenario; none where no law states its time.
///
/// `floor_over_law` is [`super::floor`] over the law.
#[must_use]
pub fn band(scenario: &Scenario, primitive: Primitive, floor_over_law: f64) -> Option<Band> {
    let high = 1.0 + OFF;
    // No law was asked.
    scenario.law?;
    // Nothing waits and nothing works: what is measured is the cost of putting branches together,
    // which the laws leave out.
    if scenario.repeats > 1 {
        return None;
    }
    // In turn there is nobody's wait to work in, whatever lies between the waits.
    let exact = primitive == Primitive::Sequential || !scenario.in_pieces;
    let least = if exact {
        1.0
    } else {
        // Pieces of one branch run in the waits of another, as many as happen to fit: anything from
        // the law, where none do, down to what no placing can beat.
        floor_over_law.min(1.0)
    };
    Some(Band {
        low: (1.0 - OFF) * least,
        high,
    })
}

/// Whether a law foretold a cell's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// The whole interval of measured over predicted lies in the band.
    Within,
    /// The whole interval lies outside it, on one side.
    Missed,
    /// Neither: the interval crosses an end of the band, there were too few rounds for one, or
    /// other work disturbed all rounds.
    Open,
}

impl Fit {
    /// As the reports print it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Fit::Within => "within",
            Fit::Missed => "missed",
            Fit::Open => "open",
        }
    }
}

impl Band {
    /// Where an interval of measured over predicted lies.
    #[must_use]
    pub fn fit(self, interval: Option<(f64, f64)>) -> Fit {
        match interval {
            Some((low, high)) if self.low <= low && high <= self.high => Fit::Within,
            Some((low, high)) if high < self.low || self.high < low => Fit::Missed,
            _ => Fit::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use Primitive::{Compose, Sequential, Spawn};
    use workload_catalogue::{SCENARIOS, scenario};

    use super::*;

    fn of(name: &str, primitive: Primitive, floor_over_law: f64) -> Option<(f64, f64)> {
        band(scenario(name).unwrap(), primitive, floor_over_law).map(|band| (band.low, band.high))
    }

    const EXACT: Option<(f64, f64)> = Some((0.9, 1.1));

    #[test]
    fn a_law_that_states_a_time_has_a_tenth_to_either_side() {
        for name in ["timers", "digest", "scan", "parse", "pieces", "blocking"] {
            for primitive in [Sequential, Compose, Spawn] {
                assert_eq!(of(name, primitive, 0.5), EXACT, "{name}");
            }
        }
    }

    #[test]
    fn a_law_that_states_a_bound_reaches_down_to_the_floor() {
        for name in [
            "sync-account",
            "echo",
            "store-and-config",
            "turns",
            "heartbeat",
        ] {
            assert_eq!(of(name, Compose, 0.5), Some((0.45, 1.1)), "{name}");
            // A floor above the law moves nothing.
            assert_eq!(of(name, Spawn, 1.2), EXACT, "{name}");
            // In turn nothing overlaps.
            assert_eq!(of(name, Sequential, 0.5), EXACT, "{name}");
        }
    }

    #[test]
    fn what_no_law_states_has_no_band() {
        let without: Vec<&str> = SCENARIOS
            .iter()
            .filter(|scenario| band(scenario, Compose, 1.0).is_none())
            .map(|scenario| scenario.name)
            .collect();
        let swept = |name: &&&str| {
            let scenario = workload_catalogue::scenario(name);
            scenario.is_some_and(|scenario| scenario.branches.is_sweep())
        };
        let (swept, others): (Vec<&str>, Vec<&str>) = without.iter().partition(swept);
        let expected = [
            "ready",
            "field/wide-join",
            "field/block-in-place",
            "field/shared-lock",
            "field/shared-mutex",
            "field/blocking-lookup",
            "field/blocking-arm-first",
            "field/blocking-arm-last",
            "field/one-connection",
            "field/fetch-then-compute",
            "field/pool-of-one",
            "field/other-arm",
        ];
        assert_eq!(others, expected);
        // Eleven lengths; connections and three scenarios of many branches; seven recursions; twelve ways to put branches together.
        assert_eq!(swept.len(), 11 + 4 + 7 + 12);
    }

    #[test]
    fn an_interval_lies_in_the_band_or_outside_or_across() {
        let band = Band {
            low: 0.9,
            high: 1.1,
        };
        assert_eq!(band.fit(Some((0.9, 1.1))), Fit::Within);
        assert_eq!(band.fit(Some((0.55, 0.66))), Fit::Missed);
        assert_eq!(band.fit(Some((1.11, 1.3))), Fit::Missed);
        for across in [(0.89, 1.0), (1.0, 1.11), (0.5, 2.0), (0.8, 0.9)] {
            assert_eq!(band.fit(Some(across)), Fit::Open, "{across:?}");
        }
        assert_eq!(band.fit(None), Fit::Open);
    }
}
