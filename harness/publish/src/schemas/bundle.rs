//! The shape of a record, as a JSON Schema made from its types: every field that a run writes must be there, and no
//! other. `harness check` holds records against the types themselves.

use harness_record::bundle::{Event, Header, Seal};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

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

/// The published schema.
pub(super) fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
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
