//! Tables of made-up records, by hand.

use harness_record::fabricated::{
    block_of_many, failed, idioms::dropped, idioms::looked_at, idioms::recorded, idioms::run,
};

use super::*;

#[test]
fn each_way_that_a_runtime_has_is_a_row_for_each_root() {
    let all = tables(&recorded());
    assert_eq!(all.len(), 1, "smol as it comes was not measured");
    let names: Vec<(&str, &str)> = all[0]
        .rows
        .iter()
        .map(|row| (row.idiom.as_str(), row.root.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("select-all", "block_on"),
            ("spawn-await", "block_on"),
            ("spawn-await", "worker")
        ],
        "smol has no JoinSet"
    );
    assert!(
        all[0]
            .rows
            .iter()
            .all(|row| row.points.len() == 4 && row.gave_out.is_none())
    );
}

#[test]
fn what_is_done_for_one_wake_is_what_is_left_without_the_first_polls() {
    let all = tables(&recorded());
    let point = &all[0].rows[0].points[2];
    // 1 000 first, and 1 000 times 500.
    assert!((point.polls_per_wake - 500.0).abs() < 1e-9);
    assert!((point.parent_polls_per_wake - 1.001).abs() < 1e-9);
    assert!((point.cpu_per_wake_ns - 500.0).abs() < 1e-9);
    assert!((point.bytes - 8.0).abs() < 1e-9);
    assert_eq!((point.waiting, point.inside), (1_000, 1));
    assert_eq!((point.rounds, point.varies), (2, false));
    assert_eq!(point.first_fails, Some(dropped(1_000)));
    assert_eq!(point.stopped_after, None);
    assert_eq!(all[0].rows[0].points[3].stopped_after, Some(30));
    // The least of 700 ns and 1400 ns.
    let task = &all[0].rows[1].points[0];
    assert!((task.cpu_per_wake_ns - 700.0).abs() < 1e-9);
    assert!((task.polls_per_wake - 1.0).abs() < 1e-9);
}

#[test]
fn it_hurts_where_others_are_polled_and_where_a_wake_takes_ten_times_as_long() {
    let all = tables(&recorded());
    let hurts = |row: usize| {
        all[0].rows[row]
            .points
            .iter()
            .map(|point| point.hurts)
            .collect::<Vec<_>>()
    };
    assert_eq!(hurts(0), [Some(Hurts::Polls); 4]);
    // Eleven times as long at 100 000.
    assert_eq!(hurts(1), [None, None, None, Some(Hurts::Time)]);
}

#[test]
fn rounds_that_disagree_say_so_and_one_that_was_stopped_at_another_wake_does_not() {
    let name = "smol:workers@2/idioms/select-all/compose@10";
    let many = "smol:workers@2/idioms/select-all/compose@100000";
    let mut bundle = run();
    let mut other = looked_at(10);
    let mut later = looked_at(100_000);
    if let (Some(other), Some(later)) = (&mut other.idiom, &mut later.idiom) {
        other.polls += 1;
        other.inside = 2;
        later.polls *= 2;
        later.wakes *= 2;
    }
    block_of_many(
        &mut bundle,
        &[
            (name, vec![looked_at(10)]),
            (many, vec![looked_at(100_000)]),
        ],
        None,
    );
    block_of_many(
        &mut bundle,
        &[(name, vec![other]), (many, vec![later])],
        None,
    );
    let points = &tables(&bundle)[0].rows[0].points;
    assert_eq!((points[0].varies, points[0].inside), (true, 2));
    assert!(!points[1].varies);
}

#[test]
fn a_way_that_goes_wrong_says_where() {
    let mut bundle = run();
    let name = "smol:workers@2/idioms/select-all/compose@30";
    failed(&mut bundle, name, CellStatus::Crashed, "aborted");
    let rows = &tables(&bundle)[0].rows;
    assert_eq!(rows.len(), 1);
    let end = rows[0].gave_out.as_ref().unwrap();
    assert_eq!(
        (end.branches, end.why.as_str()),
        (30, "aborted: its last words")
    );
}
