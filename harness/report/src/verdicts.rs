//! The word on each claim, as every format has it.

use harness_record::config_id::ConfigId;
use serde::{Deserialize, Serialize};

use harness_judge::judge::{self, Judgement, Verdict};
use harness_record::cell::primitive_name;
use harness_record::cell::root_name;

/// One claim on one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClaimReport {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// Where parents ran.
    pub root: String,
    /// The claim.
    pub claim: String,
    /// The word on it.
    pub verdict: Verdict,
    /// Whether a refutation follows from what the runtime declares.
    pub by_design: bool,
    /// The primitive that places a branch on another core here.
    pub placing: String,
    /// The median of the quantity that is shown.
    pub measured: Option<f64>,
    /// Its interval, at the error of one comparison.
    pub interval: Option<[f64; 2]>,
    /// What the laws said that it would be.
    pub predicted: Option<f64>,
    /// One line: the evidence, or what is missing.
    pub reason: String,
    /// Blocks, or samples for facts, that it rests on.
    pub observations: usize,
}

/// A judgement as it is reported.
pub(super) fn of_claim((case, judgement): (&judge::Case<'_>, Judgement)) -> ClaimReport {
    let config = case.config;
    ClaimReport {
        id: config.id.clone(),
        root: root_name(config.root).to_owned(),
        claim: case.claim.id.to_owned(),
        verdict: judgement.verdict,
        by_design: judgement.by_design,
        placing: primitive_name(config.placing()).to_owned(),
        measured: judgement.measured,
        interval: judgement
            .interval
            .map(|interval| [interval.low, interval.high]),
        predicted: judgement.predicted,
        reason: judgement.reason,
        observations: judgement.observations,
    }
}
