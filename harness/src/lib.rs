//! The command line of the harness.
//!
//! [`cli`] says what can be asked, [`commands`] does what people ask in the first hour: measure, judge, print. What
//! is left (publish, compare and the like) wants heavy libraries, and is the second program's,
//! `harness-publish`, which has the same command line: [`commands::second`] builds it when it is first asked for, and hands over.
//! Both programs are [`main`].

pub mod cli;
pub mod commands;

use std::process::ExitCode;

use clap::error::ErrorKind;
use harness_measure::{child::survive_full_files, progress::tell};
use harness_record::text::shown;
use harness_report::screen;

use cli::{Cli, Command};

/// Parses the command line and does what it says; what the second program is for is passed to `second`.
pub fn main(second: impl FnOnce(Command) -> anyhow::Result<ExitCode>) -> ExitCode {
    survive_full_files();
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ) =>
        {
            return match screen::written(error.print()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(why) => failed(&why),
            };
        }
        Err(error) => {
            tell(&shown(&cli::one_line(&error)));
            return ExitCode::from(commands::USAGE);
        }
    };
    screen::choose_colour(cli.color.into());
    let outcome = match cli.command.unwrap_or(Command::Run(Box::new(cli.run))) {
        Command::Run(args) => match &args.resume {
            Some(folder) => commands::resume::run(&args, folder),
            None => commands::run::run(&args),
        },
        Command::Verify(args) => commands::verify::run(&args),
        Command::List(args) => commands::list::run(&args),
        Command::Describe(args) => commands::describe::run(&args),
        Command::Report(args) => commands::report::run(&args),
        Command::Check(args) => commands::check::run(&args),
        Command::Timeline(args) => commands::timeline::run(&args),
        Command::Crossing(args) => commands::crossing::run(&args),
        Command::Costs(args) => commands::costs::run(&args),
        Command::Build(args) => commands::build::run(&args),
        Command::Try(args) => commands::own::run(&args),
        Command::New(args) => commands::new::run(&args),
        other => second(other),
    };
    outcome.unwrap_or_else(|error| failed(&error))
}

/// Says what went wrong, in one line.
fn failed(error: &anyhow::Error) -> ExitCode {
    tell(&shown(&format!("error: {error:#}")));
    commands::exit_code(error)
}
