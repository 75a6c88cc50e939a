//! Which runs are fit to be published: whole, verified where they judge claims, made of a known state of the code,
//! and on a machine that was quiet enough.

use std::path::{Component, Path};

use crate::{
    recorded::Recorded,
    report::costs::{Costs, print},
    verify::Word,
};

/// What finishes a run, and seals it.
const FINISH: &str = "`harness run --resume DIR` finishes it";
/// What cannot be finished.
const AGAIN: &str = "`harness costs` counts it again";
/// The first version of records that are sealed.
const SEALED_SINCE: u32 = 2;

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
    let report = &recorded.report;
    let finish = match report.costs {
        None => FINISH,
        Some(_) => AGAIN,
    };
    match recorded.bundle.ended {
        Some(false) => {}
        Some(true) => return Err(format!("the run was stopped before its end; {finish}")),
        None => return Err(format!("the run was killed before its end; {finish}")),
    }
    if !recorded.bundle.sealed && recorded.bundle.version >= SEALED_SINCE {
        return Err(format!(
            "it has no seal, so nobody can tell that it is as it was measured; {finish}"
        ));
    }
    if let Some(costs) = &report.costs {
        of_costs(costs)?;
    } else {
        of_claims(recorded)?;
    }
    if !allowed.dirty {
        let Some(revision) = report.host.checkout() else {
            return Err(
                "it names no revision, so nobody can build what it measured; \
                        run it in a checkout, or give --dirty"
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

/// A run that judges claims: verified, and measured while the machine was quiet enough.
fn of_claims(recorded: &Recorded) -> Result<(), String> {
    let report = &recorded.report;
    if report.unverified {
        return Err(
            "the run passed over the adapters' promises; run it without --unverified".into(),
        );
    }
    let broken = report.verified.iter().find(|s| s.word == Word::Broken);
    if let Some((standing, broken)) = broken.and_then(|s| Some((s, s.broken.first()?))) {
        return Err(format!(
            "{} fails verify: {}: {}; mend it, or run the others alone",
            standing.title(),
            broken.check,
            broken.why
        ));
    }
    // One that offers no promises, as a program in another language may, breaks none.
    let untried = recorded.bundle.plan.usable().find(|config| {
        let standing = report.standing(config);
        let is_untried = standing.is_none_or(|s| s.word == Word::NotVerified);
        !config.checks.is_empty() && is_untried
    });
    if let Some(config) = untried {
        return Err(format!(
            "the record does not say whether {} keeps its promises; run it again",
            config.title()
        ));
    }
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

/// A run that counted what primitives cost. It tries no promises: what it runs is no adapter, and each twin
/// stands beside what it is compared with. Nothing in it may have failed but to be run under valgrind, which not
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
