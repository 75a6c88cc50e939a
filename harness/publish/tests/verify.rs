//! `harness verify`, and what a run makes of promises: with the real binary, and adapters that break
//! one promise each.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

use std::{os::unix::fs::symlink, path::Path, process::Output};

use crate::common::{self, fixture, harness, json, list, prebuilt, said, stderr, stdout};
use harness_judge::check::check;
use tempfile::TempDir;

/// A folder with these adapters.
fn folder(what: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for what in what {
        let link = folder.path().join(format!("runtime-{what}"));
        symlink(fixture("promises.sh"), link).unwrap();
    }
    folder
}

fn verify(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = harness();
    command
        .args(["verify", "--quiet", "--adapters"])
        .arg(folder);
    command.args(arguments).output().unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn promises_that_are_kept_are_counted_and_what_was_seen_is_a_table() {
    let folder = folder(&["keeps"]);
    let output = verify(folder.path(), &[]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    assert_eq!(stderr(&output), "");
    insta::assert_snapshot!(stdout(&output), @r#"
keeps one@1   3 of 3 promises kept
keeps none@1  unavailable: no such thing here

┌───────────────────┬─────────────────────┐
│ seen              ┆ keeps               │
│                   ┆ one@1               │
╞═══════════════════╪═════════════════════╡
│ dropped handle    ┆ detaches            │
│ first poll        ┆ queued              │
│ threads           ┆ 1                   │
│ panic | in a task ┆ reaches the awaiter │
└───────────────────┴─────────────────────┘
"#);
    let output = verify(folder.path(), &["--format=markdown"]);
    insta::assert_snapshot!(stdout(&output), @r#"
- keeps one@1: 3 of 3 promises kept
- keeps none@1: unavailable: no such thing here

| seen | keeps one@1 |
| --- | --- |
| dropped handle | detaches |
| first poll | queued |
| threads | 1 |
| panic \| in a task | reaches the awaiter |
"#);
}

/// Each way to break a promise, and how it reads.
#[test]
fn each_way_to_break_a_promise_is_caught_with_its_reason() {
    let ways = [
        ("breaks", "2 threads declared, 1 seen"),
        (
            "hangs",
            "not done within 1s: no word on the check; the check after it was not tried",
        ),
        (
            "crashes",
            "panicked (exit code 101): no word on the check; its last words: thread main panicked",
        ),
        (
            "raves",
            "answered nonsense: line 1: expected value at line 1 column 1: Hello, world!",
        ),
        (
            "denies",
            "it offers the check, and cannot do it: I know no such check",
        ),
        (
            "strays",
            r#"answered nonsense: line 1: asked to show that it keeps a promise, it measured: {"is":"end","samples":0}"#,
        ),
    ];
    for (what, why) in ways {
        let folder = folder(&[what, "keeps"]);
        let output = verify(folder.path(), &["--timeout=1s", "--format=json"]);
        assert_eq!(code(&output), Some(1), "{}", said(&output));
        let document = json(&output);
        assert_eq!(document["kept"], false);
        let one = configuration(&document, what, "one");
        assert_eq!(one["word"], "broken");
        assert_eq!(
            one["broken"],
            serde_json::json!([{ "check": "second", "why": why }])
        );
        // The others are tried all the same, unless each may take as long as this one did.
        let tried = if what == "hangs" { 2 } else { 3 };
        assert_eq!(
            (&one["tried"], &one["kept"]),
            (&tried.into(), &(tried - 1).into())
        );
        assert_eq!(configuration(&document, "keeps", "one")["word"], "kept");
        let table = stdout(&verify(folder.path(), &["--timeout=1s"]));
        let line = format!("  broken  second: {why}");
        assert!(table.lines().any(|said| said == line), "{table}");
    }
}

fn configuration<'a>(
    document: &'a serde_json::Value,
    runtime: &str,
    flavour: &str,
) -> &'a serde_json::Value {
    let mut all = list(document, "configurations").iter();
    all.find(|one| one["runtime"] == runtime && one["flavour"] == flavour)
        .unwrap_or_else(|| panic!("no {runtime} {flavour} in {document:#}"))
}

#[test]
fn what_offers_no_checks_is_not_verified_and_no_failure() {
    let folder = folder(&["silent"]);
    let output = verify(folder.path(), &[]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    insta::assert_snapshot!(stdout(&output), @r#"
silent one@1   not verified: it offers no checks
silent none@1  unavailable: no such thing here
"#);
}

/// The first of all promises.
#[test]
fn an_adapter_that_does_not_say_who_it_is_fails() {
    let folder = TempDir::new().unwrap();
    symlink(fixture("faulty.sh"), folder.path().join("runtime-mute")).unwrap();
    let output = verify(folder.path(), &[]);
    assert_eq!(code(&output), Some(1), "{}", said(&output));
    insta::assert_snapshot!(stdout(&output), @r#"
mute  0 of 1 promises kept
  broken  hello: exit code 7: no hello; its last words: what am I?
"#);
}

#[test]
fn the_document_is_of_the_shape_that_its_schema_says() {
    let output = harness().args(["schema", "verify"]).output().unwrap();
    // The published one is for those who have no harness at hand.
    let published = common::workspace().join("docs/verify.schema.json");
    let published = std::fs::read_to_string(published).unwrap_or_default();
    assert!(
        published.replace("\r\n", "\n") == stdout(&output),
        "docs/verify.schema.json is out of date: write what `harness schema verify` prints into it"
    );
    let validator = jsonschema::validator_for(&json(&output)).unwrap();
    let folder = folder(&["keeps", "breaks", "silent"]);
    let document = json(&verify(folder.path(), &["--format=json"]));
    assert!(validator.is_valid(&document), "{document:#}");
    let mut wrong = document;
    wrong["configurations"][0]["word"] = "perhaps".into();
    assert!(!validator.is_valid(&wrong));
}

/// The real thing: every promise of an adapter of ours.
#[test]
fn the_baseline_keeps_its_promises() {
    let output = verify(prebuilt(), &["--format=json"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    for one in list(&json(&output), "configurations") {
        assert_eq!(one["word"], "kept", "{one:#}");
        assert!(one["tried"].as_u64() > Some(10), "{one:#}");
    }
}

/// A run of these adapters; its report as JSON, and how it went.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let results = TempDir::new().unwrap();
    let mut command = harness();
    command.arg("run").arg("--adapters").arg(folder);
    command.arg("--results").arg(results.path());
    command.args(["--scenario=timers", "--rounds=2", "--timeout=1s"]);
    let output = command.args(arguments).output().unwrap();
    let checked = check(&common::record(results.path()));
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    output
}

#[test]
fn a_run_refuses_what_breaks_a_promise_and_goes_on_with_the_others() {
    for (what, check, why) in [
        ("breaks", "second", "2 threads declared, 1 seen"),
        (
            "hangs",
            "second",
            "not done within 1s: no word on the check; the check after it was not tried",
        ),
        // The last of them: a run tries all that `verify` does.
        ("last", "third", "the third is broken"),
    ] {
        let folder = folder(&[what, "keeps", "silent"]);
        let output = run(folder.path(), &["--format=json"]);
        assert_eq!(code(&output), Some(1), "{}", said(&output));
        let reason = format!("fails verify: {check}: {why}");
        assert!(stderr(&output).contains(&reason), "{}", said(&output));
        let report = json(&output);
        for cell in list(&report, "cells") {
            if cell["flavour"] == "none" {
                assert_eq!(cell["status"], "unavailable");
            } else if cell["runtime"] == what {
                assert_eq!(
                    (&cell["status"], &cell["rounds"]),
                    (&"wrong".into(), &0.into())
                );
                assert_eq!(cell["reason"], reason.as_str());
            } else {
                assert_eq!(cell["status"], "ok", "{cell:#}");
            }
        }
        for claim in list(&report, "claims")
            .iter()
            .filter(|c| c["runtime"] == what)
        {
            assert_eq!(claim["verdict"], "not-testable", "{claim:#}");
        }
        let words: Vec<(&str, &str, u64)> = list(&report, "verified")
            .iter()
            .map(|one| {
                let word = |key: &str| one[key].as_str().unwrap();
                (
                    word("runtime"),
                    word("word"),
                    one["tried"].as_u64().unwrap(),
                )
            })
            .collect();
        let mut expected = [
            (what, "broken", if what == "hangs" { 2 } else { 3 }),
            ("silent", "not-verified", 0),
            ("keeps", "kept", 3),
        ];
        expected.sort_unstable();
        assert_eq!(words, expected);
    }
}

#[test]
fn unverified_measures_all_the_same_and_says_so() {
    let folder = folder(&["breaks"]);
    for how in [&["--unverified"][..], &["--unverified", "--details"]] {
        let output = run(folder.path(), how);
        assert_eq!(code(&output), Some(0), "{}", said(&output));
        let text = stdout(&output);
        let heading = "unverified: what the adapters declare was not tried";
        assert!(text.lines().take(5).any(|line| line == heading), "{text}");
        assert!(!text.contains("fails verify"), "{text}");
    }
    let output = run(folder.path(), &["--unverified", "--format=json"]);
    let report = json(&output);
    assert_eq!(report["unverified"], true);
    assert_eq!(list(&report, "verified")[0]["reason"], "--unverified");
}

#[test]
fn a_refused_run_reads_well() {
    let folder = folder(&["breaks"]);
    let in_short = stdout(&run(folder.path(), &["--primitive=compose"]));
    let line = "  second is a broken promise: 2 threads declared, 1 seen";
    assert!(in_short.lines().any(|said| said == line), "{in_short}");
    let output = run(folder.path(), &["--primitive=compose", "--details"]);
    let text = stdout(&output);
    for line in [
        "  fails         2 of 3 promises kept",
        "  broken        second: 2 threads declared, 1 seen",
    ] {
        assert!(
            text.lines().any(|said| said == line),
            "no `{line}` in\n{text}"
        );
    }
    // Once, and not once a cell: nothing was measured, and nothing was found wrong in it.
    assert_eq!(text.matches("\nwrong ").count(), 0, "{text}");
    assert!(text.contains("not measured"), "{text}");
    for text in [text, in_short] {
        let mut lines = text.lines().filter(|line| !line.contains("wrong anywhere"));
        assert!(lines.all(|line| !line.contains("wrong")), "{text}");
    }
}

/// What an adapter says that it breaks, and breaks each time, is shown by its name, and no reason to measure nothing.
#[test]
fn a_promise_that_is_broken_as_declared_is_published_by_its_name() {
    let folder = folder(&["admits"]);
    let output = verify(folder.path(), &[]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let text = stdout(&output);
    for line in [
        "admits one@1   2 of 3 promises kept; broken, as declared: second",
        "  broken, as declared  second: 2 threads declared, 1 seen",
    ] {
        assert!(
            text.lines().any(|said| said == line),
            "no `{line}` in\n{text}"
        );
    }
    let output = run(folder.path(), &["--format=json"]);
    assert_eq!(code(&output), Some(0), "{}", said(&output));
    let report = json(&output);
    let verified = &list(&report, "verified")[0];
    assert_eq!(verified["word"], "broken-as-declared");
    assert_eq!(verified["broken"][0]["as_declared"], true);
    let cells = list(&report, "cells").iter();
    let cells: Vec<_> = cells.filter(|cell| cell["flavour"] == "one").collect();
    assert!(cells.len() > 2 && cells.iter().all(|cell| cell["status"] == "ok"));
}

/// A declaration that is not so each time is one more that is not kept.
#[test]
fn a_promise_that_is_kept_and_was_declared_broken_is_a_broken_one() {
    let folder = folder(&["wrongs"]);
    let output = verify(folder.path(), &["--format=json"]);
    assert_eq!(code(&output), Some(1), "{}", said(&output));
    let document = json(&output);
    let one = configuration(&document, "wrongs", "one");
    assert_eq!(one["word"], "broken");
    let why = one["broken"][0]["why"].as_str().unwrap();
    assert!(why.contains("was kept in 3 of 3 tries"), "{why}");
}
