//! Pictures of hand-made polls, and of any polls at all.

use super::*;
use crate::screen::plain;
use harness_record::fabricated::poll;
use insta::assert_snapshot;
use proptest::prelude::*;

const MS: u64 = 1_000_000;

/// The lanes alone: what stands after the names.
fn lanes(drawn: &str) -> Vec<&str> {
    let lines: Vec<&str> = drawn.lines().collect();
    lines[..lines.len() - 2]
        .iter()
        .map(|line| line.rsplit("  ").next().unwrap())
        .collect()
}

#[test]
fn two_branches_composed_and_spawned() {
    let compose = [poll(0, 7, 0, 5 * MS), poll(1, 7, 5 * MS, 10 * MS)];
    // Threads are numbered in the order of their first polls, whatever the process calls them.
    let spawn = [poll(1, 3, 2, 5 * MS), poll(0, 9, 1, 5 * MS)];
    let parts = [
        Part {
            heading: "",
            label: "compose",
            polls: &compose,
        },
        Part {
            heading: "",
            label: "spawn",
            polls: &spawn,
        },
    ];
    assert_snapshot!(plain(&draw(&parts, 59)), @r"
    compose  thread 1  AAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBB
    spawn    thread 1  AAAAAAAAAAAAAAAAAAAA····················
             thread 2  BBBBBBBBBBBBBBBBBBBB····················
                       0 ms      2.5       5         7.5     10
                       branches A–B; · no poll; a column is 0.25 ms
    ");
}

#[test]
fn no_polls() {
    assert_eq!(plain(&draw(&[], 50)).trim(), "no branch was polled");
    let none = Part {
        heading: "",
        label: "spawn",
        polls: &[],
    };
    assert_snapshot!(plain(&draw(&[none], 50)), @r"
    spawn  no polls  ·································
                     no branch was polled
    ");
}

#[test]
fn one_poll_of_a_nanosecond() {
    let polls = [poll(0, 0, 0, 1)];
    let part = Part {
        heading: "",
        label: "compose",
        polls: &polls,
    };
    assert_snapshot!(plain(&draw(&[part], 60)), @r"
    compose  thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
                       0 ms                             0.000001
                       branch A; · no poll; a column is 0.000001 ms
    ");
}

#[test]
fn branches_beyond_the_alphabet() {
    let polls: Vec<Poll> = (0..60)
        .map(|i| poll(i, 0, u64::from(i) * MS, u64::from(i + 1) * MS))
        .collect();
    let part = Part {
        heading: "",
        label: "compose",
        polls: &polls,
    };
    assert_snapshot!(plain(&draw(&[part], 79)), @r"
    compose  thread 1  ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz########
                       0 ms      10        20        30        40        50      60
                       branches A–z, # 8 more; · no poll; a column is 1 ms
    ");
}

#[test]
fn polls_too_short_to_show_are_counted() {
    let polls = [
        poll(0, 0, 0, 1000),
        poll(1, 0, 2000, 3000),
        poll(0, 0, 5_030_000, 5_031_000),
        poll(1, 0, 5 * MS, 5_030_000),
        poll(1, 1, 1000, 2000),
        poll(1, 0, 8_037_000, 10_037_000),
    ];
    let part = Part {
        heading: "",
        label: "timers",
        polls: &polls,
    };
    assert_snapshot!(plain(&draw(&[part], 70)), @r"
    timers  thread 1  |························||··············BBBBBBBBBBB
            thread 2  |···················································
                      0 ms      2         4          6         8        10
                      branches A–B; · no poll; | short polls; a column is 0.193 ms; 5 polls too short for a letter
    ");
}

#[test]
fn the_longest_time_there_is() {
    let polls = [
        poll(0, 0, 0, u64::MAX / 2),
        poll(1, 0, u64::MAX / 2, u64::MAX),
    ];
    let part = Part {
        heading: "",
        label: "hang",
        polls: &polls,
    };
    assert_snapshot!(plain(&draw(&[part], 76)), @r"
    hang  thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
                    0 ms            5000000000000   10000000000000
                    branches A–B; · no poll; a column is 307000000000 ms
    ");
}

#[test]
fn a_narrow_terminal_keeps_some_columns() {
    let polls = [poll(0, 0, 0, 3 * MS), poll(1, 0, 3 * MS, 4 * MS)];
    let part = Part {
        heading: "",
        label: "sequential",
        polls: &polls,
    };
    assert_snapshot!(plain(&draw(&[part], 1)), @r"
    sequential  thread 1  AAAAAAAAAAAAAAABBBBB
                          0 ms      2        4
                          branches A–B; · no poll; a column is 0.2 ms
    ");
}

#[test]
fn a_column_shows_who_took_most_of_it() {
    // Twenty columns of 100 ns. Most of the first is B's, in two pieces; the second is shared
    // equally, and goes to the first.
    let polls = [
        poll(0, 0, 0, 40),
        poll(1, 0, 40, 70),
        poll(1, 0, 70, 100),
        poll(5, 0, 100, 150),
        poll(4, 0, 150, 200),
        poll(2, 0, 200, 224),
        poll(3, 0, 300, 325),
        poll(0, 0, 1900, 2000),
    ];
    let part = Part {
        heading: "",
        label: "",
        polls: &polls,
    };
    let drawn = plain(&draw(&[part], 0));
    assert_eq!(lanes(&drawn), ["BF|D···············A"]);
}

#[test]
fn letters_have_colours_beside() {
    let polls = [poll(0, 0, 0, 2 * MS), poll(1, 1, MS, 4 * MS)];
    let part = Part {
        heading: "",
        label: "spawn",
        polls: &polls,
    };
    let coloured = draw(&[part], 60);
    assert!(coloured.contains("\u{1b}[36mAAA"), "{coloured}");
    let plain = plain(&coloured);
    assert!(
        !plain.contains('\u{1b}') && plain.contains("AAA"),
        "{plain}"
    );
}

#[test]
fn headings_stand_above_their_lanes_and_only_where_there_is_one() {
    let polls = [poll(0, 0, 0, 2 * MS)];
    let part = |heading| Part {
        heading,
        label: "",
        polls: &polls,
    };
    assert_snapshot!(plain(&draw(&[part("one:a@1/digest/spawn@1\n  2 ms"), part("")], 40)), @r"
    one:a@1/digest/spawn@1
      2 ms
      thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAA
      thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAA
                0 ms          1            2
                branch A; · no poll; a column is 0.0714 ms
    ");
}

#[test]
fn branches_are_called_by_letters_as_long_as_there_are_any() {
    let names = [0, 25, 26, 51, 52].map(name);
    assert_eq!(names, ["A", "Z", "a", "z", "branch 52"]);
    let only = |branches: &[u32]| signs(&branches.iter().copied().collect());
    assert_eq!(only(&[3]), "branch D");
    assert_eq!(only(&[0, 51]), "branches A–z");
    assert_eq!(only(&[0, 51, 52, 70]), "branches A–z, # 2 more");
    assert_eq!(only(&[60, 70]), "# 2 branches, from the 53rd on");
}

/// Polls of some threads, one after the other on each.
fn some_polls() -> impl Strategy<Value = Vec<Poll>> {
    let poll = (0_u32..30, 0_u32..4, 0_u64..2_000_000, 0_u64..3_000_000);
    prop::collection::vec(poll, 0..60).prop_map(|steps| {
        let mut clocks = [0; 4];
        let poll = |(branch, thread, idle, busy): (u32, u32, u64, u64)| {
            let clock = &mut clocks[thread as usize];
            let start_ns = *clock + idle;
            *clock = start_ns + busy;
            Poll {
                branch,
                thread,
                start_ns,
                end_ns: *clock,
            }
        };
        steps.into_iter().map(poll).collect()
    })
}

proptest! {
    #[test]
    fn lanes_are_equally_wide_and_long_polls_show(
        first in some_polls(), second in some_polls(), width in 0_usize..200,
    ) {
        let parts = [
            Part { heading: "", label: "compose", polls: &first },
            Part { heading: "", label: "spawn", polls: &second },
        ];
        let drawn = plain(&draw(&parts, width));
        let lines: Vec<&str> = drawn.lines().collect();
        let below = if first.is_empty() && second.is_empty() { 1 } else { 2 };
        let (lanes, below) = lines.split_at(lines.len() - below);
        let columns = lanes[0].chars().count();
        prop_assert!(lanes.iter().all(|lane| lane.chars().count() == columns));
        prop_assert!(columns == width || (columns > width && width < 20 + 19));
        prop_assert!(below.len() < 2 || below[0].chars().count() <= columns, "{}", drawn);

        let span = first.iter().chain(&second).map(|poll| poll.end_ns).max().unwrap_or(0).max(1);
        let mut row = 0;
        for polls in [&first, &second] {
            let threads = threads(polls);
            for thread in &threads {
                let cells: Vec<char> = lanes[row].chars().skip(19).collect();
                for poll in polls.iter().filter(|poll| poll.thread == *thread) {
                    let scale = Scale { span, cells: cells.len() };
                    if scale.at(poll.end_ns - poll.start_ns) > scale.cell() {
                        let (from, to) = (
                            poll.start_ns as f64 / span as f64 * cells.len() as f64,
                            poll.end_ns as f64 / span as f64 * cells.len() as f64,
                        );
                        let touched = &cells[from as usize..(to.ceil() as usize).min(cells.len())];
                        prop_assert!(touched.contains(&letter(poll.branch)), "{poll:?}\n{drawn}");
                    }
                }
                row += 1;
            }
            row += usize::from(threads.is_empty());
        }
    }

    /// Whatever a program in another language may send.
    #[test]
    fn nothing_makes_it_panic(
        polls in prop::collection::vec((any::<u32>(), any::<u32>(), any::<u64>(), any::<u64>()), 0..1000),
        width in 0_usize..300,
    ) {
        let polls: Vec<Poll> = polls
            .into_iter()
            .map(|(branch, thread, start, end)| poll(branch, thread % 40, start, end))
            .collect();
        let part = Part { heading: "", label: "spawn", polls: &polls };
        prop_assert!(draw(&[part], width).lines().count() >= 2);
    }
}
