//! `--format json` is one document, of the shape that its schema says, under the names that were
//! promised.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, sync::OnceLock};

use crate::common::{self, Run, list};
use serde_json::Value;

/// A run that has every sort of cell: timed, computing, over the origin, unsupported by none.
fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let run = Run::new(&[
            "--runtime=threads",
            "--scenario=timers,http,digest",
            "--rounds=2",
            "--seed=7",
            "--format=json",
        ]);
        assert_eq!(
            run.output.status.code(),
            Some(0),
            "{}",
            common::said(&run.output)
        );
        // Nothing before it, nothing behind it: the parser takes one document and blanks.
        run.json()
    })
}

fn schema() -> Value {
    let output = common::harness().arg("schema").output().unwrap();
    assert!(output.status.success());
    // The published one is for those who have no harness at hand.
    let published = common::workspace().join("docs/report.schema.json");
    let published = fs::read_to_string(published).unwrap_or_default();
    assert!(
        published.replace("\r\n", "\n") == common::stdout(&output),
        "docs/report.schema.json is out of date: write what `harness schema` prints into it"
    );
    common::json(&output)
}

#[test]
fn it_is_of_the_shape_that_its_schema_says() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let errors = |document: &Value| {
        let errors = validator.iter_errors(document);
        let lines = errors.map(|error| format!("{}: {error}", error.instance_path()));
        lines.collect::<Vec<_>>()
    };
    assert_eq!(errors(document()), Vec::<String>::new());

    // The schema says something: what is missing, misspelt or of another sort is found.
    let mut spoilt = document().clone();
    spoilt["claims"][0]["verdict"] = "perhaps".into();
    assert_eq!(errors(&spoilt).len(), 1);
    let mut spoilt = document().clone();
    spoilt["cells"][0]["status"] = Value::Null;
    assert_eq!(errors(&spoilt).len(), 1);
    let mut spoilt = document().clone();
    spoilt.as_object_mut().unwrap().remove("seed");
    assert_eq!(errors(&spoilt).len(), 1);
}

#[test]
fn the_names_that_were_promised_are_there() {
    let document = document();
    let has = |value: &Value, names: &str| {
        for name in names.split_whitespace() {
            assert!(value.get(name).is_some(), "no {name} in {value}");
        }
    };
    has(document, "schema host command seed cells claims");
    assert_eq!(document["schema"], 4);
    assert_eq!(document["seed"], 7);
    assert_eq!(document["command"][0], "harness");
    assert!(list(document, "command").contains(&"--seed=7".into()));

    // Two flavours; three scenarios; sequential, compose and spawn.
    let cells = list(document, "cells");
    assert_eq!(cells.len(), 2 * 3 * 3);
    for cell in cells {
        has(
            cell,
            "runtime version flavour workers root scenario primitive branches status reason wall_ns \
             predicted_ns measured_over_predicted law_band law speedup cores_used peak_overlap mean_overlap mean_concurrency threads \
             longest_poll_ns stall_ns rounds exhibit",
        );
        has(&cell["wall_ns"], "median low high");
        assert_eq!(
            (
                &cell["runtime"],
                &cell["root"],
                &cell["status"],
                &cell["reason"]
            ),
            (
                &"threads".into(),
                &"block_on".into(),
                &"ok".into(),
                &Value::Null
            )
        );
        for figure in [
            "predicted_ns",
            "cores_used",
            "peak_overlap",
            "mean_concurrency",
        ] {
            assert!(
                cell[figure].as_f64().is_some_and(|f| f > 0.0),
                "{figure} of {cell}"
            );
        }
        assert!(cell["rounds"].as_u64().unwrap() > 0 && cell["exhibit"].is_boolean());
    }
    let claims = list(document, "claims");
    assert!(!claims.is_empty());
    for claim in claims {
        has(
            claim,
            "runtime flavour workers claim verdict by_design measured interval predicted reason",
        );
        let verdict = claim["verdict"].as_str().unwrap();
        let verdicts = ["holds", "refuted", "inconclusive", "not-testable"];
        assert!(verdicts.contains(&verdict), "{verdict}");
        if let Value::Array(ends) = &claim["interval"] {
            let [low, high] = ends.as_slice() else {
                panic!("{claim}")
            };
            assert!(low.as_f64() <= high.as_f64(), "{claim}");
        }
        assert!(!claim["reason"].as_str().unwrap().contains('\n'), "{claim}");
    }
}
