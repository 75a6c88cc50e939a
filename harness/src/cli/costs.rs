//! The options of `costs`.

use std::{path::PathBuf, time::Duration};

use clap::{ArgAction, Args};

use super::{
    AdaptersFrom, Output,
    values::{number, timeout},
};

/// What `harness costs --help` ends with.
pub(super) const AFTER_COSTS: &str = "\
Exit codes:
  0    everything was counted, or cannot be here, whatever the ratios
  1    an operation failed, an adapter broke a promise and was not counted, or something else
       went wrong, and is said
  2    the command line, or a file that it names, is not right
  130  stopped by Ctrl-C (once: the report of what there is; twice: at once)

The run is recorded as any other: `harness report DIR` prints it again, `harness publish DIR` publishes it.";

/// The options of `costs`.
#[derive(Args, Clone, Debug)]
pub struct CostsArgs {
    /// Runtimes to ask [default: all that have a bench target `costs`]
    #[arg(long, value_name = "NAME", value_delimiter = ',', action = ArgAction::Append)]
    pub runtime: Vec<String>,
    /// Operations, such as spawn-ready/2, or a beginning of their names, such as spawn-ready [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',', action = ArgAction::Append)]
    pub operation: Vec<String>,
    /// Start flavours with so many worker threads, where they take a number [default: one per core]
    #[arg(long, value_name = "N", value_delimiter = ',', allow_negative_numbers = true, value_parser = number(1_u32..=1024))]
    pub workers: Vec<u32>,
    /// Time each operation so many times, through the trait and by hand in turns
    #[arg(long, value_name = "N", default_value_t = 7, allow_negative_numbers = true, value_parser = number(1_u32..=1000))]
    pub rounds: u32,
    /// Do not count instructions, which takes longest
    #[arg(long)]
    pub no_instructions: bool,
    /// Time nothing, and record what `cargo bench` left in this folder, such as target/criterion
    #[arg(long, value_name = "DIR", conflicts_with_all = ["rounds", "no_instructions", "timeout", "workers"])]
    pub criterion: Option<PathBuf>,
    /// Give up on an operation that takes longer than this, five times as long under valgrind [default: 1m]
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub timeout: Option<Duration>,
    /// Where adapters come from.
    #[command(flatten)]
    pub from: AdaptersFrom,
    /// Record the run in a new folder inside this one
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// Add this note to the record, which otherwise names neither you nor your machine
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
    /// Print only the report, and no progress
    #[arg(long, short)]
    pub quiet: bool,
}
