//! From where on something counts. Each is a judgement, so each says why.

/// A shorter poll is not said to hold its thread, nor a smaller lateness to be one: timers round by up to
/// 2 ms, and the tick is 1 ms.
pub(crate) const LONG_NS: u64 = 4_000_000;
/// CPU time, and time spent waiting for a core, over the time in polls: below, threads were held and not
/// used.
pub const HELD_IDLE: f64 = 0.25;
/// And above, they were used.
pub(super) const HELD_BUSY: f64 = 0.75;
/// Where it is told what polls held and did not use: so much of the time in polls is what they were about.
pub(super) const MOSTLY: f64 = 0.50;
/// CPU time over wall time from which on branches are said to compute.
pub const COMPUTES: f64 = 0.50;
/// Time in the branches' polls over the CPU time that was used meanwhile: below, it was not they who computed.
pub(super) const OWN: f64 = 0.50;
/// A lateness of so much of the long poll was caused by it. Timers and ticks take the rest.
pub(super) const LATE: f64 = 0.50;
/// And so little of it was not.
pub(super) const FREE: f64 = 0.25;
/// Cores used by one thread and the runtime's own housekeeping.
pub(super) const ONE_CORE: f64 = 1.25;
/// Cores used by two.
pub(super) const TWO_CORES: f64 = 1.50;
/// More cores than another way used, by more than housekeeping.
pub(super) const MORE_CORES: f64 = 1.10;
/// A gain in time that noise does not give, where nothing says how large it should be.
pub(super) const CLEAR_GAIN: f64 = 0.75;
/// A difference in time that does not matter.
pub(super) const NO_GAIN: f64 = 0.80;
/// What promises less than a tenth promises nothing to speak of; and two times within a tenth are the same.
pub(super) const WORTH_TELLING: f64 = 0.90;
/// Of the time that waits could overlap, so little was overlapped that they did not.
pub(super) const APART: f64 = 0.20;
/// And so much, that they did.
pub(super) const OVERLAPPED: f64 = 0.50;
/// Branches that take less than this together are short: waking a thread for them, some tens of microseconds, may be
/// most of what spawning them takes.
pub(super) const SHORT_NS: u64 = 1_000_000;
/// The part of the time in which branches that queue for one thing would wait for each other.
pub(super) const QUEUED_FOR_EACH_OTHER: f64 = 0.75;
