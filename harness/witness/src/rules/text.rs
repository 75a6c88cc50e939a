//! Numbers as people read them, in evidence.

/// Three digits and a unit: `5.21 ms`.
pub(crate) fn ns(time: u64) -> String {
    let ns = time as f64;
    let (value, unit) = match ns {
        _ if ns >= 0.9995e9 => (ns / 1e9, "s"),
        _ if ns >= 0.9995e6 => (ns / 1e6, "ms"),
        _ if ns >= 0.9995e3 => (ns / 1e3, "µs"),
        _ => return format!("{ns:.0} ns"),
    };
    match value {
        _ if value >= 99.95 => format!("{value:.0} {unit}"),
        _ if value >= 9.995 => format!("{value:.1} {unit}"),
        _ => format!("{value:.2} {unit}"),
    }
}

/// `1 task`, `2 tasks`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_the_nearest_unit() {
        let read = [0, 999, 1_234, 163_368, 5_214_000, 10_140_000, 2_500_000_000].map(ns);
        let expected = [
            "0 ns", "999 ns", "1.23 µs", "163 µs", "5.21 ms", "10.1 ms", "2.50 s",
        ];
        assert_eq!(read, expected);
        assert_eq!(
            [counted(1, "task"), counted(0, "task")],
            ["1 task", "0 tasks"]
        );
    }
}
