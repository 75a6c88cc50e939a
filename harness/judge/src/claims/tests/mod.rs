//! What the claims ask of made-up configurations.

use harness_protocol::{Dispatched, OnDrop, OnPanic, Promise, Threads, Workers};

use super::*;
use harness_record::{
    bundle::{Bundle, Event},
    fabricated::{
        cell, config, entrant, flavour, glommio, header, options, predicted, smol, smol_run,
        threads, tokio, unasked,
    },
    plan::{Entrant, Options},
};

mod blocking;

/// A claim, planned for the configuration of this title.
fn planned(bundle: &Bundle, title: &str, id: &str) -> Result<Planned, String> {
    let context = Context {
        plan: &bundle.plan,
        config: config(bundle, title),
        predictions: Some(&bundle.predictions),
        demands: &bundle.demands,
    };
    let claim = CLAIMS.iter().find(|claim| claim.id == id).unwrap();
    claim.planned(&context)
}

fn run(entrants: Vec<Entrant>, options: Options, cores: usize) -> Bundle {
    predicted(header(entrants, options, cores))
}

fn only(scenarios: &[&str]) -> Options {
    Options {
        scenarios: scenarios.iter().map(|&name| name.to_owned()).collect(),
        ..options()
    }
}

/// Labels and bounds of the margins, in order.
fn margins(planned: &Planned) -> Vec<(&'static str, Bound)> {
    planned
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Margin { label, bound, .. } => Some((*label, *bound)),
            Part::Always { .. } | Part::Known { .. } | Part::Kept { .. } => None,
        })
        .collect()
}

/// As `smol_run`, with other options.
fn smol_with(options: Options, cores: usize) -> Bundle {
    run(vec![unasked(threads()), smol()], options, cores)
}

#[test]
fn waits_are_held_to_one_nth_with_a_tenth_to_spare() {
    let bundle = smol_run();
    let plan = planned(&bundle, "smol workers@2", "compose-overlaps-waits").unwrap();
    assert_eq!(
        margins(&plan),
        [("timers compose/sequential", Bound::AtMost(1.10 / 3.0))]
    );
    let facts: Vec<Fact> = plan
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Always { fact, .. } => Some(*fact),
            Part::Margin { .. } | Part::Known { .. } | Part::Kept { .. } => None,
        })
        .collect();
    assert_eq!(facts, [Fact::AllInFlight, Fact::NeverTwoAtOnce]);
    // d + n·c over n·(d + c), of 5 ms and 10 µs.
    let law = (5.0 + 3.0 * 0.01) / (3.0 * 5.01);
    assert!((plan.predicted.unwrap() - law).abs() < 1e-9);
}

#[test]
fn long_runs_judge_requests_too() {
    for rounds in [Rounds::Auto, Rounds::Fixed(30)] {
        let bundle = smol_with(
            Options {
                rounds,
                ..options()
            },
            2,
        );
        let plan = planned(&bundle, "smol workers@2", "spawn-overlaps-waits").unwrap();
        assert_eq!(
            margins(&plan),
            [
                ("timers spawn/sequential", Bound::AtMost(1.10 / 3.0)),
                ("http spawn/sequential", Bound::AtMost(1.10 / 2.0)),
            ]
        );
    }
}

#[test]
fn equality_is_asked_more_nearly_where_there_is_time() {
    for (rounds, m) in [
        (Rounds::Budget, 1.10),
        (Rounds::Auto, 1.05),
        (Rounds::Fixed(9), 1.05),
    ] {
        let bundle = smol_with(
            Options {
                rounds,
                ..options()
            },
            2,
        );
        let plan = planned(&bundle, "smol workers@2", "compose-gains-no-core").unwrap();
        assert_eq!(
            margins(&plan),
            [
                ("digest compose/sequential", Bound::Within(m)),
                ("cores under compose", Bound::AtMost(1.05)),
            ]
        );
        let m: usize = plan.parts.iter().map(Part::comparisons).sum();
        assert_eq!(m, 3, "an equality makes two comparisons");
    }
}

#[test]
fn cores_are_used_when_threads_would_not_do_better() {
    let bundle = smol_run();
    let plan = planned(&bundle, "smol workers@2", "spawn-uses-cores").unwrap();
    assert_eq!(
        margins(&plan),
        [
            ("digest spawn/compose", Bound::AtMost(0.75)),
            ("digest spawn/threads", Bound::AtMost(1.10)),
            ("cores under spawn", Bound::AtLeast(1.5)),
            ("polled at once", Bound::AtLeast(1.5)),
        ]
    );
    assert!(plan.by_design.is_none());
    assert_eq!(plan.predicted.map(|law| (law * 100.0).round()), Some(50.0));
    let provided = plan.provided.unwrap();
    assert_eq!(provided.at_most, 0.75);
    assert_eq!(
        provided.quantity.cells(),
        [
            &cell("threads:threads@2/digest/spawn@2"),
            &cell("smol:workers@2/digest/compose@2")
        ]
    );
}

/// tokio's current-thread, glommio's local and smol as shipped, all alike; and nothing else.
#[test]
fn one_thread_by_design_is_held_to_two() {
    let bundle = run(
        vec![unasked(threads()), smol(), tokio(), glommio()],
        options(),
        2,
    );
    let by_design: Vec<String> = bundle
        .plan
        .configs
        .iter()
        .filter(|c| {
            planned(&bundle, &c.title(), "spawn-uses-cores")
                .is_ok_and(|plan| plan.by_design.is_some())
        })
        .map(Config::title)
        .collect();
    assert_eq!(
        by_design,
        [
            "smol default@1",
            "tokio current-thread@1",
            "glommio local@1"
        ]
    );
    let plan = planned(&bundle, "smol default@1", "spawn-uses-cores").unwrap();
    assert_eq!(
        margins(&plan)[2],
        ("cores under spawn", Bound::AtLeast(1.5))
    );
    // Spawning is necessary, not sufficient: that is the claim about one thread.
    for claim in CLAIMS.iter().filter(|c| c.id != "spawn-uses-cores") {
        if let Ok(plan) = planned(&bundle, "smol default@1", claim.id) {
            assert!(plan.by_design.is_none(), "{}", claim.id);
        }
    }
}

#[test]
fn glommio_places_by_dispatch_in_its_pool() {
    let bundle = run(vec![unasked(threads()), glommio()], options(), 2);
    let plan = planned(&bundle, "glommio pool@2", "spawn-uses-cores").unwrap();
    assert!(plan.by_design.is_none());
    assert_eq!(
        plan.parts[0].cells()[0],
        &cell("glommio:pool@2/digest/dispatch@2")
    );
    let why = planned(&bundle, "glommio pool@2", "spawn-needs-workers").unwrap_err();
    assert!(why.contains("2 executing threads"), "{why}");
    let plan = planned(&bundle, "glommio local@1", "spawn-needs-workers").unwrap();
    assert_eq!(
        plan.parts[0].cells()[0],
        &cell("glommio:local@1/digest/spawn@2")
    );
}

#[test]
fn plain_threads_say_themselves_whether_there_is_a_core_to_gain() {
    let bundle = run(vec![threads()], options(), 2);
    for title in ["threads threads@2", "threads thread-a-branch@1"] {
        let plan = planned(&bundle, title, "spawn-uses-cores").unwrap();
        assert!(plan.by_design.is_none(), "{title}");
        let labels: Vec<&str> = margins(&plan).iter().map(|(label, _)| *label).collect();
        assert!(!labels.contains(&"digest spawn/threads"), "{title}");
        let of = plan.provided.unwrap();
        assert_eq!(of.quantity.cells(), plan.parts[0].cells(), "{title}");
    }
}

#[test]
fn one_core_has_no_second_to_use() {
    let bundle = run(
        vec![unasked(threads()), smol(), glommio()],
        Options {
            workers: vec![1, 2],
            ..options()
        },
        1,
    );
    for c in &bundle.plan.configs {
        for id in [
            "spawn-uses-cores",
            "spawn-computes-between-awaits",
            "spawn-frees-siblings",
        ] {
            let why = planned(&bundle, &c.title(), id).unwrap_err();
            assert!(!why.is_empty(), "{} {id}", c.title());
        }
    }
    // What needs no second core is judged all the same.
    for id in ["compose-overlaps-waits", "compose-gains-no-core"] {
        assert!(planned(&bundle, "smol workers@2", id).is_ok(), "{id}");
    }
    assert!(planned(&bundle, "smol workers@1", "spawn-needs-workers").is_ok());
}

#[test]
fn workers_that_share_cores_or_cannot_share_the_branches_are_told_what_to_try() {
    let with = |workers: usize, branches: Option<usize>| {
        let options = Options {
            workers: vec![workers],
            branches,
            ..options()
        };
        let bundle = smol_with(options, 2);
        planned(
            &bundle,
            &format!("smol workers@{workers}"),
            "spawn-uses-cores",
        )
    };
    let why = |workers, branches| with(workers, branches).unwrap_err();
    assert!(why(4, None).contains("4 executing threads share 2 cores; try --workers 2"));
    assert!(why(2, Some(3)).contains("3 branches do not share out evenly over 2 threads"));
    assert!(why(1, None).contains("one worker was asked for"));
    assert!(with(2, Some(4)).is_ok(), "a multiple of k");

    let bundle = run(
        vec![threads()],
        Options {
            branches: Some(4),
            ..options()
        },
        2,
    );
    let why = planned(&bundle, "threads thread-a-branch@1", "spawn-uses-cores").unwrap_err();
    assert!(why.contains("try --branches 2"), "{why}");
}

#[test]
fn fewer_workers_than_cores_need_not_keep_up_with_the_baseline() {
    let two = Options {
        workers: vec![2],
        ..options()
    };
    let bundle = smol_with(two, 16);
    let plan = planned(&bundle, "smol workers@2", "spawn-uses-cores").unwrap();
    assert_eq!(margins(&plan).len(), 3);
    assert_eq!(
        margins(&plan)[1],
        ("cores under spawn", Bound::AtLeast(1.5))
    );
    assert!(
        plan.provided.is_some(),
        "but whether there are cores is asked"
    );

    let bundle = smol_with(options(), 16);
    let plan = planned(&bundle, "smol workers@16", "spawn-uses-cores").unwrap();
    assert_eq!(margins(&plan)[2].1, Bound::AtLeast(12.0));
}

/// One branch by design would refute what nobody claims, and hold what is empty.
#[test]
fn one_branch_says_nothing_of_joining_or_spawning() {
    let options = Options {
        branches: Some(1),
        ..only(&["timers", "digest", "sync-account"])
    };
    let bundle = run(vec![threads(), smol()], options, 2);
    for c in &bundle.plan.configs {
        for claim in CLAIMS {
            assert!(
                planned(&bundle, &c.title(), claim.id).is_err(),
                "{} {}",
                c.title(),
                claim.id
            );
        }
    }
}

#[test]
fn what_was_left_out_is_named() {
    let bundle = smol_with(only(&["digest"]), 2);
    for (id, needs) in [
        ("compose-overlaps-waits", "timers"),
        ("spawn-overlaps-waits", "timers"),
        ("io-gains-nothing-from-spawn", "timers"),
        ("compose-shares-its-stall", "heartbeat"),
        ("spawn-frees-siblings", "heartbeat"),
        ("spawn-computes-between-awaits", "sync-account"),
        ("spawn-costs-more", "ready"),
        ("more-spawns-not-more-parallel", "pieces"),
    ] {
        let why = planned(&bundle, "smol workers@2", id).unwrap_err();
        assert!(
            why.contains(needs) && why.contains("left out"),
            "{id}: {why}"
        );
    }
    let bundle = smol_with(
        Options {
            primitives: vec![Primitive::Spawn],
            ..options()
        },
        2,
    );
    // What the compiler says is asked whatever is measured, and pieces compare spawning with itself.
    let others = ["spawn-demands-send-static", "more-spawns-not-more-parallel"];
    for claim in CLAIMS.iter().filter(|claim| !others.contains(&claim.id)) {
        let why = planned(&bundle, "smol workers@2", claim.id).unwrap_err();
        let promises = why.contains("does not offer the check");
        assert!(promises || why.contains("left out"), "{}: {why}", claim.id);
    }
}

#[test]
fn what_is_unavailable_cannot_be_tested_for_its_own_reason() {
    let mut broken = glommio();
    broken.flavours[1].unavailable = Some("no io_uring".to_owned());
    let bundle = run(vec![unasked(threads()), broken], options(), 2);
    for claim in CLAIMS {
        let why = planned(&bundle, "glommio pool@2", claim.id).unwrap_err();
        assert_eq!(why, "no io_uring");
    }
}

/// The prediction of a cell, replaced.
fn repredict(bundle: &mut Bundle, name: &str, wall_ns: u64, wait_ns: u64, work_ns: u64) {
    bundle.add(Event::Prediction {
        cell: cell(name),
        wall_ns,
        wait_ns,
        work_ns,
        floor_ns: wall_ns,
    });
}

const SYNC: &str = "spawn-computes-between-awaits";
const SYNC_SPAWN: &str = "smol:workers@2/sync-account/spawn@2";

#[test]
fn between_awaits_the_margin_is_midway_to_the_law() {
    let bundle = smol_run();
    let plan = planned(&bundle, "smol workers@2", SYNC).unwrap();
    // 4 ms of waiting and 6 of work: 10 over 16.
    assert_eq!(margins(&plan)[0].1, Bound::AtMost((1.0 + 0.625) / 2.0));
    assert_eq!(plan.predicted, Some(0.625));
}

/// A calibration gone astray must not make a margin that gaining nothing would pass.
#[test]
fn a_law_that_promises_nothing_is_not_judged() {
    for wall in [14_401_000, 16_000_000, 20_000_000] {
        let mut bundle = smol_run();
        repredict(&mut bundle, SYNC_SPAWN, wall, 4_000_000, 12_000_000);
        let why = planned(&bundle, "smol workers@2", SYNC).unwrap_err();
        assert!(why.contains("too near 1"), "{why}");
    }
    let mut bundle = smol_run();
    repredict(&mut bundle, SYNC_SPAWN, 14_400_000, 4_000_000, 12_000_000);
    assert!(planned(&bundle, "smol workers@2", SYNC).is_ok());
    // Nought over nought.
    repredict(&mut bundle, SYNC_SPAWN, 0, 0, 0);
    repredict(
        &mut bundle,
        "smol:workers@2/sync-account/compose@2",
        0,
        0,
        0,
    );
    let why = planned(&bundle, "smol workers@2", SYNC).unwrap_err();
    assert!(why.contains("calibrated"), "{why}");
}

const NOTHING: &str = "io-gains-nothing-from-spawn";
const TIMERS_COMPOSE: &str = "smol:workers@2/timers/compose@3";

#[test]
fn joining_is_enough_where_work_is_a_fiftieth_of_the_wait() {
    let with = |wait_ns, work_ns| {
        let mut bundle = smol_run();
        repredict(&mut bundle, TIMERS_COMPOSE, 5_000_000, wait_ns, work_ns);
        planned(&bundle, "smol workers@2", NOTHING)
    };
    let plan = with(5_000_000, 100_000).unwrap();
    assert_eq!(
        margins(&plan),
        [("timers compose/spawn", Bound::AtMost(1.05))]
    );
    assert!(with(5_000_000, 100_001).unwrap_err().contains("2.0 %"));
    assert!(with(5_000_000, 500_000).unwrap_err().contains("10.0 %"));
    assert!(with(0, 0).unwrap_err().contains("calibrated"));
}

#[test]
fn without_a_calibration_what_rests_on_one_is_not_judged() {
    let bundle = Bundle::new(header(vec![unasked(threads()), smol()], options(), 2));
    for id in [NOTHING, SYNC] {
        let why = planned(&bundle, "smol workers@2", id).unwrap_err();
        assert!(why.contains("could not be calibrated"), "{id}: {why}");
    }
    // The others are held to margins of their own, and say nothing of a law.
    let plan = planned(&bundle, "smol workers@2", "spawn-uses-cores").unwrap();
    assert_eq!(plan.predicted, None);
}

#[test]
fn a_sibling_is_free_where_a_worker_is_left_for_it() {
    let bundle = smol_run();
    let plan = planned(&bundle, "smol workers@2", "spawn-frees-siblings").unwrap();
    assert_eq!(
        margins(&plan),
        [
            ("stall spawn/compose", Bound::AtMost(0.2)),
            ("woken alone, stall spawn/compose", Bound::AtMost(0.2))
        ]
    );
    // One of the two situations alone is not enough, whichever it is.
    for (has, lacks) in [
        ("heartbeat", "heartbeat-woken"),
        ("heartbeat-woken", "heartbeat"),
    ] {
        let alone = smol_with(only(&[has]), 2);
        let why = planned(&alone, "smol workers@2", "spawn-frees-siblings").unwrap_err();
        let said = format!("needs the scenario {lacks}, which was left out");
        assert_eq!(why, said);
    }
    let why = planned(&bundle, "smol default@1", "spawn-frees-siblings").unwrap_err();
    assert!(why.contains("no worker is left"), "{why}");
}

#[test]
fn a_shared_stall_is_asked_of_the_hog_first_and_last() {
    let bundle = smol_run();
    let plan = planned(&bundle, "smol default@1", "compose-shares-its-stall").unwrap();
    assert_eq!(
        plan.parts[0].cells(),
        [
            &cell("smol:default@1/heartbeat/compose@2"),
            &cell("smol:default@1/heartbeat-hog-last/compose@2")
        ]
    );
    assert_eq!(plan.parts[0].comparisons(), 0);
}

#[test]
fn every_joined_cell_is_watched_and_none_is_measured_for_it() {
    let bundle = smol_run();
    let plan = planned(&bundle, "smol default@1", "compose-is-never-parallel").unwrap();
    let cells = plan.parts[0].cells();
    // `pieces` is not joined, and the polls of `ready` are not watched.
    assert_eq!(cells.len(), bundle.plan.groups.len() - 2);
    assert!(
        cells
            .iter()
            .all(|c| c.primitive == Primitive::Compose && c.id.flavour == "default")
    );
    assert!(plan.parts[0].rides_along());
    let timers = planned(&bundle, "smol default@1", "compose-overlaps-waits").unwrap();
    let rides: Vec<bool> = timers.parts.iter().map(Part::rides_along).collect();
    assert_eq!(rides, [false, false, true]);
}

#[test]
fn several_threads_by_design_are_no_excuse() {
    let two = flavour("two", Workers::Fixed(2), Threads::Workers, None);
    let bundle = run(
        vec![unasked(threads()), entrant("x", vec![two])],
        options(),
        2,
    );
    assert!(
        planned(&bundle, "x two@2", "spawn-uses-cores")
            .unwrap()
            .by_design
            .is_none()
    );
}

mod costs;
