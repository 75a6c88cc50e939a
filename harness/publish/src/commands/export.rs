//! `harness export`: the samples of recorded runs, for other tools.

use crate::export::{Run, parquet, text};
use harness::cli::export::{ExportArgs, ExportFormat};
use harness::commands::{Usage, want_cells, whole};
use harness_record::bundle::Bundle;
use harness_report::{recorded, screen};
use std::{io::IsTerminal as _, path::PathBuf, process::ExitCode};

/// Writes the samples of the records.
///
/// # Errors
///
/// What is wrong with a record (exit code 2), or that it could not be written.
pub(super) fn run(args: &ExportArgs) -> anyhow::Result<ExitCode> {
    if args.format == ExportFormat::Parquet
        && args.output.is_none()
        && std::io::stdout().is_terminal()
    {
        return Err(Usage(
            "Parquet is not for a terminal: name a file with -o FILE, or redirect".to_owned(),
        )
        .into());
    }
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut bundles: Vec<(String, Bundle)> = Vec::new();
    for folder in &args.folders {
        let bundle = Bundle::read(folder).map_err(|error| Usage(format!("{error:#}")))?;
        want_cells(folder, &bundle)?;
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.clone());
        if seen.contains(&whole) {
            let twice = format!("{} is named twice: name each run once", folder.display());
            return Err(Usage(twice).into());
        }
        seen.push(whole);
        let name = recorded::name(folder);
        // The name is the column that tells runs apart.
        if bundles.iter().any(|(known, _)| *known == name) {
            let alike = format!("two runs are called {name}: rename the folder of one");
            return Err(Usage(alike).into());
        }
        bundles.push((name, bundle));
    }
    let runs: Vec<Run<'_>> = bundles
        .iter()
        .map(|(name, bundle)| Run { name, bundle })
        .collect();
    let bytes = match args.format {
        ExportFormat::Csv => text::csv(&runs),
        ExportFormat::Markdown => text::markdown(&runs),
        ExportFormat::Json => text::json(&runs),
        ExportFormat::Parquet => parquet::of(&runs),
    }?;
    match &args.output {
        Some(file) => whole(file, &bytes)?,
        None => screen::say(&bytes)?,
    }
    Ok(ExitCode::SUCCESS)
}
