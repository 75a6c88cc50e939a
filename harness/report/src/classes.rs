//! What kind of situation each scenario is on each configuration, and where people met it.

use harness_judge::classify::{self, Cause, Class};
use harness_record::{
    bundle::Bundle,
    cell::root_name,
    config_id::ConfigId,
    plan::{Config, Group},
};
use serde::{Deserialize, Serialize};

/// What kind of situation one scenario is on one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClassReport {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// Where parents ran.
    pub root: String,
    /// The scenario.
    pub scenario: String,
    /// The class.
    pub class: Class,
    /// Why it ran one after the other, where the class leaves that open and something tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// One line: what shows it, or what is missing.
    pub evidence: String,
    /// What it means for somebody whose program is in this situation.
    pub meaning: String,
    /// What to do.
    #[serde(default)]
    pub remedy: String,
    /// Where people met it, as a link; null but for field cases.
    pub source: Option<String>,
}

impl ClassReport {
    /// Class and cause, as people read them.
    pub(super) fn title(&self) -> String {
        self.class.with(self.cause)
    }
}

/// Every scenario on every configuration, in the order of the plan.
pub(super) fn classes(bundle: &Bundle) -> Vec<ClassReport> {
    let plan = &bundle.plan;
    plan.usable()
        .flat_map(|config| {
            let groups = plan
                .groups
                .iter()
                .filter(|group| group.runtime == config.id.runtime)
                // A step of a sweep is no situation.
                .filter(|group| !group.scenario.branches.is_sweep());
            groups.map(|group| of(bundle, config, group))
        })
        .collect()
}

fn of(bundle: &Bundle, config: &Config, group: &Group) -> ClassReport {
    let found = classify::of(bundle, config, group);
    ClassReport {
        id: config.id.clone(),
        root: root_name(config.root).to_owned(),
        scenario: group.scenario.name.to_owned(),
        class: found.class,
        cause: found.cause,
        meaning: found.meaning().to_owned(),
        remedy: found.remedy().to_owned(),
        evidence: found.evidence,
        source: group.scenario.source.map(str::to_owned),
    }
}
