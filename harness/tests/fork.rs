//! Recursions that fork, by the baseline, with the limits as a folder of adapters has them.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use crate::common::{harness, json, list, prebuilt, said, stderr};
use tempfile::TempDir;

#[test]
fn recursions_stand_beside_the_sequential_program_and_rayon() {
    let results = TempDir::new().unwrap();
    let mut run = harness();
    run.args(["run", "--runtime=threads", "--workers=2", "--rounds=1"]);
    run.args(["--unverified", "--format=json", "--quiet"]);
    run.args(["--scenario=fork/fib,fork/queens", "--branches=8"]);
    run.arg("--adapters").arg(prebuilt());
    let output = run.arg("--results").arg(results.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    let series = list(&report, "fork");
    // Two limits, and two flavours in turn, joined and spawned.
    assert_eq!(series.len(), 2 * (2 + 2 * 3), "{report:#}");
    for one in series {
        assert!(one["gave_out"].is_null(), "{one:#}");
        // A size that was asked for comes last, after the smaller ones.
        let point = list(one, "points").last().unwrap();
        assert_eq!(point["size"], 8);
        // fib(9) - 1, and the placements of up to eight queens.
        let forks = if one["scenario"] == "fork/fib" {
            33
        } else {
            2_056
        };
        assert_eq!(point["forks"], forks, "{one:#}");
        for figure in ["wall_ns", "speedup"] {
            assert!(point[figure]["median"].as_f64().unwrap() > 0.0, "{one:#}");
        }
        let sequential = one["limit"] == true && one["flavour"] == "sequential";
        let speedup = point["speedup"]["median"].as_f64().unwrap();
        // Exactly: it is a time over itself.
        assert!(
            !sequential || speedup.to_bits() == 1.0_f64.to_bits(),
            "{one:#}"
        );
    }
    // None is watched, and what is no runtime is no entrant either.
    for cell in list(&report, "cells") {
        assert_eq!(
            (&cell["status"], &cell["runtime"]),
            (&"ok".into(), &"threads".into())
        );
        assert!(cell["peak_overlap"].is_null(), "{cell:#}");
    }
}

#[test]
fn a_size_that_a_recursion_cannot_have_is_refused_in_a_line() {
    let mut run = harness();
    run.args([
        "run",
        "--runtime=threads",
        "--scenario=fork/matmul",
        "--branches=100",
    ]);
    let output = run.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(
        stderr(&output),
        "error: --branches 100: fork/matmul takes a side that is a power of two from 32 to 4096\n"
    );
}
