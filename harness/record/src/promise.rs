//! What came of an adapter's promises.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config_id::ConfigId;

/// One promise, tried once on one configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tried {
    /// The runtime.
    pub runtime: String,
    /// The flavour.
    pub flavour: String,
    /// Workers that it was started with.
    pub workers: usize,
    /// The check, as the adapter calls it.
    pub check: String,
    /// What was observed: a word for each aspect.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, String>,
    /// How the promise was broken, in a line; `None` where it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
    /// Whether it was broken each time that it was tried, as its adapter declares that it is: the configuration is
    /// measured all the same, and this stands beside its name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_declared: bool,
    /// How long it took, in nanoseconds, the process's start included.
    pub took_ns: u64,
}

impl Tried {
    /// The configuration that it is of.
    #[must_use]
    pub fn id(&self) -> ConfigId {
        ConfigId {
            runtime: self.runtime.clone(),
            flavour: self.flavour.clone(),
            workers: self.workers,
        }
    }

    /// Why nothing is measured of a runtime of which this came, if so: it was broken, and not as declared.
    #[must_use]
    pub fn disqualifies(&self) -> Option<&str> {
        self.broken.as_deref().filter(|_| !self.as_declared)
    }

    /// Whether it was tried on this configuration.
    #[must_use]
    pub fn is_of(&self, id: &ConfigId) -> bool {
        id.is(&self.runtime, &self.flavour, self.workers)
    }
}
