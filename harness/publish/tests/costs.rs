//! `harness costs` from end to end: an executable that was made up is asked, and what it says is recorded,
//! reported on and checked.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use crate::common::{
    self, fixture, harness, json, list, record, reported, said, stderr, stdout, until,
};
use serde_json::Value;
use tempfile::TempDir;

/// The threads adapter, and beside it an executable that was made up.
fn adapters() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("costs");
        fs::create_dir_all(&folder).unwrap();
        for file in ["runtime-threads", "adapters.json"] {
            fs::copy(common::prebuilt().join(file), folder.join(file)).unwrap();
        }
        fs::copy(fixture("costs.sh"), folder.join("costs-threads")).unwrap();
        folder
    })
}

fn costs(results: &Path, arguments: &[&str]) -> Command {
    let mut command = harness();
    command.arg("costs").args(arguments);
    command.arg("--adapters").arg(adapters());
    command.arg("--results").arg(results);
    command
}

fn ran(arguments: &[&str]) -> (TempDir, Output) {
    let results = TempDir::new().unwrap();
    let output = costs(results.path(), arguments).output().unwrap();
    (results, output)
}

/// Whether instructions can be counted here.
fn valgrind() -> bool {
    let found = Command::new("valgrind").arg("--version").output();
    let found = found.is_ok_and(|output| output.status.success());
    if !found {
        assert!(
            env::var_os("CI").is_none(),
            "valgrind is not installed, and CI skips nothing"
        );
        eprintln!("skipped: valgrind is not installed");
    }
    found
}

/// The one with these values.
fn one<'a>(report: &'a Value, key: &str, wanted: &[(&str, Value)]) -> &'a Value {
    let is_it = |one: &&Value| wanted.iter().all(|(name, value)| one[*name] == *value);
    let mut found = list(&report["costs"], key).iter().filter(is_it);
    let first = found
        .next()
        .unwrap_or_else(|| panic!("no {key} {wanted:?} in {report}"));
    assert!(found.next().is_none(), "several {key} are {wanted:?}");
    first
}

/// Three rounds of six operations: times and allocations are those that the executable was made up with.
#[test]
fn what_the_executable_says_is_recorded_and_reported() {
    let (results, output) = ran(&[
        "--operation=compose-ready,spawn-ready,block_on",
        "--rounds=3",
        "--workers=2",
        "--no-instructions",
        "--format=json",
        "--note=made up",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    assert_eq!(report["complete"], true);
    assert!(list(&report, "claims").is_empty() && list(&report, "cells").is_empty());
    let of = |operation: &str, side: &str| {
        let wanted = [
            ("flavour", "threads".into()),
            ("operation", operation.into()),
            ("side", side.into()),
        ];
        one(&report, "operations", &wanted).clone()
    };
    let spawned = of("spawn-ready/2", "trait");
    assert_eq!(spawned["time_ns"]["median"], 1500.0);
    assert_eq!(spawned["time_per_branch_ns"], 750.0);
    assert_eq!(
        (&spawned["allocations"], &spawned["bytes"]),
        (&2.into(), &640.into())
    );
    assert_eq!(of("spawn-ready/1000", "twin")["time_per_branch_ns"], 750.0);
    assert_eq!(of("block_on/spawn-ready/2", "trait")["root"], "block_on");
    // The one operation whose sides allocate differently.
    for (operation, equal) in [("compose-ready/2", true), ("spawn-ready/1000", false)] {
        let wanted = [
            ("flavour", "threads".into()),
            ("operation", operation.into()),
        ];
        assert_eq!(one(&report, "twins", &wanted)["allocations_equal"], equal);
    }
    // Every promise was tried, once on each configuration.
    let verified: Vec<(&Value, &Value)> = list(&report, "verified")
        .iter()
        .map(|one| (&one["flavour"], &one["kept"]))
        .collect();
    let (threads, thread_a_branch, all) = ("threads".into(), "thread-a-branch".into(), 40.into());
    assert_eq!(verified, [(&threads, &all), (&thread_a_branch, &all)]);
    let answer = &list(&report["costs"], "answers")[0]["two"];
    assert_eq!(
        answer,
        "two awaits: join 500 ns, 0 allocations; spawn 1.50 µs, 2 allocations, 640 bytes; from block_on 52.0 µs"
    );

    // The order alternates, and both sides stand in every round.
    let folder = record(results.path());
    let events = fs::read_to_string(folder.join("samples.jsonl")).unwrap();
    let first: Vec<String> = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| event["operation"] == "compose-ready/2" && event["flavour"] == "threads")
        .filter(|event| event["found"]["time"]["order"] == 0)
        .map(|event| event["side"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(first, ["trait", "twin", "trait"]);

    let checked = harness().arg("check").arg(&folder).output().unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    assert!(stdout(&checked).contains("findings of costs  complete and sealed"));
    let head: Value = serde_json::from_slice(&fs::read(folder.join("run.json")).unwrap()).unwrap();
    assert_eq!(head["note"], "made up");
    // Of the program that was measured, which is not the adapter.
    let sum = harness_record::bundle::sum(&fs::read(adapters().join("costs-threads")).unwrap());
    assert_eq!(head["adapters"][0]["sha256"], sum);

    // Every format says the same from the record.
    for (format, line) in [
        ("table", "  spawn-ready/2"),
        ("table", "threads threads@2          40 of 40 promises kept"),
        ("markdown", "| spawn-ready/2 | "),
        ("markdown", "- threads threads@2: 40 of 40 promises kept"),
        (
            "csv",
            "threads,,threads,2,spawn-ready/2,worker,2,trait,1500,,,750,,2,640,",
        ),
    ] {
        let printed = reported(&folder, format);
        assert!(
            printed.lines().any(|printed| printed.starts_with(line)),
            "{line}\n{printed}"
        );
    }
    // Nothing else makes sense of it, and says so in a line.
    for command in [
        &["merge"][..],
        &["export", "--format=csv"],
        &["timeline", "threads/digest/spawn", "--from"],
    ] {
        let output = harness().args(command).arg(&folder).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{command:?}: {}",
            said(&output)
        );
        let line = stderr(&output);
        assert!(
            line.contains("counted what primitives cost, and has no cells"),
            "{line}"
        );
        assert_eq!(line.lines().count(), 1, "{line}");
    }
}

#[test]
fn a_crash_and_a_hang_are_failed_operations_and_the_others_go_on() {
    let (_results, output) = ran(&[
        "--operation=crashes,hangs,compose-ready",
        "--rounds=1",
        "--workers=2",
        "--no-instructions",
        "--timeout=5s",
        "--format=json",
    ]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = json(&output);
    let failed = |operation: &str| {
        let wanted = [
            ("flavour", "threads".into()),
            ("operation", operation.into()),
            ("side", "trait".into()),
        ];
        one(&report, "operations", &wanted)["failed"].clone()
    };
    let crashed = failed("crashes");
    assert_eq!(crashed.as_array().unwrap().len(), 1, "{crashed}");
    assert_eq!(crashed[0]["doing"], "time");
    assert_eq!(crashed[0]["reason"], "it ended with exit status: 101");
    assert_eq!(crashed[0]["stderr"], "thread main panicked");
    assert_eq!(failed("hangs")[0]["reason"], "not done in 5s");
    assert_eq!(failed("compose-ready/2"), Value::Array(Vec::new()));
}

/// A shell that counts to 2N executes twice the instructions of one that counts to N, and either side the same.
#[test]
fn instructions_are_counted_where_one_thread_executes() {
    if !valgrind() {
        return;
    }
    let (_results, output) = ran(&[
        "--operation=compose-ready",
        "--rounds=1",
        "--workers=1",
        "--format=json",
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    let of = |flavour: &str| one(&report, "twins", &[("flavour", flavour.into())]).clone();
    let counted = of("threads");
    assert_eq!(counted["target"], "met", "{counted}");
    let trait_side = [("flavour", "threads".into()), ("side", "trait".into())];
    assert!(
        one(&report, "operations", &trait_side)["instructions"]
            .as_f64()
            .unwrap()
            > 100.0
    );
    // A thread a branch is several.
    assert_eq!(of("thread-a-branch")["target"], "not_counted");
    assert_eq!(of("thread-a-branch")["instruction_ratio"], Value::Null);
}

/// Where there is no valgrind one line says so, and all the rest is counted.
#[test]
fn without_valgrind_a_line_says_how_to_get_it() {
    let results = TempDir::new().unwrap();
    let tools = TempDir::new().unwrap();
    let path = env::var_os("PATH").unwrap();
    // What the executable wants, which is a shell script, and nothing else.
    for tool in ["sh", "cut", "mkdir", "sleep"] {
        let mut found = env::split_paths(&path).map(|folder| folder.join(tool));
        let found = found.find(|path| path.is_file()).unwrap();
        std::os::unix::fs::symlink(found, tools.path().join(tool)).unwrap();
    }
    let mut command = costs(
        results.path(),
        &["--operation=compose-ready", "--rounds=1", "--workers=1"],
    );
    let output = command.env("PATH", tools.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(
        stderr(&output).matches("valgrind is not installed").count(),
        1,
        "{}",
        said(&output)
    );
    assert!(
        stdout(&output).contains("Instructions were not counted."),
        "{}",
        said(&output)
    );
}

#[test]
fn a_run_that_is_stopped_leaves_a_record_that_can_be_read() {
    let results = TempDir::new().unwrap();
    let mut command = costs(
        results.path(),
        &[
            "--operation=compose-ready,hangs",
            "--rounds=1",
            "--workers=2",
            "--no-instructions",
        ],
    );
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It hangs now: the operation before it is in the record.
    until("what comes before the hang", || {
        let folder = fs::read_dir(results.path()).ok()?.flatten().next()?.path();
        let events = fs::read_to_string(folder.join("samples.jsonl")).ok()?;
        (events.matches("\"allocations\":{").count() == 2).then_some(())
    });
    let id = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert!(
        stdout(&output).contains("stopped before its end"),
        "{}",
        said(&output)
    );
    let folder = record(results.path());
    let checked = harness().arg("check").arg(&folder).output().unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    assert!(
        stdout(&checked)
            .trim_end()
            .ends_with("4 findings of costs  stopped"),
        "{}",
        said(&checked)
    );
    let resumed = harness()
        .args(["run", "--resume"])
        .arg(&folder)
        .output()
        .unwrap();
    assert_eq!(resumed.status.code(), Some(2), "{}", said(&resumed));
    assert!(
        stderr(&resumed).contains("is done again and not gone on with"),
        "{}",
        said(&resumed)
    );
}

/// What `cargo bench` leaves is read, whatever else lies there, and nothing is started but the adapter.
#[test]
fn what_cargo_bench_left_is_read_and_not_measured() {
    let left = TempDir::new().unwrap();
    for (place, configuration, side, ns) in [
        (
            "threads_threads@4/spawn-ready_2_trait",
            "threads/threads@4",
            "trait",
            1500,
        ),
        (
            "threads_threads@4/spawn-ready_2_twin",
            "threads/threads@4",
            "twin",
            1000,
        ),
        ("other/benchmark", "allocation", "none", 7),
    ] {
        let mut command = Command::new(adapters().join("costs-threads"));
        let home = left.path().join(place);
        command.args(["--bench", &format!("{configuration}/spawn-ready/2/{side}")]);
        assert!(
            command
                .env("CRITERION_HOME", &home)
                .status()
                .unwrap()
                .success()
        );
        let sample = home.join("somewhere/new/sample.json");
        let times = [ns, 2 * ns, 3 * ns].map(|ns| format!("{ns}.0")).join(",");
        fs::write(
            sample,
            format!("{{\"iters\":[1.0,2.0,3.0],\"times\":[{times}]}}"),
        )
        .unwrap();
        let one = format!(
            "{{\"confidence_interval\":{{\"confidence_level\":0.95,\"lower_bound\":{ns}.0,\"upper_bound\":{ns}.0}},\"point_estimate\":{ns}.0}}"
        );
        let estimates = home.join("somewhere/new/estimates.json");
        fs::write(estimates, format!("{{\"mean\":{one},\"slope\":null}}")).unwrap();
    }
    let criterion = left.path().to_str().unwrap();
    let (results, output) = ran(&["--criterion", criterion, "--format=json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    assert_eq!(list(&report["costs"], "operations").len(), 2);
    // The promises are those of the configurations that were timed.
    let verified: Vec<(&Value, &Value)> = list(&report, "verified")
        .iter()
        .map(|one| (&one["workers"], &one["kept"]))
        .collect();
    let (four, one_worker, all) = (4.into(), 1.into(), 40.into());
    assert_eq!(verified, [(&four, &all), (&one_worker, &all)]);
    let ratio = &one(&report, "twins", &[("workers", 4.into())])["time_ratio"];
    assert_eq!(
        (&ratio["median"], &ratio["low"]),
        (&1.5.into(), &Value::Null)
    );
    let checked = harness()
        .arg("check")
        .arg(record(results.path()))
        .output()
        .unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));

    let (_results, output) = ran(&["--criterion", criterion, "--operation=timer"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        stderr(&output).contains("holds no cost that was asked for"),
        "{}",
        said(&output)
    );
}

#[test]
fn what_there_is_not_is_one_line() {
    let (_results, output) = ran(&["--operation=spawn-redy", "--no-instructions"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        stderr(&output)
            .contains("no operation is called `spawn-redy`; did you mean `spawn-ready/2`?"),
        "{}",
        said(&output)
    );
    let results = TempDir::new().unwrap();
    let mut command = harness();
    command
        .args(["costs", "--adapters"])
        .arg(common::prebuilt());
    let output = command
        .arg("--results")
        .arg(results.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(
        stderr(&output),
        "error: no adapter has a bench target `costs`\n"
    );
}
