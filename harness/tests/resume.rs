//! A run that is killed leaves a record that can be read, and `--resume` finishes it.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use crate::common::{self, fixture, harness, json, prebuilt, record, said, stderr, stdout};
use harness_judge::check::{State, check};
use harness_record::bundle::Bundle;
use tempfile::TempDir;

const SEED: u64 = 7;
const KILLS: usize = 20;
/// Bytes that a record grows by before it is killed, at most: twenty times half of this is about what the
/// whole run records, however long that takes on a busy machine.
const FURTHEST: u64 = 12_000;
/// And so many microseconds after that, at most: a round takes some tens of thousands.
const LATEST: u64 = 30_000;

/// A folder with an adapter that notes what it measures, and a place for records.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let place = Self(folder);
        symlink(prebuilt(), place.at("real")).unwrap();
        symlink(fixture("noting.sh"), place.at("runtime-threads")).unwrap();
        symlink(prebuilt().join("origin"), place.at("origin")).unwrap();
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `harness run` with its adapters, to begin or to go on.
    fn run(&self, arguments: &[&str]) -> Command {
        let mut command = harness();
        command.arg("run").arg("--adapters").arg(self.0.path());
        command.arg("--format=json").args(arguments);
        command
    }

    fn begin(&self) -> Command {
        let mut command = self.run(&["--runtime=threads", "--scenario=timers,http,digest"]);
        command.args(["--rounds=2", "--seed=7", "--results"]);
        command.arg(self.at("results"));
        command
    }

    fn go_on(&self, record: &Path) -> Command {
        let mut command = self.run(&["--resume"]);
        command.arg(record);
        command
    }

    /// The record, once there is one.
    fn record(&self) -> Option<PathBuf> {
        let results = fs::read_dir(self.at("results"));
        let mut records = results.into_iter().flatten().map(|entry| entry.unwrap());
        let is_record =
            |entry: &fs::DirEntry| !entry.file_name().to_string_lossy().starts_with('.');
        Some(records.find(is_record)?.path())
    }

    /// Measurements of blocks that an adapter finished. What calibrates has the seed for its nonce.
    fn measured(&self) -> usize {
        let text = fs::read_to_string(self.at("measured")).unwrap_or_default();
        let calibrates = format!("\"nonce\":{SEED},");
        text.lines()
            .filter(|line| !line.contains(&calibrates))
            .count()
    }
}

fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(stdout(&output), "");
    let text = stderr(&output);
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().to_owned()
}

fn succeeded(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
}

/// The lines of a record that have their end.
fn whole(record: &Path) -> Vec<u8> {
    let mut bytes = fs::read(record.join("samples.jsonl")).unwrap();
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    bytes.truncate(end.map_or(0, |end| end + 1));
    bytes
}

fn rounds(events: &[u8]) -> usize {
    let events = str::from_utf8(events).unwrap();
    events.matches("{\"event\":\"round\"").count()
}

/// One run, killed again and again on its way: each time it has been a little further.
#[test]
fn twenty_kills_lose_no_finished_sample() {
    let seed = fastrand::u64(..);
    eprintln!("killed at moments that follow from {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let place = Place::new();
    let mut folder: Option<PathBuf> = None;
    let mut before: Vec<u8> = Vec::new();
    let (mut kills, mut grew) = (0, 0);
    while kills < KILLS {
        let mut command = match &folder {
            Some(record) => place.go_on(record),
            None => place.begin(),
        };
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut child = child.unwrap();
        let (further, later) = (random.u64(..FURTHEST), random.u64(..LATEST));
        let mut over = None;
        common::until("the record grows", || {
            over = child.try_wait().unwrap();
            let samples = place.record().map(|record| record.join("samples.jsonl"));
            let size = samples.and_then(|samples| Some(fs::metadata(samples).ok()?.len()));
            // Some kills come before there is a record.
            let size = size.unwrap_or(FURTHEST / 4);
            (over.is_some() || size >= before.len() as u64 + further).then_some(())
        });
        // The moment is the point of it, and nothing is waited for.
        thread::sleep(Duration::from_micros(later));
        over = over.or(child.try_wait().unwrap());
        child.kill().unwrap();
        child.wait().unwrap();
        if let Some(status) = over {
            // It came to its end before its time: the rest of the kills are for another run.
            assert_eq!(status.code(), Some(0));
            finished(&place, folder.as_deref().unwrap(), &before, kills);
            fs::remove_dir_all(place.at("results")).unwrap();
            fs::remove_file(place.at("measured")).unwrap();
            (folder, before) = (None, Vec::new());
            continue;
        }
        kills += 1;
        // A record appears whole, or not at all.
        folder = place.record();
        let Some(record) = &folder else { continue };

        let checked = check(record);
        assert!(checked.problems.is_empty(), "{:?}", checked.problems);
        let now = whole(record);
        assert!(
            now.starts_with(&before),
            "a line that was there has changed"
        );
        grew += usize::from(rounds(&now) > rounds(&before));
        before = now;
        // Each kill may have met a round whose adapter had just finished, before it was heard.
        let lost = place.measured().saturating_sub(rounds(&before));
        assert!(
            lost <= kills,
            "{lost} finished rounds are not in the record"
        );
    }
    assert!(grew > 0, "no kill came after a round");
    let record = match folder {
        Some(record) => record,
        None => {
            succeeded(&place.begin().output().unwrap());
            common::record(&place.at("results"))
        }
    };
    succeeded(&place.go_on(&record).output().unwrap());
    finished(&place, &record, &before, KILLS);
}

/// That a run is complete, whatever it went through.
fn finished(place: &Place, record: &Path, before: &[u8], kills: usize) {
    assert!(
        whole(record).starts_with(before),
        "a line that was there has changed"
    );
    let checked = check(record);
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    // A kill between the end and the seal leaves it unsealed.
    let found = checked.found.unwrap();
    assert!(
        matches!(found.state, State::Sealed | State::Complete),
        "{found:?}"
    );
    let bundle = Bundle::read(record).unwrap();
    assert!(bundle.resumed.len() <= kills);
    // As many whole rounds of each cell as were asked for. A block that was disturbed is run again at once, unless the
    // kill came between.
    for cell in bundle.plan.cells() {
        let rounds = bundle.rounds(cell).filter(|(block, _)| block.complete);
        let (disturbed, counted): (Vec<_>, Vec<_>) =
            rounds.partition(|(block, _)| block.disturbed.is_some());
        assert!(
            counted.len() + disturbed.len() >= 2,
            "{cell}: {} rounds, and {} that were disturbed",
            counted.len(),
            disturbed.len()
        );
    }
    // As that kill would have left it.
    let seal = record.join("seal.json");
    assert_eq!(seal.exists(), found.state == State::Sealed);
    if seal.exists() {
        fs::remove_file(seal).unwrap();
    }
    let again = place.go_on(record).output().unwrap();
    succeeded(&again);
    assert_eq!(check(record).found.unwrap().state, State::Sealed);
    assert!(
        stderr(&again).contains("is complete: nothing is left to measure"),
        "{}",
        said(&again)
    );
    assert_eq!(json(&again)["complete"], true);
    assert!(whole(record).starts_with(before));
}

/// A record that was cut within its blocks: what a kill there leaves, without the luck of meeting it.
fn cut(place: &Place, lines_of_blocks: usize) -> (PathBuf, Vec<u8>) {
    succeeded(&place.begin().output().unwrap());
    let record = record(&place.at("results"));
    let events = whole(&record);
    let text = str::from_utf8(&events).unwrap();
    let mut kept = String::new();
    let mut blocks = 0;
    for line in text.split_inclusive('\n') {
        blocks += usize::from(line.starts_with("{\"event\":\"block\""));
        if blocks > lines_of_blocks {
            break;
        }
        kept.push_str(line);
    }
    assert!(kept.len() < text.len());
    // Half of a line that there was.
    let half = &text[kept.len()..kept.len() + 20];
    fs::write(record.join("samples.jsonl"), format!("{kept}{half}")).unwrap();
    fs::remove_file(record.join("seal.json")).unwrap();
    (record, kept.into_bytes())
}

#[test]
fn what_is_there_is_not_made_again() {
    let place = Place::new();
    let (record, before) = cut(&place, 1);
    let output = place.go_on(&record).output().unwrap();
    succeeded(&output);
    let lines = stderr(&output);
    assert!(
        lines.contains("samples.jsonl was cut short by a kill: its 20 bytes are taken away"),
        "{lines}"
    );
    let after = whole(&record);
    let rest = after.strip_prefix(before.as_slice()).unwrap();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in str::from_utf8(rest).unwrap().lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        *counts
            .entry(event["event"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    let names: Vec<&str> = counts.keys().map(String::as_str).collect();
    assert_eq!(names, ["block", "end", "resumed", "round"], "{counts:?}");
    assert_eq!(counts["resumed"], 1);
    finished(&place, &record, &before, 1);
}

#[test]
fn what_differs_is_refused_and_nothing_is_changed() {
    let place = Place::new();
    let (record, _) = cut(&place, 1);
    let head = record.join("run.json");
    let whole = fs::read_to_string(&head).unwrap();
    let bytes = || fs::read(record.join("samples.jsonl")).unwrap();
    let events = bytes();
    let value: serde_json::Value = serde_json::from_str(&whole).unwrap();
    let with = |pointer: &str, to: serde_json::Value| {
        let mut changed = value.clone();
        *changed.pointer_mut(pointer).unwrap() = to;
        fs::write(&head, serde_json::to_string_pretty(&changed).unwrap()).unwrap();
        let line = refused(&mut place.go_on(&record));
        let line = line.replace(record.to_str().unwrap(), "DIR");
        let start = "error: cannot go on with DIR: ";
        let rest = line.strip_prefix(start).unwrap_or_else(|| panic!("{line}"));
        rest.strip_suffix("; measure it again with `harness run`")
            .unwrap_or_else(|| panic!("{line}"))
            .to_owned()
    };
    let kernel = &value["host"]["kernel"];
    assert_eq!(
        with("/host/kernel", "1.0".into()),
        format!("the host's kernel is {kernel} here and \"1.0\" in the record")
    );
    assert_eq!(
        with("/host/harness", "9.9.9".into()),
        format!(
            "the version of the harness is \"{}\" here and \"9.9.9\" in the record",
            env!("CARGO_PKG_VERSION")
        )
    );
    assert_eq!(
        with("/program", "0".repeat(64).into()),
        "this harness is another build than the one that recorded it"
    );
    assert_eq!(
        with("/adapters/0/sha256", "0".repeat(64).into()),
        "the adapter of threads is another program than the one of the record"
    );
    assert_eq!(
        with("/entrants/0/version", "9.9.9".into()),
        "the version of threads is unknown here and 9.9.9 in the record"
    );
    fs::write(&head, &whole).unwrap();
    // What is asked is in the record.
    for option in [
        "--seed=7",
        "--rounds=3",
        "--scenario=digest",
        "--budget=1s",
        "--note=x",
    ] {
        let line = refused(place.go_on(&record).arg(option));
        let name = option.split('=').next().unwrap();
        assert!(
            line.contains("--resume <DIR>' cannot be used with") && line.contains(name),
            "{line}"
        );
    }
    let nowhere = refused(&mut place.go_on(&place.at("nowhere")));
    assert!(nowhere.contains("this is no record of a run"), "{nowhere}");
    // A record that is damaged is not gone on with.
    fs::write(&head, whole.replace("\"arch\": ", "\"ark\": ")).unwrap();
    let damaged = refused(&mut place.go_on(&record));
    assert!(damaged.contains("host.arch: it is missing"), "{damaged}");
    assert_eq!(bytes(), events);
    assert!(!record.join("seal.json").exists());
}

/// Nor is one of another schema.
#[test]
fn a_record_of_an_older_schema_is_not_gone_on_with() {
    let place = Place::new();
    let record = place.at("older");
    fs::create_dir(&record).unwrap();
    let ours = fixture("bundle-4");
    let head = fs::read_to_string(ours.join("run.json")).unwrap();
    let older = head.replacen("\"schema\": 4", "\"schema\": 3", 1);
    fs::write(record.join("run.json"), older).unwrap();
    let events = fs::read_to_string(ours.join("samples.jsonl")).unwrap();
    let without_end = events.trim_end().rsplit_once('\n').unwrap().0;
    fs::write(record.join("samples.jsonl"), format!("{without_end}\n")).unwrap();
    let line = refused(&mut place.go_on(&record));
    let why = "schema: the record has schema 3, and this harness reads 4: the last that reads it is of revision ";
    assert!(line.contains(why), "{line}");
}
