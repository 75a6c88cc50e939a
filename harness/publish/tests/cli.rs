//! The command line: what is wrong is one line on standard error, and what is right is as documented.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use crate::common::{self, Run, harness, list, prebuilt, stderr, stdout};
use workload_catalogue::SCENARIOS;

/// The one line that a wrong command line gives.
fn refused(arguments: &[&str]) -> String {
    let mut command = harness();
    command.args(arguments);
    if arguments.contains(&"--adapters") {
        command.arg(prebuilt());
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", common::said(&output));
    assert_eq!(stdout(&output), "");
    let line = stderr(&output);
    assert_eq!(line.lines().count(), 1, "{line}");
    line.trim_end().to_owned()
}

#[test]
fn an_unknown_name_is_one_line_with_the_nearest() {
    insta::assert_snapshot!(refused(&["--runtime", "smoll"]), @"error: no runtime is called `smoll`; did you mean `smol`?");
    insta::assert_snapshot!(refused(&["run", "--runtime", "threds", "--adapters"]), @"error: no runtime is called `threds`; did you mean `threads`?");
    insta::assert_snapshot!(refused(&["run", "--runtime", "smol", "--adapters"]), @"error: no runtime is called `smol`; there are threads");
    insta::assert_snapshot!(refused(&["build", "--out", "nowhere", "--runtime", "tokyo"]), @"error: no runtime is called `tokyo`; did you mean `tokio`?");
    insta::assert_snapshot!(refused(&["--scenario", "timers,digets"]), @"error: invalid value 'digets' for '--scenario <NAME>'; did you mean 'digest'?");
    insta::assert_snapshot!(refused(&["describe", "threads/digets/spawn", "--adapters"]), @"error: no scenario is called `digets`; did you mean `digest`?");
    insta::assert_snapshot!(refused(&["describe", "threads/digest/spwan", "--adapters"]), @"error: `threads/digest/spwan`: no primitive is called `spwan`; there are sequential, compose, spawn, dispatch, spawn_blocking");
    insta::assert_snapshot!(refused(&["describe", "threads:thread-per-branch/digest/spawn", "--adapters"]), @"error: no flavour of threads is called `thread-per-branch`; did you mean `thread-a-branch`?");
    insta::assert_snapshot!(refused(&["describe", "threads", "--adapters"]), @"error: `threads` names no cell; write RUNTIME[:FLAVOUR][@WORKERS]/SCENARIO/PRIMITIVE[@BRANCHES][/worker], for example smol/digest/spawn");
    insta::assert_snapshot!(refused(&["describe", "threads/http/spawn", "--adapters"]), @"error: http talks to an origin: start one (`sleep inf | target/release/origin`, built by any run of the scenario) and pass the line that it prints as --origin LINE");
    insta::assert_snapshot!(refused(&["completions", "bsh"]), @"error: invalid value 'bsh' for '<SHELL>'; did you mean 'bash'?");
}

#[test]
fn a_bad_number_is_one_line() {
    insta::assert_snapshot!(refused(&["--workers", "0"]), @"error: invalid value '0' for '--workers <N|physical|default>': write a whole number from 1 to 1024, `physical` or `default`");
    insta::assert_snapshot!(refused(&["--branches", "-1"]), @"error: invalid value '-1' for '--branches <N>': write a whole number from 1 to 10000");
    insta::assert_snapshot!(refused(&["--rounds", "1.5"]), @"error: invalid value '1.5' for '--rounds <N|auto>': write a whole number from 1 to 100000, or `auto`");
    insta::assert_snapshot!(refused(&["--seed", "0x10"]), @"error: invalid value '0x10' for '--seed <N>': write a whole number from 0 to 18446744073709551615");
    insta::assert_snapshot!(refused(&["--budget", "ten"]), @"error: invalid value 'ten' for '--budget <TIME>': write a time with its unit, such as 10s or 2m");
    insta::assert_snapshot!(refused(&["--timeout", "18446744073709551615s"]), @"error: invalid value '18446744073709551615s' for '--timeout <TIME>': write a time from 1ms to 1d, such as 10s or 2m");
    insta::assert_snapshot!(refused(&["try", "x.rs", "--wait", "1000y"]), @"error: invalid value '1000y' for '--wait <TIME>': write a time from 0s to 1d, such as 5ms or 2s");
    insta::assert_snapshot!(refused(&["--timeout", "3"]), @"error: invalid value '3' for '--timeout <TIME>': write a time with its unit, such as 10s or 2m");
}

/// Paths as the system has them, of the commands of the second program too.
#[test]
#[cfg(target_os = "linux")]
fn a_path_that_is_no_text_is_a_path() {
    use std::{os::unix::ffi::OsStringExt as _, path::Path};
    let place = tempfile::TempDir::new().unwrap();
    let at = |name: &[u8]| {
        place
            .path()
            .join(std::ffi::OsString::from_vec(name.to_vec()))
    };
    let record = at(b"r\xffn");
    common::copy(&common::fixture("bundle-4"), &record);
    let cell = "threads/timers/spawn";
    let out = at(b"\xfe.out");
    let asked: [(&[&Path], i32); 9] = [
        (&[Path::new("compare"), &record, &record], 0),
        (&[Path::new("compare"), &record, &at(b"r\xffn:smol")], 2),
        (&[Path::new("compare"), &record, &at(b"\xfd:smol")], 2),
        (&[Path::new("merge"), &record], 0),
        (&[Path::new("export"), &record, Path::new("-o"), &out], 0),
        (
            &[
                Path::new("trace"),
                Path::new(cell),
                Path::new("--from"),
                &record,
                Path::new("-o"),
                &out,
            ],
            0,
        ),
        (&[Path::new("control"), Path::new("--record"), &out], 2),
        (&[Path::new("completions"), &out], 2),
        (&[Path::new("schema"), &out], 2),
    ];
    for (arguments, code) in asked {
        let output = harness().args(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(!text.contains("panicked"), "{text}");
    }
    assert!(out.is_file());
    // Elsewhere than in this checkout.
    let checkout = common::checkout();
    let mut command = harness();
    command.current_dir(checkout.path());
    let output = command.arg("publish").arg(&record).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", common::said(&output));
}

#[test]
fn an_unreadable_folder_of_adapters_is_one_line() {
    let text = refused(&["run", "--adapters=no/such/folder"]);
    insta::assert_snapshot!(text, @"error: no/such/folder: there is no such folder; name a folder that `harness build --out` made, or leave --adapters out");
}

#[test]
fn help_documents_the_exit_codes() {
    for arguments in [&["--help"][..], &["run", "--help"]] {
        let output = harness().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(stderr(&output), "");
        let help = stdout(&output);
        let (_, codes) = help.split_once("Exit codes:\n").unwrap();
        let codes: Vec<&str> = codes
            .lines()
            .take_while(|line| !line.is_empty())
            // A line that goes on is indented further.
            .filter(|line| !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert_eq!(codes, ["0", "1", "2", "3", "130"], "{help}");
    }
}

#[test]
fn completions_know_runtimes_and_scenarios() {
    for shell in ["bash", "zsh", "fish"] {
        let output = harness().args(["completions", shell]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", common::said(&output));
        let script = stdout(&output);
        // By `harness`, `harness run` and `harness build`; scenarios by the first two.
        for name in ["async-std", "glommio", "smol", "threads", "tokio"] {
            assert!(script.matches(name).count() >= 3, "{shell}: {name}");
        }
        for name in SCENARIOS.iter().map(|scenario| scenario.name) {
            assert!(script.matches(name).count() >= 2, "{shell}: {name}");
        }
        assert!(script.contains("spawn_blocking"), "{shell}");
    }
}

#[test]
fn list_names_everything() {
    let mut command = harness();
    let output = command
        .arg("list")
        .arg("--adapters")
        .arg(prebuilt())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", common::said(&output));
    let text = stdout(&output);
    let names = [
        "threads",
        "thread-a-branch",
        "preemptive",
        "spawn-uses-cores",
    ];
    for name in names.into_iter().chain(SCENARIOS.iter().map(|s| s.name)) {
        assert!(text.contains(name), "no {name} in\n{text}");
    }
}

/// The request is the whole of it: piped into the adapter by hand, it gives what the harness reads.
#[test]
fn describe_prints_what_the_adapter_answers() {
    for (cell, samples) in [
        ("threads/digest/spawn", "1"),
        ("threads:thread-a-branch/timers/compose@5", "3"),
    ] {
        let mut command = harness();
        command.args(["describe", cell, "--samples", samples, "--adapters"]);
        let described = command.arg(prebuilt()).output().unwrap();
        assert_eq!(
            described.status.code(),
            Some(0),
            "{}",
            common::said(&described)
        );
        assert_eq!(stdout(&described).lines().count(), 1);

        let adapter = prebuilt().join(format!("runtime-threads{}", std::env::consts::EXE_SUFFIX));
        assert!(stderr(&described).contains(adapter.to_str().unwrap()));
        let mut child = Command::new(adapter)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(&described.stdout)
            .unwrap();
        let answer = child.wait_with_output().unwrap();
        assert!(answer.status.success());
        let replies: Vec<serde_json::Value> = stdout(&answer)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let (end, measured) = replies.split_last().unwrap();
        assert_eq!(end["is"], "end");
        assert_eq!(end["samples"].to_string(), samples);
        assert_eq!(measured.len().to_string(), samples);
        for sample in measured {
            assert_eq!(sample["is"], "sample");
            assert!(sample["wrong"].is_null(), "{sample}");
            assert!(sample["wall_ns"].as_u64() > Some(0), "{sample}");
        }
    }
}

#[test]
fn fail_on_turns_a_verdict_into_an_exit_code() {
    // One round of timers decides nothing about cores, and nothing about digest was asked.
    let arguments = [
        "--runtime=threads",
        "--scenario=timers",
        "--rounds=1",
        "--format=json",
    ];
    let run = |more: &str| {
        let mut arguments = arguments.to_vec();
        arguments.push(more);
        Run::new(&arguments)
    };
    let plain = run("--fail-on=refuted");
    let verdicts: Vec<String> = list(&plain.json(), "claims")
        .iter()
        .map(|claim| claim["verdict"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        verdicts.iter().all(|verdict| verdict != "refuted"),
        "{verdicts:?}"
    );
    assert_eq!(plain.output.status.code(), Some(0));
    assert!(
        verdicts.iter().any(|verdict| verdict == "inconclusive"),
        "{verdicts:?}"
    );
    assert_eq!(
        run("--fail-on=refuted,inconclusive").output.status.code(),
        Some(3)
    );
}

#[test]
fn quiet_says_nothing_but_the_report() {
    let arguments = [
        "--runtime=threads",
        "--scenario=timers",
        "--rounds=1",
        "--quiet",
    ];
    let run = Run::new(&arguments);
    assert_eq!(run.output.status.code(), Some(0));
    assert_eq!(stderr(&run.output), "");
    assert!(!run.output.stdout.is_empty());
}

#[test]
fn colour_is_for_those_who_ask() {
    let arguments = ["--runtime=threads", "--scenario=timers", "--rounds=1"];
    let run = Run::new(&arguments);
    assert!(
        !stdout(&run.output).contains('\u{1b}'),
        "a pipe is no terminal"
    );
    let report = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = harness();
        command.arg("report").arg(run.folder()).args(arguments);
        command.envs(variables.iter().copied());
        stdout(&command.output().unwrap())
    };
    let (always, never) = (
        report(&["--color", "always"], &[]),
        report(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]),
    );
    assert!(always.contains('\u{1b}') && !never.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&always).to_string(), never);
    assert_eq!(report(&[], &[("CLICOLOR_FORCE", "1")]), always);
}
