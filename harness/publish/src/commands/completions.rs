//! `harness completions`: a script that completes the command line in a shell.

use std::process::ExitCode;

use clap_complete::generate;
use harness::cli::{self, Shell};
use harness_measure::adapters::Adapters;
use harness_report::screen;

/// Prints the script.
///
/// # Errors
///
/// When it cannot be written.
pub(super) fn run(shell: Shell) -> anyhow::Result<ExitCode> {
    // Outside a workspace there are no runtimes to name, and the rest completes all the same.
    let names: Vec<String> = Adapters::open(None)
        .map(|adapters| adapters.listed().map(|entry| entry.name.clone()).collect())
        .unwrap_or_default();
    let mut command = cli::command_with_runtimes(&names);
    let mut script = Vec::new();
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Elvish => clap_complete::Shell::Elvish,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::PowerShell => clap_complete::Shell::PowerShell,
        Shell::Zsh => clap_complete::Shell::Zsh,
    };
    generate(shell, &mut command, "harness", &mut script);
    screen::say(&script).map(|()| ExitCode::SUCCESS)
}
