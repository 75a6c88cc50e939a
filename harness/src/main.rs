//! The command line of the harness: what it does lies in the library beside it.

use std::process::ExitCode;

use clap::{Parser as _, error::ErrorKind};
use harness::{
    adapters::Adapters,
    cli::{self, Cli, Command, SchemaOf},
    commands, screen,
};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ) =>
        {
            // A reader that closed the pipe has seen enough.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            anstream::eprintln!("{}", cli::one_line(&error));
            return ExitCode::from(commands::USAGE);
        }
    };
    screen::choose_colour(cli.color.into());
    let outcome = match cli.command.unwrap_or(Command::Run(Box::new(cli.run))) {
        Command::Run(args) => commands::run::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::List(args) => commands::list::run(&args),
        Command::Describe(args) => commands::describe::run(&args),
        Command::Control(args) => commands::control::run(&args),
        Command::Report(args) => commands::report::run(&args),
        Command::Check(args) => commands::check::run(&args),
        Command::Timeline(args) => commands::timeline::run(&args),
        Command::Trace(args) => commands::trace::run(&args),
        Command::Crossing(args) => commands::crossing::run(&args),
        Command::Costs(args) => commands::costs::run(&args),
        Command::Publish(args) => commands::publish::run(&args),
        Command::Merge(args) => commands::merge::run(&args),
        Command::Compare(args) => commands::compare::run(&args),
        Command::Export(args) => commands::export::run(&args),
        Command::Build(args) => commands::build::run(&args),
        Command::Schema { of } => {
            let schema = match of {
                SchemaOf::Run => harness::report::schema(),
                SchemaOf::Verify => harness::verify::schema(),
                SchemaOf::Bundle => harness::bundle::schema(),
                SchemaOf::Merge => harness::merge::schema(),
                SchemaOf::Compare => harness::compare::schema(),
            };
            screen::say(&format!("{schema}\n")).map(|()| ExitCode::SUCCESS)
        }
        Command::Completions { shell } => {
            // Outside a workspace there are no runtimes to name, and the rest completes all the same.
            let names: Vec<String> = Adapters::open(None)
                .map(|adapters| adapters.listed().map(|entry| entry.name.clone()).collect())
                .unwrap_or_default();
            let mut command = cli::command_with_runtimes(&names);
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "harness", &mut script);
            screen::say(&script).map(|()| ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(|error| {
        anstream::eprintln!("error: {error:#}");
        commands::exit_code(&error)
    })
}
