//! How a report reads, and what holds of any.

use futures_lite::future::zip;
use insta::assert_snapshot;

use crate::{
    Report, Witness as _,
    world::{MS, World},
};

fn some_report() -> Report {
    let world = World::new();
    let there = world.clone();
    world.call(2, |call| {
        let fetch = there.sleep(10 * MS).witness(call, "fetch");
        let render = {
            let there = there.clone();
            async move { there.computes(25 * MS) }
        };
        zip(fetch, render.witness(call, "render"))
    })
}

#[test]
fn as_text() {
    assert_snapshot!(some_report().to_string(), @r"
    test: 25.0 ms, 2 branches, joined in one task
      A fetch   |··················-----------------------------  2 polls, the longest 0 ns, waited 10.0 ms, ready and not polled 15.0 ms (held up by render 15.0 ms)
      B render  BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB  1 poll of 25.0 ms, computed 25.0 ms
                0 to 25.0 ms; a letter: polled; | short polls; - ready, not polled; · waits
      polled at once: 1 at most, 1.00 on average; in flight: 2 and 2.00; cores used: 1.00; threads: 1; workers: 2
      spawn needed: late by 15.0 ms behind a sibling's poll of 25.0 ms
      → Spawn it, and await its handle where the result is needed.
      spawned on 2 workers it would take as long as now, and fetch would go on up to 15.0 ms earlier
    ");
}

#[cfg(feature = "serde")]
#[test]
fn as_json() {
    let json = serde_json::to_value(some_report()).unwrap();
    assert_eq!(json["site"], "test");
    assert_eq!(json["branches"][0]["name"], "fetch");
    assert_eq!(json["branches"][0]["polls"][1]["woken"]["by"], "outside");
    assert_eq!(json["branches"][0]["held_up_by"][0]["by"]["branch"], 1);
    assert_eq!(json["diagnosis"]["class"], "spawn-needed");
    assert_eq!(json["placement"], "composed");
    assert!(json["spawned"]["Ok"]["best_ns"].as_u64().is_some());
}

/// Perfetto refuses slices of one thread that cross each other.
#[cfg(feature = "trace")]
#[test]
fn as_a_trace_whose_slices_nest() {
    let trace: serde_json::Value = serde_json::from_str(&some_report().trace()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let mut open: Vec<&str> = Vec::new();
    let mut seen = Vec::new();
    let mut at = 0.0;
    for event in events {
        match event["ph"].as_str().unwrap() {
            "B" => {
                open.push(event["name"].as_str().unwrap());
                seen.push(open.join("/"));
            }
            "E" => drop(open.pop().expect("an end without a beginning")),
            _ => continue,
        }
        let ts = event["ts"].as_f64().unwrap();
        assert!(ts >= at, "back in time");
        at = ts;
    }
    assert_eq!(open, [""; 0]);
    // Polls of no length are left out: the clock that is told stands still in them.
    assert_eq!(seen, ["scope", "scope/render"]);
    let lives = events.iter().filter(|event| event["ph"] == "b").count();
    assert_eq!(lives, 2);
}

mod any_report {
    use super::*;
    use crate::{
        By, Ending,
        recorded::{Poll, Recorded, Spent, Track, Wake},
        workers::Workers,
    };
    use proptest::prelude::*;

    /// Anything that a program might do, and more: polls that cross, wakes from nowhere.
    fn some_recording() -> impl Strategy<Value = Recorded> {
        let by = prop_oneof![
            Just(By::Outside),
            Just(By::Scope),
            (0_u32..6).prop_map(By::Branch)
        ];
        let poll = (
            (0_u64..2_000_000, 0_u64..3_000_000, 0_u32..3),
            prop::option::of((0_u64..9_000_000, by.clone())),
            prop::option::of(by),
            prop::option::of((0_u64..4_000_000, 0_u32..3, 0_u32..3)),
        );
        let poll = poll.prop_map(|((gap, length, thread), woken, around, spent)| Poll {
            start_ns: gap,
            end_ns: length,
            thread,
            woken: woken.map(|(at_ns, by)| Wake { at_ns, by }),
            around,
            spent: spent.map(|(cpu_ns, voluntary, involuntary)| Spent {
                cpu_ns,
                voluntary,
                involuntary,
            }),
        });
        let track = (
            prop::collection::vec(poll.clone(), 0..8),
            0_u64..1_000_000,
            any::<bool>(),
            any::<bool>(),
        );
        let in_order = |polls: Vec<Poll>, from: u64| {
            let mut now = from;
            let place = |poll: Poll| {
                let start_ns = now + poll.start_ns;
                now = start_ns + poll.end_ns;
                Poll {
                    start_ns,
                    end_ns: now,
                    ..poll
                }
            };
            polls.into_iter().map(place).collect::<Vec<_>>()
        };
        let track = track.prop_map(move |(polls, created_ns, ended, closure)| {
            let polls = in_order(polls, created_ns);
            let end = polls.last().map_or(created_ns, |poll| poll.end_ns);
            Track {
                name: "some".to_owned(),
                created_ns,
                ended: ended.then_some((end, Ending::Done)),
                polls,
                closure,
            }
        });
        let branches = prop::collection::vec(track, 0..6);
        let scope = prop::collection::vec(poll, 0..4);
        (branches, scope, any::<bool>()).prop_map(move |(branches, scope, told)| Recorded {
            site: "any",
            wall_ns: 10_000_000,
            branches,
            scope: in_order(scope, 0),
            told,
            ..Recorded::default()
        })
    }

    proptest! {
        #[test]
        fn holds_together(recorded in some_recording(), workers in prop::option::of(1_u32..5)) {
            let workers = Workers::of(workers, &recorded);
            let report = Report::of(recorded, workers);
            prop_assert!(report.mean_overlap <= f64::from(report.peak_overlap) + 1e-9, "{}", report);
            prop_assert!(report.mean_concurrency <= f64::from(report.peak_concurrency) + 1e-9);
            prop_assert!(report.peak_overlap <= report.peak_concurrency.max(report.threads));
            for branch in &report.branches {
                let parts = branch.computing_ns + branch.blocked_ns + branch.queued_ns;
                prop_assert_eq!(parts, branch.polled_ns);
                prop_assert!(branch.longest_ready_ns <= branch.ready_ns);
                let waited: u64 = branch.waited_for.iter().map(|share| share.ns).sum();
                prop_assert!(waited <= branch.waiting_ns);
            }
            if let Ok(spawned) = report.spawned {
                prop_assert!(spawned.best_ns <= spawned.worst_ns);
            }
            prop_assert!(report.to_string().lines().count() >= 3);
            #[cfg(feature = "trace")]
            prop_assert!(report.trace().len() > 2);
        }
    }
}
