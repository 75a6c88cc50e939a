//! Real records, and copies of them that can be damaged.

#![allow(dead_code, reason = "each program uses a part")]
#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, path::Path};

use harness_judge::check::check;
use jsonschema::Validator;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{copy, fixture, workspace};

/// A real record: threads, a scenario of each sort, one round of each cell.
pub(crate) const OURS: &str = "bundle-4";
/// What primitives cost, by an executable that was made up.
pub(crate) const COSTS: &str = "bundle-4-costs";

/// A copy of a record that can be damaged.
pub(crate) struct Record {
    folder: TempDir,
    pub(crate) head: Value,
    pub(crate) events: Vec<String>,
}

impl Record {
    pub(crate) fn new(name: &str) -> Self {
        let folder = TempDir::new().unwrap();
        copy(&fixture(name), folder.path());
        let read = |file| fs::read_to_string(folder.path().join(file)).unwrap();
        Self {
            head: serde_json::from_str(&read("run.json")).unwrap(),
            events: read("samples.jsonl").lines().map(str::to_owned).collect(),
            folder,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn unseal(&self) {
        fs::remove_file(self.path().join("seal.json")).unwrap();
    }

    pub(crate) fn write_head(&self, head: &Value) {
        let text = serde_json::to_string_pretty(head).unwrap();
        fs::write(self.path().join("run.json"), text).unwrap();
    }

    /// Writes the events with another in the place of one.
    pub(crate) fn write_event(&self, index: usize, event: &Value) {
        let mut lines = self.events.clone();
        lines[index] = event.to_string();
        fs::write(self.path().join("samples.jsonl"), lines.join("\n") + "\n").unwrap();
    }

    /// What is wrong with it: file, line, and field.
    pub(crate) fn wrong(&self) -> Vec<(String, Option<usize>, String)> {
        let checked = check(self.path());
        let problems = checked.problems.into_iter().map(|problem| {
            let file = problem.file.file_name().unwrap().to_str().unwrap();
            (file.to_owned(), problem.line, problem.field)
        });
        problems.collect()
    }
}

/// What is published for those who have no harness.
pub(crate) struct Schema {
    /// All of it.
    pub(crate) document: Validator,
    head: Validator,
    event: Validator,
}

impl Schema {
    pub(crate) fn published() -> Self {
        let document = fs::read(workspace().join("docs/bundle.schema.json")).unwrap();
        let document: Value = serde_json::from_slice(&document).unwrap();
        let of = |name: &str| {
            let part = json!({"$ref": format!("#/$defs/{name}"), "$defs": document["$defs"]});
            jsonschema::validator_for(&part).unwrap()
        };
        Self {
            document: jsonschema::validator_for(&document).unwrap(),
            head: of("Header"),
            event: of("Event"),
        }
    }

    pub(crate) fn allows_head(&self, bytes: &[u8]) -> bool {
        self.head.is_valid(&serde_json::from_slice(bytes).unwrap())
    }

    pub(crate) fn allows_event(&self, line: &[u8]) -> bool {
        self.event.is_valid(&serde_json::from_slice(line).unwrap())
    }
}
