//! `harness crossing`: where spawn begins to beat compose, and how small a piece of work may be, by recorded
//! sweeps over what a branch computes.

use super::Usage;
use crate::cli::{CrossingArgs, CrossingFormat};
use harness_judge::crossing::{self, pieces};
use harness_record::bundle::Bundle;
use harness_report::{screen, traced};
use std::{path::Path, process::ExitCode};

/// Prints the sweeps' ratios, where they cross 1, and the rules of thumb that follow.
///
/// # Errors
///
/// What is wrong with the record, or that it has no sweep.
pub fn run(args: &CrossingArgs) -> anyhow::Result<ExitCode> {
    let folder = match &args.from {
        Some(folder) => folder.clone(),
        None => traced::newest(Path::new("results")).map_err(Usage)?,
    };
    let bundle = Bundle::read(&folder).map_err(|error| Usage(format!("{error:#}")))?;
    let (crossings, splittings) = (crossing::crossings(&bundle), pieces::splittings(&bundle));
    if crossings.is_empty() && splittings.is_empty() {
        return Err(Usage(format!(
            "{} has no sweep: `harness run --scenario length,pieces --runtime NAME` records one",
            folder.display()
        ))
        .into());
    }
    let text = match args.format {
        CrossingFormat::Table => {
            let parts = [
                harness_report::crossing::text(&crossings),
                harness_report::pieces::text(&splittings),
            ];
            let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            parts.join("\n")
        }
        CrossingFormat::Json => {
            let all = serde_json::json!({ "crossings": crossings, "splittings": splittings });
            format!("{}\n", serde_json::to_string_pretty(&all)?)
        }
    };
    screen::say(&text)?;
    Ok(ExitCode::SUCCESS)
}
