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

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    iter,
};

use harness_protocol::Poll;
use harness_record::format::exact_milliseconds;
use owo_colors::{AnsiColors, OwoColorize as _};

/// Some polls and what they are called, such as "compose".
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Stands above its lanes, in lines of its own; nothing where it is empty.
    pub heading: &'a str,
    /// Stands before its lanes.
    pub label: &'a str,
    /// In any order. Those of one thread should not overlap: a thread polls one branch at a time.
    pub polls: &'a [Poll],
}

/// What stands where no branch was polled.
const IDLE: char = '·';
/// What stands where polls were too short for a letter.
const SHORT: char = '|';
/// The letters are those of so many branches; the others share a sign.
const LETTERS: u32 = 52;
/// What the branches have that are too many for letters.
const BEYOND: char = '#';

/// Fewer columns than this show nothing, so lanes have these even where the line then is too long.
const LEAST_CELLS: usize = 20;

/// Draws the parts below each other in lines of `width` columns, the axis and a legend below them.
///
/// A column shows the branch that was polled in it for the longest, if polls cover a quarter of it
/// at least. So every poll that is longer than a column shows. Where polls cover less, as where branches
/// only wait, a mark stands for them, and the legend counts the polls without a letter.
#[must_use]
pub fn draw(parts: &[Part<'_>], width: usize) -> String {
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
    let mut marked = false;
    for part in parts {
        let threads = threads(part.polls);
        if !part.heading.is_empty() {
            let _ = writeln!(out, "{}", part.heading);
        }
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
            marked |= lane.contains(&Column::Short);
            let _ = write!(out, "{label:<labels$}  {name:<named$}  ");
            paint(&mut out, &lane);
            out.push('\n');
            label = "";
        }
    }
    let branches: BTreeSet<u32> = polls().map(|poll| poll.branch).collect();
    if !branches.is_empty() {
        let _ = writeln!(out, "{:margin$}{}", "", axis(scale));
    }
    let _ = writeln!(
        out,
        "{:margin$}{}",
        "",
        legend(&branches, scale, marked, hidden)
    );
    out
}

/// What a column of a lane shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    /// That no branch was polled.
    Idle,
    /// That polls were too short for a letter.
    Short,
    /// That this branch was polled for the longest.
    Branch(u32),
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
pub fn threads(polls: &[Poll]) -> Vec<u32> {
    let mut first: BTreeMap<u32, u64> = BTreeMap::new();
    for poll in polls {
        let start = first.entry(poll.thread).or_insert(poll.start_ns);
        *start = poll.start_ns.min(*start);
    }
    let mut threads: Vec<(u64, u32)> = first.into_iter().map(|(t, start)| (start, t)).collect();
    threads.sort_unstable();
    threads.into_iter().map(|(_, thread)| thread).collect()
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
pub fn letter(branch: u32) -> char {
    let mut letters = ('A'..='Z').chain('a'..='z');
    letters.nth(branch as usize).unwrap_or(BEYOND)
}

/// What a branch is called: by its letter, as long as there are any.
pub fn name(branch: u32) -> String {
    if branch < LETTERS {
        letter(branch).to_string()
    } else {
        format!("branch {branch}")
    }
}

/// What each column shows.
fn lane(polls: &[&Poll], scale: Scale) -> Vec<Column> {
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
        match most {
            None => Column::Idle,
            Some((branch, _)) if covered * 4 >= scale.cell() => Column::Branch(*branch),
            Some(_) => Column::Short,
        }
    };
    cells.into_iter().map(show).collect()
}

/// Whether any column that a poll touches shows its branch.
fn shows(poll: &Poll, lane: &[Column], scale: Scale) -> bool {
    lane.get(scale.touched(poll))
        .is_some_and(|columns| columns.contains(&Column::Branch(poll.branch)))
}

/// Writes a lane, each stretch of one branch in its colour.
fn paint(out: &mut String, lane: &[Column]) {
    const COLOURS: [AnsiColors; 6] = [
        AnsiColors::Cyan,
        AnsiColors::Yellow,
        AnsiColors::Magenta,
        AnsiColors::Green,
        AnsiColors::Blue,
        AnsiColors::Red,
    ];
    for stretch in lane.chunk_by(|a, b| a == b) {
        let symbol = match stretch[0] {
            Column::Idle => IDLE,
            Column::Short => SHORT,
            Column::Branch(branch) => letter(branch),
        };
        let text: String = iter::repeat_n(symbol, stretch.len()).collect();
        let _ = match stretch[0] {
            Column::Idle => write!(out, "{}", text.dimmed()),
            Column::Short => write!(out, "{text}"),
            Column::Branch(branch) => {
                write!(
                    out,
                    "{}",
                    text.color(COLOURS[branch as usize % COLOURS.len()])
                )
            }
        };
    }
}

/// The numbers below the lanes: as many round ones as there is room for, each beginning where its
/// time is, but the last may stand to the left of it.
fn axis(scale: Scale) -> String {
    let room = |ns: u64| exact_milliseconds(ns).len() + 2;
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
        let text = exact_milliseconds(ns);
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
fn legend(branches: &BTreeSet<u32>, scale: Scale, marked: bool, hidden: usize) -> String {
    if branches.is_empty() {
        return "no branch was polled".to_owned();
    }
    let column = three_digits(scale.span.div_ceil(scale.cells as u64));
    let mut legend = format!("{}; {IDLE} no poll", signs(branches));
    if marked {
        let _ = write!(legend, "; {SHORT} short polls");
    }
    let _ = write!(legend, "; a column is {} ms", exact_milliseconds(column));
    let _ = match hidden {
        0 => Ok(()),
        1 => write!(legend, "; 1 poll too short for a letter"),
        _ => write!(legend, "; {hidden} polls too short for a letter"),
    };
    legend
}

/// Which branches the letters are, and how many have none: `branches A–z, # 8 more`.
fn signs(branches: &BTreeSet<u32>) -> String {
    let beyond = branches.range(LETTERS..).count();
    let named = branches.range(..LETTERS);
    let mut signs = match (named.clone().next(), named.last()) {
        (Some(first), Some(last)) if first == last => format!("branch {}", letter(*first)),
        (Some(first), Some(last)) => format!("branches {}–{}", letter(*first), letter(*last)),
        _ => return format!("{BEYOND} {beyond} branches, from the {}rd on", LETTERS + 1),
    };
    if beyond > 0 {
        let _ = write!(signs, ", {BEYOND} {beyond} more");
    }
    signs
}

/// The first three digits of a number, and noughts.
fn three_digits(ns: u64) -> u64 {
    let unit = 10_u64.pow(ns.checked_ilog10().unwrap_or(0).saturating_sub(2));
    ns / unit * unit
}

#[cfg(test)]
mod tests;
