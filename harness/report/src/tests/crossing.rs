//! Sweeps over the length of branches, as they are printed.

use harness_judge::crossing::crossings;
use harness_record::fabricated::{lengths::swept, smol_run};
use insta::assert_snapshot;

use crate::{Report, crossing::text, markdown, screen::plain, terminal};

#[test]
fn it_prints_ratios_crossings_and_the_rule() {
    assert_snapshot!(text(&crossings(&swept(9, 0.01))), @r"
    smol 1.2.3 default@1, parent in block_on: time of spawn over time of compose [95 % interval]
      a branch computes  2 branches
                  10 µs  2.60 [2.52, 2.67]
                 100 µs  1.20 [1.16, 1.23]
           crosses 1 at  never: one thread
      Never spawn for speed here: one thread executes, and each spawn adds its cost.

    smol 1.2.3 default@1, parent in a task: time of spawn over time of compose [95 % interval]
      a branch computes  2 branches
                  10 µs  2.60 [2.52, 2.67]
                 100 µs  1.20 [1.16, 1.23]
           crosses 1 at  never: one thread
      Never spawn for speed here: one thread executes, and each spawn adds its cost.

    smol 1.2.3 workers@2, parent in block_on: time of spawn over time of compose [95 % interval]
      a branch computes  2 branches
                  10 µs  2.08 [2.02, 2.14]
                 100 µs  0.68 [0.66, 0.70]
           crosses 1 at  45 µs [42 µs, 48 µs]
      On this machine, spawn when a branch computes for more than about 45 µs between awaits.

    smol 1.2.3 workers@2, parent in a task: time of spawn over time of compose [95 % interval]
      a branch computes  2 branches
                  10 µs  2.08 [2.02, 2.14]
                 100 µs  0.68 [0.66, 0.70]
           crosses 1 at  45 µs [42 µs, 48 µs]
      On this machine, spawn when a branch computes for more than about 45 µs between awaits.
    ");
    // Five blocks are too few for an interval.
    assert_snapshot!(text(&crossings(&swept(5, 0.0))[2..3]), @r"
    smol 1.2.3 workers@2, parent in block_on: time of spawn over time of compose [95 % interval]
      a branch computes  2 branches
                  10 µs  2.00
                 100 µs  0.65
           crosses 1 at  41 µs
      On this machine, spawn when a branch computes for more than about 41 µs between awaits.
    ");
    assert_eq!(text(&crossings(&smol_run())), "");
}

/// A run of lengths alone: the sweeps are in every format, and no row says of a claim that it was not asked for.
#[test]
fn the_report_of_a_sweep_is_about_the_sweep() {
    let bundle = swept(9, 0.01);
    let report = Report::of(&bundle);
    assert_eq!(report.crossings, crossings(&bundle));
    let read: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(read.crossings, report.crossings);

    let printed = plain(&terminal::of(&bundle, &report, 100));
    let sweeps = text(&report.crossings);
    assert!(printed.contains(&sweeps), "{printed}");
    let claims = printed.lines().find(|line| line.starts_with("  claims  "));
    assert_eq!(
        claims,
        Some("  claims        0 hold; 18 not judged by a run like this"),
        "{printed}"
    );
    for other in ["not testable", "Join or spawn?", "Each cell:"] {
        assert!(!printed.contains(other), "{other}: {printed}");
    }
    let markdown = markdown::of(&report, &bundle.plan);
    assert!(markdown.contains(&sweeps), "{markdown}");
    assert!(!markdown.contains("not_testable"), "{markdown}");

    // Beside a scenario that claims are about, all of them have their line.
    let whole = smol_run();
    let printed = plain(&terminal::of(&whole, &Report::of(&whole), 100));
    assert!(printed.contains("Join or spawn?"), "{printed}");
    assert!(printed.contains("compose-overlaps-waits"), "{printed}");
}
