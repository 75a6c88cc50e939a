#![doc = include_str!("../README.md")]
// What records is still compiled, and nobody calls it.
#![cfg_attr(any(feature = "off", witness_loom), allow(dead_code, unused_imports))]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        reason = "what tests share; clippy.toml covers only #[test] functions"
    )
)]

pub mod analysis;
#[cfg(feature = "lanes")]
pub mod lanes;
pub mod rules;
#[cfg(feature = "lanes")]
mod sync;
pub mod what_if;

#[cfg(feature = "watch")]
mod call;
#[cfg(feature = "watch")]
mod record;
#[cfg(feature = "watch")]
mod recorded;
#[cfg(feature = "watch")]
mod report;
#[cfg(feature = "watch")]
mod site;
#[cfg(feature = "watch")]
mod tally;
#[cfg(feature = "watch")]
mod workers;

#[cfg(feature = "watch")]
pub use {
    call::{Branch, Call, Handle, Name, Scope, Witness},
    recorded::{By, Ending, Poll, Spent, Wake},
    report::{
        BranchReport, Comparison, Diagnosis, Ended, Foretold, Placement, Report, ScopeReport, Share,
    },
    site::{Site, enable},
    tally::{Times, Totals},
    workers::{Known, Workers},
};

#[cfg(all(test, feature = "watch", not(any(witness_loom, feature = "off"))))]
mod world;
