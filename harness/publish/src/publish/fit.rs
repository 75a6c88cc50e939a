//! Which runs are fit to be published: whole, of runtimes that keep their promises, made of a known state of the
//! code, and on a machine that was quiet enough.

use std::path::{Component, Path};

use harness_record::bundle::Bundle;
use harness_report::{
    Report,
    costs::{Costs, print},
    recorded::Recorded,
};

/// What finishes a run, and seals it.
const FINISH: &str = "`harness run --resume DIR` finishes it";
/// What cannot be finished.
const AGAIN: &str = "`harness costs` counts it again";

/// What the user lets pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allowed {
    /// A checkout with changes, or one that is not known.
    pub dirty: bool,
    /// Absolute paths in the command.
    pub paths: bool,
}

impl Allowed {
    /// Everything that can be allowed.
    pub(super) const ALL: Self = Self {
        dirty: true,
        paths: true,
    };
}

/// Whether a run may be published; else why not, and what to do instead.
pub(super) fn check(recorded: &Recorded, allowed: Allowed) -> Result<(), String> {
    if let Some(own) = recorded.bundle.plan.own() {
        return Err(format!(
            "it is of a file of somebody's own ({}), which nobody else has; a workload that others should see is a line in \
             the catalogue (docs/ADDING_A_WORKLOAD.md)",
            own.name
        ));
    }
    if let Some(partition) = recorded.bundle.header.options.partition {
        return Err(format!(
            "it is share {partition} of a plan; `harness merge DIR… --out results` joins it with the others"
        ));
    }
    let report = &recorded.report;
    let finish = match report.costs {
        Some(_) => AGAIN,
        None => FINISH,
    };
    match recorded.bundle.ended {
        Some(false) => {}
        Some(true) => return Err(format!("the run was stopped before its end; {finish}")),
        None => return Err(format!("the run was killed before its end; {finish}")),
    }
    if !recorded.bundle.sealed {
        return Err(format!(
            "it has no seal, so nobody can tell that it is as it was measured; {finish}"
        ));
    }
    of_promises(recorded)?;
    match &report.costs {
        Some(costs) => of_costs(costs)?,
        None => of_claims(report)?,
    }
    if !allowed.dirty {
        let Some(revision) = report.host.checkout() else {
            return Err(
                "it names no revision, so nobody can build what it measured; \
                        run it in a checkout, or with adapters of `harness build --out`, or give --dirty"
                    .into(),
            );
        };
        if report.host.dirty != Some(false) {
            return Err(format!(
                "its checkout had changes ({revision}), so nobody can build what it measured; \
                 commit and run it again, or give --dirty"
            ));
        }
    }
    if !allowed.paths
        && let Some(place) = report.command.iter().find(|word| names_a_place(word))
    {
        return Err(format!(
            "its command names a place of one machine, `{place}`; \
             run it with paths from the workspace, or give --paths"
        ));
    }
    Ok(())
}

/// Of runtimes that keep their promises, all that `harness verify` tries, on each configuration that was measured: that
/// each was tried is for `harness check` to see. Nothing else of a runtime that breaks one is worth reading.
fn of_promises(recorded: &Recorded) -> Result<(), String> {
    let (bundle, report) = (&recorded.bundle, &recorded.report);
    if report.unverified {
        return Err(
            "the run passed over the adapters' promises; run it without --unverified".into(),
        );
    }
    // Of an adapter that could not be built or asked there is no program.
    let speechless = bundle.header.entrants.iter().find(|entrant| {
        let mut programs = bundle.header.adapters.iter();
        programs.all(|made| made.runtime != entrant.name)
    });
    if let Some(entrant) = speechless {
        let why = entrant.unavailable.as_deref();
        return Err(format!(
            "{} fails verify: {}; {}",
            entrant.name,
            why.unwrap_or("it did not say who it is"),
            instead(bundle, &entrant.name)
        ));
    }
    let broken = report.broken().next();
    if let Some((standing, broken)) = broken.and_then(|s| Some((s, s.broken.first()?))) {
        return Err(format!(
            "{} fails verify: {}: {}; {}",
            standing.title(),
            broken.check,
            broken.why,
            instead(bundle, &standing.id.runtime)
        ));
    }
    Ok(())
}

/// What to do about a runtime that fails. What others are compared with, or stands beside them, is in every run.
fn instead(bundle: &Bundle, runtime: &str) -> &'static str {
    let mut entrants = bundle.header.entrants.iter();
    match entrants.any(|entrant| entrant.name == runtime && entrant.asked) {
        true => "mend it, or run the others alone",
        false => "mend it, and run it again",
    }
}

/// A run that judges claims: measured while the machine was quiet enough.
fn of_claims(report: &Report) -> Result<(), String> {
    if report.blocks == 0 {
        return Err("nothing was measured in it".into());
    }
    if 2 * report.disturbed_blocks >= report.blocks {
        return Err(format!(
            "other work disturbed {} of its {} blocks; run it on a quieter machine",
            report.disturbed_blocks, report.blocks
        ));
    }
    Ok(())
}

/// A run that counted what primitives cost. Nothing in it may have failed but to be run under valgrind, which not
/// every runtime can be; and like any other it wants a quiet machine.
fn of_costs(costs: &Costs) -> Result<(), String> {
    if let Some((one, failed)) = costs.broken() {
        return Err(format!(
            "{} {} failed: {}; mend it, or count the others alone",
            print::title(one),
            one.operation,
            failed.reason
        ));
    }
    if costs.timed_rounds == 0 {
        return Err("nothing was timed in it".into());
    }
    if 2 * costs.disturbed_rounds >= costs.timed_rounds {
        return Err(format!(
            "other work disturbed {} of its {} timings; run it on a quieter machine",
            costs.disturbed_rounds, costs.timed_rounds
        ));
    }
    Ok(())
}

/// Whether a word of a command is a path out of the workspace, or an option with one: absolute, below a home
/// folder, whose name was taken out when it was recorded, or through a parent.
fn names_a_place(word: &str) -> bool {
    let value = word.split_once('=').map_or(word, |(_, value)| value);
    [word, value].into_iter().any(|path| {
        let mut parts = Path::new(path).components();
        path == "~"
            || path.starts_with("~/")
            || Path::new(path).is_absolute()
            || parts.any(|part| part == Component::ParentDir)
    })
}
