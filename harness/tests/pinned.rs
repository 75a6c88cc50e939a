//! On one core nothing can be parallel, and nothing says that it is.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

use std::{fs, process::Command};

use crate::common::{self, list, prebuilt, said};
use tempfile::TempDir;

/// The first core that this process may use.
fn a_core() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let (_, list) = status.split_once("Cpus_allowed_list:")?;
    let list = list.lines().next()?.trim();
    Some(list.split(['-', ',']).next()?.to_owned())
}

#[test]
fn one_core_is_one_core() {
    let core = a_core().unwrap();
    let results = TempDir::new().unwrap();
    let mut command = Command::new("taskset");
    command.arg("-c").arg(core).arg(common::PROGRAM);
    command.arg("run").arg("--adapters").arg(prebuilt());
    command.arg("--results").arg(results.path());
    command.args([
        "--runtime=threads",
        "--scenario=digest",
        "--rounds=3",
        "--workers=2",
    ]);
    let output = match command.arg("--format=json").output() {
        Ok(output) => output,
        Err(error) => return eprintln!("skipped: taskset: {error}"),
    };
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = common::json(&output);
    assert_eq!(report["cores"], 1);
    let cells = list(&report, "cells");
    assert_eq!(cells.len(), 2 * 3, "flavours, primitives");
    for cell in cells {
        assert_eq!(cell["status"], "ok", "{cell}");
        let cores = cell["cores_used"].as_f64().unwrap();
        assert!(cores <= 1.1, "{cores} cores used on one: {cell}");
    }
    let mut claims = 0;
    for claim in list(&report, "claims") {
        if claim["claim"] == "spawn-uses-cores" {
            assert_eq!(claim["verdict"], "not-testable", "{claim}");
            claims += 1;
        }
    }
    assert_eq!(claims, 2);
    // Nor does the sentence in words.
    let answers = list(&report, "answers");
    assert_eq!(answers.len(), 2);
    for answer in answers {
        let answer = answer.as_str().unwrap();
        assert!(
            answer.contains("whether spawn uses more cores cannot be tested here"),
            "{answer}"
        );
    }
}
