//! `harness costs` tries every promise before it counts, and counts nothing of what breaks one.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::common::{fixture, harness, json, list, record, reported, said, until};
use serde_json::Value;
use tempfile::TempDir;

/// Adapters that keep their promises or do not, each with an executable that was made up.
fn made_up(whats: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for what in whats {
        for (program, script) in [("runtime", "promises.sh"), ("costs", "costs.sh")] {
            let link = folder.path().join(format!("{program}-{what}"));
            std::os::unix::fs::symlink(fixture(script), link).unwrap();
        }
    }
    folder
}

fn costs_of(adapters: &Path, results: &Path) -> Command {
    let mut command = harness();
    command.args(["costs", "--rounds=1", "--no-instructions", "--quiet"]);
    command.args(["--operation=compose-ready", "--format=json", "--adapters"]);
    command.arg(adapters).arg("--results").arg(results);
    command
}

fn checked(folder: &Path) {
    let checked = harness().arg("check").arg(folder).output().unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
}

/// What it would count of a runtime that breaks a promise is worth nothing.
#[test]
fn what_breaks_a_promise_is_not_counted_and_the_others_are() {
    let (folder, results) = (made_up(&["breaks", "keeps"]), TempDir::new().unwrap());
    let output = costs_of(folder.path(), results.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = json(&output);
    let words: Vec<(&Value, &Value, &Value)> = list(&report, "verified")
        .iter()
        .map(|one| (&one["runtime"], &one["tried"], &one["kept"]))
        .collect();
    let (three, two) = (3.into(), 2.into());
    let (breaks, keeps) = ("breaks".into(), "keeps".into());
    assert_eq!(words, [(&breaks, &three, &two), (&keeps, &three, &three)]);
    let counted = list(&report["costs"], "operations").iter();
    let counted: Vec<&Value> = counted.map(|one| &one["runtime"]).collect();
    assert_eq!(counted, [&keeps, &keeps]);
    let folder = record(results.path());
    checked(&folder);
    for (format, lines) in [
        (
            "table",
            [
                "breaks one@1  2 of 3 promises kept",
                "  broken  second: 2 threads declared, 1 seen",
                "keeps one@1   3 of 3 promises kept",
            ],
        ),
        (
            "markdown",
            [
                "- breaks one@1: 2 of 3 promises kept",
                "  - **broken** second: 2 threads declared, 1 seen",
                "- keeps one@1: 3 of 3 promises kept",
            ],
        ),
    ] {
        let printed = reported(&folder, format);
        for line in lines {
            assert!(
                printed.lines().any(|printed| printed == line),
                "{line}\n{printed}"
            );
        }
    }
}

/// Where nothing is left to count the record is sound, and says why.
#[test]
fn a_run_in_which_all_break_a_promise_is_a_sound_record() {
    let (folder, results) = (made_up(&["breaks"]), TempDir::new().unwrap());
    let output = costs_of(folder.path(), results.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(list(&json(&output)["costs"], "operations").is_empty());
    checked(&record(results.path()));
}

#[test]
fn a_run_that_is_stopped_at_its_promises_counts_nothing() {
    let (folder, results) = (made_up(&["hangs"]), TempDir::new().unwrap());
    let mut command = costs_of(folder.path(), results.path());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // The second never ends; the first is in the record.
    until("what comes before the hang", || {
        let folder = fs::read_dir(results.path()).ok()?.flatten().next()?.path();
        let events = fs::read_to_string(folder.join("samples.jsonl")).ok()?;
        events.contains("\"check\":\"first\"").then_some(())
    });
    let id = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    let report = json(&output);
    assert!(list(&report["costs"], "operations").is_empty(), "{report}");
    assert_eq!(list(&report, "verified")[0]["tried"], 1);
    checked(&record(results.path()));
}
