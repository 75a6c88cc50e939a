//! What others took of the machine during a block.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// How the reason begins where a block was disturbed by nobody else, but by our own quota.
pub const HELD_BACK: &str = "the control group's CPU quota held us back";

/// What disturbed the blocks of a run: under a quota it need not be anybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturber {
    /// Other work, or the hypervisor's.
    Others,
    /// Our own quota.
    Quota,
    /// Some blocks the one, some the other.
    Both,
}

impl Disturber {
    /// By the reasons of the blocks.
    pub fn of<'a>(reasons: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut quota, mut others) = (false, false);
        for reason in reasons {
            let is_quota = reason.starts_with(HELD_BACK);
            quota |= is_quota;
            others |= !is_quota;
        }
        match (quota, others) {
            (true, false) => Self::Quota,
            (true, true) => Self::Both,
            (false, _) => Self::Others,
        }
    }

    /// Why too many disturbed blocks leave a question open, and what to do about it.
    #[must_use]
    pub fn leaves_open(self) -> &'static str {
        match self {
            Self::Others => {
                "machine busy: other work ran beside too many blocks; try again when it is quiet"
            }
            Self::Quota => {
                "held back: the CPU quota stopped the process in too many blocks; try again with a larger one"
            }
            Self::Both => {
                "machine busy: other work or the CPU quota disturbed too many blocks; try again when it is quiet, with a \
                 larger quota"
            }
        }
    }
}

impl fmt::Display for Disturber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Others => "other work",
            Self::Quota => "the CPU quota",
            Self::Both => "other work and the CPU quota",
        })
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_told_from_others() {
        let quota = format!("{HELD_BACK} for 50ms of 100ms");
        let others = "others used 1.00 of 2 cores";
        assert_eq!(Disturber::of([quota.as_str()]), Disturber::Quota);
        assert_eq!(Disturber::of([others]), Disturber::Others);
        assert_eq!(Disturber::of([]), Disturber::Others);
        assert_eq!(Disturber::of([others, quota.as_str()]), Disturber::Both);
    }
}
