//! Which configurations are held to their promises, and what came of it.

use workload_catalogue::scenario;

use super::Bundle;
use crate::config_id::ConfigId;
use crate::{
    cell::Cell,
    plan::{BASELINE, Config},
};

impl Bundle {
    /// Every configuration whose promises are tried: those that can run here, in a share those of the runtimes that it
    /// measures, and the baseline's, too, where work is calibrated on it.
    #[must_use]
    pub fn verified(&self) -> Vec<Config> {
        if self.header.options.unverified {
            return Vec::new();
        }
        let computes = self
            .plan
            .cells()
            .any(|cell| scenario(&cell.scenario).is_some_and(|facts| facts.work_ms > 0.0));
        let baseline = self.plan.compared.iter().filter(|_| computes).cloned();
        let own = self.header.configurations().into_iter();
        let partition = self.header.options.partition;
        let is_tried = |config: &Config| {
            let runtime = config.id.runtime.as_str();
            self.plan.tries(runtime, partition) || computes && runtime == BASELINE
        };
        baseline
            .chain(own.filter(|config| config.unavailable.is_none() && is_tried(config)))
            .collect()
    }

    /// Whether this promise of the configuration of this name was tried.
    #[must_use]
    pub fn has_tried(&self, check: &str, id: &ConfigId) -> bool {
        let mut promises = self.promises.iter();
        promises.any(|tried| tried.check == check && tried.is_of(id))
    }

    /// The first promise that should have been tried and was not, and whose it is.
    #[must_use]
    pub fn untried(&self) -> Option<(Config, String)> {
        self.verified().into_iter().find_map(|config| {
            let tried = |name: &str| self.has_tried(name, &config.id);
            let mut checks = config.checks.iter().map(|promise| promise.name.as_str());
            let wanted = checks.find(|name| !tried(name))?.to_owned();
            Some((config.clone(), wanted))
        })
    }

    /// Why the configuration of this name is not measured: a promise that it broke.
    #[must_use]
    pub fn refused(&self, id: &ConfigId) -> Option<String> {
        let mut broken = self
            .promises
            .iter()
            .filter(|tried| tried.is_of(id) && tried.broken.is_some());
        let first = broken.next()?;
        let why = first.broken.as_deref().unwrap_or_default();
        let more = match broken.count() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Some(format!("fails verify: {}: {why}{more}", first.check))
    }

    /// Whether a cell's configuration broke a promise.
    #[must_use]
    pub fn refuses(&self, cell: &Cell) -> bool {
        self.refused(&cell.id).is_some()
    }
}
