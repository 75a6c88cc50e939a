//! `harness compare`: one run held against another.

use crate::compare::{self, Basis, Of, Side, print};
use harness::cli::compare::{CompareArgs, CompareFormat};
use harness::commands::{Usage, VERDICT, want_cells};
use harness_measure::progress::tell;
use harness_record::bundle::Bundle;
use harness_report::{recorded, screen};
use std::{ffi::OsStr, process::ExitCode};

/// Compares and prints.
///
/// # Errors
///
/// What is wrong with a record, or why the two cannot be compared (exit code 2).
pub(super) fn run(args: &CompareArgs) -> anyhow::Result<ExitCode> {
    let usage = |why: String| anyhow::Error::from(Usage(why));
    let read = |text: &OsStr| {
        let side = Side::parse(text).map_err(usage)?;
        let bundle = Bundle::read(&side.folder).map_err(|error| usage(format!("{error:#}")))?;
        want_cells(&side.folder, &bundle)?;
        anyhow::Ok((recorded::name(&side.folder), side, bundle))
    };
    let (name_a, side_a, a) = read(&args.a)?;
    let (name_b, side_b, b) = read(&args.b)?;
    let same_run = side_a.folder.canonicalize()? == side_b.folder.canonicalize()?;
    let one = Of {
        name: &name_a,
        bundle: &a,
        choice: &side_a.choice,
    };
    let two = Of {
        name: &name_b,
        bundle: &b,
        choice: &side_b.choice,
    };
    let found = compare::compare(one, two, same_run).map_err(usage)?;
    if args.fail_on.is_some() && found.basis == Basis::Machines {
        return Err(usage(
            "--fail-on wants times, and these runs are of two machines: compare runs of one"
                .to_owned(),
        ));
    }
    match args.format {
        CompareFormat::Table => screen::show(&print::terminal(&found, args.all))?,
        CompareFormat::Markdown => screen::say(&print::markdown(&found, args.all))?,
        CompareFormat::Json => {
            screen::say(&format!("{}\n", serde_json::to_string_pretty(&found)?))?;
        }
    }
    let Some(share) = args.fail_on else {
        return Ok(ExitCode::SUCCESS);
    };
    let regressions = found.regressions(share);
    if found.comparisons == 0 && regressions.is_empty() {
        return Err(usage(
            "--fail-on can tell nothing: no cell has rounds enough on both sides; record with --rounds 20 or more"
                .to_owned(),
        ));
    }
    for row in &regressions {
        if let Some(why) = row.reason.as_ref().filter(|_| row.broke) {
            tell(&format!("regression: {} failed: {why}", row.cell));
            continue;
        }
        tell(&format!(
            "regression: {} is slower by at least {:.1} %",
            row.cell,
            100.0 * (row.low.unwrap_or(1.0) - 1.0)
        ));
    }
    Ok(if regressions.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(VERDICT)
    })
}
