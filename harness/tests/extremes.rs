//! Honest extremes, judged right: one executing thread, threads that the kernel interrupts, a spawn that
//! polls at once. None of them is taken for a liar.
//!
//! What a clock must tell may stay open on a busy machine. What is said must be true.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

use crate::common::{folder_of, harness, json, list, said};
use serde_json::Value;
use tempfile::TempDir;

/// Whether one executing thread is what the flavour is.
fn one_thread(claim: &Value) -> bool {
    let flavour = (claim["runtime"].as_str(), claim["flavour"].as_str());
    [
        (Some("tokio"), Some("current-thread")),
        (Some("smol"), Some("default")),
        (Some("glommio"), Some("local")),
    ]
    .contains(&flavour)
}

/// The words that would be false of this claim there.
fn false_words(claim: &Value) -> &'static [&'static str] {
    match (claim["claim"].as_str().unwrap(), one_thread(claim)) {
        ("spawn-uses-cores", true) => &["holds"],
        // What a machine with one core, or none to spare, cannot show, is no refutation either.
        ("spawn-uses-cores", false) => &["refuted"],
        ("spawn-needs-workers", true) => &["refuted"],
        ("compose-is-never-parallel" | "compose-overlaps-waits" | "compose-gains-no-core", _) => {
            &["refuted"]
        }
        _ => &[],
    }
}

#[test]
fn honest_extremes_are_judged_right() {
    let adapters = folder_of(&["threads", "tokio", "smol", "glommio"]);

    let results = TempDir::new().unwrap();
    let mut run = harness();
    run.args([
        "run",
        "--quiet",
        "--format=json",
        "--scenario=digest,timers",
    ]);
    run.args(["--runtime=threads,tokio,smol,glommio", "--rounds=6"]);
    run.arg("--adapters").arg(adapters.path());
    let output = run.arg("--results").arg(results.path()).output().unwrap();
    // No cell is wrong, and no flavour breaks a promise: one that polls at once no more than another.
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    for claim in list(&report, "claims") {
        let verdict = claim["verdict"].as_str().unwrap();
        assert!(!false_words(claim).contains(&verdict), "{claim}");
        if claim["claim"] == "spawn-uses-cores" && verdict == "refuted" {
            assert_eq!(claim["by_design"], true, "{claim}");
        }
        // It asks nothing of the clock. Not testable: a machine on which the runtime cannot run.
        if claim["claim"] == "compose-is-never-parallel" {
            assert!(matches!(verdict, "holds" | "not-testable"), "{claim}");
        }
    }
}
