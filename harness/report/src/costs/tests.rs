//! Costs that were made up: what follows from them by hand.

use super::*;
use crate::{Report, screen::plain};
use harness_judge::standing::PromiseState;
use harness_record::{
    bundle::Event,
    costs::{Allocations, Cost, Failed, Instructions, Statistic, Time},
    fabricated::{header, options, smol},
    load::Load,
    plan::Options,
};

/// Something that was found on smol: of its default, or of its two workers.
fn cost(flavour: &str, operation: &str, side: Side, found: Found) -> Event {
    Event::Cost(Cost {
        runtime: "smol".to_owned(),
        flavour: flavour.to_owned(),
        workers: if flavour == "default" { 1 } else { 2 },
        operation: operation.to_owned(),
        side,
        found,
    })
}

fn time(round: u64, ns: f64, disturbed: bool) -> Found {
    let load = Load {
        wall: std::time::Duration::from_secs(1),
        cpus: 2,
        others_cores: 0.0,
        steal_cores: 0.0,
        resolution_cores: 0.04,
        throttled: None,
        disturbed: disturbed.then(|| "others used 1.00 of 2 cores".to_owned()),
    };
    Found::Time(Time {
        round,
        order: 0,
        iterations: vec![10],
        times_ns: vec![(10.0 * ns) as u64],
        estimate: harness_record::costs::Estimate {
            statistic: Statistic::Slope,
            ns,
            low_ns: ns,
            high_ns: ns,
            confidence: 0.95,
        },
        load: Some(load),
    })
}

fn allocations(allocations: u64, bytes: u64) -> Found {
    Found::Allocations(Allocations { allocations, bytes })
}

/// N of 100, so that so many instructions are one operation.
fn instructions(each: &[u64]) -> Found {
    Found::Instructions(Instructions {
        times: 100,
        counts: each
            .iter()
            .map(|each| [5000 + 100 * each, 5000 + 200 * each])
            .collect(),
    })
}

fn bundle(events: Vec<Event>) -> Bundle {
    let options = Options {
        scenarios: Vec::new(),
        rounds: Rounds::Fixed(7),
        budget_ms: None,
        costs: Some(Asked {
            valgrind: Some("valgrind-3".to_owned()),
            ..Asked::default()
        }),
        ..options()
    };
    let mut bundle = Bundle::new(header(vec![smol()], options, 2));
    for event in events {
        bundle.add(event);
    }
    bundle
}

fn twin(events: Vec<Event>) -> TwinReport {
    let costs = Costs::of(&bundle(events)).unwrap();
    assert_eq!(costs.twins.len(), 1);
    costs.twins[0].clone()
}

/// Times 2, 3, …, 8 over 2: the median ratio is 5/2, and seven values reach from end to end. The eighth was
/// disturbed.
#[test]
fn a_ratio_is_formed_inside_a_round_and_not_of_disturbed_ones() {
    let rounds = (0..7).flat_map(|round| {
        let ours = time(round, round as f64 + 2.0, false);
        [
            cost("default", "timer", Side::Trait, ours),
            cost("default", "timer", Side::Twin, time(round, 2.0, false)),
        ]
    });
    let disturbed = [
        cost("default", "timer", Side::Trait, time(7, 900.0, true)),
        cost("default", "timer", Side::Twin, time(7, 2.0, true)),
    ];
    // A round of which only one side came to its end.
    let half = cost("default", "timer", Side::Trait, time(8, 700.0, false));
    let events: Vec<Event> = rounds.chain(disturbed).collect();
    let found = twin(events.iter().cloned().chain([half]).collect());
    let ratio = found.time_ratio.unwrap();
    assert_eq!(
        (ratio.median, ratio.low, ratio.high),
        (2.5, Some(1.0), Some(4.0))
    );
    assert_eq!((found.rounds, found.target), (7, Target::NotCounted));

    let costs = Costs::of(&bundle(events)).unwrap();
    assert_eq!((costs.timed_rounds, costs.disturbed_rounds), (16, 2));
    let ours = &costs.operations[0];
    assert_eq!((ours.time_ns.unwrap().median, ours.rounds), (5.0, 7));
    assert!(!ours.disturbed);
}

#[test]
fn the_target_wants_the_same_instructions_and_the_same_allocations() {
    let target = |ours: &[u64], theirs: &[u64], of_ours: (u64, u64)| {
        let one = |side, found| cost("default", "timer", side, found);
        let found = twin(vec![
            one(Side::Trait, instructions(ours)),
            one(Side::Twin, instructions(theirs)),
            one(Side::Trait, allocations(of_ours.0, of_ours.1)),
            one(Side::Twin, allocations(2, 640)),
        ]);
        (
            found.instruction_ratio.map(|ratio| (1e3 * ratio).round()),
            found.target,
        )
    };
    let same = (2, 640);
    assert_eq!(target(&[1000], &[1000], same), (Some(1000.0), Target::Met));
    assert_eq!(
        target(&[1009, 1010], &[1000], same),
        (Some(1010.0), Target::Met)
    );
    // Fewer is another, too.
    assert_eq!(
        target(&[1020], &[1000], same),
        (Some(1020.0), Target::Missed)
    );
    assert_eq!(target(&[980], &[1000], same), (Some(980.0), Target::Missed));
    // Of five counts one may be far off at either end.
    let odd = [1000, 1300, 1000, 700, 1001];
    assert_eq!(target(&odd, &[1000], same), (Some(1000.0), Target::Met));
    // Counts that vary across the edge say nothing.
    assert_eq!(
        target(&[1000, 1030], &[1000], same),
        (Some(1015.0), Target::Unsteady)
    );
    assert_eq!(target(&[1000], &[1000], (2, 641)).1, Target::Missed);
    assert_eq!(target(&[1000], &[1000], (3, 640)).1, Target::Missed);
}

/// What a reader asks of two branches, of one thread and of two.
fn two() -> Vec<Event> {
    let of = |flavour: &'static str| {
        [
            ("compose-ready/2", 500.0, 0, 0),
            ("spawn-ready/2", 1500.0, 2, 640),
        ]
        .into_iter()
        .flat_map(move |(operation, ns, n, bytes)| {
            let one = move |found| cost(flavour, operation, Side::Trait, found);
            [one(time(0, ns, false)), one(allocations(n, bytes))]
        })
        .chain([cost(
            flavour,
            "block_on/spawn-ready/2",
            Side::Trait,
            time(0, 52_000.0, false),
        )])
    };
    of("default").chain(of("workers")).collect()
}

/// A spawn of two takes (1500 − 500) / 2 = 500 ns a branch more, and 100 times that is 50 µs.
#[test]
fn a_reader_sees_what_two_branches_cost_and_where_a_spawn_pays() {
    let costs = Costs::of(&bundle(two())).unwrap();
    let said: Vec<String> = costs
        .answers
        .iter()
        .map(|answer| {
            format!(
                "{}: {}\n{}",
                answer.id.flavour,
                answer.two,
                answer.worth.as_deref().unwrap_or("-")
            )
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"), @"
    default: two awaits: join 500 ns, 0 allocations; spawn 1.50 µs, 2 allocations, 640 bytes; from block_on 52.0 µs
    A spawn costs 500 ns more per branch than a join, and one thread executes it: it gains no core.
    workers: two awaits: join 500 ns, 0 allocations; spawn 1.50 µs, 2 allocations, 640 bytes; from block_on 52.0 µs
    A spawn costs 500 ns more per branch than a join, so it cannot pay where a branch computes less than that between awaits; from 50.0 µs on it is a hundredth of it or less.
    ");
    insta::assert_snapshot!(costs.target, @"No operation was done both ways, so nobody can tell what the trait adds.");
}

#[test]
fn what_was_counted_and_what_missed_is_one_plain_line() {
    let mut events = two();
    let both = |operation: &str, each: [u64; 2], bytes: [u64; 2]| {
        Side::BOTH
            .into_iter()
            .zip(each)
            .zip(bytes)
            .flat_map(move |((side, each), bytes)| {
                [
                    cost("default", operation, side, instructions(&[each])),
                    cost("default", operation, side, allocations(1, bytes)),
                ]
            })
            .collect::<Vec<_>>()
    };
    events.extend(both("dispatch", [1000, 1000], [64, 64]));
    events.extend(both("timer", [1100, 1000], [64, 64]));
    events.extend(both("handle-drop", [1100, 1000], [65, 64]));
    for side in Side::BOTH {
        events.push(cost("workers", "timer", side, allocations(1, 64)));
    }
    let bundle = bundle(events);
    let report = Report::of(&bundle);
    let costs = report.costs.as_ref().unwrap();
    insta::assert_snapshot!(costs.target, @"The target, instructions within 0.01 of the twin's and equal allocations, was met on 1 of 3 pairs; missed: smol default@1 timer (instructions 1.100), smol default@1 handle-drop (instructions 1.100, other allocations). Of 1 more nobody counted the instructions of both; on 1 of them allocations are equal.");
    assert!(report.cells.is_empty() && report.claims.is_empty() && report.answers.is_empty());
    let words = report.verified.iter().map(|standing| standing.word);
    assert!(words.eq([PromiseState::NotVerified; 2]) && !report.any_failed());
    insta::assert_snapshot!(plain(&crate::terminal::of(&bundle, &report, 100)), @"
    Made-up CPU, 2 cores allowed, linux 6.1; 2026-01-02T03:04:05Z; stopped before its end

    smol default@1  not verified: it offers no checks
    smol workers@2  not verified: it offers no checks

    smol 1.2.3 default@1
      two awaits: join 500 ns, 0 allocations; spawn 1.50 µs, 2 allocations, 640 bytes; from block_on
        52.0 µs
      A spawn costs 500 ns more per branch than a join, and one thread executes it: it gains no core.

      operation                    time  per branch  instructions  allocations  bytes
      compose-ready/2            500 ns      250 ns                          0      0
      spawn-ready/2             1.50 µs      750 ns                          2    640
      block_on/spawn-ready/2    52.0 µs     26.0 µs
      dispatch                not timed                     1,000            1     64
      timer                   not timed                     1,100            1     64
      handle-drop             not timed                     1,100            1     65

      through the trait over by hand
      operation    instructions  allocations  time  target
      dispatch            1.000        equal           met
      timer               1.100        equal        missed
      handle-drop         1.100        other        missed

    smol 1.2.3 workers@2
      two awaits: join 500 ns, 0 allocations; spawn 1.50 µs, 2 allocations, 640 bytes; from block_on
        52.0 µs
      A spawn costs 500 ns more per branch than a join, so it cannot pay where a branch computes less
        than that between awaits; from 50.0 µs on it is a hundredth of it or less.

      operation                    time  per branch  instructions  allocations  bytes
      compose-ready/2            500 ns      250 ns                          0      0
      spawn-ready/2             1.50 µs      750 ns                          2    640
      block_on/spawn-ready/2    52.0 µs     26.0 µs
      timer                   not timed                                      1     64

      through the trait over by hand
      operation  instructions  allocations  time       target
      timer                          equal        not counted

    Times are medians of 7 rounds [95 % interval], both sides in each; 0 of 6 timings were disturbed by
        other work and are in no figure.
    Instructions by valgrind-3, where one thread executes.
    The target, instructions within 0.01 of the twin's and equal allocations, was met on 1 of 3 pairs;
        missed: smol default@1 timer (instructions 1.100), smol default@1 handle-drop (instructions
        1.100, other allocations). Of 1 more nobody counted the instructions of both; on 1 of them
        allocations are equal.
    ");
}

#[test]
fn what_went_wrong_is_said_and_fails_the_run() {
    let failed = Found::Failed(Failed {
        doing: Doing::Time,
        reason: "it ended with signal 11".to_owned(),
        stderr: "the last words".to_owned(),
    });
    let bundle = bundle(vec![cost("default", "timer", Side::Twin, failed)]);
    let report = Report::of(&bundle);
    assert!(report.any_failed());
    let (broken, why) = report.costs.as_ref().unwrap().broken().unwrap();
    assert_eq!((broken.side, why.doing), (Side::Twin, Doing::Time));
    let text = plain(&crate::terminal::of(&bundle, &report, 100));
    let said = text.split_once("failed timing").unwrap().1;
    assert_eq!(
        said,
        " smol default@1 timer twin: it ended with signal 11\n    the last words\n"
    );
}

/// It is said, and what else was found is as good as without it.
#[test]
fn what_valgrind_cannot_run_breaks_nothing_else() {
    let failed = Found::Failed(Failed {
        doing: Doing::Instructions,
        reason: "not done in 5m".to_owned(),
        stderr: String::new(),
    });
    let bundle = bundle(vec![
        cost("default", "timer", Side::Twin, time(0, 2.0, false)),
        cost("default", "timer", Side::Twin, failed),
    ]);
    let costs = Costs::of(&bundle).unwrap();
    assert!(costs.any_failed() && costs.broken().is_none());
    assert_eq!(costs.operations[0].time_ns.unwrap().median, 2.0);
}

#[test]
fn one_round_of_cargo_bench_has_the_interval_of_criterion() {
    let mut bundle = bundle(Vec::new());
    let asked = bundle.header.options.costs.as_mut().unwrap();
    asked.left_by_cargo_bench = true;
    let Found::Time(mut found) = time(0, 10.0, false) else {
        panic!()
    };
    (found.estimate.low_ns, found.estimate.high_ns) = (9.0, 12.0);
    bundle.add(cost("default", "timer", Side::Trait, Found::Time(found)));
    let costs = Costs::of(&bundle).unwrap();
    let time = costs.operations[0].time_ns.unwrap();
    assert_eq!((time.median, time.interval()), (10.0, Some((9.0, 12.0))));
}
