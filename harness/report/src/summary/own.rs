//! What is said of somebody's own workload, in the place of claims.

use owo_colors::Style;

use super::{Config, Place, Report, clipped};
use crate::{
    CellReport, ClassReport,
    screen::{painted, wrapped},
    table::is_of,
};
use harness_record::{bundle::CellStatus, cell::primitive_name, format::counted};
use workload_catalogue::{Own, short};

/// The class of each configuration, a line each; below them what to do about each class, once.
pub(super) fn in_short(report: &Report, configs: &[&Config], width: usize) -> Vec<String> {
    let titles = configs.iter().map(|one| one.title());
    let widest = titles.map(|title| title.chars().count()).max().unwrap_or(0);
    let (mut lines, mut remedies) = (Vec::new(), Vec::new());
    for config in configs {
        let found = report.classes.iter().find(|one| one.id == config.id);
        let class = found.map_or_else(|| "not measured".to_owned(), ClassReport::title);
        lines.push(clipped(
            &format!("{:<widest$}  {class}", config.title()),
            width,
        ));
        let remedy =
            found.map(|found| format!("{}: {} {}", found.title(), found.meaning, found.remedy));
        remedies.extend(remedy.filter(|one| !remedies.contains(one)));
    }
    for remedy in remedies {
        lines.extend(wrapped(&remedy, width).lines().map(str::to_owned));
    }
    lines
}

/// What its branches were given, behind the machine.
pub(super) fn given(scenario: &str, machine: &str) -> String {
    let mut line = machine.to_owned();
    let own = Own::of(scenario);
    let times = own.map_or([0.0; 2], |own| [own.wait_ms, own.work_ms]);
    let given = ["wait", "work"].into_iter().zip(times);
    for (option, ms) in given.filter(|(_, ms)| *ms > 0.0) {
        line.push_str(&format!("; --{option} {ms}ms"));
    }
    line
}

/// What went wrong, the same in a line each, and what to do about it; so many lines at most.
pub(super) fn troubles(report: &Report, width: usize, most: usize) -> Vec<String> {
    let mut known: Vec<(String, CellStatus, Vec<&CellReport>)> = Vec::new();
    for cell in report.failed() {
        let why = why(cell);
        match known.iter_mut().find(|(other, ..)| *other == why) {
            Some((_, _, cells)) => cells.push(cell),
            None => known.push((why, cell.status, vec![cell])),
        }
    }
    let mut lines = Vec::new();
    for (why, status, cells) in &known {
        let which = match cells[..] {
            [one] => one.cell.clone(),
            [first, ..] => format!("{} and {}", first.cell, counted(cells.len() - 1, "other")),
            [] => continue,
        };
        lines.push(clipped(&format!("{}: {which}", status.name()), width));
        for text in [why.as_str()].into_iter().chain(what_to_do(*status)) {
            let text = wrapped(text, width - 2);
            lines.extend(text.lines().map(|line| format!("  {line}")));
        }
    }
    if lines.is_empty() {
        return lines;
    }
    let mut section = vec![painted("What went wrong", Style::new().bold())];
    section.extend(super::capped(lines, most.saturating_sub(1), "lines"));
    section
}

/// Where it panicked and what it said, if it did; else the reason.
fn why(cell: &CellReport) -> String {
    let said = cell.stderr.as_deref().and_then(panic);
    said.or_else(|| cell.reason.clone())
        .unwrap_or_else(|| "it did not say why".to_owned())
}

/// `a branch panicked at handler.rs:7:9: no such table`, of what Rust writes when one does.
fn panic(stderr: &str) -> Option<String> {
    let (_, rest) = stderr.split_once("panicked at ")?;
    let mut lines = rest.lines();
    let place = lines.next()?.trim_end_matches(':');
    let message: Vec<&str> = lines
        .take_while(|line| {
            !line.starts_with("note: ") && !line.starts_with("stack backtrace:") && !line.is_empty()
        })
        .collect();
    let file = place.rsplit(['/', '\\']).next().unwrap_or(place);
    Some(format!(
        "a branch panicked at {file}: {}",
        message.join(" ")
    ))
}

fn what_to_do(status: CellStatus) -> Option<&'static str> {
    match status {
        CellStatus::Wrong => Some(
            "`expected` must answer what `branch` does, for the same `env` and index, and both must depend on `env.nonce`",
        ),
        CellStatus::Timeout => Some(
            "If its branches wait for each other, they cannot run one after the other: say `const TOGETHER: bool = true;` in \
             the file. If they only take long: `--timeout 1m`",
        ),
        _ => None,
    }
}

/// What to type next.
pub(super) fn next(
    report: &Report,
    configs: &[&Config],
    scenario: &str,
    place: &Place<'_>,
) -> Vec<String> {
    let folder = place.folder.display();
    let mut commands = vec![(
        "all that was measured",
        format!("report {folder} --details"),
    )];
    let traced = |config: &&&Config| {
        let mut cells = report.cells.iter();
        cells.any(|cell| is_of(cell, config) && cell.wall_ns.is_some())
    };
    if let Some(first) = configs.iter().find(traced) {
        let from = place.from();
        let cell =
            |primitive: &str| format!("{}/{}/{primitive}", first.id.runtime, short(scenario));
        let placing = primitive_name(first.placing());
        commands.push((
            "who ran when, larger",
            format!("timeline {} {}{from}", cell("compose"), cell(placing)),
        ));
    }
    let file = Own::of(scenario).map_or_else(|| "FILE".to_owned(), |own| own.name + ".rs");
    commands.push(("more branches", format!("try {file} --branches 8")));
    super::next::lines(commands, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_its_place_and_its_words() {
        let text = "\nthread 'main' (7) panicked at /there/my/handler.rs:7:9:\nno such table\nmind you\nnote: run with `RUST_BACKTRACE=1`\n";
        assert_eq!(
            panic(text).unwrap(),
            "a branch panicked at handler.rs:7:9: no such table mind you"
        );
        assert_eq!(panic("killed"), None);
    }
}
