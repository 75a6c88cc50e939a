//! The report in short: what whoever typed the first command wants to know, on one screen.
//!
//! It says what was measured, shows one scenario that computes, answers "join or spawn?", and names whatever
//! did not come out as claimed. Nothing is left out without a word: what is cut says how to see it, and
//! [`terminal`] has all of it.

use std::path::Path;

use owo_colors::Style;
use workload_catalogue::short;

use super::{Report, answer, table, terminal};
use crate::screen::{painted, wrapped};
use harness_record::{
    bundle::Bundle,
    format::{counted, percent},
    load::Disturber,
    plan::Config,
};

mod lanes;
mod next;
mod own;
mod times;
mod verdicts;

/// Lines for a run of one runtime.
pub const LINES: usize = 60;

/// Lines for a run of several.
pub const LINES_OF_SEVERAL: usize = 100;

/// Columns, however wide the terminal is: longer lines are hard to read.
pub const COLUMNS: usize = 100;

/// Lines that the verdicts have in any case.
const LEAST_OF_VERDICTS: usize = 6;

/// Where it is printed.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The folder of the run.
    pub folder: &'a Path,
    /// How a user calls the harness, such as `cargo run -p harness --`.
    pub called: &'a str,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether commands that look for a run find this one without being told.
    pub newest: bool,
}

impl Place<'_> {
    /// What such a command must be told.
    fn from(&self) -> String {
        if self.newest {
            String::new()
        } else {
            format!(" --from {}", self.folder.display())
        }
    }
}

/// The summary; the whole report of a run that asked nothing that it would show.
#[must_use]
pub fn of(bundle: &Bundle, report: &Report, place: &Place<'_>) -> String {
    let place = &Place {
        width: place.width.min(COLUMNS),
        ..*place
    };
    let configs: Vec<&Config> = bundle.plan.usable().collect();
    if report.costs.is_some()
        || configs
            .iter()
            .all(|one| table::rows(report, one).is_empty())
    {
        return terminal::of(bundle, report, place.width);
    }
    let several = runtimes(&configs).len() > 1;
    let lines = if several { LINES_OF_SEVERAL } else { LINES };

    let head = heading(bundle, report, &configs, place.width);
    let lanes = lanes::of(bundle, report, &configs, place.width);
    let own = bundle.plan.own();
    let next = match own {
        Some(own) => own::next(report, &lanes::contrast(&configs), own.name, place),
        None => next::of(report, &lanes::contrast(&configs), place),
    };
    let room = lines.saturating_sub(head.len() + lanes.len() + next.len() + 5);
    let answers = answers(bundle, report, &configs, place.width, room / 3);
    let room = room.saturating_sub(answers.len());
    let least = LEAST_OF_VERDICTS.max(configs.len() + 3).min(room / 2);
    let times = times::of(report, &configs, place.width, room.saturating_sub(least));
    let room = room.saturating_sub(times.len());
    let verdicts = match own {
        Some(_) => own::troubles(report, place.width, room),
        None => verdicts::of(report, &configs, place.width, room),
    };
    let sections = [head, lanes, answers, times, verdicts, next];
    let sections: Vec<String> = sections
        .into_iter()
        .filter(|section| !section.is_empty())
        .map(|section| section.join("\n") + "\n")
        .collect();
    sections.join("\n")
}

/// The picture and the answer alone, of one runtime: what its summary begins with.
#[must_use]
pub fn answer_of(bundle: &Bundle, report: &Report, runtime: &str, width: usize) -> String {
    let usable = bundle.plan.usable();
    let configs: Vec<&Config> = usable.filter(|one| one.id.runtime == runtime).collect();
    let lanes = lanes::of(bundle, report, &configs, width);
    let answers = answers(bundle, report, &configs, width, LINES);
    [lanes, vec![String::new()], answers].concat().join("\n")
}

/// What is measured, where, and how often that errs.
fn heading(bundle: &Bundle, report: &Report, configs: &[&Config], width: usize) -> Vec<String> {
    let what = match runtimes(configs)[..] {
        [one] => {
            let version = one.version.as_deref();
            let version = version.map_or_else(String::new, |version| format!(" {version}"));
            let flavours = configs.iter().map(|one| one.flavour_title());
            let flavours = flavours.collect::<Vec<_>>().join(", ");
            format!("{}{version}, {flavours}", one.id.runtime)
        }
        ref several => {
            let names: Vec<&str> = several.iter().map(|one| one.id.runtime.as_str()).collect();
            names.join(", ")
        }
    };
    let what = match bundle.plan.own() {
        Some(own) => format!("{} on {what} (flavour@worker threads)", short(own.name)),
        None => format!("What join and spawn buy on {what} (flavour@worker threads)"),
    };
    let how = match bundle.plan.own() {
        // It is classed, and nothing is claimed of it.
        Some(own) => own::given(own.name, &report.host.summary(report.cores)),
        // A processor may have a long name, and the error is to be seen.
        None => {
            let error = percent(report.family_error, 0);
            let errs = format!("; wrong anywhere with a chance of at most {error}");
            let left = width.saturating_sub(errs.chars().count());
            format!(
                "{}{errs}",
                clipped(&report.host.summary(report.cores), left)
            )
        }
    };
    let mut lines = vec![painted(&clipped(&what, width), Style::new().bold())];
    lines.push(clipped(&how, width));
    if let Some(partition) = bundle.header.options.partition {
        lines.push(format!(
            "share {partition} of a plan: `harness merge` joins it with the others"
        ));
    }
    if !report.complete {
        lines.push("stopped before its end: this is what there is".to_owned());
    }
    if 2 * report.disturbed_blocks > report.blocks {
        let blocks = counted(report.blocks, "block");
        let of = format!("{} of {blocks}", report.disturbed_blocks);
        lines.push(match report.disturber() {
            Disturber::Others => format!(
                "machine busy: other work ran beside {of}; measure again when it is quiet"
            ),
            Disturber::Quota => format!(
                "held back: the CPU quota stopped the process in {of}; what needs its time is left open"
            ),
            Disturber::Both => format!(
                "machine busy: other work or the CPU quota disturbed {of}; measure again when it is quiet"
            ),
        });
    }
    if report.unverified && bundle.plan.own().is_none() {
        lines.push(terminal::UNVERIFIED.to_owned());
    }
    lines.extend(terminal::absent(bundle).map(|line| clipped(&line, width)));
    lines
}

/// More configurations than this stand in one table, a line each.
const MANY: usize = 2;

/// "Join or spawn?", in sentences for few configurations and in a line each for many.
fn answers(
    bundle: &Bundle,
    report: &Report,
    configs: &[&Config],
    width: usize,
    most: usize,
) -> Vec<String> {
    if report.answers.is_empty() {
        return Vec::new();
    }
    let mut lines = Vec::new();
    if configs.len() <= MANY {
        let sentences = bundle.plan.usable().zip(&report.answers);
        for (_, sentence) in sentences.filter(|(one, _)| configs.contains(one)) {
            lines.extend(wrapped(sentence, width).lines().map(str::to_owned));
        }
    } else if bundle.plan.own().is_some() {
        lines.extend(own::in_short(report, configs, width));
    } else {
        let widest = configs.iter().map(|one| one.title().chars().count()).max();
        let widest = widest.unwrap_or(0);
        for one in configs {
            let answer = answer::in_short(report, one);
            lines.push(clipped(
                &format!("{:<widest$}  {answer}", one.title()),
                width,
            ));
        }
    }
    if runtimes(configs).len() > 1 {
        for kin in &report.kin {
            lines.extend(wrapped(kin, width).lines().map(str::to_owned));
        }
    }
    if let [one] = runtimes(configs)[..]
        && let Some(why) = terminal::difference(bundle, Some(&one.id.runtime))
    {
        lines.extend(wrapped(&why, width).lines().map(str::to_owned));
    }
    let mut section = vec![painted("Join or spawn?", Style::new().bold())];
    section.extend(capped(lines, most.saturating_sub(1), "lines"));
    section
}

/// One configuration of each runtime, in their order.
fn runtimes<'a>(configs: &[&'a Config]) -> Vec<&'a Config> {
    let mut first: Vec<&Config> = Vec::new();
    for one in configs {
        if first.iter().all(|known| known.id.runtime != one.id.runtime) {
            first.push(one);
        }
    }
    first
}

/// The first of these lines, and a word about the rest if there are more.
fn capped(mut lines: Vec<String>, most: usize, what: &str) -> Vec<String> {
    if lines.len() > most {
        let shown = most.saturating_sub(1);
        let more = lines.len() - shown;
        lines.truncate(shown);
        lines.push(format!("  and {more} more {what}: --details"));
    }
    lines
}

/// A line of so many columns at most.
fn clipped(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let kept: String = line.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests;
