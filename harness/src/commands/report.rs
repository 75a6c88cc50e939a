//! `harness report`: a recorded run, printed again.

use std::process::ExitCode;

use super::Usage;
use crate::cli::ReportArgs;
use harness_record::bundle::Bundle;
use harness_report::Report;

/// Prints the report of a record.
///
/// # Errors
///
/// What is wrong with the record.
pub fn run(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    let bundle = Bundle::read(&args.folder).map_err(|error| Usage(format!("{error:#}")))?;
    let how = (&args.output, args.details);
    super::run::print(&bundle, &Report::of(&bundle), &args.folder, how)?;
    Ok(ExitCode::SUCCESS)
}
