//! What others took of the machine during a block.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What others took during a block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Load {
    /// How long the block was.
    pub wall: Duration,
    /// CPUs that we may use.
    pub cpus: usize,
    /// Cores that other processes and the kernel's own work kept busy, on average.
    pub others_cores: f64,
    /// Cores that the hypervisor took, on average.
    pub steal_cores: f64,
    /// How far off the two may be, for ticks that were cut off.
    pub resolution_cores: f64,
    /// How long our control group was held back by its quota, where there is one.
    pub throttled: Option<Duration>,
    /// One line, when the block should be repeated.
    pub disturbed: Option<String>,
}
