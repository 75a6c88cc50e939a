//! One small table: what each scenario took, and how many times as fast that is as one branch after the
//! other.

use owo_colors::Style;
use workload_catalogue::SCENARIOS;

use super::{Config, MANY, Report, clipped};
use crate::{
    CellReport,
    screen::painted,
    table::{columns, rows},
};
use harness_record::{
    bundle::CellStatus,
    cell::primitive_name,
    format::{about, counted, duration},
};

/// Rows of one configuration: its scenarios with their cells.
type Rows<'a> = Vec<(&'static str, Vec<&'a CellReport>)>;

/// The lines, so many at most.
pub(super) fn of(report: &Report, configs: &[&Config], width: usize, most: usize) -> Vec<String> {
    let all: Vec<(&Config, Rows<'_>)> = configs
        .iter()
        .map(|&config| (config, rows(report, config)))
        .collect();
    let names = names(&all);
    if configs.len() <= MANY {
        by_scenario(&all, &names, width, most)
    } else {
        by_configuration(&all, &names, width, most)
    }
}

/// A row's scenario, and where its parent runs if that makes two rows.
type Name = (&'static str, String);

fn name_of(all: &Rows<'_>, (scenario, row): &(&'static str, Vec<&CellReport>)) -> Name {
    let roots = |cells: &[&CellReport]| cells.first().map(|cell| cell.root.clone());
    let several = all
        .iter()
        .any(|(other, cells)| other == scenario && roots(cells) != roots(row));
    let root = roots(row).filter(|_| several).unwrap_or_default();
    (scenario, root)
}

/// The rows that are shown: those that claims compare cells of; else all.
fn names(all: &[(&Config, Rows<'_>)]) -> Vec<Name> {
    let compared = |row: &[&CellReport]| {
        let resting = row.iter().filter(|cell| !cell.exhibit);
        resting.count() > 1 && row.iter().any(|cell| cell.primitive == "compose")
    };
    let named = |wanted: &dyn Fn(&[&CellReport]) -> bool| {
        let mut names: Vec<Name> = Vec::new();
        for (_, rows) in all {
            for row in rows.iter().filter(|(_, cells)| wanted(cells)) {
                let name = name_of(rows, row);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    };
    let mut names = named(&compared);
    if names.is_empty() {
        names = named(&|_| true);
    }
    // Where the first configuration lacks one, it would come last.
    let place = |name: &Name| SCENARIOS.iter().position(|facts| facts.name == name.0);
    names.sort_by_key(place);
    names
}

fn cells_of<'a, 'b>(rows: &'b Rows<'a>, name: &Name) -> &'b [&'a CellReport] {
    let mut found = rows.iter().filter(|row| name_of(rows, row) == *name);
    found.next().map_or(&[], |(_, cells)| cells.as_slice())
}

/// What a row is called.
fn label((scenario, root): &Name, ticks: bool) -> String {
    let root = match root.as_str() {
        "" => "",
        "worker" => " in a task",
        _ => " in block_on",
    };
    let late = if ticks { ", late by" } else { "" };
    format!("{}{root}{late}", workload_catalogue::short(scenario))
}

/// Whether what is asked of these is not how long they take, but how late one of the branches came.
fn ticks(cells: &[&CellReport]) -> bool {
    cells.iter().any(|cell| cell.stall_ns.is_some())
}

/// A row a scenario and configuration, a column a primitive.
fn by_scenario(
    all: &[(&Config, Rows<'_>)],
    names: &[Name],
    width: usize,
    most: usize,
) -> Vec<String> {
    let every: Rows<'_> = all.iter().flat_map(|(_, rows)| rows.clone()).collect();
    let shown: Rows<'_> = every
        .iter()
        .filter(|(scenario, _)| names.iter().any(|(name, _)| name == scenario))
        .cloned()
        .collect();
    let columns = columns(&shown);
    let mut header = vec![String::new(), String::new()];
    header.extend(columns.iter().map(|&column| column.to_owned()));
    let mut grid = vec![header];
    for name in names {
        let mut first = true;
        for (config, rows) in all {
            let cells = cells_of(rows, name);
            if cells.is_empty() {
                continue;
            }
            let ticks = ticks(cells);
            let label = if first {
                label(name, ticks)
            } else {
                String::new()
            };
            first = false;
            let flavour = config.flavour_title();
            let mut line = vec![label, flavour];
            line.extend(columns.iter().map(|column| {
                let cell = cells.iter().find(|cell| cell.primitive == *column);
                cell.map_or_else(String::new, |cell| text(cell, ticks))
            }));
            grid.push(line);
        }
    }
    if all.len() == 1 {
        grid.iter_mut().for_each(|line| drop(line.remove(1)));
    }
    let title = "Median times; x: times as fast as one branch after the other (sequential)";
    let mut lines = vec![painted(&clipped(title, width), Style::new().bold())];
    let rows = aligned(grid, width);
    let left_out = left_out(all, names);
    let room = most.saturating_sub(1 + left_out.iter().len());
    lines.extend(super::capped(rows, room, "rows"));
    lines.extend(left_out);
    lines
}

/// A row a configuration, a column a scenario: how many times as fast joined, and spawned.
fn by_configuration(
    all: &[(&Config, Rows<'_>)],
    names: &[Name],
    width: usize,
    most: usize,
) -> Vec<String> {
    let title = "Joined, spawned: times as fast as one branch after the other; of a heartbeat, how late it came";
    let mut lines = vec![painted(&clipped(title, width), Style::new().bold())];
    let cell = |rows: &Rows<'_>, name: &Name, placing: &str| {
        let cells = cells_of(rows, name);
        let ticks = ticks(cells);
        let of = |primitive: &str| {
            let cell = cells.iter().find(|cell| cell.primitive == primitive);
            cell.map_or_else(|| "-".to_owned(), |cell| short(cell, ticks))
        };
        format!("{} {}", of("compose"), of(placing))
    };
    let column = |name: &Name| {
        let ticks = all.iter().any(|(_, rows)| ticks(cells_of(rows, name)));
        let mut column = vec![label(name, ticks)];
        column.extend(
            all.iter()
                .map(|(config, rows)| cell(rows, name, primitive_name(config.placing()))),
        );
        column
    };
    let titles: Vec<String> = all.iter().map(|(config, _)| config.title()).collect();
    let titles: Vec<String> = [String::new()].into_iter().chain(titles).collect();
    let left_out = left_out(all, names);
    let mut blocks: Vec<Vec<Vec<String>>> = Vec::new();
    for name in names {
        let column = column(name);
        let fits = |block: &[Vec<String>]| {
            let with = block.iter().chain([&column]);
            let widths = [&titles]
                .into_iter()
                .chain(with)
                .map(|column| widest(column) + 2);
            widths.sum::<usize>() <= width + 2
        };
        match blocks.last_mut() {
            Some(block) if fits(block) => block.push(column),
            _ => blocks.push(vec![column]),
        }
    }
    let rows_at_most =
        |blocks: usize| (most.saturating_sub(1 + left_out.iter().len()) / blocks.max(1)).max(2);
    // Of too many configurations rather a scenario less than rows that are cut.
    while blocks.len() > 1 && rows_at_most(blocks.len()) < titles.len() {
        blocks.pop();
    }
    let room = rows_at_most(blocks.len());
    for block in &blocks {
        let grid = (0..titles.len())
            .map(|row| {
                let cells = block.iter().map(|column| column[row].clone());
                [titles[row].clone()].into_iter().chain(cells).collect()
            })
            .collect();
        lines.extend(super::capped(aligned(grid, width), room, "configurations"));
    }
    lines.extend(left_out);
    lines
}

/// How many scenarios are not in the table.
fn left_out(all: &[(&Config, Rows<'_>)], names: &[Name]) -> Option<String> {
    let mut others: Vec<&str> = all
        .iter()
        .flat_map(|(_, rows)| rows.iter().map(|(scenario, _)| *scenario))
        .filter(|scenario| names.iter().all(|(name, _)| name != scenario))
        .collect();
    others.sort_unstable();
    others.dedup();
    (!others.is_empty()).then(|| {
        format!(
            "  {} with other questions: --details",
            counted(others.len(), "more scenario")
        )
    })
}

fn widest(column: &[String]) -> usize {
    column
        .iter()
        .map(|text| text.chars().count())
        .max()
        .unwrap_or(0)
}

/// Lines of columns, the first to the left and the others to the right; as many columns as fit.
fn aligned(grid: Vec<Vec<String>>, width: usize) -> Vec<String> {
    let columns = grid.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let texts = grid.iter().filter_map(|row| row.get(column));
            texts.map(|text| text.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut lines = Vec::new();
    for row in &grid {
        let mut line = String::new();
        for (column, text) in row.iter().enumerate() {
            let wide = widths[column];
            let before = if column == 0 { "" } else { "  " };
            if line.chars().count() + before.len() + wide > width {
                break;
            }
            line.push_str(before);
            line.push_str(&if column == 0 || text.contains('@') {
                format!("{text:<wide$}")
            } else {
                format!("{text:>wide$}")
            });
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// `5.05 ms  2.99x`, or how late one of the branches came.
fn text(cell: &CellReport, ticks: bool) -> String {
    let (time, times) = match (cell.status, cell.wall_ns, cell.stall_ns) {
        (CellStatus::Ok, Some(_), Some(late)) if ticks => (duration(late), None),
        (CellStatus::Ok, Some(wall), _) => (duration(wall.median), cell.speedup),
        _ => (cell.word().to_owned(), None),
    };
    if cell.primitive == "sequential" {
        return time;
    }
    format!("{time} {:>6}", times.map_or_else(String::new, self::times))
}

/// `2.99`, or how late one of the branches came.
fn short(cell: &CellReport, ticks: bool) -> String {
    match (cell.status, cell.stall_ns, cell.speedup) {
        (CellStatus::Ok, Some(late), _) if ticks => about(late).replace(' ', ""),
        (CellStatus::Ok, _, Some(speedup)) => times(speedup).replace('x', ""),
        (CellStatus::Ok, _, None) => "-".to_owned(),
        _ => cell.word().to_owned(),
    }
}

/// `2.99x`; of what is very much slower `1/2027`.
fn times(speedup: f64) -> String {
    if speedup < 0.095 {
        format!("1/{:.0}", 1.0 / speedup)
    } else if speedup < 9.995 {
        format!("{speedup:.2}x")
    } else {
        format!("{speedup:.1}x")
    }
}
