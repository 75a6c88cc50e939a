//! Curves of made-up blocks.

use super::*;
use crate::stats::noise::{Machine, Noise};
use harness_record::{
    fabricated::{block, header, options, predicted, sample, smol, threads, unasked},
    plan::Options,
};

const WORKERS: [usize; 4] = [1, 2, 4, 8];

/// Twelve blocks of eight branches on smol with each of these workers, in so many milliseconds.
fn scaled(cores: usize, wall_ms: impl Fn(usize, usize) -> f64) -> Bundle {
    let options = Options {
        workers: WORKERS.to_vec(),
        branches: Some(8),
        scenarios: vec!["digest".to_owned()],
        ..options()
    };
    let mut bundle = predicted(header(vec![unasked(threads()), smol()], options, cores));
    for number in 0..12 {
        let arms: Vec<(String, _)> = WORKERS
            .iter()
            .map(|&workers| {
                let name = format!("smol:workers@{workers}/digest/spawn@8");
                (name, sample(wall_ms(number, workers), 1.0))
            })
            .collect();
        let arms: Vec<_> = arms.iter().map(|(n, s)| (n.as_str(), s.clone())).collect();
        block(&mut bundle, &arms);
    }
    bundle
}

fn only(bundle: &Bundle) -> Curve {
    let mut curves = curves(bundle);
    assert_eq!(curves.len(), 1, "{curves:#?}");
    curves.remove(0)
}

#[test]
fn a_known_law_is_found_with_its_prediction() {
    let law = Law {
        serial: 0.05,
        exchange: 0.01,
    };
    let curve = only(&scaled(8, |_, workers| 80.0 / law.speedup(workers as f64)));
    assert_eq!(
        (curve.runtime.as_str(), curve.primitive.as_str()),
        ("smol", "spawn")
    );
    let workers: Vec<usize> = curve.points.iter().map(|point| point.workers).collect();
    assert_eq!(workers, WORKERS);
    assert_eq!(curve.points[0].speedup.median, 1.0);
    // By hand: 8 / (1 + 0.35 + 0.56).
    assert!((curve.points[3].speedup.median - 8.0 / 1.91).abs() < 1e-6);
    let fit = curve.fit.unwrap();
    assert!((fit.serial.median - 0.05).abs() < 1e-6, "{fit:?}");
    assert!((fit.exchange.median - 0.01).abs() < 1e-6, "{fit:?}");
    // Four times eight workers. By hand: 32 / (1 + 1.55 + 9.92).
    let predicted = fit.predicted.unwrap();
    assert_eq!(predicted.cores, 32);
    assert!((predicted.speedup.median - 32.0 / 12.47).abs() < 1e-3);
    // Without noise there is no doubt.
    assert!((fit.serial.high.unwrap() - fit.serial.low.unwrap()).abs() < 1e-6);
}

#[test]
fn workers_beyond_the_cores_are_shown_and_not_fitted() {
    // Two cores: more workers change nothing.
    let curve = only(&scaled(2, |_, workers| 80.0 / workers.min(2) as f64));
    assert_eq!(curve.points.len(), 4);
    assert_eq!(curve.points[3].speedup.median, 2.0);
    assert_eq!((curve.within(2), curve.fit), (2, None));
    // One core has no curve to fit.
    let curve = only(&scaled(1, |_, _| 80.0));
    assert_eq!((curve.within(1), curve.fit), (1, None));
}

/// Amdahl's law with a quarter one after the other: 1, 1.6, 16 / 7 and 32 / 11 at 1, 2, 4 and 8 workers; eight workers on
/// fewer cores would say something else, and are not asked.
#[test]
fn a_law_takes_three_worker_counts_within_the_cores_and_a_prediction_four() {
    let law = Law {
        serial: 0.25,
        exchange: 0.0,
    };
    let on = |cores: usize| {
        let fit = only(&scaled(cores, |_, workers| {
            80.0 / law.speedup(workers.min(cores) as f64)
        }))
        .fit;
        fit.map(|fit| {
            assert!((fit.serial.median - 0.25).abs() < 1e-6, "{fit:?}");
            assert!(fit.exchange.median.abs() < 1e-6, "{fit:?}");
            fit.predicted
                .map(|predicted| (predicted.cores, predicted.speedup.median))
        })
    };
    assert_eq!(on(3), None);
    assert_eq!(on(4), Some(None));
    assert_eq!(on(7), Some(None));
    let (cores, speedup) = on(8).unwrap().unwrap();
    // By hand: 32 / (1 + 0.25 · 31).
    assert_eq!(cores, 32);
    assert!((speedup - 32.0 / 8.75).abs() < 1e-4, "{speedup}");
}

#[test]
fn one_number_of_workers_is_no_curve() {
    assert_eq!(curves(&harness_record::fabricated::smol_run()), []);
}

#[test]
fn a_fit_of_few_blocks_has_no_interval() {
    // By hand: 2 / 1.6 − 1 = 0.25, 3 / 2 − 1 = 0.5.
    let of = |blocks: usize| fit(&[1, 2, 3], &vec![vec![1.0, 1.6, 2.0]; blocks]).unwrap();
    let serial = of(5).serial;
    assert_eq!((serial.low, serial.high), (None, None));
    assert!((serial.median - 0.25).abs() < 1e-12);
    assert!(of(6).serial.interval().is_some());
}

/// Of 200 noisy runs 95 % should have the true law within their interval; the bootstrap of a median over
/// twelve blocks comes near, and never far below.
#[test]
fn intervals_hold_the_law_as_often_as_they_say() {
    let law = Law {
        serial: 0.10,
        exchange: 0.005,
    };
    let mut rng = fastrand::Rng::with_seed(11);
    let mut held = (0, 0);
    for _ in 0..200 {
        let mut machine = Machine::new(&mut rng, Noise::Calm, 0.02);
        let mut block = || {
            // One time with one worker, which all speed-ups of the block share.
            let alone = machine.process();
            let speedup = |&workers: &usize| match workers {
                1 => 1.0,
                _ => law.speedup(workers as f64) * alone / machine.process(),
            };
            WORKERS.iter().map(speedup).collect::<Vec<f64>>()
        };
        let blocks: Vec<Vec<f64>> = (0..15).map(|_| block()).collect();
        let fit = fit(&WORKERS, &blocks).unwrap();
        let holds = |estimate: Estimate, truth: f64| {
            let (low, high) = estimate.interval().unwrap();
            usize::from(low <= truth && truth <= high)
        };
        held.0 += holds(fit.serial, law.serial);
        held.1 += holds(fit.exchange, law.exchange);
    }
    assert!(held.0 >= 180 && held.1 >= 180, "{held:?}");
}
