//! A cell against itself.

use super::*;
use crate::judge::controls;
use harness_record::fabricated::sample;

const ONE: &str = "smol:workers@2/digest/compose@2";
const AGAIN: &str = "smol:workers@2/digest/compose@2/again";

/// A record of blocks in which the second arm took so much longer than the first.
fn record(ratios: impl IntoIterator<Item = f64>) -> Bundle {
    let mut bundle = smol_run();
    for ratio in ratios {
        block(
            &mut bundle,
            &[(ONE, sample(8.0, 1.0)), (AGAIN, sample(8.0 * ratio, 1.0))],
        );
    }
    bundle
}

fn on(bundle: &Bundle) -> Control {
    let mut found = controls(bundle, Family::of(25))
        .into_iter()
        .filter(|control| control.cell == cell(ONE));
    let control = found.next().unwrap();
    assert!(found.next().is_none());
    control
}

#[test]
fn each_configuration_is_held_against_itself_where_it_computes_and_where_it_waits() {
    let bundle = smol_run();
    let cells: Vec<String> = controls(&bundle, Family::of(25))
        .iter()
        .map(|control| control.cell.to_string())
        .collect();
    for config in ["default@1", "workers@2"] {
        for end in ["digest/compose@2", "timers/compose@3"] {
            assert!(cells.contains(&format!("smol:{config}/{end}")), "{cells:?}");
        }
    }
    assert_eq!(cells.len(), 4);
}

/// M = 25: fourteen blocks that agree are decided, whichever side they are on; thirteen are not.
#[test]
fn either_side_is_a_false_alarm() {
    for off in [0.99, 1.01] {
        assert!(!on(&record([off; 13])).false_alarm);
        let control = on(&record([off; 14]));
        assert!(control.false_alarm, "{control:?}");
        assert_eq!(control.blocks, 14);
        assert!((control.ratio.unwrap() - off).abs() < 1e-9);
        assert!(control.reason.contains("false alarm"));
    }
}

#[test]
fn noise_about_one_is_none() {
    let control = on(&record((0..60).map(|i| [0.98, 1.03, 1.02, 0.97][i % 4])));
    assert!(!control.false_alarm);
    assert_eq!(control.reason, "no difference shown");
    let interval = control.interval.unwrap();
    assert!(interval.low < 1.0 && interval.high > 1.0);
}

#[test]
fn the_rules_of_claims_are_kept() {
    // Thirteen undisturbed blocks of fourteen.
    let mut bundle = record([1.02; 13]);
    disturbed_block(
        &mut bundle,
        &[(ONE, sample(8.0, 1.0)), (AGAIN, sample(9.0, 1.0))],
    );
    assert!(!on(&bundle).false_alarm);
    let mut bundle = record([]);
    assert_eq!(on(&bundle).reason, "nothing was measured");
    disturbed_block(
        &mut bundle,
        &[(ONE, sample(8.0, 1.0)), (AGAIN, sample(8.0, 1.0))],
    );
    assert!(on(&bundle).reason.starts_with("machine busy"));
    // Blocks that hang together: the first twenty above, the next below.
    let drift = record((0..60).map(|i| if i < 50 { 1.02 } else { 0.98 }));
    assert!(!on(&drift).false_alarm);
    assert!(
        on(&drift).reason.starts_with("drifting"),
        "{:?}",
        on(&drift)
    );
}

#[test]
fn a_second_arm_that_failed_is_told_and_ends_no_claim() {
    let mut bundle = record([1.02; 14]);
    failed(&mut bundle, AGAIN, CellStatus::Crashed, "killed");
    let control = on(&bundle);
    assert!(control.failed && !control.false_alarm);
    assert_eq!(control.reason, format!("{AGAIN} failed: killed"));
    // A runtime that has no such thing has not failed.
    let mut bundle = record([]);
    failed(&mut bundle, AGAIN, CellStatus::Unsupported, "no joins");
    assert!(!on(&bundle).failed);
}

/// Claims read no second arm, and so neither does their M count it.
#[test]
fn a_control_is_no_claim() {
    let bundle = smol_run();
    let cases = cases(&bundle);
    let parts = cases
        .iter()
        .filter_map(|case| case.planned.as_ref().ok())
        .flat_map(|planned| &planned.parts);
    for part in parts {
        assert!(part.cells().iter().all(|cell| !cell.again), "{part:?}");
    }
}
