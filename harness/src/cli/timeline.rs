//! The options of the commands that show one round of a cell, poll by poll.

use std::path::PathBuf;

use clap::Args;

/// Which cells of which record.
#[derive(Args, Clone, Debug)]
pub struct RecordedCells {
    /// The cells, for example smol/digest/spawn; what is left out of a name may be anything
    #[arg(required = true, value_name = "CELL")]
    pub cells: Vec<String>,
    /// The folder of the run [default: the newest in the folder `results`]
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
}

/// The options of `timeline`.
#[derive(Args, Clone, Debug)]
pub struct TimelineArgs {
    /// Which cells.
    #[command(flatten)]
    pub of: RecordedCells,
}

/// The options of `trace`.
#[derive(Args, Clone, Debug)]
pub struct TraceArgs {
    /// Which cells.
    #[command(flatten)]
    pub of: RecordedCells,
    /// The file to write; `-` for standard output
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
}
