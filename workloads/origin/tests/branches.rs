//! The branches that talk to the origin, against the real one.

// Helpers of tests are tests as well, but clippy does not know it.
#![expect(clippy::unwrap_used)]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use crate::running::Running;
use workload_api::{Env, Origin, Workload};
use workload_field::{FetchThenCompute, OneConnection, SelectBudget};
use workload_io::{Connections, Echo, Http, SocketAndTimer};
use workload_mixed::SyncAccount;
use workload_testing::{Answers, env};

fn env_of(running: &Running) -> Env {
    let harness_protocol::Origin {
        http,
        delayed,
        echo,
        held,
    } = running.origin;
    let mut env = env();
    env.branches = 4;
    env.origin = Some(Origin {
        http,
        delayed,
        echo,
        held,
    });
    env
}

fn answers_are_right(workload: impl Workload) {
    let running = Running::start();
    Answers::of(workload, &env_of(&running)).are_expected_and_differ();
}

fn waits_at_least_its_wait(workload: impl Workload) {
    let running = Running::start();
    let env = env_of(&running);
    for index in 0..2 {
        let start = Instant::now();
        let _ = Answers::one(workload, &env, index);
        assert!(start.elapsed() >= env.wait, "branch {index}");
    }
}

#[test]
fn http_answers_and_waits() {
    answers_are_right(Http);
    waits_at_least_its_wait(Http);
}

#[test]
fn socket_and_timer_answers_and_waits() {
    answers_are_right(SocketAndTimer);
    waits_at_least_its_wait(SocketAndTimer);
}

#[test]
fn sync_account_answers_waits_and_depends_on_its_steps() {
    answers_are_right(SyncAccount);
    waits_at_least_its_wait(SyncAccount);
    let running = Running::start();
    Answers::of(SyncAccount, &env_of(&running)).differ_by_steps();
}

#[test]
fn echo_answers() {
    answers_are_right(Echo);
}

#[test]
fn requests_over_one_connection_answer_and_wait_for_each_other() {
    answers_are_right(OneConnection);
    waits_at_least_its_wait(OneConnection);
    let running = Running::start();
    let env = env_of(&running);
    let start = Instant::now();
    let _ = Answers::composed(OneConnection, &env);
    assert!(start.elapsed() >= env.wait * 4, "four, one after the other");
}

#[test]
fn a_fetch_and_its_work_answer_and_short_requests_report_how_late_they_are() {
    answers_are_right(FetchThenCompute);
    let running = Running::start();
    let env = env_of(&running);
    let mut more = env.clone();
    more.steps += 1;
    for index in 0..3 {
        let answer = Answers::one(FetchThenCompute, &env, index);
        assert_ne!(Answers::one(FetchThenCompute, &more, index), answer);
        assert_eq!(env.lateness.largest(), None, "branch {index} computes");
    }
    let start = Instant::now();
    let _ = Answers::one(FetchThenCompute, &env, 3);
    assert!(start.elapsed() >= env.wait - Duration::from_nanos(2));
    assert!(env.lateness.largest().is_some());
}

#[test]
fn a_loop_over_a_socket_and_what_is_always_ready_answers() {
    answers_are_right(SelectBudget);
    let running = Running::start();
    let env = env_of(&running);
    let mut more = env.clone();
    more.steps += 1;
    let answer = Answers::one(SelectBudget, &env, 0);
    assert_ne!(Answers::one(SelectBudget, &more, 0), answer);
}

/// All at once, or none would come to an end.
#[test]
#[cfg(target_os = "linux")]
fn held_connections_answer_and_say_how_long_all_were_open() {
    let running = Running::start();
    let env = env_of(&running);
    let answers = Answers::composed(Connections, &env);
    let expected: Vec<u64> = (0..4).map(|i| Connections.expected(&env, i)).collect();
    assert_eq!(answers, expected);
    let took = env.stretch.took().unwrap();
    assert!(
        took.wall > Duration::ZERO && took.other > Duration::ZERO,
        "{took:?}"
    );
}

#[test]
fn composed_branches_answer_as_well() {
    let running = Running::start();
    let env = env_of(&running);
    let answers = Answers::composed(SyncAccount, &env);
    let expected: Vec<u64> = (0..4).map(|i| SyncAccount.expected(&env, i)).collect();
    assert_eq!(answers, expected);
}

/// What a branch says when it fails.
fn failure(workload: impl Workload, env: &Env) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _ = Answers::one(workload, env, 0);
    }))
    .unwrap_err();
    *panic.downcast::<String>().unwrap()
}

#[test]
fn a_branch_with_nobody_to_talk_to_says_so_in_one_line() {
    // A port below those that are handed out, and long out of use.
    let nobody = "127.0.0.1:1".parse().unwrap();
    let mut env = env();
    env.origin = Some(Origin {
        http: nobody,
        delayed: nobody,
        echo: nobody,
        held: Some(nobody),
    });
    let said = [
        failure(Http, &env),
        failure(SocketAndTimer, &env),
        failure(SyncAccount, &env),
        failure(Echo, &env),
        failure(Connections, &env),
        failure(OneConnection, &env),
        failure(FetchThenCompute, &env),
        failure(SelectBudget, &env),
    ];
    let names = [
        "http: ",
        "socket-and-timer: ",
        "sync-account: ",
        "echo: ",
        "connections: ",
        "field/one-connection: ",
        "field/fetch-then-compute: ",
        "field/select-budget: ",
    ];
    for (line, name) in said.iter().zip(names) {
        assert!(line.starts_with(name), "{line}");
        assert!(line.to_lowercase().contains("refused"), "{line}");
        assert!(!line.contains('\n'), "{line}");
    }
}

#[test]
fn a_branch_that_is_refused_says_why() {
    let running = Running::start();
    let mut env = env_of(&running);
    env.wait = Duration::from_secs(11);
    let line = failure(Http, &env);
    assert!(
        line.contains("400") && line.contains("delay_ns is more than 10s"),
        "{line}"
    );
}

#[test]
fn an_origin_that_goes_in_the_middle_fails_the_branch() {
    let mut running = Running::start();
    let mut env = env_of(&running);
    env.wait = Duration::from_secs(9);
    let gone = thread::spawn(move || {
        drop(running.process.stdin.take());
        running.process.wait().unwrap()
    });
    let line = failure(Http, &env);
    assert!(line.starts_with("http: "), "{line}");
    assert!(gone.join().unwrap().success());
}
