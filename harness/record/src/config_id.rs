//! Which configuration something is about.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::format;

/// One way in which one runtime is started: what tells configurations apart. Where parents run is not part of it,
/// since that differs from cell to cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfigId {
    /// The runtime's name.
    pub runtime: String,
    /// The flavour's name.
    pub flavour: String,
    /// Workers asked for.
    pub workers: usize,
}

impl ConfigId {
    /// Whether it is that of these three: of what records write out.
    #[must_use]
    pub fn is(&self, runtime: &str, flavour: &str, workers: usize) -> bool {
        (self.runtime.as_str(), self.flavour.as_str(), self.workers) == (runtime, flavour, workers)
    }
}

/// Runtime, flavour and workers, for people: `smol workers@2`.
impl fmt::Display for ConfigId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format::configuration(&self.runtime, None, &self.flavour, self.workers);
        f.write_str(&name)
    }
}
