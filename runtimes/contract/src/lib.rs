//! The contract of [`Runtime`](runtime_api::Runtime) as checks: each a question put to the real runtime, with its answer.
//!
//! Every adapter links this, and can be asked for any of it through the protocol: a promise is worth
//! something only of the very binary that is measured. Nothing here runs in a round that measures.
//!
//! A check tells what it saw ([`Seen`]), one word for each aspect in which runtimes differ, and
//! how the promise was broken, if it was. It starts the runtime, so it has a process to itself. It
//! measures no time: it waits for what must happen, and gives up after [`PATIENCE`] with a reason.
//!
//! [`catalogue!`] is the one list of them. An adapter's `tests/contract.rs` is one line,
//! `runtime_contract::tests!(itself);`, which makes a test of each, run once for each flavour.

// Checks run their wrong turns as panics: `perform` reports one as a broken promise, with its place.
#![expect(clippy::unwrap_used, reason = "a panic is a broken promise here")]

use std::time::Duration;

use runtime_api::{Config, Lack};

mod catalogue;
mod checks;
mod each_flavour;
mod perform;
mod seen;
mod subject;
mod support;

pub use each_flavour::in_each_flavour;
pub use perform::{Found, perform};
pub use seen::Seen;

/// What a check returns: how the promise was broken, in a line, if it was.
pub type Outcome = Result<(), String>;

/// How long a check waits for one thing that must happen. Far longer than any needs, for machines
/// that are busy with other work.
#[cfg(not(test))]
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Shorter, for the tests of this crate: they lose it many times.
#[cfg(test)]
pub const PATIENCE: Duration = Duration::from_secs(1);

/// How long a check may take before it is given up: a runtime that lies can hold the very thread
/// that would lose its patience.
pub const LIMIT: Duration = Duration::from_secs(30);

/// One promise of the contract.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its name, unique, in snake case.
    pub name: &'static str,
    /// What is promised, or what is looked at, in a line.
    pub promise: &'static str,
    /// What it is about: of a runtime that lacks that, it says so, and there is nothing to try.
    pub about: &'static [Lack],
    /// Tries it, on a runtime that is started for this.
    pub run: fn(&Config, &Seen) -> Outcome,
}

/// All checks.
#[must_use]
pub fn checks() -> Vec<Check> {
    catalogue!(list)
}

#[cfg(test)]
mod tests;
