//! The timed region, on a runtime that starts a thread for whatever is spawned.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    path::PathBuf,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll as Polled},
    thread::{self, JoinHandle, ThreadId},
};

use futures_lite::{future, io::Cursor};
use runtime_api::{About, Flavour, Handle, OnDrop, OnPanic, Semantics, Threads, Workers};
use workload_api::Workload;

use super::*;

mod forked;
mod repeated;
mod shared;
mod together;
mod unwatched;

/// What happened, in order: of a branch, or of the runtime.
static LOG: Mutex<Vec<(&'static str, usize, ThreadId)>> = Mutex::new(Vec::new());

fn log(what: &'static str, which: usize) {
    let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    log.push((what, which, thread::current().id()));
}

/// Takes the log. The witness and the count of spawns are the process's, so one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    let alone = witness::ALONE
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    logged();
    alone
}

fn logged() -> Vec<(&'static str, usize, ThreadId)> {
    std::mem::take(&mut *LOG.lock().unwrap_or_else(PoisonError::into_inner))
}

fn words() -> Vec<(&'static str, usize)> {
    logged()
        .into_iter()
        .map(|(what, which, _)| (what, which))
        .collect()
}

struct ThreadEach;

struct Task<T>(Option<JoinHandle<T>>);

impl<T> Future for Task<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Polled<T> {
        // Blocks, which a test may.
        Polled::Ready(self.0.take().unwrap().join().unwrap())
    }
}

impl<T: Send + 'static> Handle<T> for Task<T> {
    fn detach(self) {}
}

fn start<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Task<T> {
    Task(Some(thread::spawn(work)))
}

impl Runtime for ThreadEach {
    type Stream = Cursor<Vec<u8>>;

    fn about() -> About {
        About {
            name: "thread-each",
            flavours: vec![Flavour {
                name: "default",
                summary: "for tests",
                workers: Workers::PerCore,
            }],
        }
    }

    fn semantics(config: &Config) -> Semantics {
        Semantics {
            spawn: Threads::Branches,
            dispatch: (config.flavour == "dispatches").then_some(Threads::Branches),
            dispatched: None,
            blocking: Threads::Branches,
            on_drop: OnDrop::Detaches,
            on_panic: OnPanic::ReachesAwaiter,
            polls_at_once: false,
            preemptive: true,
            threads_outlive_root: false,
        }
    }

    fn start<M, F>(_: &Config, root: M) -> io::Result<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        Ok(future::block_on(root()))
    }

    async fn compose2<A, B>(a: A, b: B) -> (A::Output, B::Output)
    where
        A: Future + Send,
        B: Future + Send,
        A::Output: Send,
        B::Output: Send,
    {
        log("compose2", 2);
        future::zip(a, b).await
    }

    async fn compose<F>(branches: Vec<F>) -> Vec<F::Output>
    where
        F: Future + Send,
        F::Output: Send,
    {
        log("compose", branches.len());
        let mut outputs = Vec::new();
        for branch in branches {
            outputs.push(branch.await);
        }
        outputs
    }

    fn spawn<F>(future: F) -> impl Handle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        start(|| future::block_on(future))
    }

    fn dispatch<B, F>(build: B) -> impl Future<Output = F::Output> + Send + 'static
    where
        B: FnOnce() -> F + Send + 'static,
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        start(|| future::block_on(build()))
    }

    fn spawn_blocking<B, T>(blocking: B) -> impl Future<Output = T> + Send + 'static
    where
        B: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        start(blocking)
    }

    async fn sleep(duration: Duration) {
        thread::sleep(duration);
    }

    async fn yield_now() {
        future::yield_now().await;
    }

    async fn connect(_: SocketAddr) -> io::Result<Self::Stream> {
        Err(io::ErrorKind::Unsupported.into())
    }

    async fn read_file(_: PathBuf) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Logs where and when a branch is made, begins and ends; pending once between.
#[derive(Clone, Copy)]
struct Logs {
    /// Spawns a task of its own.
    spawns: bool,
    /// Answers wrongly in this branch.
    wrong: Option<usize>,
}

const LOGS: Logs = Logs {
    spawns: false,
    wrong: None,
};

impl Workload for Logs {
    const OFFLOADS: bool = true;

    fn branch<R: Runtime>(
        self,
        env: Env,
        index: usize,
    ) -> impl Future<Output = u64> + Send + 'static {
        log("made", index);
        async move {
            log("begins", index);
            if self.spawns {
                R::spawn(async {}).await;
            }
            let mut pended = false;
            poll_fn(|context| {
                context.waker().wake_by_ref();
                if std::mem::replace(&mut pended, true) {
                    Polled::Ready(())
                } else {
                    Polled::Pending
                }
            })
            .await;
            log("ends", index);
            mix(env.nonce, index as u64) + u64::from(self.wrong == Some(index))
        }
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        mix(env.nonce, index as u64)
    }
}

fn request(primitive: Primitive, branches: usize) -> Measure {
    Measure {
        v: harness_protocol::VERSION,
        flavour: "default".to_owned(),
        workers: 2,
        root: Root::BlockOn,
        scenario: "digest".to_owned(),
        primitive,
        branches,
        only: None,
        wait_ns: 0,
        steps: 0,
        samples: 1,
        warmups: 0,
        nonce: 9,
        origin: None,
        folder: PathBuf::from("."),
        trace: 0,
        repeats: 1,
        count: false,
        unwatched: false,
        unasked: false,
        blocking_threads: None,
    }
}

fn on(workload: impl Workload) -> Box<dyn AnyWorkload> {
    crate::on::on::<ThreadEach>(workload)
}

fn sampled(request: &Measure, workload: Logs) -> Sample {
    let env = env(request);
    future::block_on(sample_of::<ThreadEach>(request, &*on(workload), env))
}

#[test]
fn in_turn_means_that_none_is_made_before_the_one_before_it_ends() {
    let _alone = alone();
    let sample = sampled(&request(Primitive::Sequential, 2), LOGS);
    assert_eq!(
        words(),
        [
            ("made", 0),
            ("begins", 0),
            ("ends", 0),
            ("made", 1),
            ("begins", 1),
            ("ends", 1)
        ]
    );
    assert_eq!((sample.polls, sample.peak_concurrency), (4, 1));
    assert_eq!((sample.threads, sample.peak_overlap), (1, 1));
    assert_eq!(sample.wrong, None);
}

#[test]
fn two_are_joined_as_two_and_others_as_a_list() {
    let _alone = alone();
    for (n, expected) in [(1, "compose"), (2, "compose2"), (3, "compose")] {
        let sample = sampled(&request(Primitive::Compose, n), LOGS);
        let joins: Vec<(&str, usize)> = words()
            .into_iter()
            .filter(|(what, _)| what.starts_with("compose"))
            .collect();
        assert_eq!(joins, [(expected, n)]);
        assert_eq!((sample.wrong, sample.hidden_spawns), (None, 0));
        assert_eq!((sample.polls, sample.threads), (2 * n as u64, 1));
    }
}

#[test]
fn two_that_are_joined_are_in_flight_together() {
    let _alone = alone();
    let sample = sampled(&request(Primitive::Compose, 2), LOGS);
    assert_eq!((sample.peak_concurrency, sample.peak_overlap), (2, 1));
    let begun: Vec<_> = words()
        .into_iter()
        .filter(|(what, _)| *what != "made")
        .collect();
    assert_eq!(
        begun,
        [
            ("compose2", 2),
            ("begins", 0),
            ("begins", 1),
            ("ends", 0),
            ("ends", 1)
        ]
    );
}

/// Which thread made each branch, beside the one that polled it.
fn made_where_polled() -> Vec<bool> {
    let log = logged();
    let thread = |what: &str, which: usize| {
        let found = log.iter().find(|(w, i, _)| *w == what && *i == which);
        found.unwrap().2
    };
    (0..3)
        .map(|i| thread("made", i) == thread("begins", i))
        .collect()
}

#[test]
fn what_is_spawned_is_made_here_and_what_is_dispatched_there() {
    let _alone = alone();
    for (primitive, there) in [
        (Primitive::Spawn, false),
        (Primitive::Dispatch, true),
        (Primitive::SpawnBlocking, false),
    ] {
        let sample = sampled(&request(primitive, 3), LOGS);
        assert_eq!(made_where_polled(), [there; 3], "{primitive:?}");
        assert_eq!((sample.threads, sample.polls), (3, 6), "{primitive:?}");
        assert_eq!(sample.wrong, None);
        // Placing the branches is the runner's doing, and none of theirs.
        assert_eq!(sample.hidden_spawns, 0);
    }
}

#[test]
fn tasks_that_branches_make_behind_the_readers_back_are_counted() {
    let _alone = alone();
    let spawns = Logs {
        spawns: true,
        ..LOGS
    };
    for primitive in [Primitive::Compose, Primitive::Spawn] {
        let sample = sampled(&request(primitive, 3), spawns);
        assert_eq!(sample.hidden_spawns, 3);
        assert!((1..=3).contains(&sample.hidden_peak.unwrap()));
    }
    assert_eq!(
        sampled(&request(Primitive::Compose, 3), LOGS).hidden_spawns,
        0,
        "counted afresh"
    );
    assert_eq!(
        sampled(&request(Primitive::Compose, 3), LOGS).hidden_peak,
        None
    );
}

#[test]
fn a_parent_in_a_task_is_no_branch() {
    let _alone = alone();
    let here = thread::current().id();
    let in_task = Measure {
        root: Root::Worker,
        ..request(Primitive::Compose, 3)
    };
    let sample = sampled(&in_task, LOGS);
    assert!(logged().iter().all(|(_, _, thread)| *thread != here));
    assert_eq!((sample.threads, sample.hidden_spawns), (1, 0));
}

#[test]
fn wrong_answers_are_reported_whatever_put_the_branches_together() {
    let _alone = alone();
    for primitive in [
        Primitive::Sequential,
        Primitive::Compose,
        Primitive::Spawn,
        Primitive::Dispatch,
        Primitive::SpawnBlocking,
    ] {
        for which in 0..3 {
            let lies = Logs {
                wrong: Some(which),
                ..LOGS
            };
            let why = sampled(&request(primitive, 3), lies).wrong.unwrap();
            assert!(
                why.starts_with(&format!("branch {which} answered ")),
                "{why}"
            );
        }
    }
}

#[test]
fn one_branch_alone_keeps_its_name_among_the_others() {
    let _alone = alone();
    let only = Measure {
        only: Some(2),
        trace: 9,
        ..request(Primitive::Sequential, 3)
    };
    let sample = sampled(&only, LOGS);
    assert_eq!(words(), [("made", 2), ("begins", 2), ("ends", 2)]);
    assert_eq!(sample.wrong, None);
    assert!(sample.trace.iter().all(|poll| poll.branch == 2));
    assert_eq!(sample.trace.len(), 2);
}

#[test]
fn a_trace_is_in_order_and_no_longer_than_asked() {
    let _alone = alone();
    let asked = |trace| Measure {
        trace,
        ..request(Primitive::Compose, 2)
    };
    assert!(sampled(&asked(0), LOGS).trace.is_empty());
    let trace = sampled(&asked(3), LOGS).trace;
    let branches: Vec<u32> = trace.iter().map(|poll| poll.branch).collect();
    assert_eq!(branches, [0, 1, 0]);
    assert!(trace.iter().all(|poll| poll.start_ns <= poll.end_ns));
}

#[test]
fn a_trace_holds_the_first_hand_overs_and_the_thread_that_made_them() {
    let _alone = alone();
    let asked = |primitive, trace| Measure {
        trace,
        ..request(primitive, 3)
    };
    for primitive in [
        Primitive::Spawn,
        Primitive::Dispatch,
        Primitive::SpawnBlocking,
    ] {
        let sample = sampled(&asked(primitive, 99), LOGS);
        let branches: Vec<u32> = sample.handed.iter().map(|handed| handed.branch).collect();
        assert_eq!(branches, [0, 1, 2], "{primitive:?}");
        let ordered = sample.handed.windows(2);
        assert!(
            ordered
                .clone()
                .all(|pair| pair[0].end_ns <= pair[1].start_ns)
        );
        for handed in &sample.handed {
            assert_eq!(handed.thread, witness::thread(), "the parent's");
            assert!(handed.start_ns <= handed.end_ns && handed.end_ns <= sample.wall_ns);
            let mut polls = sample
                .trace
                .iter()
                .filter(|poll| poll.branch == handed.branch);
            let first = polls.next().unwrap();
            assert!(handed.start_ns <= first.start_ns, "{primitive:?}");
            assert_ne!(
                first.thread, handed.thread,
                "a thread each, and not the parent's"
            );
        }
        // The parent has a number now, and polls nothing all the same.
        assert_eq!(sample.threads, 3);

        let cut = sampled(&asked(primitive, 2), LOGS);
        assert_eq!((cut.handed.len(), cut.trace.len()), (2, 2));
        assert_eq!(
            cut.wrong, None,
            "those beyond the trace are handed over too"
        );
        assert!(sampled(&asked(primitive, 0), LOGS).handed.is_empty());
    }
    for primitive in [Primitive::Sequential, Primitive::Compose] {
        assert!(sampled(&asked(primitive, 99), LOGS).handed.is_empty());
    }
    logged();
}

#[test]
fn what_cannot_be_run_says_why() {
    let why = |flavour: &str, request: &Measure| {
        let config = Config::new(flavour, request.workers);
        unsupported::<ThreadEach>(&config, request, &*on(LOGS))
    };
    let dispatch = request(Primitive::Dispatch, 2);
    assert!(
        why("default", &dispatch)
            .unwrap()
            .contains("dispatch is spawn")
    );
    assert_eq!(why("dispatches", &dispatch), None);
    let named = |scenario: &str, primitive| Measure {
        scenario: scenario.to_owned(),
        ..request(primitive, 2)
    };
    let blocking = named("timers", Primitive::SpawnBlocking);
    assert_eq!(
        why("default", &blocking).unwrap(),
        "timers awaits, so it is no blocking code"
    );
    assert_eq!(
        why("default", &named("blocking", Primitive::SpawnBlocking)),
        None
    );
    let http = named("http", Primitive::Compose);
    assert!(
        why("default", &http)
            .unwrap()
            .contains("http needs an origin")
    );
    let nobody = Measure {
        workers: 0,
        ..request(Primitive::Spawn, 2)
    };
    for empty in [nobody, request(Primitive::Spawn, 0)] {
        assert!(why("default", &empty).unwrap().contains("at least one"));
    }
    let config = Config::new("default", 2);
    let reply = measure::<ThreadEach>(&config, &named("nonesuch", Primitive::Spawn));
    assert_eq!(
        reply,
        Reply::Unsupported {
            why: "this adapter knows no scenario nonesuch".to_owned()
        }
    );
}

#[test]
fn a_scenario_that_was_not_compiled_is_refused_with_its_group() {
    let why = unknown("field/hot-loop");
    assert!(
        why.contains("without the scenarios of the group field"),
        "{why}"
    );
    assert!(why.contains("--features harness-runner/field"), "{why}");
}

/// The tests of this crate are built with all groups, as a folder of prebuilt adapters is.
#[test]
fn with_all_features_every_scenario_is_known() {
    let config = Config::new("default", 2);
    for scenario in workload_catalogue::SCENARIOS {
        let nothing = Measure {
            scenario: scenario.name.to_owned(),
            ..request(Primitive::Spawn, 0)
        };
        let Reply::Unsupported { why } = measure::<ThreadEach>(&config, &nothing) else {
            panic!("{}", scenario.name)
        };
        assert!(!why.contains("this adapter"), "{why}");
    }
}

/// The harness asks by the catalogue, and what is compiled goes by the workload.
#[test]
fn the_catalogue_knows_which_workloads_are_blocking_code() {
    macro_rules! agree {
        ($($name:literal $(in $group:tt)? => $workload:path, $facts:expr;)*) => {
            $(
                let made = made!(ThreadEach, [$($group)?] $name, $workload);
                assert_eq!(made.offloads(), scenario($name).unwrap().offloads, $name);
            )*
        };
    }
    catalogue!(agree);
}
