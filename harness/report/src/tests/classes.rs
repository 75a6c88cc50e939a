//! Classes of whole records: of the scenarios that there are, and whatever they are called.

use super::*;
use crate::{markdown, screen::plain, terminal};
use harness_judge::classify::Class;
use harness_protocol::Sample;

const ON_TWO: &str = "smol:workers@2";
const ON_ONE: &str = "smol:default@1";

/// A record of one scenario: six samples joined and six spawned, on one configuration.
fn record(scenario: &str, config: &str, n: usize, joined: &Sample, spawned: &Sample) -> Bundle {
    let mut bundle = only(&[scenario], vec![unasked(threads()), smol()]);
    for _ in 0..3 {
        let name = |primitive| format!("{config}/{scenario}/{primitive}@{n}");
        let (compose, spawn) = (name("compose"), name("spawn"));
        let arms = [
            (compose.as_str(), vec![joined.clone(); 2]),
            (spawn.as_str(), vec![spawned.clone(); 2]),
        ];
        block_of_many(&mut bundle, &arms, None);
    }
    bundle
}

fn class(bundle: &Bundle, config: &str) -> Class {
    let report = Report::of(bundle);
    let of_config = |class: &&ClassReport| {
        format!(
            "{}:{}@{}",
            class.id.runtime, class.id.flavour, class.id.workers
        ) == config
    };
    report.classes.iter().find(of_config).unwrap().class
}

fn late(stall_ms: u64, sample: Sample) -> Sample {
    Sample {
        stall_ns: Some(stall_ms * harness_record::fabricated::MS),
        ..sample
    }
}

/// One poll as long as the sample.
fn held(wall_ms: f64, cores: f64) -> Sample {
    let sample = sample(wall_ms, cores);
    Sample {
        polled_ns: sample.wall_ns,
        longest_poll_ns: sample.wall_ns,
        ..sample
    }
}

fn hog() -> [Sample; 2] {
    [
        late(24, held(25.0, 1.0)),
        late(1, overlapping(25.0, 1.1, 2)),
    ]
}

#[test]
fn scenarios_that_are_no_field_cases_are_classified_right() {
    let of = |scenario, config, n, joined, spawned| {
        class(&record(scenario, config, n, &joined, &spawned), config)
    };
    let (waits, work) = (sample(5.1, 0.01), sample(8.0, 1.0));
    assert_eq!(
        of("timers", ON_TWO, 3, waits.clone(), waits.clone()),
        Class::ComposeIsEnough
    );
    assert_eq!(
        of("timers", ON_ONE, 3, waits.clone(), waits),
        Class::ComposeIsEnough
    );
    let parallel = overlapping(4.1, 1.9, 2);
    assert_eq!(
        of("digest", ON_TWO, 2, work.clone(), parallel),
        Class::SpawnNeeded
    );
    assert_eq!(
        of("digest", ON_ONE, 2, work.clone(), work),
        Class::SpawnedOnOneThread
    );
    let [joined, spawned] = hog();
    assert_eq!(
        of("heartbeat", ON_TWO, 2, joined.clone(), spawned),
        Class::SpawnNeeded
    );
    assert_eq!(
        of("heartbeat", ON_ONE, 2, joined.clone(), joined),
        Class::SpawnedOnOneThread
    );
    for config in [ON_ONE, ON_TWO] {
        let (joined, spawned) = (held(20.0, 0.02), held(10.0, 0.02));
        assert_eq!(
            of("blocking", config, 4, joined, spawned),
            Class::BlockingOffload
        );
    }
}

#[test]
fn another_name_is_no_other_class() {
    let [joined, spawned] = hog();
    // Scenarios with two branches that are about quite other things.
    for name in [
        "field/starved-sibling",
        "field/unpolled-lock",
        "field/block-in-place",
        "heartbeat",
        "http",
    ] {
        let bundle = record(name, ON_TWO, 2, &joined, &spawned);
        assert_eq!(class(&bundle, ON_TWO), Class::SpawnNeeded, "{name}");
    }
}

#[test]
fn what_was_not_measured_is_not_decided() {
    let bundle = only(&["field/unpolled-lock"], vec![unasked(threads()), smol()]);
    let report = Report::of(&bundle);
    assert_eq!(report.classes.len(), 2);
    assert!(report.classes.iter().all(|c| c.class == Class::NotDecided));
    let mut bundle = only(&["field/unpolled-lock"], vec![unasked(threads()), smol()]);
    failed(
        &mut bundle,
        "smol:workers@2/field/unpolled-lock/spawn@2",
        CellStatus::Timeout,
        "not done",
    );
    let evidence = &Report::of(&bundle).classes[1].evidence;
    assert_eq!(
        evidence,
        "smol:workers@2/field/unpolled-lock/spawn@2 failed: not done"
    );
}

#[test]
fn a_field_case_is_shown_with_its_source_and_others_are_not() {
    let [joined, spawned] = hog();
    let bundle = record("field/starved-sibling", ON_TWO, 2, &joined, &spawned);
    let report = Report::of(&bundle);
    let text = plain(&terminal::of(&bundle, &report, 100));
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let line = lines
        .iter()
        .position(|line| *line == "field/starved-sibling: spawn needed")
        .unwrap();
    assert_eq!(
        lines[line + 1..line + 5],
        [
            "joined, late by 24.0 ms behind a poll of 25.0 ms; spawned, by 1.00 ms",
            "In one task it holds up whatever is joined with it; another thread would run it meanwhile.",
            "Spawn it, and await its handle where the result is needed.",
            "https://github.com/tokio-rs/tokio/issues/4612",
        ]
    );
    let text = markdown::of(&report, &bundle.plan);
    let row = text
        .lines()
        .find(|line| line.contains("| spawn needed"))
        .unwrap();
    assert!(row.contains("/issues/4612"), "{row}");

    let bundle = record("heartbeat", ON_TWO, 2, &joined, &spawned);
    let report = Report::of(&bundle);
    assert_eq!(report.classes[1].class, Class::SpawnNeeded);
    let text = plain(&terminal::of(&bundle, &report, 100));
    assert!(!text.contains("spawn needed"), "{text}");
    assert!(!markdown::of(&report, &bundle.plan).contains("field case"));
}
