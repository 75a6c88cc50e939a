//! The published schema of a record is what its types say: what is published holds to it. That it refuses what `check`
//! refuses, `damaged.rs` tries.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::common::{fixture, harness, json, stdout, workspace};
use crate::record::{COSTS, OURS, Schema};
use harness_record::bundle::reader::Files;
use serde_json::Value;

#[test]
fn the_published_schema_is_the_one_that_is_printed() {
    let output = harness().args(["schema", "bundle"]).output().unwrap();
    assert!(output.status.success());
    let published = fs::read_to_string(workspace().join("docs/bundle.schema.json"));
    assert!(
        published.unwrap_or_default().replace("\r\n", "\n") == stdout(&output),
        "docs/bundle.schema.json is out of date: write what `harness schema bundle` prints into it"
    );
    assert_eq!(json(&output)["title"], "A recorded run");
}

/// Every published record, and those of the tests.
fn records() -> Vec<PathBuf> {
    let results = fs::read_dir(workspace().join("results")).unwrap();
    let folders = results.map(|entry| entry.unwrap().path());
    let published = folders.filter(|folder| folder.join("seal.json").exists());
    published.chain([OURS, COSTS].map(fixture)).collect()
}

/// Whoever has no harness at hand can hold a folder against it, line by line or whole.
#[test]
fn what_is_published_is_what_the_schema_says() {
    let schema = Schema::published();
    let records = records();
    assert!(records.len() > 2, "{records:?}");
    for folder in &records {
        let files = Files::open(folder).unwrap();
        assert!(schema.allows_head(&files.run.1), "{}", folder.display());
        for (number, line) in files.lines() {
            let named = || format!("{}, line {number}", folder.display());
            assert!(schema.allows_event(line), "{}", named());
        }
    }
    let mut whole = whole(&fixture(OURS));
    assert!(schema.document.is_valid(&whole));
    whole["samples.jsonl"][0]["damaged"] = 7.into();
    assert!(!schema.document.is_valid(&whole));
}

/// All files of a record as one document.
fn whole(folder: &Path) -> Value {
    let files = Files::open(folder).unwrap();
    let of = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    let samples: Vec<Value> = files.lines().map(|(_, line)| of(line)).collect();
    serde_json::json!({
        "run.json": of(&files.run.1),
        "samples.jsonl": samples,
        "seal.json": of(&fs::read(folder.join("seal.json")).unwrap()),
    })
}
