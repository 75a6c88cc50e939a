//! Claims that rest on promises, and what a broken promise does to the others.

use harness_protocol::{OnPanic, Promise};

use super::*;
use crate::standing::{PromiseState, Standing};
use harness_record::promise::Tried;

const OUTLIVES: &str = "spawn-outlives-its-frame";
const REPORTS: &str = "spawn-reports-failure";
const DROPS: &str = "dropping_a_handle_does_what_is_declared";
const PANICS: &str = "panic_in_a_task_goes_where_declared";

/// What an honest runtime shows of each check that a claim rests on.
const HONEST: &[(&str, &[(&str, &str)])] = &[
    (
        "detached_task_finishes",
        &[("detached task outlives its spawner", "yes")],
    ),
    (DROPS, &[("dropped handle", "cancels")]),
    (
        "error_in_a_branch_is_its_output",
        &[("error in a task", "reaches the awaiter, siblings live on")],
    ),
    (
        PANICS,
        &[
            ("panic in a task", "reaches the awaiter"),
            ("siblings of a task that panicked", "live on"),
        ],
    ),
    (
        "panic_in_a_branch_unwinds_through_its_join",
        &[
            ("panic in a branch", "unwinds through the join"),
            ("siblings of a branch that panicked", "dropped"),
        ],
    ),
];

/// smol, offering these checks, with what came of each under the flavour of workers.
fn run_with(change: impl Fn(&mut Tried), on_panic: OnPanic, unverified: bool) -> Bundle {
    let mut smol = smol();
    smol.checks = HONEST
        .iter()
        .map(|(check, _)| Promise {
            name: (*check).to_owned(),
            promise: "it does".to_owned(),
        })
        .collect();
    for flavour in &mut smol.flavours {
        flavour.semantics.on_panic = on_panic;
    }
    let options = Options {
        unverified,
        ..options()
    };
    let mut bundle = predicted(header(vec![unasked(threads()), smol], options, 2));
    for (check, seen) in HONEST {
        let mut tried = Tried {
            runtime: "smol".to_owned(),
            flavour: "workers".to_owned(),
            workers: 2,
            check: (*check).to_owned(),
            seen: seen
                .iter()
                .map(|&(aspect, word)| (aspect.to_owned(), word.to_owned()))
                .collect(),
            broken: None,
            as_declared: false,
            took_ns: MS,
        };
        change(&mut tried);
        bundle.add(Event::Verified(tried));
    }
    bundle
}

fn seen(tried: &mut Tried, aspect: &str, word: &str) {
    if let Some(seen) = tried.seen.get_mut(aspect) {
        *seen = word.to_owned();
    }
}

#[test]
fn what_was_seen_holds_and_is_named() {
    let bundle = run_with(|_| {}, OnPanic::ReachesAwaiter, false);
    let judged = word(&bundle, WORKERS, OUTLIVES, 9);
    assert_eq!(judged.verdict, Verdict::Holds);
    insta::assert_snapshot!(judged.reason, @"detached task outlives its spawner: yes (detached_task_finishes); dropped handle: cancels (dropping_a_handle_does_what_is_declared)");
    let judged = word(&bundle, WORKERS, REPORTS, 9);
    assert_eq!(judged.verdict, Verdict::Holds, "{}", judged.reason);
    // The other flavour was not looked at, and this one tells nothing of it.
    let judged = word(&bundle, "smol default@1", OUTLIVES, 9);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    insta::assert_snapshot!(judged.reason, @"detached_task_finishes was not tried; dropping_a_handle_does_what_is_declared was not tried");
    // What is only stated may be either.
    let detaches = |tried: &mut Tried| seen(tried, "dropped handle", "detaches");
    let bundle = run_with(detaches, OnPanic::ReachesAwaiter, false);
    assert_eq!(word(&bundle, WORKERS, OUTLIVES, 9).verdict, Verdict::Holds);
}

/// By what it declares it is by design, and by what was seen it is refuted.
#[test]
fn a_panic_that_ends_the_executor_refutes_and_says_whether_by_design() {
    let ends = |tried: &mut Tried| seen(tried, "panic in a task", "ends the executor");
    for (declared, by_design) in [
        (OnPanic::KillsExecutor, true),
        (OnPanic::ReachesAwaiter, false),
    ] {
        let judged = word(&run_with(ends, declared, false), WORKERS, REPORTS, 9);
        assert_eq!(
            (judged.verdict, judged.by_design),
            (Verdict::Refuted, by_design)
        );
        assert!(
            judged
                .reason
                .starts_with("panic in a task: ends the executor, siblings"),
            "{}",
            judged.reason
        );
        assert_eq!(judged.reason.contains("; by design: "), by_design);
    }
    // Declared and not seen: it is what is seen that counts.
    let bundle = run_with(|_| {}, OnPanic::KillsExecutor, false);
    assert_eq!(word(&bundle, WORKERS, REPORTS, 9).verdict, Verdict::Holds);
}

#[test]
fn a_check_that_says_nothing_of_what_is_asked_decides_nothing() {
    let dumb = |tried: &mut Tried| tried.seen.clear();
    let judged = word(
        &run_with(dumb, OnPanic::ReachesAwaiter, false),
        WORKERS,
        OUTLIVES,
        9,
    );
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(
        judged.reason.contains("says nothing of: dropped handle"),
        "{}",
        judged.reason
    );
}

/// It refutes the claim that it is about; of the others nothing is said, and no cell is worth anything.
#[test]
fn a_broken_promise_refuses_the_configuration_and_no_other() {
    let lies = |tried: &mut Tried| {
        if tried.check == DROPS {
            tried.broken = Some("declared Cancels, and the task ran on".to_owned());
        }
    };
    let mut bundle = run_with(lies, OnPanic::ReachesAwaiter, false);
    for _ in 0..20 {
        block(&mut bundle, &good().into_iter().collect::<Vec<_>>());
    }
    let judged = word(&bundle, WORKERS, OUTLIVES, 9);
    assert_eq!(judged.verdict, Verdict::Refuted);
    insta::assert_snapshot!(judged.reason, @"dropping_a_handle_does_what_is_declared: declared Cancels, and the task ran on");
    let judged = word(&bundle, WORKERS, USES, 9);
    assert_eq!(judged.verdict, Verdict::NotTestable);
    insta::assert_snapshot!(judged.reason, @"fails verify: dropping_a_handle_does_what_is_declared: declared Cancels, and the task ran on");
    assert_eq!(
        failure(&bundle, &cell(P)).map(|failure| failure.status),
        Some(CellStatus::Wrong)
    );
    let other = cell("smol:default@1/digest/spawn@2");
    assert_eq!(failure(&bundle, &other), None);
    let words: Vec<(String, String)> = bundle
        .plan
        .usable()
        .map(|config| Standing::of(config, &bundle.promises, "the record has nothing of it"))
        .map(|standing| (standing.id.flavour.clone(), standing.summary()))
        .collect();
    let words: Vec<(&str, &str)> = words
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(
        words,
        [
            ("default", "not verified: the record has nothing of it"),
            ("workers", "4 of 5 promises kept")
        ]
    );
}

/// One that is broken each time, as declared, is a finding: the claim that it is about is refuted, and the others are judged.
#[test]
fn a_promise_that_is_broken_as_declared_refuses_nothing() {
    let breaks = |tried: &mut Tried| {
        if tried.check == DROPS {
            tried.broken = Some("declared Cancels, and the task ran on".to_owned());
            tried.as_declared = true;
        }
    };
    let mut bundle = run_with(breaks, OnPanic::ReachesAwaiter, false);
    for _ in 0..20 {
        block(&mut bundle, &good().into_iter().collect::<Vec<_>>());
    }
    assert_eq!(
        word(&bundle, WORKERS, OUTLIVES, 9).verdict,
        Verdict::Refuted
    );
    assert_ne!(
        word(&bundle, WORKERS, USES, 9).verdict,
        Verdict::NotTestable
    );
    assert_eq!(failure(&bundle, &cell(P)), None);
    let of_workers = |config: &&Config| config.id.flavour == "workers";
    let config = bundle.plan.usable().find(of_workers).unwrap();
    let standing = Standing::of(config, &bundle.promises, "the record has nothing of it");
    assert_eq!(standing.word, PromiseState::BrokenAsDeclared);
    assert_eq!(
        standing.summary(),
        "4 of 5 promises kept; broken, as declared: dropping_a_handle_does_what_is_declared"
    );
}

#[test]
fn without_promises_there_is_nothing_to_test() {
    let bundle = run_with(|_| {}, OnPanic::ReachesAwaiter, true);
    let judged = word(&bundle, WORKERS, OUTLIVES, 9);
    assert_eq!(judged.verdict, Verdict::NotTestable);
    assert_eq!(judged.reason, "--unverified: no promise was tried");
    let judged = word(&smol_run(), WORKERS, OUTLIVES, 9);
    assert_eq!(judged.verdict, Verdict::NotTestable);
    assert_eq!(
        judged.reason,
        "its adapter does not offer the check detached_task_finishes"
    );
}
