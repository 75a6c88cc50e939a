//! Middles of measured values.

/// The values in order, or `None` if there are none or one of them is not a number.
#[must_use]
pub fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(sorted)
}

/// The median: the middle value, or the mean of the two middle ones.
///
/// `None` if there are no values or one of them is not a number.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The value below which a share `q` of the values lies, interpolated linearly between neighbours.
///
/// It is definition 7 of Hyndman and Fan, *Sample Quantiles in Statistical Packages*, The American
/// Statistician 50 (1996): what R, NumPy and spreadsheets do unless asked otherwise. `None` if
/// there are no values, one of them is not a number, or `q` is not within 0 and 1.
#[must_use]
pub fn quantile(values: &[f64], q: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&q) {
        return None;
    }
    let sorted = sorted(values)?;
    let place = q * (sorted.len() - 1) as f64;
    let (below, share) = (place.floor() as usize, place.fract());
    if share == 0.0 {
        // Not only quicker: between an infinite value and its neighbour 0 times infinity is no
        // number.
        return Some(sorted[below]);
    }
    Some(sorted[below] * (1.0 - share) + sorted[below + 1] * share)
}
