//! Scenarios of the harness, put together by a program that watches itself: what the library says of the very branches
//! that the harness measures.
//!
//! A line for each way: `SCENARIO joined|spawned CLASS`, as the harness names classes in its JSON. `harness/tests/field.rs`
//! holds it against what the harness says.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use poll_witness::{Report, Site, Witness as _, rules::Class};
use runtime_tokio::Tokio;
use tokio::runtime::Builder;
use workload_api::{Env, Lateness, Shared, Stretch, Workload};
use workload_catalogue::Branches;

/// As the test has the harness start tokio.
const WORKERS: usize = 2;
/// So often a call is made before it is left undecided: on a busy machine it may be for good.
const ATTEMPTS: usize = 10;

static SITE: Site = Site::new("scenario");

fn main() {
    say("timers", workload_io::Timers);
    say("digest", workload_cpu::Digest);
    say("field/shared-lock", workload_field::SharedLock);
    say("field/blocking-lookup", workload_field::BlockingLookup);
}

fn say(scenario: &str, workload: impl Workload) {
    let env = env(scenario, workload);
    for (way, spawned) in [("joined", false), ("spawned", true)] {
        let mut attempts = (0..ATTEMPTS).map(|_| call(workload, &env, spawned));
        let class = |report: Report| report.diagnosis.class;
        let decided = attempts.find_map(|report| {
            let class = class(report);
            (class != Class::NotDecided).then_some(class)
        });
        let class = decided.unwrap_or(Class::NotDecided).name();
        println!(
            "{scenario} {way} {}",
            class.replace(": ", "-").replace(' ', "-")
        );
    }
}

/// One call of all branches, under the witness.
fn call<W: Workload>(workload: W, env: &Env, spawned: bool) -> Report {
    let runtime = Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .build()
        .expect("threads can be started");
    let env = Env {
        shared: workload.share(env),
        start: Instant::now(),
        ..env.clone()
    };
    let (answers, report) = runtime.block_on(async {
        let call = SITE.enter();
        let branches = (0..env.branches).map(|index| {
            let branch = workload.branch::<Tokio>(env.clone(), index);
            branch.witness(&call, format!("branch {index}"))
        });
        let answers = if spawned {
            let tasks = call.scope(join_all(branches.map(tokio::spawn))).await;
            tasks
                .into_iter()
                .map(|task| task.expect("no branch panics"))
                .collect()
        } else {
            call.scope(join_all(branches)).await
        };
        (answers, call.finish())
    });
    let expected: Vec<u64> = (0..env.branches)
        .map(|index| workload.expected(&env, index))
        .collect();
    assert_eq!(answers, expected, "it is other work");
    report
}

/// What the branches are given: as many, with the waits of the catalogue, and with as many steps as take its time.
fn env(scenario: &str, workload: impl Workload) -> Env {
    let facts = workload_catalogue::scenario(scenario).expect("it is in the catalogue");
    let branches = match facts.branches {
        Branches::Of(count) | Branches::Exactly(count) => count,
        _ => WORKERS,
    };
    let millis = |ms: f64| Duration::from_secs_f64(ms / 1e3);
    let mut env = Env {
        branches,
        wait: millis(facts.wait_ms),
        steps: 1,
        nonce: 42,
        start: Instant::now(),
        origin: None,
        folder: Arc::from(Path::new("no folder is needed")),
        lateness: Lateness::default(),
        stretch: Stretch::default(),
        shared: Shared::default(),
    };
    if facts.work_ms > 0.0 {
        env.steps = steps(workload, &env, millis(facts.work_ms));
    }
    env
}

/// How many steps take so long: by the fastest of some attempts, since load only slows one down.
fn steps(workload: impl Workload, env: &Env, work: Duration) -> u64 {
    const SOME: u64 = 50;
    let some = Env {
        steps: SOME,
        ..env.clone()
    };
    let attempts = (0..20).map(|_| {
        let began = Instant::now();
        workload.expected(&some, 0);
        began.elapsed()
    });
    let fastest = attempts.min().unwrap_or_default().as_nanos().max(1);
    let steps = u128::from(SOME) * work.as_nanos() / fastest;
    u64::try_from(steps).unwrap_or(u64::MAX).max(1)
}
