//! Turns under a join, and waits that hold their threads.

use super::*;

const TURNS: &str = "yield-gives-turns-not-cores";
const BLOCKING: &str = "blocking-defeats-both";
const JOINED: &str = "smol:workers@2/turns/compose@2";

/// Two branches in 32 pieces each, taking turns.
fn turns() -> Sample {
    Sample {
        polls: 64,
        longest_run: 1,
        ..sample(10.0, 1.0)
    }
}

fn after_turns(samples: &[Sample]) -> Judgement {
    let mut bundle = smol_run();
    for sample in samples {
        block(&mut bundle, &[(JOINED, sample.clone())]);
    }
    word(&bundle, WORKERS, TURNS, 9)
}

fn but_for(spoilt: Sample) -> Judgement {
    let mut samples = vec![turns(); 9];
    samples[4] = spoilt;
    after_turns(&samples)
}

#[test]
fn a_rotating_join_still_gives_turns() {
    let rotating = Sample {
        longest_run: 2,
        ..turns()
    };
    let judged = after_turns(&vec![rotating; 5]);
    assert_eq!(judged.verdict, Verdict::Holds);
    insta::assert_snapshot!(judged.reason, @"the branches took turns, in all 5 samples; never two polled at once, in all 5 samples; on one core, in all 5 samples");
    assert_eq!(
        after_turns(&vec![turns(); 4]).verdict,
        Verdict::Inconclusive
    );
}

#[test]
fn each_way_to_take_no_turns_refutes() {
    let three = Sample {
        longest_run: 3,
        ..turns()
    };
    let judged = but_for(three);
    assert_eq!(judged.verdict, Verdict::Refuted);
    insta::assert_snapshot!(judged.reason, @"not the branches took turns: smol:workers@2/turns/compose@2: a branch was polled 3 times running");
    let no_yields = Sample {
        polls: 2,
        ..turns()
    };
    let judged = but_for(no_yields);
    assert_eq!(judged.verdict, Verdict::Refuted);
    insta::assert_snapshot!(judged.reason, @"not the branches took turns: smol:workers@2/turns/compose@2: its 2 branches were polled 2 times in all: no yield gave up a turn");
    let parallel = Sample {
        peak_overlap: 2,
        ..turns()
    };
    assert_eq!(but_for(parallel).verdict, Verdict::Refuted);
    let hidden = Sample {
        cpu_ns: 15 * MS,
        ..turns()
    };
    let judged = but_for(hidden);
    assert_eq!(judged.verdict, Verdict::Refuted);
    insta::assert_snapshot!(judged.reason, @"not on one core: smol:workers@2/turns/compose@2: it used 1.50 cores");
}

/// An older record, or an adapter in another language.
#[test]
fn runs_that_nobody_counted_say_nothing() {
    let untold = Sample {
        longest_run: 0,
        ..turns()
    };
    assert_eq!(
        after_turns(&vec![untold; 20]).verdict,
        Verdict::Inconclusive
    );
    let lost = Sample {
        lost_polls: 1,
        longest_run: 7,
        ..turns()
    };
    assert_eq!(after_turns(&vec![lost; 20]).verdict, Verdict::Inconclusive);
}

/// In turn 20 ms; joined, spawned on two threads and offloaded so long.
fn blocked(joined: f64, spawned: f64, offloaded: f64) -> Bundle {
    let mut bundle = smol_run();
    blocks_of(&mut bundle, "smol:workers@2", joined, spawned, offloaded);
    bundle
}

fn blocks_of(bundle: &mut Bundle, of: &str, joined: f64, spawned: f64, offloaded: f64) {
    let name = |primitive: &str| format!("{of}/blocking/{primitive}@4");
    let arms = [
        (name("sequential"), sample(20.2, 0.01)),
        (name("compose"), sample(joined, 0.01)),
        (name("spawn"), overlapping(spawned, 0.01, 2)),
        (name("spawn_blocking"), overlapping(offloaded, 0.01, 4)),
    ];
    let arms = arms.each_ref().map(|(name, s)| (name.as_str(), s.clone()));
    for _ in 0..13 {
        block(bundle, &arms);
    }
}

#[test]
fn waits_that_hold_their_threads_want_a_blocking_pool() {
    let judged = word(&blocked(20.2, 10.1, 5.2), WORKERS, BLOCKING, 9);
    assert_eq!(judged.verdict, Verdict::Holds);
    insta::assert_snapshot!(judged.reason, @"blocking spawn_blocking/sequential 0.26 [0.26, 0.26], at most 0.28; blocking spawn/sequential 0.50 [0.50, 0.50], at most 0.55; joined waits came one after the other, in all 13 samples; spawned waits held their threads, in all 13 samples");
}

#[test]
fn a_join_or_a_spawn_that_overlaps_blocked_waits_refutes() {
    // The clocks may differ by a hundredth, and no more.
    assert_eq!(
        word(&blocked(19.81, 9.91, 5.2), WORKERS, BLOCKING, 9).verdict,
        Verdict::Holds
    );
    let judged = word(&blocked(19.79, 10.1, 5.2), WORKERS, BLOCKING, 9);
    assert_eq!(judged.verdict, Verdict::Refuted);
    insta::assert_snapshot!(judged.reason, @"not joined waits came one after the other: smol:workers@2/blocking/compose@4: it took 19.79 ms, and these waits take 20.00 ms where each holds its thread");
    let judged = word(&blocked(20.2, 9.89, 5.2), WORKERS, BLOCKING, 9);
    assert_eq!(judged.verdict, Verdict::Refuted);
    assert!(judged.reason.contains("took 9.89 ms"), "{}", judged.reason);
}

#[test]
fn a_pool_that_restores_nothing_refutes() {
    let judged = word(&blocked(20.2, 10.1, 10.1), WORKERS, BLOCKING, 9);
    assert_eq!(judged.verdict, Verdict::Refuted);
    assert!(!judged.by_design);
    insta::assert_snapshot!(judged.reason, @"blocking spawn_blocking/sequential 0.50 [0.50, 0.50], at most 0.28");
}

/// Twice as many waits as threads take two waits; three is a thread that took too many.
#[test]
fn a_spawn_that_never_reaches_its_threads_refutes() {
    let judged = word(&blocked(20.2, 15.1, 5.2), WORKERS, BLOCKING, 9);
    assert_eq!(judged.verdict, Verdict::Refuted);
    insta::assert_snapshot!(judged.reason, @"blocking spawn/sequential 0.75 [0.75, 0.75], at most 0.55");
}

/// One blocking thread restores nothing, and says so beforehand; but it does not say that it would
/// overlap what is joined.
#[test]
fn one_blocking_thread_is_a_finding_by_design_and_a_broken_fact_is_not() {
    let run = |joined: f64| {
        let mut one = smol();
        for flavour in &mut one.flavours {
            flavour.semantics.blocking = harness_protocol::Threads::Fixed(1);
        }
        let mut bundle = predicted(header(vec![unasked(threads()), one], options(), 2));
        blocks_of(&mut bundle, "smol:default@1", joined, 20.2, 20.2);
        word(&bundle, "smol default@1", BLOCKING, 9)
    };
    let judged = run(20.2);
    assert_eq!(judged.verdict, Verdict::Refuted);
    assert!(judged.by_design);
    insta::assert_snapshot!(judged.reason, @"blocking spawn_blocking/sequential 1.00 [1.00, 1.00], at most 0.28; by design: one blocking thread");
    let judged = run(10.0);
    assert_eq!(judged.verdict, Verdict::Refuted);
    assert!(!judged.by_design);
    assert!(!judged.reason.contains("by design"), "{}", judged.reason);
}
