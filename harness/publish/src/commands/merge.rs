//! `harness merge`: several runs, and shares of runs, one report.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::bail;

use crate::{
    merge::{Merged, Merging, print},
    shares::{Joined, Shares},
};
use harness::cli::{MergeArgs, MergeFormat};
use harness::commands::{FAILED, Usage, want_cells};
use harness_judge::check::check;
use harness_measure::progress::tell;
use harness_record::bundle::{Header, assemble};
use harness_report::{recorded::Recorded, screen};

/// A run, or the shares of one.
#[derive(Debug)]
enum Part {
    Run(PathBuf),
    Shares(Box<Shares>),
}

/// Joins the records and prints what they say together.
///
/// # Errors
///
/// What is wrong with a record (exit code 2), or that a joined one could not be written.
pub(super) fn run(args: &MergeArgs) -> anyhow::Result<ExitCode> {
    let parts = parts(&args.folders).map_err(usage)?;
    let mut merging = Merging::default();
    let mut missing = 0;
    for part in parts {
        let recorded = match part {
            Part::Run(folder) => {
                let recorded = Recorded::read(&folder).map_err(usage)?;
                // One among others is passed over, and alone there is nothing to say.
                if args.folders.len() == 1 {
                    want_cells(&folder, &recorded.bundle)?;
                }
                recorded
            }
            Part::Shares(shares) => {
                let joined = shares.join().map_err(usage)?;
                for share in &joined.missing {
                    tell(&share.to_string());
                }
                missing += joined.missing.len();
                if let (Some(out), []) = (&args.out, &joined.missing[..]) {
                    let folder = write(out, &joined)?;
                    tell(&format!(
                        "joined {} shares in {}",
                        joined.header.shares.len(),
                        folder.display()
                    ));
                }
                let name = joined.name();
                Recorded::of(name, joined.bundle())
            }
        };
        merging.add(&recorded);
    }
    let merged = merging.done();
    show(&merged, args.format)?;
    Ok(match missing {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(FAILED),
    })
}

fn show(merged: &Merged, format: MergeFormat) -> anyhow::Result<()> {
    match format {
        MergeFormat::Table => screen::show(&print::text(merged)),
        MergeFormat::Json => screen::say(&format!("{}\n", serde_json::to_string_pretty(merged)?)),
        MergeFormat::Markdown => screen::say(&print::markdown(merged, &str::to_owned)),
    }
}

fn usage(error: anyhow::Error) -> Usage {
    Usage(format!("{error:#}"))
}

/// Runs, and plans with the shares that there are of them, as they first came. A folder that is named twice counts once.
fn parts(folders: &[PathBuf]) -> anyhow::Result<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    'folders: for folder in folders {
        let Some(mut new) = Shares::of(Header::read(folder)?, folder) else {
            parts.push(Part::Run(folder.clone()));
            continue;
        };
        for part in &mut parts {
            if let Part::Shares(known) = part {
                match known.take_in(new)? {
                    None => continue 'folders,
                    Some(of_another_plan) => new = of_another_plan,
                }
            }
        }
        parts.push(Part::Shares(Box::new(new)));
    }
    Ok(parts)
}

/// Writes a joined record, if it is one: nothing in it was measured here, and what was may fit badly together.
fn write(out: &Path, joined: &Joined) -> anyhow::Result<PathBuf> {
    assemble(out, &joined.header, &joined.events, |draft| {
        match check(draft).problems.first() {
            None => Ok(()),
            Some(problem) => bail!("its shares do not fit together: {problem}"),
        }
    })
}
