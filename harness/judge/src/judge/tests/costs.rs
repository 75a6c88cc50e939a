//! What a spawn costs, and what more of them buy: verdicts on made-up blocks.

use super::*;

const COSTS: &str = "spawn-costs-more";
const MORE: &str = "more-spawns-not-more-parallel";

const SPAWNS: [&str; 2] = [
    "smol:workers@2/ready/spawn@2",
    "smol:workers@2/ready/spawn@2/worker",
];
const JOINS: [&str; 2] = [
    "smol:workers@2/ready/compose@2",
    "smol:workers@2/ready/compose@2/worker",
];

/// So many microseconds a pair, and what it allocates.
fn pair(us: f64, allocations: u64, bytes: u64) -> Sample {
    Sample {
        wall_ns: (496.0 * us * 1e3) as u64,
        cpu_ns: 1_000,
        repeats: Some(496),
        allocations: Some(496 * allocations),
        allocated_bytes: Some(496 * bytes),
        ..Sample::default()
    }
}

/// A block of both roots, with these spawns and joins.
fn ready(bundle: &mut Bundle, spawn: &Sample, compose: &Sample) {
    let arms: Vec<(&str, Sample)> = SPAWNS
        .iter()
        .map(|&name| (name, spawn.clone()))
        .chain(JOINS.iter().map(|&name| (name, compose.clone())))
        .collect();
    block(bundle, &arms);
}

fn costs(blocks: usize, spawn: &Sample, compose: &Sample) -> Judgement {
    let mut bundle = smol_run();
    for _ in 0..blocks {
        ready(&mut bundle, spawn, compose);
    }
    word(&bundle, WORKERS, COSTS, 9)
}

#[test]
fn a_spawn_that_costs_time_and_memory_holds_with_the_numbers() {
    let judged = costs(20, &pair(0.5, 2, 256), &pair(0.01, 0, 0));
    assert_eq!(judged.verdict, Verdict::Holds, "{}", judged.reason);
    assert_eq!(judged.measured.map(f64::round), Some(50.0));
    for part in [
        "from block_on spawn/compose 50.00 [50.00, 50.00], at least 1.00",
        "from a task spawn/compose 50.00",
        "from block_on a pair of spawns makes 2 allocations, 256 bytes, against none",
        "from a task a pair of spawns makes 2 allocations, 256 bytes, against none",
    ] {
        assert!(judged.reason.contains(part), "{part} | {}", judged.reason);
    }
}

#[test]
fn a_spawn_as_cheap_as_a_join_refutes() {
    let judged = costs(20, &pair(0.009, 2, 256), &pair(0.01, 0, 0));
    assert_eq!(judged.verdict, Verdict::Refuted);
    assert!(
        judged.reason.contains("spawn/compose 0.90"),
        "{}",
        judged.reason
    );
    // In memory it takes one block.
    for (spawn, compose) in [((0, 0), (0, 0)), ((2, 256), (3, 96))] {
        let judged = costs(
            1,
            &pair(0.5, spawn.0, spawn.1),
            &pair(0.01, compose.0, compose.1),
        );
        assert_eq!(judged.verdict, Verdict::Refuted);
        assert!(
            judged.reason.contains("a pair of spawns"),
            "{}",
            judged.reason
        );
        assert!(
            !judged.reason.contains("spawn/compose"),
            "{}",
            judged.reason
        );
    }
}

#[test]
fn without_enough_blocks_or_counts_it_is_open() {
    let judged = costs(4, &pair(0.5, 2, 256), &pair(0.01, 0, 0));
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    // An adapter that counts nothing says nothing of memory, in however many blocks.
    let blind = |us| Sample {
        allocations: None,
        allocated_bytes: None,
        ..pair(us, 0, 0)
    };
    let judged = costs(20, &blind(0.5), &blind(0.01));
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(
        judged.reason.contains("its adapter counts no allocations"),
        "{}",
        judged.reason
    );
}

/// And no more rounds are run for what they cannot tell.
#[test]
fn an_adapter_that_counts_nothing_is_not_asked_for_ever() {
    let asks = |blocks| {
        let mut bundle = smol_run();
        let blind = |us| Sample {
            allocations: None,
            ..pair(us, 0, 0)
        };
        for _ in 0..blocks {
            ready(&mut bundle, &blind(0.5), &blind(0.01));
        }
        let needed = needed(&bundle, &cases(&bundle), Family::of(9));
        needed.iter().any(|cell| cell.to_string() == SPAWNS[0])
    };
    // The times are not decided yet.
    assert!(asks(5));
    assert!(!asks(20));
}

#[test]
fn counts_that_differ_between_samples_are_shown_with_their_spread() {
    let mut bundle = smol_run();
    for more in [0, 124, 0, 0, 248] {
        let spawn = Sample {
            allocations: Some(2 * 496 + more),
            ..pair(0.5, 2, 256)
        };
        ready(&mut bundle, &spawn, &pair(0.01, 0, 0));
    }
    for _ in 0..15 {
        ready(&mut bundle, &pair(0.5, 2, 256), &pair(0.01, 0, 0));
    }
    let judged = word(&bundle, WORKERS, COSTS, 9);
    assert_eq!(judged.verdict, Verdict::Holds, "{}", judged.reason);
    // 124 more are a quarter of 496, and 248 a half.
    assert!(
        judged
            .reason
            .contains("makes 2 to 2.50 allocations, 256 bytes"),
        "{}",
        judged.reason
    );
    // One sample in which it made no more is enough to refute.
    ready(&mut bundle, &pair(0.5, 0, 0), &pair(0.01, 0, 0));
    assert_eq!(word(&bundle, WORKERS, COSTS, 9).verdict, Verdict::Refuted);
}

#[test]
fn a_joined_cell_that_failed_leaves_it_open() {
    let mut bundle = smol_run();
    for _ in 0..20 {
        ready(&mut bundle, &pair(0.5, 2, 256), &pair(0.01, 0, 0));
    }
    failed(&mut bundle, JOINS[1], CellStatus::Crashed, "it broke");
    let judged = word(&bundle, WORKERS, COSTS, 9);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.reason.contains("it broke"));
}

#[test]
fn what_the_runtime_lacks_is_not_testable() {
    let mut bundle = smol_run();
    failed(
        &mut bundle,
        SPAWNS[0],
        CellStatus::Unsupported,
        "this adapter knows no scenario ready",
    );
    let judged = word(&bundle, WORKERS, COSTS, 9);
    assert_eq!(judged.verdict, Verdict::NotTestable);
}

/// A block of k and 10k pieces.
fn pieces(bundle: &mut Bundle, few: Sample, ten: Sample) {
    block(
        bundle,
        &[
            ("smol:workers@2/pieces/spawn@2", few),
            ("smol:workers@2/pieces/spawn@20", ten),
        ],
    );
}

/// On its own: beside other scenarios a short run has no room for it.
fn pieces_run() -> Bundle {
    let options = Options {
        scenarios: vec!["pieces".to_owned()],
        ..options()
    };
    predicted(header(vec![unasked(threads()), smol()], options, 2))
}

fn in_pieces(blocks: usize, few: &Sample, ten: &Sample) -> Judgement {
    let mut bundle = pieces_run();
    for _ in 0..blocks {
        pieces(&mut bundle, few.clone(), ten.clone());
    }
    word(&bundle, WORKERS, MORE, 9)
}

#[test]
fn more_pieces_that_are_no_faster_hold() {
    let judged = in_pieces(20, &overlapping(4.0, 1.98, 2), &overlapping(4.05, 1.98, 2));
    assert_eq!(judged.verdict, Verdict::Holds, "{}", judged.reason);
    for part in [
        "10k pieces/k 1.01 [1.01, 1.01], at least 0.95",
        "no more threads in branches than k, in all 40 samples",
        "no more cores than k, in all 40 samples",
    ] {
        assert!(judged.reason.contains(part), "{part} | {}", judged.reason);
    }
}

#[test]
fn more_pieces_that_are_faster_refute() {
    let judged = in_pieces(20, &overlapping(4.0, 1.98, 2), &overlapping(3.2, 1.98, 2));
    assert_eq!(judged.verdict, Verdict::Refuted);
    assert!(
        judged.reason.contains("10k pieces/k 0.80"),
        "{}",
        judged.reason
    );
}

#[test]
fn one_sample_on_more_threads_or_cores_than_k_refutes() {
    for (spoilt, why) in [
        (
            overlapping(4.0, 1.98, 3),
            "3 threads were inside branches at once",
        ),
        (overlapping(4.0, 2.30, 2), "2.30 cores were in use"),
    ] {
        let mut bundle = pieces_run();
        for _ in 0..20 {
            pieces(
                &mut bundle,
                overlapping(4.0, 1.98, 2),
                overlapping(4.05, 1.98, 2),
            );
        }
        pieces(&mut bundle, overlapping(4.0, 1.98, 2), spoilt);
        let judged = word(&bundle, WORKERS, MORE, 9);
        assert_eq!(judged.verdict, Verdict::Refuted);
        assert!(judged.reason.contains(why), "{}", judged.reason);
    }
    // A little room there is.
    let judged = in_pieces(20, &overlapping(4.0, 1.98, 2), &overlapping(4.0, 2.20, 2));
    assert_eq!(judged.verdict, Verdict::Holds, "{}", judged.reason);
}

#[test]
fn near_the_margin_or_with_few_blocks_pieces_are_open() {
    let judged = in_pieces(3, &overlapping(4.0, 1.98, 2), &overlapping(4.0, 1.98, 2));
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    let none = word(&pieces_run(), WORKERS, MORE, 9);
    assert_eq!(none.reason, "nothing was measured");
}
