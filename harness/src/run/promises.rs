//! The promises that are tried before anything is measured.

use workload_catalogue::scenario;

use super::Tools;
use crate::{
    bundle::{Bundle, Event, Recorder},
    claims::rest_on,
    plan::Config,
    verify,
};

/// Tries the quick promises of every configuration that is to be measured, and those that claims rest
/// on, and records what came of each. One that is broken is why nothing else is run of it.
pub(super) fn all(recorder: &mut Recorder, tools: &Tools<'_>) -> anyhow::Result<()> {
    let mut named = String::new();
    for config in configs(&recorder.bundle) {
        let Some(adapter) = tools.adapters.get(&config.runtime) else {
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
            .filter(|promise| promise.quick || rest_on(&promise.name))
            .map(|promise| promise.name.as_str())
            .filter(|name| !has_been_tried(name))
            .collect();
        let how = verify::Tools {
            timeout: tools.timeout,
            interrupt: tools.interrupt,
            progress: tools.progress,
        };
        verify::all(adapter, &config, &checks, &how, |tried| {
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
    let baseline = bundle.plan.compared.iter().filter(|_| computes);
    baseline.chain(bundle.plan.usable()).cloned().collect()
}
