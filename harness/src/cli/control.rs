//! The options of `control`.

use std::path::PathBuf;

use clap::Args;
use harness_protocol::Primitive;

use super::{
    AdaptersFrom,
    values::{number, percent, primitive_names, scenarios_without_origin},
};

/// The options of `control`.
#[derive(Args, Clone, Debug)]
pub struct ControlArgs {
    /// Runtimes whose configurations take turns at the comparisons [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub runtime: Vec<String>,
    /// The scenario of the cells
    #[arg(long, value_name = "NAME", default_value = "digest", value_parser = scenarios_without_origin())]
    pub scenario: String,
    /// The primitive of the cells
    #[arg(long, value_name = "NAME", default_value = "compose", value_parser = primitive_names())]
    pub primitive: Primitive,
    /// Comparisons
    #[arg(long, value_name = "N", default_value_t = 200, allow_negative_numbers = true, value_parser = number(1_u32..=100_000))]
    pub comparisons: u32,
    /// Blocks of each comparison
    #[arg(long, value_name = "N", default_value_t = 40, allow_negative_numbers = true, value_parser = number(1_u32..=100_000))]
    pub blocks: u32,
    /// Run disturbed blocks again up to so often
    #[arg(long, value_name = "N", default_value_t = 2, allow_negative_numbers = true, value_parser = number(0_u32..=100))]
    pub repeats: u32,
    /// Slowdowns to look for, in per cent more steps, such as 2,5,10; an arm of each block for each
    #[arg(long, value_name = "PERCENT", value_delimiter = ',', allow_negative_numbers = true, value_parser = percent)]
    pub slower: Vec<f64>,
    /// Comparisons of the report for one of which each stands: they share an error of 1 %
    #[arg(long, value_name = "M", default_value_t = 25, allow_negative_numbers = true, value_parser = number(1_u32..=100_000))]
    pub of: u32,
    /// Shuffle the order of measurements by this number, to repeat them [default: from the clock]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number(0..=u64::MAX))]
    pub seed: Option<u64>,
    /// Count disturbed blocks like the others, to see what leaving them out is good for
    #[arg(long)]
    pub disturbed: bool,
    /// Judge this record again, and measure nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["runtime", "scenario", "primitive", "comparisons", "blocks", "repeats", "slower", "seed"])]
    pub record: Option<PathBuf>,
    /// Where adapters come from.
    #[command(flatten)]
    pub from: AdaptersFrom,
    /// Where to record
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// Say nothing but the tables
    #[arg(long, short)]
    pub quiet: bool,
}
