//! Records that are damaged are refused, and told what is wrong with them: file, line and field.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use common::{fixture, harness, json, said, stderr, stdout};
use harness::bundle::check::{State, check};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A real record: threads, a scenario of each sort, one round of each cell.
const OURS: &str = "bundle-2";
/// The same, recorded before the schema was raised.
const OLDER: &str = "bundle-1";

/// A copy of a record that can be damaged.
struct Record {
    folder: TempDir,
    head: Value,
    events: Vec<String>,
}

impl Record {
    fn new(name: &str) -> Self {
        let folder = TempDir::new().unwrap();
        for file in fs::read_dir(fixture(name)).unwrap() {
            let path = file.unwrap().path();
            fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
        let read = |file| fs::read_to_string(folder.path().join(file)).unwrap();
        Self {
            head: serde_json::from_str(&read("run.json")).unwrap(),
            events: read("samples.jsonl").lines().map(str::to_owned).collect(),
            folder,
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn unseal(&self) {
        fs::remove_file(self.path().join("seal.json")).unwrap();
    }

    fn write_head(&self, head: &Value) {
        let text = serde_json::to_string_pretty(head).unwrap();
        fs::write(self.path().join("run.json"), text).unwrap();
    }

    /// Writes the events with another in the place of one.
    fn write_event(&self, index: usize, event: &Value) {
        let mut lines = self.events.clone();
        lines[index] = event.to_string();
        fs::write(self.path().join("samples.jsonl"), lines.join("\n") + "\n").unwrap();
    }

    /// What is wrong with it: file, line, and field.
    fn wrong(&self) -> Vec<(String, Option<usize>, String)> {
        let checked = check(self.path());
        let problems = checked.problems.into_iter().map(|problem| {
            let file = problem.file.file_name().unwrap().to_str().unwrap();
            (file.to_owned(), problem.line, problem.field)
        });
        problems.collect()
    }
}

/// One way to damage a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Damage {
    Removed,
    Null,
    OtherType,
    BelowRange,
    AboveRange,
    Added,
}

const DAMAGES: [Damage; 6] = [
    Damage::Removed,
    Damage::Null,
    Damage::OtherType,
    Damage::BelowRange,
    Damage::AboveRange,
    Damage::Added,
];

/// The value with this damage at this place, if it can have it there.
fn damaged(value: &Value, pointer: &str, damage: Damage) -> Option<Value> {
    let mut whole = value.clone();
    let there = whole.pointer_mut(pointer)?;
    let was = there.clone();
    match damage {
        Damage::Removed => {
            let (parent, name) = pointer.rsplit_once('/')?;
            whole.pointer_mut(parent)?.as_object_mut()?.remove(name)?;
        }
        Damage::Null => *there = Value::Null,
        Damage::OtherType => {
            *there = if was.is_string() {
                json!(7)
            } else {
                json!("damaged")
            }
        }
        // A number below all, and a text without a letter.
        Damage::BelowRange => {
            *there = match was {
                Value::Number(_) => json!(-1),
                Value::String(_) => json!(""),
                _ => return None,
            }
        }
        Damage::AboveRange => {
            *there = match was {
                Value::Number(_) => json!(1e30),
                Value::String(_) => json!("damaged"),
                _ => return None,
            }
        }
        Damage::Added => {
            there
                .as_object_mut()?
                .insert("damaged".to_owned(), json!(7));
        }
    }
    (whole != *value).then_some(whole)
}

/// Every place in a value, by its pointer. Of a list the first and the last, which stand for the others.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                places(inner, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(list) => {
            let last = list.len().saturating_sub(1);
            for index in BTreeSet::from([0, last]) {
                if let Some(inner) = list.get(index) {
                    places(inner, &format!("{at}/{index}"), found);
                }
            }
        }
        _ => {}
    }
}

/// `/samples/0/wall_ns` is `samples[0].wall_ns`.
fn field(pointer: &str) -> String {
    let mut field = String::new();
    for part in pointer.split('/').skip(1) {
        if part.parse::<usize>().is_ok() {
            field.push_str(&format!("[{part}]"));
        } else {
            let dot = if field.is_empty() { "" } else { "." };
            field.push_str(&format!("{dot}{part}"));
        }
    }
    field
}

/// The same for all members of a list.
fn alike(pointer: &str) -> String {
    let parts = field(pointer);
    let mut alike = String::new();
    let mut inside = false;
    for c in parts.chars() {
        match c {
            '[' => alike.push_str("[]"),
            ']' => {}
            _ if inside => {}
            c => alike.push(c),
        }
        inside = (inside || c == '[') && c != ']';
    }
    alike
}

#[test]
fn a_real_record_is_sound_and_so_is_an_older_one() {
    let ours = check(&fixture(OURS));
    assert!(ours.problems.is_empty(), "{:?}", ours.problems);
    assert_eq!(ours.found.unwrap().state, State::Sealed);
    let older = check(&fixture(OLDER));
    assert!(older.problems.is_empty(), "{:?}", older.problems);
    assert_eq!(older.found.unwrap().state, State::Complete);
}

/// The rule of `migrate.rs`: what was measured long ago can be read, and reported on, today.
#[test]
fn an_older_record_is_read_and_reported_on() {
    let bundle = harness::bundle::Bundle::read(&fixture(OLDER)).unwrap();
    assert_eq!(
        (bundle.version, bundle.header.schema),
        (1, harness::bundle::SCHEMA)
    );
    assert_eq!(bundle.header.host.dirty, Some(false));
    let output = harness()
        .arg("report")
        .arg(fixture(OLDER))
        .args(["--format", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    assert_eq!(report["complete"], true);
    let cells = common::list(&report, "cells");
    assert!(!cells.is_empty());
    assert!(
        cells
            .iter()
            .all(|cell| cell["wall_ns"]["median"].is_number()),
        "{cells:?}"
    );
}

/// Each field in turn, in each way: refused by file, line and field. Without the seal, which would find
/// every one of them by itself, and with no word of where.
#[test]
fn a_record_damaged_in_any_field_is_refused_by_name() {
    let record = Record::new(OURS);
    record.unseal();
    // What is refused for what it makes of other fields; and what goes unseen.
    let (mut by_others, mut unseen) = (BTreeMap::new(), BTreeMap::new());
    let mut tried = 0;
    let mut judge = |event: &str, pointer: &str, damage, line: Option<usize>| {
        tried += 1;
        let file = if line.is_none() {
            "run.json"
        } else {
            "samples.jsonl"
        };
        let name = match damage {
            Damage::Added => field(&format!("{pointer}/damaged")),
            _ => field(pointer),
        };
        let is_named = |(in_file, at, at_field): &(String, Option<usize>, String)| {
            in_file == file && (line.is_none() || *at == line) && at_field.starts_with(&name)
        };
        let wrong = record.wrong();
        let list: &mut BTreeMap<String, BTreeSet<Damage>> = match wrong.as_slice() {
            [] => &mut unseen,
            some if some.iter().any(is_named) => return,
            _ => &mut by_others,
        };
        // What was seen has a name for each aspect, and none of them is known here.
        let alike = if pointer.starts_with("/seen/") {
            "seen.…".to_owned()
        } else {
            alike(pointer)
        };
        let place = format!("{event} {alike}");
        list.entry(place).or_default().insert(damage);
    };

    let mut found = Vec::new();
    places(&record.head, "", &mut found);
    for pointer in &found {
        for damage in DAMAGES {
            if let Some(head) = damaged(&record.head, pointer, damage) {
                record.write_head(&head);
                judge("run.json", pointer, damage, None);
            }
        }
    }
    record.write_head(&record.head);
    // The first event of a sort stands for the others; rounds are of as many sorts as scenarios.
    let mut seen = BTreeSet::new();
    for (index, line) in record.events.iter().enumerate() {
        let event: Value = serde_json::from_str(line).unwrap();
        let name = event["event"].as_str().unwrap().to_owned();
        let scenario = event["cell"]
            .as_str()
            .and_then(|cell| cell.split('/').nth(1));
        let mut found = Vec::new();
        places(&event, "", &mut found);
        for pointer in found {
            let sort = (name.clone(), scenario.map(str::to_owned), alike(&pointer));
            if !seen.insert(sort) {
                continue;
            }
            for damage in DAMAGES {
                if let Some(event) = damaged(&event, &pointer, damage) {
                    record.write_event(index, &event);
                    judge(&name, &pointer, damage, Some(index + 1));
                }
            }
        }
    }
    assert!(tried > 500, "{tried}");
    let listed = |list: BTreeMap<String, BTreeSet<Damage>>| {
        let lines = list
            .iter()
            .map(|(place, damages)| format!("{place} {damages:?}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!(listed(by_others), @r"
    block load.disturbed {Null, BelowRange, AboveRange}
    block runtime {BelowRange, AboveRange}
    round samples[].allocations {Removed, Null}
    run.json entrants[].checks {Removed}
    run.json entrants[].checks[].name {AboveRange}
    run.json entrants[].flavours[].name {AboveRange}
    run.json entrants[].name {AboveRange}
    run.json entrants[].unavailable {OtherType}
    run.json host.revision {Null}
    verified runtime {BelowRange, AboveRange}
    ");
    // What only the seal finds: what may be absent, and one possible word for another.
    insta::assert_snapshot!(listed(unseen), @r"
    block load {Removed, Null}
    block load.throttled {Null}
    demands compiler {AboveRange}
    demands spawns[].pairs[].case {AboveRange}
    demands spawns[].pairs[].refused[].code {Removed, Null, AboveRange}
    demands spawns[].pairs[].refused[].message {AboveRange}
    demands spawns[].spawn.name {AboveRange}
    prediction floor_ns {Removed, Null}
    round samples[].queued_ns {Removed, Null}
    round samples[].repeats {Removed, Null}
    round samples[].threads_so_far {Removed}
    round samples[].trace {Removed}
    run.json adapters[].sha256 {Null}
    run.json builds[] {BelowRange, AboveRange}
    run.json built {Null}
    run.json built.environment.kept[] {BelowRange, AboveRange}
    run.json built.harness {AboveRange}
    run.json built.profile {AboveRange}
    run.json built.revision {Null, BelowRange, AboveRange}
    run.json built.rustc {Null, BelowRange, AboveRange}
    run.json command[] {BelowRange, AboveRange}
    run.json entrants[].checks[].name {AboveRange}
    run.json entrants[].checks[].promise {BelowRange, AboveRange}
    run.json entrants[].flavours[].summary {BelowRange, AboveRange}
    run.json entrants[].version {OtherType}
    run.json host.arch {AboveRange}
    run.json host.cpu {Null, AboveRange}
    run.json host.governor {OtherType}
    run.json host.harness {AboveRange}
    run.json host.io_uring_disabled {Null}
    run.json host.kernel {Null, AboveRange}
    run.json host.logical_cpus {Null}
    run.json host.memlock {Null}
    run.json host.memory {Null}
    run.json host.os {AboveRange}
    run.json host.rustc {Null, AboveRange}
    run.json host.virtualisation {Null, AboveRange}
    run.json program {Null}
    verified seen {Removed}
    verified seen.… {Removed, BelowRange, AboveRange}
    ");
}

/// And with the seal nothing goes unseen, a digit for another digit least of all.
#[test]
fn a_sealed_record_damaged_in_any_byte_is_refused_by_name() {
    let record = Record::new(OURS);
    for file in ["run.json", "samples.jsonl"] {
        let path = record.path().join(file);
        let whole = fs::read(&path).unwrap();
        // A prime, so that they fall on all sorts of places.
        for at in (0..whole.len()).step_by(211).chain([whole.len() - 1]) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            let wrong = record.wrong();
            assert!(
                wrong.iter().any(|(name, ..)| name == file),
                "{file}, byte {at}: {wrong:?}"
            );
        }
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(
            record.wrong().iter().any(|(name, ..)| name == file),
            "{file} cut short"
        );
        fs::write(&path, whole).unwrap();
        assert!(record.wrong().is_empty());
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
        late.contains(": event: it stands behind the first round"),
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
    let sound = check(&[&fixture(OURS), &fixture(OLDER)]);
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
        "error: DIR/samples.jsonl, line 1: event: \"what\" stands where one of block, ".to_owned(),
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

#[test]
fn the_published_schema_is_the_one_that_is_used() {
    let output = harness().args(["schema", "bundle"]).output().unwrap();
    assert!(output.status.success());
    let published = common::workspace().join("docs/bundle.schema.json");
    let published = fs::read_to_string(published).unwrap_or_default();
    assert!(
        published.replace("\r\n", "\n") == stdout(&output),
        "docs/bundle.schema.json is out of date: write what `harness schema bundle` prints into it"
    );
    // Whoever has no harness at hand can hold a folder against it.
    let schema = json(&output);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let record = Record::new(OURS);
    let mut whole = json!({
        "run.json": record.head,
        "samples.jsonl": record.events.iter().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>(),
        "seal.json": serde_json::from_str::<Value>(&fs::read_to_string(record.path().join("seal.json")).unwrap()).unwrap(),
    });
    let errors = validator.iter_errors(&whole).map(|error| error.to_string());
    assert_eq!(errors.collect::<Vec<_>>(), Vec::<String>::new());
    whole["samples.jsonl"][0]["damaged"] = json!(7);
    assert!(!validator.is_valid(&whole));
}
