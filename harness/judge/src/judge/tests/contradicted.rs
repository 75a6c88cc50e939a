//! Samples that show otherwise than the adapter declares.

use harness_protocol::Handed;

use super::*;
use harness_record::fabricated::{cell, glommio, poll};

const REACHES: &str = "spawn_reaches_as_many_threads_as_declared";
const TIMERS: &str = "smol:workers@2/timers/spawn@3";

fn why(bundle: &Bundle, name: &str) -> Option<String> {
    let failure = failure(bundle, &cell(name))?;
    assert_eq!(failure.status, CellStatus::Wrong);
    Some(failure.reason)
}

fn handed(branch: u32, start_ns: u64, end_ns: u64) -> Handed {
    Handed {
        branch,
        thread: 0,
        start_ns,
        end_ns,
    }
}

/// Waits of 5 ms that took so long, with so many in flight at once.
fn waits(ms: f64, in_flight: u32) -> Sample {
    Sample {
        peak_concurrency: in_flight,
        ..sample(ms, 0.1)
    }
}

/// Branches that computed, on so many threads of their process.
fn on_threads(so_far: u32) -> Sample {
    Sample {
        threads_so_far: so_far,
        ..sample(8.0, 1.0)
    }
}

fn eager(mut entrant: harness_record::plan::Entrant) -> Bundle {
    for flavour in &mut entrant.flavours {
        flavour.semantics.polls_at_once = true;
    }
    predicted(header(vec![unasked(threads()), entrant], options(), 2))
}

/// One sample is enough: it is one thread and one clock.
#[test]
fn a_branch_that_ran_inside_its_spawn_was_not_queued() {
    let with = |mut bundle: Bundle, polls: &[harness_protocol::Poll]| {
        let sample = Sample {
            handed: vec![handed(0, 100, 200), handed(1, 300, 400)],
            trace: polls.to_vec(),
            ..waits(5.0, 3)
        };
        block(&mut bundle, &[(TIMERS, sample)]);
        why(&bundle, TIMERS)
    };
    let inside = poll(1, 0, 320, 380);
    insta::assert_snapshot!(
        with(smol_run(), &[inside]).unwrap(),
        @"branch 1 was polled inside the call that handed it over, and the adapter declares that new tasks are queued"
    );
    // By another thread, of another branch, or once the call was over: as it should be.
    for fine in [
        poll(1, 1, 320, 380),
        poll(0, 0, 320, 380),
        poll(1, 0, 400, 420),
        poll(1, 0, 250, 290),
    ] {
        assert_eq!(with(smol_run(), &[fine]), None, "{fine:?}");
    }
    // A first poll at once is what the call does; a second one is not.
    assert_eq!(with(eager(smol()), &[inside]), None);
    insta::assert_snapshot!(
        with(eager(smol()), &[poll(1, 0, 310, 320), inside]).unwrap(),
        @"branch 1 was polled 2 times inside the call that handed it over, and the adapter declares one poll at once"
    );
}

#[test]
fn a_pool_of_one_that_declares_two_is_seen_in_its_rounds() {
    let with = |quiet: usize, busy: usize, threads: u32| {
        let mut bundle = smol_run();
        for _ in 0..quiet {
            block(&mut bundle, &[(P, on_threads(threads))]);
        }
        for _ in 0..busy {
            disturbed_block(&mut bundle, &[(P, on_threads(threads))]);
        }
        bundle
    };
    insta::assert_snapshot!(
        why(&with(3, 0, 1), P).unwrap(),
        @"one thread polled all its branches in 3 processes, and the adapter declares 2"
    );
    assert_eq!(why(&with(2, 0, 1), P), None, "two may be chance");
    assert_eq!(
        why(&with(0, 7, 1), P),
        None,
        "the others had the other core"
    );
    assert!(why(&with(0, 8, 1), P).is_some());
    assert_eq!(why(&with(8, 0, 0), P), None, "it does not tell");
    // Once is enough to show that there are two.
    let mut bundle = with(8, 0, 1);
    block(&mut bundle, &[(P, on_threads(2))]);
    assert_eq!(why(&bundle, P), None);
    // Who declares one has one; and on one core a second one need not come.
    let of = |name: &str, cores: usize| {
        let mut bundle = predicted(header(vec![unasked(threads()), smol()], options(), cores));
        for _ in 0..8 {
            block(&mut bundle, &[(name, on_threads(1))]);
        }
        why(&bundle, name)
    };
    assert_eq!(of("smol:default@1/digest/spawn@2", 2), None);
    assert_eq!(of("smol:workers@1/digest/spawn@2", 1), None);
    // What places branches elsewhere by another primitive is held to it.
    let mut pool = predicted(header(vec![unasked(threads()), glommio()], options(), 2));
    for _ in 0..3 {
        for primitive in ["spawn", "dispatch"] {
            let name = format!("glommio:pool@2/digest/{primitive}@2");
            block(&mut pool, &[(&name, on_threads(1))]);
        }
    }
    assert_eq!(why(&pool, "glommio:pool@2/digest/spawn@2"), None);
    assert!(why(&pool, "glommio:pool@2/digest/dispatch@2").is_some());
}

/// What is declared is that it may be so, or that it is so: then the samples show what the adapter says.
#[test]
fn what_is_declared_to_be_so_is_no_contradiction() {
    let with = |change: &dyn Fn(&mut harness_protocol::Flavour)| {
        let mut entrant = smol();
        entrant.flavours.iter_mut().for_each(change);
        let mut bundle = predicted(header(vec![unasked(threads()), entrant], options(), 2));
        for _ in 0..8 {
            block(&mut bundle, &[(P, on_threads(1))]);
            block(&mut bundle, &[(TIMERS, waits(15.2, 1))]);
        }
        [why(&bundle, P), why(&bundle, TIMERS)].map(|why| why.is_some())
    };
    let breaks = |name: &'static str| {
        with(&|flavour: &mut harness_protocol::Flavour| flavour.breaks = vec![name.to_owned()])
    };
    assert_eq!(with(&|_| ()), [true, true]);
    let up_to = harness_protocol::Threads::UpToWorkers;
    assert_eq!(
        with(&|flavour| flavour.semantics.spawn = up_to),
        [false, true]
    );
    assert_eq!(breaks(REACHES), [false, true]);
    assert_eq!(
        breaks("spawned_task_needs_nobody_to_await_it"),
        [true, false]
    );
}

#[test]
fn spawned_waits_that_never_overlap_are_no_spawn() {
    let with = |blocks: usize, sample: &Sample| {
        let mut bundle = smol_run();
        for _ in 0..blocks {
            block(&mut bundle, &[(TIMERS, sample.clone())]);
        }
        why(&bundle, TIMERS)
    };
    insta::assert_snapshot!(
        with(3, &waits(15.2, 1)).unwrap(),
        @"its 3 branches waited one after the other in 3 processes, though each was handed over to wait beside the others"
    );
    assert_eq!(with(2, &waits(15.2, 1)), None);
    assert_eq!(with(3, &waits(15.2, 2)), None);
    // A thread that loses its core for as long as the wait finds it over.
    assert_eq!(with(3, &waits(5.2, 1)), None);
}
