//! `harness build`: adapters into a folder, for machines without cargo.

use std::process::ExitCode;

use super::{Workbench, chosen, open};
use crate::cli::BuildArgs;
use harness_measure::adapters::export;
use harness_record::plan::BASELINE;
use workload_catalogue::SCENARIOS;

/// Builds and copies.
///
/// # Errors
///
/// The first adapter that does not build, or why the folder cannot be written.
pub fn run(args: &BuildArgs) -> anyhow::Result<ExitCode> {
    let Workbench { adapters, how, .. } = open(None, args.quiet)?;
    // Whoever takes the folder along asks for what he likes.
    let how = how.with(SCENARIOS.iter().map(|scenario| scenario.name));
    let mut wanted = chosen(&adapters, &args.runtime)?;
    // Calibration and the CPU claims need it.
    if let Some(baseline) = adapters
        .get(BASELINE)
        .filter(|b| wanted.iter().all(|w| w.name != b.name))
    {
        wanted.push(baseline);
    }
    let built = wanted
        .iter()
        .map(|entry| adapters.make(entry, &how))
        .collect::<Result<Vec<_>, _>>()?;
    export(&args.out, &built, &adapters.make_origin(&how)?)?;
    if !args.quiet {
        eprintln!(
            "{} adapters and the origin are in {}",
            built.len(),
            args.out.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}
