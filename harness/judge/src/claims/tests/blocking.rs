//! More branches than threads, or there is nothing to defeat.

use super::*;

const ID: &str = "blocking-defeats-both";

/// Labels and facts, in order.
fn facts(planned: &Planned) -> Vec<(String, Fact)> {
    planned
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Always { cells, fact, .. } => Some((cells[0].to_string(), *fact)),
            Part::Margin { .. } | Part::Known { .. } | Part::Kept { .. } => None,
        })
        .collect()
}

/// Four waits of 5 ms: 20 ms joined; on one thread as many, on two 10.
#[test]
fn threads_that_block_give_the_least_time_and_the_pool_the_most() {
    let bundle = smol_run();
    for (title, spawned_ms) in [("smol default@1", 20), ("smol workers@2", 10)] {
        let plan = planned(&bundle, title, ID).unwrap();
        let cure = (
            "blocking spawn_blocking/sequential",
            Bound::AtMost(1.10 / 4.0),
        );
        let law = ("blocking spawn/sequential", Bound::AtMost(1.10 / 2.0));
        // One thread waits for all of them in turn, and has no law to reach.
        let reached = (spawned_ms == 10).then_some(law);
        assert_eq!(
            margins(&plan),
            Vec::from_iter([cure].into_iter().chain(reached))
        );
        let of = title.replace(' ', ":");
        assert_eq!(
            facts(&plan),
            [
                (
                    format!("{of}/blocking/compose@4"),
                    Fact::NoFasterThan(20_000_000)
                ),
                (
                    format!("{of}/blocking/spawn@4"),
                    Fact::NoFasterThan(spawned_ms * 1_000_000)
                ),
            ]
        );
        assert_eq!(plan.by_design, None, "500 blocking threads");
        // Fabricated branches compute for 10 µs: 5.02 ms on two cores, over 20.04.
        let law = plan.predicted.unwrap();
        assert!((law - 5.02 / 20.04).abs() < 1e-9, "{law}");
    }
}

#[test]
fn there_are_twice_as_many_branches_as_threads_up_to_a_point() {
    let of_cores = |cores: usize| {
        let bundle = smol_with(options(), cores);
        planned(&bundle, &format!("smol workers@{cores}"), ID)
    };
    let least = |cores| facts(&of_cores(cores).unwrap())[1].clone();
    // 16 branches on 8 threads wait twice; 32 on 16, twice; 32 on 31, twice.
    let twice = Fact::NoFasterThan(10_000_000);
    assert_eq!(
        least(8),
        ("smol:workers@8/blocking/spawn@16".to_owned(), twice)
    );
    assert_eq!(
        least(16),
        ("smol:workers@16/blocking/spawn@32".to_owned(), twice)
    );
    assert_eq!(
        least(31),
        ("smol:workers@31/blocking/spawn@32".to_owned(), twice)
    );
    let why = of_cores(64).unwrap_err();
    assert!(why.contains("try --branches 128"), "{why}");
    // One executing thread needs no more than four, however many cores there are.
    let bundle = smol_with(options(), 64);
    let plan = planned(&bundle, "smol default@1", ID).unwrap();
    assert_eq!(facts(&plan)[1].0, "smol:default@1/blocking/spawn@4");
}

#[test]
fn a_thread_for_each_branch_has_none_to_wait_for() {
    let bundle = run(vec![threads()], options(), 2);
    let why = planned(&bundle, "threads thread-a-branch@1", ID).unwrap_err();
    assert!(why.contains("a thread of its own"), "{why}");
    assert!(planned(&bundle, "threads threads@2", ID).is_ok());
}

#[test]
fn too_few_blocking_threads_are_held_to_the_cure_by_design() {
    for (b, design) in [
        (1, Some("one blocking thread")),
        (3, Some("fewer blocking threads than branches")),
        (4, None),
    ] {
        let mut few = glommio();
        for flavour in &mut few.flavours {
            flavour.semantics.blocking = Threads::Fixed(b);
        }
        let bundle = run(vec![unasked(threads()), few], options(), 2);
        let plan = planned(&bundle, "glommio pool@2", ID).unwrap();
        assert_eq!(plan.by_design, design, "{b}");
        assert_eq!(margins(&plan)[0].1, Bound::AtMost(1.10 / 4.0));
        // Placed by dispatch on two executors: two at a time.
        assert_eq!(
            facts(&plan)[1],
            (
                "glommio:pool@2/blocking/dispatch@4".to_owned(),
                Fact::NoFasterThan(10_000_000)
            )
        );
    }
}

#[test]
fn turns_are_asked_of_joined_branches_and_spend_no_error() {
    let bundle = smol_run();
    let plan = planned(&bundle, "smol workers@2", "yield-gives-turns-not-cores").unwrap();
    let cell = "smol:workers@2/turns/compose@2".to_owned();
    assert_eq!(
        facts(&plan),
        [Fact::TakesTurns, Fact::NeverTwoAtOnce, Fact::NoSecondCore].map(|f| (cell.clone(), f))
    );
    assert_eq!(plan.parts.iter().map(Part::comparisons).sum::<usize>(), 0);
}
