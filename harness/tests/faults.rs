//! An adapter that goes wrong costs one cell, with its reason; the run goes on, and nothing is left.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

use std::{collections::BTreeMap, os::unix::fs::symlink, path::Path};

use crate::common::{fixture, harness, json, list, lives, noted, prebuilt, said, stderr};
use tempfile::TempDir;

/// A folder with the real threads adapter, and these faulty ones beside it. Links, since a program
/// that was written a moment ago cannot always be started.
fn folder(faults: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for program in ["runtime-threads", "origin"] {
        symlink(prebuilt().join(program), folder.path().join(program)).unwrap();
    }
    for fault in faults {
        let link = folder.path().join(format!("runtime-{fault}"));
        symlink(fixture("faulty.sh"), link).unwrap();
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let results = TempDir::new().unwrap();
    let mut command = harness();
    command.arg("run").arg("--adapters").arg(folder);
    command.arg("--results").arg(results.path());
    command.args([
        "--scenario=timers",
        "--primitive=compose,spawn",
        "--rounds=2",
    ]);
    // Their promises are those of the real adapter behind them, and take their time.
    command.args(["--timeout=5s", "--format=json", "--unverified"]);
    command.args(arguments).output().unwrap()
}

#[test]
fn each_fault_costs_one_cell() {
    // What the faulty cell becomes, and a part of its reason.
    let faults = BTreeMap::from([
        (
            "crash",
            (
                "crashed",
                "panicked (exit code 101): 0 of 1 samples, no end line",
            ),
        ),
        (
            "crowd",
            (
                "wrong",
                "9 threads polled its branches, and the adapter declares 1",
            ),
        ),
        ("flood", ("crashed", "64 MiB")),
        (
            "half",
            ("crashed", "stopped half-way: 1 of 1 samples, no end line"),
        ),
        ("hang", ("timeout", "not done within 5s")),
        ("nonsense", ("crashed", "Hello, world!")),
        ("suicide", ("crashed", "killed by SIGKILL")),
        ("wrong", ("wrong", "2 is not 3")),
    ]);
    let names: Vec<&str> = faults.keys().copied().collect();
    let folder = folder(&names);
    let all = format!("--runtime={}", names.join(","));
    let output = run(folder.path(), &[&all]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = json(&output);
    assert_eq!(report["complete"], true, "the run went on to its end");
    let cells = list(&report, "cells");
    assert_eq!(
        cells.len(),
        faults.len() * 4,
        "two flavours, two primitives"
    );
    for cell in cells {
        let word = |key: &str| cell[key].as_str().unwrap();
        let (status, reason) = faults[word("runtime")];
        if (word("flavour"), word("primitive")) != ("threads", "compose") {
            assert_eq!(
                (word("status"), &cell["reason"]),
                ("ok", &serde_json::Value::Null)
            );
            assert!(cell["rounds"].as_u64().unwrap() > 0, "{cell}");
            continue;
        }
        assert_eq!(word("status"), status, "{cell}");
        assert!(word("reason").contains(reason), "{cell}");
        assert!(
            !word("reason").is_empty() && !word("reason").contains('\n'),
            "{cell}"
        );
        // What is not a whole and right answer is not a time.
        assert!(cell["wall_ns"].is_null() && cell["rounds"] == 0, "{cell}");
    }
    let crash = cells.iter().find(|cell| !cell["stderr"].is_null()).unwrap();
    assert_eq!(
        (&crash["runtime"], &crash["stderr"]),
        (&"crash".into(), &"thread main panicked".into())
    );
    nothing_is_left(folder.path());
}

/// Everything that the fixtures noted has gone by the time that the harness has.
fn nothing_is_left(folder: &Path) {
    let all = noted(folder);
    assert!(!all.is_empty());
    for id in all {
        assert!(!lives(id), "process {id} was left behind");
    }
}

#[test]
fn what_an_adapter_says_it_cannot_do_is_no_failure() {
    let folder = folder(&["refuses", "mute"]);
    let output = run(folder.path(), &["--runtime=refuses,mute"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    let status = |runtime: &str, primitive: &str| {
        let mut cells = list(&report, "cells").iter();
        let cell = cells.find(|cell| {
            cell["runtime"] == runtime
                && cell["primitive"] == primitive
                && cell["flavour"] != "thread-a-branch"
        });
        let cell = cell.unwrap_or_else(|| panic!("{report:#}"));
        (
            cell["status"].as_str().unwrap(),
            cell["reason"].as_str().unwrap_or_default(),
        )
    };
    assert_eq!(
        status("refuses", "compose"),
        ("unsupported", "no timers here")
    );
    assert_eq!(status("refuses", "spawn"), ("ok", ""));
    // One that cannot even say who it is has a row that says why, and costs the others nothing.
    let (mute, why) = status("mute", "");
    assert_eq!(mute, "unavailable");
    assert!(why.contains("what am I?"), "{why}");
    assert!(stderr(&output).contains("mute is unavailable: "));
}

/// A round whose answer is whole is good, even if it leaves a process behind that holds its pipes.
#[test]
fn what_a_good_round_leaves_behind_is_ended() {
    let folder = folder(&["daemon"]);
    let output = run(folder.path(), &["--runtime=daemon"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    nothing_is_left(folder.path());
}
