//! `harness report` prints what the run printed, from its record alone.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, io::Write as _, path::Path, process::Output};

use crate::common::{self, Run, harness, stderr, stdout};
use tempfile::TempDir;

fn report(folder: &Path, format: &str) -> Output {
    let mut command = harness();
    command.arg("report").arg(folder).args(["--format", format]);
    command.output().unwrap()
}

fn run(format: &str) -> Run {
    let run = Run::new(&[
        "--runtime=threads",
        "--scenario=timers,digest",
        "--rounds=1",
        "--format",
        format,
    ]);
    assert_eq!(
        run.output.status.code(),
        Some(0),
        "{}",
        common::said(&run.output)
    );
    assert!(!run.output.stdout.is_empty());
    run
}

#[test]
fn a_record_prints_what_its_run_printed() {
    for format in ["table", "json", "csv", "markdown"] {
        let run = run(format);
        let named = format!("recorded in {}", run.folder().display());
        assert!(stderr(&run.output).lines().any(|line| line == named));
        let again = report(&run.folder(), format);
        assert_eq!(again.status.code(), Some(0));
        assert_eq!(stdout(&again), stdout(&run.output), "{format}");
        assert_eq!(stderr(&again), "");
    }
}

/// The summary is a screenful; what it leaves out is there for whoever asks.
#[test]
fn details_are_for_those_who_ask() {
    let run = run("table");
    let summary = stdout(&run.output);
    assert!(summary.lines().count() <= 60, "{summary}");
    let folder = run.folder();
    let asked = format!("report {} --details", folder.display());
    assert!(summary.contains(&asked), "{summary}");
    let mut command = harness();
    command.arg("report").arg(&folder).arg("--details");
    let details = stdout(&command.output().unwrap());
    for (text, shows) in [(&summary, false), (&details, true)] {
        // The evidence of a claim that cannot be judged, and the law of a cell.
        assert_eq!(
            text.contains("needs the scenario heartbeat"),
            shows,
            "{text}"
        );
        assert_eq!(text.contains(" of law"), shows, "{text}");
    }
    let json: serde_json::Value = serde_json::from_str(&stdout(&report(&folder, "json"))).unwrap();
    for claim in json["claims"].as_array().unwrap() {
        let id = claim["claim"].as_str().unwrap();
        assert!(details.contains(id), "no {id} in\n{details}");
    }
}

#[test]
fn a_line_cut_short_by_a_kill_is_passed_over() {
    let run = run("json");
    let path = run.folder().join("samples.jsonl");
    let mut events = fs::File::options().append(true).open(&path).unwrap();
    // As a kill would have left it, it is not sealed.
    fs::remove_file(run.folder().join("seal.json")).unwrap();
    // Inside a character of two bytes.
    events
        .write_all(b"{\"event\":\"round\",\"reason\":\"\xc3")
        .unwrap();
    let again = report(&run.folder(), "json");
    assert_eq!(stdout(&again), stdout(&run.output));

    // But only there: a line in the middle is damage, and its number is said.
    events
        .write_all(b"\n{\"event\":\"end\",\"interrupted\":false}\n")
        .unwrap();
    let lines = fs::read(&path)
        .unwrap()
        .split(|&byte| byte == b'\n')
        .count()
        - 1;
    let damaged = refused(&run.folder());
    assert!(
        damaged.contains(&format!("samples.jsonl, line {}: ", lines - 1)),
        "{damaged}"
    );
}

/// The one line that is said instead of a report.
fn refused(folder: &Path) -> String {
    let output = report(folder, "table");
    assert_eq!(output.status.code(), Some(2), "{}", common::said(&output));
    assert_eq!(stdout(&output), "");
    let line = stderr(&output);
    assert_eq!(line.lines().count(), 1, "{line}");
    line.trim_end().replace(folder.to_str().unwrap(), "DIR")
}

#[test]
fn what_is_no_record_is_one_line() {
    let folder = TempDir::new().unwrap();
    let header = folder.path().join("run.json");
    insta::assert_snapshot!(refused(&folder.path().join("nowhere")), @"error: DIR: this is no record of a run: it has no run.json; `harness run` names the folder that it writes");
    insta::assert_snapshot!(refused(folder.path()), @"error: DIR: this is no record of a run: it has no run.json; `harness run` names the folder that it writes");
    fs::write(&header, "{").unwrap();
    insta::assert_snapshot!(refused(folder.path()), @"error: DIR/run.json, line 1: this is no JSON: EOF while parsing an object, column 1");

    let run = run("csv");
    let recorded = fs::read_to_string(run.folder().join("run.json")).unwrap();
    fs::write(&header, &recorded).unwrap();
    let no_samples = refused(folder.path());
    assert!(
        no_samples.starts_with("error: DIR/samples.jsonl: cannot read it: "),
        "{no_samples}"
    );
    fs::write(
        &header,
        recorded.replacen("\"schema\": 4", "\"schema\": 9", 1),
    )
    .unwrap();
    insta::assert_snapshot!(refused(folder.path()), @"error: DIR/run.json, line 2: schema: the record has schema 9, and this harness reads 4: read it with the harness that wrote it, or a later one");
}
