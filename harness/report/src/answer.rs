//! "Join or spawn?", in a sentence for each configuration, from what was seen and not from what is
//! known of the runtime.

use super::{CellReport, ClassReport, Report, table::is_of};
use harness_judge::{claims, judge::Verdict};
use harness_record::{
    cell::root_name,
    plan::{Config, Plan},
};

/// The answers, in the order of the plan; none in a run that asked nothing that an answer rests on.
pub(super) fn answers(report: &Report, plan: &Plan) -> Vec<String> {
    if plan.only_costs() {
        return Vec::new();
    }
    let one = |config| match plan.own() {
        Some(own) => of_own(report, config, own.name),
        None => answer(report, config),
    };
    plan.usable().map(one).collect()
}

/// What kind of situation somebody's own branches are in, what to do about it, and what shows it.
fn of_own(report: &Report, config: &Config, scenario: &str) -> String {
    let mut classes = report.classes.iter();
    let is_it = |one: &&ClassReport| {
        one.id == config.id && one.root == root_name(config.root) && one.scenario == scenario
    };
    match classes.find(is_it) {
        Some(found) => format!(
            "{}: {}. {} {} ({})",
            config.title(),
            found.title(),
            found.meaning,
            found.remedy,
            found.evidence
        ),
        None => format!("{}: not measured.", config.title()),
    }
}

fn answer(report: &Report, config: &Config) -> String {
    let verdict = |id: &str| {
        let claim = report.claims_on(config).find(|claim| claim.claim == id)?;
        Some((claim.verdict, claim.by_design))
    };
    let cell = |scenario: &str, primitive: &str| {
        report
            .cells
            .iter()
            .find(|c| c.scenario == scenario && c.primitive == primitive && is_of(c, config))
    };
    let placing = harness_record::cell::primitive_name(config.placing());
    let waits = match (
        verdict("compose-overlaps-waits"),
        cell("timers", "compose").and_then(|c| c.speedup),
    ) {
        (Some((Verdict::Holds, _)), Some(speedup)) => {
            format!(
                "join what waits: {} joined timers took as long as one ({speedup:.1} times as fast as one after the other)",
                cell("timers", "compose").map_or(0, |c| c.branches)
            )
        }
        (Some((Verdict::Refuted, _)), _) => "joined timers did not overlap".to_owned(),
        _ => "whether joined waits overlap was not decided".to_owned(),
    };
    let gain = gain(
        cell(claims::CPU, "compose"),
        cell(claims::CPU, placing),
        placing,
    );
    let cores = match (verdict("spawn-uses-cores"), gain) {
        (Some((Verdict::Holds, _)), Some(gain)) => format!("{placing} what computes: {gain}"),
        (Some((Verdict::Refuted, true)), Some(gain)) => {
            format!(
                "{placing} gains no core for what computes: {gain}, since by design one thread runs them all"
            )
        }
        (Some((Verdict::Refuted, false)), Some(gain)) => {
            format!("{placing} did not use the cores as threads do: {gain}")
        }
        (Some((Verdict::NotTestable, _)), Some(gain)) => {
            format!("whether {placing} uses more cores cannot be tested here: {gain}")
        }
        (Some((Verdict::Inconclusive, _)), Some(gain)) => {
            format!("whether {placing} uses the cores is not decided yet: {gain}")
        }
        _ => format!("whether {placing} uses the cores was not measured"),
    };
    format!("{}: {waits}; {cores}.", config.title())
}

/// The same in few words: what to join, what to spawn, and how much that gained. For a line in a list, and
/// for whoever watches: the sentences are kept for the report, so that nobody reads them twice.
pub fn in_short(report: &Report, config: &Config) -> String {
    let claim = |id: &str| report.claims_on(config).find(|claim| claim.claim == id);
    let placing = harness_record::cell::primitive_name(config.placing());
    let waits = match claim("compose-overlaps-waits").map(|claim| claim.verdict) {
        Some(Verdict::Holds) => "join what waits",
        Some(Verdict::Refuted) => "joined waits did not overlap",
        _ => "joined waits: not decided",
    };
    let median = |primitive: &str| {
        let is_it = |c: &&CellReport| c.scenario == claims::CPU && c.primitive == primitive;
        let mut cells = report.cells.iter().filter(|cell| is_of(cell, config));
        Some(cells.find(is_it)?.wall_ns?.median)
    };
    let gain = median("compose").zip(median(placing));
    let gain = gain.map(|(compose, placed)| format!("{:.2} times as fast", compose / placed));
    let verdict = claim("spawn-uses-cores").map(|claim| (claim.verdict, claim.by_design));
    let cores = match (verdict, gain) {
        (Some((Verdict::Holds, _)), Some(gain)) => format!("{placing} what computes: {gain}"),
        (Some((Verdict::Refuted, true)), Some(gain)) => {
            format!("{placing} gains no core: {gain}")
        }
        (Some((Verdict::Refuted, false)), Some(gain)) => {
            format!("{placing} gains less than threads do: {gain}")
        }
        (_, Some(gain)) => format!("{placing}: not decided, {gain}"),
        (_, None) => format!("{placing}: not measured where branches compute"),
    };
    format!("{waits}; {cores}")
}

/// How the placed CPU work compares with the joined, in figures.
fn gain(
    compose: Option<&CellReport>,
    placed: Option<&CellReport>,
    placing: &str,
) -> Option<String> {
    let (compose, placed) = (compose?, placed?);
    let ratio = placed.wall_ns?.median / compose.wall_ns?.median;
    Some(format!(
        "{} branches by {placing} took {ratio:.2} of the joined time, on {:.2} cores instead of {:.2}",
        placed.branches, placed.cores_used?, compose.cores_used?
    ))
}
