//! The options of `try` and `new`.

use std::{path::PathBuf, time::Duration};

use clap::{ArgAction, Args, ValueEnum};
use harness_protocol::{Primitive, Root};

use super::{
    Output,
    values::{number, primitive_names, root_names, time, timeout},
};

/// What `harness try --help` ends with.
pub(super) const AFTER_TRY: &str = "\
Crates that the file needs stand at its top, as `cargo -Zscript` reads them:
  ---
  [dependencies]
  sha2 = \"0.10\"
  my-crate = { path = \"../my-crate\" }
  ---
or, without the dashes, in FILE.toml beside it, or in a Cargo.toml there that is no package's.
docs/YOUR_CODE.md leads from nothing to an answer.

Exit codes:
  0    every primitive was measured, whatever came of it
  1    a branch panicked, answered wrongly or did not come to its end; or something else went wrong
  2    the command line, or the file, is not right: what the compiler says of it comes first
  130  stopped by Ctrl-C (once: the report of what there is; twice: at once)";

/// The options of `try`.
#[derive(Args, Clone, Debug)]
pub struct TryArgs {
    /// The file: a type, and `impl Workload` for it
    #[arg(value_name = "FILE.rs")]
    pub file: PathBuf,
    /// Run it on these runtimes; `harness list` names them [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',', action = ArgAction::Append)]
    pub runtime: Vec<String>,
    /// Use so many branches [default: what the file says as BRANCHES, else 2]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number(1_u32..=10_000))]
    pub branches: Option<u32>,
    /// Make `env.wait` so long [default: what the file says as WAIT, else 0s]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub wait: Option<Duration>,
    /// Let `env.steps` be as many as compute for so long [default: what the file says as WORK, else none]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub work: Option<Duration>,
    /// Put branches together only by these primitives [default: all that the runtime and the file have]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = primitive_names())]
    pub primitive: Vec<Primitive>,
    /// Start flavours with so many worker threads, where they take a number [default: one per core]
    #[arg(long, value_name = "N", value_delimiter = ',', allow_negative_numbers = true, value_parser = number(1_u32..=1024))]
    pub workers: Vec<u32>,
    /// Measure so many times, five samples each [default: 4]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number(1_u32..=1000))]
    pub rounds: Option<u32>,
    /// Give up on a measurement that takes longer than this [default: 20s, 5s for a branch alone]
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub timeout: Option<Duration>,
    /// Shuffle the order of measurements by this number, to repeat a run [default: from the clock]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number(0..=u64::MAX))]
    pub seed: Option<u64>,
    /// Where the code that joins or spawns runs: in block_on itself, or in a task on a worker
    #[arg(long, value_name = "WHERE", default_value = "block_on", value_parser = root_names())]
    pub root: Root,
    /// Record the run in a new folder inside this one
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
    /// Print everything instead of the summary
    #[arg(long)]
    pub details: bool,
    /// Try first what the adapters declare of their runtimes, as `harness run` does
    #[arg(long)]
    pub verify: bool,
    /// Print only the report, and no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// The options of `new`.
#[derive(Args, Clone, Debug)]
pub struct NewArgs {
    /// What to write
    #[arg(value_enum, value_name = "WHAT")]
    pub what: NewWhat,
    /// Of a workload: the file, NAME.rs in this folder, and the type in it. Of a runtime: as --runtime will take it
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NewWhat {
    /// A file for `harness try`.
    Workload,
    /// An adapter: the folder `runtimes/NAME` of this checkout. docs/ADDING_A_RUNTIME.md says how to go on.
    Runtime,
}
