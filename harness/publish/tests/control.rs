//! `harness control` on the real adapter, in small.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, path::Path, process::Output};

use crate::common::{self, harness, prebuilt, said, stderr, stdout};
use tempfile::TempDir;

fn control(results: &Path, arguments: &[&str]) -> Output {
    let mut command = harness();
    command.arg("control").arg("--adapters").arg(prebuilt());
    command.arg("--results").arg(results).args(arguments);
    command.output().unwrap()
}

/// What is printed of a record, without its figures.
fn shape(text: &str) -> String {
    let tables = text.lines().filter(|line| line.starts_with('|'));
    let first_columns = tables.map(|line| {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        columns[1..3].join(" | ")
    });
    first_columns.collect::<Vec<_>>().join("\n")
}

#[test]
fn it_measures_records_and_judges_again() {
    let results = TempDir::new().unwrap();
    let arguments = [
        "--runtime=threads",
        "--comparisons=3",
        "--blocks=2",
        "--slower=5,1000",
        "--seed=7",
    ];
    let output = control(results.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let path = common::record(results.path());
    assert!(stderr(&output).contains(&format!("recorded in {}", path.display())));

    // Three comparisons on two configurations in turn, two blocks each and more for disturbed ones, of
    // the cell, the cell again, and two slowdowns.
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (record, blocks) = lines.split_first().unwrap();
    let cells = common::list(record, "comparisons");
    assert_eq!(cells.len(), 3);
    assert!(cells[0] != cells[1] && cells[0] == cells[2], "{cells:?}");
    assert!((6..=18).contains(&blocks.len()), "{}", blocks.len());
    for block in blocks {
        let walls = common::list(block, "walls_ns");
        assert_eq!(walls.len(), 4);
        assert!(
            walls.iter().all(|wall| wall.as_u64().unwrap() > 1_000_000),
            "{walls:?}"
        );
    }
    // Eleven times the steps take longer, on however busy a machine.
    let least = |arm: usize| blocks.iter().map(|b| b["walls_ns"][arm].as_u64()).min();
    assert!(least(3).flatten() > least(0).flatten().map(|wall| 2 * wall));

    let mut again = harness();
    let again = again
        .arg("control")
        .arg("--record")
        .arg(&path)
        .output()
        .unwrap();
    assert_eq!(stdout(&again), stdout(&output));
    insta::assert_snapshot!(shape(&stdout(&output)), @r#"
the same again: rule | error allowed
------------------------ | --------------------
fixed number of blocks | one of 25, 0.040 %
after every block | one of 25, 0.040 %
fixed number of blocks | one alone, 5 %
after every block | one alone, 5 %
slower by | rule
----------- | ------------------------
5 % | fixed number of blocks
5 % | after every block
5 % | fixed number of blocks
5 % | after every block
1000 % | fixed number of blocks
1000 % | after every block
1000 % | fixed number of blocks
1000 % | after every block
"#);
}

/// Bad input is one line and exit code 2.
#[test]
fn what_cannot_be_is_told_in_a_line() {
    let results = TempDir::new().unwrap();
    let error = |arguments: &[&str]| {
        let output = control(results.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert_eq!(stdout(&output), "");
        stderr(&output)
    };
    insta::assert_snapshot!(error(&["--scenario=timers", "--slower=5"]), @"error: --slower gives branches more steps, and those of timers only wait; digest computes");
    insta::assert_snapshot!(error(&["--slower=0"]), @"error: invalid value '0' for '--slower <PERCENT>': write per cent above 0 and up to 1000, such as 5");
    insta::assert_snapshot!(error(&["--comparisons=0"]), @"error: invalid value '0' for '--comparisons <N>': write a whole number from 1 to 100000");
    // What talks to an origin brings another process's noise.
    assert!(error(&["--scenario=http"]).contains("there are timers, "));
    insta::assert_snapshot!(error(&["--runtime=threads", "--primitive=dispatch"]), @"error: none of these runtimes has digest by dispatch here");
    insta::assert_snapshot!(error(&["--runtime=thread"]), @"error: no runtime is called `thread`; did you mean `threads`?");
    insta::assert_snapshot!(error(&["--record=no-such-file", "--blocks=2"]), @"error: the argument '--record <FILE>' cannot be used with '--blocks <N>'; `harness --help` shows what there is");
    assert!(error(&["--record=no-such-file"]).starts_with("error: cannot read no-such-file: "));
    assert_eq!(fs::read_dir(results.path()).unwrap().count(), 0);
}
