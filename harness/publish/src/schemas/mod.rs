//! The JSON Schemas of what the harness records and prints, made from its types.

use harness_judge::standing::Verification;
use harness_report::Report;
use schemars::{JsonSchema, schema_for};
use serde::Serialize;

use crate::{compare::Comparison, merge::Merged};

mod bundle;

/// Of a recorded run.
#[must_use]
pub fn bundle() -> String {
    printed(&bundle::document())
}

/// Of the report of a run.
#[must_use]
pub fn report() -> String {
    text::<Report>()
}

/// Of what `harness verify` prints.
#[must_use]
pub fn verification() -> String {
    text::<Verification>()
}

/// Of what `harness merge` prints.
#[must_use]
pub fn merged() -> String {
    text::<Merged>()
}

/// Of what `harness compare` prints.
#[must_use]
pub fn comparison() -> String {
    text::<Comparison>()
}

fn text<T: JsonSchema>() -> String {
    printed(&schema_for!(T))
}

fn printed(schema: &impl Serialize) -> String {
    // A schema is made of maps and strings, so it has a JSON form.
    serde_json::to_string_pretty(schema).unwrap_or_default()
}
