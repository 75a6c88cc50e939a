//! What is written down while a call runs, and how little that takes: no lock and no shared counter on the way of a poll.

pub(crate) mod here;
pub(crate) mod log;
pub(crate) mod meter;
pub(crate) mod woken;
