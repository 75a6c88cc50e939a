//! Series of made-up records, by hand.

use super::*;
use harness_record::fabricated::scale::recorded;

#[test]
fn a_branch_takes_its_share_of_the_fastest_sample_and_of_the_first_ones_memory() {
    let all = series(&recorded());
    assert_eq!(all.len(), 2, "smol as it comes was not measured");
    let compose = &all[0];
    assert_eq!(
        (compose.primitive.as_str(), compose.points.len()),
        ("compose", 4)
    );
    let million = &compose.points[3];
    assert_eq!((million.rounds, million.disturbed), (3, false));
    // 1, 1.1 and 1.2 µs.
    assert!((million.cpu_ns.median - 1_100.0).abs() < 1.0, "{million:?}");
    assert!(
        (million.over_wait_ns.median - 550.0).abs() < 1.0,
        "{million:?}"
    );
    assert!((million.wait_ns - 3.4e9).abs() < 1.0);
    assert_eq!(million.bytes, Some(250.0));
    assert_eq!(
        compose.points[1].bytes, None,
        "of a thousand it tells nothing"
    );
    assert_eq!(compose.gave_out, None);
    let spawn = &all[1];
    assert_eq!(spawn.points.len(), 3);
    assert_eq!(
        spawn.gave_out,
        Some(GaveOut {
            branches: 1_000_000,
            why: "exit status 101: no more threads".to_owned()
        })
    );
}

/// Whatever else was said after it, and not twice.
#[test]
fn what_the_system_refused_is_the_reason() {
    let said = |reason: &str, stderr: &str| {
        why(&Round {
            order: 0,
            status: CellStatus::Crashed,
            reason: Some(reason.to_owned()),
            stderr: stderr.to_owned(),
            samples: Vec::new(),
        })
    };
    let refused = "failed to spawn thread: Os { code: 11, kind: WouldBlock }";
    let aborted = format!("{refused}\nnote: run with a backtrace\naborting");
    assert_eq!(said("aborted", &aborted), format!("aborted: {refused}"));
    assert_eq!(said(refused, &aborted), refused);
    assert_eq!(said("aborted", "first\nlast"), "aborted: last");
    assert_eq!(said("aborted", ""), "aborted");
}
