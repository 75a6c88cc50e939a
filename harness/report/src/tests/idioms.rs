//! Ways to put branches together, as they are printed.

use harness_judge::idioms::tables;
use harness_record::fabricated::{
    failed,
    idioms::{recorded, run},
    smol_run,
};
use insta::assert_snapshot;

use crate::idioms::{markdown, text};

#[test]
fn it_prints_a_row_for_each_way_and_what_the_columns_are() {
    let all = tables(&recorded());
    assert_snapshot!(text(&all), @"");
    assert_snapshot!(markdown(&all), @"");
    assert_eq!(text(&tables(&smol_run())), "");
}

#[test]
fn a_way_that_fails_is_named_below() {
    let mut bundle = run();
    let name = "smol:workers@2/idioms/spawn-await/spawn@30/worker";
    failed(
        &mut bundle,
        name,
        harness_record::bundle::CellStatus::Crashed,
        "aborted",
    );
    let text = text(&tables(&bundle));
    let line = "  spawn-await from a task fails at 30: aborted: its last words\n";
    assert!(text.contains(line), "{text}");
}
