//! What made-up blocks say of the claims.

use harness_protocol::Sample;

use super::*;
use crate::claims::{MeasureOf, Quantity};
use harness_record::{
    bundle::Event,
    fabricated::{
        MS, block, block_of_many, cell, disturbed_block, failed, header, options, overlapping,
        predicted, rounds, sample, smol, smol_run, threads, unasked,
    },
    plan::Options,
};

/// The word on a claim on the configuration of this title, as if the report made `m` comparisons.
fn word(bundle: &Bundle, title: &str, id: &str, m: usize) -> Judgement {
    let cases = cases(bundle);
    let case = cases
        .iter()
        .find(|case| case.claim.id == id && case.config.title() == title)
        .unwrap();
    judge(bundle, case, Family::of(m))
}

fn fixed_rounds(rounds: usize) -> Bundle {
    let options = Options {
        rounds: Rounds::Fixed(rounds),
        ..options()
    };
    predicted(header(vec![unasked(threads()), smol()], options, 2))
}

const S: &str = "smol:workers@2/digest/sequential@2";
const C: &str = "smol:workers@2/digest/compose@2";
const P: &str = "smol:workers@2/digest/spawn@2";
const T: &str = "threads:threads@2/digest/spawn@2";
const USES: &str = "spawn-uses-cores";
const WORKERS: &str = "smol workers@2";

/// A block as it should be: joined 8 ms, placed and plain threads 4 ms on two cores.
fn good() -> Vec<(&'static str, Sample)> {
    placed_in(4.0, 1.9)
}

fn placed_in(ms: f64, cores: f64) -> Vec<(&'static str, Sample)> {
    vec![
        (S, sample(8.0, 1.0)),
        (C, sample(8.0, 1.0)),
        (P, overlapping(ms, cores, 2)),
        (T, overlapping(4.0, 1.9, 2)),
    ]
}

fn run_of(blocks: usize, arms: &[(&str, Sample)]) -> Bundle {
    let mut bundle = smol_run();
    for _ in 0..blocks {
        block(&mut bundle, arms);
    }
    bundle
}

/// Evidence of t wins in t blocks is 2^t · 8/(t+8), and 2M/α decides. M = 1: 200, of 128 after 8 and
/// 241 after 9. M = 9: 1800, of 1638 after 12 and 3121 after 13. M = 144: 28 800, of 21 845 after 16
/// and 41 943 after 17.
#[test]
fn blocks_that_agree_decide_at_a_number_that_follows_from_m() {
    for (m, decides) in [(1, 9), (9, 13), (144, 17)] {
        let before = word(&run_of(decides - 1, &good()), WORKERS, USES, m);
        assert_eq!(before.verdict, Verdict::Inconclusive, "M = {m}");
        assert_eq!(before.outlook, Some(("digest".to_owned(), 1)), "M = {m}");
        let after = word(&run_of(decides, &good()), WORKERS, USES, m);
        assert_eq!(after.verdict, Verdict::Holds, "M = {m}: {}", after.reason);
        assert_eq!(after.observations, decides);
    }
}

#[test]
fn a_claim_that_holds_shows_its_evidence() {
    let judged = word(&run_of(13, &good()), WORKERS, USES, 9);
    assert_eq!(judged.measured, Some(0.5));
    assert_eq!(
        judged.predicted.map(|law| (law * 100.0).round()),
        Some(50.0)
    );
    assert!(!judged.by_design);
    insta::assert_snapshot!(judged.reason, @"digest spawn/compose 0.50 [0.50, 0.50], at most 0.75; digest spawn/threads 1.00 [1.00, 1.00], at most 1.10; cores under spawn 1.90 [1.90, 1.90], at least 1.50; polled at once 2.00 [2.00, 2.00], at least 1.50");
}

/// Time alone can lie: each witness must agree.
#[test]
fn any_witness_against_refutes_and_is_what_is_shown() {
    // As fast as threads and faster than joined, but on too few cores.
    let mut arms = placed_in(5.5, 1.4);
    arms[3].1 = overlapping(5.5, 1.4, 2);
    let judged = word(&run_of(13, &arms), WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::Refuted);
    assert!(!judged.by_design);
    insta::assert_snapshot!(judged.reason, @"cores under spawn 1.40 [1.40, 1.40], at least 1.50");
    // Two cores in turns.
    arms = good();
    arms[2].1 = sample(4.0, 1.9);
    let judged = word(&run_of(13, &arms), WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::Refuted);
    insta::assert_snapshot!(judged.reason, @"polled at once 1.00 [1.00, 1.00], at least 1.50");
    // Two cores, and no faster.
    let judged = word(&run_of(13, &placed_in(8.0, 1.9)), WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::Refuted);
    insta::assert_snapshot!(judged.reason, @"digest spawn/compose 1.00 [1.00, 1.00], at most 0.75; digest spawn/threads 2.00 [2.00, 2.00], at most 1.10");
}

#[test]
fn one_executing_thread_refutes_by_design_and_says_so() {
    let mut bundle = smol_run();
    for _ in 0..13 {
        block(
            &mut bundle,
            &[
                ("smol:default@1/digest/compose@2", sample(8.0, 1.0)),
                ("smol:default@1/digest/spawn@2", sample(8.0, 1.0)),
                (T, overlapping(4.0, 1.9, 2)),
            ],
        );
    }
    let judged = word(&bundle, "smol default@1", USES, 9);
    assert_eq!((judged.verdict, judged.by_design), (Verdict::Refuted, true));
    assert!(
        judged.reason.ends_with("; by design: one executing thread"),
        "{}",
        judged.reason
    );
    let needs = word(&bundle, "smol default@1", "spawn-needs-workers", 9);
    assert_eq!((needs.verdict, needs.by_design), (Verdict::Holds, false));
}

#[test]
fn where_plain_threads_gain_nothing_nothing_is_said_of_others() {
    let mut arms = placed_in(8.0, 1.0);
    arms[3].1 = overlapping(7.0, 1.0, 2);
    let judged = word(&run_of(20, &arms), WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::NotTestable);
    insta::assert_snapshot!(judged.reason, @"plain threads gain nothing here: the machine has no second core to give (0.88)");

    // And plain threads are no exception.
    let mut bundle = predicted(header(vec![threads()], options(), 2));
    for _ in 0..20 {
        block(
            &mut bundle,
            &[
                ("threads:threads@2/digest/compose@2", sample(8.0, 1.0)),
                (T, overlapping(8.0, 1.0, 2)),
            ],
        );
    }
    let judged = word(&bundle, "threads threads@2", USES, 9);
    assert_eq!(judged.verdict, Verdict::NotTestable);
}

#[test]
fn disturbed_blocks_are_no_observations() {
    let mut bundle = run_of(12, &good());
    // What others did would refute it.
    for _ in 0..12 {
        disturbed_block(&mut bundle, &placed_in(9.0, 0.9));
    }
    assert_eq!(
        word(&bundle, WORKERS, USES, 9).verdict,
        Verdict::Inconclusive
    );
    block(&mut bundle, &good());
    let judged = word(&bundle, WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::Holds, "{}", judged.reason);
    assert_eq!(judged.observations, 13);
}

#[test]
fn a_machine_that_is_busy_throughout_decides_nothing_and_says_why() {
    let mut bundle = smol_run();
    for _ in 0..40 {
        disturbed_block(&mut bundle, &placed_in(8.0, 1.0));
    }
    for id in [USES, "compose-gains-no-core"] {
        let judged = word(&bundle, WORKERS, id, 9);
        assert_eq!(judged.verdict, Verdict::Inconclusive);
        assert!(
            judged.reason.starts_with("machine busy: "),
            "{}",
            judged.reason
        );
        assert_eq!((judged.observations, judged.measured), (0, None));
    }
}

#[test]
fn half_a_block_is_no_observation() {
    let mut bundle = run_of(12, &good());
    let arms: Vec<(&str, Vec<Sample>)> = good()
        .into_iter()
        .map(|(name, sample)| (name, vec![sample]))
        .collect();
    rounds(&mut bundle, &arms);
    assert_eq!(
        word(&bundle, WORKERS, USES, 9).verdict,
        Verdict::Inconclusive
    );
    // Nor is a block without one of the arms.
    let mut bundle = run_of(12, &good());
    block(&mut bundle, &good()[..2]);
    assert_eq!(word(&bundle, WORKERS, USES, 9).observations, 12);
}

#[test]
fn a_failed_cell_leaves_its_own_claims_open_and_no_others() {
    let mut bundle = run_of(13, &good());
    failed(
        &mut bundle,
        T,
        CellStatus::Crashed,
        "panicked (exit code 101)",
    );
    let judged = word(&bundle, WORKERS, USES, 9);
    assert_eq!(
        judged.verdict,
        Verdict::Inconclusive,
        "though 13 blocks agreed"
    );
    insta::assert_snapshot!(judged.reason, @"threads:threads@2/digest/spawn@2 failed: panicked (exit code 101)");
    let other = word(&bundle, WORKERS, "compose-gains-no-core", 9);
    assert!(!other.reason.contains("failed"), "{}", other.reason);
    // No round of the others is spent on it.
    let cases = cases(&bundle);
    let needed = needed(&bundle, &cases, Family::of(144));
    assert!(!needed.contains(&cell(P)) && !needed.contains(&cell(T)));
    assert!(needed.contains(&cell(C)) && needed.contains(&cell(S)));
}

#[test]
fn what_the_machine_does_not_have_cannot_be_tested() {
    let mut bundle = run_of(13, &good());
    failed(&mut bundle, P, CellStatus::Unavailable, "no io_uring");
    let judged = word(&bundle, WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::NotTestable);
    assert!(judged.reason.ends_with("failed: no io_uring"));
}

#[test]
fn equality_wants_both_its_sides() {
    let with = |ms: f64| {
        let arms = [(S, sample(8.0, 1.0)), (C, sample(ms, 1.0))];
        word(&run_of(13, &arms), WORKERS, "compose-gains-no-core", 9)
    };
    assert_eq!(with(8.0).verdict, Verdict::Holds);
    assert_eq!(with(8.7).verdict, Verdict::Holds);
    assert_eq!(with(7.4).verdict, Verdict::Holds);
    assert_eq!(with(8.9).verdict, Verdict::Refuted);
    assert_eq!(with(7.2).verdict, Verdict::Refuted, "too fast is not equal");
    // Exactly at the margin is on neither side.
    assert_eq!(with(8.8).verdict, Verdict::Inconclusive);
}

#[test]
fn blocks_that_disagree_decide_nothing() {
    let mut bundle = smol_run();
    for i in 0..60 {
        block(
            &mut bundle,
            &placed_in(if i % 2 == 0 { 4.0 } else { 7.0 }, 1.9),
        );
    }
    let judged = word(&bundle, WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert_eq!(judged.outlook, None);
    assert!(
        judged
            .reason
            .starts_with("too near the margin to say how much more; "),
        "{}",
        judged.reason
    );
}

#[test]
fn blocks_that_hang_together_decide_nothing() {
    let mut bundle = smol_run();
    // Twenty one way, then six the other: the first alone would have decided.
    for i in 0..26 {
        block(&mut bundle, &placed_in(if i < 20 { 4.0 } else { 7.0 }, 1.9));
    }
    let judged = word(&bundle, WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.reason.starts_with("drifting: "), "{}", judged.reason);
}

#[test]
fn a_decision_stands_when_later_blocks_waver() {
    let mut bundle = run_of(13, &good());
    // Three of seven, spread out: no drift, and too few to be sure of anything afresh.
    for ms in [4.0, 7.0, 4.0, 7.0, 4.0, 7.0, 4.0] {
        block(&mut bundle, &placed_in(ms, 1.9));
    }
    let judged = word(&bundle, WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::Holds, "{}", judged.reason);
}

/// At α/9 the least number of samples is 11 (2·2⁻¹¹ ≤ 0.01/9), and one dissenter among eleven
/// stretches the interval across the margin.
#[test]
fn a_set_number_of_rounds_goes_by_the_interval() {
    let run = |good_ones: usize, bad: usize| {
        let mut bundle = fixed_rounds(30);
        for i in 0..good_ones + bad {
            let ms = if i < good_ones { 4.0 } else { 7.0 };
            block(&mut bundle, &placed_in(ms, 1.9));
        }
        word(&bundle, WORKERS, USES, 9)
    };
    assert_eq!(run(10, 0).verdict, Verdict::Inconclusive);
    assert_eq!(
        run(11, 0).verdict,
        Verdict::Holds,
        "the evidence would want 13"
    );
    let judged = run(10, 1);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert_eq!(
        judged.interval,
        Some(Interval {
            low: 0.5,
            high: 0.875
        })
    );
    assert_eq!(judged.outlook, None, "the number of rounds was set");
}

#[test]
fn a_round_speaks_through_its_fastest_sample_in_every_measure() {
    let mut bundle = smol_run();
    // The kernel woke both threads on one core in all samples but one.
    let slow = overlapping(8.0, 1.0, 2);
    let rounds = vec![slow.clone(), slow.clone(), overlapping(4.0, 1.9, 3), slow];
    block_of_many(
        &mut bundle,
        &[(C, vec![sample(8.0, 1.0)]), (P, rounds)],
        None,
    );
    let (p, c) = (cell(P), cell(C));
    let level = |measure| {
        let cell = p.clone();
        values(&bundle, &Quantity::Level { measure, cell })
    };
    assert_eq!(level(MeasureOf::Wall), [4e6]);
    assert_eq!(level(MeasureOf::Cores), [1.9]);
    assert_eq!(level(MeasureOf::PeakOverlap), [3.0]);
    let ratio = Quantity::Ratio {
        measure: MeasureOf::Wall,
        over: p,
        under: c,
    };
    assert_eq!(values(&bundle, &ratio), [0.5]);
}

#[test]
fn what_is_no_number_is_no_observation() {
    let ratio = |over: Sample, under: Sample, measure| {
        let mut bundle = smol_run();
        block(&mut bundle, &[(P, over), (C, under)]);
        let (over, under) = (cell(P), cell(C));
        let quantity = Quantity::Ratio {
            measure,
            over,
            under,
        };
        values(&bundle, &quantity)
    };
    let stalled = |stall_ns| Sample {
        stall_ns,
        ..sample(8.0, 1.0)
    };
    assert!(ratio(sample(0.0, 1.0), sample(8.0, 1.0), MeasureOf::Wall).is_empty());
    assert!(ratio(sample(8.0, 1.0), sample(0.0, 1.0), MeasureOf::Wall).is_empty());
    assert!(ratio(sample(0.0, 1.0), sample(8.0, 1.0), MeasureOf::Cores).is_empty());
    let stalls = |a, b| ratio(stalled(a), stalled(b), MeasureOf::Stall);
    assert!(stalls(Some(5), Some(0)).is_empty());
    assert!(stalls(Some(0), Some(0)).is_empty());
    assert!(stalls(None, Some(5)).is_empty());
    assert_eq!(stalls(Some(0), Some(5)), [0.0]);
    // Nobody watched.
    let blind = Sample {
        polls: 0,
        peak_overlap: 0,
        ..sample(8.0, 1.0)
    };
    assert!(ratio(blind, sample(8.0, 1.0), MeasureOf::PeakOverlap).is_empty());
    let lossy = Sample {
        lost_polls: 1,
        ..sample(8.0, 1.0)
    };
    assert!(ratio(sample(8.0, 1.0), lossy, MeasureOf::PeakOverlap).is_empty());
}

#[test]
fn a_second_core_was_used_from_a_quarter_on() {
    assert!(on_one_core(&sample(8.0, 1.0)));
    assert!(on_one_core(&sample(8.0, 1.2499)));
    assert!(!on_one_core(&sample(8.0, 1.25)));
    assert!(!on_one_core(&sample(0.0, 1.0)), "not known");
}

#[test]
fn decided_claims_need_no_more_rounds() {
    let needs = |bundle: &Bundle| needed(bundle, &cases(bundle), Family::of(9));
    let mut bundle = smol_run();
    let all = needs(&bundle);
    for name in [S, C, P, T] {
        assert!(all.contains(&cell(name)), "{name}");
    }
    for _ in 0..13 {
        block(&mut bundle, &good());
    }
    let left = needs(&bundle);
    for name in [S, P] {
        assert!(!left.contains(&cell(name)), "{name}");
    }
    assert!(left.contains(&cell(T)), "the other flavour wants it still");
    assert!(left.contains(&cell("smol:default@1/digest/spawn@2")));
    let mut sorted = left.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(left, sorted);
}

#[test]
fn a_claim_still_open_keeps_what_provides_for_it() {
    // P/C is decided and P/T is not: C stays, for the sake of T/C. With one scenario no other claim
    // asks for it.
    let options = Options {
        scenarios: vec!["digest".to_owned()],
        ..options()
    };
    let mut bundle = predicted(header(vec![unasked(threads()), smol()], options, 2));
    for i in 0..14 {
        let mut arms = good();
        arms[3].1 = overlapping(if i % 2 == 0 { 4.0 } else { 3.5 }, 1.9, 2);
        block(&mut bundle, &arms);
    }
    let left = needed(&bundle, &cases(&bundle), Family::of(9));
    for name in [C, P, T] {
        assert!(left.contains(&cell(name)), "{name}");
    }
    assert!(!left.contains(&cell(S)));
}

#[test]
fn refuted_claims_need_no_more_rounds_whatever_else_is_open() {
    let mut bundle = run_of(13, &placed_in(8.0, 1.0));
    let left = needed(&bundle, &cases(&bundle), Family::of(9));
    assert!(!left.contains(&cell(P)));
    // But with a set number of rounds all are run.
    bundle.plan.rounds = Rounds::Fixed(30);
    let left = needed(&bundle, &cases(&bundle), Family::of(9));
    assert!(left.contains(&cell(P)));
    // What only rides along is measured for nothing's sake.
    assert!(!left.contains(&cell("smol:workers@2/scan/compose@2")));
}

#[test]
fn comparisons_are_counted_over_every_case_that_can_be_tested() {
    let bundle = smol_run();
    let cases = cases(&bundle);
    // By hand, default: overlaps 1 and 1, no core 3, uses cores 4, needs workers 3, nothing 1;
    // workers: overlaps 1 and 1, no core 3, uses cores 4, between 1, siblings 2, nothing 1, blocking 1; and
    // both: costs 2, blocking 1.
    assert_eq!(comparisons(&cases), 13 + 14 + 2 * 3);
    assert_eq!(cases.len(), 2 * CLAIMS.len());
}

#[test]
fn what_was_not_measured_is_open() {
    let judged = word(&smol_run(), WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert_eq!(judged.reason, "nothing was measured");
}

/// The time that is asked for is that of the slowest part, by the blocks that were run.
#[test]
fn the_outlook_is_in_seconds_of_the_blocks_that_were_run() {
    let mut bundle = run_of(3, &good());
    let number = bundle.blocks.len() as u64;
    for (order, (name, sample)) in good().into_iter().enumerate() {
        bundle.add(Event::Round {
            block: number,
            cell: cell(name),
            order,
            status: CellStatus::Ok,
            reason: None,
            stderr: String::new(),
            samples: vec![sample],
        });
    }
    bundle
        .blocks
        .iter_mut()
        .for_each(|b| b.took_ns = 1_500 * MS);
    // Ten more blocks of one and a half seconds.
    let judged = word(&bundle, WORKERS, USES, 9);
    assert_eq!(judged.outlook, Some(("digest".to_owned(), 10)));
    assert!(
        judged
            .reason
            .starts_with("about 15 s more of measuring would decide; "),
        "{}",
        judged.reason
    );
}

mod contradicted;
mod control;
mod costs;
mod defeats;
mod facts;
mod kept;
mod shares;
mod simulated;
mod skipped;
