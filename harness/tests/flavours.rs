//! Flavours that differ in their calls, and what a runtime lacks: two executors, a type each, and neither timers nor sockets.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(unix)]

use std::process::Output;

use crate::common::{folder_of, harness, json, list, said, stdout};
use tempfile::TempDir;

fn asked(arguments: &[&str]) -> Output {
    let (folder, results) = (folder_of(&["futures", "threads"]), TempDir::new().unwrap());
    let mut command = harness();
    command.args(arguments).arg("--adapters").arg(folder.path());
    if arguments[0] == "run" {
        command.arg("--results").arg(results.path());
    }
    command.output().unwrap()
}

#[test]
fn what_a_runtime_lacks_is_unsupported_and_the_rest_is_measured() {
    let output = asked(&[
        "run",
        "--runtime=futures",
        "--scenario=digest,timers,blocking",
        "--workers=2",
        "--rounds=2",
        "--format=json",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    let mut measured = Vec::new();
    for cell in list(&report, "cells") {
        let word = |key: &str| cell[key].as_str().unwrap_or_default();
        let wanted = match (word("scenario"), word("primitive")) {
            ("digest", "spawn_blocking") | ("blocking", "spawn_blocking") => "blocking pool",
            ("timers", _) => "timers",
            _ if word("runtime") == "futures" => {
                assert_eq!(word("status"), "ok", "{cell:#}");
                measured.push((word("flavour").to_owned(), word("primitive").to_owned()));
                continue;
            }
            _ => continue,
        };
        assert_eq!(word("status"), "unsupported", "{cell:#}");
        assert_eq!(
            word("reason"),
            format!("futures has no {wanted} of its own"),
            "{cell:#}"
        );
    }
    for flavour in ["thread-pool", "local-pool"] {
        let spawned = (flavour.to_owned(), "spawn".to_owned());
        assert!(measured.contains(&spawned), "{measured:?}");
    }
    // It is no failure of a runtime that it has no timers.
    let claims = list(&report, "claims").iter();
    let of_timers: Vec<_> = claims
        .filter(|claim| claim["claim"] == "compose-overlaps-waits" && claim["runtime"] == "futures")
        .collect();
    assert_eq!(of_timers.len(), 2);
    for claim in of_timers {
        assert_eq!(claim["verdict"], "not-testable", "{claim:#}");
        assert!(
            claim["reason"]
                .as_str()
                .unwrap()
                .contains("no timers of its own")
        );
    }
}

#[test]
fn each_flavour_is_verified_and_what_is_lacking_is_not_tried() {
    let output = asked(&["verify", "--runtime=futures", "--format=json", "--quiet"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let document = json(&output);
    let all = list(&document, "configurations");
    assert_eq!(all.len(), 2, "{document:#}");
    for one in all {
        assert_eq!(one["word"], "kept", "{one:#}");
        let seen = list(one, "seen");
        let word = |aspect: &str| {
            let found = seen.iter().find(|seen| seen["aspect"] == aspect);
            found.map(|seen| seen["word"].as_str().unwrap().to_owned())
        };
        for lacking in ["timers", "sockets", "files", "blocking pool"] {
            assert_eq!(word(lacking).as_deref(), Some("none of its own"), "{one:#}");
        }
        // And what it has is what each type has: the one shares its threads, the other has one.
        let threads = if one["flavour"] == "local-pool" {
            "1".to_owned()
        } else {
            one["workers"].to_string()
        };
        assert_eq!(word("threads that poll tasks"), Some(threads), "{one:#}");
    }
    let listed = stdout(&asked(&["list", "--quiet"]));
    assert!(
        listed.contains("has no blocking pool, timers, sockets, files of its own"),
        "{listed}"
    );
}
