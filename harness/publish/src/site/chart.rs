//! Line charts, drawn by plotters, in the colours of the page.
//!
//! plotters writes colours as numbers. It is given numbers that stand for the roles of the palette, and they
//! are replaced by its variables, so that a chart follows the theme like everything else.

use anyhow::anyhow;
use plotters::{
    coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter},
    prelude::*,
};

use super::numbers::label;

const WIDTH: u32 = 400;
const HEIGHT: u32 = 250;

/// The roles that a chart uses; a colour's blue is its place.
const ROLES: [&str; 7] = ["ink", "quiet", "line", "b0", "b4", "b3", "b2"];
const INK: RGBColor = role(0);
const QUIET: RGBColor = role(1);
const FAINT: RGBColor = role(2);

const fn role(place: u8) -> RGBColor {
    RGBColor(0xf0, 0x00, place)
}

/// A curve.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// What it is of.
    pub(super) name: String,
    /// In the order of x, which is more than nought.
    pub(super) points: Vec<(f64, f64)>,
    /// By x, the ends of what a point may be.
    pub(super) intervals: Vec<(f64, f64, f64)>,
    /// What a law has, drawn thin in the place of what joins the points.
    pub(super) law: Vec<(f64, f64)>,
}

/// A chart: x by orders of magnitude, y evenly from nought, or by orders of magnitude too.
#[derive(Clone, Debug)]
pub(super) struct Chart<'a> {
    /// Unique in the page.
    pub(super) id: String,
    pub(super) title: String,
    pub(super) x_label: &'a str,
    pub(super) y_label: &'a str,
    /// Of which powers x shows.
    pub(super) base: f64,
    /// Whether y is by orders of magnitude.
    pub(super) steep: bool,
    pub(super) lines: &'a [Line],
    /// A place that matters, and its name.
    pub(super) mark: Option<(f64, String)>,
}

impl Chart<'_> {
    /// Draws it.
    ///
    /// # Errors
    ///
    /// When there is nothing to draw, or plotters cannot.
    pub(super) fn draw(&self) -> anyhow::Result<String> {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let (left, right) = range(
            points()
                .map(|(x, _)| *x)
                .chain(self.mark.iter().map(|m| m.0)),
        )
        .ok_or_else(|| anyhow!("the chart {} has no points", self.title))?;
        let intervals = self.lines.iter().flat_map(|line| &line.intervals);
        let ends = intervals.flat_map(|(_, low, high)| [*low, *high]);
        let (bottom, top) = range(points().map(|(_, y)| *y).chain(ends)).unwrap_or((0.0, 1.0));
        let mut svg = String::new();
        let across = (left / 1.2, right * 1.3);
        let plotted = if self.steep {
            let ends = (bottom / 1.3, top * 1.3);
            self.plot(&mut svg, across, (ends.0..ends.1).log_scale(), ends)
        } else {
            // Nought is in sight, so that a small rise looks small.
            let ends = (0.0, top * 1.15);
            self.plot(&mut svg, across, ends.0..ends.1, ends)
        };
        plotted.map_err(|error| anyhow!("the chart {} cannot be drawn: {error}", self.title))?;
        Ok(self.themed(&svg))
    }

    fn plot<Y>(
        &self,
        svg: &mut String,
        (left, right): (f64, f64),
        heights: Y,
        (bottom, top): (f64, f64),
    ) -> Result<(), Box<dyn std::error::Error>>
    where
        Y: AsRangedCoord<Value = f64>,
        Y::CoordDescType: Ranged<ValueType = f64> + ValueFormatter<f64>,
    {
        let root = SVGBackend::with_string(svg, (WIDTH, HEIGHT)).into_drawing_area();
        let mut chart = ChartBuilder::on(&root)
            .margin_top(12)
            .margin_right(10)
            .x_label_area_size(42)
            .y_label_area_size(46)
            .build_cartesian_2d((left..right).log_scale().base(self.base), heights)?;
        let text = ("sans-serif", 14).into_font().color(&QUIET);
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(FAINT)
            .axis_style(FAINT)
            .x_labels(6)
            .y_labels(5)
            .x_label_formatter(&|x| label(*x))
            .y_label_formatter(&|y| label(*y))
            .x_desc(self.x_label)
            .y_desc(self.y_label)
            .label_style(text.clone())
            .axis_desc_style(text.clone())
            .draw()?;
        if let Some((x, name)) = &self.mark {
            let line = vec![(*x, bottom), (*x, top)];
            chart.draw_series(LineSeries::new(line, INK.stroke_width(1)))?;
            let style = ("sans-serif", 14).into_font().color(&INK);
            chart.draw_series([Text::new(name.clone(), (*x * 1.05, top), style)])?;
        }
        for (number, line) in self.lines.iter().enumerate() {
            let colour = role(3 + (number % 4) as u8);
            let points = || line.points.iter().copied();
            if line.law.is_empty() {
                chart.draw_series(LineSeries::new(points(), colour.stroke_width(2)))?;
            } else {
                let law = line.law.iter().copied();
                chart.draw_series(LineSeries::new(law, colour.stroke_width(1)))?;
            }
            for &(x, low, high) in &line.intervals {
                let interval = vec![(x, low), (x, high)];
                chart.draw_series(LineSeries::new(interval, colour.stroke_width(1)))?;
            }
            // Shapes tell the lines apart where colours do not.
            match number % 4 {
                0 => chart.draw_series(points().map(|at| Circle::new(at, 4, colour.filled())))?,
                1 => chart
                    .draw_series(points().map(|at| TriangleMarker::new(at, 6, colour.filled())))?,
                2 => chart
                    .draw_series(points().map(|at| Cross::new(at, 5, colour.stroke_width(2))))?,
                _ => chart
                    .draw_series(points().map(|at| Circle::new(at, 4, colour.stroke_width(2))))?,
            };
        }
        root.present()?;
        Ok(())
    }

    /// The drawing with the page's colours, as wide as there is room, and with its title.
    fn themed(&self, svg: &str) -> String {
        let body = svg.split_once('>').map_or("", |(_, body)| body);
        let mut body = body.to_owned();
        for (place, name) in ROLES.iter().enumerate() {
            body = body.replace(
                &format!("\"#F000{place:02X}\""),
                &format!("\"var(--{name})\""),
            );
        }
        let Self { id, title, .. } = self;
        format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}\"><title id=\"{id}\">{}</title>{body}",
            escaped(title)
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let values = values.filter(|value| value.is_finite());
    values.fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(lines: &[Line]) -> Chart<'_> {
        Chart {
            id: "pieces-smol".to_owned(),
            title: "smol & <others>".to_owned(),
            x_label: "pieces a thread",
            y_label: "time",
            base: 10.0,
            steep: false,
            lines,
            mark: Some((50.0, "crossing".to_owned())),
        }
    }

    #[test]
    fn a_chart_has_the_colours_of_the_page_and_no_others() {
        let lines = [Line {
            name: "default@1".to_owned(),
            points: vec![(1.0, 1.0), (10.0, 1.01), (1000.0, 1.2)],
            ..Line::default()
        }];
        let svg = chart(&lines).draw().unwrap();
        assert!(
            svg.contains("var(--b0)") && svg.contains("var(--quiet)"),
            "{svg}"
        );
        assert!(!svg.contains("\"#"), "{svg}");
        assert!(
            svg.contains("smol &amp; &lt;others>") && svg.contains("crossing"),
            "{svg}"
        );
        assert_eq!(svg.matches("<circle").count(), 3);
        assert_eq!(svg, chart(&lines).draw().unwrap());
    }

    #[test]
    fn a_steep_chart_holds_what_spans_orders_of_magnitude() {
        let lines = [Line {
            name: "spawn".to_owned(),
            points: vec![(1.0, 80.0), (100.0, 1.0), (10_000.0, 0.5)],
            ..Line::default()
        }];
        let steep = Chart {
            steep: true,
            ..chart(&lines)
        }
        .draw()
        .unwrap();
        assert_eq!(steep.matches("<circle").count(), 3);
        assert_ne!(steep, chart(&lines).draw().unwrap());
    }

    #[test]
    fn nothing_to_draw_is_an_error() {
        let mut empty = chart(&[]);
        empty.mark = None;
        let error = empty.draw().unwrap_err().to_string();
        assert!(error.contains("smol & <others> has no points"), "{error}");
    }
}
