//! Where curves fall below 1: by hand, on records of known curves, and under noise.

use proptest::prelude::*;

use super::*;
use harness_record::fabricated::lengths::swept;

#[test]
fn a_curve_falls_below_one_on_a_straight_line_over_logarithms() {
    // From 10 at 1 µs to 1/10 at 100 µs: a decade down each decade, and so 1 at 10 µs.
    let Falls::At(ns) = falls_below_one(&[(1e3, 10.0), (1e5, 0.1)]) else {
        panic!("it falls")
    };
    assert!((ns - 1e4).abs() < 1e-6, "{ns}");
    // From 2 to 1/4 it is at 1 after a third of the way: 1000 times the cube root of 1000.
    let Falls::At(ns) = falls_below_one(&[(1e3, 2.0), (1e6, 0.25)]) else {
        panic!("it falls")
    };
    assert!((ns - 1e4).abs() < 1e-6, "{ns}");
    // 1 itself is not below.
    assert_eq!(
        falls_below_one(&[(10.0, 1.0), (100.0, 0.5)]),
        Falls::At(10.0)
    );
}

#[test]
fn what_dips_and_comes_back_has_not_fallen_yet() {
    let curve = [(1.0, 3.0), (10.0, 0.9), (100.0, 10.0), (10_000.0, 0.1)];
    let Falls::At(ns) = falls_below_one(&curve) else {
        panic!("it falls")
    };
    assert!((ns - 1e3).abs() < 1e-6, "{ns}");
    assert_eq!(
        falls_below_one(&[(1.0, 2.0), (10.0, 0.9), (100.0, 1.1)]),
        Falls::Never
    );
    assert_eq!(falls_below_one(&[(1.0, 0.9), (10.0, 0.5)]), Falls::Before);
    // Where it first may pay is another question: from 3 at 1 to 1/3 at 100 it is 1 at 10.
    let Falls::At(ns) = dips_below_one(&[(1.0, 3.0), (100.0, 1.0 / 3.0), (1e3, 2.0), (1e4, 0.1)])
    else {
        panic!("it dips")
    };
    assert!((ns - 10.0).abs() < 1e-9, "{ns}");
    assert_eq!(dips_below_one(&[(1.0, 0.9), (10.0, 1.5)]), Falls::Before);
    assert_eq!(dips_below_one(&[(1.0, 1.0), (10.0, 1.5)]), Falls::Never);
}

/// Points of these medians, a decade apart from 1 µs on, with intervals of so many times and one so-manyth.
fn points(medians: &[f64], width: f64) -> Vec<Point> {
    let point = |(number, &median): (usize, &f64)| Point {
        length_ns: 10_f64.powi(3 + number as i32),
        blocks: 9,
        ratio: Estimate {
            median,
            low: Some(median / width),
            high: Some(median * width),
        },
        compose_ns: 1.0,
        spawn_ns: median,
    };
    medians.iter().enumerate().map(point).collect()
}

/// 10, 0.1, 0.1 with a factor of √10 to each side. The lower end: 3.16 at 1 µs and 0.0316 at 10 µs, 1 after
/// half an order of two: a quarter of the decade. The upper end: 31.6 and 0.316, three quarters.
#[test]
fn the_interval_is_where_its_ends_fall_below_one() {
    let width = 10_f64.sqrt();
    let Found::At {
        length_ns: Some(ns),
        low_ns: Some(low),
        high_ns: Some(high),
    } = found(&points(&[10.0, 0.1, 0.1], width), 2)
    else {
        panic!("it crosses, with both ends")
    };
    for (is, exponent) in [(low, 3.25), (ns, 3.5), (high, 3.75)] {
        assert!(
            (is.log10() - exponent).abs() < 1e-9,
            "{is} is not 10^{exponent}"
        );
    }
}

#[test]
fn what_lies_beyond_the_lengths_is_not_made_up() {
    let one_thread = found(&points(&[10.0, 0.9], 1.1), 1);
    assert_eq!(one_thread, Found::NeverOnOneThread, "whatever its ratios");
    let never = found(&points(&[10.0, 1.0], 1.1), 2);
    assert_eq!(never, Found::NotUpTo { length_ns: 1e4 });
    // The upper end is 1.8 at 1 µs and one 1.8th at 10 µs: 1 in the middle of the decade.
    let before = found(&points(&[0.9, 0.9 / 3.24], 2.0), 2);
    let Found::At {
        length_ns: None,
        low_ns: None,
        high_ns: Some(high),
    } = before
    else {
        panic!("{before:?}")
    };
    assert!((high.log10() - 3.5).abs() < 1e-9, "{high}");
    let wide = found(&points(&[10.0, 0.9], 2.0), 2);
    assert!(
        matches!(
            wide,
            Found::At {
                high_ns: None,
                low_ns: Some(_),
                ..
            }
        ),
        "{wide:?}"
    );

    let mut few = points(&[10.0, 0.5], 1.1);
    few[0].ratio = Estimate {
        low: None,
        high: None,
        ..few[0].ratio
    };
    let few = found(&few, 2);
    assert!(
        matches!(
            few,
            Found::At {
                length_ns: Some(_),
                low_ns: None,
                high_ns: None
            }
        ),
        "{few:?}"
    );
}

proptest! {
    /// However the blocks scatter, the crossing lies between its ends, and all within the lengths.
    #[test]
    fn the_crossing_lies_within_its_interval(
        medians in prop::collection::vec(0.05_f64..20.0, 2..12), width in 1.0_f64..3.0,
    ) {
        let points = points(&medians, width);
        let (first, last) = (points[0].length_ns, points[points.len() - 1].length_ns);
        if let Found::At { length_ns, low_ns, high_ns } = found(&points, 2) {
            let (low, high) = (low_ns.unwrap_or(first), high_ns.unwrap_or(last));
            let ns = length_ns.unwrap_or(first);
            prop_assert!(first <= low && low <= ns && ns <= high && high <= last, "{low} {ns} {high}");
        } else {
            prop_assert!(medians[medians.len() - 1] >= 1.0);
        }
    }
}

/// By hand, of two threads: (10 + 30)/20 = 2 at 10 µs, and (100 + 30)/200 = 0.65 at 100 µs. The line over
/// logarithms is at 1 after ln 2/(ln 2 − ln 0.65) = 0.617 of the decade: 41 µs. (The true curve, which is no
/// such line, crosses at 30 µs: half the distance between two steps of the real sweep.)
#[test]
fn a_record_of_a_known_cost_crosses_where_it_must() {
    let crossings = crossings(&swept(9, 0.0));
    let seen: Vec<String> = crossings
        .iter()
        .map(|c| {
            format!(
                "{}@{} {} {}",
                c.id.flavour,
                c.threads,
                c.root,
                c.points.len()
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "default@1 block_on 2",
            "default@1 worker 2",
            "workers@2 block_on 2",
            "workers@2 worker 2"
        ]
    );
    let workers = &crossings[3];
    let point = workers.points[0];
    assert_eq!((point.length_ns, point.blocks), (10_000.0, 9));
    assert!(
        (point.compose_ns - 20_000.0).abs() < 1.0,
        "of one time and not of ten: {point:?}"
    );
    assert!((point.ratio.median - 2.0).abs() < 1e-6);
    let Found::At {
        length_ns: Some(ns),
        low_ns: Some(low),
        high_ns: Some(high),
    } = workers.found
    else {
        panic!("{:?}", workers.found)
    };
    assert!((ns - 41_400.0).abs() < 200.0, "{ns}");
    assert!(
        (low - ns).abs() < 1e-6 && (high - ns).abs() < 1e-6,
        "no noise, no width"
    );
    assert_eq!(crossings[0].found, Found::NeverOnOneThread);
}
