//! Ever more branches, as they are printed.

use harness_judge::scale::series;
use harness_protocol::Sample;
use harness_record::fabricated::{
    block_of_many,
    scale::{recorded, run, took},
    smol_run,
};
use insta::assert_snapshot;

use crate::scale::{markdown, text};

#[test]
fn branches_that_began_when_the_wait_was_over_are_told() {
    let mut bundle = run();
    let late = vec![Sample {
        stall_ns: Some(7),
        ..took(10_000, 1.0).remove(0)
    }];
    let name = "smol:workers@2/scale/timer/spawn@10000";
    block_of_many(&mut bundle, &[(name, late)], Some("busy"));
    let all = series(&bundle);
    let point = &all[0].points[0];
    assert_eq!((point.late_ns, point.disturbed), (Some(7), true));
    assert!(text(&all).contains("<250"), "{}", text(&all));
}

#[test]
fn it_prints_a_table_and_where_it_gave_out() {
    let all = series(&recorded());
    assert_snapshot!(text(&all), @r##"
    smol 1.2.3 workers@2: scale/timer, up to a million branches that wait for one instant
              n   compose: CPU     over   memory     spawn: CPU     over   memory
              1         1.1 µs   550 ns                  1.1 µs   550 ns
           1000         1.1 µs   550 ns                  1.1 µs   550 ns
          10000         1.1 µs   550 ns      250         1.1 µs   550 ns      250
        1000000         1.1 µs   550 ns      250
      spawn gives out at 1000000: exit status 101: no more threads

    CPU: time of the process, per branch. Over: wall time beyond the instant that all wait for, per branch.
    Memory: how far the resident set rose at its peak, in bytes per branch; of fewer than 10 000 it tells nothing.
    < not all were there at once: the last began when the wait was over, and they took more memory than this.
    ~ other work disturbed every round.
    "##);
    assert_snapshot!(markdown(&all), @r##"
    `scale/timer`, up to a million branches that wait for one instant:

    | configuration | primitive | CPU per branch, of 1 000 | of 1 000 000 | bytes per branch, of 10 000 | of 1 000 000 | the most | gives out at |
    | --- | --- | --- | --- | --- | --- | --- | --- |
    | smol 1.2.3 workers@2 | compose | 1.1 µs | 1.1 µs | 250 | 250 | 1000000 in 3.95 s |  |
    | smol 1.2.3 workers@2 | spawn | 1.1 µs |  | 250 |  | 10000 in 436 ms | 1000000: exit status 101: no more threads |

    CPU: time of the process, per branch. Over: wall time beyond the instant that all wait for, per branch. Memory: how far the resident set rose at its peak, in bytes per branch; of fewer than 10 000 it tells nothing. &lt; not all were there at once: the last began when the wait was over, and they took more memory than this. ~ other work disturbed every round.
    "##);
    assert_eq!(text(&series(&smol_run())), "");
}
