//! What is said of one configuration above its table: promises, claims, field cases.

use crate::screen::wrapped;
use crate::{ClaimReport, Report, screen::painted};
use harness_judge::{
    classify::Class,
    judge::Verdict,
    standing::{PromiseState, Standing},
};
use harness_record::{bundle::Bundle, plan::Config};
use owo_colors::Style;
use std::fmt::Write as _;

/// Its name, and what it is.
pub(super) fn title(bundle: &Bundle, config: &Config) -> String {
    let version = config
        .version
        .as_deref()
        .map_or_else(String::new, |version| format!(" {version}"));
    let summary = bundle
        .header
        .entrants
        .iter()
        .filter(|entrant| entrant.name == config.id.runtime)
        .flat_map(|entrant| &entrant.flavours)
        .find(|flavour| flavour.name == config.id.flavour)
        .map_or("", |flavour| flavour.summary.as_str());
    let root = match config.root {
        harness_protocol::Root::BlockOn => "",
        harness_protocol::Root::Worker => ", parent in a spawned task",
    };
    format!(
        "{}{version} {}@{}{root}  {summary}",
        config.id.runtime, config.id.flavour, config.id.workers
    )
}

/// What came of a configuration's promises: a line, and one for each that was broken.
pub(super) fn promises_of(out: &mut String, standing: &Standing) {
    let (word, style) = match standing.word {
        PromiseState::Kept => ("verified", Style::new().green()),
        PromiseState::BrokenAsDeclared => ("verified", Style::new().yellow()),
        PromiseState::Broken => ("fails", Style::new().red()),
        PromiseState::NotVerified | PromiseState::Unavailable => {
            ("not verified", Style::new().yellow())
        }
    };
    // Padded first: escape codes have no width, and padding would count them.
    let word = painted(&format!("{word:<13}"), style);
    let summary = standing.reason.clone();
    let _ = writeln!(
        out,
        "  {word} {}",
        summary.unwrap_or_else(|| standing.summary())
    );
    for broken in &standing.broken {
        let word = painted(&format!("{:<13}", broken.word()), style);
        let _ = writeln!(out, "  {word} {}: {}", broken.check, broken.why);
    }
}

/// The claims on one configuration.
pub(super) fn claims_of(out: &mut String, report: &Report, config: &Config) {
    for claim in report.claims_on(config) {
        let (word, style) = word(claim);
        // Padded first: escape codes have no width, and padding would count them.
        let word = painted(&format!("{word:<13}"), style);
        let _ = writeln!(out, "  {word} {:<30} {}", claim.claim, claim.reason);
    }
}

/// The same of a run that measured costs alone, in a line: what it could judge rests on promises and on the
/// compiler, and was not what it was run for. What does not hold has its name.
pub(super) fn claims_beside(out: &mut String, report: &Report, config: &Config) {
    let of = |is: fn(&ClaimReport) -> bool| {
        let claims = report.claims_on(config).filter(move |claim| is(claim));
        claims.map(|claim| claim.claim.as_str()).collect::<Vec<_>>()
    };
    let held = of(|claim| claim.verdict == Verdict::Holds).len();
    let untold = of(|claim| claim.verdict == Verdict::NotTestable).len();
    let named = [
        (
            "refuted by design",
            of(|claim| claim.verdict == Verdict::Refuted && claim.by_design),
        ),
        (
            "refuted",
            of(|claim| claim.verdict == Verdict::Refuted && !claim.by_design),
        ),
        (
            "inconclusive",
            of(|claim| claim.verdict == Verdict::Inconclusive),
        ),
    ];
    let mut parts = vec![format!("{held} hold{}", if held == 1 { "s" } else { "" })];
    let named = named.into_iter().filter(|(_, names)| !names.is_empty());
    parts.extend(named.map(|(word, names)| format!("{word}: {}", names.join(", "))));
    if untold > 0 {
        parts.push(format!("{untold} not judged by a run like this"));
    }
    let _ = writeln!(out, "  {:<13} {}", "claims", parts.join("; "));
}

/// The class of each field case, what shows it, what it means, what to do and where people met it.
pub(super) fn field_cases(out: &mut String, report: &Report, config: &Config, width: usize) {
    for (case, source) in report.field_cases_on(config) {
        let style = match case.class {
            Class::ComposeIsEnough => Style::new().green(),
            Class::NotDecided => Style::new().cyan(),
            _ => Style::new().yellow(),
        };
        let class = painted(&case.title(), style);
        let _ = writeln!(out, "\n  {}: {class}", case.scenario);
        for line in [&case.evidence, &case.meaning, &case.remedy] {
            let _ = writeln!(out, "    {}", wrapped(line, width));
        }
        let _ = writeln!(out, "    {source}");
    }
}

fn word(claim: &ClaimReport) -> (&'static str, Style) {
    match claim.verdict {
        Verdict::Holds => ("holds", Style::new().green()),
        Verdict::Refuted if claim.by_design => ("refuted", Style::new().yellow()),
        Verdict::Refuted => ("refuted", Style::new().red()),
        Verdict::Inconclusive => ("inconclusive", Style::new().cyan()),
        Verdict::NotTestable => ("not testable", Style::new().dimmed()),
    }
}
