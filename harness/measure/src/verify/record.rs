//! Promises are tried before anything is measured, and what came of each is recorded.

use std::collections::HashMap;

use super::{Tools, all};
use crate::adapters::Adapter;
use harness_record::bundle::{Event, Recorder};

/// Tries every promise of every configuration that is to be measured, and records what came of each. One that
/// is broken is why nothing else is run of it.
///
/// # Errors
///
/// When the record cannot be written.
pub fn record(
    recorder: &mut Recorder,
    adapters: &HashMap<String, Adapter>,
    tools: &Tools<'_>,
) -> anyhow::Result<()> {
    let mut named = String::new();
    for config in recorder.bundle.verified() {
        let Some(adapter) = adapters.get(&config.runtime) else {
            continue;
        };
        if named != config.runtime {
            tools.progress.verifying(&config.runtime);
            named.clone_from(&config.runtime);
        }
        let (runtime, flavour, workers) = (&config.runtime, &config.flavour, config.workers);
        let checks: Vec<&str> = config
            .checks
            .iter()
            .map(|promise| promise.name.as_str())
            .filter(|name| !recorder.bundle.has_tried(name, runtime, flavour, workers))
            .collect();
        all(adapter, &config, &checks, tools, |tried| {
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
