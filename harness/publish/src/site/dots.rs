//! What the blocks gave, a dot a block, with the margin that it is held against.

use harness_record::format::figure;
use serde::Serialize;

use super::{
    numbers::{at, label, spaced},
    templates::Templates,
};
use harness_judge::{claims::Bound, stats::Interval};

/// More dots than this are thinned out.
const MOST_DOTS: usize = 60;
/// A range that spans more than this factor is drawn by orders of magnitude.
const WIDE_RANGE: f64 = 30.0;

const LEFT: f64 = 44.0;
const RIGHT: f64 = 296.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 126.0;
/// Lines of text stand so far apart at least.
const LINE: f64 = 14.0;

/// One part of a claim that has a margin.
#[derive(Clone, Debug)]
pub(super) struct Plot<'a> {
    /// How people read the quantity.
    pub(super) label: &'a str,
    /// One value a block, in the order of the blocks.
    pub(super) values: &'a [f64],
    /// Where the median must lie.
    pub(super) bound: Bound,
    /// The median, and where it lies at the error of one comparison.
    pub(super) median: f64,
    /// None where there are too few blocks.
    pub(super) interval: Option<Interval>,
    /// What the laws say.
    pub(super) predicted: Option<f64>,
}

/// A drawing, and what belongs to it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Drawn {
    /// The SVG.
    pub(super) svg: String,
    /// The values that are drawn, for the table behind it.
    pub(super) values: String,
}

#[derive(Serialize)]
struct View<'a> {
    id: &'a str,
    label: &'a str,
    describes: &'a str,
    dots: String,
    band: Option<(String, String)>,
    /// Where the claim would be false: top and height.
    off: Vec<(String, String)>,
    margins: Vec<String>,
    median: String,
    law: Option<String>,
    ticks: Vec<(String, String)>,
    notes: Vec<Note>,
    shown: String,
}

/// Text right of the plot.
#[derive(Debug, PartialEq, Serialize)]
struct Note {
    class: &'static str,
    text: String,
    y: f64,
    at: String,
}

/// What a bound asks, in words.
pub(super) fn asks(bound: Bound) -> String {
    match bound {
        Bound::AtMost(most) => format!("at most {}", figure(most)),
        Bound::AtLeast(least) => format!("at least {}", figure(least)),
        Bound::Within(m) => format!("between {} and {}", figure(1.0 / m), figure(m)),
    }
}

/// Draws it.
///
/// # Errors
///
/// As [`Templates::fill`].
pub(super) fn draw(templates: &Templates, id: &str, plot: &Plot<'_>) -> anyhow::Result<Drawn> {
    let kept = thinned(plot.values);
    let margins = match plot.bound {
        Bound::AtMost(at) | Bound::AtLeast(at) => vec![at],
        Bound::Within(m) => vec![1.0 / m, m],
    };
    let scale = Scale::over(
        kept.iter()
            .map(|(_, value)| *value)
            .chain(margins.iter().copied())
            .chain(plot.interval.into_iter().flat_map(|i| [i.low, i.high]))
            .chain(plot.predicted),
    );
    let step = (RIGHT - LEFT) / plot.values.len().max(1) as f64;
    let mut dots = String::new();
    for (block, value) in &kept {
        let x = LEFT + (*block as f64 + 0.5) * step;
        // A line of no length with round ends is a dot.
        dots.push_str(&format!("M{} {}h0", at(x), at(scale.y(*value))));
    }
    let off = match plot.bound {
        Bound::AtMost(most) => vec![(TOP, scale.y(most))],
        Bound::AtLeast(least) => vec![(scale.y(least), BOTTOM)],
        Bound::Within(m) => vec![(TOP, scale.y(m)), (scale.y(1.0 / m), BOTTOM)],
    };
    let mut notes = vec![Note::new(
        "n-median",
        format!("median {}", figure(plot.median)),
        scale.y(plot.median),
    )];
    for margin in &margins {
        notes.push(Note::new(
            "n-margin",
            format!("margin {}", figure(*margin)),
            scale.y(*margin),
        ));
    }
    if let Some(law) = plot.predicted {
        notes.push(Note::new(
            "n-law",
            format!("predicted {}", figure(law)),
            scale.y(law),
        ));
    }
    apart(&mut notes);
    let blocks = plot.values.len();
    let view = View {
        id,
        label: plot.label,
        describes: &describes(plot),
        dots,
        band: plot.interval.map(|i| {
            (
                at(scale.y(i.high)),
                at((scale.y(i.low) - scale.y(i.high)).max(1.0)),
            )
        }),
        off: off
            .into_iter()
            .map(|(from, to)| (at(from), at((to - from).max(0.0))))
            .collect(),
        margins: margins.iter().map(|margin| at(scale.y(*margin))).collect(),
        median: at(scale.y(plot.median)),
        law: plot.predicted.map(|law| at(scale.y(law))),
        ticks: scale.ticks(),
        notes,
        shown: match kept.len() {
            shown if shown < blocks => format!("{shown} of {blocks} blocks, in their order"),
            1 => "1 block".to_owned(),
            shown => format!("{shown} blocks, in their order"),
        },
    };
    let values: Vec<String> = kept
        .iter()
        .map(|(block, value)| format!("{}:{}", block + 1, figure(*value)))
        .collect();
    Ok(Drawn {
        svg: templates.fill("dots.svg", &view)?,
        values: values.join(" "),
    })
}

fn describes(plot: &Plot<'_>) -> String {
    let interval = plot.interval.map_or_else(String::new, |i| {
        format!(", interval {} to {}", figure(i.low), figure(i.high))
    });
    format!(
        "{}: {} blocks, median {}{interval}; the claim asks for {}.",
        plot.label,
        plot.values.len(),
        figure(plot.median),
        asks(plot.bound)
    )
}

/// The values with their blocks; where there are many, every so many, and always the least and the most.
fn thinned(values: &[f64]) -> Vec<(usize, f64)> {
    let step = values.len().div_ceil(MOST_DOTS).max(1);
    let extreme = |better: fn(f64, f64) -> bool| {
        let mut best: Option<usize> = None;
        for (i, value) in values.iter().enumerate() {
            if best.is_none_or(|b| better(*value, values[b])) {
                best = Some(i);
            }
        }
        best
    };
    let (least, most) = (extreme(|a, b| a < b), extreme(|a, b| a > b));
    values
        .iter()
        .copied()
        .enumerate()
        .filter(|(i, _)| i % step == 0 || Some(*i) == least || Some(*i) == most)
        .collect()
}

impl Note {
    fn new(class: &'static str, text: String, y: f64) -> Self {
        Self {
            class,
            text,
            y,
            at: String::new(),
        }
    }
}

/// Moves notes so that none covers another, nor leaves the plot.
fn apart(notes: &mut [Note]) {
    notes.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut least = TOP + 4.0;
    for note in &mut *notes {
        note.y = note.y.max(least);
        least = note.y + LINE;
    }
    let mut most = BOTTOM;
    for note in notes.iter_mut().rev() {
        note.y = note.y.min(most);
        most = note.y - LINE;
        note.at = at(note.y + 4.0);
    }
}

/// From values to heights.
#[derive(Clone, Copy, Debug)]
struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
}

impl Scale {
    fn over(values: impl Iterator<Item = f64>) -> Self {
        let values = values.filter(|value| value.is_finite());
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
        if low > high {
            return Self {
                low: 0.0,
                high: 1.0,
                logarithmic: false,
            };
        }
        if low > 0.0 && high / low > WIDE_RANGE {
            let room = (high / low).powf(0.08);
            return Self {
                low: low / room,
                high: high * room,
                logarithmic: true,
            };
        }
        let room = ((high - low) * 0.1).max(high.abs() * 0.02).max(1e-9);
        Self {
            low: low - room,
            high: high + room,
            logarithmic: false,
        }
    }

    fn y(self, value: f64) -> f64 {
        let part = if self.logarithmic {
            (value.max(self.low) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        BOTTOM - part.clamp(0.0, 1.0) * (BOTTOM - TOP)
    }

    fn ticks(self) -> Vec<(String, String)> {
        let values = if self.logarithmic {
            let powers = (-9..=9).map(|exponent| 10_f64.powi(exponent));
            powers
                .filter(|v| (self.low..=self.high).contains(v))
                .collect()
        } else {
            spaced(self.low, self.high, 4)
        };
        values
            .into_iter()
            .map(|value| (at(self.y(value) + 4.0), label(value)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_values_are_thinned_and_keep_their_extremes() {
        let mut values: Vec<f64> = (0..600).map(|_| 1.0).collect();
        values[7] = 0.2;
        values[333] = 5.0;
        let kept = thinned(&values);
        assert_eq!(kept.len(), 62);
        assert!(kept.contains(&(7, 0.2)) && kept.contains(&(333, 5.0)));
        assert_eq!(thinned(&[1.0, 2.0]), [(0, 1.0), (1, 2.0)]);
        assert!(thinned(&[]).is_empty());
    }

    #[test]
    fn notes_at_one_height_stand_apart_and_within_the_plot() {
        let mut notes: Vec<Note> = (0..4)
            .map(|_| Note::new("", String::new(), BOTTOM))
            .collect();
        apart(&mut notes);
        let heights: Vec<f64> = notes.iter().map(|note| note.y).collect();
        assert_eq!(
            heights,
            [BOTTOM - 42.0, BOTTOM - 28.0, BOTTOM - 14.0, BOTTOM]
        );
    }

    #[test]
    fn the_scale_holds_what_it_is_over() {
        let scale = Scale::over([0.5, 0.75, 0.51].into_iter());
        assert!(!scale.logarithmic);
        // A tenth of the range is left on each side.
        assert!((scale.y(0.5) - (BOTTOM - (BOTTOM - TOP) / 12.0)).abs() < 1e-9);
        assert!(scale.y(0.75) > TOP && scale.y(0.75) < scale.y(0.5));
        let wide = Scale::over([1.0, 2565.0].into_iter());
        assert!(wide.logarithmic && !wide.ticks().is_empty());
        // Nothing to draw, and all the same, are no reason to fail.
        assert!(Scale::over(std::iter::empty()).y(3.0).is_finite());
        assert!(Scale::over([2.0, 2.0].into_iter()).y(2.0).is_finite());
    }

    #[test]
    fn a_bound_is_said_in_words() {
        assert_eq!(asks(Bound::AtMost(0.75)), "at most 0.75");
        assert_eq!(asks(Bound::Within(1.1)), "between 0.91 and 1.10");
    }
}
