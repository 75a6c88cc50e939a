//! What serde says of a value that it cannot read, in the words of people.

use serde_json::Value;

/// What is wrong, in the words of people.
pub(super) fn explained(said: &str, value: Option<&Value>) -> String {
    match (value, expected(said, value)) {
        (Some(value), Some(expected)) => instead(value, &expected),
        (None, Some(expected)) => format!("it is missing; expected {expected}"),
        (None, None) if said.starts_with("missing field ") => "it is missing".to_owned(),
        _ => said.to_owned(),
    }
}

pub(super) fn instead(value: &Value, expected: &str) -> String {
    format!("{} stands where {expected} is expected", show(value))
}

/// What serde would have had there, where it says so.
fn expected(said: &str, value: Option<&Value>) -> Option<String> {
    let names = names(said);
    if !names.is_empty() {
        let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        return Some(match quoted.as_slice() {
            [one] => one.clone(),
            _ => format!("one of {}", quoted.join(", ")),
        });
    }
    let (_, kind) = said.strip_prefix("invalid ")?.rsplit_once(", expected ")?;
    Some(match kind {
        "u64" | "usize" => whole(u64::MAX, value),
        "u32" => whole(u32::MAX.into(), value),
        "u8" => whole(u8::MAX.into(), value),
        "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "an object".to_owned(),
        "string or map" => "a string or an object".to_owned(),
        "fewer elements in array" => "a shorter list".to_owned(),
        kind if kind.starts_with("struct ") => "an object".to_owned(),
        kind => kind.to_owned(),
    })
}

/// What is wrong with a number that is no whole number up to this one.
fn whole(most: u64, value: Option<&Value>) -> String {
    match value.and_then(Value::as_f64) {
        Some(number) if number < 0.0 => "a number from 0".to_owned(),
        Some(number) if number > most as f64 => format!("a number up to {most}"),
        _ => "a whole number".to_owned(),
    }
}

/// The names of which serde expects one, if it is that.
pub(super) fn names(said: &str) -> Vec<String> {
    let rest = said.strip_prefix("unknown variant `");
    let names = rest.and_then(|rest| Some(rest.split_once("`, expected ")?.1));
    let names = names.unwrap_or_default().split('`').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

/// A value, or what sort of value it is where it may be long.
pub(super) fn show(value: &Value) -> String {
    const LONGEST: usize = 60;
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > LONGEST => {
            let start: String = text.chars().take(LONGEST).collect();
            format!("\"{start}…\"")
        }
        other => other.to_string(),
    }
}
