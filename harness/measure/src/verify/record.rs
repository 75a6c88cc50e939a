//! Promises are tried before anything is measured, and what came of each is recorded.

use std::collections::HashMap;

use super::{VerifyTools, all};
use crate::adapters::Adapter;
use harness_record::bundle::{Event, Recorder};

/// Tries every promise of every configuration that is to be measured, and records what came of each. One that
/// is broken, otherwise than declared, is why nothing else is run of it.
///
/// # Errors
///
/// When the record cannot be written.
pub fn record(
    recorder: &mut Recorder,
    adapters: &HashMap<String, Adapter>,
    tools: &VerifyTools<'_>,
) -> anyhow::Result<()> {
    let mut named = String::new();
    for config in recorder.bundle.verified() {
        let Some(adapter) = adapters.get(&config.id.runtime) else {
            continue;
        };
        // What broke a promise before this run was stopped is not measured, whatever the others say.
        if recorder.bundle.refused(&config.id).is_some() {
            continue;
        }
        if named != config.id.runtime {
            tools.progress.verifying(&config.id.runtime);
            named.clone_from(&config.id.runtime);
        }
        let checks: Vec<&str> = config
            .checks
            .iter()
            .map(|promise| promise.name.as_str())
            .filter(|name| !recorder.bundle.has_tried(name, &config.id))
            .collect();
        all(adapter, &config, &checks, tools, |tried| {
            recorder.add(Event::Verified(tried))
        })?;
        let title = config.title();
        if let Some(why) = recorder.bundle.refused(&config.id) {
            tools
                .progress
                .say(&format!("{title} is not measured: it {why}"));
        }
    }
    Ok(())
}
