//! The options of `run`.

use std::{path::PathBuf, time::Duration};

use clap::{ArgAction, Args};
use harness_protocol::{Primitive, Root};

use super::{
    AdaptersFrom, Output,
    values::{
        PartitionArg, WorkersArg, budget, number, partition, primitive_names, root_names, rounds,
        scenario_names, timeout, verdict_names, workers,
    },
};
use harness_judge::judge::Verdict;
use harness_record::{host::Cpus, plan::Rounds};

/// The options of `run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Measure these runtimes; `harness list` names them [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',', action = ArgAction::Append)]
    pub runtime: Vec<String>,
    /// Run these scenarios; `all` leaves out six groups that take longer: field, length, scale, connections, fork, idioms
    ///
    /// `field`: situations that people met, each with the remedy (join it, spawn it, hand it to the blocking
    /// pool). `length`: branches that compute for 100 ns to 10 ms, to find out from where on spawning pays.
    /// `scale`: up to a million branches, what each takes, and what gives out first. `connections`: up to ten
    /// thousand open connections, compared with a plain epoll loop. `fork`: recursions whose calls are joined or
    /// spawned at every depth, compared with the sequential program and with rayon. `idioms`: the same
    /// branches under `join!`, `FuturesUnordered`, `select!`, `JoinSet` and so on, and what each does to them.
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "all", value_parser = scenario_names())]
    pub scenario: Vec<String>,
    /// Put branches together only by these primitives [default: all that the runtime has]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = primitive_names())]
    pub primitive: Vec<Primitive>,
    /// Start flavours with so many worker threads, where they take a number [default: one per core]
    ///
    /// `physical`: as many as there are physical cores among the CPUs that may be used. `default`: as many as the runtime
    /// starts where nobody says how many, which is tried first; one per core for those that want a number.
    #[arg(long, value_name = "N|physical|default", value_delimiter = ',', allow_negative_numbers = true, value_parser = workers)]
    pub workers: Vec<WorkersArg>,
    /// Let blocking pools that can be told have so many threads at most [default: as the runtime has it]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number(1_u32..=1024))]
    pub blocking_threads: Option<u32>,
    /// Measure on these CPUs alone, such as 0,2-3 [default: those that this process may use]
    ///
    /// The harness, the origin and the adapters are confined to them, and there are as many cores as that. Only builds
    /// use the others. On Linux only.
    #[arg(long, value_name = "LIST", allow_negative_numbers = true)]
    pub cpus: Option<Cpus>,
    /// Measure on one CPU of each physical core
    ///
    /// As by --cpus, of those CPUs or of all: the other threads of each core are left out, so that no two workers share one,
    /// and one worker per core is one per physical core. Which worker is on which of these CPUs is the kernel's choice.
    #[arg(long)]
    pub pin: bool,
    /// Use so many branches in scenarios that take a number [default: as `harness list` shows]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number(1_u32..=10_000))]
    pub branches: Option<u32>,
    /// Measure each cell so many times, or with `auto` until every claim is decided
    ///
    /// If left out, it measures until everything is decided or the budget is spent, and counts two times as
    /// equal within 10 %. With `auto` or a number they must be equal within 5 %; `auto` spends up to 5 minutes
    /// on each runtime unless --budget says otherwise.
    #[arg(long, value_name = "N|auto", allow_negative_numbers = true, value_parser = rounds)]
    pub rounds: Option<Rounds>,
    /// Spend at most so much time on measuring each runtime [default: 16s, 24s each for several; 5m with --rounds auto]
    #[arg(long, value_name = "TIME", value_parser = budget)]
    pub budget: Option<Duration>,
    /// Give up on a measurement that takes longer than this [default: 10s, and more for longer scenarios]
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub timeout: Option<Duration>,
    /// Shuffle the order of measurements by this number, to repeat a run [default: from the clock]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = number(0..=u64::MAX))]
    pub seed: Option<u64>,
    /// Measure one share of the plan, such as 3/16; `auto` asks the scheduler which
    ///
    /// The plan of the same options and the same --seed, on machines of one class, is shared out: with --rounds N its
    /// blocks, else its comparisons, each whole. `harness merge` joins the shares. `auto` reads the array of Slurm
    /// (SLURM_ARRAY_TASK_ID and its like) or the index of a Kubernetes job (JOB_COMPLETION_INDEX, and JOB_COMPLETIONS, which
    /// the job file sets).
    #[arg(long, value_name = "M/N|auto", value_parser = partition)]
    pub partition: Option<PartitionArg>,
    /// Where the code that joins or spawns runs: in block_on itself, or in a task on a worker
    #[arg(long, value_name = "WHERE", default_value = "block_on", value_parser = root_names())]
    pub root: Root,
    /// Where adapters come from.
    #[command(flatten)]
    pub from: AdaptersFrom,
    /// Record the run in a new folder inside this one
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub results: PathBuf,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
    /// Print everything instead of the summary: each claim's evidence, every scenario, every prediction
    #[arg(long)]
    pub details: bool,
    /// Measure without first trying what the adapters declare of their runtimes
    #[arg(long)]
    pub unverified: bool,
    /// Continue the run recorded in this folder, which was stopped or killed
    ///
    /// Its options are in the record; only --adapters must be given again.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["runtime", "scenario", "primitive", "workers", "blocking_threads", "cpus", "pin", "branches", "rounds", "budget", "timeout", "seed", "partition", "root", "results", "unverified", "note"])]
    pub resume: Option<PathBuf>,
    /// Add this note to the record, which otherwise names neither you nor your machine
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Print only the report, and no progress
    #[arg(long, short)]
    pub quiet: bool,
    /// Exit with code 3 if any claim has one of these verdicts
    #[arg(long, value_name = "VERDICT", value_delimiter = ',', value_parser = verdict_names())]
    pub fail_on: Vec<Verdict>,
}
