//! Numbers, plurals and names as people read them, once for the whole program.

use std::fmt::Display;

/// A number of nanoseconds with three digits and a unit: `5.21 ms`.
#[must_use]
pub fn duration(ns: f64) -> String {
    Unit::of(ns).with_name(ns)
}

/// A time and its interval, in the unit of the time: `5.21 ms [5.20, 5.30]`.
#[must_use]
pub fn span(ns: f64, low: f64, high: f64) -> String {
    let unit = Unit::of(ns);
    format!(
        "{} [{}, {}]",
        unit.with_name(ns),
        unit.digits(low),
        unit.digits(high)
    )
}

/// A number of nanoseconds with the two digits that mean something: `6.1 µs`, `400 µs`.
#[must_use]
pub fn about(ns: f64) -> String {
    // 999 ns is a microsecond, in two digits.
    let (value, unit) = match ns {
        ns if ns < 995.0 => (ns, "ns"),
        ns if ns < 995e3 => (ns / 1e3, "µs"),
        ns => (ns / 1e6, "ms"),
    };
    let tenths = (value * 10.0).round() / 10.0;
    if tenths < 10.0 {
        let text = format!("{tenths:.1}");
        return format!("{} {unit}", text.trim_end_matches(".0"));
    }
    let step = if value < 99.5 { 1.0 } else { 10.0 };
    format!("{:.0} {unit}", (value / step).round() * step)
}

/// A number of nanoseconds in milliseconds, however small or large: `8.06 ms`. For times that are held
/// against each other in a sentence.
#[must_use]
pub fn milliseconds(ns: f64) -> String {
    format!("{:.2} ms", ns / 1e6)
}

/// Nanoseconds as milliseconds, without a unit and with no digit that says nothing: `2.5`.
#[must_use]
pub fn exact_milliseconds(ns: u64) -> String {
    let digits = format!("{}.{:06}", ns / 1_000_000, ns % 1_000_000);
    digits
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

/// A ratio or a mean with about three digits: `0.51`, `12.3`, `1234`.
#[must_use]
pub fn figure(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A factor with two digits after the point, and its interval where there is one: `0.51 [0.50, 0.53]`.
#[must_use]
pub fn factor(median: f64, interval: Option<(f64, f64)>) -> String {
    let interval =
        interval.map_or_else(String::new, |(low, high)| format!(" [{low:.2}, {high:.2}]"));
    format!("{median:.2}{interval}")
}

/// A share of 1 as a percentage with so many digits after the point: `4.2 %`.
#[must_use]
pub fn percent(share: f64, digits: usize) -> String {
    format!("{:.digits$} %", 100.0 * share)
}

/// A number of bytes as a machine's memory is counted: `1.5 GiB`.
#[must_use]
pub fn gibibytes(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

/// A mean of whole numbers: whole if it is, else with two digits.
#[must_use]
pub fn mean(mean: f64) -> String {
    if mean.fract().abs() < 1e-9 {
        format!("{mean:.0}")
    } else {
        format!("{mean:.2}")
    }
}

/// A whole number with its thousands set apart: `1,234,567`.
#[must_use]
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of something: `1 round`, `2 rounds`, `3 branches`.
#[must_use]
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    format!("{number} {}", plural(number, noun))
}

/// A noun as it follows a number.
#[must_use]
pub fn plural<N: PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let ending = match noun {
        _ if number == N::from(1) => "",
        noun if ["ch", "sh", "s", "x"].iter().any(|e| noun.ends_with(e)) => "es",
        _ => "s",
    };
    format!("{noun}{ending}")
}

/// What a configuration is called: `smol 2.0.2 workers@2`, without the version where it is not known.
#[must_use]
pub fn configuration(
    runtime: &str,
    version: Option<&str>,
    flavour: &str,
    workers: impl Display,
) -> String {
    let version = version.map_or_else(String::new, |version| format!(" {version}"));
    format!("{runtime}{version} {flavour}@{workers}")
}

/// The unit in which a duration is read most easily.
#[derive(Clone, Copy)]
struct Unit {
    name: &'static str,
    ns: f64,
}

impl Unit {
    fn of(ns: f64) -> Self {
        let (name, ns) = match ns {
            ns if ns >= 0.9995e9 => ("s", 1e9),
            ns if ns >= 0.9995e6 => ("ms", 1e6),
            ns if ns >= 0.9995e3 => ("µs", 1e3),
            _ => ("ns", 1.0),
        };
        Self { name, ns }
    }

    /// Three significant digits.
    fn digits(self, ns: f64) -> String {
        if self.ns <= 1.0 {
            // Clocks count whole nanoseconds.
            format!("{ns:.0}")
        } else {
            figure(ns / self.ns)
        }
    }

    fn with_name(self, ns: f64) -> String {
        format!("{} {}", self.digits(ns), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits_and_the_nearest_unit() {
        let expected = [
            (0.0, "0 ns"),
            (999.0, "999 ns"),
            (999.7, "1.00 µs"),
            (1_234.0, "1.23 µs"),
            (5_214_000.0, "5.21 ms"),
            (10_140_000.0, "10.1 ms"),
            (163_368.0, "163 µs"),
            (2.5e9, "2.50 s"),
        ];
        for (ns, text) in expected {
            assert_eq!(duration(ns), text);
        }
        assert_eq!(span(5.2e6, 0.9e6, 10.04e6), "5.20 ms [0.90, 10.0]");
    }

    #[test]
    fn what_is_about_so_long_has_two_digits() {
        let expected = [
            (0.0, "0 ns"),
            (100.0, "100 ns"),
            (314.2, "310 ns"),
            (996.0, "1 µs"),
            (1000.0, "1 µs"),
            (6_120.0, "6.1 µs"),
            (41_400.0, "41 µs"),
            (996_000.0, "1 ms"),
            (1e6, "1 ms"),
            (9.96e6, "10 ms"),
            (1e7, "10 ms"),
            (2.345e9, "2350 ms"),
        ];
        for (ns, text) in expected {
            assert_eq!(about(ns), text);
        }
    }

    #[test]
    fn milliseconds_have_two_digits_or_all_that_say_something() {
        assert_eq!(milliseconds(8_056_000.0), "8.06 ms");
        assert_eq!(exact_milliseconds(2_500_000), "2.5");
        assert_eq!(exact_milliseconds(1), "0.000001");
        assert_eq!(exact_milliseconds(30_000_000), "30");
    }

    #[test]
    fn ratios_and_shares_have_the_digits_that_are_read() {
        let figures = [0.5, 9.994, 9.996, 99.94, 2565.53].map(figure);
        assert_eq!(figures, ["0.50", "9.99", "10.0", "99.9", "2566"]);
        assert_eq!(factor(0.512, Some((0.5, 0.526))), "0.51 [0.50, 0.53]");
        assert_eq!(factor(2.0, None), "2.00");
        assert_eq!(percent(0.0416, 1), "4.2 %");
        assert_eq!([mean(2.0), mean(2.5)], ["2", "2.50"]);
        assert_eq!(gibibytes(3 << 29), "1.5 GiB");
    }

    #[test]
    fn thousands_are_set_apart() {
        let expected = [
            (7.0, "7"),
            (999.0, "999"),
            (1e3, "1,000"),
            (1.2e6, "1,200,000"),
        ];
        for (number, text) in expected {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn one_of_something_is_no_plural() {
        assert_eq!(counted(1_usize, "round"), "1 round");
        assert_eq!(counted(0_u32, "round"), "0 rounds");
        assert_eq!(counted(2_u64, "branch"), "2 branches");
        assert_eq!(counted(1_u64, "branch"), "1 branch");
    }

    #[test]
    fn a_configuration_is_called_by_its_runtime_flavour_and_workers() {
        assert_eq!(
            configuration("smol", Some("2.0.2"), "workers", 2),
            "smol 2.0.2 workers@2"
        );
        assert_eq!(
            configuration("threads", None, "threads", 1),
            "threads threads@1"
        );
    }
}
