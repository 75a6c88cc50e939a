//! Adapters that lie, each in one way (`harness/liars`): each is found out by its name, with the reason,
//! and their honest twin, the same program without a lie, is not.
//!
//! Two lines of defence. *Promises* (`harness verify`) try what an adapter declares of its runtime, on the
//! runtime itself. *Measurement* trusts none of that: `harness run --unverified` must still catch what
//! contradicts a wait, an answer, a thread, the work, or the kernel. Here is no threshold that a busy
//! machine could fail: it makes things longer, and all these look for what is too short or too many.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

use std::{collections::BTreeMap, os::unix::fs::symlink, process::Output, thread};

use crate::common::{folder_of, harness, json, list, said, stdout, unoptimised, workspace};
use harness_measure::adapters::Adapters;
use tempfile::TempDir;

/// A folder with the baseline, the origin and these liars: the one program that tells all lies, under its name.
fn folder(liars: &[&str]) -> TempDir {
    let folder = folder_of(&["threads"]);
    for name in liars {
        let link = folder.path().join(format!("runtime-{name}"));
        symlink(unoptimised().join("liar"), link).unwrap();
    }
    folder
}

fn ask(what: &str, liar: &str, arguments: &[&str]) -> Output {
    let folder = folder(&[liar]);
    let mut command = harness();
    command.args([what, "--quiet", "--format=json"]);
    command.arg(format!("--runtime={liar}"));
    command.arg("--adapters").arg(folder.path());
    command.args(arguments).output().unwrap()
}

/// Measures this liar, trusting it, and returns the report.
fn measured(liar: &str, arguments: &[&str]) -> Output {
    let results = TempDir::new().unwrap();
    let results = format!("--results={}", results.path().display());
    let mut all = vec!["--unverified", results.as_str()];
    all.extend(arguments);
    ask("run", liar, &all)
}

/// The cells that are worth nothing, `scenario/primitive`, each with its reason. Numbers are times, and
/// nonces, so they are not looked at.
fn failed(output: &Output, liar: &str) -> BTreeMap<String, String> {
    let report = json(output);
    let cells = list(&report, "cells").iter();
    let own = cells.filter(|cell| cell["runtime"] == liar);
    own.filter(|cell| cell["status"] != "ok")
        .map(|cell| {
            let word = |key: &str| cell[key].as_str().unwrap().to_owned();
            assert_eq!(word("status"), "wrong", "{cell}");
            let name = format!("{}/{}", word("scenario"), word("primitive"));
            (name, without_numbers(&word("reason")))
        })
        .collect()
}

/// `12.3 ms` becomes `N ms`, a hexadecimal answer `N`, and `workers@2` `workers@N`.
fn without_numbers(text: &str) -> String {
    let is_number = |word: &str| word.starts_with("0x") || word.parse::<f64>().is_ok();
    let words = text.split(' ').map(|word| {
        let bare = word.trim_end_matches([',', ':']);
        let end = &word[bare.len()..];
        match bare.split_once('@') {
            _ if is_number(bare) => format!("N{end}"),
            Some((name, number)) if is_number(number) => format!("{name}@N{end}"),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Measures two rounds of these scenarios, and expects just these cells to fail, each for this reason.
fn is_caught(liar: &str, scenarios: &str, expected: &[(&str, &str)]) {
    let scenarios = format!("--scenario={scenarios}");
    let output = measured(liar, &[&scenarios, "--rounds=2"]);
    let expected = expected
        .iter()
        .map(|&(cell, why)| (cell.into(), why.into()));
    assert_eq!(
        failed(&output, liar),
        expected.collect(),
        "{}",
        said(&output)
    );
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

/// The promises that this liar breaks, each with how.
fn broken(liar: &str) -> BTreeMap<String, String> {
    // A lie may make checks hang that are about something else, and those are waited for.
    let timeout = if liar == "honest" { "60s" } else { "20s" };
    let output = ask("verify", liar, &[&format!("--timeout={timeout}")]);
    let document = json(&output);
    let configurations = list(&document, "configurations");
    let broken: BTreeMap<String, String> = configurations
        .iter()
        .inspect(|configuration| assert_eq!(configuration["runtime"], liar))
        .flat_map(|configuration| list(configuration, "broken"))
        .map(|broken| {
            let word = |key: &str| broken[key].as_str().unwrap().to_owned();
            (word("check"), word("why"))
        })
        .collect();
    let code = i32::from(!broken.is_empty());
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    broken
}

/// Expects that this promise is broken, so; a lie may break others too.
fn breaks(liar: &str, check: &str, why: &str) {
    let broken = broken(liar);
    let said = broken
        .get(check)
        .unwrap_or_else(|| panic!("{check} was kept: {broken:#?}"));
    assert!(said.contains(why), "{check}: {said}");
}

#[test]
fn the_same_program_without_a_lie_is_honest() {
    let output = measured(
        "honest",
        &["--scenario=digest,timers,heartbeat,blocking", "--rounds=2"],
    );
    assert_eq!(
        failed(&output, "honest"),
        BTreeMap::new(),
        "{}",
        said(&output)
    );
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(broken("honest"), BTreeMap::new());
}

#[test]
fn no_list_shows_a_liar() {
    let adapters = Adapters::in_workspace(workspace()).unwrap();
    let listed: Vec<&str> = adapters.listed().map(|entry| entry.name.as_str()).collect();
    assert!(listed.contains(&"tokio"), "{listed:?}");
    for name in ["liar", "liars", "lazy", "honest"] {
        assert!(
            !listed.contains(&name) && adapters.get(name).is_none(),
            "{listed:?}"
        );
    }
    // What is in a folder is there because somebody put it there.
    let output = harness()
        .args(["list", "--adapters"])
        .arg(unoptimised())
        .output()
        .unwrap();
    assert!(
        !stdout(&output).contains("but for a lie"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_spawn_that_composes_is_caught() {
    breaks(
        "lazy",
        "spawned_task_needs_nobody_to_await_it",
        "a task has finished that nobody awaits yet",
    );
}

#[test]
fn a_spawn_that_runs_its_task_to_the_end_is_caught() {
    breaks(
        "inline",
        "spawn_returns_at_its_tasks_first_await",
        "spawn runs its task on through its awaits, and returns only then",
    );
}

#[test]
fn a_pool_of_one_that_claims_more_is_caught() {
    breaks(
        "alone",
        "spawn_reaches_as_many_threads_as_declared",
        "threads declared for spawn, 1 seen",
    );
}

/// Its promises are tried and kept, and its first round shows it.
#[test]
fn a_spawn_that_is_another_when_it_is_measured_is_caught() {
    let results = TempDir::new().unwrap();
    let results = format!("--results={}", results.path().display());
    let output = ask(
        "run",
        "two-faced",
        &["--scenario=digest,timers", "--rounds=1", &results],
    );
    let why = "branch N was polled inside the call that handed it over, and the adapter declares that new tasks are queued";
    let expected = ["digest/spawn", "timers/spawn"].map(|cell| (cell.to_owned(), why.to_owned()));
    assert_eq!(
        failed(&output, "two-faced"),
        expected.into(),
        "{}",
        said(&output)
    );
    let report = json(&output);
    let own = |one: &&serde_json::Value| one["runtime"] == "two-faced";
    for standing in list(&report, "verified").iter().filter(own) {
        assert_eq!(standing["word"], "kept", "{standing:#}");
    }
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

/// Eight processes with six samples each, and never a second thread: no machine is so busy for so long.
#[test]
fn a_pool_of_one_when_it_is_measured_is_caught() {
    if thread::available_parallelism().map_or(1, usize::from) < 2 {
        println!("skipped: on one core nobody needs a second thread");
        return;
    }
    let output = measured("lonely", &["--scenario=digest", "--rounds=8"]);
    let why = "one thread polled all its branches in N processes, and the adapter declares N";
    let expected = [("digest/spawn".to_owned(), why.to_owned())];
    assert_eq!(
        failed(&output, "lonely"),
        expected.into(),
        "{}",
        said(&output)
    );
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

#[test]
fn a_dropped_handle_that_does_otherwise_is_caught() {
    let broken = broken("cancels");
    assert!(
        broken.contains_key("dropping_a_handle_does_what_is_declared"),
        "{broken:#?}"
    );
}

#[test]
fn a_join_that_spawns_is_caught() {
    let why = "N threads polled its branches, and the adapter declares N";
    is_caught("scoped", "digest", &[("digest/compose", why)]);
    // From a task the parent may move, and still no two branches may be polled at once.
    let output = measured(
        "scoped",
        &["--scenario=digest", "--rounds=2", "--root=worker"],
    );
    let report = json(&output);
    let claims = list(&report, "claims").iter();
    let claim = claims
        .clone()
        .find(|claim| claim["claim"] == "compose-is-never-parallel");
    let claim = claim.unwrap_or_else(|| panic!("{report:#}"));
    assert_eq!(claim["verdict"], "refuted", "{claim}");
    let why = claim["reason"].as_str().unwrap();
    assert!(
        why.contains("threads were inside branches at once"),
        "{why}"
    );
}

#[test]
fn work_before_the_clock_is_caught() {
    is_caught(
        "early",
        "digest,timers",
        &[
            (
                "digest/spawn",
                "done in N ms, and its work takes N ms on N threads",
            ),
            (
                "timers/spawn",
                "done in N ms, and it was asked for a wait of N ms",
            ),
        ],
    );
}

#[test]
fn a_wrong_answer_is_caught() {
    // Before the first block: every spawn of it answers wrongly.
    let why = "what it takes to spawn N branches, on mistaken multi-thread@N: branch N came to N over N repeats, expected N";
    is_caught(
        "mistaken",
        "digest,timers",
        &[("digest/spawn", why), ("timers/spawn", why)],
    );
}

#[test]
fn an_answer_of_an_earlier_sample_is_caught() {
    let why = "what it takes to spawn N branches, on memo multi-thread@N: branch N came to N over N repeats, expected N";
    is_caught(
        "memo",
        "digest,timers",
        &[("digest/spawn", why), ("timers/spawn", why)],
    );
}

#[test]
fn work_skipped_after_the_first_sample_is_caught() {
    let why = "work was skipped: N ms of CPU time for branches that take N ms alone";
    let cells = ["digest/compose", "digest/sequential", "digest/spawn"];
    is_caught("skips", "digest", &cells.map(|cell| (cell, why)));
}

/// In calibration, or in the first round whose figures leave no doubt: that depends on what the machine does besides.
fn is_caught_sooner_or_later(runtime: &str, whys: &[&str]) {
    let output = measured(runtime, &["--scenario=digest", "--rounds=2"]);
    let failed = failed(&output, runtime);
    let alone = format!("one branch alone, on {runtime} multi-thread@N: ");
    let found = failed.get("digest/spawn").map(String::as_str);
    let found = found.map(|found| found.strip_prefix(&alone).unwrap_or(found));
    assert!(
        found.is_some_and(|found| whys.contains(&found)),
        "{found:?}: {}",
        said(&output)
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn cpu_time_that_nobody_used_is_caught() {
    let why = "its samples say N ms of CPU time, and the kernel counted N ms for the whole process";
    // By so little that it would hide in its start, were that not told apart.
    let started = format!("{why}, which takes N ms to start");
    is_caught_sooner_or_later("forges", &[why, &started]);
}

#[test]
fn more_cpu_time_than_there_was_is_caught() {
    let whys = [
        "N ms of CPU time in N ms on N CPUs",
        "sample N of N cannot be true: mean_overlap: it is N, and polled_ns over wall_ns is N",
    ];
    is_caught_sooner_or_later("shrinks", &whys);
}

#[test]
fn workers_that_drift_are_caught() {
    let why = "N threads have polled its branches in one process, and the adapter declares N";
    is_caught("drifts", "timers", &[("timers/spawn", why)]);
}

#[test]
fn a_timer_that_fires_early_is_caught() {
    let longest = "done in N ms, and it was asked for a wait of N ms";
    let in_turn = "done in N ms, and it was asked for N waits of N ms each, one after the other";
    is_caught(
        "hasty",
        "timers",
        &[
            ("timers/compose", longest),
            ("timers/sequential", in_turn),
            ("timers/spawn", longest),
        ],
    );
    assert!(broken("hasty").contains_key("sleep_lasts_as_long_as_asked"));
}

#[test]
fn deadlines_that_are_fixed_together_are_caught() {
    let why = "done in N ms, and it was asked for N waits of N ms each, one after the other";
    is_caught("same-deadline", "timers", &[("timers/sequential", why)]);
}
