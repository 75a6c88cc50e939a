//! The claims: a line of counts for each configuration, and a line for whatever did not come out as claimed.

use owo_colors::Style;

use super::{Config, Report, clipped};
use crate::{ClaimReport, screen::painted, terminal::named};
use harness_judge::{claims::CLAIMS, judge::Verdict};
use harness_record::{format::counted, laws::band::Fit};

/// Something that a reader should know, and how much it matters.
struct Trouble {
    line: String,
    /// It follows from what the runtime is, and is no surprise.
    by_design: bool,
}

/// The lines, so many at most.
pub(super) fn of(report: &Report, configs: &[&Config], width: usize, most: usize) -> Vec<String> {
    let title = format!(
        "Claims, {} for each configuration; docs/CLAIMS.md explains them",
        CLAIMS.len()
    );
    let widest = configs.iter().map(|one| one.title().chars().count()).max();
    let widest = widest.unwrap_or(0);
    let mut of_each: Vec<(String, Vec<Trouble>)> = configs
        .iter()
        .map(|one| {
            let line = format!("{:<widest$}  {}", one.title(), counts(report, one));
            (clipped(&line, width), troubles(report, one, width))
        })
        .collect();
    let last = failures(report, width);
    let rest = of_laws(report).into_iter().chain(compared(report));
    let rest: Vec<String> = rest.map(|line| clipped(&line, width)).collect();

    let used = 1 + of_each.len() + rest.len();
    let mut room = most.saturating_sub(used);
    let all = last.len() + of_each.iter().map(|(_, t)| t.len()).sum::<usize>();
    let mut hidden = 0;
    if all > room {
        // A line says that there are more.
        room = room.saturating_sub(1);
        // What follows from the design goes first, then whatever stands last.
        hidden = all - room;
        let mut surplus = hidden;
        for by_design in [true, false] {
            for (_, troubles) in of_each.iter_mut().rev() {
                troubles.reverse();
                troubles.retain(|trouble| {
                    let goes = surplus > 0 && trouble.by_design == by_design;
                    surplus -= usize::from(goes);
                    !goes
                });
                troubles.reverse();
            }
        }
    }
    let mut lines = vec![painted(&clipped(&title, width), Style::new().bold())];
    let mut shown = 0;
    for (line, troubles) in of_each {
        lines.push(line);
        shown += troubles.len();
        lines.extend(troubles.into_iter().map(|trouble| trouble.line));
    }
    lines.extend(last.into_iter().take(room.saturating_sub(shown)));
    if hidden > 0 {
        lines.push(format!("  and {hidden} more of these: --details"));
    }
    lines.extend(rest);
    if lines.len() > most {
        lines = super::capped(lines, most, "lines");
    }
    lines
}

/// `16 hold, 1 refuted by design, 1 not testable here`.
fn counts(report: &Report, config: &Config) -> String {
    let of = |is: fn(&ClaimReport) -> bool| report.claims_on(config).filter(|one| is(one)).count();
    let hold = of(|one| one.verdict == Verdict::Holds);
    let words = [
        (hold, if hold == 1 { "holds" } else { "hold" }),
        (
            of(|one| one.verdict == Verdict::Refuted && !one.by_design),
            "refuted",
        ),
        (
            of(|one| one.verdict == Verdict::Refuted && one.by_design),
            "refuted by design",
        ),
        (
            of(|one| one.verdict == Verdict::Inconclusive),
            "inconclusive",
        ),
        (
            of(|one| one.verdict == Verdict::NotTestable),
            "not testable here",
        ),
    ];
    let words = words.into_iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = words
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    words.join(", ")
}

/// What of a configuration was refuted, is open or was broken, a line each.
fn troubles(report: &Report, config: &Config, width: usize) -> Vec<Trouble> {
    let broken = report.standing(config).into_iter();
    let broken = broken
        .flat_map(|standing| &standing.broken)
        .map(|broken| Trouble {
            line: line(
                if broken.as_declared {
                    "is broken, as declared"
                } else {
                    "is a broken promise"
                },
                &broken.check,
                &broken.why,
                width,
            ),
            by_design: broken.as_declared,
        });
    let claims: Vec<Said<'_>> = report
        .claims_on(config)
        .filter_map(|claim| Said::of(report, claim))
        .collect();
    let alike = |said: &Said<'_>| {
        let others = claims.iter().filter(|other| other.same(said));
        others.count()
    };
    let mut lines: Vec<Trouble> = Vec::new();
    for (index, said) in claims.iter().enumerate() {
        let number = alike(said);
        let what = match number {
            // Whoever reads the same reason often reads none of them.
            3.. if claims[..index].iter().any(|other| other.same(said)) => continue,
            3.. => counted(number, "claim"),
            _ => said.claim.claim.clone(),
        };
        lines.push(Trouble {
            line: line(said.word, &what, said.why, width),
            by_design: said.claim.by_design,
        });
    }
    broken.chain(lines).collect()
}

/// What is said of a claim that did not come out as it says.
struct Said<'a> {
    claim: &'a ClaimReport,
    word: &'static str,
    why: &'a str,
}

impl<'a> Said<'a> {
    fn of(report: &Report, claim: &'a ClaimReport) -> Option<Self> {
        let (word, why) = match claim.verdict {
            Verdict::Refuted if claim.by_design => {
                let why = claim.reason.rsplit("by design: ").next();
                ("refuted by design", why.unwrap_or_default())
            }
            Verdict::Refuted => ("refuted", claim.reason.as_str()),
            // Its cell has a line of its own.
            Verdict::Inconclusive if failing(report, claim).is_some() => return None,
            // What would decide it, in words; the figures so far are among the details.
            Verdict::Inconclusive => {
                let words = claim.reason.split("; ").next();
                ("inconclusive", words.unwrap_or_default())
            }
            Verdict::Holds | Verdict::NotTestable => return None,
        };
        Some(Self { claim, word, why })
    }

    fn same(&self, other: &Self) -> bool {
        (self.word, self.why) == (other.word, other.why)
    }
}

fn line(word: &str, what: &str, why: &str, width: usize) -> String {
    clipped(&format!("  {what} {word}: {why}"), width)
}

/// The cells that went wrong, those together that did so alike, and how many claims are open for it.
fn failures(report: &Report, width: usize) -> Vec<String> {
    let all = report.failed_alike().into_iter();
    all.filter_map(|alike| {
        let cell = alike.first()?;
        let why = cell.reason.as_deref().unwrap_or("no reason given");
        let is_among = |name: &String| alike.iter().any(|cell| cell.cell == *name);
        let claims = report.claims.iter();
        let claims = claims.filter(|claim| failing(report, claim).is_some_and(is_among));
        let rest = match claims.count() {
            0 => String::new(),
            claims => format!(", so that {} inconclusive", are(claims)),
        };
        Some(line(
            &format!("{}{rest}", cell.status.name()),
            &named(&alike),
            why,
            width,
        ))
    })
    .collect()
}

/// `1 claim is`, `2 claims are`.
fn are(claims: usize) -> String {
    let verb = if claims == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(claims, "claim"))
}

/// The cell that went wrong, so that this claim is open.
fn failing<'a>(report: &'a Report, claim: &ClaimReport) -> Option<&'a String> {
    let (cell, _) = claim.reason.split_once(" failed: ")?;
    let mut failed = report.failed().map(|failed| &failed.cell);
    failed.find(|failed| *failed == cell)
}

/// What only serves to be compared with, and broke a promise.
fn compared(report: &Report) -> Vec<String> {
    let broken = report.compared_and_broken();
    broken
        .map(|standing| {
            format!(
                "{}, which others are compared with, is not measured: {}",
                standing.title(),
                standing.summary()
            )
        })
        .collect()
}

/// What it rests on, and how many times were as predicted.
fn of_laws(report: &Report) -> Option<String> {
    if report.blocks == 0 {
        return None;
    }
    let fits = |wanted: Fit| {
        let cells = report.cells.iter();
        cells.filter(|cell| cell.law == Some(wanted)).count()
    };
    let (within, missed) = (fits(Fit::Within), fits(Fit::Missed));
    // Too few rounds, or disturbed ones, say nothing of a prediction.
    let predictions = match within + missed {
        0 => String::new(),
        all => format!("; {missed} of {all} predictions missed"),
    };
    Some(format!(
        "Measured in {}, {} disturbed by {} and left out{predictions}",
        counted(report.blocks, "block"),
        report.disturbed_blocks,
        report.disturber()
    ))
}
