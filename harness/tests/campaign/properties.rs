//! What docs/RELIABILITY.md promises, looked at after each trial.

use std::{fs, path::Path};

use harness_judge::check::{State, check};
use nix::sys::signal::Signal;
use serde_json::Value;

use super::{machine::Fault, perform::Seen, place::Place};
use crate::common::list;

/// What a run was up against.
pub(super) struct Expected<'a> {
    pub(super) machine: &'a Fault,
    /// No adapter goes wrong.
    pub(super) fine: bool,
    /// An adapter gives no answer that could be taken for one.
    pub(super) fatal: bool,
    /// An adapter leaves a process behind, which only the harness itself can find.
    pub(super) stray: bool,
    /// Whether the harness says nothing but errors.
    pub(super) quiet: bool,
}

/// Of any program of ours: it ends, by itself and without a panic, with one of these codes, and one line says what was wrong.
pub(super) fn of_program(seen: &Seen, codes: &[i32]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut say = |what: String| wrong.push(format!("{what}: {}", seen.said()));
    if seen.hung() {
        say("it hangs".to_owned());
        return wrong;
    }
    let panicked = [
        "panicked at",
        "RUST_BACKTRACE",
        "has overflowed its stack",
        "memory allocation of ",
    ];
    if panicked.iter().any(|word| seen.stderr.contains(word)) {
        say("a panic".to_owned());
    } else if !seen.code().is_some_and(|code| codes.contains(&code)) {
        say(format!("an end that is none of {codes:?}"));
    }
    if seen.stderr.contains('\u{1b}') || seen.stderr.contains('\0') {
        say("control characters on standard error".to_owned());
    }
    if !seen.left.is_empty() {
        say(format!("processes are left: {:?}", seen.left));
    }
    wrong
}

/// One line for what was wrong, and it begins with `error: `.
pub(super) fn of_errors(seen: &Seen, quiet: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut say = |what: &str| wrong.push(format!("{what}: {}", seen.said()));
    if seen.errors() > 1 {
        say("more than one line says what was wrong");
    } else if quiet && seen.stderr.lines().count() > seen.errors() {
        say("a line on standard error that is no error");
    }
    match seen.code() {
        Some(2) if !seen.stdout.is_empty() => say("exit code 2, and a result"),
        Some(2) if seen.errors() == 0 => say("exit code 2, and nothing says why"),
        Some(1) if seen.stdout.is_empty() && seen.errors() == 0 => {
            say("exit code 1, and nothing says why");
        }
        Some(0) if seen.errors() > 0 => say("an error, and exit code 0"),
        _ => {}
    }
    wrong
}

/// Of a record, however its run ended: it can be read, and nothing that `check` refuses is sealed.
pub(super) fn of_record(record: &Path) -> Vec<String> {
    let checked = check(record);
    let sealed = record.join("seal.json").exists();
    if let Some(problem) = checked.problems.first() {
        let what = if sealed {
            "sealed, and refused by check"
        } else {
            "recorded, and refused by check"
        };
        return vec![format!("{what}: {problem}")];
    }
    let state = checked.found.map(|found| found.state);
    if sealed == (state == Some(State::Sealed)) {
        Vec::new()
    } else {
        vec![format!("a seal: {sealed}, and check says {state:?}")]
    }
}

/// Of `harness run`.
pub(super) fn of_run(place: &Place, seen: &Seen, expected: &Expected<'_>) -> Vec<String> {
    let ignored = *expected.machine == Fault::IgnoresHup;
    let listens = |signal: &&Signal| match **signal {
        Signal::SIGKILL => false,
        Signal::SIGHUP => !ignored,
        _ => true,
    };
    let told = seen.sent.iter().filter(listens).count();
    let killed = seen.was_sent(Signal::SIGKILL) && seen.signal() == Some(Signal::SIGKILL);
    let mut wrong = Vec::new();
    if killed {
        if !(seen.left.is_empty() || expected.stray) {
            wrong.push(format!("killed, and these are left: {:?}", seen.left));
        }
    } else if told > 0 && is_too_early(place, seen) {
        // Nothing was there that could have been lost.
        return wrong;
    } else {
        let codes: &[i32] = match expected {
            _ if told > 0 => &[0, 1, 2, 130],
            Expected {
                fatal: true,
                machine: Fault::None,
                ..
            } => &[1],
            Expected {
                fine: true,
                machine:
                    Fault::None
                    | Fault::IgnoresHup
                    | Fault::StdinClosed
                    | Fault::StdoutClosed
                    | Fault::StderrClosed
                    | Fault::StderrFull
                    | Fault::NoHome,
                ..
            } => &[0],
            Expected {
                machine: Fault::None | Fault::IgnoresHup,
                ..
            } => &[0, 1],
            _ => &[0, 1, 2],
        };
        wrong.extend(of_program(seen, codes));
        let heard = !expected.machine.is_unheard();
        let reported = *expected.machine != Fault::StdoutClosed;
        if heard && reported {
            wrong.extend(of_errors(seen, expected.quiet));
        }
        wrong.extend(of_report(seen, expected));
    }
    // Where nobody was there to take it away any more.
    if !killed && told < 2 {
        for (folder, what) in [("tmp", "temporary"), ("results", "half-made")] {
            let mut names = place.names(folder);
            names.retain(|name| folder == "tmp" || name.starts_with('.'));
            if !names.is_empty() {
                wrong.push(format!(
                    "{what} folders are left: {names:?}: {}",
                    seen.said()
                ));
            }
        }
    }
    wrong.extend(of_results(place, seen, expected));
    wrong
}

/// Whether a signal came before the harness could listen to any.
fn is_too_early(place: &Place, seen: &Seen) -> bool {
    let by_it = seen.signal().is_some_and(|signal| seen.was_sent(signal));
    by_it && seen.stdout.is_empty() && seen.stderr.is_empty() && place.names("results").is_empty()
}

/// What it printed fits how it ended.
fn of_report(seen: &Seen, expected: &Expected<'_>) -> Vec<String> {
    // The report goes to a file here, which may not grow either.
    let lost = matches!(
        expected.machine,
        Fault::StdoutFull | Fault::StdoutClosed | Fault::LongestFile(_)
    );
    if seen.stdout.is_empty() {
        let promised = !lost && seen.code() == Some(0);
        return promised
            .then(|| format!("exit code 0, and no report: {}", seen.said()))
            .into_iter()
            .collect();
    }
    let report: Value = match serde_json::from_slice(&seen.stdout) {
        Ok(report) => report,
        Err(_) if lost || seen.sent.len() > 1 => return Vec::new(),
        Err(error) => return vec![format!("the report is no JSON: {error}: {}", seen.said())],
    };
    let bad = |cell: &&Value| {
        matches!(
            cell["status"].as_str(),
            Some("wrong" | "timeout" | "crashed")
        )
    };
    let failed = list(&report, "cells").iter().find(bad);
    let mut wrong = Vec::new();
    if seen.code() == Some(0) {
        if report["complete"] != true {
            wrong.push(format!(
                "exit code 0, and the run is not complete: {}",
                seen.said()
            ));
        }
        if let Some(cell) = failed {
            wrong.push(format!("exit code 0, and a cell failed: {cell}"));
        }
    }
    if seen.sent.is_empty() && seen.code() == Some(130) {
        wrong.push(format!("stopped by nobody: {}", seen.said()));
    }
    for cell in list(&report, "cells") {
        let failed = bad(&cell);
        let why = cell["reason"].as_str().unwrap_or_default();
        if failed && (why.trim().is_empty() || why.lines().count() != 1) {
            wrong.push(format!("a cell failed, and no line says why: {cell}"));
        }
    }
    wrong
}

/// What lies on the disk.
fn of_results(place: &Place, seen: &Seen, expected: &Expected<'_>) -> Vec<String> {
    if matches!(expected.machine, Fault::Gone(_)) {
        return Vec::new();
    }
    let records = place.records();
    let mut wrong = Vec::new();
    if records.len() > 1 {
        wrong.push(format!("one run made several records: {records:?}"));
    }
    for record in &records {
        wrong.extend(of_record(record));
    }
    let complete = matches!(seen.code(), Some(0 | 1)) && seen.sent.is_empty() && seen.errors() == 0;
    let heard = !expected.machine.is_unheard();
    let sealed = records
        .iter()
        .any(|record| record.join("seal.json").exists());
    if complete && heard && !sealed {
        wrong.push(format!(
            "it came to its end, and nothing is sealed: {}",
            seen.said()
        ));
    }
    let noted = lines(&place.at("measured"), "measured");
    let recorded: usize = records
        .iter()
        .map(|record| lines(&record.join("samples.jsonl"), "{\"event\":\"round\""))
        .sum();
    // The round that a signal, or an event that could not be written, came into.
    let may_be_lost = usize::from(!seen.sent.is_empty() || seen.code() != Some(0));
    if noted > recorded + may_be_lost {
        wrong.push(format!(
            "{noted} rounds were answered whole, and {recorded} are recorded: {}",
            seen.said()
        ));
    }
    wrong
}

/// How many whole lines of a file begin so.
fn lines(file: &Path, with: &str) -> usize {
    let text = fs::read(file).unwrap_or_default();
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines
        .filter(|line| line.starts_with(with.as_bytes()) && line.ends_with(b"\n"))
        .count()
}
