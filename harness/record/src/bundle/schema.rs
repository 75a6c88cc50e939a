//! The shape of a record, as a JSON Schema made from its types, and records held against it.
//!
//! What is published is strict: every field that a run writes must be there, and no other. Records of
//! older versions are held against what this harness reads, where a field with a default may be absent.

use super::{Event, Header, SCHEMA, Seal};
use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::OnceLock};

/// A recorded run: what each file of its folder holds. `samples.jsonl` has one event on each line; that of a
/// published run is compressed, `samples.jsonl.gz`.
#[derive(schemars::JsonSchema)]
#[schemars(title = "A recorded run")]
#[expect(dead_code, reason = "only its schema is made")]
struct Files {
    #[serde(rename = "run.json")]
    run: Header,
    #[serde(rename = "samples.jsonl")]
    samples: Vec<Event>,
    /// There once the run has ended.
    #[serde(rename = "seal.json", skip_serializing_if = "Option::is_none")]
    seal: Option<Seal>,
}

/// The first version whose records have every field of ours: those are held against the same schema.
const SAME_FIELDS_SINCE: u32 = 2;

/// The published schema.
#[must_use]
pub fn schema() -> String {
    // A schema is made of maps and strings, so it has a JSON form.
    serde_json::to_string_pretty(&document(SCHEMA)).unwrap_or_default()
}

fn document(version: u32) -> Value {
    let settings = SchemaSettings::draft2020_12();
    let settings = if version >= SAME_FIELDS_SINCE {
        settings.for_serialize()
    } else {
        settings.for_deserialize()
    };
    let schema = settings.into_generator().into_root_schema_for::<Files>();
    let mut document = schema.to_value();
    merge_variants(&mut document);
    be_strict(&mut document);
    document
}

/// An event that is a struct of its own is a reference with the event's name beside it, and neither of
/// the two knows all fields. Put together they do.
fn merge_variants(document: &mut Value) {
    let definitions = document["$defs"].clone();
    let Some(Value::Array(variants)) = document.pointer_mut("/$defs/Event/oneOf") else {
        return;
    };
    for variant in variants.iter_mut().filter_map(Value::as_object_mut) {
        let name = variant.get("$ref").and_then(Value::as_str);
        let name = name.and_then(|name| name.strip_prefix("#/$defs/"));
        let Some(definition) = name.map(|name| definitions[name].clone()) else {
            continue;
        };
        variant.remove("$ref");
        for key in ["properties", "required"] {
            let Some(more) = definition.get(key) else {
                continue;
            };
            match (variant.get_mut(key), more) {
                (Some(Value::Object(own)), Value::Object(more)) => own.extend(more.clone()),
                (Some(Value::Array(own)), Value::Array(more)) => own.extend(more.iter().cloned()),
                _ => {}
            }
        }
    }
}

/// Allows no fields but those that are named, and no number that its type cannot hold.
fn be_strict(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("properties").is_some_and(Value::is_object) {
                object
                    .entry("additionalProperties")
                    .or_insert(Value::Bool(false));
            }
            let most = match object.get("format").and_then(Value::as_str) {
                Some("uint" | "uint64") => Some(json!(u64::MAX)),
                Some("uint32") => Some(json!(u32::MAX)),
                _ => None,
            };
            if let Some(most) = most {
                object.entry("maximum").or_insert(most);
            }
            for (key, inner) in object.iter_mut() {
                // The names of fields are no keywords.
                if matches!(key.as_str(), "properties" | "$defs") {
                    inner
                        .as_object_mut()
                        .into_iter()
                        .flat_map(Map::values_mut)
                        .for_each(be_strict);
                } else {
                    be_strict(inner);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(be_strict),
        _ => {}
    }
}

/// What is wrong with a value, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// A JSON pointer.
    pub(super) pointer: String,
    /// What is wrong, and what was expected.
    pub(super) why: String,
    /// Whether it is only a field that nobody knows.
    pub(super) unknown: bool,
}

impl Found {
    fn new(pointer: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            why: why.into(),
            unknown: false,
        }
    }
}

/// What is wrong with the head of a record of this version, once it is lifted to ours.
pub(super) fn of_header(head: &Value, version: u32) -> Vec<Found> {
    match rules(version) {
        Ok(rules) => found(&rules.header, head),
        Err(why) => vec![Found::new("", why.as_str())],
    }
}

/// What is wrong with an event of a record of this version.
pub(super) fn of_event(event: &Value, version: u32) -> Vec<Found> {
    let rules = match rules(version) {
        Ok(rules) => rules,
        Err(why) => return vec![Found::new("", why.as_str())],
    };
    let known = || {
        let names: Vec<&str> = rules.events.keys().map(String::as_str).collect();
        names.join(", ")
    };
    match event.get("event") {
        None => vec![Found::new(
            "/event",
            format!("it is missing; expected one of {}", known()),
        )],
        Some(name) => match name.as_str().and_then(|name| rules.events.get(name)) {
            Some(validator) => found(validator, event),
            None => vec![Found::new(
                "/event",
                format!("{} stands where one of {} is expected", show(name), known()),
            )],
        },
    }
}

struct Rules {
    header: Validator,
    events: BTreeMap<String, Validator>,
}

/// Compiled once: there are thousands of lines.
fn rules(version: u32) -> Result<&'static Rules, &'static String> {
    static OURS: OnceLock<Result<Rules, String>> = OnceLock::new();
    static OLDER: OnceLock<Result<Rules, String>> = OnceLock::new();
    let cell = if version >= SAME_FIELDS_SINCE {
        &OURS
    } else {
        &OLDER
    };
    cell.get_or_init(|| compiled(version)).as_ref()
}

fn compiled(version: u32) -> Result<Rules, String> {
    let document = document(version);
    let definitions = &document["$defs"];
    let of = |schema: &Value| {
        let mut schema = schema.clone();
        schema["$defs"] = definitions.clone();
        jsonschema::validator_for(&schema)
            .map_err(|error| format!("the schema is unsound: {error}"))
    };
    let mut events = BTreeMap::new();
    for variant in definitions["Event"]["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
    {
        if let Some(name) = variant["properties"]["event"]["const"].as_str() {
            events.insert(name.to_owned(), of(variant)?);
        }
    }
    Ok(Rules {
        header: of(&json!({"$ref": "#/$defs/Header"}))?,
        events,
    })
}

fn found(validator: &Validator, value: &Value) -> Vec<Found> {
    validator
        .iter_errors(value)
        .flat_map(|error| explain(&error))
        .collect()
}

/// An error in the words of people: several, where a schema lumps them together.
fn explain(error: &ValidationError<'_>) -> Vec<Found> {
    let at = error.instance_path().as_str();
    let below = |name: &str| {
        let name = name.replace('~', "~0").replace('/', "~1");
        format!("{at}/{name}")
    };
    let instead = |expected: String| {
        let why = format!(
            "{} stands where {expected} is expected",
            show(error.instance())
        );
        vec![Found::new(at, why)]
    };
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![Found::new(below(name), "it is missing")]
        }
        Kind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| Found {
                unknown: true,
                ..Found::new(below(name), "there is no such field")
            })
            .collect(),
        Kind::Type { kind } => instead(match kind {
            TypeKind::Single(kind) => article(kind.as_str()),
            TypeKind::Multiple(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(|kind| article(kind.as_str())).collect();
                kinds.join(" or ")
            }
        }),
        Kind::Constant { expected_value } => instead(show(expected_value)),
        Kind::Enum { options } => instead(one_of(options.as_array().into_iter().flatten())),
        Kind::Minimum { limit } => instead(format!("a number from {limit}")),
        Kind::Maximum { limit } => instead(format!("a number up to {limit}")),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            among(context).unwrap_or_else(|| instead("another shape".to_owned()))
        }
        _ => vec![Found::new(at, error.masked().to_string())],
    }
}

/// Of several shapes, none of which fits: the one that comes nearest says what is wrong. Names of which
/// one is expected are listed.
fn among(context: &[Vec<ValidationError<'static>>]) -> Option<Vec<Found>> {
    let names = context.iter().map(|errors| match errors.as_slice() {
        [error] => match error.kind() {
            Kind::Constant { expected_value } => Some((error, expected_value.as_ref())),
            _ => None,
        },
        _ => None,
    });
    if let Some(names) = names.collect::<Option<Vec<_>>>()
        && let Some((error, _)) = names.first()
    {
        let expected = one_of(names.iter().map(|(_, name)| *name));
        let why = format!(
            "{} stands where {expected} is expected",
            show(error.instance())
        );
        return Some(vec![Found::new(error.instance_path().as_str(), why)]);
    }
    let nearest = context.iter().max_by_key(|errors| {
        let depth =
            |error: &ValidationError<'_>| error.instance_path().as_str().matches('/').count();
        // What is not even of the right type is furthest away.
        let is_type = |error: &ValidationError<'_>| matches!(error.kind(), Kind::Type { .. });
        let deepest = errors.iter().map(depth).max();
        let away = errors.iter().filter(|error| Some(depth(error)) == deepest);
        (
            deepest,
            !away.clone().any(is_type),
            std::cmp::Reverse(away.count()),
        )
    })?;
    Some(nearest.iter().flat_map(explain).collect())
}

fn one_of<'a>(options: impl Iterator<Item = &'a Value>) -> String {
    let options: Vec<String> = options.map(show).collect();
    match options.as_slice() {
        [one] => one.clone(),
        _ => format!("one of {}", options.join(", ")),
    }
}

fn article(kind: &str) -> String {
    match kind {
        "null" => "null".to_owned(),
        "integer" => "a whole number".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "an object".to_owned(),
        "boolean" => "true or false".to_owned(),
        kind => format!("a {kind}"),
    }
}

/// A value, or what sort of value it is where it may be long.
fn show(value: &Value) -> String {
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
