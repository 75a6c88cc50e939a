//! Draws who polled what, and when, as text: one lane a thread, one letter a branch.
//!
//! ```text
//! compose  thread 1  AAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBB
//! spawn    thread 1  AAAAAAAAAAAAAAAAAAAA····················
//!          thread 2  BBBBBBBBBBBBBBBBBBBB····················
//!                    0 ms      2.5       5         7.5      10
//! ```
//!
//! The parts stand on one axis, so that the eye compares them. Letters tell the branches apart
//! without colour; colour only helps.

use std::{collections::BTreeSet, fmt::Write as _, iter};

use harness_protocol::Poll;
use owo_colors::{AnsiColors, OwoColorize as _};

/// Some polls and what they are called, such as "compose".
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Stands before its lanes.
    pub label: &'a str,
    /// In any order. Those of one thread should not overlap: a thread polls one branch at a time.
    pub polls: &'a [Poll],
}

/// What stands where no branch was polled, or hardly.
const IDLE: char = '·';

/// Fewer columns than this show nothing, so lanes have these even where the line then is too long.
const LEAST_CELLS: usize = 20;

/// Draws the parts below each other in lines of `width` columns, the axis and a legend below them.
///
/// A column shows the branch that was polled in it for the longest, if polls cover a quarter of it
/// at least. So every poll that is longer than a column shows, and the legend counts those too
/// short to be seen. All polls short, as where branches only wait, is lanes of dots.
#[must_use]
pub fn draw(parts: &[Part<'_>], width: usize, colour: bool) -> String {
    let polls = || parts.iter().flat_map(|part| part.polls);
    let span = polls().map(|poll| poll.end_ns).max().unwrap_or(0).max(1);
    let labels = parts.iter().map(|part| part.label.chars().count()).max();
    let labels = labels.unwrap_or(0);
    let named = parts
        .iter()
        .flat_map(|part| names(&threads(part.polls)))
        .map(|name| name.len())
        .max()
        .unwrap_or(0);
    let margin = labels + named + 4;
    let scale = Scale {
        span,
        cells: width.saturating_sub(margin).max(LEAST_CELLS),
    };

    let mut out = String::new();
    let mut hidden = 0;
    for part in parts {
        let threads = threads(part.polls);
        let mut label = part.label;
        for (row, name) in names(&threads).into_iter().enumerate() {
            let polls = part.polls.iter();
            let polls: Vec<&Poll> = polls
                .filter(|poll| Some(&poll.thread) == threads.get(row))
                .collect();
            let lane = lane(&polls, scale);
            hidden += polls
                .iter()
                .filter(|poll| !shows(poll, &lane, scale))
                .count();
            let _ = write!(out, "{label:<labels$}  {name:<named$}  ");
            paint(&mut out, &lane, colour);
            out.push('\n');
            label = "";
        }
    }
    let branches: BTreeSet<u32> = polls().map(|poll| poll.branch).collect();
    if !branches.is_empty() {
        let _ = writeln!(out, "{:margin$}{}", "", axis(scale));
    }
    let _ = writeln!(out, "{:margin$}{}", "", legend(&branches, scale, hidden));
    out
}

/// The axis: how long it is, and over how many columns.
#[derive(Clone, Copy)]
struct Scale {
    span: u64,
    cells: usize,
}

impl Scale {
    /// A time in units in which a column is [`Scale::cell`] long: exact, so that no edge is
    /// rounded.
    fn at(self, ns: u64) -> u128 {
        u128::from(ns) * self.cells as u128
    }

    fn cell(self) -> u128 {
        self.span.into()
    }

    /// The columns that a poll touches.
    fn touched(self, poll: &Poll) -> std::ops::Range<usize> {
        let first = (self.at(poll.start_ns) / self.cell()) as usize;
        let last = self.at(poll.end_ns).div_ceil(self.cell()) as usize;
        first..last
    }
}

/// The threads of some polls, in the order of their first poll.
fn threads(polls: &[Poll]) -> Vec<u32> {
    let mut polls: Vec<&Poll> = polls.iter().collect();
    polls.sort_by_key(|poll| (poll.start_ns, poll.thread));
    let mut threads = Vec::new();
    for poll in polls {
        if !threads.contains(&poll.thread) {
            threads.push(poll.thread);
        }
    }
    threads
}

/// What the lanes of some threads are called. Numbers count from 1 in each part: threads of one
/// process are not those of another.
fn names(threads: &[u32]) -> Vec<String> {
    if threads.is_empty() {
        return vec!["no polls".to_owned()];
    }
    (1..=threads.len())
        .map(|number| format!("thread {number}"))
        .collect()
}

/// The letter of a branch.
fn letter(branch: u32) -> char {
    ('A'..='Z')
        .chain('a'..='z')
        .nth(branch as usize)
        .unwrap_or('#')
}

/// Which branch each column shows.
fn lane(polls: &[&Poll], scale: Scale) -> Vec<Option<u32>> {
    let mut cells: Vec<Vec<(u32, u128)>> = vec![Vec::new(); scale.cells];
    for poll in polls {
        for i in scale.touched(poll) {
            let (from, to) = (scale.cell() * i as u128, scale.cell() * (i as u128 + 1));
            let inside = scale
                .at(poll.end_ns)
                .min(to)
                .saturating_sub(scale.at(poll.start_ns).max(from));
            match cells[i]
                .iter_mut()
                .find(|(branch, _)| *branch == poll.branch)
            {
                Some((_, time)) => *time += inside,
                None => cells[i].push((poll.branch, inside)),
            }
        }
    }
    let show = |cell: Vec<(u32, u128)>| {
        let covered: u128 = cell.iter().map(|(_, time)| time).sum();
        // Of equals the one polled first, as the eye reads.
        let most = cell.iter().rev().max_by_key(|(_, time)| time);
        most.filter(|_| covered * 4 >= scale.cell())
            .map(|(branch, _)| *branch)
    };
    cells.into_iter().map(show).collect()
}

/// Whether any column that a poll touches shows its branch.
fn shows(poll: &Poll, lane: &[Option<u32>], scale: Scale) -> bool {
    lane.get(scale.touched(poll))
        .is_some_and(|cells| cells.contains(&Some(poll.branch)))
}

/// Writes a lane, each stretch of one branch in its colour.
fn paint(out: &mut String, lane: &[Option<u32>], colour: bool) {
    const COLOURS: [AnsiColors; 6] = [
        AnsiColors::Cyan,
        AnsiColors::Yellow,
        AnsiColors::Magenta,
        AnsiColors::Green,
        AnsiColors::Blue,
        AnsiColors::Red,
    ];
    for stretch in lane.chunk_by(|a, b| a == b) {
        let symbol = stretch[0].map_or(IDLE, letter);
        let text: String = iter::repeat_n(symbol, stretch.len()).collect();
        let _ = match stretch[0] {
            _ if !colour => write!(out, "{text}"),
            None => write!(out, "{}", text.dimmed()),
            Some(branch) => {
                write!(
                    out,
                    "{}",
                    text.color(COLOURS[branch as usize % COLOURS.len()])
                )
            }
        };
    }
}

/// Nanoseconds as milliseconds, with no digit that says nothing.
fn milliseconds(ns: u64) -> String {
    let digits = format!("{}.{:06}", ns / 1_000_000, ns % 1_000_000);
    digits
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// The numbers below the lanes: as many round ones as there is room for, each beginning where its
/// time is, but the last may stand to the left of it.
fn axis(scale: Scale) -> String {
    let room = |ns: u64| milliseconds(ns).len() + 2;
    let columns = |ns: u64| (scale.at(ns) / scale.cell()) as usize;
    // Numbers closer than this to each other are no easier to read.
    let fits = |step: &u64| {
        let widest = (1..=scale.span / step).map(|i| room(i * step)).max();
        columns(*step) >= widest.unwrap_or(0).max(9)
    };
    // A step longer than the axis always fits, and leaves the nought alone.
    let step = round_steps()
        .skip_while(|step| scale.span / step > scale.cells as u64)
        .find(|step| step > &scale.span || fits(step));
    let mut axis = "0 ms".to_owned();
    for ns in (1..).map_while(|i| step?.checked_mul(i)) {
        if ns > scale.span {
            break;
        }
        let text = milliseconds(ns);
        let column = columns(ns).min(scale.cells.saturating_sub(text.len()));
        if column > axis.len() {
            let _ = write!(axis, "{:column$}{text}", "", column = column - axis.len());
        }
    }
    axis
}

/// 1, 2, 5, 10, 20, 25, 50, 100, … as far as they go.
fn round_steps() -> impl Iterator<Item = u64> {
    let powers = iter::successors(Some(10_u64), |power| power.checked_mul(10));
    let later = powers.flat_map(|ten| {
        [
            Some(ten),
            ten.checked_mul(2),
            (ten / 10).checked_mul(25),
            ten.checked_mul(5),
        ]
    });
    [1, 2, 5].into_iter().chain(later.flatten())
}

/// What the signs mean.
fn legend(branches: &BTreeSet<u32>, scale: Scale, hidden: usize) -> String {
    let (Some(first), Some(last)) = (branches.first(), branches.last()) else {
        return "no branch was polled".to_owned();
    };
    let (first, last) = (letter(*first), letter(*last));
    let column = three_digits(scale.span.div_ceil(scale.cells as u64));
    let mut legend = if first == last {
        format!("branch {first}")
    } else {
        format!("branches {first}–{last}")
    };
    let _ = write!(
        legend,
        "; {IDLE} no poll; a column is {} ms",
        milliseconds(column)
    );
    let _ = match hidden {
        0 => Ok(()),
        1 => write!(legend, "; 1 poll too short to show"),
        _ => write!(legend, "; {hidden} polls too short to show"),
    };
    legend
}

/// The first three digits of a number, and noughts.
fn three_digits(ns: u64) -> u64 {
    let unit = 10_u64.pow(ns.checked_ilog10().unwrap_or(0).saturating_sub(2));
    ns / unit * unit
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;

    const MS: u64 = 1_000_000;

    fn poll(branch: u32, thread: u32, start_ns: u64, end_ns: u64) -> Poll {
        Poll {
            branch,
            thread,
            start_ns,
            end_ns,
        }
    }

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
                label: "compose",
                polls: &compose,
            },
            Part {
                label: "spawn",
                polls: &spawn,
            },
        ];
        assert_snapshot!(draw(&parts, 59, false), @r"
        compose  thread 1  AAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBB
        spawn    thread 1  AAAAAAAAAAAAAAAAAAAA····················
                 thread 2  BBBBBBBBBBBBBBBBBBBB····················
                           0 ms      2.5       5         7.5     10
                           branches A–B; · no poll; a column is 0.25 ms
        ");
    }

    #[test]
    fn no_polls() {
        assert_eq!(draw(&[], 50, false).trim(), "no branch was polled");
        let none = Part {
            label: "spawn",
            polls: &[],
        };
        assert_snapshot!(draw(&[none], 50, false), @r"
        spawn  no polls  ·································
                         no branch was polled
        ");
    }

    #[test]
    fn one_poll_of_a_nanosecond() {
        let polls = [poll(0, 0, 0, 1)];
        let part = Part {
            label: "compose",
            polls: &polls,
        };
        assert_snapshot!(draw(&[part], 60, false), @r"
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
            label: "compose",
            polls: &polls,
        };
        assert_snapshot!(draw(&[part], 79, false), @r"
        compose  thread 1  ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz########
                           0 ms      10        20        30        40        50      60
                           branches A–#; · no poll; a column is 1 ms
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
            label: "timers",
            polls: &polls,
        };
        assert_snapshot!(draw(&[part], 70, false), @r"
        timers  thread 1  ·········································BBBBBBBBBBB
                thread 2  ····················································
                          0 ms      2         4          6         8        10
                          branches A–B; · no poll; a column is 0.193 ms; 5 polls too short to show
        ");
    }

    #[test]
    fn the_longest_time_there_is() {
        let polls = [
            poll(0, 0, 0, u64::MAX / 2),
            poll(1, 0, u64::MAX / 2, u64::MAX),
        ];
        let part = Part {
            label: "hang",
            polls: &polls,
        };
        assert_snapshot!(draw(&[part], 76, false), @r"
        hang  thread 1  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
                        0 ms            5000000000000   10000000000000
                        branches A–B; · no poll; a column is 307000000000 ms
        ");
    }

    #[test]
    fn a_narrow_terminal_keeps_some_columns() {
        let polls = [poll(0, 0, 0, 3 * MS), poll(1, 0, 3 * MS, 4 * MS)];
        let part = Part {
            label: "sequential",
            polls: &polls,
        };
        assert_snapshot!(draw(&[part], 1, false), @r"
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
            label: "",
            polls: &polls,
        };
        let drawn = draw(&[part], 0, false);
        assert_eq!(lanes(&drawn), ["BF·D···············A"]);
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let polls = [poll(0, 0, 0, 2 * MS), poll(1, 1, MS, 4 * MS)];
        let part = Part {
            label: "spawn",
            polls: &polls,
        };
        let plain = draw(&[part], 60, false);
        let coloured = draw(&[part], 60, true);
        assert!(!plain.contains('\u{1b}') && coloured.contains("\u{1b}[36mAAA"));
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            stripped.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        stripped.push_str(rest);
        assert_eq!(stripped, plain);
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
                Part { label: "compose", polls: &first },
                Part { label: "spawn", polls: &second },
            ];
            let drawn = draw(&parts, width, false);
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
            let part = Part { label: "spawn", polls: &polls };
            prop_assert!(draw(&[part], width, true).lines().count() >= 2);
        }
    }
}
