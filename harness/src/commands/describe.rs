//! `harness describe`: the request of a cell, to be piped into its adapter by hand.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use harness_protocol::{Origin, Request};
use workload_catalogue::{SCENARIOS, scenario};

use super::{
    Usage, Workbench, open,
    run::{Participants, participants},
    unknown,
};
use crate::cli::DescribeArgs;
use harness_measure::{
    child::Limits,
    host::describe,
    progress::{Progress, tell},
    run::{self, RunTools},
};
use harness_record::{
    bundle::{Bundle, Header},
    cell::{Cell, PartialCell},
    plan::{self, Options, Rounds},
};
use harness_report::screen;

/// Prints the request, and on standard error how to use it.
///
/// # Errors
///
/// What is wrong with the cell's name.
pub fn run(args: &DescribeArgs) -> anyhow::Result<ExitCode> {
    let partial: PartialCell = args.cell.parse().map_err(Usage)?;
    let Some(facts) = scenario(&partial.scenario) else {
        return Err(Usage(unknown(
            "scenario",
            &partial.scenario,
            SCENARIOS.iter().map(|s| s.name),
        ))
        .into());
    };
    if facts.is_own() {
        return Err(Usage(format!(
            "{} is a file of your own, and no adapter has it: `harness try FILE` builds one that does",
            facts.name
        ))
        .into());
    }
    let origin: Option<Origin> = match (&args.origin, facts.needs_origin) {
        (Some(line), _) => Some(serde_json::from_str(line).map_err(|error| {
            Usage(format!(
                "--origin `{line}` is not the line that an origin printed: {error}"
            ))
        })?),
        (None, true) => {
            return Err(Usage(format!(
                "{} talks to an origin: start one (`sleep inf | target/release/origin`, built by any run of the scenario) and pass the line that it prints as --origin LINE",
                facts.name
            ))
            .into());
        }
        (None, false) => None,
    };

    let Workbench {
        interrupt,
        adapters,
        how,
    } = open(args.from.adapters.as_deref(), args.quiet)?;
    let how = how.with([facts.name]);
    let progress = Progress::new(true);
    let Participants { entrants, built } = participants(
        &adapters,
        std::slice::from_ref(&partial.runtime),
        &[],
        &how,
        &Limits::default(),
        &interrupt,
        &progress,
    )?;
    let options = Options {
        scenarios: vec![facts.name.to_owned()],
        primitives: vec![partial.primitive],
        workers: partial.workers.into_iter().collect(),
        own_workers: false,
        blocking_threads: None,
        cpus: None,
        branches: partial.branches,
        rounds: Rounds::Budget,
        budget_ms: None,
        timeout_ms: None,
        seed: args.seed,
        root: partial.root.unwrap_or(harness_protocol::Root::BlockOn),
        unverified: true,
        partition: None,
        costs: None,
    };
    let header = Header::now(describe(), options, entrants, Vec::new());
    let mut bundle = Bundle::new(header);
    let cell = find(&bundle, &partial, &args.cell)?;

    // A lasting folder, since the request outlives this process.
    let folder = std::env::temp_dir().join("harness-by-hand");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let tools = RunTools {
        adapters: &built,
        origin: None,
        folder: &folder,
        interrupt: &interrupt,
        timeout: None,
        progress: &progress,
        answered: &|_, _| (),
    };
    if facts.work_ms > 0.0 {
        let steps = run::steps_of(&bundle, &tools, facts)
            .map_err(|why| anyhow!("the steps of {} could not be calibrated: {why}", facts.name))?;
        bundle.steps.insert(facts.name.to_owned(), steps.0);
    }
    let mut request = run::request(&cell, &bundle, &tools, args.seed);
    request.origin = origin;
    request.samples = args.samples as usize;
    let line = serde_json::to_string(&Request::Measure(Box::new(request)))?;
    screen::say(&format!("{line}\n"))?;
    if let Some(adapter) = built.get(&cell.id.runtime).filter(|_| !args.quiet) {
        tell(&format!(
            "{cell}: pipe this line into {}",
            adapter.program.path.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn find(bundle: &Bundle, partial: &PartialCell, text: &str) -> anyhow::Result<Cell> {
    if let Some(flavour) = &partial.flavour
        && bundle
            .plan
            .configs
            .iter()
            .all(|config| config.id.flavour != *flavour)
    {
        let flavours = bundle
            .plan
            .configs
            .iter()
            .map(|config| config.id.flavour.as_str());
        return Err(Usage(unknown(
            &format!("flavour of {}", partial.runtime),
            flavour,
            flavours,
        ))
        .into());
    }
    let config = bundle.plan.configs.iter().find(|config| {
        partial
            .flavour
            .as_ref()
            .is_none_or(|flavour| config.id.flavour == *flavour)
            && partial
                .workers
                .is_none_or(|workers| config.id.workers == workers)
    });
    let facts = scenario(&partial.scenario);
    let cell = config.zip(facts).and_then(|(config, facts)| {
        let n = plan::branches(facts, &bundle.header.options, bundle.plan.cores, config);
        config.cell(facts, partial.primitive, n)
    });
    cell.ok_or_else(|| {
        Usage(format!("{text}: this flavour has no such primitive or worker count here; `harness list` shows what it declares"))
            .into()
    })
}
