//! A record whose samples are compressed is the record that it was: whatever reads one says the same of both.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, io::Write as _, path::PathBuf, process::Output};

use crate::common::{copy, fixture, harness, said, stderr, stdout};
use flate2::{Compression, write::GzEncoder};
use tempfile::TempDir;

const PLAIN: &str = "samples.jsonl";
const PACKED: &str = "samples.jsonl.gz";

/// A copy of a record, under its name, in a folder of its own.
struct Copy {
    folder: TempDir,
}

impl Copy {
    fn of(name: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let made = Self { folder };
        copy(&fixture(name), &made.record());
        made
    }

    /// With its samples compressed, by somebody else's gzip that keeps the plain ones.
    fn with_both(name: &str) -> Self {
        let copy = Self::of(name);
        fs::write(
            copy.file(PACKED),
            gzip(&fs::read(copy.file(PLAIN)).unwrap()),
        )
        .unwrap();
        copy
    }

    fn packed(name: &str) -> Self {
        let copy = Self::with_both(name);
        fs::remove_file(copy.file(PLAIN)).unwrap();
        copy
    }

    fn record(&self) -> PathBuf {
        self.folder.path().join("20260102T030405-7")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.record().join(name)
    }

    /// What the harness does in a folder of results that holds this record.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = harness();
        command.current_dir(self.folder.path()).args(arguments);
        command.output().unwrap()
    }

    /// The one line that is said of it.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            said(&output)
        );
        assert_eq!(stdout(&output), "", "{arguments:?}");
        let line = stderr(&output);
        assert_eq!(line.lines().count(), 1, "{arguments:?}: {line}");
        line.trim_end().to_owned()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::fast());
    packing.write_all(bytes).unwrap();
    packing.finish().unwrap()
}

const DIR: &str = "20260102T030405-7";

/// Whatever reads a record.
const READERS: [&[&str]; 11] = [
    &["check", DIR],
    &["report", DIR],
    &["report", DIR, "--format", "json"],
    &["report", DIR, "--format", "csv"],
    &["report", DIR, "--format", "markdown"],
    &["compare", DIR, DIR],
    &["merge", DIR, "--format", "json"],
    &["export", DIR],
    &["timeline", "threads/digest/spawn", "--from", DIR],
    &[
        "trace",
        "threads/digest/spawn",
        "--from",
        DIR,
        "--out",
        "trace.json",
    ],
    &["run", "--resume", DIR],
];

#[test]
fn every_reader_says_the_same_of_both() {
    let (plain, packed) = (Copy::of("bundle-4"), Copy::packed("bundle-4"));
    for reader in READERS {
        let (of_plain, of_packed) = (plain.run(reader), packed.run(reader));
        assert!(of_plain.status.success(), "{reader:?}: {}", said(&of_plain));
        assert!(!(of_plain.stdout.is_empty() && of_plain.stderr.is_empty()));
        assert_eq!(said(&of_packed), said(&of_plain), "{reader:?}");
    }
    let trace = |copy: &Copy| fs::read(copy.folder.path().join("trace.json")).unwrap();
    assert!(trace(&plain) == trace(&packed));
    assert!(!packed.file(PLAIN).exists(), "nothing was unpacked");
}

/// Every reader, of the same damage, in the same words.
#[test]
fn damage_is_one_clear_line() {
    let copy = Copy::packed("bundle-4");
    let whole = fs::read(copy.file(PACKED)).unwrap();
    fs::write(copy.file(PACKED), &whole[..whole.len() / 2]).unwrap();
    for reader in READERS {
        let line = copy.refused(reader);
        assert!(
            line.contains(&format!(
                "{DIR}/{PACKED}: it is damaged, no whole gzip file: "
            )) && line.ends_with("; take it again from where it was published"),
            "{line}"
        );
    }
    // What is whole and was changed is found by the seal, on its line of what was compressed.
    let text = fs::read_to_string(fixture("bundle-4").join(PLAIN)).unwrap();
    let changed = text.replacen("\"took_ns\":", "\"took_ns\":1", 1);
    let at = text.lines().position(|line| line.contains("\"took_ns\":"));
    fs::write(copy.file(PACKED), gzip(changed.as_bytes())).unwrap();
    let line = copy.refused(&["report", DIR]);
    let expected = format!(
        "error: {DIR}/{PACKED}, line {}: it was changed after the run had ended: its lines' SHA-256 is not the one in seal.json",
        at.unwrap() + 1
    );
    assert_eq!(line, expected);
}

#[test]
fn of_both_files_the_one_to_remove_is_named() {
    let copy = Copy::with_both("bundle-4");
    let whole = fs::read(copy.file(PLAIN)).unwrap();
    for reader in READERS {
        let line = copy.refused(reader);
        assert!(
            line.ends_with(&format!(
                "{DIR}: its {PLAIN} and {PACKED} hold the same: remove {PLAIN}"
            )),
            "{line}"
        );
    }
    let other = |file: &str, bytes: &[u8]| {
        fs::write(copy.file(file), bytes).unwrap();
        copy.refused(&["report", DIR])
    };
    let differ = format!("error: {DIR}: its {PLAIN} and {PACKED} differ, and ");
    // The seal knows which is right, and a damaged one is not.
    let cut = gzip(&whole);
    assert_eq!(
        other(PACKED, &cut[..cut.len() - 9]),
        format!("{differ}the first is what was sealed: remove {PACKED}")
    );
    fs::write(copy.file(PACKED), &cut).unwrap();
    assert_eq!(
        other(PLAIN, &whole[1..]),
        format!("{differ}the second is what was sealed: remove {PLAIN}")
    );
    fs::remove_file(copy.file("seal.json")).unwrap();
    assert_eq!(
        other(PLAIN, &whole[1..]),
        format!("{differ}a run writes the first: remove {PACKED}")
    );
    // And that helps.
    fs::write(copy.file(PLAIN), &whole).unwrap();
    fs::remove_file(copy.file(PACKED)).unwrap();
    assert!(copy.run(&["report", DIR]).status.success());
}

/// Nothing can be appended to it; what is complete is reported on, and sealed if a kill came just before that.
#[test]
fn a_run_does_not_go_on_in_a_compressed_record() {
    let copy = Copy::of("bundle-4");
    let text = fs::read_to_string(copy.file(PLAIN)).unwrap();
    let seal = fs::read(copy.file("seal.json")).unwrap();
    fs::remove_file(copy.file("seal.json")).unwrap();
    fs::remove_file(copy.file(PLAIN)).unwrap();
    let (before, end) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(end.contains("\"end\""), "{end}");
    fs::write(copy.file(PACKED), gzip(format!("{before}\n").as_bytes())).unwrap();
    let line = copy.refused(&["run", "--resume", DIR]);
    assert_eq!(
        line,
        format!(
            "error: {DIR}/{PACKED}: it is compressed, and a run goes on by appending to {PLAIN}: `gunzip {DIR}/{PACKED}` first"
        )
    );
    fs::write(copy.file(PACKED), gzip(text.as_bytes())).unwrap();
    let output = copy.run(&["run", "--resume", DIR]);
    assert!(output.status.success(), "{}", said(&output));
    let again = fs::read(copy.file("seal.json")).unwrap();
    assert!(again == seal, "the seal of the lines as they were");
}
