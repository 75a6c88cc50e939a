//! `harness compare` by the real binary, on what it recorded itself.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
    sync::OnceLock,
};

use crate::common::{Run, harness, json, list, said, stderr, stdout};
use tempfile::TempDir;

fn compare(arguments: &[&str]) -> Output {
    harness().arg("compare").args(arguments).output().unwrap()
}

/// One run for all tests.
fn run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let run = Run::new(&["--runtime=threads", "--scenario=timers", "--rounds=10"]);
        assert_eq!(run.output.status.code(), Some(0), "{}", said(&run.output));
        run
    })
}

/// A copy of a record in which each round of these cells took so many times as long, and no block was disturbed:
/// the machine that runs tests is seldom quiet.
fn copy(folder: &Path, to: &TempDir, name: &str, cell: &str, factor: f64) -> PathBuf {
    let copy = to.path().join(name);
    fs::create_dir_all(&copy).unwrap();
    fs::copy(folder.join("run.json"), copy.join("run.json")).unwrap();
    let mut lines = Vec::new();
    for line in fs::read_to_string(folder.join("samples.jsonl"))
        .unwrap()
        .lines()
    {
        let mut event: serde_json::Value = serde_json::from_str(line).unwrap();
        event.as_object_mut().unwrap().remove("disturbed");
        if event["event"] == "round" && event["cell"].as_str().unwrap().contains(cell) {
            for sample in event["samples"].as_array_mut().unwrap() {
                let wall = sample["wall_ns"].as_f64().unwrap();
                sample["wall_ns"] = ((wall * factor) as u64).into();
            }
        }
        lines.push(event.to_string());
    }
    fs::write(copy.join("samples.jsonl"), lines.join("\n") + "\n").unwrap();
    copy
}

fn path(folder: &Path) -> &str {
    folder.to_str().unwrap()
}

#[test]
fn a_slowdown_is_shown_and_fails_if_asked_and_the_same_again_is_none() {
    let run = run();
    let elsewhere = TempDir::new().unwrap();
    let copy = |name, cell, factor| copy(&run.folder(), &elsewhere, name, cell, factor);
    let a = copy("a", "nothing", 1.0);
    let copied = copy("copied", "nothing", 1.0);
    let alike = compare(&[
        path(&a),
        path(&copied),
        "--format=json",
        "--fail-on=regression=0%",
    ]);
    assert_eq!(alike.status.code(), Some(0), "{}", said(&alike));
    let alike = json(&alike);
    assert_eq!(alike["basis"], "one-machine");
    assert!(alike["comparisons"].as_u64().unwrap() > 4, "{alike:#}");
    for row in list(&alike, "rows") {
        let word = row["word"].as_str().unwrap();
        assert!(["not-shown", "too-few"].contains(&word), "{row:#}");
    }
    // Five times as long is beyond any noise of a cell that only sleeps.
    let slow = copy("slow", "/timers/spawn@", 5.0);
    let arguments = [path(&a), path(&slow), "--format=json"];
    let found = compare(&arguments);
    assert_eq!(found.status.code(), Some(0));
    let rows = json(&found);
    let changed: Vec<&serde_json::Value> = list(&rows, "rows")
        .iter()
        .filter(|row| row["word"] == "slower")
        .collect();
    assert!(!changed.is_empty());
    for row in changed {
        assert_eq!(
            (&row["scenario"], &row["primitive"]),
            (&"timers".into(), &"spawn".into())
        );
        let ratio = row["ratio"].as_f64().unwrap();
        assert!((ratio / 5.0 - 1.0).abs() < 1e-3, "{ratio}");
    }
    for (limit, code) in [("regression=20%", 3), ("regression=400%", 0)] {
        let output = compare(&[path(&a), path(&slow), "--fail-on", limit]);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{limit}: {}",
            said(&output)
        );
        assert_eq!(stderr(&output).contains("regression: threads:"), code == 3);
    }
    // The schema holds what it describes.
    let schema = harness().args(["schema", "compare"]).output().unwrap();
    let validator = jsonschema::validator_for(&json(&schema)).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&rows)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn flavours_of_one_run_are_compared_and_what_is_not_there_is_one_line() {
    let (run, elsewhere) = (run(), TempDir::new().unwrap());
    let folder = copy(&run.folder(), &elsewhere, "a", "nothing", 1.0);
    let part = |part: &str| format!("{}:{part}", path(&folder));
    let found = compare(&[&part("threads:threads"), &part("threads:thread-a-branch")]);
    assert_eq!(found.status.code(), Some(0), "{}", said(&found));
    assert!(stdout(&found).contains("One run"), "{}", said(&found));
    assert!(
        stdout(&found).contains("and threads:thread-a-branch@1/timers/compose@3"),
        "{}",
        said(&found)
    );
    assert!(!stdout(&found).contains('\u{1b}'));
    let code_and_line = |arguments: &[&str]| {
        let output = compare(arguments);
        assert_eq!(stdout(&output), "");
        let line = stderr(&output).replace(path(&folder), "DIR");
        assert_eq!(line.lines().count(), 1, "{line}");
        (output.status.code(), line)
    };
    let (code, line) = code_and_line(&[path(&folder), "no-such-folder"]);
    assert_eq!(code, Some(2));
    assert!(
        line.contains("`no-such-folder`: there is no such folder"),
        "{line}"
    );
    let (code, line) = code_and_line(&[&part("smol"), path(&folder)]);
    assert_eq!(code, Some(2));
    assert!(
        line.contains("has no smol; there are threads:threads@"),
        "{line}"
    );
    let (code, line) = code_and_line(&[path(&folder), path(&folder), "--fail-on=5%"]);
    assert_eq!(code, Some(2));
    assert!(line.contains("regression=5%"), "{line}");
}
