//! Ctrl-C once is a report of what there is, twice is the end, and nothing is left of either; nor of a
//! harness that was killed outright.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

use std::{
    fs,
    io::Read as _,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

use crate::common::{
    self, HEARS, fixture, harness, harness_under, list, lives, noted, prebuilt, record, until,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

/// A run that comes to a round which lasts.
struct Running {
    folder: TempDir,
    harness: Child,
}

impl Running {
    /// Starts it, and waits until it is there.
    fn new(arguments: &[&str]) -> Self {
        Self::under(&HEARS, arguments)
    }

    /// The same, started by another program, which becomes it.
    fn under(starter: &[&str], arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        symlink(prebuilt(), at("real")).unwrap();
        fs::create_dir(at("temporary")).unwrap();
        for program in ["runtime-threads", "origin"] {
            symlink(fixture("lasting.sh"), at(program)).unwrap();
        }
        let mut command = harness_under(starter);
        command.arg("run").arg("--adapters").arg(folder.path());
        command.arg("--results").arg(at("results"));
        command.args(["--runtime=threads", "--scenario=timers,http", "--rounds=2"]);
        let child = command
            .args(arguments)
            // What it needs for as long as it runs is to go with it.
            .env("TMPDIR", at("temporary"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let running = Self {
            folder,
            harness: child,
        };
        until("the round that lasts", || {
            at_once(running.at("lasting").exists())
        });
        running
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn signal(&self, signal: Signal) {
        let id = Pid::from_raw(self.harness.id().try_into().unwrap());
        kill(id, signal).unwrap();
    }

    /// Whether it has left anything in the folder for temporary files.
    fn left(&self) -> bool {
        fs::read_dir(self.at("temporary")).unwrap().next().is_some()
    }

    /// The origin, the adapter, and what the adapter started.
    fn others(&self) -> Vec<u32> {
        let others = noted(self.folder.path());
        assert_eq!(others.len(), 3);
        others
    }

    /// Its end: the exit code, and the rest of its output.
    fn end(&mut self) -> (Option<i32>, String) {
        let mut text = String::new();
        let mut output = self.harness.stdout.take().unwrap();
        output.read_to_string(&mut text).unwrap();
        (self.harness.wait().unwrap().code(), text)
    }
}

fn at_once(there: bool) -> Option<()> {
    there.then_some(())
}

#[test]
fn once_is_a_report_of_what_there_is() {
    let mut running = Running::new(&["--format=json", "--primitive=sequential,compose"]);
    let others = running.others();
    assert!(others.iter().all(|&id| lives(id)));
    assert!(running.left(), "its scenarios have a folder");
    running.signal(Signal::SIGINT);
    let (code, text) = running.end();
    assert_eq!(code, Some(130), "{text}");
    assert!(!running.left(), "a folder was left behind");
    assert!(
        !others.iter().any(|&id| lives(id)),
        "something was left behind"
    );

    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["complete"], false);
    let cells = list(&report, "cells");
    assert_eq!(cells.len(), 2 * 2 * 2, "flavours, scenarios, primitives");
    let stopped = |cell: &&serde_json::Value| {
        let why = cell["reason"].as_str().unwrap_or_default();
        cell["wall_ns"].is_null() && why == "not measured: the run was stopped before it"
    };
    assert!(cells.iter().filter(stopped).count() > 0, "{text}");
    // None of them failed: nobody is to blame.
    assert!(cells.iter().all(|cell| cell["status"] == "ok"), "{text}");

    // Its record says the same.
    let mut report = harness();
    report.arg("report").arg(record(&running.at("results")));
    let again = report.arg("--format=json").output().unwrap();
    assert_eq!(common::stdout(&again), text);
}

#[test]
fn once_is_a_table_too() {
    let mut running = Running::new(&["--primitive=sequential,compose"]);
    running.signal(Signal::SIGINT);
    let (code, text) = running.end();
    assert_eq!(code, Some(130));
    assert!(
        text.contains("timers") && text.contains("stopped before its end"),
        "{text}"
    );
}

/// A report that nobody reads holds up a harness that was stopped once, and not one that was stopped
/// twice.
#[test]
fn twice_is_the_end() {
    // Cells enough for a report that no pipe can hold.
    let workers = (1..=16)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(",");
    let workers = format!("--workers={workers}");
    let mut running = Running::new(&["--format=json", &workers]);
    let others = running.others();
    running.signal(Signal::SIGINT);
    let mut first = [0];
    running
        .harness
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut first)
        .unwrap();
    assert_eq!(&first, b"{");
    assert!(
        running.harness.try_wait().unwrap().is_none(),
        "it waits for a reader"
    );
    running.signal(Signal::SIGINT);
    let code = until("the end", || running.harness.try_wait().unwrap()).code();
    assert_eq!(code, Some(130));
    assert!(!running.left(), "a folder was left behind");
    assert!(
        !others.iter().any(|&id| lives(id)),
        "something was left behind"
    );
}

/// Which signals a process ignores, and which it catches: bits, the first for signal 1.
fn ignored_and_caught(id: u32) -> [u64; 2] {
    let text = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    ["SigIgn:", "SigCgt:"].map(|name| {
        let mut lines = text.lines();
        let bits = lines.find_map(|line| line.strip_prefix(name)).unwrap();
        u64::from_str_radix(bits.trim(), 16).unwrap()
    })
}

/// What whoever started it had ignored, as `nohup` does, stays ignored; the others tell it to stop.
#[test]
fn a_signal_that_was_ignored_stays_ignored() {
    let bit = |signal: Signal| 1 << (signal as u64 - 1);
    let (hangs_up, stops) = (bit(Signal::SIGHUP), bit(Signal::SIGTERM));
    let mut running = Running::under(
        &[
            "/usr/bin/env",
            "--default-signal=TERM",
            "--ignore-signal=HUP",
        ],
        &["--quiet"],
    );
    let [ignored, caught] = ignored_and_caught(running.harness.id());
    assert_eq!((ignored & hangs_up, caught & hangs_up), (hangs_up, 0));
    assert_eq!((ignored & stops, caught & stops), (0, stops));
    running.signal(Signal::SIGHUP);
    running.signal(Signal::SIGTERM);
    // The second of two would have ended it at once.
    let (code, text) = running.end();
    assert_eq!(code, Some(130));
    assert!(text.contains("stopped before its end"), "{text}");

    let mut running = Running::new(&["--quiet"]);
    let [ignored, caught] = ignored_and_caught(running.harness.id());
    assert_eq!((ignored & hangs_up, caught & hangs_up), (0, hangs_up));
    running.signal(Signal::SIGHUP);
    assert_eq!(running.end().0, Some(130));
}

/// Cargo, told of nothing itself, ends with its compilers when the harness alone is told to stop: while it builds an
/// adapter, and while it builds the second program.
#[test]
fn a_build_ends_with_all_its_compilers() {
    for arguments in [&["run", "--runtime=threads"][..], &["publish", "--check"]] {
        let folder = TempDir::new().unwrap();
        let real = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = harness();
        command.args(arguments).env("CARGO", fixture("cargo.sh"));
        command.env("REAL_CARGO", real).env("NOTES", folder.path());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut harness = command.spawn().unwrap();
        let there = folder.path().join("lasting");
        until("the compiler", || at_once(there.exists()));
        let all = noted(folder.path());
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|&id| lives(id)));
        let id = Pid::from_raw(harness.id().try_into().unwrap());
        kill(id, Signal::SIGINT).unwrap();
        let code = until("the end", || harness.try_wait().unwrap()).code();
        assert_eq!(code, Some(130), "{arguments:?}");
        for id in all {
            until("its processes end", || at_once(!lives(id)));
        }
    }
}

/// The processes whose parent is this one, by name.
fn children(of: u32) -> Vec<(u32, String)> {
    let processes = fs::read_dir("/proc").unwrap();
    processes
        .filter_map(|entry| {
            let id: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            let (start, rest) = stat.rsplit_once(')')?;
            let (_, name) = start.split_once('(')?;
            let parent = rest.split_whitespace().nth(1)?;
            (parent == of.to_string()).then(|| (id, name.to_owned()))
        })
        .collect()
}

fn has(file: &Path, text: &str) -> bool {
    fs::read_to_string(file).is_ok_and(|events| events.contains(text))
}

/// A harness on its way through a round of this scenario that takes most of a minute, and its child
/// of this name.
fn killed_in(scenario: &str, name: &str, is_ready: impl Fn(u32) -> bool) -> u32 {
    let results = TempDir::new().unwrap();
    let mut command = harness();
    command.arg("run").arg("--adapters").arg(prebuilt());
    command.arg("--results").arg(results.path());
    // So many waits, one after the other.
    command.args(["--primitive=sequential", "--branches=10000"]);
    command.args(["--runtime=threads", "--workers=1", "--rounds=1", "--quiet"]);
    command.arg("--scenario").arg(scenario);
    let mut harness = command.stdout(Stdio::null()).spawn().unwrap();
    // The calibration, whose rounds are short, ends with this event.
    until("the first block", || {
        let mut records = fs::read_dir(results.path()).unwrap();
        let record = records.next()?.ok()?.path();
        at_once(has(&record.join("samples.jsonl"), "\"comparisons\""))
    });
    let child = until(name, || {
        let all = children(harness.id()).into_iter();
        let mut ready = all.filter(|(id, its)| its == name && is_ready(*id));
        Some(ready.next()?.0)
    });
    harness.kill().unwrap();
    harness.wait().unwrap();
    child
}

/// The real ones: a script could not know that the harness has gone. And each in a round that it
/// would finish without the other.
#[test]
fn a_killed_harness_leaves_neither_origin_nor_adapter() {
    let origin = killed_in("http", "origin", |_| true);
    until("the origin ends", || at_once(!lives(origin)));
    // It has threads long after it asked the kernel to end it with us.
    let adapter = killed_in("timers", "runtime-threads", |id| threads(id) > 1);
    until("the adapter ends", || at_once(!lives(adapter)));
}

fn threads(id: u32) -> usize {
    fs::read_dir(format!("/proc/{id}/task")).map_or(0, Iterator::count)
}
