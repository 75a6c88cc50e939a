//! Branches that wait for each other: calibrated joined, on an adapter with which one alone waits for ever.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

use std::{fs, os::unix::fs::symlink, process::Output};

use crate::common::{fixture, harness, json, list, prebuilt, record, said, stderr};
use serde_json::Value;
use tempfile::TempDir;

/// What the harness said, and the events that it recorded.
fn run(scenario: &str, timeout: &str) -> (Output, Vec<Value>) {
    let folder = TempDir::new().unwrap();
    let real = folder.path().join("real");
    fs::create_dir(&real).unwrap();
    let threads = "runtime-threads";
    symlink(prebuilt().join(threads), real.join(threads)).unwrap();
    symlink(fixture("together.sh"), folder.path().join(threads)).unwrap();
    let results = TempDir::new().unwrap();
    let mut command = harness();
    command.arg("run").arg("--adapters").arg(folder.path());
    command.arg("--results").arg(results.path());
    command.args(["--runtime=threads", "--rounds=1", "--unverified"]);
    command.args(["--format=json", "--scenario", scenario]);
    let output = command.arg("--timeout").arg(timeout).output().unwrap();
    let text = fs::read_to_string(record(results.path()).join("samples.jsonl")).unwrap();
    let events = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (output, events.collect())
}

fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events
        .iter()
        .filter(|event| event["event"] == kind)
        .collect()
}

#[test]
fn their_steps_waits_and_work_are_those_of_the_join() {
    let (output, events) = run("field/pool-of-one", "30s");
    let steps = of(&events, "steps");
    assert_eq!(steps.len(), 1, "{}", said(&output));
    // 4 ms for two branches of 400 steps, and 2 ms of work to aim at.
    assert_eq!(
        (&steps[0]["step_ns"], &steps[0]["steps"]),
        (&5000.0.into(), &400.into())
    );
    let calibrations = of(&events, "calibration");
    assert_eq!(calibrations.len(), 2, "two flavours: {calibrations:?}");
    for event in calibrations {
        let cell = event["cell"].as_str().unwrap();
        assert!(cell.ends_with("/field/pool-of-one/compose@2"), "{cell}");
        // Both wait while nobody is polled, and each has half of the work.
        let (wait, work) = (&event["wait_ns"], &event["work_ns"]);
        assert_eq!((wait, work), (&26_000_000.into(), &2_000_000.into()));
    }
    assert_eq!(of(&events, "prediction"), [&Value::Null; 0]);
    let report = json(&output);
    let cells = list(&report, "cells").iter();
    let primitives: Vec<&str> = cells
        .map(|cell| cell["primitive"].as_str().unwrap())
        .collect();
    assert_eq!(primitives, ["compose", "spawn", "compose", "spawn"]);
}

#[test]
fn one_that_waits_for_ever_is_named_with_what_may_be_missing() {
    let (output, events) = run("field/hot-loop", "1s");
    assert!(of(&events, "steps").is_empty());
    let report = json(&output);
    let cells = list(&report, "cells");
    assert!(!cells.is_empty(), "{}", said(&output));
    for cell in cells {
        assert_eq!(cell["status"], "timeout");
        assert_eq!(
            cell["reason"],
            "the steps of field/hot-loop could not be calibrated: one branch alone, on threads threads@1: not done \
             within 1s: 0 of 3 samples, no end line. If its branches wait for each other, its line in the catalogue \
             says `.together()`"
        );
    }
    let (output, events) = run("timers", "1s");
    assert!(of(&events, "prediction").is_empty());
    let said = stderr(&output);
    let line = said.lines().find(|line| line.starts_with("timers: "));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    assert!(
        line.contains("its times are not predicted: one branch alone, on threads "),
        "{line}"
    );
    assert!(line.ends_with("says `.together()`"), "{line}");
}
