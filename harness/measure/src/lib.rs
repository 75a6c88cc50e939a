//! Runs a plan, and keeps all that happens in its record.
//!
//! [`adapters`] finds and builds the programs under test, and the [`compiler`] is asked what their spawns demand;
//! [`verify`] holds them to their promises; [`run`] calibrates and measures, a [`child`] process a round, beside an
//! [`origin`] and under the eye of [`load`]. [`costs`] counts what single primitives cost, which needs no plan.
//!
//! What a record says is [`harness_judge`]'s: a run asks it which blocks are still needed. Nothing here prints
//! but [`progress`].

pub mod adapters;
mod affinity;
pub mod child;
pub mod compiler;
pub mod costs;
#[cfg(test)]
mod fabricated;
pub mod host;
pub mod load;
pub mod origin;
pub mod progress;
pub mod run;
pub mod scratch;
mod toolchain;
mod topology;
pub mod verify;
