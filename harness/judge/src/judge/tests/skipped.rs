//! Work that was not done.

use super::*;

fn whose(bundle: &Bundle, name: &str) -> Option<String> {
    failure(bundle, &cell(name)).map(|failure| {
        assert_eq!(failure.status, CellStatus::Wrong);
        failure.reason
    })
}

/// Joined work at this share of the sequential CPU time.
fn at(share: f64, blocks: usize) -> Bundle {
    run_of(
        blocks,
        &[(S, sample(8.0, 1.0)), (C, sample(8.0 * share, 1.0))],
    )
}

/// 2·2⁻⁸ ≤ 1 %: eight blocks make an interval.
#[test]
fn less_cpu_time_than_in_turn_is_work_skipped() {
    assert_eq!(whose(&at(0.85, 7), C), None, "too few to say");
    insta::assert_snapshot!(whose(&at(0.85, 8), C).unwrap(), @"work was skipped: 0.85 of the CPU time that its branches take one after the other [0.85, 0.85]");
    for honest in [0.91, 1.0, 1.4] {
        assert_eq!(whose(&at(honest, 30), C), None);
    }
    assert_eq!(whose(&at(0.85, 30), S), None, "the yardstick itself");
}

#[test]
fn an_interval_that_reaches_the_margin_is_no_proof() {
    let mut bundle = at(0.85, 4);
    for _ in 0..4 {
        block(&mut bundle, &[(S, sample(8.0, 1.0)), (C, sample(7.6, 1.0))]);
    }
    assert_eq!(whose(&bundle, C), None);
}

#[test]
fn disturbed_blocks_prove_nothing() {
    let mut bundle = smol_run();
    for _ in 0..30 {
        disturbed_block(&mut bundle, &[(S, sample(8.0, 1.0)), (C, sample(6.0, 1.0))]);
    }
    assert_eq!(whose(&bundle, C), None);
}

/// The sample that a round speaks through must have worked, whatever the others did.
#[test]
fn one_sample_that_skips_is_the_fastest_and_is_caught() {
    let mut bundle = smol_run();
    let honest = overlapping(4.2, 1.9, 2);
    let skips = overlapping(3.0, 1.9, 2);
    for _ in 0..8 {
        let samples = vec![honest.clone(), skips.clone(), honest.clone()];
        let arms = [(S, vec![sample(8.0, 1.0)]), (P, samples)];
        block_of_many(&mut bundle, &arms, None);
    }
    assert!(whose(&bundle, P).is_some());
}

/// Executors that spin while one of them works use CPU time that is no work, for as long as the
/// branches come in turn.
#[test]
fn idle_threads_that_spin_are_no_yardstick() {
    let mut bundle = smol_run();
    let spins = Sample {
        cpu_ns: 16 * MS,
        polled_ns: 8 * MS,
        ..sample(8.0, 1.0)
    };
    for _ in 0..20 {
        block(
            &mut bundle,
            &[(S, spins.clone()), (P, overlapping(4.2, 1.9, 2))],
        );
    }
    assert_eq!(whose(&bundle, P), None);
}

/// Who skips everywhere, the yardstick too, is held against the calibration: 8 ms for two branches.
#[test]
fn far_less_than_calibrated_is_work_skipped() {
    let all = |ms: f64, blocks| run_of(blocks, &[(S, sample(ms, 1.0)), (C, sample(ms, 1.0))]);
    assert_eq!(whose(&all(0.1, 1), C), None, "one round may be a hiccup");
    insta::assert_snapshot!(whose(&all(0.1, 2), S).unwrap(), @"work was skipped: 0.10 ms of CPU time for branches that take 8.00 ms alone");
    assert!(whose(&all(2.6, 9), C).is_some());
    assert_eq!(whose(&all(2.7, 9), C), None, "a machine may get faster");
    // Who skipped when it was calibrated, too, is held against the baseline, whose steps it should do.
    let mut bundle = all(0.1, 2);
    for prediction in bundle.predictions.values_mut() {
        prediction.work_ns = 1_000;
    }
    insta::assert_snapshot!(whose(&bundle, S).unwrap(), @"work was skipped: 0.10 ms of CPU time for branches that take 8.00 ms alone");
    // Where nothing was calibrated there is nothing to hold it against.
    bundle.predictions.clear();
    bundle.steps.clear();
    assert_eq!(whose(&bundle, S), None);
}

#[test]
fn waiting_is_no_work_to_skip() {
    let mut bundle = smol_run();
    for _ in 0..20 {
        block(
            &mut bundle,
            &[
                ("smol:workers@2/timers/sequential@3", sample(15.0, 0.02)),
                ("smol:workers@2/timers/compose@3", sample(5.0, 0.000_01)),
            ],
        );
    }
    assert_eq!(whose(&bundle, "smol:workers@2/timers/compose@3"), None);
}

/// Faster than anybody by doing less: the claim must not hold.
#[test]
fn no_claim_holds_on_skipped_work() {
    let mut bundle = smol_run();
    for _ in 0..20 {
        let mut arms = good();
        arms[2].1 = overlapping(3.2, 1.9, 2);
        block(&mut bundle, &arms);
    }
    let judged = word(&bundle, WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(
        judged
            .reason
            .contains("spawn@2 failed: work was skipped: 0.76"),
        "{}",
        judged.reason
    );
}
