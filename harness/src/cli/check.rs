//! The options of `harness check`.

use std::path::PathBuf;

use clap::Args;

pub(super) const AFTER_HELP: &str = "\
Exit codes:
  0    every record is what its schema says, though it may not have come to its end
  1    something else went wrong
  2    a record is not, or the command line is not right: each line on standard error says which file,
       line and field, and what was expected";

/// The options of `check`.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Folders of runs
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,
}
