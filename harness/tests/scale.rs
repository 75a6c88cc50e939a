//! Many branches and many connections on a real runtime, with the limits as a folder of adapters has them.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(unix)]

use std::os::unix::fs::symlink;

use crate::common::{folder_of, harness, json, list, prebuilt, said};
use tempfile::TempDir;

/// Smol's adapter, and beside it what `harness build` puts into every folder.
fn adapters() -> TempDir {
    let folder = folder_of(&["smol"]);
    for file in ["runtime-threads", "runtime-limits", "adapters.json"] {
        symlink(prebuilt().join(file), folder.path().join(file)).unwrap();
    }
    folder
}

/// One round of a scenario with so many branches.
fn run(scenario: &str, branches: &str) -> serde_json::Value {
    let (results, adapters) = (TempDir::new().unwrap(), adapters());
    let mut run = harness();
    run.args(["run", "--runtime=smol", "--workers=2", "--rounds=1"]);
    run.args(["--unverified", "--format=json", "--quiet"]);
    run.args(["--scenario", scenario, "--branches", branches]);
    run.arg("--adapters").arg(adapters.path());
    let output = run.arg("--results").arg(results.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    json(&output)
}

#[test]
fn a_branch_that_holds_a_buffer_takes_as_much_memory_and_more() {
    let report = run("scale/timer,scale/buffer", "10000");
    let series = list(&report, "scale");
    // Two flavours, joined and spawned, with and without.
    assert_eq!(series.len(), 2 * 2 * 2, "{report:#}");
    let bytes = |flavour: &str, scenario: &str, primitive: &str| {
        let mut of = series.iter().filter(|series| {
            (
                &series["flavour"],
                &series["scenario"],
                &series["primitive"],
            ) == (&flavour.into(), &scenario.into(), &primitive.into())
        });
        let point = &of.next().unwrap()["points"][0];
        assert_eq!(point["branches"], 10_000);
        assert!(point["cpu_ns"]["median"].as_f64().unwrap() > 0.0);
        point["bytes"].as_f64()
    };
    for flavour in ["default", "workers"] {
        for primitive in ["compose", "spawn"] {
            let plain = bytes(flavour, "scale/timer", primitive);
            let buffered = bytes(flavour, "scale/buffer", primitive);
            if cfg!(target_os = "linux") {
                let more = buffered.unwrap() - plain.unwrap();
                // Once in the branch, or twice: joined, it is in the list and in its place. Less what the kernel had
                // not added up yet.
                assert!((900.0..4_000.0).contains(&more), "{primitive}: {more}");
            }
        }
    }
    // None is watched, and none is a failure or a verdict.
    for cell in list(&report, "cells") {
        assert_eq!(cell["status"], "ok", "{cell:#}");
        assert!(cell["peak_overlap"].is_null(), "{cell:#}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn connections_stand_beside_what_the_machine_can_do() {
    let report = run("connections", "1000");
    let series = list(&report, "connections");
    let limits: Vec<&serde_json::Value> = series.iter().filter(|s| s["limit"] == true).collect();
    let names: Vec<&str> = limits
        .iter()
        .map(|limit| limit["flavour"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["epoll", "threads"], "{report:#}");
    // Two flavours, joined and spawned.
    assert_eq!(series.len(), 2 + 2 * 2, "{report:#}");
    for series in series {
        assert!(series["gave_out"].is_null(), "{series:#}");
        let point = &series["points"][0];
        assert_eq!(point["connections"], 1_000);
        for figure in ["trip_ns", "cpu_ns", "origin_ns"] {
            assert!(point[figure]["median"].as_f64().unwrap() > 0.0, "{point:#}");
        }
        let over = list(point, "over");
        assert_eq!(over.len(), if series["limit"] == true { 0 } else { 2 });
        for over in over {
            assert!(over["wall"]["median"].as_f64().unwrap() > 0.0, "{over:#}");
        }
    }
    // What is no runtime is no entrant either.
    assert!(
        list(&report, "cells")
            .iter()
            .all(|cell| cell["runtime"] == "smol"),
        "{report:#}"
    );
}
