//! An adapter that goes wrong costs one cell, with its reason; the run goes on, and nothing is left. One that cannot be
//! heard costs its own cells, and whatever happened the record is sound.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Output,
};

use crate::common::{fixture, harness, json, list, lives, noted, prebuilt, record, said, stderr};
use harness_judge::check::check;
use tempfile::TempDir;

/// A folder with the real threads adapter, and these faulty ones beside it. Links, since a program
/// that was written a moment ago cannot always be started.
fn folder(faults: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for program in ["runtime-threads", "origin"] {
        symlink(prebuilt().join(program), folder.path().join(program)).unwrap();
    }
    for fault in faults {
        let link = folder.path().join(format!("runtime-{fault}"));
        symlink(fixture("faulty.sh"), link).unwrap();
    }
    folder
}

/// A run of these, whose record must be sound, whatever the adapters do.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let scenario = [
        "--scenario=timers",
        "--primitive=compose,spawn",
        "--rounds=2",
    ];
    let results = TempDir::new().unwrap();
    let output = run_into(results.path(), folder, &[&scenario[..], arguments].concat());
    let checked = check(&record(results.path()));
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    output
}

/// A run that records here, if anything.
fn run_into(results: &Path, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = harness();
    command.arg("run").arg("--adapters").arg(folder);
    command.arg("--results").arg(results);
    // Their promises are those of the real adapter behind them, and take their time.
    command.args(["--timeout=5s", "--format=json", "--unverified"]);
    command.args(arguments).output().unwrap()
}

#[test]
fn each_fault_costs_one_cell() {
    // What the faulty cell becomes, and a part of its reason.
    let faults = BTreeMap::from([
        (
            "crash",
            (
                "crashed",
                "panicked (exit code 101): 0 of 1 samples, no end line",
            ),
        ),
        (
            "crowd",
            (
                "wrong",
                "9 threads polled its branches, and the adapter declares 1",
            ),
        ),
        ("flood", ("crashed", "64 MiB")),
        (
            "half",
            ("crashed", "stopped half-way: 1 of 1 samples, no end line"),
        ),
        ("hang", ("timeout", "not done within 5s")),
        (
            "lingers",
            (
                "wrong",
                "its sample cannot be true: longest_poll_ns: 99999999999 is more than wall_ns, ",
            ),
        ),
        ("nonsense", ("crashed", "Hello, world!")),
        (
            "overlaps",
            ("wrong", "its sample cannot be true: mean_overlap: 1000"),
        ),
        ("suicide", ("crashed", "killed by SIGKILL")),
        ("wrong", ("wrong", "2 is not 3")),
    ]);
    let names: Vec<&str> = faults.keys().copied().collect();
    let folder = folder(&names);
    let all = format!("--runtime={}", names.join(","));
    let output = run(folder.path(), &[&all]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = json(&output);
    assert_eq!(report["complete"], true, "the run went on to its end");
    let cells = list(&report, "cells");
    assert_eq!(
        cells.len(),
        faults.len() * 4,
        "two flavours, two primitives"
    );
    for cell in cells {
        let word = |key: &str| cell[key].as_str().unwrap();
        let (status, reason) = faults[word("runtime")];
        if (word("flavour"), word("primitive")) != ("threads", "compose") {
            assert_eq!(
                (word("status"), &cell["reason"]),
                ("ok", &serde_json::Value::Null)
            );
            assert!(cell["rounds"].as_u64().unwrap() > 0, "{cell}");
            continue;
        }
        assert_eq!(word("status"), status, "{cell}");
        assert!(word("reason").contains(reason), "{cell}");
        assert!(
            !word("reason").is_empty() && !word("reason").contains('\n'),
            "{cell}"
        );
        // What is not a whole and right answer is not a time.
        assert!(cell["wall_ns"].is_null() && cell["rounds"] == 0, "{cell}");
    }
    let crash = cells.iter().find(|cell| !cell["stderr"].is_null()).unwrap();
    assert_eq!(
        (&crash["runtime"], &crash["stderr"]),
        (&"crash".into(), &"thread main panicked".into())
    );
    nothing_is_left(folder.path());
}

/// Everything that the fixtures noted has gone by the time that the harness has.
fn nothing_is_left(folder: &Path) {
    let all = noted(folder);
    assert!(!all.is_empty());
    for id in all {
        assert!(!lives(id), "process {id} was left behind");
    }
}

#[test]
fn what_an_adapter_says_it_cannot_do_is_no_failure() {
    let folder = folder(&["refuses", "absent"]);
    let output = run(folder.path(), &["--runtime=refuses,absent"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    let status = |runtime: &str, primitive: &str| {
        let mut cells = list(&report, "cells").iter();
        let cell = cells.find(|cell| {
            cell["runtime"] == runtime
                && cell["primitive"] == primitive
                && cell["flavour"] != "thread-a-branch"
        });
        let cell = cell.unwrap_or_else(|| panic!("{report:#}"));
        (
            cell["status"].as_str().unwrap(),
            cell["reason"].as_str().unwrap_or_default(),
        )
    };
    assert_eq!(
        status("refuses", "compose"),
        ("unsupported", "no timers here")
    );
    assert_eq!(status("refuses", "spawn"), ("ok", ""));
    // Nor is that it cannot run here, in whichever way it says so.
    let (absent, why) = status("absent", "");
    assert_eq!(
        (absent, why),
        ("unavailable", "there is no such thing on this machine")
    );
    assert!(stderr(&output).contains("absent is unavailable: there is no such"));
}

/// Whatever is wrong with an adapter before its hello, it is a failure with a reason, and costs the others nothing. Only
/// its own word would make it unavailable.
#[test]
fn an_adapter_that_is_not_heard_is_a_failure() {
    let reasons = BTreeMap::from([
        (
            "climbs",
            "flavours[1].name: \"../../x\" stands where a name",
        ),
        ("dies", "killed by SIGSEGV"),
        ("empty", ""),
        ("gives-up", "it did not say why"),
        ("gushes", "flooded its output: more than 64 MiB"),
        ("huge", "flavours[1].workers: 1000000 stands where a number"),
        ("mute", "exit code 7: no hello; its last words: what am I?"),
        ("nameless", "flavours[1].name: \"\" stands where a name"),
        ("raves", "answered nonsense: line 1: "),
        ("sleeps", "not done within 5s: no hello"),
        ("stays", "it is not executable; make it so (chmod +x)"),
        ("twice", "flavours[1].name: \"threads\" is there twice"),
    ]);
    let heard_of = |name: &&str| !["empty", "stays"].contains(name);
    let mut faulty: Vec<&str> = reasons.keys().copied().filter(heard_of).collect();
    faulty.push("plain");
    let folder = folder(&faulty);
    for (name, mode) in [("empty", 0o755), ("stays", 0o644)] {
        let file = folder.path().join(format!("runtime-{name}"));
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }
    let names: Vec<&str> = reasons.keys().copied().collect();
    let all = format!("--runtime={},plain", names.join(","));
    let output = run(folder.path(), &[&all]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = json(&output);
    for (name, reason) in &reasons {
        let mut cells = list(&report, "cells").iter();
        let row = cells.find(|cell| cell["runtime"] == *name).unwrap();
        assert_eq!(row["status"], "crashed", "{row:#}");
        let why = row["reason"].as_str().unwrap();
        assert!(!why.is_empty() && why.contains(reason), "{name}: {why}");
        let line = format!("{name} is not measured: {why}");
        assert!(stderr(&output).lines().any(|said| said == line), "{line}");
    }
    let cells = list(&report, "cells").iter();
    let plain: Vec<_> = cells.filter(|cell| cell["runtime"] == "plain").collect();
    assert_eq!(plain.len(), 4);
    assert!(
        plain.iter().all(|cell| cell["status"] == "ok"),
        "{plain:#?}"
    );
    nothing_is_left(folder.path());
}

/// With nothing that could be measured there is no run, and no record of none.
#[test]
fn a_run_of_nothing_is_no_run() {
    let nothing = |runtime: &str, arguments: &[&str]| {
        let folder = folder(&["mute", "dies"]);
        let results = TempDir::new().unwrap();
        let runtime = format!("--runtime={runtime}");
        let arguments = [&["--quiet", runtime.as_str()][..], arguments].concat();
        let output = run_into(results.path(), folder.path(), &arguments);
        assert_eq!(fs::read_dir(results.path()).unwrap().count(), 0);
        let said = stderr(&output);
        assert_eq!(said.lines().count(), 1, "{said}");
        (output.status.code(), said.trim_end().to_owned())
    };
    assert_eq!(
        nothing("mute,dies", &[]),
        (
            Some(1),
            "error: there is nothing to measure, and nothing is recorded: mute: exit code 7: no hello; its last words: \
             what am I?; dies: killed by SIGSEGV: no hello"
                .to_owned()
        )
    );
    // `threads` has one way to place a branch, and it is called spawn.
    assert_eq!(
        nothing("threads", &["--primitive=dispatch"]),
        (
            Some(2),
            "error: there is nothing to measure: no scenario that was asked for puts branches together by dispatch on \
             threads; leave --primitive out, or name others"
                .to_owned()
        )
    );
}

/// What lies beside prebuilt adapters anybody may have edited, and it goes into the record.
#[test]
fn what_check_would_refuse_is_not_recorded() {
    let folder = folder(&[]);
    for (edited, why) in [
        (
            r#""crates":["smol"]"#,
            "adapters[0].crates[0]: \"smol\" stands where a crate is expected, as NAME VERSION",
        ),
        (
            r#""lineage":["polling 3.0.0"]"#,
            "entrants[0].lineage[0]: the adapter of threads links no \"polling 3.0.0\"",
        ),
    ] {
        let list =
            format!(r#"{{"schema":1,"adapters":[{{"name":"threads",{edited}}}],"built":null}}"#);
        fs::write(folder.path().join("adapters.json"), list).unwrap();
        let results = TempDir::new().unwrap();
        let output = run_into(results.path(), folder.path(), &["--runtime=threads"]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        let refused = "error: nothing is recorded, since `harness check` would refuse it: ";
        assert_eq!(
            stderr(&output).lines().last(),
            Some(format!("{refused}{why}").as_str())
        );
        assert_eq!(fs::read_dir(results.path()).unwrap().count(), 0);
    }
}

/// So few files that no adapter can be started.
#[test]
fn a_machine_that_starts_nothing_is_a_failure() {
    let folder = folder(&[]);
    let results = TempDir::new().unwrap();
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "ulimit -n 6; exec \"$@\"", "sh"]);
    shell
        .arg(crate::common::PROGRAM)
        .arg("run")
        .arg("--adapters");
    shell
        .arg(folder.path())
        .arg("--results")
        .arg(results.path());
    let output = shell.arg("--runtime=threads").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let said = stderr(&output);
    assert!(said.contains("Too many open files"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

/// What fails before the first block fails as any round does, in the cells that wanted it.
#[test]
fn a_crash_in_calibration_is_a_failed_round() {
    let folder = folder(&["bursts", "eternal", "frail"]);
    let output = run(folder.path(), &["--runtime=bursts,eternal,frail"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = json(&output);
    let cells = list(&report, "cells");
    assert_eq!(cells.len(), 3 * 4, "two flavours, two primitives");
    for cell in cells {
        let word = |key: &str| cell[key].as_str().unwrap_or_default();
        let (status, reason, stderr) = match (word("runtime"), word("primitive")) {
            ("frail", _) => (
                "crashed",
                "exit code 139: 0 of 3 samples, no end line",
                "I cannot be alone",
            ),
            ("eternal", _) => ("wrong", "and the whole process was there for ", ""),
            ("bursts", "spawn") => (
                "crashed",
                "what it takes to spawn 256 branches, on bursts ",
                "so many!",
            ),
            _ => ("ok", "", ""),
        };
        assert_eq!(word("status"), status, "{cell:#}");
        assert!(word("reason").contains(reason), "{cell:#}");
        assert_eq!(word("stderr"), stderr, "{cell:#}");
    }
}

/// The steps of what computes are counted on the baseline.
#[test]
fn a_crash_of_the_baseline_in_calibration_is_no_lack_of_the_machines() {
    let folder = TempDir::new().unwrap();
    symlink(prebuilt(), folder.path().join("real")).unwrap();
    for runtime in ["threads", "plain"] {
        let link = folder.path().join(format!("runtime-{runtime}"));
        symlink(fixture("faulty.sh"), link).unwrap();
    }
    let output = run(folder.path(), &["--runtime=plain", "--scenario=digest"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = json(&output);
    let cells = list(&report, "cells").iter();
    let of_digest: Vec<_> = cells.filter(|cell| cell["scenario"] == "digest").collect();
    assert_eq!(of_digest.len(), 5, "and the baseline's: {of_digest:#?}");
    for cell in of_digest {
        assert_eq!(cell["status"], "crashed");
        let why = cell["reason"].as_str().unwrap();
        let expected = "the steps of digest could not be calibrated: one branch alone, on threads threads@1: exit code 139: ";
        assert!(why.starts_with(expected), "{why}");
        assert_eq!(cell["stderr"], "I cannot be alone");
    }
}

/// An interpreter takes longer to start than many a sample, and what a replay did not do must not hide in that.
#[test]
fn a_replay_does_not_hide_in_what_its_interpreter_takes_to_start() {
    let folder = folder(&["replays"]);
    let output = run(folder.path(), &["--runtime=replays", "--scenario=digest"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let report = json(&output);
    let mut cells = list(&report, "cells").iter();
    let is_it = |cell: &&serde_json::Value| {
        (&cell["runtime"], &cell["flavour"]) == (&"replays".into(), &"threads".into())
            && (&cell["scenario"], &cell["primitive"]) == (&"digest".into(), &"compose".into())
    };
    let replayed = cells.find(is_it).unwrap();
    assert_eq!(replayed["status"], "wrong", "{replayed:#}");
    let why = replayed["reason"].as_str().unwrap();
    assert!(
        why.starts_with("its samples say 60.00 ms of CPU time") && why.contains(", which takes "),
        "{why}"
    );
}

/// A round whose answer is whole is good, even if it leaves a process behind that holds its pipes.
#[test]
fn what_a_good_round_leaves_behind_is_ended() {
    let folder = folder(&["daemon"]);
    let output = run(folder.path(), &["--runtime=daemon"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    nothing_is_left(folder.path());
}
