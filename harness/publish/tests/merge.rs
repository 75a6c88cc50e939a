//! `harness merge`: real records, joined by the real binary. What it counts is in `src/merge/tests.rs`.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, path::Path};

use crate::common::{self, Run, harness, json, list, said, stderr, stdout};
use serde_json::Value;
use tempfile::TempDir;

fn merge(folders: &[&Path], format: &str) -> std::process::Output {
    let mut command = harness();
    command
        .arg("merge")
        .args(folders)
        .args(["--format", format]);
    command.output().unwrap()
}

/// The same record, as if of a machine with another processor.
fn elsewhere(run: &Path, folder: &Path) {
    fs::copy(run.join("samples.jsonl"), folder.join("samples.jsonl")).unwrap();
    let text = fs::read(run.join("run.json")).unwrap();
    let mut header: Value = serde_json::from_slice(&text).unwrap();
    header["host"]["cpu"] = "Made-up CPU".into();
    fs::write(folder.join("run.json"), header.to_string()).unwrap();
}

#[test]
fn machines_are_told_apart_and_runs_named() {
    let run = Run::new(&["--runtime=threads", "--scenario=digest", "--rounds=1"]);
    assert_eq!(run.output.status.code(), Some(0), "{}", said(&run.output));
    let other = TempDir::new().unwrap();
    elsewhere(&run.folder(), other.path());
    let folder = run.folder();
    let folders = [folder.as_path(), other.path(), folder.as_path()];

    let output = merge(&folders, "json");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let merged = json(&output);
    assert_eq!(list(&merged, "machines").len(), 2);
    assert_eq!(
        list(&merged, "runs").len(),
        2,
        "the third is the first again"
    );
    let report = harness()
        .arg("report")
        .arg(&folder)
        .args(["--format=json"])
        .output()
        .unwrap();
    let report = json(&report);
    assert_eq!(list(&merged, "claims").len(), list(&report, "claims").len());
    for row in list(&merged, "claims") {
        // The same samples: both machines say the same.
        assert_eq!(list(row, "on").len(), 2);
        let counts = row["machines"].as_object().unwrap().values();
        let counts: Vec<u64> = counts
            .filter_map(Value::as_u64)
            .filter(|&n| n > 0)
            .collect();
        assert_eq!(counts, [2], "{row}");
    }

    let schema = harness().args(["schema", "merge"]).output().unwrap();
    let published = common::workspace().join("docs/merge.schema.json");
    let published = fs::read_to_string(published).unwrap_or_default();
    assert!(
        published.replace("\r\n", "\n") == stdout(&schema),
        "docs/merge.schema.json is out of date: write what `harness schema merge` prints into it"
    );
    let validator = jsonschema::validator_for(&json(&schema)).unwrap();
    assert!(validator.is_valid(&merged));
    let mut spoilt = merged.clone();
    spoilt["claims"][0]["on"][0]["word"] = "perhaps".into();
    assert!(!validator.is_valid(&spoilt));

    // For people: no escape codes where nobody sees them.
    let text = stdout(&merge(&folders, "table"));
    assert!(
        text.starts_with("machine 1  ") && text.contains("\nmachine 2  "),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "{text}");
    let markdown = stdout(&merge(&folders, "markdown"));
    assert!(
        markdown.starts_with("| machine | what it is | runs |\n"),
        "{markdown}"
    );
}

#[test]
fn what_is_no_record_is_one_line() {
    let nowhere = TempDir::new().unwrap();
    let output = merge(&[nowhere.path()], "table");
    assert_eq!(output.status.code(), Some(2));
    let line = stderr(&output).replace(nowhere.path().to_str().unwrap(), "DIR");
    insta::assert_snapshot!(line, @"error: DIR: this is no record of a run: it has no run.json; `harness run` names the folder that it writes");
    let output = harness().arg("merge").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(stderr(&output), @"error: the following required arguments were not provided: <DIR>...; `harness --help` shows what there is");
}
