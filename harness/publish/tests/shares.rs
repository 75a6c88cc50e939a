//! A plan measured in shares by the real binary, and joined. What is joined how is in `src/shares/tests.rs`.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use harness_record::{
    bundle::{Bundle, Event, Written},
    cell::Cell,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{harness, json, list, prebuilt, record, said, stderr, stdout};

/// Two scenarios of plain threads, three rounds of each: six blocks.
const PLAN: [&str; 5] = [
    "--runtime=threads",
    "--scenario=timers,ready",
    "--rounds=3",
    "--seed=11",
    "--quiet",
];

fn share(partition: &str, results: &Path) -> Command {
    let mut command = harness();
    command.arg("run").arg("--adapters").arg(prebuilt());
    command.arg("--results").arg(results).args(PLAN);
    command.args(["--partition", partition]);
    command
}

fn measured(mut command: Command) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}

fn records(results: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(results).unwrap();
    let mut all: Vec<PathBuf> = folders.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

fn merge(folders: &[PathBuf], more: &[&str]) -> Output {
    let mut command = harness();
    command.arg("merge").args(folders);
    command.args(["--format=json"]).args(more).output().unwrap()
}

/// The cells of each complete block.
fn blocks(bundle: &Bundle) -> Vec<Vec<Cell>> {
    let complete = bundle.blocks.iter().filter(|block| block.complete);
    let cells = complete.map(|block| {
        let mut cells: Vec<Cell> = block.rounds.keys().map(|cell| (**cell).clone()).collect();
        cells.sort();
        cells
    });
    let mut all: Vec<Vec<Cell>> = cells.collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn a_plan_in_shares_is_the_plan() {
    let results = TempDir::new().unwrap();
    // Not in their order, and one of them by what Slurm says and one by what Kubernetes does.
    let mut auto = share("auto", results.path());
    for (name, value) in [("ID", "3"), ("COUNT", "4"), ("MIN", "1"), ("MAX", "4")] {
        auto.env(format!("SLURM_ARRAY_TASK_{name}"), value);
    }
    measured(auto);
    measured(share("slice:1/4", results.path()));
    let mut auto = share("auto", results.path());
    auto.env("JOB_COMPLETION_INDEX", "3")
        .env("JOB_COMPLETIONS", "4");
    measured(auto);

    // One is not there yet: it is named, with what fills it, and what is there is said.
    let there = records(results.path());
    let early = merge(&there, &[]);
    assert_eq!(early.status.code(), Some(1), "{}", said(&early));
    let missing = stderr(&early);
    assert!(
        missing.starts_with("share 2/4 of the plan of seed 11 on ") && missing.lines().count() == 1,
        "{missing}"
    );
    let command = missing.split('`').nth(1).unwrap();
    assert_eq!(list(&json(&early), "runs")[0]["complete"], false);
    // It fills it as it stands, but for the program's place; and the second share is measured twice over.
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[0], "harness");
    for _ in 0..2 {
        // Two records of one second and one share would have one name.
        let other = TempDir::new_in(results.path()).unwrap();
        // An option is given once: the place that was recorded goes.
        let place = words.iter().position(|word| *word == "--results").unwrap();
        let mut fill = harness();
        fill.args(&words[1..place]).args(&words[place + 2..]);
        fill.arg("--results").arg(other.path());
        measured(fill);
        let record = record(other.path());
        let mut name = record.file_name().unwrap().to_owned();
        name.push(format!("-{}", records(results.path()).len()));
        fs::rename(record, results.path().join(name)).unwrap();
    }

    let all = records(results.path());
    assert_eq!(all.len(), 5);
    let out = TempDir::new().unwrap();
    let to = out.path().to_str().unwrap();
    let merged = merge(&all, &["--out", to]);
    assert_eq!(merged.status.code(), Some(0), "{}", said(&merged));
    let document = json(&merged);
    assert_eq!(list(&document, "runs").len(), 1, "{document}");
    assert_eq!(list(&document, "machines").len(), 1);
    assert_eq!(list(&document, "runs")[0]["complete"], true);
    let record = record(out.path());
    assert!(
        stderr(&merged).starts_with("joined 4 shares in "),
        "{}",
        stderr(&merged)
    );

    // It is what one machine would have recorded: every scenario three times over, in whole blocks.
    let checked = harness().arg("check").arg(&record).output().unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    assert!(
        stdout(&checked).contains("complete and sealed"),
        "{}",
        stdout(&checked)
    );
    let whole = Bundle::read(&record).unwrap();
    for cell in whole.plan.cells() {
        let rounds = whole
            .rounds(cell)
            .filter(|(block, _)| block.disturbed.is_none());
        let tried = whole.rounds(cell).count();
        assert!(rounds.count() == 3 || tried > 3, "{cell}: {tried} rounds");
    }
    let expected: Vec<Vec<Cell>> = {
        let groups = whole.plan.groups.iter();
        let arms = groups.map(|group| {
            let again = |cell: &Cell| harness_judge::judge::again(cell);
            let mut cells: Vec<Cell> = group.cells.iter().flat_map(again).collect();
            cells.extend(group.cells.iter().cloned());
            cells.sort();
            cells
        });
        let mut all: Vec<Vec<Cell>> = arms.collect();
        all.sort();
        all
    };
    assert_eq!(blocks(&whole), expected);
    // The error is that of the plan, whichever share.
    for folder in &all {
        let written = Written::read(folder).unwrap();
        let fixed = written.events.iter().find_map(|event| match event {
            Event::Comparisons { comparisons } => Some(*comparisons),
            _ => None,
        });
        assert_eq!(fixed, whole.comparisons);
    }
    // The same again, in another order: the same record, and nothing is written twice.
    let back: Vec<PathBuf> = all.iter().rev().cloned().collect();
    let again = merge(&back, &["--out", to]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert_eq!(records(out.path()), std::slice::from_ref(&record));
    // Shares behind a run are shares too: the one that is missing is named.
    let behind = merge(&[vec![record.clone()], there].concat(), &[]);
    assert_eq!(behind.status.code(), Some(1), "{}", said(&behind));
    // Beside its shares it is the same run, and counts once.
    let beside = merge(&[all, vec![record]].concat(), &[]);
    assert_eq!(list(&json(&beside), "runs").len(), 1);
}

#[test]
fn the_same_share_is_the_same_work() {
    let of = |partition: &str| {
        let results = TempDir::new().unwrap();
        measured(share(partition, results.path()));
        let record = record(results.path());
        let rounds = Written::read(&record).unwrap().events.into_iter();
        let order: Vec<(usize, Cell)> = rounds
            .filter_map(|event| match event {
                // A disturbed block is tried again, which is not the share's doing.
                Event::Round {
                    block: 0,
                    order,
                    cell,
                    ..
                } => Some((order, cell)),
                _ => None,
            })
            .collect();
        order
    };
    assert_eq!(of("1/2"), of("1/2"));
    assert_ne!(of("1/6"), of("6/6"));
}

#[test]
fn what_cannot_be_a_share_is_one_line() {
    let nowhere = TempDir::new().unwrap();
    let asked = |arguments: &[&str]| {
        let mut command = harness();
        command.args(["run", "--results"]).arg(nowhere.path());
        for name in ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"] {
            command.env_remove(name);
        }
        let output = command.args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        stderr(&output)
    };
    insta::assert_snapshot!(asked(&["--partition=3/16"]), @"error: --partition needs --seed N, the same number for every share: it makes them one plan");
    insta::assert_snapshot!(asked(&["--partition=auto", "--seed=1"]), @"error: --partition auto: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set: start it as an array of Slurm (`sbatch --array=1-16`) or as an indexed job of Kubernetes, or write --partition 3/16");
    insta::assert_snapshot!(asked(&["--partition=17/16", "--seed=1"]), @"error: invalid value '17/16' for '--partition <M/N|auto>': write which share of how many, such as 3/16; there are up to 100000; or `auto`");
    assert_eq!(records(nowhere.path()), Vec::<PathBuf>::new());
}

/// A share is a record like any other: it can be checked and printed; it is not published.
#[test]
fn a_share_alone_says_that_it_is_one() {
    let results = TempDir::new().unwrap();
    // More shares than blocks: this one has nothing.
    measured(share("1/7", results.path()));
    let empty = record(results.path());
    assert!(empty.to_str().unwrap().ends_with("-1-of-7"), "{empty:?}");
    assert!(Bundle::read(&empty).unwrap().blocks.is_empty());
    measured(share("7/7", results.path()));
    let all = records(results.path());
    let checked = harness().arg("check").args(&all).output().unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    assert_eq!(stdout(&checked).matches("complete and sealed").count(), 2);
    let last = all.iter().find(|folder| **folder != empty).unwrap();
    let report = harness().arg("report").arg(last).output().unwrap();
    assert!(
        stdout(&report).contains("share 7/7 of a plan: `harness merge` joins it with the others"),
        "{}",
        stdout(&report)
    );
    let head: Value = serde_json::from_slice(&fs::read(last.join("run.json")).unwrap()).unwrap();
    assert_eq!(head["options"]["partition"], "7/7");
    let publish = harness()
        .args(["publish", "--dirty", "--paths"])
        .arg(last)
        .output()
        .unwrap();
    assert_eq!(publish.status.code(), Some(2), "{}", said(&publish));
    assert!(
        stderr(&publish).contains("it is share 7/7 of a plan"),
        "{}",
        stderr(&publish)
    );
}
