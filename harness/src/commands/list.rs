//! `harness list`: runtimes, scenarios and claims, a line each.

use super::{Workbench, chosen, introduce, open};
use crate::cli::ListArgs;
use harness_judge::claims::CLAIMS;
use harness_measure::child::Limits;
use harness_protocol::{Flavour, OnDrop, OnPanic, Threads, Workers};
use harness_record::{
    format::counted,
    lineage::kin,
    plan::{Entrant, pieces::PIECES},
};
use harness_report::screen;
use std::{fmt::Write as _, process::ExitCode};
use workload_catalogue::{Branches, SCENARIOS, SWEPT, Scenario, WIDTHS};

/// What the letters in predicates are.
const CLAIMS_HEADING: &str = "\nClaims, each with what must be measured for it to hold\n  \
    (n branches, each waiting for d and computing for c; k threads that run what is spawned)\n";

/// Prints the lists.
///
/// # Errors
///
/// When there are no adapters to list.
pub fn run(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let Workbench {
        interrupt,
        adapters,
        how,
    } = open(args.from.adapters.as_deref(), args.quiet)?;
    let mut out = String::from("Runtimes\n");
    let mut entrants = Vec::new();
    for entry in chosen(&adapters, &[])? {
        let limits = Limits::default();
        let met = introduce(&adapters, entry, &how, &limits, &interrupt, true)?;
        let absent = match met.adapter {
            Some(_) => "unavailable",
            None => "not heard",
        };
        runtime(&mut out, &met.entrant, absent);
        entrants.push(met.entrant);
    }
    for kin in kin(&entrants) {
        let _ = writeln!(out, "  {}", kin.sentence());
    }
    out.push_str("\nScenarios\n");
    for scenario in SCENARIOS.iter().filter(|s| s.group().is_none()) {
        let _ = writeln!(out, "  {:<20} {}", scenario.name, about(scenario));
    }
    out.push_str("\nField cases, situations that people met: run by `--scenario field` or by name, not by `all`\n");
    for (scenario, source) in SCENARIOS.iter().filter_map(|s| Some((s, s.source?))) {
        let _ = writeln!(
            out,
            "  {:<24} {}\n  {:<24} {source}",
            scenario.name,
            about(scenario),
            ""
        );
    }
    out.push_str("\nLengths, to find out from where on spawning pays: run by `--scenario length` or by name, not by `all`\n");
    for scenario in SCENARIOS.iter().filter(|s| s.branches == Branches::Swept) {
        let _ = writeln!(out, "  {:<20} {}", scenario.name, about(scenario));
    }
    out.push_str(
        "\nEver more branches: run by `--scenario scale`, `connections` or by name, not by `all`\n",
    );
    let many = |s: &&Scenario| matches!(s.branches, Branches::Decades(_));
    for scenario in SCENARIOS.iter().filter(many) {
        let _ = writeln!(out, "  {:<20} {}", scenario.name, about(scenario));
    }
    out.push_str("\nRecursions that fork: run by `--scenario fork` or by name, not by `all`\n");
    for scenario in SCENARIOS.iter().filter(|s| s.recursion().is_some()) {
        let _ = writeln!(out, "  {:<20} {}", scenario.name, about(scenario));
    }
    out.push_str(
        "\nWays to put the same branches together: run by `--scenario idioms` or by name, not by `all`\n",
    );
    for scenario in SCENARIOS.iter().filter(|s| s.is_idiom()) {
        let _ = writeln!(out, "  {:<29} {}", scenario.name, about(scenario));
    }
    out.push_str(CLAIMS_HEADING);
    for claim in CLAIMS {
        let _ = writeln!(
            out,
            "  {:<30} {}\n  {:<30} {}",
            claim.id, claim.sentence, "", claim.predicate
        );
    }
    screen::say(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// One runtime, and what is said of it where it cannot run.
fn runtime(out: &mut String, entrant: &Entrant, absent: &str) {
    let version = entrant.version.as_deref().unwrap_or("");
    let name = format!("{} {version}", entrant.name);
    if let Some(why) = &entrant.unavailable {
        let _ = writeln!(out, "  {name:<20} {absent}: {why}");
        return;
    }
    for flavour in &entrant.flavours {
        let _ = writeln!(out, "  {name:<20} {:<16} {}", flavour.name, flavour.summary);
        let more = match &flavour.unavailable {
            Some(why) => format!("unavailable: {why}"),
            None => declared(flavour),
        };
        let _ = writeln!(out, "  {:<20} {:<16} {more}", "", "");
    }
}

/// What a flavour declares of itself, in a line.
fn declared(flavour: &Flavour) -> String {
    let s = &flavour.semantics;
    let mut parts = vec![format!("spawn on {}", threads(s.spawn))];
    if let Some(dispatch) = s.dispatch {
        let does = s.dispatched.map_or_else(String::new, |of| {
            format!(" ({}, {})", drops(of.on_drop), panics(of.on_panic))
        });
        parts.push(format!("dispatch on {}{does}", threads(dispatch)));
    }
    parts.push(format!("blocking on {}", threads(s.blocking)));
    let dropped = drops(s.on_drop);
    let panic = panics(s.on_panic);
    let first = if s.polls_at_once {
        "first poll at once"
    } else {
        "first poll queued"
    };
    parts.extend([dropped, panic, first].map(str::to_owned));
    if s.preemptive {
        parts.push("preemptive".to_owned());
    }
    if s.threads_outlive_root {
        parts.push("threads stay".to_owned());
    }
    if flavour.workers == Workers::PerCore {
        parts.push("takes --workers".to_owned());
    }
    if !flavour.lacks.is_empty() {
        let lacks: Vec<&str> = flavour.lacks.iter().map(|lack| lack.name()).collect();
        parts.push(format!("has no {} of its own", lacks.join(", ")));
    }
    if !flavour.breaks.is_empty() {
        parts.push(format!("breaks {}", flavour.breaks.join(", ")));
    }
    parts.join(", ")
}

fn drops(on_drop: OnDrop) -> &'static str {
    match on_drop {
        OnDrop::Detaches => "drop detaches",
        OnDrop::Cancels => "drop cancels",
    }
}

fn panics(on_panic: OnPanic) -> &'static str {
    match on_panic {
        OnPanic::ReachesAwaiter => "panic reaches the awaiter",
        OnPanic::ReachesAwaiterWithoutPayload => "panic reaches the awaiter, its payload lost",
        OnPanic::KillsExecutor => "panic ends the executor",
    }
}

fn threads(threads: Threads) -> String {
    match threads {
        Threads::Fixed(1) => "1 thread".to_owned(),
        Threads::Fixed(n) => format!("{n} threads"),
        Threads::Workers => "one thread per worker".to_owned(),
        Threads::UpToWorkers => "up to one thread per worker".to_owned(),
        Threads::Branches => "one thread per branch".to_owned(),
    }
}

fn about(scenario: &Scenario) -> String {
    let branches = match scenario.branches {
        Branches::Of(n) => format!("{}, or --branches", counted(n, "branch")),
        Branches::PerCore => "one branch per core, or --branches".to_owned(),
        Branches::Exactly(n) => counted(n, "branch"),
        Branches::AboveThreads(n) => {
            format!("two branches per thread that runs them, at least {n}, or --branches")
        }
        Branches::ThreadsAndOne => "one branch more than threads that run them".to_owned(),
        Branches::Pieces => {
            let each: Vec<String> = PIECES.iter().map(ToString::to_string).collect();
            format!("{} branches per thread that runs them", each.join(", "))
        }
        Branches::Swept => {
            let each: Vec<String> = SWEPT.iter().map(ToString::to_string).collect();
            format!("{} branches, or --branches", each.join(", "))
        }
        Branches::Decades(most) => {
            format!("1, 10, 100 and so on to {most} branches, or --branches")
        }
        Branches::Sizes(recursion) => {
            let each: Vec<String> = recursion.sizes().iter().map(ToString::to_string).collect();
            let (name, each) = (recursion.size_name(), each.join(", "));
            format!("{name} {each}, or those up to --branches")
        }
        Branches::Widths(most) => {
            let each = WIDTHS.iter().filter(|n| **n <= most);
            let each: Vec<String> = each.map(ToString::to_string).collect();
            format!("{} branches, or --branches", each.join(", "))
        }
    };
    let roots = if scenario.both_roots {
        ", with the parent in block_on and in a task"
    } else {
        ""
    };
    format!("{} ({branches}{roots})", scenario.summary)
}
