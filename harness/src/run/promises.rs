//! The promises that are tried before anything is measured.

use std::collections::HashMap;

use workload_catalogue::scenario;

use crate::{
    adapters::Adapter,
    bundle::{Bundle, Event, Recorder},
    plan::Config,
    verify::{self, Tools},
};

/// Tries every promise of every configuration that is to be measured, and records what came of each. One that
/// is broken is why nothing else is run of it.
///
/// # Errors
///
/// When the record cannot be written.
pub(crate) fn all(
    recorder: &mut Recorder,
    adapters: &HashMap<String, Adapter>,
    tools: &Tools<'_>,
) -> anyhow::Result<()> {
    let mut named = String::new();
    for config in configs(&recorder.bundle) {
        let Some(adapter) = adapters.get(&config.runtime) else {
            continue;
        };
        if named != config.runtime {
            tools.progress.verifying(&config.runtime);
            named.clone_from(&config.runtime);
        }
        let has_been_tried = |name: &str| {
            let mut tried = recorder.bundle.promises.iter();
            tried.any(|tried| {
                tried.check == name && tried.is_of(&config.runtime, &config.flavour, config.workers)
            })
        };
        let checks: Vec<&str> = config
            .checks
            .iter()
            .map(|promise| promise.name.as_str())
            .filter(|name| !has_been_tried(name))
            .collect();
        verify::all(adapter, &config, &checks, tools, |tried| {
            recorder.add(Event::Verified(tried))
        })?;
        let title = config.title();
        if let Some(why) = recorder
            .bundle
            .refused(&config.runtime, &config.flavour, config.workers)
        {
            tools
                .progress
                .say(&format!("{title} is not measured: it {why}"));
        }
    }
    Ok(())
}

/// Every configuration that can run here; the baseline's, too, where work is calibrated on it.
fn configs(bundle: &Bundle) -> Vec<Config> {
    if bundle.plan.unverified {
        return Vec::new();
    }
    let computes = bundle
        .plan
        .cells()
        .any(|cell| scenario(&cell.scenario).is_some_and(|facts| facts.work_ms > 0.0));
    let baseline = bundle.plan.compared.iter().filter(|_| computes).cloned();
    let own = bundle.header.configurations().into_iter();
    baseline
        .chain(own.filter(|config| config.unavailable.is_none()))
        .collect()
}
