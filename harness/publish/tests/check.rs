//! What is wrong with a record is said: file, line and field.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, path::Path};

use crate::common::{self, fixture, harness, said, stderr, stdout};
use crate::record::{COSTS, OURS, Record};
use harness_judge::check::{State, check};
use harness_record::bundle::{Bundle, SCHEMA};
use serde_json::{Value, json};
use tempfile::TempDir;

#[test]
fn a_real_record_is_sound() {
    for sealed in [OURS, COSTS] {
        let checked = check(&fixture(sealed));
        assert!(checked.problems.is_empty(), "{:?}", checked.problems);
        assert_eq!(checked.found.unwrap().state, State::Sealed);
    }
    // What can be read is held to more: every field is there, and no other.
    let record = Record::new(OURS);
    record.unseal();
    let mut head = record.head.clone();
    head.as_object_mut().unwrap().remove("program");
    head["entrants"][0]["checks"][0]["quick"] = "perhaps".into();
    record.write_head(&head);
    assert!(Bundle::read(record.path()).is_ok());
    let wrong: Vec<String> = record
        .wrong()
        .into_iter()
        .map(|(_, _, field)| field)
        .collect();
    assert_eq!(wrong, ["program", "entrants[0].checks[0].quick"]);
}

/// What nobody has published is not read: the last harness that does is named.
#[test]
fn a_record_of_an_older_schema_is_refused() {
    let record = Record::new(OURS);
    for version in 1..SCHEMA {
        let mut head = record.head.clone();
        head["schema"] = version.into();
        record.write_head(&head);
        let checked = check(record.path());
        let lines: Vec<String> = checked.problems.iter().map(ToString::to_string).collect();
        let output = harness().arg("report").arg(record.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        for said in [&lines[0], said.strip_prefix("error: ").unwrap()] {
            let said = said.trim_end().split_once("run.json, line ").unwrap().1;
            let (_, why) = said.split_once(": ").unwrap();
            let expected = format!(
                "schema: the record has schema {version}, and this harness reads {SCHEMA}: the last that reads it \
                 is of revision "
            );
            let revision = why
                .strip_prefix(&expected)
                .unwrap_or_else(|| panic!("{why}"));
            assert!(revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit()));
        }
    }
}

/// A run as anybody may make it, with a home above its adapters: what it leaves says what it was made of,
/// and not who made it.
#[test]
fn a_run_leaves_a_sound_record_that_names_nobody() {
    let results = TempDir::new().unwrap();
    let home = common::prebuilt().parent().unwrap();
    let mut command = harness();
    command.env("HOME", home).args(["run", "--runtime=threads"]);
    command.args([
        "--scenario=timers",
        "--rounds=1",
        "--workers=1",
        "--unverified",
    ]);
    command
        .args(["--note", "on battery", "--adapters"])
        .arg(common::prebuilt());
    let output = command
        .arg("--results")
        .arg(results.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let folder = common::record(results.path());
    let checked = check(&folder);
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    assert_eq!(checked.found.unwrap().state, State::Sealed);

    let text = fs::read_to_string(folder.join("run.json")).unwrap();
    let events = fs::read_to_string(folder.join("samples.jsonl")).unwrap();
    let home = home.to_str().unwrap();
    assert!(!text.contains(home) && !events.contains(home), "{text}");
    let head: Value = serde_json::from_str(&text).unwrap();
    let words = common::list(&head, "command");
    let at_home = |word: &Value| word.as_str().unwrap().starts_with('~');
    assert_eq!(
        words.iter().filter(|word| at_home(word)).count(),
        1,
        "{words:?}"
    );
    assert_eq!(head["note"], "on battery");
    assert_eq!(head["built"]["profile"], "release");
    // Each with the version that the lock file has for one of this name.
    let lock = fs::read_to_string(common::workspace().join("Cargo.lock")).unwrap();
    let crates = common::list(&head["adapters"][0], "crates");
    assert!(
        crates
            .iter()
            .any(|name| name.as_str().unwrap().starts_with("async-io "))
    );
    for name in crates {
        let (name, version) = name.as_str().unwrap().split_once(' ').unwrap();
        let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        assert!(
            lock.replace("\r\n", "\n").contains(&locked),
            "{name} {version}"
        );
    }
}

/// Figures that are possible by themselves, and not together.
#[test]
fn what_does_not_fit_together_is_refused() {
    let record = Record::new(OURS);
    record.unseal();
    let index_of = |part: &str| {
        let mut lines = record.events.iter();
        lines
            .position(|line| line.contains(part))
            .unwrap_or_else(|| panic!("no {part}"))
    };
    let said = |index: usize, change: &dyn Fn(&mut Value)| {
        let mut event = serde_json::from_str(&record.events[index]).unwrap();
        change(&mut event);
        record.write_event(index, &event);
        let problems = check(record.path()).problems.into_iter();
        let lines: Vec<String> = problems
            .map(|problem| {
                problem
                    .to_string()
                    .replace(record.path().to_str().unwrap(), "DIR")
            })
            .collect();
        lines.join("\n")
    };
    let round = index_of("\"threads:threads@2/digest/sequential@2\",\"order\"");
    let more = |field: &'static str| {
        move |event: &mut Value| {
            let figure = event["samples"][0][field].as_u64().unwrap();
            event["samples"][0][field] = json!(figure + figure / 100 + 1);
        }
    };
    for field in ["wall_ns", "polled_ns"] {
        let lines = said(round, &more(field));
        assert!(
            lines.contains(&format!(
                "line {}: samples[0].mean_overlap: it is ",
                round + 1
            )),
            "{lines}"
        );
    }
    let lines = said(round, &more("peak_overlap"));
    assert!(
        lines.contains("samples[0].peak_overlap: 2 is more than threads, 1"),
        "{lines}"
    );
    let block = index_of("\"event\":\"block\"");
    let lines = said(block, &|event| event["took_ns"] = json!(1));
    assert!(
        lines.contains(&format!(
            "DIR/samples.jsonl, line {}: took_ns: its samples alone took ",
            block + 1
        )),
        "{lines}"
    );
    let lines = said(block, &|event| event["scenario"] = json!("timers"));
    assert!(lines.contains(": scenario: its round of "), "{lines}");
    let lines = said(index_of("\"order\":1"), &|event| event["order"] = json!(0));
    assert!(
        lines.contains(": order: 0 stands where 1 is expected"),
        "{lines}"
    );
    let late = said(record.events.len() - 1, &|event| {
        *event = json!({"event": "comparisons", "comparisons": 7})
    });
    assert!(
        late.contains(": event: it stands behind the first measurement"),
        "{late}"
    );
    // A whole line less.
    let without = |part: &str| {
        let mut lines = record.events.clone();
        lines.remove(index_of(part));
        fs::write(record.path().join("samples.jsonl"), lines.join("\n") + "\n").unwrap();
        assert!(!record.wrong().is_empty(), "without {part}");
    };
    without("\"order\":0");
    without("\"event\":\"block\"");
    without("\"event\":\"comparisons\"");
}

#[test]
fn the_command_says_what_is_sound_and_what_is_wrong() {
    let check = |folders: &[&Path]| {
        let mut command = harness();
        command.arg("check").args(folders);
        command.output().unwrap()
    };
    let unsealed = Record::new(OURS);
    unsealed.unseal();
    let sound = check(&[&fixture(OURS), unsealed.path()]);
    assert_eq!(sound.status.code(), Some(0), "{}", said(&sound));
    assert_eq!(stderr(&sound), "");
    let lines = stdout(&sound);
    assert_eq!(lines.lines().count(), 2);
    assert!(
        lines.contains("complete and sealed") && lines.contains("complete, not sealed"),
        "{lines}"
    );

    // Every one of several things is named, and the sound one beside them.
    let record = Record::new(OURS);
    record.unseal();
    let mut head = record.head.clone();
    head["cores"] = json!("two");
    head["options"]["seed"] = json!(-1);
    record.write_head(&head);
    record.write_event(0, &json!({"event": "what"}));
    let damaged = check(&[record.path(), &fixture(OURS)]);
    assert_eq!(damaged.status.code(), Some(2));
    assert!(stdout(&damaged).contains("complete and sealed"));
    let lines = stderr(&damaged).replace(record.path().to_str().unwrap(), "DIR");
    let line_of = |text: &str| {
        let written = fs::read_to_string(record.path().join("run.json")).unwrap();
        1 + written
            .lines()
            .position(|line| line.contains(text))
            .unwrap()
    };
    let (cores, seed) = (line_of("\"two\""), line_of("\"seed\": -1"));
    for expected in [
        format!(
            "error: DIR/run.json, line {cores}: cores: \"two\" stands where a whole number is expected"
        ),
        format!(
            "error: DIR/run.json, line {seed}: options.seed: -1 stands where a number from 0 is expected"
        ),
        "error: DIR/samples.jsonl, line 1: event: \"what\" stands where one of \"verified\", \"demands\", ".to_owned(),
    ] {
        assert!(
            lines.lines().any(|line| line.starts_with(&expected)),
            "{expected}\n{lines}"
        );
    }
    let nowhere = check(&[&record.path().join("nowhere")]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(stderr(&nowhere).contains("this is no record of a run"));
    assert_eq!(
        harness().arg("check").output().unwrap().status.code(),
        Some(2)
    );
}

/// Costs that are possible by themselves, and not together.
#[test]
fn costs_that_do_not_fit_together_are_refused() {
    let record = Record::new(COSTS);
    record.unseal();
    let of = |kind: &str| {
        let found = format!("\"found\":{{\"{kind}\"");
        record
            .events
            .iter()
            .position(|line| line.contains(&found))
            .unwrap()
    };
    let said = |index: usize, change: &dyn Fn(&mut Value)| {
        let mut event = serde_json::from_str(&record.events[index]).unwrap();
        change(&mut event);
        record.write_event(index, &event);
        let problems = check(record.path()).problems.into_iter();
        let lines: Vec<String> = problems
            .map(|problem| format!("{}: {}", problem.field, problem.why))
            .collect();
        lines.join("\n")
    };
    let (time, counts, allocated) = (of("time"), of("instructions"), of("allocations"));
    // 500 ns each, in all samples.
    let slower = |event: &mut Value| event["found"]["time"]["estimate"]["high_ns"] = json!(501.0);
    assert!(said(time, &slower).starts_with(
        "found.time.estimate.high_ns: 501 stands where a time among those of its samples"
    ));
    let longer =
        |event: &mut Value| event["found"]["time"]["times_ns"][2] = json!(60_000_000_000_u64);
    assert!(
        said(time, &longer).contains("found.time.times_ns: its samples alone took 60000001500 ns")
    );
    let again = |event: &mut Value| event["side"] = json!("twin");
    let lines = said(time, &again);
    assert!(
        lines.contains("found.time.round: round 0 of it was measured before"),
        "{lines}"
    );
    let less = |event: &mut Value| {
        let counts = &mut event["found"]["instructions"]["counts"][0];
        *counts = json!([counts[1], counts[0]]);
    };
    assert!(said(counts, &less).starts_with("found.instructions.counts[0]: the second process"));
    let bytes =
        |event: &mut Value| event["found"]["allocations"] = json!({ "allocations": 2, "bytes": 1 });
    assert!(said(allocated, &bytes).starts_with("found.allocations.bytes: 2 allocations are"));
    let elsewhere = |event: &mut Value| event["workers"] = json!(7);
    assert!(
        said(allocated, &elsewhere)
            .starts_with("flavour: no configuration of this run is threads threads@7")
    );
    let other = |event: &mut Value| event["operation"] = json!("timer");
    assert_eq!(
        said(allocated, &other),
        "operation: timer was not asked for"
    );

    // Nor do they stand in a run that judges claims.
    let ours = Record::new(OURS);
    ours.unseal();
    ours.write_event(0, &serde_json::from_str(&record.events[allocated]).unwrap());
    let wrong = ours.wrong();
    assert!(
        wrong.contains(&("samples.jsonl".to_owned(), Some(1), "event".to_owned())),
        "{wrong:?}"
    );
}

/// What would do something to a screen or a page is told by `check`, and does nothing wherever the record is shown.
#[test]
fn a_strangers_text_is_shown_and_does_nothing() {
    let record = Record::new(OURS);
    record.unseal();
    let mut head = record.head.clone();
    head["host"]["cpu"] = "<img src=x>\u{1b}]0;owned\u{7}\n\n# [x](http://y)".into();
    head["entrants"][0]["flavours"][0]["summary"] = "\u{9b}2J\u{202e}".into();
    record.write_head(&head);
    let mut events = record.events.iter();
    let first = events.position(|line| line.starts_with(r#"{"event":"verified""#));
    let first = first.unwrap();
    let mut event: Value = serde_json::from_str(&record.events[first]).unwrap();
    event["seen"] = json!({"a\u{8}": "b"});
    record.write_event(first, &event);
    let mut wrong = record.wrong();
    wrong.sort();
    let fields: Vec<(&str, bool, &str)> = wrong
        .iter()
        .map(|(file, line, field)| (file.as_str(), line.is_some(), field.as_str()))
        .collect();
    assert_eq!(
        fields,
        [
            ("run.json", true, "entrants[0].flavours[0].summary"),
            ("run.json", true, "host.cpu"),
            ("samples.jsonl", true, "seen"),
        ]
    );
    let folder = record.path().to_str().unwrap();
    for (arguments, is_markdown) in [
        (&["report", folder][..], false),
        (&["report", folder, "--details"], false),
        (&["report", folder, "--format=markdown"], true),
        (&["merge", folder], false),
        (&["merge", folder, "--format=markdown"], true),
        (&["compare", folder, folder, "--all"], false),
        (
            &["compare", folder, folder, "--all", "--format=markdown"],
            true,
        ),
        (&["export", folder, "--format=markdown"], true),
        (&["check", folder], false),
    ] {
        let output = harness().args(arguments).output().unwrap();
        let text = said(&output);
        assert!(matches!(output.status.code(), Some(0 | 2)), "{text}");
        for does in ['\u{1b}', '\u{7}', '\u{8}', '\u{9b}', '\u{202e}'] {
            assert!(!text.contains(does), "{arguments:?}: {does:?} in {text}");
        }
        assert!(!text.contains("\n# "), "{text}");
        if is_markdown {
            let live = text.replace("\\<", "").replace("]\\(", "");
            assert!(
                !live.contains("<img") && !live.contains("](http://y"),
                "{text}"
            );
        }
    }
}

/// Nobody plans cells by the million to say that a list is too long.
#[test]
fn a_list_that_no_run_writes_is_told_and_not_planned() {
    let record = Record::new(OURS);
    record.unseal();
    for (last, expected) in [(2, 1), (20_000, 1 + 20_000 - 1024)] {
        let mut head = record.head.clone();
        let workers = (1..=20_000_u32).map(|n| n.min(last));
        head["options"]["workers"] = workers.collect();
        record.write_head(&head);
        let checked = check(record.path());
        assert_eq!(checked.problems.len() + checked.more, expected);
        let first = checked.problems[0].to_string();
        assert!(
            first.ends_with("options.workers: there are 20000, and no run names more than 1024"),
            "{first}"
        );
        let output = harness().arg("report").arg(record.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(stderr(&output).contains("there are 20000"));
    }
}
