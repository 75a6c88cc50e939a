//! `harness timeline`: who was inside which branch, and when, in a recorded round of any cell.

use super::Usage;
use crate::cli::{RecordedCells, TimelineArgs};
use harness_record::format::{counted, milliseconds};
use harness_report::{
    recorded::Recorded,
    screen,
    timeline::{self, Part},
    traced::{self, Traced},
};
use std::{fmt::Write as _, path::Path, process::ExitCode};

/// Draws the cells, below each other on one axis.
///
/// # Errors
///
/// What is wrong with the record, or with the name of a cell.
pub fn run(args: &TimelineArgs) -> anyhow::Result<ExitCode> {
    let recorded = read(&args.of)?;
    let traced =
        traced::find(&recorded.bundle, &args.of.cells).map_err(|why| of(&recorded, &why))?;
    let text = drawn(&recorded, &traced, screen::width());
    screen::show(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The record that is asked for, or the newest.
pub fn read(of: &RecordedCells) -> anyhow::Result<Recorded> {
    let folder = match &of.from {
        Some(folder) => folder.clone(),
        None => traced::newest(Path::new("results")).map_err(Usage)?,
    };
    let recorded = Recorded::read(&folder).map_err(|error| Usage(format!("{error:#}")))?;
    super::want_cells(&folder, &recorded.bundle)?;
    Ok(recorded)
}

/// What is wrong with a name, and in which record it was looked for.
pub fn of(recorded: &Recorded, why: &str) -> Usage {
    Usage(format!("{}: {why}", recorded.name))
}

/// The picture, and above it what was recorded where.
fn drawn(recorded: &Recorded, traced: &[Traced<'_>], width: usize) -> String {
    let header = &recorded.bundle.header;
    let mut out = format!(
        "{}: {}; {}\n",
        recorded.name,
        header.host.summary(header.cores),
        header.started
    );
    let headings: Vec<String> = traced
        .iter()
        .map(|traced| heading(recorded, traced))
        .collect();
    let parts: Vec<Part<'_>> = traced
        .iter()
        .zip(&headings)
        .map(|(traced, heading)| Part {
            heading,
            label: "",
            polls: &traced.sample.trace,
        })
        .collect();
    out.push_str(&timeline::draw(&parts, width));
    out.push_str("A lane is an OS thread, numbered in the order in which they came to poll.\n");
    out
}

/// The name of a cell, and what its sample and the law say.
fn heading(recorded: &Recorded, traced: &Traced<'_>) -> String {
    let Traced { cell, sample } = traced;
    let mut out = format!(
        "\n{cell}\n  {} in this sample",
        milliseconds(sample.wall_ns as f64)
    );
    let name = cell.to_string();
    let report = recorded.report.cells.iter().find(|row| row.cell == name);
    if let Some(wall) = report.and_then(|row| row.wall_ns) {
        let _ = write!(out, ", {} in the median round", milliseconds(wall.median));
    }
    let _ = match recorded.bundle.predictions.get(cell) {
        Some(law) => write!(out, "; the law says {}", milliseconds(law.wall_ns as f64)),
        None => write!(out, "; no law states its time"),
    };
    let _ = write!(
        out,
        "\n  {} on {}, at most {} inside branches at once, {:.2} on average; {:.2} cores used",
        counted(sample.polls, "poll"),
        counted(sample.threads, "thread"),
        sample.peak_overlap,
        sample.mean_overlap,
        sample.cpu_ns as f64 / sample.wall_ns.max(1) as f64
    );
    if let Some(cut) = traced.cut() {
        let _ = write!(out, "\n  cut: {cut} are kept and drawn");
    }
    if sample.lost_polls > 0 {
        let lost = counted(sample.lost_polls, "poll");
        let _ = write!(out, "\n  {lost} found no room in the witness's buffers");
    }
    out
}

#[cfg(test)]
mod tests {
    use harness_protocol::{Poll, Sample};
    use insta::assert_snapshot;

    use super::*;
    use harness_record::fabricated::{MS, block, overlapping, sample, smol_run};
    use harness_report::Report;
    use harness_report::screen::plain;

    fn polls(each: &[(u32, u32, u64, u64)]) -> Vec<Poll> {
        let poll = |&(branch, thread, start, end)| Poll {
            branch,
            thread,
            start_ns: start * MS,
            end_ns: end * MS,
        };
        each.iter().map(poll).collect()
    }

    #[test]
    fn cells_share_an_axis_and_say_what_they_are() {
        let mut bundle = smol_run();
        let compose = Sample {
            trace: polls(&[(0, 4, 0, 4), (1, 4, 4, 8)]),
            ..sample(8.0, 1.0)
        };
        let spawn = Sample {
            trace: polls(&[(0, 4, 0, 4), (1, 9, 0, 4)]),
            polls: 300,
            lost_polls: 1,
            ..overlapping(4.0, 1.9, 2)
        };
        block(
            &mut bundle,
            &[
                ("smol:workers@2/digest/compose@2", compose),
                ("smol:workers@2/digest/spawn@2", spawn),
            ],
        );
        let report = Report::of(&bundle);
        let recorded = Recorded {
            name: "20260102T030405-7".to_owned(),
            bundle,
            report,
        };
        let names = ["smol/digest/compose", "smol/digest/spawn"].map(str::to_owned);
        let traced = traced::find(&recorded.bundle, &names).unwrap();
        assert_snapshot!(plain(&drawn(&recorded, &traced, 52)), @r"
        20260102T030405-7: Made-up CPU, 2 cores allowed, linux 6.1; 2026-01-02T03:04:05Z

        smol:workers@2/digest/compose@2
          8.00 ms in this sample, 8.00 ms in the median round; the law says 8.00 ms
          2 polls on 1 thread, at most 1 inside branches at once, 1.00 on average; 1.00 cores used
          thread 1  AAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBB

        smol:workers@2/digest/spawn@2
          4.00 ms in this sample, 4.00 ms in the median round; the law says 4.00 ms
          300 polls on 2 threads, at most 2 inside branches at once, 1.90 on average; 1.90 cores used
          cut: the first 2 of 300 polls are kept and drawn
          1 poll found no room in the witness's buffers
          thread 1  AAAAAAAAAAAAAAAAAAAA····················
          thread 2  BBBBBBBBBBBBBBBBBBBB····················
                    0 ms      2         4         6        8
                    branches A–B; · no poll; a column is 0.2 ms
        A lane is an OS thread, numbered in the order in which they came to poll.
        ");
    }
}
