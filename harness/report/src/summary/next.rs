//! What to type next.

use owo_colors::Style;

use super::{Config, Place, Report};
use crate::screen::painted;
use harness_judge::claims;

/// The lines: a command each.
pub(super) fn of(report: &Report, configs: &[&Config], place: &Place<'_>) -> Vec<String> {
    let folder = place.folder.display();
    let mut commands = vec![(
        "all that was measured",
        format!("report {folder} --details"),
    )];
    let from = place.from();
    let traced = |scenario: &str| report.cells.iter().any(|cell| cell.scenario == scenario);
    if let Some(first) = configs.first().filter(|_| traced(claims::WAITS)) {
        let cell = |primitive: &str| format!("{}/{}/{primitive}", first.id.runtime, claims::WAITS);
        commands.push((
            "who ran when, waiting",
            format!("timeline {} {}{from}", cell("compose"), cell("spawn")),
        ));
    }
    commands.push(("what else to measure", "list".to_owned()));
    lines(commands, place)
}

/// A line for each command, with what it is for.
pub(super) fn lines(commands: Vec<(&str, String)>, place: &Place<'_>) -> Vec<String> {
    let mut lines = vec![painted("Next", Style::new().bold())];
    for (what, command) in commands {
        let command = format!("{} {command}", place.called);
        let line = format!("  {what:<21}  {command}");
        if line.chars().count() <= place.width {
            lines.push(line);
        } else {
            lines.push(format!("  {what}:"));
            lines.push(format!("    {command}"));
        }
    }
    lines
}
