//! The end-to-end tests of this package, in one program: each file would be linked by itself, and that takes longer than
//! most of them run.

mod browser;
#[path = "../../tests/common/mod.rs"]
mod common;
mod record;

mod check;
mod cli;
mod committed;
mod compare;
mod control;
mod costs;
mod costs_promises;
mod costs_published;
mod damaged;
mod export;
mod foretold;
mod json;
mod merge;
mod packed;
mod page;
mod published;
mod schema;
mod shares;
mod slurm;
mod smooth;
mod superseded;
mod trace;
mod verify;
