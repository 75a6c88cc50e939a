//! The command line of `harness export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What follows the options of `export`.
pub const AFTER_HELP: &str = "\
The columns are described in docs/EXPORT.md.

Exit codes:
  0    it was written
  1    it could not be written
  2    the command line, or a record that it names, is not right";

/// The options of `export`.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// The folders of the runs
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// How to write the samples
    #[arg(long, value_enum, default_value_t = ExportFormat::Csv)]
    pub format: ExportFormat,
    /// Write to this file, whole or not at all, instead of to standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How to write the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// Comma separated, with a header; what is unknown is empty.
    Csv,
    /// A table, for an issue; of short runs.
    Markdown,
    /// An array of objects; what is unknown is null.
    Json,
    /// Columns with types, for pandas, Polars and DuckDB; to a file or a pipe.
    Parquet,
}
