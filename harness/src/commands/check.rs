//! `harness check`: whether records are what their schema says, and possible.

use super::USAGE;
use crate::cli::CheckArgs;
use harness_judge::check::{Checked, NAMED, State, check};
use harness_measure::progress::tell;
use harness_record::text::shown;
use harness_report::screen;
use std::process::ExitCode;

/// Checks each record: a line for each that is sound on standard output, everything that is wrong on
/// standard error.
///
/// # Errors
///
/// When it cannot be said.
pub fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let names: Vec<String> = args
        .folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    let width = names
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0);
    let mut sound = true;
    for (folder, name) in args.folders.iter().zip(&names) {
        let Checked {
            problems,
            more,
            found,
        } = check(folder);
        for problem in &problems {
            tell(&shown(&format!("error: {problem}")));
        }
        if more > 0 {
            tell(&shown(&format!(
                "error: {name}: {more} more, after the first {NAMED}"
            )));
        }
        let Some(found) = found else {
            sound = false;
            continue;
        };
        let resumed = match found.resumed {
            0 => String::new(),
            1 => ", resumed once".to_owned(),
            times => format!(", resumed {times} times"),
        };
        let resumable =
            matches!(found.state, State::Stopped | State::Open) && !found.of_costs && !found.of_own;
        let resume = if resumable {
            ": `harness run --resume` would go on with it"
        } else {
            ""
        };
        let held = match found.costs {
            0 if !found.of_costs => {
                format!("{:>5} blocks  {:>6} rounds", found.blocks, found.rounds)
            }
            costs => format!("{costs:>5} findings of costs"),
        };
        screen::say(&format!(
            "{name:width$}  {held}  {}{resume}{resumed}\n",
            found.state
        ))?;
    }
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(USAGE)
    })
}
