//! How late an arm's branches were, against the poll that may have caused it.

use super::super::{
    Arm,
    margins::{FREE, LATE, LONG_NS},
};

/// A lateness is the median.
pub(in super::super) enum Lateness {
    /// By most of that poll, in every sample.
    Always(u64),
    /// By little of it, in half of the samples at least: load may have held up the others.
    Free(u64),
    /// Neither.
    Mixed,
    /// None reports it, or no poll is long enough to cause any.
    Untold,
}

pub(in super::super) fn lateness(arm: &Arm, poll: u64) -> Lateness {
    let Some(late) = arm.told(super::super::Seen::late) else {
        return Lateness::Untold;
    };
    if poll < LONG_NS {
        return Lateness::Untold;
    }
    let share = |late: u64| late as f64 / poll as f64;
    if share(arm.least(|seen| seen.late().unwrap_or(0))) >= LATE {
        return Lateness::Always(late);
    }
    if share(late) <= FREE {
        return Lateness::Free(late);
    }
    Lateness::Mixed
}
