//! Branches that wait for each other.

use workload_field::PoolOfOne;

use super::*;

/// The harness plans by the one, and the runner measures by the other.
#[test]
fn the_catalogue_knows_which_branches_wait_for_each_other() {
    macro_rules! each {
        ($($name:literal $(in $group:tt)? => $workload:path, $facts:expr;)*) => {
            $(
                let made = made!(ThreadEach, [$($group)?] $name, $workload);
                assert_eq!(made.together(), scenario($name).unwrap().together, $name);
            )*
        };
    }
    catalogue!(each);
}

#[test]
fn one_alone_is_refused_and_so_are_all_in_turn() {
    let config = Config::new("default", 2);
    let why = |request: &Measure| unsupported::<ThreadEach>(&config, request, &*on(PoolOfOne));
    let of = |primitive| Measure {
        scenario: "field/pool-of-one".to_owned(),
        ..request(primitive, 2)
    };
    let joined = of(Primitive::Compose);
    assert_eq!(why(&joined), None);
    let alone = Measure {
        only: Some(0),
        ..joined
    };
    for alone in [alone, of(Primitive::Sequential)] {
        let why = why(&alone).unwrap();
        assert!(why.contains("would wait for ever"), "{why}");
    }
}

/// On threads, since joined here they would be awaited in turn.
#[test]
fn what_they_waited_for_each_other_is_in_their_samples_and_in_no_others() {
    let _alone = alone();
    let request = Measure {
        wait_ns: 1_000_000,
        ..request(Primitive::Spawn, 2)
    };
    let sampled = |workload: &dyn AnyWorkload| {
        let sample = sample_of::<ThreadEach>(&request, workload, env(&request));
        future::block_on(sample)
    };
    let sample = sampled(&*on(PoolOfOne));
    assert_eq!(sample.wrong, None);
    assert!(sample.waited_for_siblings_ns > Some(0) && sample.ready_ns.is_some());
    let other = sampled(&*on(LOGS));
    assert_eq!((other.waited_for_siblings_ns, other.ready_ns), (None, None));
    logged();
}
