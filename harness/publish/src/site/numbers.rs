//! Numbers as the page and its pictures write them: a fixed number of digits, so that they are the same on
//! every machine.

/// A coordinate: one digit after the point, and none that says nothing.
pub(super) fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// Nanoseconds as milliseconds, with three digits after the point.
pub(super) fn milliseconds(ns: u64) -> String {
    format!("{}.{:03}", ns / 1_000_000, ns % 1_000_000 / 1000)
}

/// Round numbers from nought up to `end`, at most `most` of them.
pub(super) fn ticks(end: f64, most: usize) -> Vec<f64> {
    spaced(0.0, end, most)
}

/// Round numbers between two numbers, at most `most` of them, one at least if there is room for any.
pub(super) fn spaced(low: f64, high: f64, most: usize) -> Vec<f64> {
    let room = high - low;
    if !(room.is_finite() && room > 0.0) || most == 0 {
        return Vec::new();
    }
    let least = room / most as f64;
    // A power of ten at or below the least step, from its exponent as it is written.
    let exponent: i32 = format!("{least:e}")
        .rsplit_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let unit = 10_f64.powi(exponent);
    let step = [1.0, 2.0, 5.0, 10.0, 20.0]
        .map(|times| times * unit)
        .into_iter()
        .find(|&step| (high / step).floor() - (low / step).ceil() < most as f64)
        .unwrap_or(20.0 * unit);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// A tick's label, with no digit that says nothing.
pub(super) fn label(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_fixed() {
        assert_eq!(
            [at(0.04), at(-0.04), at(12.0), at(12.34)],
            ["0", "0", "12", "12.3"]
        );
        assert_eq!(milliseconds(4_043_717), "4.043");
        assert_eq!(milliseconds(999), "0.000");
    }

    #[test]
    fn ticks_are_round_and_few() {
        let labels = |end, most| ticks(end, most).into_iter().map(label).collect::<Vec<_>>();
        assert_eq!(labels(7.99, 9), ["0", "1", "2", "3", "4", "5", "6", "7"]);
        assert_eq!(labels(7.99, 5), ["0", "2", "4", "6"]);
        assert_eq!(labels(0.116, 4), ["0", "0.05", "0.1"]);
        assert_eq!(labels(26.1, 6), ["0", "5", "10", "15", "20", "25"]);
        assert!(labels(0.0, 5).is_empty() && labels(f64::NAN, 5).is_empty());
        let between: Vec<String> = spaced(0.49, 0.76, 4).into_iter().map(label).collect();
        assert_eq!(between, ["0.5", "0.6", "0.7"]);
    }
}
