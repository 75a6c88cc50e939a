//! `harness export` by the real binary, and read by the programs that people read such files with.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use crate::common::{self, Run, harness, said, stderr, stdout};
use harness_record::bundle::{Bundle, CellStatus};
use tempfile::TempDir;

fn export(arguments: &[&str]) -> Output {
    harness().arg("export").args(arguments).output().unwrap()
}

/// One run for all tests.
fn run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let run = Run::new(&["--runtime=threads", "--scenario=digest", "--rounds=1"]);
        assert_eq!(run.output.status.code(), Some(0), "{}", said(&run.output));
        run
    })
}

/// What the record holds, counted here from the record itself.
struct Held {
    rows: u64,
    failed: u64,
    wall_ns: u64,
}

fn held(folder: &Path) -> Held {
    let bundle = Bundle::read(folder).unwrap();
    let rounds: Vec<_> = bundle
        .blocks
        .iter()
        .flat_map(|block| block.rounds.values())
        .collect();
    let bad = rounds.iter().filter(|round| round.status != CellStatus::Ok);
    let failed = bad.filter(|round| round.samples.is_empty()).count() as u64;
    let samples = rounds.iter().flat_map(|round| &round.samples);
    Held {
        rows: samples.clone().count() as u64 + failed,
        failed,
        wall_ns: samples.map(|sample| sample.wall_ns).sum(),
    }
}

/// A copy of a record with one block more, whose one round failed: a row whose figures are null.
fn with_a_failure(folder: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    fs::copy(folder.join("run.json"), to.join("run.json")).unwrap();
    let text = fs::read_to_string(folder.join("samples.jsonl")).unwrap();
    let blocks = text.matches("{\"event\":\"block\"").count();
    let cell = "threads:threads@2/digest/spawn@2";
    let failed = format!(
        r#"{{"event":"round","block":{blocks},"cell":"{cell}","order":0,"status":"timeout","reason":"made up","samples":[]}}"#
    );
    let block = format!(
        r#"{{"event":"block","block":{blocks},"runtime":"threads","scenario":"digest","took_ns":1}}"#
    );
    let (before, end) = text.trim_end().rsplit_once('\n').unwrap();
    let events = format!("{before}\n{failed}\n{block}\n{end}\n");
    fs::write(to.join("samples.jsonl"), events).unwrap();
}

/// Python with the readers, or `None` with a word where they are not installed: `.ci/run` installs them.
fn python() -> Option<PathBuf> {
    let python = common::workspace().join("target/readers/bin/python");
    if python.is_file() {
        return Some(python);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "no {}: .ci/run installs pandas, Polars and DuckDB there",
        python.display()
    );
    eprintln!("skipped: no pandas, Polars and DuckDB in target/readers; .ci/run installs them");
    None
}

#[test]
fn pandas_polars_and_duckdb_read_what_the_record_holds() {
    let Some(python) = python() else { return };
    let folder = TempDir::new().unwrap();
    let record = folder.path().join("record");
    with_a_failure(&run().folder(), &record);
    let held = held(&record);
    assert_eq!(held.failed, 1);
    let files = ["csv", "parquet"].map(|format| {
        let file = folder.path().join(format!("samples.{format}"));
        let output = harness()
            .arg("export")
            .arg(&record)
            .args(["--format", format, "-o"])
            .arg(&file)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        file
    });
    let script = common::workspace().join("harness/publish/tests/readers/read.py");
    let read = Command::new(python)
        .arg(script)
        .args(&files)
        .output()
        .unwrap();
    assert!(read.status.success(), "{}", said(&read));
    let read = common::json(&read);
    let seen = read["seen"].as_object().unwrap();
    assert_eq!(seen.len(), 6);
    for (reader, saw) in seen {
        assert_eq!(saw["rows"], held.rows, "{reader}");
        assert_eq!(saw["wall_ns"], held.wall_ns, "{reader}");
        assert_eq!(
            (&saw["nulls"], &saw["failed"]),
            (&1.into(), &1.into()),
            "{reader}"
        );
        let types = saw["types"].as_object().unwrap();
        let columns: Vec<&str> = harness_publish::export::COLUMNS
            .iter()
            .map(|column| column.name)
            .collect();
        let mut named: Vec<&str> = types.keys().map(String::as_str).collect();
        let mut sorted = columns.clone();
        named.sort_unstable();
        sorted.sort_unstable();
        assert_eq!(named, sorted, "{reader}");
    }
    // Types survive: a whole number that may be null, one that may not, a truth and a name.
    let typed = |reader: &str| {
        let types = &seen[reader]["types"];
        [
            "wall_ns",
            "workers",
            "mean_overlap",
            "disturbed",
            "scenario",
        ]
        .map(|column| types[column].as_str().unwrap().to_owned())
    };
    assert_eq!(
        typed("polars parquet"),
        ["Int64", "Int64", "Float64", "Boolean", "String"]
    );
    assert_eq!(
        typed("duckdb parquet"),
        ["BIGINT", "BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR"]
    );
    assert_eq!(typed("pandas parquet")[1..4], ["int64", "float64", "bool"]);
    // The header travels with the file.
    let header = fs::read_to_string(record.join("run.json")).unwrap();
    let header: serde_json::Value = serde_json::from_str(&header).unwrap();
    assert_eq!(
        read["headers"]["harness.run.record"]["host"],
        header["host"]
    );
}

#[test]
fn formats_go_to_standard_output_or_to_a_file_and_are_the_same() {
    let run = run();
    let folder = run.folder();
    let folder = folder.to_str().unwrap();
    let elsewhere = TempDir::new().unwrap();
    for format in ["csv", "markdown", "json", "parquet"] {
        let printed = export(&[folder, "--format", format]);
        assert_eq!(printed.status.code(), Some(0), "{}", said(&printed));
        assert!(!printed.stdout.is_empty());
        let file = elsewhere.path().join(format);
        let written = export(&[folder, "--format", format, "-o", file.to_str().unwrap()]);
        assert_eq!(written.status.code(), Some(0), "{}", said(&written));
        assert_eq!(stdout(&written), "");
        assert_eq!(fs::read(&file).unwrap(), printed.stdout, "{format}");
    }
    // And no draft is left.
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 4);
}

#[test]
fn what_cannot_be_exported_is_one_line() {
    let run = run();
    let folder = run.folder();
    let folder = folder.to_str().unwrap();
    let code_and_line = |arguments: &[&str]| {
        let output = export(arguments);
        let line = stderr(&output).replace(folder, "DIR");
        assert_eq!(line.lines().count(), 1, "{line}");
        assert_eq!(stdout(&output), "");
        (output.status.code(), line.trim_end().to_owned())
    };
    let (code, line) = code_and_line(&["no-such-folder"]);
    assert_eq!(code, Some(2));
    assert!(
        line.starts_with("error: no-such-folder") && line.contains("no record of a run"),
        "{line}"
    );
    assert_eq!(
        code_and_line(&[folder, folder]),
        (
            Some(2),
            "error: DIR is named twice: name each run once".to_owned()
        )
    );
    let (code, line) = code_and_line(&[folder, "-o", "no-such-folder/samples.csv"]);
    assert_eq!(code, Some(1));
    assert!(
        line.starts_with("error: cannot write no-such-folder/samples.csv: "),
        "{line}"
    );
}

/// A terminal is shown no bytes that it would take for commands.
#[test]
#[cfg(target_os = "linux")]
fn parquet_does_not_go_to_a_terminal() {
    let run = run();
    // `script` runs a command on a terminal of its own.
    let command = format!(
        "{} export {} --format parquet",
        common::PROGRAM,
        run.folder().display()
    );
    let log = TempDir::new().unwrap();
    let output = Command::new("script")
        .args(["-qec", &command])
        .arg(log.path().join("log"))
        .output();
    let Ok(output) = output else {
        assert!(
            std::env::var_os("CI").is_none(),
            "no script(1): util-linux has it"
        );
        eprintln!("skipped: no script(1) to make a terminal with");
        return;
    };
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        stdout(&output).contains("Parquet is not for a terminal"),
        "{}",
        said(&output)
    );
}
