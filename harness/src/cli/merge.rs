//! The options of `merge`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The options of `merge`.
#[derive(Args, Clone, Debug)]
pub struct MergeArgs {
    /// The folders of the runs
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = MergeFormat::Table)]
    pub format: MergeFormat,
}

/// How to print joined runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MergeFormat {
    /// For people.
    Table,
    /// One document; `harness schema merge` describes it.
    Json,
    /// For a README or an issue.
    Markdown,
}
