//! Runs the scenarios on the runtimes, judges the claims, and prints what it saw.
//!
//! The way of the data: [`cli`] and [`commands`] say what is wanted; [`adapters`] finds and builds the
//! programs under test; [`plan`] lists cells and groups; [`run`] calibrates, predicts by the [`laws`]
//! and measures, a [`child`] process a round, beside an [`origin`] and under the eye of [`load`];
//! [`bundle`] keeps it all; [`judge`] holds it against the [`claims`] by the [`stats`]; [`report`]
//! and [`timeline`] show it, and [`site`] as a page; [`export`] hands it to other tools, and [`compare`]
//! holds one run against another. [`costs`] counts what single primitives cost, which needs no plan.

pub mod adapters;
pub mod bundle;
pub mod cell;
pub mod child;
pub mod claims;
pub mod classify;
pub mod cli;
pub mod commands;
pub mod compare;
pub mod connections;
pub mod costs;
pub mod crossing;
pub mod demands;
pub mod export;
#[cfg(test)]
mod fabricated;
pub mod format;
pub mod host;
pub mod judge;
pub mod laws;
pub mod load;
pub mod merge;
pub mod origin;
pub mod plan;
pub mod progress;
pub mod publish;
pub mod recorded;
mod replace;
pub mod report;
pub mod run;
pub mod scale;
pub mod scaling;
pub mod screen;
mod shared;
pub mod site;
pub mod stats;
pub mod timeline;
pub mod trace;
pub mod traced;
pub mod trials;
pub mod verify;
