//! The witness: it sees every poll of every branch. What records and what analyses is `poll-witness`'s.

pub use poll_witness::{
    analysis,
    lanes::{Clock, Interval, Kept, Noted, Recording, Witnessed, clock, collect, reset, thread},
};

/// Recordings are the process's: tests that make them do so one at a time.
#[cfg(test)]
pub(crate) static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
