//! Real records, and copies of them that can be damaged.

#![allow(dead_code, reason = "each program uses a part")]
#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, path::Path};

use harness_judge::check::check;
use serde_json::Value;
use tempfile::TempDir;

use crate::common::fixture;

/// A real record: threads, a scenario of each sort, one round of each cell.
pub(crate) const OURS: &str = "bundle-4";
/// What primitives cost, by an executable that was made up.
pub(crate) const COSTS: &str = "bundle-4-costs";
/// Both, recorded before every promise was tried; and the first, recorded before there were costs.
pub(crate) const SEALED: [&str; 3] = ["bundle-3", "bundle-3-costs", "bundle-2"];
/// The first, recorded before the schema was raised for the first time.
pub(crate) const OLDER: &str = "bundle-1";

/// A copy of a record that can be damaged.
pub(crate) struct Record {
    folder: TempDir,
    pub(crate) head: Value,
    pub(crate) events: Vec<String>,
}

impl Record {
    pub(crate) fn new(name: &str) -> Self {
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
