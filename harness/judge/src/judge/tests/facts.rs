//! Facts that every sample must bear out.

use super::*;

const NEVER: &str = "compose-is-never-parallel";
const STALL: &str = "compose-shares-its-stall";
const TIMERS: [&str; 2] = [
    "smol:workers@2/timers/sequential@3",
    "smol:workers@2/timers/compose@3",
];
const HOGS: [&str; 2] = [
    "smol:workers@2/heartbeat/compose@2",
    "smol:workers@2/heartbeat-hog-last/compose@2",
];

/// Two scenarios only, so that every joined cell can be measured by hand.
fn two_scenarios() -> Bundle {
    let options = Options {
        scenarios: vec!["timers".to_owned(), "digest".to_owned()],
        ..options()
    };
    predicted(header(vec![unasked(threads()), smol()], options, 2))
}

fn timers() -> [(&'static str, Sample); 2] {
    let waits = Sample {
        peak_concurrency: 3,
        ..sample(5.1, 0.01)
    };
    [(TIMERS[0], sample(15.3, 0.01)), (TIMERS[1], waits)]
}

#[test]
fn a_fact_wants_five_samples_and_one_of_every_cell() {
    let mut bundle = two_scenarios();
    for _ in 0..6 {
        block(&mut bundle, &timers());
    }
    let judged = word(&bundle, WORKERS, NEVER, 9);
    assert_eq!(judged.verdict, Verdict::Inconclusive, "digest is missing");
    assert!(
        judged.reason.contains("none of 1 of 2 cells"),
        "{}",
        judged.reason
    );
    block(&mut bundle, &good());
    let judged = word(&bundle, WORKERS, NEVER, 9);
    assert_eq!(judged.verdict, Verdict::Holds);
    assert_eq!(judged.reason, "never two polled at once, in all 7 samples");

    let mut bundle = two_scenarios();
    for _ in 0..2 {
        block(&mut bundle, &timers());
        block(&mut bundle, &good());
    }
    assert_eq!(
        word(&bundle, WORKERS, NEVER, 9).verdict,
        Verdict::Inconclusive,
        "four"
    );
}

#[test]
fn one_violation_refutes_even_from_a_disturbed_block() {
    for spoilt in [
        overlapping(8.0, 1.0, 2),
        Sample {
            hidden_spawns: 1,
            ..sample(8.0, 1.0)
        },
    ] {
        let mut bundle = two_scenarios();
        for _ in 0..20 {
            block(&mut bundle, &timers());
            block(&mut bundle, &good());
        }
        disturbed_block(&mut bundle, &[(C, spoilt)]);
        let judged = word(&bundle, WORKERS, NEVER, 9);
        assert_eq!(judged.verdict, Verdict::Refuted);
        assert!(
            judged
                .reason
                .starts_with("not never two polled at once: smol:workers@2/digest/compose@2: "),
            "{}",
            judged.reason
        );
        // The other configuration has nothing to do with it.
        assert_ne!(
            word(&bundle, "smol default@1", NEVER, 9).verdict,
            Verdict::Refuted
        );
    }
}

/// A compose that spawns in secret is a wrong cell, since too many threads polled; and the claim that
/// it breaks is refuted, not left open.
#[test]
fn a_violation_counts_in_a_round_that_was_wrong_besides() {
    let mut bundle = two_scenarios();
    for _ in 0..20 {
        block(&mut bundle, &timers());
    }
    let number = bundle.blocks.len() as u64;
    bundle.add(Event::Round {
        block: number,
        cell: cell(C),
        order: 0,
        status: CellStatus::Wrong,
        reason: Some("2 threads polled its branches".to_owned()),
        stderr: String::new(),
        samples: vec![overlapping(4.0, 1.9, 2)],
    });
    assert_eq!(word(&bundle, WORKERS, NEVER, 9).verdict, Verdict::Refuted);
}

#[test]
fn a_failed_cell_leaves_a_fact_open_and_an_absent_one_does_not() {
    for (status, verdict) in [
        (CellStatus::Timeout, Verdict::Inconclusive),
        (CellStatus::Wrong, Verdict::Inconclusive),
        (CellStatus::Unsupported, Verdict::Holds),
    ] {
        let mut bundle = two_scenarios();
        for _ in 0..20 {
            block(&mut bundle, &timers());
        }
        failed(&mut bundle, C, status, "why");
        let judged = word(&bundle, WORKERS, NEVER, 9);
        assert_eq!(judged.verdict, verdict, "{status:?}: {}", judged.reason);
    }
}

/// An adapter in another language may have no witness: it is neither praised nor blamed for that.
#[test]
fn what_nobody_watched_says_nothing() {
    for blind in [
        Sample {
            polls: 0,
            peak_overlap: 0,
            peak_concurrency: 0,
            ..sample(5.1, 0.01)
        },
        Sample {
            lost_polls: 3,
            peak_concurrency: 2,
            ..sample(5.1, 0.01)
        },
    ] {
        let mut bundle = smol_run();
        for _ in 0..20 {
            block(
                &mut bundle,
                &[(TIMERS[0], sample(15.3, 0.01)), (TIMERS[1], blind.clone())],
            );
        }
        for id in [NEVER, "compose-overlaps-waits"] {
            let judged = word(&bundle, WORKERS, id, 9);
            assert_eq!(
                judged.verdict,
                Verdict::Inconclusive,
                "{id}: {}",
                judged.reason
            );
        }
    }
}

#[test]
fn waits_overlap_only_with_all_branches_in_flight() {
    let run = |spoilt: u32| {
        let mut bundle = smol_run();
        for i in 0..13 {
            let mut arms = timers();
            if i == 5 {
                arms[1].1.peak_concurrency = spoilt;
            }
            block(&mut bundle, &arms);
        }
        word(&bundle, WORKERS, "compose-overlaps-waits", 9)
    };
    let judged = run(3);
    assert_eq!(judged.verdict, Verdict::Holds, "{}", judged.reason);
    let judged = run(2);
    assert_eq!(judged.verdict, Verdict::Refuted, "{}", judged.reason);
    assert!(
        judged.reason.contains("2 of 3 branches were in flight"),
        "{}",
        judged.reason
    );
}

/// Seen on a busy machine: three sleeps of 5 ms, and a first poll that was preempted for 7.6 ms.
#[test]
fn a_wait_that_was_over_when_it_was_asked_for_shows_nothing() {
    let run = |longest_poll_ms: u64| {
        let mut bundle = smol_run();
        for i in 0..13 {
            let mut arms = timers();
            if i == 5 {
                arms[1].1.peak_concurrency = 2;
                arms[1].1.longest_poll_ns = longest_poll_ms * MS;
            }
            block(&mut bundle, &arms);
        }
        word(&bundle, WORKERS, "compose-overlaps-waits", 9).verdict
    };
    assert_eq!(run(4), Verdict::Refuted);
    assert_eq!(run(5), Verdict::Holds);
}

fn stalled(stall_ms: u64, poll_ms: u64) -> Sample {
    Sample {
        stall_ns: Some(stall_ms * MS),
        longest_poll_ns: poll_ms * MS,
        ..sample(25.0, 1.0)
    }
}

fn hogs(first: &Sample, last: &Sample, times: usize) -> Judgement {
    let mut bundle = smol_run();
    for _ in 0..times {
        block(&mut bundle, &[(HOGS[0], first.clone())]);
        block(&mut bundle, &[(HOGS[1], last.clone())]);
    }
    word(&bundle, WORKERS, STALL, 9)
}

#[test]
fn a_tick_is_late_by_the_hogs_poll_less_tick_and_grain() {
    let late = stalled(24, 25);
    assert_eq!(hogs(&late, &late, 3).verdict, Verdict::Holds);
    assert_eq!(hogs(&late, &stalled(22, 25), 3).verdict, Verdict::Holds);
    let judged = hogs(&late, &stalled(21, 25), 3);
    assert_eq!(judged.verdict, Verdict::Refuted);
    assert!(
        judged
            .reason
            .contains("late by 21.0 ms beside a poll of 25.0 ms"),
        "{}",
        judged.reason
    );
}

#[test]
fn without_a_hog_or_a_tick_there_is_no_stall_to_speak_of() {
    let late = stalled(24, 25);
    let silent = Sample {
        stall_ns: None,
        ..late.clone()
    };
    for nothing in [stalled(0, 2), stalled(11, 11), silent] {
        assert_eq!(hogs(&late, &nothing, 9).verdict, Verdict::Inconclusive);
    }
}

#[test]
fn a_stall_needs_the_hog_first_and_last() {
    let mut bundle = smol_run();
    for _ in 0..9 {
        block(&mut bundle, &[(HOGS[0], stalled(24, 25))]);
    }
    assert_eq!(
        word(&bundle, WORKERS, STALL, 9).verdict,
        Verdict::Inconclusive
    );
}

/// Who takes the core from the ticker itself makes its poll the longest, and it was not late by that.
#[test]
fn lateness_beside_other_work_is_not_held_against_anybody() {
    let mut bundle = smol_run();
    for hog in HOGS {
        for _ in 0..9 {
            disturbed_block(&mut bundle, &[(hog, stalled(25, 60))]);
        }
    }
    let judged = word(&bundle, WORKERS, STALL, 9);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(
        judged.reason.starts_with("machine busy"),
        "{}",
        judged.reason
    );
}
