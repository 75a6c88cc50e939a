//! The subcommands of the second program, a file each.

use std::process::ExitCode;

use anyhow::bail;
use harness::cli::{Command, SchemaOf};
use harness_report::screen::say;

use crate::schemas;

mod compare;
mod completions;
mod control;
mod export;
mod merge;
mod publish;
mod trace;

/// Does what the first program leaves to this one.
///
/// # Errors
///
/// As the subcommand.
pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Control(args) => control::run(&args),
        Command::Trace(args) => trace::run(&args),
        Command::Publish(args) => publish::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Completions { shell } => completions::run(shell),
        Command::Schema { of } => {
            let schema = match of {
                SchemaOf::Run => schemas::report(),
                SchemaOf::Verify => schemas::verification(),
                SchemaOf::Bundle => schemas::bundle(),
                SchemaOf::Merge => schemas::merged(),
                SchemaOf::Compare => schemas::comparison(),
            };
            say(&format!("{schema}\n")).map(|()| ExitCode::SUCCESS)
        }
        other => bail!("{other:?} is a command of the first program"),
    }
}
