//! Runs the scenarios on the runtimes, judges the claims, and prints what it saw.

pub mod adapters;
pub mod child;
pub mod stats;
