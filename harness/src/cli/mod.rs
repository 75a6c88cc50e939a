//! The command line.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{
    ArgAction, Args, CommandFactory, FromArgMatches as _, Parser, Subcommand, ValueEnum,
    builder::PossibleValuesParser, parser::ValueSource,
};

mod check;
pub mod compare;
mod control;
mod costs;
mod crossing;
pub mod export;
mod merge;
mod own;
mod publish;
mod run;
mod timeline;
mod values;

pub use check::CheckArgs;
pub use control::ControlArgs;
pub use costs::CostsArgs;
pub use crossing::{CrossingArgs, CrossingFormat};
pub use merge::{MergeArgs, MergeFormat};
pub use own::{NewArgs, NewWhat, TryArgs};
pub use publish::PublishArgs;
pub use run::RunArgs;
pub use timeline::{RecordedCells, TimelineArgs, TraceArgs};

pub use values::{PartitionArg, WorkersArg};
use values::{number, timeout};

const AFTER_HELP: &str = "\
Words:
  branch     one of the futures that a scenario puts together
  primitive  how it does: sequential (one after the other), compose (joined in one task, as
             by join!), spawn, dispatch (spawned onto another executor), spawn_blocking
  flavour    one way to start a runtime, such as tokio's multi-thread;
             multi-thread@2 has 2 worker threads
  cell       one scenario, put together by one primitive, on one flavour
  round      one measurement of a cell, in a process of its own
  adapter    the program that runs the scenarios on one runtime
  promise    what an adapter declares of its runtime, such as how many threads run what is
             spawned: tried before anything is measured

Exit codes:
  0    every cell was measured (or is unsupported, or unavailable here by its adapter's own word),
       whatever the verdicts
  1    a cell failed (wrong answer, timeout or crash); an adapter could not be built, started or
       heard, or broke a promise, and was not measured; or something else went wrong, and is said
  2    the command line, or a file that it names, is not right, or asks for nothing to measure
  3    a verdict that --fail-on names
  130  stopped by Ctrl-C (once: the report of what there is; twice: at once)

The report goes to standard output, everything else to standard error.
Colour follows --color, NO_COLOR and CLICOLOR_FORCE.";

const AFTER_VERIFY: &str = "\
Exit codes:
  0    every promise of every flavour that can run here was kept
  1    a promise was broken, or an adapter does not say who it is; or something else went wrong
  2    the command line, or a file that it names, is not right
  130  stopped by Ctrl-C

A crash, a hang or a nonsense answer is a broken promise; after the first check that is not done in
time the others of that flavour are not tried. An adapter without checks is not verified, and no failure;
neither is a promise that an adapter declares to break, if it is broken in all of three tries.";

/// Concurrent is not parallel: what join and spawn buy on each async runtime, by measurement.
///
/// Without a command it builds what it needs, measures, judges the claims and prints a summary: for one
/// runtime some twenty seconds after its adapter is built. Start with `--runtime smol`.
#[derive(Debug, Parser)]
#[command(name = "harness", version, after_help = AFTER_HELP)]
pub struct Cli {
    /// What to do; `run` if left out.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The options of `run`.
    #[command(flatten)]
    pub run: RunArgs,
    /// Print in colour: on a terminal that wants it, always, or never
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = ColorWhen::Auto)]
    pub color: ColorWhen,
}

impl Cli {
    /// Reads a command line. What stands before a subcommand must be an option of every one, such as `--color`: those of
    /// `run` stand there only where there is none.
    ///
    /// # Errors
    ///
    /// What is wrong with it; or that help was asked for.
    pub fn read(
        words: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, clap::Error> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(words)?;
        let given = |arg: &&clap::Arg| {
            let id = arg.get_id().as_str();
            let is_there = matches.ids().any(|known| known.as_str() == id);
            is_there && matches.value_source(id) == Some(ValueSource::CommandLine)
        };
        let option = {
            let mut of_run = command.get_arguments().filter(|arg| !arg.is_global_set());
            let found = of_run.find(given).and_then(|arg| arg.get_long());
            found.map(str::to_owned)
        };
        if let (Some(name), Some(option)) = (matches.subcommand_name(), option) {
            let why = format!(
                "'--{option}' before '{name}' is an option of 'run': write it behind '{name}', if that has it"
            );
            // As where the parser of a value says what would be right.
            return Err(command.error(clap::error::ErrorKind::ValueValidation, why));
        }
        Self::from_arg_matches(&matches)
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Measure, judge the claims and print a summary; what happens without a command
    #[command(after_help = AFTER_HELP)]
    Run(Box<RunArgs>),
    /// Run a file of your own, with the branches of your program: join or spawn?
    ///
    /// The file has the branches of a workload, and lies where it likes; `harness new workload NAME` writes a first
    /// one. It is compiled for each runtime and its branches are run one after the other, joined and spawned. Prints
    /// which thread ran which branch and when, what each took, what kind of situation that is, and what to do.
    #[command(after_help = own::AFTER_TRY)]
    Try(Box<TryArgs>),
    /// Write a first file for `harness try`, or a first adapter for a runtime
    New(NewArgs),
    /// Try what each adapter declares of its runtime, and say what was not so
    ///
    /// An adapter promises, for example, on how many threads its runtime runs what is spawned. Each promise is
    /// tried in a process of its own. Prints how many were kept, which were broken and how, and a table of
    /// what was seen: where panics go, what dropping a handle does, and so on.
    #[command(after_help = AFTER_VERIFY)]
    Verify(VerifyArgs),
    /// Show the runtimes, the scenarios and the claims
    List(ListArgs),
    /// Print the request for one measurement, to run its adapter by hand
    ///
    /// The cell is named `RUNTIME[:FLAVOUR][@WORKERS]/SCENARIO/PRIMITIVE[@BRANCHES][/worker]`. Pipe the
    /// line into the adapter to run the cell by hand, under a profiler for example.
    Describe(DescribeArgs),
    /// Compare a cell with itself many times over, to see how often the method errs
    ///
    /// Every comparison is a series of blocks of its own, judged as a claim is. It prints how often a
    /// difference was seen where there is none, and, with --slower, how often and how soon where there is
    /// one. The wall times are recorded in a file under --results.
    Control(ControlArgs),
    /// Print the summary of a recorded run again, or all of it with --details
    Report(ReportArgs),
    /// Check that records are whole and sound, and say everything that is wrong with them
    #[command(after_help = check::AFTER_HELP)]
    Check(CheckArgs),
    /// Draw which thread was inside which branch, and when, in a recorded measurement
    ///
    /// Each lane is an OS thread, each letter a branch. Several cells share one time axis: `smol/digest/compose
    /// smol/digest/spawn`. A cell keeps the polls of its first round.
    Timeline(TimelineArgs),
    /// Write a recorded measurement as a trace for ui.perfetto.dev or chrome://tracing
    ///
    /// A process a cell, a lane an OS thread, a slice a poll, and an arrow from where a branch was handed to
    /// the runtime to its first poll.
    Trace(TraceArgs),
    /// Say how long a branch must compute before spawning it pays
    ///
    /// And how small a piece of work may be. `harness run --scenario length,pieces --runtime NAME` records both:
    /// branches that compute for 100 ns to 10 ms, joined and spawned, and the same work in ever more pieces.
    Crossing(CrossingArgs),
    /// Measure what a single join or spawn costs: time, allocations, instructions
    ///
    /// Each adapter's bench executable does each operation through the trait, and by hand in the runtime's own
    /// idiom: timed by criterion, in pairs; its allocations counted; and its instructions, under valgrind, where
    /// one thread executes. Before that each adapter's promises are tried, as by `harness verify`; one that
    /// breaks any is not counted.
    #[command(after_help = costs::AFTER_COSTS)]
    Costs(CostsArgs),
    /// Move a run into the published results, and make what is derived from them again
    ///
    /// The run's folder becomes `results/<date>-<machine class>/`. Derived are the sections between markers
    /// in README.md, results/README.md and docs, the page and the pictures.
    #[command(after_help = publish::AFTER_PUBLISH)]
    Publish(PublishArgs),
    /// Put runs of several machines together, and shares of runs: on how many machines does each claim hold?
    #[command(after_help = merge::AFTER_HELP)]
    Merge(MergeArgs),
    /// Compare two runs, or two runtimes of a run: what became slower, and by how much?
    #[command(after_help = compare::AFTER_HELP)]
    Compare(compare::CompareArgs),
    /// Write the samples of recorded runs as a table for other tools
    #[command(after_help = export::AFTER_HELP)]
    Export(export::ExportArgs),
    /// Build adapters and put them into a folder, for machines without cargo
    Build(BuildArgs),
    /// Print the JSON Schema of `--format json`, or of a record
    Schema {
        /// Of which command
        #[arg(value_enum, default_value_t = SchemaOf::Run)]
        of: SchemaOf,
    },
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Where adapters come from.
#[derive(Args, Clone, Debug, Default)]
pub struct AdaptersFrom {
    /// Use the prebuilt adapters in this folder instead of building them with cargo
    #[arg(long, value_name = "DIR")]
    pub adapters: Option<PathBuf>,
}

/// How to print a report.
#[derive(Args, Clone, Debug)]
pub struct Output {
    /// Print the report in this form
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// The options of `verify`.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// Runtimes to verify [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',', action = ArgAction::Append)]
    pub runtime: Vec<String>,
    /// Start flavours with so many worker threads, where they take a number [default: one per core, at least two]
    #[arg(long, value_name = "N", value_delimiter = ',', allow_negative_numbers = true, value_parser = number(1_u32..=1024))]
    pub workers: Vec<u32>,
    /// Give up on a check that takes longer than this, and count the promise as broken [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub timeout: Option<Duration>,
    /// Where adapters come from.
    #[command(flatten)]
    pub from: AdaptersFrom,
    /// How to print it
    #[arg(long, value_enum, default_value_t = VerifyFormat::Table)]
    pub format: VerifyFormat,
    /// Print only the result, and no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// The options of `list`.
#[derive(Args, Clone, Debug)]
pub struct ListArgs {
    /// Where adapters come from.
    #[command(flatten)]
    pub from: AdaptersFrom,
    /// Print only the list, and no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// The options of `describe`.
#[derive(Args, Clone, Debug)]
pub struct DescribeArgs {
    /// The cell, for example smol/digest/spawn
    pub cell: String,
    /// The line that a running origin printed, for scenarios that talk to it
    #[arg(long, value_name = "JSON")]
    pub origin: Option<String>,
    /// A number that the work depends on, so that no answer is known beforehand
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = number(0..=u64::MAX))]
    pub seed: u64,
    /// How many samples to measure in the process
    #[arg(long, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = number(1_u32..=1_000_000))]
    pub samples: u32,
    /// Where adapters come from.
    #[command(flatten)]
    pub from: AdaptersFrom,
    /// Print only the request, and no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// The options of `report`.
#[derive(Args, Clone, Debug)]
pub struct ReportArgs {
    /// The folder that the run was recorded in, such as results/20260102T030405-abcd
    pub folder: PathBuf,
    /// How to print.
    #[command(flatten)]
    pub output: Output,
    /// Print everything instead of the summary: each claim's evidence, every scenario, every prediction
    #[arg(long)]
    pub details: bool,
}

/// The options of `build`.
#[derive(Args, Clone, Debug)]
pub struct BuildArgs {
    /// Runtimes to build [default: all]
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub runtime: Vec<String>,
    /// The folder to put them into
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Print only errors, and no progress
    #[arg(long, short)]
    pub quiet: bool,
}

/// How to print a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// One document; `harness schema` describes it.
    Json,
    /// One row for each cell.
    Csv,
    /// For a README or an issue.
    Markdown,
}

/// How to print what came of promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// For people.
    Table,
    /// One document; `harness schema verify` describes it.
    Json,
    /// For a README or an issue.
    Markdown,
}

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The report of a run.
    Run,
    /// What `harness verify` prints.
    Verify,
    /// The files of a record.
    Bundle,
    /// What `harness merge` prints.
    Merge,
    /// What `harness compare` prints.
    Compare,
}

/// A shell that completion scripts are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bourne again.
    Bash,
    /// Elvish.
    Elvish,
    /// Friendly and interactive.
    Fish,
    /// PowerShell.
    #[value(name = "powershell")]
    PowerShell,
    /// Z.
    Zsh,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal that wants it.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<ColorWhen> for anstream::ColorChoice {
    fn from(when: ColorWhen) -> Self {
        match when {
            ColorWhen::Auto => Self::Auto,
            ColorWhen::Always => Self::Always,
            ColorWhen::Never => Self::Never,
        }
    }
}

/// The command with the runtimes' names filled in, for completion scripts.
#[must_use]
pub fn command_with_runtimes(names: &[String]) -> clap::Command {
    let fill = |command: clap::Command| {
        let names = names.to_vec();
        command.mut_arg("runtime", move |arg| {
            arg.value_parser(PossibleValuesParser::new(names))
        })
    };
    fill(Cli::command())
        .mut_subcommand("run", fill)
        .mut_subcommand("try", fill)
        .mut_subcommand("control", fill)
        .mut_subcommand("costs", fill)
        .mut_subcommand("verify", fill)
        .mut_subcommand("build", fill)
}

/// What is wrong with a command line, in one line: what, where, what to do instead.
#[must_use]
pub fn one_line(error: &clap::Error) -> String {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    let rendered = error.render().to_string();
    let first = rendered
        .lines()
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    // Clap lists what is missing on lines of its own.
    let first = match (first.strip_suffix(':'), error.get(ContextKind::InvalidArg)) {
        (Some(first), Some(ContextValue::Strings(missing))) => {
            format!("{first}: {}", missing.join(", "))
        }
        _ => first,
    };
    let strings = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => vec![one.clone()],
        Some(ContextValue::Strings(many)) => many.clone(),
        _ => Vec::new(),
    };
    let suggestion = [
        ContextKind::SuggestedValue,
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
    ]
    .into_iter()
    .find_map(|kind| strings(kind).into_iter().next());
    let known = strings(ContextKind::ValidValue);
    match suggestion {
        Some(suggestion) => format!("{first}; did you mean '{suggestion}'?"),
        None if !known.is_empty() => format!("{first}; there are {}", known.join(", ")),
        // The parser of the value has said what would be right.
        None if error.kind() == ErrorKind::ValueValidation => first,
        None => format!("{first}; `harness --help` shows what there is"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> Result<Cli, clap::Error> {
        Cli::read(["harness"].iter().chain(args))
    }

    fn error(args: &[&str]) -> String {
        one_line(&read(args).unwrap_err())
    }

    #[test]
    fn what_every_command_has_stands_before_it_or_behind() {
        for args in [
            &["--color", "never", "list"][..],
            &["--color=never", "list"],
            &["list", "--color", "never"],
            &["--color=always", "list", "--color=never"],
        ] {
            let cli = read(args).unwrap();
            assert_eq!(cli.color, ColorWhen::Never, "{args:?}");
            assert!(matches!(cli.command, Some(Command::List(_))));
        }
        insta::assert_snapshot!(error(&["--runtime", "smol", "--quiet", "verify"]), @"error: '--runtime' before 'verify' is an option of 'run': write it behind 'verify', if that has it");
        insta::assert_snapshot!(error(&["--quiet", "list"]), @"error: '--quiet' before 'list' is an option of 'run': write it behind 'list', if that has it");
    }

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
        command_with_runtimes(&["smol".to_owned()]).debug_assert();
    }

    #[test]
    fn a_bare_call_takes_the_options_of_run() {
        let bare = read(&["--runtime", "smol,tokio", "--workers", "1,2"]).unwrap();
        assert!(bare.command.is_none());
        assert_eq!(
            (bare.run.runtime, bare.run.workers),
            (
                vec!["smol".into(), "tokio".into()],
                [1, 2].map(WorkersArg::Number).to_vec()
            )
        );
        assert!(matches!(
            read(&["run"]).unwrap().command,
            Some(Command::Run(_))
        ));
    }

    #[test]
    fn a_wrong_word_is_one_line_with_the_nearest_right_one() {
        insta::assert_snapshot!(error(&["--scenario", "tmers"]), @"error: invalid value 'tmers' for '--scenario <NAME>'; did you mean 'timers'?");
        insta::assert_snapshot!(error(&["--primitive", "joni"]), @"error: invalid value 'joni' for '--primitive <NAME>'; there are sequential, compose, spawn, dispatch, spawn_blocking");
        insta::assert_snapshot!(error(&["--runtme", "smol"]), @"error: unexpected argument '--runtme' found; did you mean '--runtime'?");
        insta::assert_snapshot!(error(&["lst"]), @"error: unrecognized subcommand 'lst'; did you mean 'list'?");
        insta::assert_snapshot!(error(&["--format", "xml"]), @"error: invalid value 'xml' for '--format <FORMAT>'; there are table, json, csv, markdown");
        insta::assert_snapshot!(error(&["describe"]), @"error: the following required arguments were not provided: <CELL>; `harness --help` shows what there is");
        insta::assert_snapshot!(error(&["--runtime"]), @"error: a value is required for '--runtime <NAME>' but none was supplied; `harness --help` shows what there is");
    }

    #[test]
    fn a_bad_number_is_one_line_that_says_what_is_a_good_one() {
        insta::assert_snapshot!(error(&["--workers", "0"]), @"error: invalid value '0' for '--workers <N|physical|default>': write a whole number from 1 to 1024, `physical` or `default`");
        insta::assert_snapshot!(error(&["--workers", "2,many"]), @"error: invalid value 'many' for '--workers <N|physical|default>': write a whole number from 1 to 1024, `physical` or `default`");
        insta::assert_snapshot!(error(&["--branches", "-3"]), @"error: invalid value '-3' for '--branches <N>': write a whole number from 1 to 10000");
        insta::assert_snapshot!(error(&["--seed", "x"]), @"error: invalid value 'x' for '--seed <N>': write a whole number from 0 to 18446744073709551615");
        insta::assert_snapshot!(error(&["--rounds", "some"]), @"error: invalid value 'some' for '--rounds <N|auto>': write a whole number from 1 to 100000, or `auto`");
        insta::assert_snapshot!(error(&["--rounds", "-1"]), @"error: invalid value '-1' for '--rounds <N|auto>': write a whole number from 1 to 100000, or `auto`");
        insta::assert_snapshot!(error(&["--budget", "10"]), @"error: invalid value '10' for '--budget <TIME>': write a time with its unit, such as 10s or 2m");
        insta::assert_snapshot!(error(&["--timeout", "18446744073709551615s"]), @"error: invalid value '18446744073709551615s' for '--timeout <TIME>': write a time from 1ms to 1d, such as 10s or 2m");
        insta::assert_snapshot!(error(&["--budget", "0s"]), @"error: invalid value '0s' for '--budget <TIME>': write a time from 1ms to 30d, such as 10s or 2m");
        for wrong in [
            "0/4",
            "5/4",
            "3",
            "3/",
            "+3/4",
            "3/4/5",
            "1/100001",
            "count:1/2",
        ] {
            let said = error(&["--partition", wrong]);
            assert_eq!(
                said,
                format!(
                    "error: invalid value '{wrong}' for '--partition <M/N|auto>': write which share of how many, such as \
                     3/16; there are up to 100000; or `auto`"
                )
            );
        }
    }
}
