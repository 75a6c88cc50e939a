//! Recursions that fork, as they are printed.

use harness_judge::fork::series;
use harness_record::fabricated::{fork::recorded, smol_run};
use insta::assert_snapshot;

use crate::fork::{markdown, text};

#[test]
fn it_prints_how_many_times_as_fast_and_where_it_gave_out() {
    let all = series(&recorded());
    assert_snapshot!(text(&all), @"");
    assert_snapshot!(markdown(&all), @"");
    assert_eq!(text(&series(&smol_run())), "");
}
