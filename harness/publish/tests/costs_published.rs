//! A run that counted what primitives cost is published, and shown, as any other.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::fs;

use crate::common::{self, fixture, harness, said, stderr};
use harness_record::fabricated::seal;
use serde_json::Value;

/// A run of costs is published like any other, and stands in the sections that are about it.
#[test]
fn a_run_of_costs_is_published_and_shown() {
    let checkout = common::checkout();
    let publish = |arguments: &[&str]| {
        let mut command = harness();
        command
            .current_dir(checkout.path())
            .arg("publish")
            .args(arguments);
        command.output().unwrap()
    };
    let run = checkout.path().join("results/20260102T030405-7");
    fs::create_dir(&run).unwrap();
    let put = |change: &dyn Fn(&str) -> Option<String>| {
        let events = fs::read_to_string(fixture("bundle-4-costs").join("samples.jsonl")).unwrap();
        let lines: Vec<String> = events.lines().filter_map(change).collect();
        fs::write(run.join("samples.jsonl"), lines.join("\n") + "\n").unwrap();
        fs::copy(
            fixture("bundle-4-costs").join("run.json"),
            run.join("run.json"),
        )
        .unwrap();
        seal(&run).unwrap();
    };
    // As it is it holds an operation that fails.
    put(&|line| Some(line.to_owned()));
    let refused = publish(&["results/20260102T030405-7"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(
        stderr(&refused).contains("crashes failed: it ended with exit status: 101; mend it"),
        "{}",
        said(&refused)
    );
    let quiet = |line: &str| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        if let Some(load) = event.pointer_mut("/found/time/load") {
            *load = Value::Null;
        }
        (!line.contains("\"failed\"")).then(|| event.to_string())
    };
    let refused = |change: &dyn Fn(&str) -> Option<String>| {
        put(change);
        let refused = publish(&["results/20260102T030405-7"]);
        assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
        stderr(&refused)
    };
    // Without one promise of one configuration it is not even sound.
    let (left, kept) = (
        "\"thread-a-branch\"",
        "\"check\":\"spawn_gives_the_output\"",
    );
    let untried =
        refused(&|line| (!(line.contains(left) && line.contains(kept))).then(|| quiet(line))?);
    let why = "nobody tried the promise spawn_gives_the_output of threads thread-a-branch@1";
    assert!(untried.contains(why), "{untried}");
    let broken = refused(&|line| {
        let mut event: Value = serde_json::from_str(&quiet(line)?).unwrap();
        if event["flavour"] == "thread-a-branch" {
            if event["check"] == "spawn_gives_the_output" {
                event["broken"] = "it gave another".into();
            }
            if event["event"] == "cost" {
                return None;
            }
        }
        Some(event.to_string())
    });
    let why = "is not published: threads thread-a-branch@1 fails verify: spawn_gives_the_output: it gave another; \
               mend it, or run the others alone";
    assert!(broken.contains(why), "{broken}");
    put(&quiet);
    let done = publish(&["results/20260102T030405-7"]);
    assert_eq!(done.status.code(), Some(0), "{}", said(&done));
    let again = publish(&["--check"]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    let read = |file: &str| fs::read_to_string(checkout.path().join(file)).unwrap();
    let texts = [read("README.md"), read("docs/COSTS.md")].concat();
    let section = |name: &str| {
        let (_, rest) = texts.split_once(&format!("<!-- BEGIN {name} -->")).unwrap();
        rest.split_once(&format!("<!-- END {name} -->"))
            .unwrap()
            .0
            .to_owned()
    };
    for line in [
        "| threads threads@1 | 500 ns, 0 allocations | 1.50 µs, 2 allocations, 640 bytes |",
        "| threads thread-a-branch@1 | 500 ns, 0 allocations | 1.50 µs, 2 allocations, 640 bytes |",
    ] {
        assert!(
            section("costs").lines().any(|found| found == line),
            "{}",
            section("costs")
        );
    }
    assert!(
        section("twins").contains("| compose-ready/2 | ✓ 1.000, 1.00×, = | 1.00×, = |"),
        "{}",
        section("twins")
    );
    for name in ["costs", "twins", "operations"] {
        assert!(
            section(name).contains("<sub>Made by `harness publish` from [2026-"),
            "{}",
            section(name)
        );
    }
    assert!(read("results/README.md").contains(" timings of 8 costs | 0 |"));
    assert!(read("results/README.md").contains("No published run judges claims."));
    let page = read("results/site/index.html");
    assert!(page.contains("<h2 id=\"costs-h\">What a primitive costs</h2>"));
    assert!(page.contains("1.50 µs, 2 allocations, 640 bytes"));
}
