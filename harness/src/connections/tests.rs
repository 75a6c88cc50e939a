//! Held connections of made-up records, by hand.

use harness_protocol::{Flavour, Sample, Threads, Workers};
use insta::assert_snapshot;

use super::*;
use crate::{
    bundle::Bundle,
    fabricated::{
        block_of_many, entrant, flavour, header, options, sample, smol, threads, unasked,
    },
    plan::{Entrant, Options},
};

fn limits() -> Entrant {
    let flavours: Vec<Flavour> = vec![
        flavour("epoll", Workers::Fixed(1), Threads::Fixed(1), None),
        flavour("threads", Workers::Fixed(1), Threads::Branches, None),
    ];
    Entrant {
        asked: false,
        version: None,
        beside: vec!["connections".to_owned()],
        ..entrant("limits", flavours)
    }
}

fn run() -> Bundle {
    let options = Options {
        scenarios: vec!["connections/echo".into()],
        ..options()
    };
    Bundle::new(header(
        vec![unasked(threads()), smol(), limits()],
        options,
        2,
    ))
}

/// Round trips of so many microseconds of wall time and half as much CPU time, a quarter of it the origin's; and
/// a slower sample.
fn took(connections: u64, trip_us: f64) -> Vec<Sample> {
    let trips = 20 * connections;
    let wall_ns = (trip_us * 1e3) as u64 * trips;
    let one = |wall_ns: u64| Sample {
        held: Some(Held {
            wall_ns,
            cpu_ns: wall_ns / 2,
            origin_ns: wall_ns / 4,
            trips,
        }),
        ..sample(2.0 * wall_ns as f64 / 1e6, 1.0)
    };
    vec![one(wall_ns), one(3 * wall_ns)]
}

/// Blocks of different speeds, in each of which smol takes 1.5 times as long as an epoll.
fn recorded() -> Bundle {
    let mut bundle = run();
    for block in 0..7_u32 {
        for others in [None, Some("busy")] {
            let slower = if others.is_some() { 9.0 } else { 1.0 };
            let us = 4.0 + f64::from(block);
            let mut arms = Vec::new();
            for n in [1_u64, 10] {
                arms.push((
                    format!("limits:epoll@1/connections/echo/spawn@{n}"),
                    took(n, us),
                ));
                arms.push((
                    format!("limits:threads@1/connections/echo/spawn@{n}"),
                    took(n, 2.0 * us),
                ));
                arms.push((
                    format!("smol:workers@2/connections/echo/spawn@{n}"),
                    took(n, 1.5 * slower * us),
                ));
            }
            let arms: Vec<(&str, Vec<Sample>)> = arms
                .iter()
                .map(|(name, samples)| (name.as_str(), samples.clone()))
                .collect();
            block_of_many(&mut bundle, &arms, others);
        }
    }
    bundle
}

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
            .all(|config| config.runtime != "limits")
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
    let names: Vec<(&str, bool)> = all.iter().map(|s| (s.flavour.as_str(), s.limit)).collect();
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

#[test]
fn it_prints_limits_and_what_is_held_against_them() {
    let all = series(&recorded());
    assert_snapshot!(text(&all), @r##"
    no runtime, epoll
      connections     trip      CPU  origin
                1     7 µs   3.5 µs    25 %
               10     7 µs   3.5 µs    25 %

    no runtime, threads
      connections     trip      CPU  origin
                1    14 µs     7 µs    25 %
               10    14 µs     7 µs    25 %

    smol 1.2.3 workers@2, spawn
      connections     trip      CPU  origin  trip over epoll        CPU over epoll         trip over threads      CPU over threads
                1    11 µs   5.3 µs    25 %  1.50 [1.50, 1.50]      1.50 [1.50, 1.50]      0.75 [0.75, 0.75]      0.75 [0.75, 0.75]
               10    11 µs   5.3 µs    25 %  1.50 [1.50, 1.50]      1.50 [1.50, 1.50]      0.75 [0.75, 0.75]      0.75 [0.75, 0.75]

    Trip: wall time while all are open, over their round trips. CPU: time of the process over the same.
    Over a limit: time over that of a program without a runtime, in one block [95 % interval].
    Origin: the part of the time in which the one thread at the other end was busy; near 100 % it is what is measured.
    ~ other work disturbed every block.
    "##);
    assert_snapshot!(markdown(&all), @r##"
    | configuration | 1 | 10 | gives out at |
    | --- | --- | --- | --- |
    | no runtime, epoll | 7 µs, CPU 3.5 µs, origin 25 % | 7 µs, CPU 3.5 µs, origin 25 % |  |
    | no runtime, threads | 14 µs, CPU 7 µs, origin 25 % | 14 µs, CPU 7 µs, origin 25 % |  |
    | smol 1.2.3 workers@2, spawn | 11 µs, CPU 5.3 µs, origin 25 %; 1.50 [1.50, 1.50] | 11 µs, CPU 5.3 µs, origin 25 %; 1.50 [1.50, 1.50] |  |

    Each: a round trip while all are open, its CPU time in the client, how busy the origin's thread was; then the time over a plain epoll's, in one block, with its interval at 95 %.
    "##);
    assert_eq!(text(&series(&crate::fabricated::smol_run())), "");
    assert_eq!(markdown(&[]), "");
}
