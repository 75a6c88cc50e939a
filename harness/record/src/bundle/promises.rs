//! Which configurations are held to their promises, and what came of it.

use workload_catalogue::scenario;

use super::Bundle;
use crate::config_id::ConfigId;
use crate::{
    cell::Cell,
    plan::{BASELINE, Config},
};

/// How the reason of a cell begins whose configuration broke a promise.
pub const FAILS_VERIFY: &str = "fails verify: ";

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

    /// The first promise that should have been tried and was not, and whose it is. Of a configuration that broke one
    /// nothing is measured, and the rest need not be known: one that hangs in a check is not tried further.
    #[must_use]
    pub fn untried(&self) -> Option<(Config, String)> {
        let all = self.verified().into_iter();
        let mut kept = all.filter(|config| self.refused(&config.id).is_none());
        kept.find_map(|config| {
            let tried = |name: &str| self.has_tried(name, &config.id);
            let mut checks = config.checks.iter().map(|promise| promise.name.as_str());
            let wanted = checks.find(|name| !tried(name))?.to_owned();
            Some((config.clone(), wanted))
        })
    }

    /// Why the configuration of this name is not measured: a promise that it broke, otherwise than declared.
    #[must_use]
    pub fn refused(&self, id: &ConfigId) -> Option<String> {
        let mut broken = self
            .promises
            .iter()
            .filter(|tried| tried.is_of(id))
            .filter_map(|tried| Some((&tried.check, tried.disqualifies()?)));
        let (check, why) = broken.next()?;
        let more = match broken.count() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        Some(format!("{FAILS_VERIFY}{check}: {why}{more}"))
    }

    /// Whether a cell's configuration broke a promise.
    #[must_use]
    pub fn refuses(&self, cell: &Cell) -> bool {
        self.refused(&cell.id).is_some()
    }
}
