//! Ways to put branches together, on two real runtimes. What is counted is the same on every machine.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(unix)]

use std::os::unix::fs::symlink;

use crate::common::{folder_of, harness, json, list, prebuilt, said};
use serde_json::Value;
use tempfile::TempDir;

/// One round of every way, with so many branches each.
fn run(branches: &str) -> Value {
    let (results, adapters) = (TempDir::new().unwrap(), folder_of(&["smol", "tokio"]));
    for file in ["runtime-threads", "adapters.json"] {
        symlink(prebuilt().join(file), adapters.path().join(file)).unwrap();
    }
    let mut run = harness();
    run.args(["run", "--runtime=smol,tokio", "--workers=2", "--rounds=1"]);
    run.args([
        "--unverified",
        "--format=json",
        "--quiet",
        "--scenario=idioms",
    ]);
    run.args(["--branches", branches]);
    run.arg("--adapters").arg(adapters.path());
    let output = run.arg("--results").arg(results.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    json(&output)
}

/// The rows of a way, of every flavour of a runtime.
fn rows<'a>(report: &'a Value, runtime: &str, way: &str) -> Vec<&'a Value> {
    let tables = list(report, "idioms").iter();
    let of_runtime = tables.filter(|table| table["runtime"] == runtime);
    let rows = of_runtime.flat_map(|table| list(table, "rows"));
    rows.filter(|row| row["idiom"] == way).collect()
}

/// What became of the others.
fn others(point: &Value, which: &str) -> [u64; 4] {
    let of = &point[which];
    ["finished", "ran_on", "dropped", "left"].map(|field| of[field].as_u64().unwrap_or(99))
}

#[test]
fn every_way_counts_the_same_on_every_runtime_and_differs_where_runtimes_do() {
    let report = run("30");
    // Those that look at all of them poll 30 at the first wake, then 29, and 1 at the last.
    for (way, polls) in [
        ("join", Some(15.5)),
        ("join-all", Some(15.5)),
        ("try-join-all", Some(15.5)),
        ("futures-unordered", Some(1.0)),
        ("buffer-unordered", Some(1.0)),
        ("futures-concurrency", Some(1.0)),
        ("try-futures-concurrency", Some(1.0)),
        ("select", None),
        ("select-all", None),
    ] {
        for runtime in ["smol", "tokio"] {
            let rows = rows(&report, runtime, way);
            assert_eq!(rows.len(), 2, "{runtime} {way}: two flavours");
            for row in rows {
                let point = &row["points"][0];
                assert_eq!(point["inside"], 1, "{row:#}");
                let seen = point["polls_per_wake"].as_f64().unwrap();
                let least = polls.unwrap_or(15.5);
                assert!(
                    (seen - least).abs() < 1e-9 || polls.is_none() && seen > least,
                    "{row:#}"
                );
                let hurts = match polls {
                    Some(1.0) => Value::Null,
                    _ => "polls".into(),
                };
                assert_eq!(point["hurts"], hurts, "{row:#}");
                let waiting = if way == "buffer-unordered" { 10 } else { 30 };
                assert_eq!(point["waiting"], waiting, "{row:#}");
            }
        }
    }
    for (runtime, way, first, last) in [
        ("smol", "spawn-await", [0, 0, 29, 0], [29, 0, 0, 0]),
        ("tokio", "spawn-await", [0, 29, 0, 0], [29, 0, 0, 0]),
    ] {
        let rows = rows(&report, runtime, way);
        assert_eq!(rows.len(), 4, "{runtime} {way}: two flavours, two roots");
        for row in rows {
            let point = &row["points"][0];
            assert_eq!(others(point, "first_fails"), first, "{row:#}");
            assert_eq!(others(point, "last_fails"), last, "{row:#}");
            assert_eq!(point["waiting"], 30, "{row:#}");
        }
    }
    assert!(rows(&report, "smol", "join-set").is_empty(), "it has none");
}
