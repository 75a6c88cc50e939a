//! `harness merge`: several runs, one report.

use crate::merge::{Merged, print};
use harness::cli::{MergeArgs, MergeFormat};
use harness::commands::{Usage, want_cells};
use harness_report::{recorded::Recorded, screen};
use std::process::ExitCode;

/// Joins the records and prints what they say together.
///
/// # Errors
///
/// What is wrong with a record (exit code 2).
pub(super) fn run(args: &MergeArgs) -> anyhow::Result<ExitCode> {
    let records = args
        .folders
        .iter()
        .map(|folder| Recorded::read(folder).map_err(|error| Usage(format!("{error:#}"))))
        .collect::<Result<Vec<Recorded>, Usage>>()?;
    // One among others is passed over, and alone there is nothing to say.
    if let [folder] = &args.folders[..] {
        want_cells(folder, &records[0].bundle)?;
    }
    let merged = Merged::of(&records);
    match args.format {
        MergeFormat::Table => screen::show(&print::text(&merged))?,
        MergeFormat::Json => screen::say(&format!("{}\n", serde_json::to_string_pretty(&merged)?))?,
        MergeFormat::Markdown => screen::say(&print::markdown(&merged, &str::to_owned))?,
    }
    Ok(ExitCode::SUCCESS)
}
