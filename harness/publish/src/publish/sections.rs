//! What stands between the markers: tables and pictures of a published run, each with the command, revision
//! and machine that made it.

use super::links::{claim_page, revision};
use super::{
    Derived, INDEX, PICTURES, README, Superseded, commands, costs, featured::featured, index,
    splice::Kinds,
};
use crate::{
    merge::{Merged, print},
    site,
};
use harness_judge::standing::Standing;
use harness_record::{bundle::CellStatus, format::duration};
use harness_report::{
    CellReport, Report, connections,
    costs::{Costs, print as print_costs},
    foretold, fork, idioms,
    md::{self, code, fenced},
    promises,
    recorded::Recorded,
    scale, screen, summary, table, unpadded,
};
use std::{fmt::Write as _, slice};

/// A text that people write, with sections that are made of the records.
pub(super) struct Text {
    /// Where it is, from the root.
    pub(super) file: &'static str,
    /// The way from its folder to that of the published runs, with a slash where there is one.
    results: &'static str,
    /// The kinds of sections that it must have.
    pub(super) kinds: Kinds,
}

/// Every such text.
pub(super) const TEXTS: [Text; 9] = [
    Text {
        file: README,
        results: "results/",
        kinds: &["picture", "shows", "claims", "costs"],
    },
    Text {
        file: "docs/RESULTS.md",
        results: "../results/",
        kinds: &["times", "semantics"],
    },
    Text {
        file: "docs/COMMANDS.md",
        results: "../results/",
        kinds: &["options"],
    },
    Text {
        file: "docs/PREDICTIONS.md",
        results: "../results/",
        kinds: &["foretold"],
    },
    Text {
        file: INDEX,
        results: "",
        kinds: &["runs", "superseded", "merged"],
    },
    Text {
        file: "docs/COSTS.md",
        results: "../results/",
        kinds: &["twins", "operations"],
    },
    Text {
        file: "docs/SCALE.md",
        results: "../results/",
        kinds: &["scale", "connections"],
    },
    Text {
        file: "docs/FORK.md",
        results: "../results/",
        kinds: &["fork"],
    },
    Text {
        file: "docs/IDIOMS.md",
        results: "../results/",
        kinds: &["idioms"],
    },
];

/// What sections are made of.
pub(super) struct Sections<'a> {
    /// The published runs, the oldest first.
    pub(super) published: &'a [Recorded],
    /// Those that have left the tree.
    pub(super) gone: &'a [Superseded],
    /// The other derived files: the pictures among them.
    pub(super) pictures: &'a Derived,
    /// The text that they stand in.
    pub(super) text: &'a Text,
}

impl Sections<'_> {
    /// The section of a name.
    pub(super) fn make(&self, name: &str) -> Result<String, String> {
        let (kind, about) = name.split_once(' ').unwrap_or((name, ""));
        match kind {
            "runs" => return Ok(index::runs(self.published)),
            "superseded" => return Ok(index::superseded(self.gone)),
            "merged" => return Ok(index::merged(self.published)),
            "options" => return commands::options(about),
            _ => {}
        }
        if self.published.is_empty() {
            // Said at length once.
            let said = match kind {
                "shows" => index::NOTHING,
                _ => "Nothing is published yet.",
            };
            return Ok(format!("*{said}*"));
        }
        if let Some(made) = self.apart(kind) {
            return Ok(made);
        }
        // A section about a runtime shows a run that has it.
        let runtime = (kind == "shows").then_some(about);
        let shown = match kind {
            "picture" => site::depicted(self.published),
            _ => featured(self.published, runtime),
        };
        let Some(recorded) = shown else {
            return Ok(format!("*No published run has {}.*", code(about)));
        };
        let made = match kind {
            "shows" => shows(recorded, about),
            "claims" => claims(recorded),
            "times" => {
                let each = about.split_whitespace().map(|name| times(recorded, name));
                let tables = each.collect::<Result<Vec<_>, _>>()?;
                format!(
                    "{}\n\nEach: median wall time, × that of compose, cores used.",
                    tables.join("\n\n")
                )
            }
            "semantics" => semantics(recorded),
            "foretold" => foretold::markdown(&harness_judge::foretold::of(&recorded.bundle)),
            "picture" => self.picture(about),
            _ => return Err(format!("nothing makes a section `{name}`")),
        };
        Ok(self.with_provenance(&made, recorded))
    }

    fn with_provenance(&self, made: &str, recorded: &Recorded) -> String {
        format!("{}\n\n{}\n", made.trim_end(), self.made_of(recorded))
    }

    /// The sections of what is measured apart, which has runs of its own: of ever more branches or connections the
    /// newest is shown.
    fn apart(&self, kind: &str) -> Option<String> {
        let of_costs = |make: fn(&Costs) -> String| match costs::shown(self.published) {
            Some((recorded, costs)) => self.with_provenance(&make(costs), recorded),
            None => "*No published run counted what primitives cost.*".to_owned(),
        };
        let newest = |make: fn(&Report) -> String| {
            let all = self.published.iter().rev();
            let mut made = all.map(|recorded| (recorded, make(&recorded.report)));
            match made.find(|(_, made)| !made.is_empty()) {
                Some((recorded, made)) => self.with_provenance(&made, recorded),
                None => format!(
                    "*No published run has it: `harness run --scenario {kind}` records one.*"
                ),
            }
        };
        Some(match kind {
            "costs" => of_costs(costs::costs),
            "twins" => of_costs(costs::twins),
            "operations" => of_costs(print_costs::markdown),
            "scale" => newest(|report| scale::markdown(&report.scale)),
            "idioms" => newest(|report| idioms::markdown(&report.idioms)),
            "connections" => newest(|report| connections::markdown(&report.connections)),
            "fork" => newest(|report| fork::markdown(&report.fork)),
            _ => return None,
        })
    }

    /// The line below: which run, by what command, of which revision, on what machine.
    fn made_of(&self, recorded: &Recorded) -> String {
        let report = &recorded.report;
        let link = format!("{}{}", self.text.results, recorded.name);
        format!(
            "<sub>Made by `harness publish` from [{}]({link}): {}, revision {}, {}, {}.</sub>",
            recorded.name,
            code(&report.command.join(" ")),
            code(&revision(recorded)),
            md::text(&report.host.summary(report.cores)),
            md::text(&report.started)
        )
    }

    /// A picture, light or dark as the reader's page is where there are both.
    fn picture(&self, name: &str) -> String {
        let path = |mark: &str| format!("{PICTURES}/{name}{mark}.svg");
        let (one, light, dark) = (path(""), path("-light"), path("-dark"));
        let shown = [&light, &one]
            .into_iter()
            .find(|path| self.pictures.contains_key(*path));
        let Some(shown) = shown else {
            return format!("*No picture is called {}.*", code(name));
        };
        let alt = self
            .pictures
            .get(shown)
            .and_then(|svg| title(svg))
            .unwrap_or(name);
        let image = format!(
            "<img alt=\"{}\" src=\"{shown}\">",
            alt.replace('"', "&quot;")
        );
        if self.pictures.contains_key(&dark) {
            format!(
                "<picture>\n<source media=\"(prefers-color-scheme: dark)\" srcset=\"{dark}\">\n{image}\n</picture>"
            )
        } else {
            image
        }
    }
}

/// The title of a picture: what is read to those who do not see it.
fn title(svg: &str) -> Option<&str> {
    let (_, rest) = svg.split_once("<title")?;
    let (_, rest) = rest.split_once('>')?;
    let (title, _) = rest.split_once("</title>")?;
    Some(title)
}

/// Who ran when, and "Join or spawn?".
fn shows(recorded: &Recorded, runtime: &str) -> String {
    let (bundle, report) = (&recorded.bundle, &recorded.report);
    let text = summary::answer_of(bundle, report, runtime, summary::COLUMNS);
    fenced(screen::plain(&text).trim())
}

/// Claims and configurations as a grid.
fn claims(recorded: &Recorded) -> String {
    let merged = Merged::of(slice::from_ref(recorded));
    let grid = print::grid(&merged, None, &|claim| claim_page(claim, ""));
    format!("{grid}\n{}", print::legend(&merged))
}

/// The times of one scenario: a row a configuration, a column a primitive.
fn times(recorded: &Recorded, scenario: &str) -> Result<String, String> {
    let facts = workload_catalogue::scenario(scenario)
        .ok_or_else(|| format!("no scenario is called `{scenario}`"))?;
    let report = &recorded.report;
    let mut all = Vec::new();
    for config in recorded.bundle.plan.usable() {
        let rows = table::rows(report, config).into_iter();
        all.extend(
            rows.filter(|(name, _)| *name == scenario)
                .map(|row| (config, row)),
        );
    }
    let rows: Vec<_> = all.iter().map(|(_, row)| row.clone()).collect();
    let columns = table::columns(&rows);
    let mut header = vec!["configuration", "n"];
    header.extend(&columns);
    let lines = all.iter().map(|(config, (name, cells))| {
        let cell = |primitive: &str| cells.iter().find(|cell| cell.primitive == primitive);
        let compose = cell("compose").and_then(|cell| cell.wall_ns);
        let figures = columns.iter().map(|primitive| {
            cell(primitive).map_or_else(String::new, |cell| {
                figure(cell, compose.map(|wall| wall.median))
            })
        });
        [config.title(), table::size(name, cells)]
            .into_iter()
            .chain(figures)
            .collect()
    });
    Ok(format!(
        "`{scenario}`, {}:\n\n{}",
        facts.summary,
        unpadded::table(&header, lines.collect()).trim_end()
    ))
}

/// `4.07 ms, 0.51×, 1.98 cores`.
fn figure(cell: &CellReport, compose: Option<f64>) -> String {
    let Some(wall) = cell.wall_ns.filter(|_| cell.status == CellStatus::Ok) else {
        return cell.word().to_owned();
    };
    let mark = if cell.exhibit {
        table::EXHIBIT_MARK
    } else {
        ""
    };
    let mut text = format!("{mark}{}", duration(wall.median));
    if let Some(compose) = compose.filter(|_| cell.primitive != "compose") {
        let _ = write!(text, ", {:.2}×", wall.median / compose);
    }
    if let Some(cores) = cell.cores_used {
        let _ = write!(text, ", {cores:.2} cores");
    }
    if cell.disturbed {
        text.push_str(", machine busy");
    }
    text
}

/// What was seen of each configuration while its promises were tried.
fn semantics(recorded: &Recorded) -> String {
    let bundle = &recorded.bundle;
    let demanding = |standing: &Standing| {
        let standing = standing.clone();
        match bundle.demands.get(&standing.id.runtime) {
            Some(demands) => standing.demanding(demands),
            None => standing,
        }
    };
    let standings: Vec<Standing> = recorded.report.verified.iter().map(demanding).collect();
    promises::markdown(&standings)
}
