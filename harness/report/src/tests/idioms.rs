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
    assert_snapshot!(text(&all), @r##"
    smol 1.2.3 workers@2: the same branches, put together in each way
      idiom                      parallel   at once  polls of 10  of 30  of 1,000  of 100,000  parent  CPU of 1,000  of 100,000  hurts                  first fails                   last fails  bytes
      select-all                 never          all            5     15       500     50,000+       1        500 ns      500 ns  from 10 on: polls      dropped                       dropped         8
      spawn-await from block_on  2 at once      all            1      1         1           1    <0.1        700 ns      7.7 µs  from 100,000 on: time  50,000 finish, 49,999 run on                136
      spawn-await from a task    2 at once      all            1      1         1           1    <0.1        700 ns      7.7 µs  from 100,000 on: time  50,000 finish, 49,999 run on                136

    Parallel: whether two branches were ever in a poll at once. At once: branches that waited together.
    Polls: of branches, for each branch that is woken; 1 is its own. Parent: polls of what they are put together in, of up to 1,000.
    CPU: of the process, for each wake. Hurts: where a wake takes more than two polls, or ten times the CPU time that it takes among fewer.
    Fails: what becomes of the others when the first fails, and the last. Bytes: allocated at once, per branch, at most.
    + stopped after some wakes: there are too many polls, or they take too long. ~ rounds differ.
    "##);
    assert_snapshot!(markdown(&all), @r##"
    smol 1.2.3 workers@2:

    | idiom | parallel | at once | polls of 10 | of 30 | of 1,000 | of 100,000 | parent | CPU of 1,000 | of 100,000 | hurts | first fails | last fails | bytes |
    | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
    | select-all | never | all | 5 | 15 | 500 | 50,000+ | 1 | 500 ns | 500 ns | from 10 on: polls | dropped | dropped | 8 |
    | spawn-await from block_on | 2 at once | all | 1 | 1 | 1 | 1 | <0.1 | 700 ns | 7.7 µs | from 100,000 on: time | 50,000 finish, 49,999 run on |  | 136 |
    | spawn-await from a task | 2 at once | all | 1 | 1 | 1 | 1 | <0.1 | 700 ns | 7.7 µs | from 100,000 on: time | 50,000 finish, 49,999 run on |  | 136 |

    Parallel: whether two branches were ever in a poll at once. At once: branches that waited together. Polls: of branches, for each branch that is woken; 1 is its own. Parent: polls of what they are put together in, of up to 1,000. CPU: of the process, for each wake. Hurts: where a wake takes more than two polls, or ten times the CPU time that it takes among fewer. Fails: what becomes of the others when the first fails, and the last. Bytes: allocated at once, per branch, at most. + stopped after some wakes: there are too many polls, or they take too long. ~ rounds differ.
    "##);
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
