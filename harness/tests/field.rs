//! The field cases on real runtimes: each is classified as docs/FIELD.md says that it should be.
//!
//! How sure a class is depends on what else the machine does, so "not decided" is no failure. Another
//! class is one.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{collections::BTreeMap, process::Command, sync::OnceLock};

use crate::common::{self, folder_of, harness, json, list, said, stdout, unoptimised};
use serde_json::Value;
use tempfile::TempDir;

/// What a class may be where one thread executes what is spawned, and where several do. The first two are no field cases,
/// but what those are held against.
const EXPECTED: [(&str, &str, &str); 22] = [
    ("timers", "compose-is-enough", "compose-is-enough"),
    ("digest", "spawned-on-one-thread", "spawn-needed"),
    ("field/wide-join", "compose-is-enough", "compose-is-enough"),
    (
        "field/starved-sibling",
        "spawned-on-one-thread",
        "spawn-needed",
    ),
    ("field/buffered-stream", "unpolled", "unpolled"),
    ("field/unpolled-lock", "unpolled", "unpolled"),
    (
        "field/block-in-place",
        "blocking-offload",
        "blocking-offload",
    ),
    (
        "field/hot-loop",
        "spawned-on-one-thread",
        "spawned-but-serialised",
    ),
    // Several: see `expected`.
    ("field/stuck-child", "spawned-on-one-thread", ""),
    (
        "field/shared-lock",
        "serialised-by-what-they-share",
        "serialised-by-what-they-share",
    ),
    (
        "field/shared-mutex",
        "serialised-by-what-they-share",
        "serialised-by-what-they-share",
    ),
    (
        "field/unequal-pair",
        "compose-is-enough",
        "compose-is-enough",
    ),
    // Several: see `expected`.
    ("field/woken-hog", "spawned-on-one-thread", ""),
    (
        "field/blocking-lookup",
        "blocking-offload",
        "blocking-offload",
    ),
    (
        "field/blocking-arm-first",
        "blocking-offload",
        "blocking-offload",
    ),
    (
        "field/blocking-arm-last",
        "blocking-offload",
        "blocking-offload",
    ),
    (
        "field/one-connection",
        "serialised-by-what-they-share",
        "serialised-by-what-they-share",
    ),
    // Several: see `expected`.
    ("field/fetch-then-compute", "spawned-on-one-thread", ""),
    (
        "field/small-reads",
        "compose-is-enough",
        "compose-is-enough",
    ),
    (
        "field/pool-of-one",
        "serialised-by-what-they-share",
        "serialised-by-what-they-share",
    ),
    ("field/other-arm", "unpolled", "unpolled"),
    // But on tokio: see `expected`.
    (
        "field/select-budget",
        "spawned-on-one-thread",
        "spawn-needed",
    ),
];

/// Why, where the class leaves that open and several threads execute.
const CAUSES: [(&str, &str); 8] = [
    ("field/hot-loop", "awaited-at-once"),
    ("field/stuck-child", "behind-a-poll"),
    ("field/shared-lock", "lock-or-channel"),
    ("field/shared-mutex", "lock-or-channel"),
    ("field/woken-hog", "behind-the-driver"),
    ("field/one-connection", "lock-or-channel"),
    ("field/pool-of-one", "lock-or-channel"),
    ("field/fetch-then-compute", "behind-the-driver"),
];

fn expected(scenario: &str, runtime: &str, one_thread: bool) -> &'static str {
    let row = EXPECTED.iter().find(|row| row.0 == scenario).unwrap();
    match (scenario, one_thread) {
        // Its `select!` gives the turn back when the task's budget is spent.
        ("field/select-budget", _) if runtime == "tokio" => "compose-is-enough",
        (_, true) => row.1,
        // Nobody steals from the slot in which a worker of tokio keeps what it spawned last, nor polls the timers while
        // the worker that did so computes.
        ("field/stuck-child" | "field/woken-hog" | "field/fetch-then-compute", false) => {
            if runtime == "tokio" {
                "spawned-but-serialised"
            } else {
                "spawn-needed"
            }
        }
        (_, false) => row.2,
    }
}

/// All of them on tokio and smol, measured once for all tests.
fn measured() -> &'static Value {
    static REPORT: OnceLock<Value> = OnceLock::new();
    REPORT.get_or_init(|| {
        let adapters = folder_of(&["threads", "tokio", "smol"]);
        let results = TempDir::new().unwrap();
        let mut run = harness();
        run.args([
            "run",
            "--scenario=timers,digest,field",
            "--runtime=tokio,smol",
            "--workers=2",
            // One verdict is asked for, which needs few rounds.
            "--budget=8s",
        ]);
        run.args(["--format=json", "--quiet", "--adapters"]);
        let output = run
            .arg(adapters.path())
            .arg("--results")
            .arg(results.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        json(&output)
    })
}

#[test]
fn each_case_is_classified_as_its_page_says() {
    let report = measured();
    let mut decided = 0;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for case in list(report, "classes") {
        let word = |key: &str| case[key].as_str().unwrap();
        let (scenario, flavour) = (word("scenario"), word("flavour"));
        let one_thread = matches!(flavour, "default" | "current-thread");
        let should_be = expected(scenario, word("runtime"), one_thread);
        let class = word("class");
        // Whether two threads hand things over faster than one is the machine's affair, and what is wrong is neither.
        let open = scenario == "field/small-reads"
            && ["spawn-needed", "spawned-on-one-thread"].contains(&class);
        assert!(
            open || class == should_be || class == "not-decided",
            "{case:#}"
        );
        decided += usize::from(class == should_be);
        if class.contains("serialised") {
            let cause = CAUSES.iter().find(|(name, _)| *name == scenario).unwrap().1;
            assert_eq!(case["cause"], cause, "{case:#}");
        }
        if scenario.starts_with("field/") {
            assert!(word("source").starts_with("https://"), "{case:#}");
        }
        *seen.entry(scenario.to_owned()).or_default() += 1;
    }
    // Two flavours of each runtime.
    let all: BTreeMap<String, usize> = EXPECTED.map(|row| (row.0.to_owned(), 4)).into();
    assert_eq!(seen, all);
    assert!(decided > 0, "{report:#}");

    // What spawns by design is no evidence against composing; nor is anything else here.
    for claim in list(report, "claims") {
        if claim["claim"] == "compose-is-never-parallel" {
            assert_eq!(claim["verdict"], "holds", "{claim:#}");
        }
    }
    assert!(
        list(report, "cells")
            .iter()
            .all(|cell| cell["status"] == "ok"),
        "{report:#}"
    );
}

/// The branches that the harness measures, in a program that watches itself by the library: joined they are of the class that
/// the harness gives them, and spawned as well, but that whoever has spawned is told what came of it.
#[test]
fn a_call_under_the_library_is_of_the_class_that_the_harness_gives() {
    let program = unoptimised().join("witness-scenarios");
    let output = Command::new(program).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let text = stdout(&output);
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(' ').collect()).collect();
    assert_eq!(lines.len(), 8, "four scenarios, in two ways: {text}");
    let mut decided = 0;
    for line in &lines {
        let [scenario, way, said] = line[..] else {
            panic!("{text}");
        };
        let of_tokio = list(measured(), "classes").iter().find(|case| {
            case["scenario"] == scenario
                && case["runtime"] == "tokio"
                && case["flavour"] == "multi-thread"
        });
        let given = of_tokio.unwrap()["class"].as_str().unwrap();
        let expected = match (given, way) {
            ("serialised-by-what-they-share", "spawned") => "spawned-but-serialised",
            (given, _) => given,
        };
        let undecided = [said, given].contains(&"not-decided");
        decided += usize::from(!undecided);
        assert!(
            undecided || said == expected,
            "{scenario} {way}: {said}, and {given} by the harness"
        );
        // Which of two is right is not asked of a machine that lets neither be told: what it must be is.
        let should_be = EXPECTED.iter().find(|row| row.0 == scenario).unwrap().2;
        assert!(
            given == should_be || given == "not-decided",
            "{scenario}: {given}"
        );
    }
    assert!(decided > 0, "{text}");
}

#[test]
fn the_page_has_a_section_and_the_source_of_every_case() {
    let page = std::fs::read_to_string(common::workspace().join("docs/FIELD.md")).unwrap();
    let cases = workload_catalogue::SCENARIOS;
    for (case, source) in cases
        .iter()
        .filter_map(|case| Some((case.name, case.source?)))
    {
        let section = page
            .split("\n## ")
            .find(|section| section.starts_with(case));
        let section = section.unwrap_or_else(|| panic!("no section on {case}"));
        assert!(section.contains(source), "{case}: {source}");
        for part in ["- **Reduction**", "- **Should be**", "- **What to do**"] {
            assert!(section.contains(part), "{case}: {part}");
        }
    }
}
