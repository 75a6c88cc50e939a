//! The options of `crossing`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The options of `crossing`.
#[derive(Args, Clone, Debug)]
pub struct CrossingArgs {
    /// The folder of the run [default: the newest in the folder `results`]
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = CrossingFormat::Table)]
    pub format: CrossingFormat,
}

/// How to print a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CrossingFormat {
    /// For people.
    Table,
    /// What each configuration, root and number of branches or pieces showed; times in nanoseconds.
    Json,
}
