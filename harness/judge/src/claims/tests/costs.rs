//! What a spawn costs, and what more of them buy.

use super::*;

const COSTS: &str = "spawn-costs-more";
const MORE: &str = "more-spawns-not-more-parallel";

fn names(part: &Part) -> Vec<String> {
    part.cells().into_iter().map(Cell::to_string).collect()
}

#[test]
fn spawning_is_held_against_joining_from_both_roots_whatever_the_runs_root() {
    for root in [Root::BlockOn, Root::Worker] {
        let bundle = smol_with(Options { root, ..options() }, 2);
        let plan = planned(&bundle, "smol workers@2", COSTS).unwrap();
        assert_eq!(
            margins(&plan),
            [
                ("from block_on spawn/compose", Bound::AtLeast(1.0)),
                ("from a task spawn/compose", Bound::AtLeast(1.0))
            ]
        );
        let pair = |root: &str| {
            ["spawn", "compose"].map(|by| format!("smol:workers@2/ready/{by}@2{root}"))
        };
        let cells: Vec<Vec<String>> = plan.parts.iter().map(names).collect();
        assert_eq!(
            cells,
            [pair(""), pair("/worker"), pair(""), pair("/worker")]
        );
        let spent: Vec<usize> = plan.parts.iter().map(Part::comparisons).collect();
        assert_eq!(spent, [1, 1, 0, 0]);
        // 992 spawns of 500 ns and one of two branches of 10 µs on each thread, against both.
        let law = (10_000.0 + 992.0 * 500.0) / 20_000.0;
        assert_eq!(
            plan.predicted.map(|p| (p * 10.0).round()),
            Some((law * 10.0_f64).round())
        );
    }
}

#[test]
fn it_is_about_spawn_where_dispatch_places() {
    let bundle = run(vec![unasked(threads()), glommio()], options(), 2);
    let plan = planned(&bundle, "glommio pool@2", COSTS).unwrap();
    assert_eq!(names(&plan.parts[0])[0], "glommio:pool@2/ready/spawn@2");
    let bundle = run(vec![unasked(threads()), glommio()], long(), 2);
    let plan = planned(&bundle, "glommio pool@2", MORE).unwrap();
    assert_eq!(
        names(&plan.parts[0]),
        [20, 2].map(|n| format!("glommio:pool@2/pieces/dispatch@{n}"))
    );
}

/// What is declared of a dispatch is judged of it, beside what is of spawn; records from before it was asked are judged as
/// they were.
#[test]
fn a_dispatch_that_is_declared_is_judged_for_itself() {
    let mut declared = glommio();
    declared.flavours[1].semantics.dispatched = Some(Dispatched {
        on_drop: OnDrop::Detaches,
        on_panic: OnPanic::ReachesAwaiter,
    });
    for check in [
        "detached_task_finishes",
        "dropping_a_handle_does_what_is_declared",
        "dropping_what_dispatch_returned_does_what_is_declared",
    ] {
        declared.checks.push(Promise {
            name: check.to_owned(),
            promise: "it does".to_owned(),
        });
    }
    let bundle = run(vec![unasked(threads()), declared], options(), 2);
    let plan = planned(&bundle, "glommio pool@2", COSTS).unwrap();
    let labels: Vec<&str> = margins(&plan).into_iter().map(|(label, _)| label).collect();
    assert_eq!(
        labels,
        [
            "from block_on spawn/compose",
            "from a task spawn/compose",
            "from block_on dispatch/compose",
            "from a task dispatch/compose",
        ]
    );
    assert_eq!(names(&plan.parts[2])[0], "glommio:pool@2/ready/dispatch@2");
    let of = |flavour: &str| -> Vec<Option<&str>> {
        let plan = planned(&bundle, flavour, "spawn-outlives-its-frame").unwrap();
        let about = |part: &Part| match part {
            Part::Kept { of, .. } => *of,
            other => panic!("{other:?}"),
        };
        plan.parts.iter().map(about).collect()
    };
    assert_eq!(
        of("glommio pool@2"),
        [Some("spawn"), Some("spawn"), Some("dispatch")]
    );
    assert_eq!(of("glommio local@1"), [None, None]);
}

/// Idle threads are what such a flavour declares.
#[test]
fn up_to_so_many_threads_may_stay_idle_by_design() {
    let mut chance = smol();
    chance.flavours[1].semantics.spawn = Threads::UpToWorkers;
    let bundle = run(vec![unasked(threads()), chance], options(), 2);
    let plan = planned(&bundle, "smol workers@2", "spawn-uses-cores").unwrap();
    assert!(plan.by_design.unwrap().contains("leaves to chance"));
    let bundle = run(vec![unasked(threads()), smol()], options(), 2);
    let plan = planned(&bundle, "smol workers@2", "spawn-uses-cores").unwrap();
    assert_eq!(plan.by_design, None);
}

fn long() -> Options {
    Options {
        rounds: Rounds::Auto,
        ..options()
    }
}

#[test]
fn a_short_run_has_no_room_for_it_beside_others() {
    let why = planned(&smol_run(), "smol workers@2", MORE).unwrap_err();
    assert!(why.contains("--scenario pieces, or --rounds auto"), "{why}");
}

#[test]
fn short_runs_judge_ten_pieces_a_thread_and_long_ones_all() {
    let bundle = smol_with(only(&["pieces"]), 2);
    let plan = planned(&bundle, "smol workers@2", MORE).unwrap();
    assert_eq!(margins(&plan), [("10k pieces/k", Bound::AtLeast(0.95))]);
    let few = [2, 20].map(|n| format!("smol:workers@2/pieces/spawn@{n}"));
    assert_eq!(names(&plan.parts[1]), few);
    assert_eq!(names(&plan.parts[2]), few);
    // One thread has one piece, and ten.
    let plan = planned(&bundle, "smol default@1", MORE).unwrap();
    assert_eq!(
        names(&plan.parts[0]),
        [10, 1].map(|n| format!("smol:default@1/pieces/spawn@{n}"))
    );

    let bundle = smol_with(long(), 2);
    let plan = planned(&bundle, "smol workers@2", MORE).unwrap();
    // 2000 spawns of 500 ns are 1 ms on top of 4: a quarter. 200 are a fortieth.
    assert_eq!(
        margins(&plan),
        [
            ("10k pieces/k", Bound::AtLeast(0.95)),
            ("100k pieces/k", Bound::AtLeast(0.95)),
            ("1000k pieces/k", Bound::AtLeast(1.0))
        ]
    );
    let facts: Vec<(usize, &Fact)> = plan
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Always { cells, fact, .. } => Some((cells.len(), fact)),
            Part::Margin { .. } | Part::Known { .. } | Part::Kept { .. } => None,
        })
        .collect();
    assert_eq!(
        facts,
        [(4, &Fact::ThreadsAtMost(2)), (2, &Fact::CoresAtMost(2))]
    );
}

#[test]
fn more_workers_than_cores_are_more_threads_and_no_more_cores() {
    let many = Options {
        workers: vec![8],
        ..only(&["pieces"])
    };
    let bundle = smol_with(many, 2);
    let plan = planned(&bundle, "smol workers@8", MORE).unwrap();
    assert_eq!(
        names(&plan.parts[0]),
        [20, 2].map(|n| format!("smol:workers@8/pieces/spawn@{n}"))
    );
    let facts: Vec<&Part> = plan.parts[1..].iter().collect();
    assert!(matches!(
        facts[0],
        Part::Always {
            fact: Fact::ThreadsAtMost(8),
            ..
        }
    ));
    assert!(matches!(
        facts[1],
        Part::Always {
            fact: Fact::CoresAtMost(2),
            ..
        }
    ));
}

#[test]
fn a_thread_a_branch_has_no_k_to_hold_pieces_against() {
    let bundle = run(vec![threads()], long(), 2);
    let why = planned(&bundle, "threads thread-a-branch@1", MORE).unwrap_err();
    assert!(why.contains("a thread of its own"), "{why}");
    assert!(planned(&bundle, "threads threads@2", MORE).is_ok());
}
