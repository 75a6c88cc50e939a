//! What is known of one operation, both ways, from all that a record found of it.

use super::{CostReport, FailedReport, TARGET, Target, TwinReport};
use harness_judge::{estimate::Estimate, stats::median};
use harness_record::config_id::ConfigId;
use harness_record::{
    bundle::Bundle,
    costs::{Cost, Found, Instructions, Side, Time, branches, rooted},
    plan::Config,
};

/// A configuration, by its name, and whether several threads execute there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct On {
    pub(super) id: ConfigId,
    pub(super) version: Option<String>,
    pub(super) threads: Option<usize>,
}

/// Every operation on every configuration that a record has, in its order.
pub(super) fn named(bundle: &Bundle, configs: &[Config]) -> Vec<(On, String)> {
    let mut seen: Vec<(On, String)> = Vec::new();
    for cost in &bundle.costs {
        // The last is the likeliest.
        if seen
            .iter()
            .rev()
            .any(|(on, operation)| is_about(cost, on, operation))
        {
            continue;
        }
        let of_flavour = configs.iter().find(|config| {
            (&config.id.runtime, &config.id.flavour) == (&cost.runtime, &cost.flavour)
        });
        let on = On {
            id: cost.id(),
            version: of_flavour.and_then(|config| config.version.clone()),
            threads: of_flavour.map(|config| {
                config
                    .threads_of(config.placing())
                    .count(cost.workers, usize::from(u16::MAX))
            }),
        };
        seen.push((on, cost.operation.clone()));
    }
    seen
}

pub(super) fn is_about(cost: &Cost, on: &On, operation: &str) -> bool {
    cost.is_of(&on.id) && cost.operation == operation
}

/// What is known of one side.
#[derive(Default)]
pub(super) struct Known<'a> {
    times: Vec<&'a Time>,
    instructions: Option<&'a Instructions>,
    allocations: Option<(u64, u64)>,
    failed: Vec<FailedReport>,
}

impl<'a> Known<'a> {
    pub(super) fn of(costs: impl Iterator<Item = &'a Cost>) -> Self {
        let mut known = Self::default();
        for cost in costs {
            match &cost.found {
                Found::Time(time) => known.times.push(time),
                Found::Instructions(found) => known.instructions = Some(found),
                Found::Allocations(found) => {
                    known.allocations = Some((found.allocations, found.bytes));
                }
                Found::Failed(failed) => known.failed.push(FailedReport {
                    doing: failed.doing,
                    reason: failed.reason.clone(),
                    stderr: failed.stderr.clone(),
                }),
            }
        }
        known
    }

    pub(super) fn is_empty(&self) -> bool {
        self.times.is_empty()
            && self.instructions.is_none()
            && self.allocations.is_none()
            && self.failed.is_empty()
    }

    pub(super) fn report(
        &self,
        on: &On,
        operation: &str,
        side: Side,
        left: bool,
    ) -> Option<CostReport> {
        if self.is_empty() {
            return None;
        }
        let undisturbed = || self.times.iter().filter(|time| time.disturbed().is_none());
        let disturbed = undisturbed().next().is_none() && !self.times.is_empty();
        let counted: Vec<&&Time> = if disturbed {
            self.times.iter().collect()
        } else {
            undisturbed().collect()
        };
        let time_ns = match counted[..] {
            [one] if left => Some(Estimate {
                median: one.estimate.ns,
                low: Some(one.estimate.low_ns),
                high: Some(one.estimate.high_ns),
            }),
            _ => Estimate::of(
                &counted
                    .iter()
                    .map(|time| time.estimate.ns)
                    .collect::<Vec<_>>(),
            ),
        };
        let each = self.instructions.map(Instructions::inner);
        let branches = branches(operation);
        Some(CostReport {
            id: on.id.clone(),
            version: on.version.clone(),
            operation: operation.to_owned(),
            root: rooted(operation).0.to_owned(),
            branches,
            side,
            time_ns,
            time_per_branch_ns: time_ns.map(|time| time.median / branches as f64),
            instructions: each.as_deref().and_then(median),
            instructions_between: each.as_deref().map(between),
            allocations: self.allocations.map(|(allocations, _)| allocations),
            bytes: self.allocations.map(|(_, bytes)| bytes),
            rounds: counted.len(),
            disturbed,
            failed: self.failed.clone(),
        })
    }

    /// This side, the trait, beside its twin.
    pub(super) fn beside(&self, twin: &Self, on: &On, operation: &str) -> TwinReport {
        let ratios: Vec<f64> = self
            .times
            .iter()
            .filter_map(|ours| {
                let theirs = twin
                    .times
                    .iter()
                    .find(|theirs| theirs.round == ours.round)?;
                let quiet = ours.disturbed().is_none() && theirs.disturbed().is_none();
                quiet.then_some(ours.estimate.ns / theirs.estimate.ns)
            })
            .collect();
        let counted = self.instructions.zip(twin.instructions);
        let counted = counted.map(|(ours, theirs)| (ours.inner(), theirs.inner()));
        let ratio = counted
            .as_ref()
            .and_then(|(ours, theirs)| Some(median(ours)? / median(theirs)?));
        let between = counted.as_ref().map(|(ours, theirs)| {
            let ([low, high], [least, most]) = (between(ours), between(theirs));
            [low / most, high / least]
        });
        let equal = self
            .allocations
            .zip(twin.allocations)
            .map(|(ours, theirs)| ours == theirs);
        let within = |ratio: f64| (1.0 - TARGET..=1.0 + TARGET).contains(&ratio);
        let target = match (between, equal) {
            (_, Some(false)) => Target::Missed,
            (Some([low, high]), Some(true)) if within(low) && within(high) => Target::Met,
            (Some([low, high]), _) if high < 1.0 - TARGET || low > 1.0 + TARGET => Target::Missed,
            (Some(_), Some(true)) => Target::Unsteady,
            _ => Target::NotCounted,
        };
        TwinReport {
            id: on.id.clone(),
            operation: operation.to_owned(),
            time_ratio: Estimate::of(&ratios),
            rounds: ratios.len(),
            instruction_ratio: ratio,
            instruction_ratio_between: between,
            allocations_equal: equal,
            target,
        }
    }
}

/// The least and the most.
fn between(values: &[f64]) -> [f64; 2] {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    [least, most]
}
