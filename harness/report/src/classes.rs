//! What kind of situation each scenario is on each configuration, and where people met it.

use harness_protocol::{Primitive, Sample};
use harness_record::config_id::ConfigId;
use serde::{Deserialize, Serialize};

use harness_judge::{
    classify::{Arm, Class, Found, Recorded, classify},
    judge,
};
use harness_record::cell::root_name;
use harness_record::{
    bundle::{Bundle, CellStatus},
    cell::Cell,
    plan::{Config, Group},
};

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
    /// One line: what shows it, or what is missing.
    pub evidence: String,
    /// What it means for somebody whose program is in this situation.
    pub meaning: String,
    /// Where people met it, as a link; null but for field cases.
    pub source: Option<String>,
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
    let found = found(bundle, config, group);
    ClassReport {
        id: config.id.clone(),
        root: root_name(config.root).to_owned(),
        scenario: group.scenario.name.to_owned(),
        class: found.class,
        evidence: found.evidence,
        meaning: found.class.meaning().to_owned(),
        source: group.scenario.source.map(str::to_owned),
    }
}

fn found(bundle: &Bundle, config: &Config, group: &Group) -> Found {
    let cell = |primitive| {
        group
            .cells
            .iter()
            .find(|cell| config.owns(cell) && cell.primitive == primitive)
    };
    let undecided = |evidence: String| Found {
        class: Class::NotDecided,
        evidence,
    };
    let placing = config.placing();
    let (Some(compose), Some(placed)) = (cell(Primitive::Compose), cell(placing)) else {
        return undecided("one of compose and spawn was left out".to_owned());
    };
    for cell in [compose, placed] {
        if let Some(failure) = judge::failure(bundle, cell) {
            return undecided(format!("{cell} failed: {}", failure.reason));
        }
    }
    classify(&Recorded {
        branches: placed.branches,
        cores: bundle.plan.cores,
        placing: config.threads(placing, placed.branches),
        // Not of the cell's branches, but of the tasks that these spawn.
        spawning: config.threads(Primitive::Spawn, placed.branches.max(2)),
        compose: arm(bundle, compose),
        placed: arm(bundle, placed),
    })
}

fn arm<'a>(bundle: &'a Bundle, cell: &'a Cell) -> Arm<'a> {
    let of = |disturbed: bool| -> Vec<&Sample> {
        let rounds = bundle.rounds(cell).filter(|(block, round)| {
            block.disturbed.is_some() == disturbed && round.status == CellStatus::Ok
        });
        rounds.flat_map(|(_, round)| &round.samples).collect()
    };
    let (quiet, busy) = (of(false), of(true));
    let disturbed = quiet.is_empty() && !busy.is_empty();
    Arm {
        samples: if disturbed { busy } else { quiet },
        disturbed,
        predicted_ns: bundle
            .predictions
            .get(cell)
            .map(|prediction| prediction.wall_ns),
    }
}
