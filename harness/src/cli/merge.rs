//! The options of `merge`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

pub(super) const AFTER_HELP: &str = "\
Shares of one plan (`harness run --partition`) on machines of one class are joined into one record first,
each once, however often and in whatever order they came.

Exit codes:
  0    what was joined is printed
  1    shares are missing: each is named on standard error with the command that fills it, and what is
       there is printed; or something else went wrong, and is said
  2    the command line, or a record that it names, is not right";

/// The options of `merge`.
#[derive(Args, Clone, Debug)]
pub struct MergeArgs {
    /// The folders of the runs, or of shares of runs
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Write the records that are joined from shares into this folder, too
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
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
