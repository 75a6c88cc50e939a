//! The options of `run`.

use std::{path::PathBuf, time::Duration};

use clap::{ArgAction, Args};
use harness_protocol::{Primitive, Root};

use super::{
    AdaptersFrom, Output,
    values::{budget, number, primitive_names, root_names, rounds, scenario_names, verdict_names},
};
use harness_judge::judge::Verdict;
use harness_record::plan::Rounds;

/// The options of `run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Runtimes to run [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',', action = ArgAction::Append)]
    pub runtime: Vec<String>,
    /// Scenarios to run; `all` but four groups, which `field`, `length`, `scale` and `connections`, or their names, run
    ///
    /// A field case is a situation that people met. The report classifies it: compose is enough, spawn
    /// needed, and so on. The lengths are steps of a sweep over what a branch computes; the report, and
    /// `harness crossing`, say where spawn begins to beat compose. The scale is ever more branches, up to a
    /// million: what each takes in time and memory, and what gives out first. The connections are up to ten thousand, held
    /// open while they echo, beside a plain epoll.
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "all", value_parser = scenario_names())]
    pub scenario: Vec<String>,
    /// Primitives to run [default: sequential, compose, spawn, and dispatch where it is another]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = primitive_names())]
    pub primitive: Vec<Primitive>,
    /// Worker threads, for flavours that take a number [default: one for each core allowed]
    #[arg(long, value_name = "N", value_delimiter = ',', allow_negative_numbers = true, value_parser = number(1_u32..=1024))]
    pub workers: Vec<u32>,
    /// Branches, for scenarios that take a number [default: by scenario; `harness list` shows it]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number(1_u32..=10_000))]
    pub branches: Option<u32>,
    /// Rounds of each cell: a number, or `auto` to go on until every claim is decided
    ///
    /// Left out, it measures until everything is decided or the budget is spent, and asks equality
    /// within 1.10. With `auto` or a number it asks equality within 1.05; `auto` spends up to 5 minutes
    /// a runtime unless --budget says otherwise.
    #[arg(long, value_name = "N|auto", allow_negative_numbers = true, value_parser = rounds)]
    pub rounds: Option<Rounds>,
    /// Measuring time for each runtime, such as 10s or 2m [default: 16s, 24s each for several runtimes; 5m with --rounds auto]
    #[arg(long, value_name = "TIME", value_parser = budget)]
    pub budget: Option<Duration>,
    /// Give up on a round that takes longer than this [default: 10s and more, by what it measures]
    #[arg(long, value_name = "TIME", value_parser = budget)]
    pub timeout: Option<Duration>,
    /// What shuffles the order of rounds and makes their nonces [default: from the clock]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number(0..=u64::MAX))]
    pub seed: Option<u64>,
    /// Where the parent of the branches runs
    #[arg(long, value_name = "WHERE", default_value = "block_on", value_parser = root_names())]
    pub root: Root,
    /// Where adapters come from.
    #[command(flatten)]
    pub from: AdaptersFrom,
    /// Where to record runs
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
    /// Print everything, not the summary: each claim with its evidence, every scenario, every prediction
    #[arg(long)]
    pub details: bool,
    /// Measure without trying the adapters' promises first, and flavours that would break one too
    #[arg(long)]
    pub unverified: bool,
    /// Go on with the run recorded in this folder, which was stopped or killed
    ///
    /// What is run, and how, is in the record; prebuilt adapters are named again with --adapters.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["runtime", "scenario", "primitive", "workers", "branches", "rounds", "budget", "timeout", "seed", "root", "results", "unverified", "note"])]
    pub resume: Option<PathBuf>,
    /// Add a note to the record, which otherwise names neither you nor your host
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Say nothing but the report
    #[arg(long, short)]
    pub quiet: bool,
    /// Exit with 3 if any claim has one of these verdicts
    #[arg(long, value_name = "VERDICT", value_delimiter = ',', value_parser = verdict_names())]
    pub fail_on: Vec<Verdict>,
}
