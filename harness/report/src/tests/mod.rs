//! Reports on made-up records.

use super::*;
use harness_judge::judge::Verdict;
use harness_record::{
    bundle::{CellStatus, Made},
    fabricated::{
        block, block_of_many, disturbed_block, failed, glommio, header, options, overlapping,
        predicted, sample, smol, threads, unasked,
    },
    laws::band::Fit,
    plan::{Entrant, Options, Rounds},
    promise::Tried,
};

mod classes;
mod connections;
mod crossing;
mod fork;
mod idioms;
mod printed;
mod scale;

pub(super) const S: &str = "smol:workers@2/digest/sequential@2";
pub(super) const C: &str = "smol:workers@2/digest/compose@2";
pub(super) const P: &str = "smol:workers@2/digest/spawn@2";
pub(super) const T: &str = "threads:threads@2/digest/spawn@2";

pub(super) fn only(scenarios: &[&str], entrants: Vec<Entrant>) -> Bundle {
    let options = Options {
        scenarios: scenarios.iter().map(|&name| name.to_owned()).collect(),
        ..options()
    };
    predicted(header(entrants, options, 2))
}

fn digest() -> Bundle {
    only(&["digest"], vec![unasked(threads()), smol()])
}

fn of<'a>(report: &'a Report, name: &str) -> &'a CellReport {
    report.cells.iter().find(|cell| cell.cell == name).unwrap()
}

fn claim<'a>(report: &'a Report, flavour: &str, id: &str) -> &'a ClaimReport {
    report
        .claims
        .iter()
        .find(|claim| claim.id.flavour == flavour && claim.claim == id)
        .unwrap()
}

/// Sequential takes 10, 11, … ms; joined 8.4 ms; placed 4 ms on 1.9 cores.
fn blocks(n: usize) -> Bundle {
    let mut bundle = digest();
    for i in 0..n {
        block(
            &mut bundle,
            &[
                (S, sample(10.0 + i as f64, 1.0)),
                (C, sample(8.4, 0.99)),
                (P, overlapping(4.0, 1.9, 2)),
                (T, overlapping(4.0, 1.9, 2)),
            ],
        );
    }
    bundle
}

/// 10, 11 and 12 ms: 11, beside a law of 8; three rounds make no interval at 5 %, six make one from
/// end to end (2·2⁻⁶ = 3.1 %).
#[test]
fn figures_by_hand() {
    let report = Report::of(&blocks(3));
    let s = of(&report, S);
    let wall = s.wall_ns.unwrap();
    assert_eq!((wall.median, wall.low, wall.high), (11e6, None, None));
    assert_eq!(s.predicted_ns, Some(8e6));
    let of_law = s.measured_over_predicted.unwrap();
    assert_eq!((of_law.median, of_law.interval()), (1.375, None));
    assert_eq!(s.law, Some(Fit::Open), "too few rounds");
    assert_eq!((s.speedup, s.rounds, s.samples), (Some(1.0), 3, 3));
    let p = of(&report, P);
    assert_eq!(p.speedup, Some(2.75));
    assert_eq!(p.predicted_ns, Some(4e6));
    assert_eq!(p.cores_used, Some(1.9));
    assert_eq!((p.peak_overlap, p.threads), (Some(2.0), Some(2.0)));
    assert_eq!(p.on_one_core, Some(0));
    assert_eq!(p.stall_ns, None);
    assert_eq!(of(&report, C).on_one_core, None, "one thread by nature");

    let wall = of(&Report::of(&blocks(6)), S).wall_ns.unwrap();
    assert_eq!(
        (wall.median, wall.low, wall.high),
        (12.5e6, Some(10e6), Some(15e6))
    );
    // 10 to 15 ms beside a law of 8: all of it above 1.1.
    let s = of(&Report::of(&blocks(6)), S).clone();
    let of_law = s.measured_over_predicted.unwrap();
    assert_eq!(
        (of_law.median, of_law.interval()),
        (1.5625, Some((1.25, 1.875)))
    );
    assert_eq!(s.law, Some(Fit::Missed));
    assert_eq!(
        s.missed().unwrap(),
        format!("law missed: {S} took 1.56 [1.25, 1.88] of its law, band 0.90 to 1.10")
    );
    // 4 beside a law of 4.
    let p = of(&Report::of(&blocks(6)), P).clone();
    assert_eq!((p.law, p.missed()), (Some(Fit::Within), None));
}

/// Samples of one process share its luck. Five of them are one round, and make no interval; and one
/// round of many samples weighs no more than another.
#[test]
fn rounds_are_the_observations_and_not_samples() {
    let mut bundle = digest();
    let many = |ms: f64| vec![overlapping(ms, 1.9, 2); 5];
    block_of_many(&mut bundle, &[(P, many(6.0))], None);
    for ms in [4.0, 4.4] {
        block_of_many(&mut bundle, &[(P, vec![overlapping(ms, 1.0, 2)])], None);
    }
    let report = Report::of(&bundle);
    let p = of(&report, P);
    let wall = p.wall_ns.unwrap();
    assert_eq!((wall.median, wall.low), (4.4e6, None));
    assert_eq!(p.cores_used, Some(1.0));
    assert_eq!((p.rounds, p.samples, p.on_one_core), (3, 7, Some(2)));
}

#[test]
fn disturbed_rounds_are_shown_only_for_want_of_others() {
    let mut bundle = digest();
    disturbed_block(
        &mut bundle,
        &[(S, sample(16.0, 0.5)), (C, sample(16.0, 0.5))],
    );
    block(&mut bundle, &[(S, sample(8.0, 1.0))]);
    let report = Report::of(&bundle);
    let (s, c) = (of(&report, S), of(&report, C));
    assert_eq!(
        (s.wall_ns.unwrap().median, s.disturbed, s.rounds),
        (8e6, false, 1)
    );
    assert_eq!(
        (c.wall_ns.unwrap().median, c.disturbed, c.rounds),
        (16e6, true, 1)
    );
    assert_eq!((report.blocks, report.disturbed_blocks), (2, 1));
    assert_eq!(report.disturbances[0].block, 0);
    assert_eq!(report.disturbances[0].why, "others used 0.90 of 2 cores");
}

#[test]
fn what_claims_rest_on_is_no_exhibit() {
    let bundle = only(
        &["timers", "digest", "scan", "heartbeat-all-hogs"],
        vec![unasked(threads()), smol()],
    );
    let report = Report::of(&bundle);
    let exhibit = |name: &str| of(&report, name).exhibit;
    for name in [S, C, P, "smol:workers@2/timers/compose@3"] {
        assert!(!exhibit(name), "{name}");
    }
    for name in [
        "smol:workers@2/scan/compose@2",
        "smol:workers@2/scan/spawn@2",
        "smol:workers@2/heartbeat-all-hogs/compose@3",
    ] {
        assert!(exhibit(name), "{name}");
    }
    // The baseline stands beside what is compared with it, once.
    assert_eq!(report.cells.iter().filter(|cell| cell.cell == T).count(), 1);
    assert!(!exhibit(T));
    // However few scenarios there are: that no two are polled at once is read off exhibits too.
    let report = Report::of(&only(&["scan"], vec![unasked(threads()), smol()]));
    assert!(report.cells.iter().all(|cell| cell.exhibit));
}

#[test]
fn a_failure_outweighs_what_was_measured_and_the_first_outweighs_the_others() {
    let mut bundle = blocks(3);
    failed(&mut bundle, C, CellStatus::Timeout, "not done within 10s");
    failed(&mut bundle, C, CellStatus::Crashed, "panicked");
    let report = Report::of(&bundle);
    let c = of(&report, C);
    assert_eq!(c.status, CellStatus::Timeout);
    assert_eq!(c.reason.as_deref(), Some("not done within 10s"));
    assert_eq!(c.stderr.as_deref(), Some("its last words"));
    assert_eq!(c.rounds, 3, "what was measured before is shown");
    assert!(report.any_failed());
    assert_eq!(of(&report, S).status, CellStatus::Ok);

    let mut bundle = blocks(3);
    failed(&mut bundle, C, CellStatus::Unsupported, "no such primitive");
    assert!(!Report::of(&bundle).any_failed());
    let nothing = Report::of(&digest());
    let c = of(&nothing, C);
    assert_eq!(c.status, CellStatus::Ok);
    assert!(c.reason.as_deref().unwrap().starts_with("not measured"));
    assert!(c.wall_ns.is_none() && c.cores_used.is_none() && c.speedup.is_none());
}

#[test]
fn work_that_was_skipped_is_a_failed_cell() {
    let mut bundle = digest();
    for _ in 0..8 {
        block(&mut bundle, &[(S, sample(8.0, 1.0)), (C, sample(5.0, 1.0))]);
    }
    let report = Report::of(&bundle);
    assert_eq!(of(&report, C).status, CellStatus::Wrong);
    assert!(
        of(&report, C)
            .reason
            .as_deref()
            .unwrap()
            .starts_with("work was skipped")
    );
    assert!(report.any_failed());
}

#[test]
fn what_cannot_run_has_a_row_that_says_why_and_what_was_not_heard_has_failed() {
    let mut no_pool = glommio();
    no_pool.flavours[1].unavailable = Some("no io_uring".to_owned());
    let gone = Entrant {
        unavailable: Some("not on this system".to_owned()),
        flavours: Vec::new(),
        ..smol()
    };
    let unbuilt = Entrant {
        name: "threads".to_owned(),
        unavailable: Some("it was not built".to_owned()),
        asked: false,
        ..gone.clone()
    };
    let made = |runtime: &str| Made {
        runtime: runtime.to_owned(),
        sha256: None,
        crates: Vec::new(),
    };
    let mut bundle = only(&["digest"], vec![unbuilt, gone, no_pool]);
    bundle.header.adapters = vec![made("smol"), made("glommio"), made("threads")];
    let report = Report::of(&bundle);
    let rows: Vec<(&str, &str, &str)> = report
        .cells
        .iter()
        .filter(|cell| cell.status == CellStatus::Unavailable)
        .map(|cell| {
            let why = cell.reason.as_deref().unwrap();
            (cell.id.runtime.as_str(), cell.id.flavour.as_str(), why)
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("glommio", "pool", "no io_uring"),
            ("smol", "", "not on this system")
        ]
    );
    assert!(!report.any_failed(), "each by its own word");
    assert_eq!(report.answers.len(), 1, "nothing was seen of the others");
    // Of what was never heard there is no program, whoever asked for it.
    bundle.header.adapters.pop();
    let report = Report::of(&bundle);
    let threads = of(&report, "threads");
    assert_eq!(threads.status, CellStatus::Crashed);
    assert_eq!(threads.reason.as_deref(), Some("it was not built"));
    assert!(report.any_failed());
}

/// A runtime that does not start fails in every cell for one reason, and nobody reads that thirty-six times.
#[test]
fn what_failed_alike_is_said_once() {
    let mut bundle = blocks(1);
    for name in [S, C] {
        failed(&mut bundle, name, CellStatus::Unavailable, "no io_uring");
    }
    failed(&mut bundle, P, CellStatus::Crashed, "panicked");
    let report = Report::of(&bundle);
    let text = crate::screen::plain(&terminal::of(&bundle, &report, 100));
    let once = format!("\nunavailable 2 cells, such as {S}: no io_uring\n    its last words\n");
    assert_eq!(text.matches(&once).count(), 1, "{text}");
    assert!(
        text.contains(&format!("\ncrashed {P}: panicked\n")),
        "{text}"
    );
    // Programs are told of each.
    let csv = crate::csv::of(&report).unwrap();
    assert_eq!(csv.matches("no io_uring").count(), 2, "{csv}");
}

/// Later reports count as the run did; a harness that asks more of the record counts all that it asks.
#[test]
fn comparisons_are_those_of_the_run_or_more() {
    let mut bundle = blocks(3);
    let made = Report::of(&bundle).comparisons;
    bundle.comparisons = Some(made + 20);
    assert_eq!(Report::of(&bundle).comparisons, made + 20);
    bundle.comparisons = Some(1);
    assert_eq!(Report::of(&bundle).comparisons, made);
}

#[test]
fn a_record_says_whether_it_is_complete() {
    let mut bundle = blocks(1);
    assert!(!Report::of(&bundle).complete, "killed");
    bundle.ended = Some(true);
    assert!(!Report::of(&bundle).complete, "stopped");
    bundle.ended = Some(false);
    assert!(Report::of(&bundle).complete);
}

#[test]
fn verdicts_are_those_of_the_judge() {
    let report = Report::of(&whole(20));
    let uses = claim(&report, "workers", "spawn-uses-cores");
    assert_eq!(uses.verdict, Verdict::Holds, "{}", uses.reason);
    assert_eq!((uses.observations, uses.by_design), (20, false));
    assert_eq!(
        (uses.measured, uses.interval),
        (Some(0.525), Some([0.525, 0.525]))
    );
    assert_eq!(uses.placing, "spawn");
    let shipped = claim(&report, "default", "spawn-uses-cores");
    assert_eq!(
        (shipped.verdict, shipped.by_design),
        (Verdict::Refuted, true)
    );
    assert!((report.family_error - 0.01).abs() < 1e-12);
}

fn answers(bundle: &Bundle) -> String {
    Report::of(bundle).answers.join("\n")
}

/// All arms of both flavours, so often.
pub(super) fn whole(blocks: usize) -> Bundle {
    let mut bundle = only(&["timers", "digest"], vec![unasked(threads()), smol()]);
    bundle.header.options.rounds = Rounds::Budget;
    let waits = |ms: f64| harness_protocol::Sample {
        peak_concurrency: 3,
        ..sample(ms, 0.01)
    };
    for _ in 0..blocks {
        for flavour in ["default@1", "workers@2"] {
            let name = |rest: &str| format!("smol:{flavour}/{rest}");
            let (s, c, p) = (
                name("timers/sequential@3"),
                name("timers/compose@3"),
                name("timers/spawn@3"),
            );
            block(
                &mut bundle,
                &[(&s, waits(15.3)), (&c, waits(5.1)), (&p, waits(5.2))],
            );
            let placed = match flavour {
                "default@1" => sample(8.1, 1.0),
                _ => overlapping(4.2, 1.94, 2),
            };
            let (s, c, p) = (
                name("digest/sequential@2"),
                name("digest/compose@2"),
                name("digest/spawn@2"),
            );
            block(
                &mut bundle,
                &[
                    (&s, sample(8.0, 1.0)),
                    (&c, sample(8.0, 1.0)),
                    (&p, placed),
                    (T, overlapping(4.1, 1.95, 2)),
                ],
            );
        }
    }
    bundle
}

#[test]
fn answers_say_what_was_seen() {
    insta::assert_snapshot!(answers(&whole(20)), @r#"
smol default@1: join what waits: 3 joined timers took as long as one (3.0 times as fast as one after the other); spawn gains no core for what computes: 2 branches by spawn took 1.01 of the joined time, on 1.00 cores instead of 1.00, since by design one thread runs them all.
smol workers@2: join what waits: 3 joined timers took as long as one (3.0 times as fast as one after the other); spawn what computes: 2 branches by spawn took 0.53 of the joined time, on 1.94 cores instead of 1.00.
"#);
    insta::assert_snapshot!(answers(&whole(2)), @r#"
smol default@1: whether joined waits overlap was not decided; whether spawn uses the cores is not decided yet: 2 branches by spawn took 1.01 of the joined time, on 1.00 cores instead of 1.00.
smol workers@2: whether joined waits overlap was not decided; whether spawn uses the cores is not decided yet: 2 branches by spawn took 0.53 of the joined time, on 1.94 cores instead of 1.00.
"#);
    insta::assert_snapshot!(answers(&whole(0)), @r#"
smol default@1: whether joined waits overlap was not decided; whether spawn uses the cores was not measured.
smol workers@2: whether joined waits overlap was not decided; whether spawn uses the cores was not measured.
"#);
}

#[test]
fn answers_on_one_core_promise_none() {
    let options = Options {
        scenarios: vec!["digest".to_owned()],
        ..options()
    };
    let mut bundle = predicted(header(vec![unasked(threads()), smol()], options, 1));
    for _ in 0..20 {
        block(
            &mut bundle,
            &[
                ("smol:workers@1/digest/sequential@2", sample(8.0, 1.0)),
                ("smol:workers@1/digest/compose@2", sample(8.0, 1.0)),
                ("smol:workers@1/digest/spawn@2", sample(8.1, 1.0)),
            ],
        );
    }
    let report = Report::of(&bundle);
    assert!(report.claims.iter().all(|claim| {
        claim.claim != "spawn-uses-cores" || claim.verdict == Verdict::NotTestable
    }));
    insta::assert_snapshot!(report.answers[1], @"smol workers@1: whether joined waits overlap was not decided; whether spawn uses more cores cannot be tested here: 2 branches by spawn took 1.01 of the joined time, on 1.00 cores instead of 1.00.");
}

#[test]
fn a_broken_promise_is_a_failure_and_the_report_says_whose() {
    let mut bundle = predicted(header(vec![unasked(threads()), smol()], options(), 2));
    assert!(!Report::of(&bundle).any_failed());
    for broken in [
        None,
        Some("declared Cancels, and the task ran on".to_owned()),
    ] {
        bundle.promises.push(Tried {
            runtime: "smol".to_owned(),
            flavour: "workers".to_owned(),
            workers: 2,
            check: format!("check {}", bundle.promises.len()),
            broken,
            ..Tried::default()
        });
    }
    let report = Report::of(&bundle);
    assert!(report.any_failed());
    let summaries: Vec<String> = report.verified.iter().map(Standing::summary).collect();
    assert_eq!(
        summaries,
        ["not verified: it offers no checks", "1 of 2 promises kept"]
    );
}
