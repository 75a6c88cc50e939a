//! Whatever of a record is damaged, it is refused, and by name.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::record::{COSTS, OURS, Record, Schema};
use harness_record::bundle::reader::Files;
use serde_json::{Value, json};

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

/// What came of damages, a line for each place.
struct Damages {
    /// What is refused for what it makes of other fields.
    by_others: String,
    /// What goes unseen.
    unseen: String,
    /// What only one of the two refuses for its shape, `check` and the published schema.
    disagreed: String,
}

/// Each field below a place of the head and of each event in turn, in each way. What is refused, and not by
/// file, line and field, and what goes unseen, without the seal, which would find every one of them by itself, and
/// with no word of where.
fn damages(record: &str, of_head: &str, least: usize) -> Damages {
    let record = Record::new(record);
    record.unseal();
    let schema = Schema::published();
    let (mut by_others, mut unseen, mut disagreed) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
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
        // What was seen has a name for each aspect, and none of them is known here.
        let alike = if pointer.starts_with("/seen/") {
            "seen.…".to_owned()
        } else {
            alike(pointer)
        };
        let place = format!("{event} {alike}");
        let add = |list: &mut BTreeMap<String, BTreeSet<Damage>>| {
            list.entry(place.clone()).or_default().insert(damage);
        };
        match wrong.as_slice() {
            [] => add(&mut unseen),
            some if some.iter().any(is_named) => {}
            _ => add(&mut by_others),
        }
        if !agree(&record, line, &schema) {
            add(&mut disagreed);
        }
    };

    let mut found = Vec::new();
    let head = record.head.pointer(of_head).unwrap();
    places(head, of_head, &mut found);
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
        // Findings of costs are of as many sorts as there are things to find.
        let scenario = event["cell"]
            .as_str()
            .and_then(|cell| cell.split('/').nth(1));
        let thing = event["found"].as_object().and_then(|o| o.keys().next());
        let scenario = scenario.or(thing.map(String::as_str));
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
    assert!(tried > least, "{tried}");
    let listed = |list: BTreeMap<String, BTreeSet<Damage>>| {
        let lines = list
            .iter()
            .map(|(place, damages)| format!("{place} {damages:?}"));
        lines.collect::<Vec<_>>().join("\n")
    };
    Damages {
        by_others: listed(by_others),
        unseen: listed(unseen),
        disagreed: listed(disagreed),
    }
}

/// Whether the schema and `check` say the same of the shape of the head, or of the event of a line.
fn agree(record: &Record, line: Option<usize>, schema: &Schema) -> bool {
    let files = Files::open(record.path()).unwrap();
    let Some(line) = line else {
        return schema.allows_head(&files.run.1) == files.head(true).is_ok();
    };
    let line = files.lines().nth(line - 1).unwrap();
    schema.allows_event(line.1) == files.event(line, true).is_ok()
}

/// Refused by file, line and field, but for what is listed.
#[test]
fn a_record_damaged_in_any_field_is_refused_by_name() {
    let damages = damages(OURS, "", 500);
    insta::assert_snapshot!(damages.by_others, @r"
    block load.disturbed {OtherType}
    block runtime {BelowRange, AboveRange}
    round samples[].allocations {Removed, Null}
    run.json entrants[].checks {Removed}
    run.json entrants[].checks[].name {AboveRange}
    run.json entrants[].flavours[].name {AboveRange}
    run.json entrants[].flavours[].workers.fixed {Removed}
    run.json entrants[].name {AboveRange}
    run.json entrants[].unavailable {OtherType}
    run.json host.revision {Null}
    run.json options.rounds.fixed {Removed}
    verified runtime {BelowRange, AboveRange}
    ");
    // What only the seal finds: what may be absent, and one possible word for another.
    insta::assert_snapshot!(damages.unseen, @r"
    block load {Removed, Null}
    block load.throttled {Null}
    demands compiler {AboveRange}
    demands spawns[].pairs[].case {AboveRange}
    demands spawns[].pairs[].refused[].code {Removed, Null, AboveRange}
    demands spawns[].pairs[].refused[].message {AboveRange}
    demands spawns[].spawn.name {AboveRange}
    round samples[].handed {Removed}
    round samples[].queued_ns {Removed, Null}
    round samples[].repeats {Removed, Null}
    round samples[].threads_so_far {Removed}
    round samples[].trace {Removed}
    run.json adapters[].sha256 {Null}
    run.json builds[] {BelowRange, AboveRange}
    run.json built {Null}
    run.json built.harness {AboveRange}
    run.json built.profile {AboveRange}
    run.json built.revision {Null, BelowRange, AboveRange}
    run.json built.rustc {Null, BelowRange, AboveRange}
    run.json command[] {BelowRange, AboveRange}
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
    assert_eq!(damages.disagreed, "");
}

#[test]
fn costs_damaged_in_any_field_are_refused_by_name() {
    let damages = damages(COSTS, "/options", 100);
    insta::assert_snapshot!(damages.by_others, @"
    cost found.allocations {Removed}
    cost found.failed {Removed}
    cost found.instructions {Removed}
    cost found.time {Removed}
    cost runtime {BelowRange, AboveRange}
    run.json options.costs {Removed, Null}
    run.json options.costs.operations[] {AboveRange}
    run.json options.costs.valgrind {Null}
    run.json options.rounds.fixed {Removed}
    verified runtime {BelowRange, AboveRange}
    ");
    // As above: one possible word for another, and what may be absent.
    insta::assert_snapshot!(damages.unseen, @"
    cost found.failed.reason {AboveRange}
    cost found.failed.stderr {Removed, BelowRange, AboveRange}
    cost found.time.load {Removed, Null}
    cost found.time.load.disturbed {OtherType}
    cost found.time.load.throttled {Null}
    run.json options.costs.valgrind {AboveRange}
    verified seen {Removed}
    verified seen.… {Removed, BelowRange, AboveRange}
    ");
    assert_eq!(damages.disagreed, "");
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
            let line = 1 + whole[..at].iter().filter(|byte| **byte == b'\n').count();
            assert!(
                wrong
                    .iter()
                    .any(|(name, at, _)| name == file && *at == Some(line)),
                "{file}, byte {at}, line {line}: {wrong:?}"
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
