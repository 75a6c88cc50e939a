//! Held connections of made-up records, by hand.

use super::*;
use harness_record::{
    bundle::Bundle,
    fabricated::{
        connections::{limits, recorded, run},
        header, options, smol,
    },
};

#[test]
fn limits_are_in_every_block_of_the_runtimes_and_are_no_runtime() {
    let bundle = run();
    let group = bundle.plan.group("smol", "connections/echo").unwrap();
    let names: Vec<String> = group.limits.iter().map(ToString::to_string).collect();
    assert_eq!(names.len(), 2 * 5, "{names:?}");
    assert_eq!(names[0], "limits:epoll@1/connections/echo/spawn@1");
    assert!(
        bundle
            .plan
            .configs
            .iter()
            .all(|config| config.id.runtime != "limits")
    );
    // Beside other scenarios they do not stand.
    let other = Bundle::new(header(vec![smol(), limits()], options(), 2));
    assert!(
        other
            .plan
            .groups
            .iter()
            .all(|group| group.limits.is_empty())
    );
}

#[test]
fn a_ratio_is_formed_inside_a_block() {
    let all = series(&recorded());
    let names: Vec<(&str, bool)> = all
        .iter()
        .map(|s| (s.id.flavour.as_str(), s.limit))
        .collect();
    assert_eq!(
        names,
        [("epoll", true), ("threads", true), ("workers", false)]
    );
    let smol = &all[2].points[1];
    assert_eq!((smol.connections, smol.blocks), (10, 7));
    // 1.5 times 4 to 10 µs: the middle is 10.5.
    assert!((smol.trip_ns.median - 10_500.0).abs() < 1.0, "{smol:?}");
    assert!((smol.cpu_ns.median - 5_250.0).abs() < 1.0, "{smol:?}");
    assert!((smol.origin_busy - 0.25).abs() < 1e-6, "{smol:?}");
    let epoll = &smol.over[0];
    assert_eq!(epoll.limit, "epoll");
    // Whatever the speed of the block.
    for ratio in [epoll.wall, epoll.cpu] {
        assert!((ratio.median - 1.5).abs() < 1e-3, "{ratio:?}");
        assert!((ratio.low.unwrap() - 1.5).abs() < 1e-3, "{ratio:?}");
    }
    assert!((smol.over[1].wall.median - 0.75).abs() < 1e-3, "{smol:?}");
    assert!(all[0].points[0].over.is_empty());
}
