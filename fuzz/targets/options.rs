//! Command lines, an argument on each line: each is understood, or refused in one line.
#![no_main]

use clap::error::ErrorKind;
use harness::{
    cli::{Cli, Command, one_line},
    commands::run,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let arguments = std::iter::once("harness").chain(text.split('\n'));
    match Cli::read(arguments) {
        Ok(cli) => {
            // What is asked becomes what is recorded.
            if let Command::Run(args) = cli.command.unwrap_or(Command::Run(Box::new(cli.run))) {
                for runtimes in [0, 1, 5] {
                    drop(run::options(&args, runtimes));
                }
            }
        }
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            ) => {}
        Err(error) => {
            let line = one_line(&error);
            assert_eq!(line.lines().count(), 1, "one line: {line:?}");
            assert!(line.starts_with("error: "), "{line:?}");
        }
    }
});
