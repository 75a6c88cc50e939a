//! The picture of one scenario under some primitives, on one axis: lanes by thread, and below them how
//! long each branch was in flight.

use harness_protocol::Poll;
use harness_record::format::counted;
use serde::Serialize;

use super::{
    lanes::{self, Lanes, Stretch},
    numbers::{at, label, milliseconds, ticks},
    palette::BRANCH_COLOURS,
    templates::Templates,
};
use harness_report::timeline::letter;

/// One primitive of a picture.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    /// The primitive.
    pub(super) name: &'a str,
    /// What stands beside it, such as its time.
    pub(super) note: String,
    /// Polls of one sample.
    pub(super) polls: &'a [Poll],
}

/// How wide it is, in units, of which the smallest text is twelve high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    /// For a screen, or a README.
    Wide,
    /// For a phone, and beside text.
    Narrow,
}

/// What makes a picture whole outside of the page.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Alone {
    /// Its style sheet.
    pub(super) css: String,
    /// What stands above it.
    pub(super) caption: String,
    /// What stands below it.
    pub(super) source: Vec<String>,
}

#[derive(Serialize)]
struct Picture<'a> {
    /// Unique in a page; empty where the picture stands alone.
    id: &'a str,
    width: f64,
    height: String,
    title: &'a str,
    describes: String,
    parts: Vec<PartOf>,
    ticks: Vec<Tick>,
    bottom: String,
    source_y: f64,
    left: f64,
    /// Whether notes stand at the lanes' edge, where there is room for it.
    aligned: bool,
    right: String,
    alone: Option<&'a Alone>,
}

#[derive(Serialize)]
struct PartOf {
    name: String,
    note: String,
    y: String,
    top: String,
    bottom: String,
    lanes: Vec<LaneOf>,
    flights: Vec<FlightOf>,
    /// What is not drawn.
    more: Option<String>,
    more_y: String,
}

#[derive(Serialize)]
struct LaneOf {
    label: String,
    y: String,
    text_y: String,
    height: f64,
    /// A path for each colour, as thick as the lane is high.
    paths: Vec<(u32, String)>,
    letters: Vec<(u32, String, char)>,
}

#[derive(Serialize)]
struct FlightOf {
    colour: u32,
    letter: char,
    x: String,
    to: String,
    y: String,
    text_y: String,
}

#[derive(Serialize)]
struct Tick {
    x: String,
    label: String,
    anchor: &'static str,
}

/// Lengths of a size.
struct Lengths {
    width: f64,
    left: f64,
    lane: f64,
    heading: f64,
    ticks: usize,
    columns: usize,
}

impl Size {
    fn lengths(self) -> Lengths {
        match self {
            Size::Wide => Lengths {
                width: 880.0,
                left: 76.0,
                lane: 30.0,
                heading: 26.0,
                ticks: 10,
                columns: 400,
            },
            Size::Narrow => Lengths {
                width: 400.0,
                left: 62.0,
                lane: 24.0,
                heading: 22.0,
                ticks: 5,
                columns: 200,
            },
        }
    }
}

/// Room right of the lanes, for half of the last number.
const RIGHT: f64 = 14.0;
const GAP: f64 = 5.0;
const FLIGHT: f64 = 13.0;
/// A stretch must be so wide to hold its letter.
const LETTER: f64 = 14.0;

/// How long the axis of these parts is.
pub(super) fn span(parts: &[Part<'_>]) -> u64 {
    let polls = parts.iter().flat_map(|part| part.polls);
    polls.map(|poll| poll.end_ns).max().unwrap_or(0).max(1)
}

/// Draws it.
///
/// # Errors
///
/// As [`Templates::fill`].
pub(super) fn draw(
    templates: &Templates,
    (id, title): (&str, &str),
    parts: &[Part<'_>],
    size: Size,
    alone: Option<&Alone>,
) -> anyhow::Result<String> {
    let lengths = size.lengths();
    let span = span(parts);
    let top = if alone.is_some() { 34.0 } else { 0.0 };
    let mut y = top;
    let mut drawn = Vec::new();
    for part in parts {
        let lanes = lanes::lanes(part.polls, span, lengths.columns);
        drawn.push(part_of(part, &lanes, &lengths, &mut y));
    }
    let scale = (lengths.width - lengths.left - RIGHT) / span as f64;
    let end = span as f64 / 1e6;
    let ticks = ticks(end, lengths.ticks).into_iter().map(|ms| Tick {
        x: at(lengths.left + ms * 1e6 * scale),
        label: if ms > 0.0 {
            label(ms)
        } else {
            "0 ms".to_owned()
        },
        anchor: if ms > 0.0 { "middle" } else { "start" },
    });
    // The lines of the source, and a margin above and below all.
    let below = alone.map_or(0.0, |alone| 38.0 + 15.0 * alone.source.len() as f64);
    let picture = Picture {
        id,
        width: lengths.width,
        height: at(y + 26.0 + below),
        title,
        describes: describes(parts, span),
        parts: drawn,
        ticks: ticks.collect(),
        bottom: at(y + 18.0),
        source_y: y + 44.0,
        left: lengths.left,
        aligned: size == Size::Wide,
        right: at(lengths.width - RIGHT),
        alone,
    };
    templates.fill("timeline.svg", &picture)
}

fn part_of(part: &Part<'_>, lanes: &Lanes, lengths: &Lengths, y: &mut f64) -> PartOf {
    let unit = (lengths.width - lengths.left - RIGHT) / lanes.columns as f64;
    let x = |column: usize| lengths.left + column as f64 * unit;
    let heading = *y + lengths.heading - 8.0;
    *y += lengths.heading;
    let top = at(*y);
    let mut drawn = Vec::new();
    for (number, lane) in lanes.lanes.iter().enumerate() {
        drawn.push(LaneOf {
            label: format!("thread {}", number + 1),
            y: at(*y),
            text_y: at(*y + lengths.lane / 2.0 + 4.5),
            height: lengths.lane,
            paths: paths(lane, x, *y + lengths.lane / 2.0),
            letters: letters(lane, x),
        });
        *y += lengths.lane + GAP;
    }
    if lanes.lanes.is_empty() {
        drawn.push(LaneOf {
            label: "no polls".to_owned(),
            y: at(*y),
            text_y: at(*y + lengths.lane / 2.0 + 4.5),
            height: lengths.lane,
            paths: Vec::new(),
            letters: Vec::new(),
        });
        *y += lengths.lane + GAP;
    }
    let more = (lanes.more_threads > 0).then(|| format!("and {} threads more", lanes.more_threads));
    let more_y = at(*y + 10.0);
    if more.is_some() {
        *y += 16.0;
    }
    let flights = lanes.flights.iter().map(|flight| {
        let drawn = FlightOf {
            colour: flight.branch % BRANCH_COLOURS,
            letter: letter(flight.branch),
            x: at(x(flight.from)),
            to: at(x(flight.to)),
            y: at(*y + FLIGHT / 2.0),
            text_y: at(*y + FLIGHT / 2.0 + 4.0),
        };
        *y += FLIGHT;
        drawn
    });
    let flights = flights.collect();
    let bottom = at(*y + 2.0);
    *y += 12.0;
    PartOf {
        name: part.name.to_owned(),
        note: part.note.clone(),
        y: at(heading),
        top,
        bottom,
        lanes: drawn,
        flights,
        more,
        more_y,
    }
}

/// Thick lines, one path a colour: half as long as rectangles.
fn paths(lane: &[Stretch], x: impl Fn(usize) -> f64, middle: f64) -> Vec<(u32, String)> {
    let mut paths: Vec<(u32, String)> = Vec::new();
    for stretch in lane {
        let (from, to) = (x(stretch.from), x(stretch.to));
        let line = format!("M{} {}h{}", at(from), at(middle), at(to - from));
        let colour = stretch.branch % BRANCH_COLOURS;
        match paths.iter_mut().find(|(known, _)| *known == colour) {
            Some((_, path)) => path.push_str(&line),
            None => paths.push((colour, line)),
        }
    }
    paths
}

fn letters(lane: &[Stretch], x: impl Fn(usize) -> f64) -> Vec<(u32, String, char)> {
    lane.iter()
        .filter(|stretch| x(stretch.to) - x(stretch.from) >= LETTER)
        .map(|stretch| {
            let middle = f64::midpoint(x(stretch.from), x(stretch.to));
            (
                stretch.branch % BRANCH_COLOURS,
                at(middle),
                letter(stretch.branch),
            )
        })
        .collect()
}

/// The picture in words.
fn describes(parts: &[Part<'_>], span: u64) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| {
            let drawn = lanes::lanes(part.polls, span, 1);
            let threads = drawn.lanes.len() + drawn.more_threads;
            format!(
                "{}: {} polls on {}, {}",
                part.name,
                part.polls.len(),
                counted(threads, "thread"),
                part.note
            )
        })
        .collect();
    format!(
        "Lanes by thread over {} ms. {}.",
        milliseconds(span),
        parts.join("; ")
    )
}
