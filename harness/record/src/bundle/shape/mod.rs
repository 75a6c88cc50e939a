//! What is wrong with the shape of a record's head or of an event: where in it, and what was expected there.
//!
//! Serde knows the types. What it cannot read it says where and why, one thing at a time: something that it can
//! read is put there, and it is asked again. What it did read is written again, and the two are held beside each
//! other: a field that only the record has is none, and one that only we write is missing from it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use serde_path_to_error::{Deserializer, Path, Segment, Track};

use super::{Event, Header, event::Named};
use crate::{demands::Demands, laws, text::is_unfit};
use words::{explained, instead, names, show};

mod words;

/// So many things are put right to see what else is wrong.
const MENDED: usize = 500;
/// Where the name of an event stands.
const EVENT: &str = "/event";

/// What is wrong with a field that is none.
const UNKNOWN: &str = "there is no such field";

/// What is wrong with a value, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// A JSON pointer.
    pub(super) pointer: String,
    /// What is wrong, and what was expected.
    pub(super) why: String,
    /// Whether it can be read all the same, though no run writes it so.
    pub(super) readable: bool,
}

/// What cannot be read, in serde's words.
pub(super) struct Fault {
    pointer: String,
    pub(super) said: String,
}

/// What is wrong with the head of a record.
pub(super) fn of_header(head: &Value) -> Vec<Found> {
    found(head, &|head| Ok(written(&header(head)?)))
}

/// What is wrong with an event.
pub(super) fn of_event(value: &Value) -> Vec<Found> {
    found(value, &|value| Ok(written(&event(value)?)))
}

/// Every text that holds what belongs on no screen. It can be read, with a mark in its place.
pub(super) fn unfit(value: &Value) -> Vec<Found> {
    let mut found = Vec::new();
    look(value, String::new(), &mut found);
    found
}

fn look(value: &Value, at: String, found: &mut Vec<Found>) {
    let mut hold = |text: &str, pointer: &str| {
        if let Some(c) = text.chars().find(|c| is_unfit(*c)) {
            found.push(Found {
                pointer: pointer.to_owned(),
                why: format!(
                    "it holds {}, a character that does something to a screen, and no run writes one",
                    c.escape_default()
                ),
                readable: true,
            });
        }
    };
    match value {
        Value::String(text) => hold(text, &at),
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                look(value, format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for name in fields.keys() {
                hold(name, &at);
            }
            for (name, value) in fields {
                look(value, below(&at, name), found);
            }
        }
        _ => {}
    }
}

/// Reads the head of a record.
pub(super) fn header(head: &Value) -> Result<Header, Fault> {
    located(|track| Header::deserialize(Deserializer::new(head, track)))
}

/// Reads an event.
pub(super) fn event(event: &Value) -> Result<Event, Fault> {
    let mut fields = event.as_object().cloned().unwrap_or_default();
    let name = fields.remove("event");
    let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
    // Its name around it and not in it: so serde reads it field by field, and knows the place.
    let mut named = Value::from(Map::from_iter([(name.to_owned(), fields.into())]));
    let read = located(|track| Named::deserialize(Deserializer::new(&named, track)));
    read.map_err(|fault| {
        let inside = fault.pointer.strip_prefix(&below("", name));
        let pointer = inside.unwrap_or(EVENT).to_owned();
        flattened(name, &named[name].take()).unwrap_or(Fault { pointer, ..fault })
    })
}

/// Whoever asks for one, since serde would read an event whose name stands among its fields into a tree of its own first.
impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let event = Value::deserialize(deserializer)?;
        self::event(&event).map_err(|fault| serde::de::Error::custom(fault.said))
    }
}

/// What is wrong with fields that stand among those around them: serde does not say where. They are read once more,
/// alone.
fn flattened(event: &str, fields: &Value) -> Option<Fault> {
    let read = |track: &mut Track| {
        let fields = Deserializer::new(fields, track);
        match event {
            "calibration" => laws::Branch::deserialize(fields).map(drop),
            "demands" => Demands::deserialize(fields).map(drop),
            _ => Ok(()),
        }
    };
    located(read).err()
}

/// What is read, or where that came to its end and why.
fn located<T>(read: impl FnOnce(&mut Track) -> serde_json::Result<T>) -> Result<T, Fault> {
    let mut track = Track::new();
    read(&mut track).map_err(|error| {
        let said = error.to_string();
        let at = pointer(&track.path());
        let missing = said.strip_prefix("missing field `");
        let missing = missing.and_then(|name| name.strip_suffix('`'));
        let pointer = missing.map_or_else(|| at.clone(), |name| below(&at, name));
        Fault { pointer, said }
    })
}

fn pointer(path: &Path) -> String {
    path.iter()
        .fold(String::new(), |at, segment| match segment {
            Segment::Seq { index } => format!("{at}/{index}"),
            Segment::Map { key } => below(&at, key),
            Segment::Enum { variant } => below(&at, variant),
            Segment::Unknown => at,
        })
}

fn below(at: &str, name: &str) -> String {
    let name = name.replace('~', "~0").replace('/', "~1");
    format!("{at}/{name}")
}

fn written(read: &impl Serialize) -> Value {
    // What is read of a record has a JSON form.
    serde_json::to_value(read).unwrap_or_default()
}

/// Everything that is wrong with a value, by what reads it and writes it again.
fn found(value: &Value, read: &dyn Fn(&Value) -> Result<Value, Fault>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut mended = value.clone();
    for _ in 0..MENDED {
        let mut fault = match read(&mended) {
            Ok(written) => {
                let beside = Beside {
                    whole: &mended,
                    read,
                };
                beside.compare("", &mended, &written, &mut found);
                break;
            }
            Err(fault) => fault,
        };
        if let Some((strange, without)) = more_than_one(&mended, &mut fault, read) {
            found.extend(strange);
            mended = without;
            continue;
        }
        // What was put there is not what the record has.
        if !is_in(&fault.pointer, &found) {
            found.push(Found {
                why: explained(&fault.said, value.pointer(&fault.pointer)),
                pointer: fault.pointer.clone(),
                readable: false,
            });
        }
        match mend(&mended, &fault, read) {
            // What else an event must have depends on its name.
            Some(better) if fault.pointer != EVENT => mended = better,
            _ => break,
        }
    }
    found
}

/// Where an object must have one field of several, by which it is told what it holds: the fields that it has besides,
/// and the value without them. If it is not that, the fault says which fields there are.
fn more_than_one(
    value: &Value,
    fault: &mut Fault,
    read: &dyn Fn(&Value) -> Result<Value, Fault>,
) -> Option<(Vec<Found>, Value)> {
    if !fault.said.ends_with("expected map with a single key") {
        return None;
    }
    let asked = with(value, &fault.pointer, json!({"": null}))?;
    fault.said = read(&asked).err()?.said;
    let names = names(&fault.said);
    let there = value.pointer(&fault.pointer)?.as_object()?.iter();
    let (known, strange): (Vec<_>, Vec<_>) = there.partition(|(name, _)| names.contains(name));
    let [(name, inside)] = known.as_slice() else {
        return None;
    };
    let strange = strange.iter().map(|(name, _)| Found {
        pointer: below(&fault.pointer, name),
        why: UNKNOWN.to_owned(),
        readable: false,
    });
    let without = with(value, &fault.pointer, json!({ name.as_str(): inside }))?;
    Some((strange.collect(), without))
}

/// Whether a place is in one that was found wrong.
fn is_in(pointer: &str, found: &[Found]) -> bool {
    found.iter().any(|found| {
        let inside = pointer.strip_prefix(&found.pointer);
        inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// The value with something at the place of a fault that can be read there.
fn mend(
    value: &Value,
    fault: &Fault,
    read: &dyn Fn(&Value) -> Result<Value, Fault>,
) -> Option<Value> {
    let mut others = vec![
        json!(null),
        json!(0),
        json!(""),
        json!([]),
        json!({}),
        json!(false),
        json!([0, 0]),
        json!("runtime:flavour@1/scenario/compose@1"),
    ];
    let mut next = 0;
    while let Some(other) = others.get(next) {
        let mended = with(value, &fault.pointer, other.clone())?;
        match read(&mended) {
            Err(again) if again.pointer == fault.pointer => {
                // Where a name is expected, that is said of a text.
                let names = names(&again.said).into_iter().map(Value::from);
                let news: Vec<Value> = names.filter(|name| !others.contains(name)).collect();
                others.extend(news);
            }
            // A name alone where something stands behind it.
            Err(again) if with(&mended, &again.pointer, Value::Null).is_none() => {}
            _ => return Some(mended),
        }
        next += 1;
    }
    None
}

/// The value with another at a place in it, where there may be nothing yet.
fn with(value: &Value, pointer: &str, other: Value) -> Option<Value> {
    let mut whole = value.clone();
    if let Some(there) = whole.pointer_mut(pointer) {
        *there = other;
    } else {
        let (around, name) = pointer.rsplit_once('/')?;
        let around = whole.pointer_mut(around)?.as_object_mut()?;
        around.insert(name.replace("~1", "/").replace("~0", "~"), other);
    }
    Some(whole)
}

/// A value beside what it was read as.
struct Beside<'a> {
    whole: &'a Value,
    read: &'a dyn Fn(&Value) -> Result<Value, Fault>,
}

impl Beside<'_> {
    fn compare(&self, at: &str, theirs: &Value, ours: &Value, found: &mut Vec<Found>) {
        let mut add = |at: &str, why: String| {
            if !is_in(at, found) {
                found.push(Found {
                    pointer: at.to_owned(),
                    why,
                    readable: true,
                });
            }
        };
        match (theirs, ours) {
            (Value::Object(theirs), Value::Object(ours)) => {
                for name in ours.keys().filter(|&name| !theirs.contains_key(name)) {
                    add(&below(at, name), "it is missing".to_owned());
                }
                for (name, theirs) in theirs {
                    let at = below(at, name);
                    match ours.get(name) {
                        Some(ours) => self.compare(&at, theirs, ours, found),
                        None if self.is_field(&at) => {}
                        None => found.push(Found {
                            pointer: at,
                            why: UNKNOWN.to_owned(),
                            readable: true,
                        }),
                    }
                }
            }
            (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
                for (index, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                    self.compare(&format!("{at}/{index}"), theirs, ours, found);
                }
            }
            // The same, if not to the digit.
            (Value::Number(theirs), Value::Number(ours)) if theirs.is_f64() || ours.is_f64() => {}
            _ if theirs == ours => {}
            _ => add(at, instead(theirs, &show(ours))),
        }
    }

    /// Whether a field that we would not write here is one: it may say what goes without saying. Of one that is none
    /// nobody cares what it holds.
    fn is_field(&self, at: &str) -> bool {
        [json!(true), json!(7)].into_iter().any(|other| {
            let whole = with(self.whole, at, other);
            whole.is_some_and(|whole| (self.read)(&whole).is_err())
        })
    }
}

#[cfg(test)]
mod tests;
