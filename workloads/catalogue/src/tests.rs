//! What holds of every line of the catalogue.

use super::*;

#[test]
fn names_are_unique_and_plain() {
    for (i, a) in SCENARIOS.iter().enumerate() {
        let folder = match (a.source, a.branches) {
            (Some(_), _) => FIELD,
            (None, Branches::Swept) => LENGTH,
            (None, Branches::Decades(_)) if a.needs_origin => CONNECTIONS,
            (None, Branches::Decades(_)) => SCALE,
            (None, Branches::Sizes(_)) => FORK,
            (None, Branches::Widths(_)) => IDIOMS,
            (None, _) => "",
        };
        let plain = a.name.strip_prefix(folder).unwrap_or_default();
        let allowed =
            |c: char| c.is_ascii_lowercase() || c == '-' || folder == LENGTH && c.is_ascii_digit();
        assert!(
            !plain.is_empty() && plain.chars().all(allowed),
            "{}",
            a.name
        );
        assert_eq!(a.group().unwrap_or_default(), folder.trim_end_matches('/'));
        assert!(
            SCENARIOS[i + 1..].iter().all(|b| a.name != b.name),
            "{} twice",
            a.name
        );
    }
}

#[test]
fn each_kind_has_one_representative() {
    assert_eq!(Kinds::Alike.representatives(4), [0]);
    assert_eq!(Kinds::Alternating.representatives(4), [0, 1]);
    assert_eq!(Kinds::LastTicks.representatives(4), [0, 3]);
    assert_eq!(Kinds::FirstTicks.representatives(4), [0, 1]);
    assert_eq!(Kinds::Alternating.representatives(1), [0]);
    assert_eq!(Kinds::Each.representatives(3), [0, 1, 2]);
    assert_eq!(Kinds::Each.representatives(1000).len(), UNLIKE);
    let ticking = |kinds: Kinds| (0..3).map(|i| kinds.ticks(i, 3)).collect::<Vec<_>>();
    assert_eq!(ticking(Kinds::Alternating), [false; 3]);
    assert_eq!(ticking(Kinds::LastTicks), [false, false, true]);
    assert_eq!(ticking(Kinds::FirstTicks), [true, false, false]);
}

#[test]
fn a_sweep_goes_from_100_ns_to_10_ms_in_half_decades_for_milliseconds_each() {
    let steps: Vec<&Scenario> = SCENARIOS
        .iter()
        .filter(|s| s.branches == Branches::Swept)
        .collect();
    let lengths: Vec<f64> = steps.iter().map(|s| s.work_ms).collect();
    assert_eq!(lengths.first(), Some(&0.000_1));
    assert_eq!(lengths.last(), Some(&10.0));
    assert!(
        lengths
            .windows(2)
            .all(|w| w[1] / w[0] > 2.9 && w[1] / w[0] < 3.4)
    );
    let repeats = |name: &str, n| scenario(name).unwrap().repeats_of(n);
    assert_eq!(repeats("length/100ns", 2), 248);
    // 4 ms over 2 times 30 µs, and over 64 times 1 µs.
    assert_eq!(repeats("length/30us", 2), 66);
    assert_eq!(repeats("length/1us", 64), 62);
    assert_eq!(repeats("length/10ms", 64), 2);
    assert_eq!(repeats("ready", 64), 496);
}

#[test]
fn groups_are_asked_for_by_their_names_and_by_those_of_their_scenarios() {
    assert_eq!(groups_of(["all", "digest"]), [""; 0]);
    let some = ["scale", "timers", "field/hot-loop", "scale/yield"];
    assert_eq!(groups_of(some), ["field", "scale"]);
    let all = groups_of(SCENARIOS.iter().map(|s| s.name));
    assert_eq!(
        all,
        ["connections", "field", "fork", "idioms", "length", "scale"]
    );
}

#[test]
fn a_line_of_a_group_says_so() {
    macro_rules! say {
        ($($name:literal $(in $group:literal)? => $workload:path, $facts:expr;)*) => {
            $(assert_eq!(scenario($name).unwrap().group(), [$($group)?].first().copied(), $name);)*
        };
    }
    catalogue!(say);
}

#[test]
fn the_wait_of_many_is_longer_than_it_takes_to_make_them() {
    let wait = |name, n| scenario(name).unwrap().wait_ms_of(n);
    assert!((wait("scale/timer", 1) - 50.003).abs() < 1e-9);
    assert!((wait("scale/timer", 10_000) - 430.0).abs() < 1e-9);
    // 3 µs each.
    assert!((wait("scale/buffer", 1_000_000) - 3400.0).abs() < 1e-9);
    assert!(wait("scale/yield", 1_000_000).abs() < 1e-9);
    assert!((wait("timers", 1_000_000) - 5.0).abs() < 1e-9);
}

/// A blocking pool may have one thread, on which the first would wait for ever.
#[test]
fn what_waits_for_each_other_is_not_offloaded_and_has_no_law() {
    for s in SCENARIOS.iter().filter(|s| s.together) {
        assert!(!s.offloads && s.law.is_none(), "{}", s.name);
    }
}

#[test]
fn every_scenario_waits_works_talks_or_is_repeated() {
    for s in SCENARIOS {
        assert!(
            s.wait_ms > 0.0
                || s.work_ms > 0.0
                || s.kind == Kind::Io
                || s.repeats > 1
                || s.is_unwatched(),
            "{}",
            s.name
        );
    }
}
