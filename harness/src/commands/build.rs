//! `harness build`: adapters into a folder, for machines without cargo, and the harness with them.

use std::process::ExitCode;

use super::{Workbench, chosen, open, second};
use crate::cli::BuildArgs;
use harness_measure::{
    adapters::{carry, export},
    progress::tell,
};
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
    let scenarios: Vec<String> = SCENARIOS.iter().map(|s| s.name.to_owned()).collect();
    let how = how.with(scenarios.iter().map(String::as_str));
    let mut wanted = chosen(&adapters, &args.runtime)?;
    // Calibration and the CPU claims need the baseline; some scenarios, what is measured beside runtimes.
    for entry in adapters
        .get(BASELINE)
        .into_iter()
        .chain(adapters.beside(&scenarios))
    {
        if wanted.iter().all(|known| known.name != entry.name) {
            wanted.push(entry);
        }
    }
    let built = wanted
        .iter()
        .map(|entry| adapters.make(entry, &how))
        .collect::<Result<Vec<_>, _>>()?;
    let ourselves = second::both()?;
    export(&args.out, &built, &adapters.make_origin(&how)?)?;
    for program in &ourselves {
        carry(program, &args.out)?;
    }
    if !args.quiet {
        let names = built.iter().map(|adapter| adapter.name.clone());
        let programs = ourselves.iter().filter_map(|program| program.file_stem());
        let programs = programs.map(|name| name.to_string_lossy().into_owned());
        let all: Vec<String> = names
            .chain(["the origin".to_owned()])
            .chain(programs)
            .collect();
        tell(&format!("{} are in {}", all.join(", "), args.out.display()));
    }
    Ok(ExitCode::SUCCESS)
}
