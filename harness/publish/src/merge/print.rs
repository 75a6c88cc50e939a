//! Joined runs for people: on how many machines each claim came out how, and what each machine says.

use super::{A_CORE, Configuration, MachinesVerdict, Merged, OnMachine, Row};
use harness_report::{md, screen::painted, unpadded};
use owo_colors::Style;
use std::fmt::Write as _;

/// What counts when runs of one machine differ.
const RULE: &str = "Several runs of one machine count as one: what was decided outweighs what was not, and \
                    runs that decided differently make it `mixed`, which counts for neither side.";

/// How a claim's name is written: a link, or the bare name.
pub type Named<'a> = &'a dyn Fn(&str) -> String;

/// As text: the machines, then for each configuration its claims, a symbol a machine and the counts.
#[must_use]
pub fn text(merged: &Merged) -> String {
    let mut out = String::new();
    for (number, machine) in merged.machines.iter().enumerate() {
        let _ = writeln!(
            out,
            "machine {}  {}: {}",
            number + 1,
            machine.name,
            machine.summary()
        );
        for run in merged.runs.iter().filter(|run| run.machine == machine.name) {
            let revision = run.revision.as_deref().unwrap_or("unknown");
            let stopped = if run.complete {
                ""
            } else {
                "; stopped before its end"
            };
            let _ = writeln!(
                out,
                "  {}  {} blocks, {} disturbed; revision {revision}{stopped}",
                run.name, run.blocks, run.disturbed_blocks
            );
        }
    }
    for configuration in merged.configurations() {
        let title = title(configuration, merged, " ");
        let title = painted(&title, Style::new().bold());
        let _ = writeln!(out, "\n{title}");
        for claim in merged.claims() {
            let Some(row) = merged.on(configuration, claim) else {
                continue;
            };
            let symbols: Vec<String> = (merged.machines.iter())
                .map(|machine| match on(row, &machine.name) {
                    Some(on) => painted(&on.word.symbol().to_string(), style(on.word)),
                    None => " ".to_owned(),
                })
                .collect();
            let counts: Vec<String> = (row.machines.said())
                .map(|(word, count)| format!("{} on {count}", word.name()))
                .collect();
            let _ = writeln!(
                out,
                "  {claim:<30} {}  {}",
                symbols.join(" "),
                counts.join(", ")
            );
            for line in differences(row) {
                let _ = writeln!(out, "    {line}");
            }
        }
    }
    let _ = writeln!(
        out,
        "\n{}; blank: the machine has no such configuration.\n{}",
        words(merged),
        RULE.replace('`', "")
    );
    out
}

/// As Markdown: the machines, the grid of all, and where there are several machines one for each.
#[must_use]
pub fn markdown(merged: &Merged, named: Named<'_>) -> String {
    let mut out = String::new();
    let machines = merged.machines.iter().map(|machine| {
        let own = merged.runs.iter().filter(|run| run.machine == machine.name);
        let runs: Vec<&str> = own.map(|run| run.name.as_str()).collect();
        let texts = [&machine.name, &machine.summary(), &runs.join(", ")];
        texts.map(|text| md::text(text)).to_vec()
    });
    out.push_str(&unpadded::table(
        &["machine", "what it is", "runs"],
        machines.collect(),
    ));
    let _ = write!(out, "\n{}\n{}\n", grid(merged, None, named), legend(merged));
    if merged.machines.len() > 1 {
        for machine in &merged.machines {
            let _ = write!(
                out,
                "\n<details>\n<summary>{} alone</summary>\n\n{}\n</details>\n",
                md::text(&machine.name),
                grid(merged, Some(&machine.name), named)
            );
        }
    }
    let mixed: Vec<String> = (merged.claims.iter())
        .flat_map(|row| {
            let title = title(&row.configuration, merged, " ");
            let lines = differences(row).into_iter();
            lines.map(move |line| {
                format!("- {}", md::text(&format!("{title}, {}: {line}", row.claim)))
            })
        })
        .collect();
    if !mixed.is_empty() {
        let _ = write!(out, "\nMixed:\n\n{}\n", mixed.join("\n"));
    }
    out
}

/// Claims and configurations as a grid, of all machines or of one. A cell is the word's symbol; of several
/// machines, how many say each.
#[must_use]
pub fn grid(merged: &Merged, machine: Option<&str>, named: Named<'_>) -> String {
    let configurations = merged.configurations();
    let mut header = vec!["claim".to_owned()];
    let titles = configurations.iter().map(|c| title(c, merged, "\n"));
    header.extend(titles.map(|title| {
        let lines: Vec<String> = title.lines().map(md::text).collect();
        lines.join("<br>")
    }));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let several = machine.is_none() && merged.machines.len() > 1;
    let cell = |configuration: &Configuration, claim: &str| {
        let Some(row) = merged.on(configuration, claim) else {
            return String::new();
        };
        match machine {
            Some(name) => on(row, name).map_or_else(String::new, |on| on.word.symbol().into()),
            None => {
                let counts = row.machines.said().map(|(word, count)| {
                    let count = if several {
                        count.to_string()
                    } else {
                        String::new()
                    };
                    format!("{count}{}", word.symbol())
                });
                counts.collect::<Vec<_>>().join(" ")
            }
        }
    };
    let rows = merged.claims().into_iter().map(|claim| {
        let cells = configurations.iter().map(|c| cell(c, claim));
        std::iter::once(named(claim)).chain(cells).collect()
    });
    unpadded::table(&header, rows.collect())
}

/// What the grid's symbols mean.
#[must_use]
pub fn legend(merged: &Merged) -> String {
    let mut text = format!("{}.", words(merged));
    if merged.runs.len() > 1 {
        let _ = write!(text, " {RULE}");
    }
    if merged.machines.len() > 1 {
        text.push_str(" A figure is the number of machines that say so.");
    }
    text
}

/// The symbols and their words. One run alone cannot be mixed.
fn words(merged: &Merged) -> String {
    let several = merged.runs.len() > 1;
    let all = MachinesVerdict::ALL.into_iter();
    let words = all.filter(|word| several || *word != MachinesVerdict::Mixed);
    let words = words.map(|word| format!("{} {}", word.symbol(), word.name()));
    words.collect::<Vec<_>>().join(" · ")
}

/// With the number of workers where there is one machine, since then it is known.
fn title(configuration: &Configuration, merged: &Merged, between: &str) -> String {
    let known = match merged.machines.as_slice() {
        [machine] if configuration.workers == A_CORE => machine.cores.to_string(),
        _ => configuration.workers.clone(),
    };
    let way = Configuration {
        workers: known,
        ..configuration.clone()
    };
    format!("{}{between}{}", way.runtime(), way.way())
}

fn on<'a>(row: &'a Row, machine: &str) -> Option<&'a OnMachine> {
    row.on.iter().find(|on| on.machine == machine)
}

/// What the runs of a machine said, where they differ.
fn differences(row: &Row) -> Vec<String> {
    let mixed = row.on.iter().filter(|on| on.word == MachinesVerdict::Mixed);
    let said = mixed.flat_map(|on| &on.said);
    said.map(|said| {
        let word = MachinesVerdict::of(said.verdict, said.by_design).name();
        format!("{}: {word}: {}", said.run, said.reason)
    })
    .collect()
}

fn style(word: MachinesVerdict) -> Style {
    match word {
        MachinesVerdict::Holds => Style::new().green(),
        MachinesVerdict::Refuted => Style::new().red(),
        MachinesVerdict::RefutedByDesign | MachinesVerdict::Mixed => Style::new().yellow(),
        MachinesVerdict::Inconclusive => Style::new().cyan(),
        MachinesVerdict::NotTestable => Style::new().dimmed(),
    }
}
