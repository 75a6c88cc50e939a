//! `harness verify`: do the adapters keep what they promise?

use super::{FAILED, INTERRUPTED, Workbench, chosen, introduce, open, run::host, workers};
use crate::cli::{VerifyArgs, VerifyFormat};
use harness_judge::standing::{Standing, Verification};
use harness_measure::{
    child::Limits,
    progress::Progress,
    verify::{self, VerifyTools},
};
use harness_protocol::Root;
use harness_record::{
    bundle,
    plan::{Options, Plan, Rounds},
};
use harness_report::{promises, screen};
use std::process::ExitCode;

/// Tries every check of every flavour, and prints what came of it.
///
/// # Errors
///
/// What the user can mend (exit code 2).
pub fn run(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let Workbench {
        interrupt,
        adapters,
        how,
    } = open(args.from.adapters.as_deref(), args.quiet)?;
    let progress = Progress::new(args.quiet);
    let tools = VerifyTools {
        timeout: args.timeout,
        interrupt: &interrupt,
        progress: &progress,
    };
    let (host, _) = host(&adapters);
    let mut standings = Vec::new();
    for entry in chosen(&adapters, &args.runtime)? {
        let met = introduce(&adapters, entry, &how, &Limits::default(), &interrupt, true);
        // What is known by then is printed.
        if interrupt.is_raised() {
            break;
        }
        let met = met?;
        let entrant = met.entrant;
        let version = entrant.version.as_deref();
        let why = entrant
            .unavailable
            .as_deref()
            .unwrap_or("it did not say why");
        let Some(adapter) = met.adapter else {
            standings.push(Standing::speechless(&entrant.name, version, why));
            continue;
        };
        if entrant.flavours.is_empty() {
            standings.push(Standing::absent(&entrant.name, version, why));
            continue;
        }
        progress.verifying(&entrant.name);
        // Two workers tell sharing from none, on one core too.
        let plan = Plan::new(&[entrant], &options(args), host.cores.max(2));
        let demands = adapter.demands.demands();
        for config in &plan.configs {
            let checks: Vec<&str> = config
                .checks
                .iter()
                .map(|check| check.name.as_str())
                .collect();
            let mut tried = Vec::new();
            if config.unavailable.is_none() {
                verify::all(&adapter, config, &checks, &tools, |one| {
                    tried.push(one);
                    Ok(())
                })?;
            }
            let standing = Standing::of(config, &tried, "stopped before it");
            standings.push(standing.demanding(&demands));
        }
    }
    progress.done();

    let document = Verification::of(host, bundle::command(), standings);
    print(&document, args)?;
    Ok(ExitCode::from(if interrupt.is_raised() {
        INTERRUPTED
    } else if document.kept {
        0
    } else {
        FAILED
    }))
}

/// Nothing is measured: this only says which configurations there are.
fn options(args: &VerifyArgs) -> Options {
    Options {
        scenarios: Vec::new(),
        primitives: Vec::new(),
        workers: workers(&args.workers),
        own_workers: false,
        blocking_threads: None,
        cpus: None,
        branches: None,
        rounds: Rounds::Budget,
        budget_ms: None,
        timeout_ms: None,
        seed: 0,
        root: Root::BlockOn,
        unverified: false,
        partition: None,
        costs: None,
    }
}

fn print(document: &Verification, args: &VerifyArgs) -> anyhow::Result<()> {
    let standings = &document.configurations;
    match args.format {
        VerifyFormat::Table => screen::show(&promises::text(standings, screen::terminal_width())),
        VerifyFormat::Json => {
            screen::say(&format!("{}\n", serde_json::to_string_pretty(document)?))
        }
        VerifyFormat::Markdown => screen::say(&promises::markdown(standings)),
    }
}
