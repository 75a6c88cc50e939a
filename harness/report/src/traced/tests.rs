//! Which cells a name stands for, in records of known cells.

use harness_protocol::Poll;
use tempfile::TempDir;

use super::*;
use harness_record::{
    bundle::CellStatus,
    fabricated::{block, failed, sample, smol_run},
};

/// A sample that kept one poll.
fn kept() -> Sample {
    let poll = Poll {
        branch: 0,
        thread: 0,
        start_ns: 0,
        end_ns: 1,
    };
    Sample {
        trace: vec![poll],
        ..sample(4.0, 1.0)
    }
}

fn record() -> Bundle {
    let mut bundle = smol_run();
    let repeated = Sample {
        repeats: Some(496),
        ..sample(1.0, 1.0)
    };
    block(
        &mut bundle,
        &[
            ("smol:workers@2/digest/spawn@2", kept()),
            ("smol:default@1/digest/spawn@2", kept()),
            ("smol:default@1/digest/compose@2", sample(8.0, 1.0)),
            ("smol:workers@2/digest/compose@2/again", kept()),
            ("threads:threads@2/digest/spawn@2", kept()),
            ("smol:workers@2/ready/spawn@2", repeated.clone()),
            ("smol:workers@2/ready/spawn@2/worker", repeated),
        ],
    );
    failed(
        &mut bundle,
        "smol:workers@2/parse/spawn@2",
        CellStatus::Crashed,
        "it ended early",
    );
    bundle
}

fn found(names: &[&str]) -> Result<Vec<String>, String> {
    let bundle = record();
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let traced = find(&bundle, &names)?;
    Ok(traced.iter().map(|t| t.cell.to_string()).collect())
}

#[test]
fn what_a_name_leaves_out_may_be_anything_in_the_order_of_the_plan() {
    let both = [
        "smol:default@1/digest/spawn@2",
        "smol:workers@2/digest/spawn@2",
    ];
    assert_eq!(found(&["smol/digest/spawn"]).unwrap(), both);
    assert_eq!(found(&["smol@2/digest/spawn"]).unwrap(), both[1..]);
    assert_eq!(found(&["smol:default/digest/spawn"]).unwrap(), both[..1]);
    // Each once, in the order of the names.
    let again = found(&["smol:workers/digest/spawn", "smol/digest/spawn"]).unwrap();
    assert_eq!(again, [both[1], both[0]]);
}

#[test]
fn the_baseline_beside_others_and_a_second_arm_can_be_asked_for() {
    assert_eq!(
        found(&["threads/digest/spawn"]).unwrap(),
        ["threads:threads@2/digest/spawn@2"]
    );
    assert_eq!(
        found(&["smol/digest/compose/again"]).unwrap(),
        ["smol:workers@2/digest/compose@2/again"]
    );
}

#[test]
fn what_cannot_be_shown_says_why_and_what_could() {
    let error = |name: &str| found(&[name]).unwrap_err();
    insta::assert_snapshot!(error("smol/digst/spawn"), @"the record has no cell `smol/digst/spawn`; the nearest are smol/digest/spawn, smol/digest/compose, smol/parse/spawn");
    insta::assert_snapshot!(error("smol/digest/spawn@7"), @"the record has no cell `smol/digest/spawn@7`; there are smol:default@1/digest/spawn@2, smol:workers@2/digest/spawn@2");
    insta::assert_snapshot!(error("smol/digest/compose"), @"no polls of smol:default@1/digest/compose@2 were kept: none of its rounds was to keep any");
    insta::assert_snapshot!(error("smol/ready/spawn"), @"no polls of smol:workers@2/ready/spawn@2 were kept: its branches are so short that a sample puts them together 496 times, and nobody watches");
    insta::assert_snapshot!(error("smol/parse/spawn"), @"no polls of smol:workers@2/parse/spawn@2 were kept: it ended early");
    insta::assert_snapshot!(error("smol"), @"`smol` names no cell; write RUNTIME[:FLAVOUR][@WORKERS]/SCENARIO/PRIMITIVE[@BRANCHES][/worker], for example smol/digest/spawn");
    let empty = find(&smol_run(), &["smol/digest/spawn".to_owned()]).unwrap_err();
    insta::assert_snapshot!(empty, @"the record has no cell `smol/digest/spawn`; no cell was run");
}

#[test]
fn a_cut_trace_says_of_how_much() {
    let bundle = record();
    let names = ["smol/digest/spawn".to_owned()];
    let mut traced = find(&bundle, &names).unwrap();
    let mut sample = traced[0].sample.clone();
    assert_eq!(traced[0].cut().unwrap(), "the first 1 of 2 polls");
    sample.polls = 1;
    traced[0].sample = &sample;
    assert_eq!(traced[0].cut(), None);
}

#[test]
fn the_newest_run_is_the_one_that_began_last_whatever_it_is_called() {
    let results = TempDir::new().unwrap();
    assert!(
        newest(results.path())
            .unwrap_err()
            .contains("no run is recorded")
    );
    for (name, text) in [
        ("z-first", r#"{"started":"2026-01-02T03:04:05Z"}"#),
        ("a-last", r#"{"started":"2026-02-02T03:04:05Z"}"#),
        ("other", "{}"),
    ] {
        let folder = results.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("run.json"), text).unwrap();
    }
    fs::create_dir(results.path().join("site")).unwrap();
    assert_eq!(
        newest(results.path()).unwrap(),
        results.path().join("a-last")
    );
    assert!(newest(&results.path().join("none")).is_err());
}
