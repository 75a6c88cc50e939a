//! A sound record in which some fields were changed.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::{
    arbitrary::{self, Arbitrary},
    fuzz_target,
};
use serde_json::{Map, Number, Value, json};

/// One change of one field.
#[derive(Arbitrary, Debug)]
struct Edit {
    /// Which document: the head, or a line of the events.
    line: u8,
    /// Which way to go at each step down from its root.
    path: [u8; 6],
    change: Change,
}

#[derive(Arbitrary, Debug)]
enum Change {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    /// A number near to what it was.
    Near(i8),
    Text(String),
    /// A word that stands elsewhere in the record.
    Word(u8),
    Empty,
    Gone,
    Twice,
}

const WORDS: [&str; 12] = [
    "",
    "threads",
    "smol",
    "timers",
    "digest",
    "ok",
    "wrong",
    "../../x",
    "\u{1b}[31m",
    "a\nb",
    "try/x+wait=5ms",
    "threads:threads@2/digest/spawn@2",
];

type Documents = (Value, Vec<Value>);

fn sound() -> &'static Documents {
    static SOUND: OnceLock<Documents> = OnceLock::new();
    SOUND.get_or_init(|| {
        let head = include_str!("../../harness/tests/fixtures/bundle-4/run.json");
        let events = include_str!("../../harness/tests/fixtures/bundle-4/samples.jsonl");
        let parse = |text: &str| serde_json::from_str(text).expect("the fixture is sound");
        let mut events: Vec<Value> = events.lines().map(parse).collect();
        // The polls that it holds are most of its length, and some stand for all.
        for sample in events.iter_mut().flat_map(|event| {
            event
                .get_mut("samples")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
        }) {
            for polls in ["trace", "handed"] {
                if let Some(polls) = sample.get_mut(polls).and_then(Value::as_array_mut) {
                    polls.truncate(3);
                }
            }
        }
        (parse(head), events)
    })
}

/// Goes down the path as far as it leads, and changes what is there.
fn edit(value: &mut Value, path: &[u8], change: &Change) {
    let Some((&way, rest)) = path.split_first() else {
        return put(value, change);
    };
    let way = usize::from(way);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let Some(name) = fields.keys().nth(way % fields.len()).cloned() else {
                return;
            };
            if rest.is_empty() && matches!(change, Change::Gone) {
                fields.remove(&name);
            } else if let Some(field) = fields.get_mut(&name) {
                edit(field, rest, change);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = way % items.len();
            match change {
                Change::Gone if rest.len() < 3 => drop(items.remove(at)),
                Change::Twice if rest.len() < 3 => items.insert(at, items[at].clone()),
                _ => edit(&mut items[at], rest, change),
            }
        }
        value => put(value, change),
    }
}

fn put(value: &mut Value, change: &Change) {
    *value = match change {
        Change::Null | Change::Gone | Change::Twice => Value::Null,
        Change::Bool(is) => json!(is),
        Change::Unsigned(number) => json!(number),
        Change::Signed(number) => json!(number),
        Change::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Change::Near(by) => match &*value {
            Value::Number(number) if number.is_f64() => {
                json!(number.as_f64().unwrap_or(0.0) * (1.0 + f64::from(*by) / 64.0))
            }
            Value::Number(number) => {
                let number = number.as_u64().unwrap_or(0);
                json!(number.saturating_add_signed(i64::from(*by)))
            }
            other => (*other).clone(),
        },
        Change::Text(text) => json!(text),
        Change::Word(which) => json!(WORDS[usize::from(*which) % WORDS.len()]),
        Change::Empty if value.is_object() => Value::Object(Map::new()),
        Change::Empty => json!([]),
    };
}

fuzz_target!(|edits: Vec<Edit>| {
    let (mut head, mut events) = sound().clone();
    for one in edits.iter().take(4) {
        match usize::from(one.line) % (events.len() + 1) {
            0 => edit(&mut head, &one.path, &one.change),
            line => edit(&mut events[line - 1], &one.path, &one.change),
        }
    }
    let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
    fuzz::read(format!("{head:#}\n").as_bytes(), lines.as_bytes());
});
