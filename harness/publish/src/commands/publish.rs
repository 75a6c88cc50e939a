//! `harness publish`: a run into the published results, and everything that is derived from them.

use std::{env, process::ExitCode};

use anyhow::Context as _;

use crate::publish::{Allowed, Outcome, Place, Stays, Superseded};
use harness::cli::PublishArgs;
use harness::commands::FAILED;
use harness_measure::progress::tell;

/// Publishes a run, makes the derived files again, or checks them.
///
/// # Errors
///
/// What is wrong with the record or a marker (exit code 2), and what cannot be read or written.
pub(super) fn run(args: &PublishArgs) -> anyhow::Result<ExitCode> {
    let here = env::current_dir().context("the current directory is gone")?;
    let place = Place::around(&here)?;
    if args.check {
        let differences = place.check()?;
        for difference in &differences {
            tell(&format!(
                "error: {difference}; `harness publish --rebuild` makes it again"
            ));
        }
        let failed = if differences.is_empty() { 0 } else { FAILED };
        return Ok(ExitCode::from(failed));
    }
    let changed = match &args.folder {
        None => place.rebuild()?,
        Some(folder) => {
            let allowed = Allowed {
                dirty: args.dirty,
                paths: args.paths,
            };
            let published = place.publish(folder, allowed, args.keep)?;
            match published.outcome {
                Outcome::Added { name, left: None } => {
                    tell(&format!("published as results/{name}"));
                }
                Outcome::Added {
                    name,
                    left: Some(left),
                } => tell(&format!(
                    "published as results/{name}; {} holds other files, and is left",
                    left.display()
                )),
                Outcome::Known { name } => {
                    tell(&format!(
                        "results/{name} is this run: it was published before"
                    ));
                }
            }
            for gone in published.superseded {
                let Superseded { name, commit, .. } = gone;
                tell(&format!(
                    "removed results/{name}, which it supersedes; git has it: `git checkout {commit} -- results/{name}`"
                ));
            }
            for Stays { name, why } in published.stay {
                tell(&format!("results/{name} stays: {why}"));
            }
            published.changed
        }
    };
    for file in changed {
        tell(&format!("made {file}"));
    }
    Ok(ExitCode::SUCCESS)
}
