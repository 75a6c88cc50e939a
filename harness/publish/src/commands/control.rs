//! `harness control`: how often the harness sees a difference where there is none, and how soon where
//! there is one.

use crate::trials::{self, Log, Record};
use anyhow::{Context as _, anyhow};
use harness::cli::ControlArgs;
use harness::commands::{
    INTERRUPTED, Usage, Workbench, open,
    run::{host, participants, recorded, seed, want_folder},
};
use harness_measure::{
    child::Limits,
    progress::Progress,
    run::{RunTools, steps_of},
    scratch::Scratch,
};
use harness_record::{
    bundle::{self, Bundle, Event, Header},
    plan::{Options, Rounds},
};
use harness_report::screen;
use std::process::ExitCode;
use workload_catalogue::scenario;

/// Measures, or reads a record, and prints what it says.
///
/// # Errors
///
/// What the user can mend (exit code 2), or the round that went wrong.
pub(super) fn run(args: &ControlArgs) -> anyhow::Result<ExitCode> {
    if let Some(path) = &args.record {
        let record = Record::read(path).map_err(|error| Usage(format!("{error:#}")))?;
        screen::say(&trials::print::of(
            &record,
            args.of as usize,
            args.disturbed,
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    want_folder(&args.results)?;
    let facts = scenario(&args.scenario).context("the scenario is in the catalogue")?;
    if facts.work_ms <= 0.0 && !args.slower.is_empty() {
        return Err(Usage(format!(
            "--slower gives branches more steps, and those of {} only wait; digest computes",
            facts.name
        ))
        .into());
    }
    let Workbench {
        interrupt,
        adapters,
        how,
    } = open(args.from.adapters.as_deref(), args.quiet)?;
    let how = how.with([facts.name]);
    let progress = Progress::new(args.quiet);
    let participants = participants(
        &adapters,
        &args.runtime,
        &[],
        &how,
        &Limits::default(),
        &interrupt,
        &progress,
    )?;
    let (host, remark) = host(&adapters);
    if let Some(remark) = remark {
        progress.say(&remark);
    }
    let seed = args.seed.unwrap_or_else(seed);
    let options = Options {
        scenarios: vec![args.scenario.clone()],
        primitives: vec![args.primitive],
        workers: Vec::new(),
        own_workers: false,
        blocking_threads: None,
        cpus: None,
        branches: None,
        rounds: Rounds::Fixed(args.blocks as usize),
        budget_ms: None,
        timeout_ms: None,
        seed,
        root: harness_protocol::Root::BlockOn,
        unverified: true,
        partition: None,
        costs: None,
    };
    let mut bundle = Bundle::new(Header::now(
        host,
        options,
        participants.entrants,
        Vec::new(),
    ));
    let cells: Vec<_> = bundle.plan.cells().cloned().collect();
    if cells.is_empty() {
        return Err(Usage(format!(
            "none of these runtimes has {} by {} here",
            args.scenario,
            harness_record::cell::primitive_name(args.primitive)
        ))
        .into());
    }
    // For the scenarios' files.
    let folder = Scratch::new()?;
    let tools = RunTools {
        adapters: &participants.built,
        origin: None,
        folder: folder.path(),
        interrupt: &interrupt,
        timeout: None,
        progress: &progress,
        answered: &|_, _| (),
    };
    if facts.work_ms > 0.0 {
        let (steps, step_ns) = steps_of(&bundle, &tools, facts)
            .map_err(|why| anyhow!("the steps of {} could not be calibrated: {why}", facts.name))?;
        bundle.add(Event::Steps {
            scenario: facts.name.to_owned(),
            steps,
            step_ns,
        });
    }
    let header = &bundle.header;
    let mut record = Record {
        schema: trials::SCHEMA,
        started: header.started.clone(),
        command: header.command.clone(),
        host: header.host.clone(),
        cores: header.cores,
        seed,
        steps: bundle.steps.get(facts.name).copied().unwrap_or(0),
        slower: args.slower.clone(),
        comparisons: (0..args.comparisons as usize)
            .map(|i| cells[i % cells.len()].clone())
            .collect(),
        blocks: Vec::new(),
    };
    progress.say(&format!(
        "{} comparisons of {} blocks, {} rounds a block, on {} cells; seed {seed}",
        args.comparisons,
        args.blocks,
        2 + args.slower.len(),
        cells.len().min(args.comparisons as usize)
    ));
    let name = format!("control-{}", bundle::name(&record.started, seed));
    let mut log = Log::begin(&args.results, &name, &record)?;
    let measured = trials::measure::run(
        &mut record,
        &mut log,
        &bundle,
        &tools,
        args.blocks as usize,
        args.repeats as usize,
    );
    progress.done();
    let measured = match measured {
        Err(error) if record.blocks.is_empty() => return Err(error),
        measured => measured,
    };
    let printed = screen::say(&trials::print::of(
        &record,
        args.of as usize,
        args.disturbed,
    ));
    recorded(measured, log.path(), &progress)?;
    printed?;
    Ok(ExitCode::from(if interrupt.is_raised() {
        INTERRUPTED
    } else {
        0
    }))
}
