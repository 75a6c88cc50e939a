//! Where things lie, and where what is said goes: paths as the system has them, a folder that goes away in mid-run,
//! streams that nobody can write to, files that may not grow.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

use std::{
    ffi::OsString,
    fs::{self, File},
    os::unix::{
        ffi::OsStringExt as _,
        fs::{PermissionsExt as _, symlink},
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::common::{
    fixture, harness, harness_under, json, prebuilt, record, said, stderr, stdout,
};
use harness_judge::check::{State, check};
use harness_record::bundle::Bundle;
use tempfile::TempDir;

/// A short run.
fn run(adapters: &Path, results: &Path) -> Command {
    let mut command = harness();
    command.arg("run").arg("--rounds=2");
    asked(&mut command, adapters, results);
    command
}

/// What is measured, from where to where.
fn asked(command: &mut Command, adapters: &Path, results: &Path) {
    command.args(["--runtime=threads", "--scenario=timers"]);
    command.args(["--primitive=compose,spawn", "--workers=1"]);
    command.args(["--unverified", "--format=json", "--adapters"]);
    command.arg(adapters).arg("--results").arg(results);
}

/// It did what it does, or said in one line why not.
fn in_order(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}", said(output));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!text.contains("panicked"), "{text}");
    let errors = text.lines().filter(|line| line.starts_with("error: "));
    assert_eq!(errors.count(), usize::from(code != 0), "{text}");
}

/// `r�n`: a name that is no text.
fn odd(folder: &Path) -> PathBuf {
    folder.join(OsString::from_vec(b"r\xffn".to_vec()))
}

#[test]
fn a_path_that_is_no_text_is_a_path() {
    let place = TempDir::new().unwrap();
    let (adapters, results) = (odd(place.path()), place.path().join("results"));
    symlink(prebuilt(), &adapters).unwrap();
    let results = odd(&results);
    in_order(&run(&adapters, &results).output().unwrap(), 0);

    // What the record says of its command is text, with marks in it.
    let folder = record(&results);
    let bundle = Bundle::read(&folder).unwrap();
    let command = bundle.header.command.join(" ");
    assert!(command.contains("r\u{fffd}n"), "{command}");
    assert_eq!(check(&folder).found.unwrap().state, State::Sealed);

    let again = place.path().join(OsString::from_vec(b"\xfe".to_vec()));
    fs::rename(&folder, &again).unwrap();
    let with = |words: &[&str], path: &Path, code: i32| {
        let mut command = harness();
        command.args(words).arg(path);
        in_order(&command.output().unwrap(), code);
    };
    with(&["report"], &again, 0);
    with(&["check"], &again, 0);
    with(&["timeline", "threads/timers/spawn", "--from"], &again, 0);
    with(&["crossing", "--from"], &again, 2);
    with(&["list", "--quiet", "--adapters"], &adapters, 0);
    with(
        &["describe", "threads/timers/spawn", "--adapters"],
        &adapters,
        0,
    );
    with(&["run", "--resume"], &again, 0);
    with(&["costs", "--criterion"], &again, 2);
    with(&["try"], &again, 2);
    with(&["try"], &again.join("run.json"), 2);
    // What wants a text says so.
    with(&["run", "--runtime"], &again, 2);
    with(&[], &again, 2);
}

/// Adapters are told of a folder for their files in JSON, which knows no other text.
#[test]
fn a_folder_for_temporary_files_that_is_no_text_is_refused() {
    let place = TempDir::new().unwrap();
    let temporary = odd(place.path());
    fs::create_dir(&temporary).unwrap();
    let mut command = run(prebuilt(), &place.path().join("results"));
    let output = command.env("TMPDIR", &temporary).output().unwrap();
    in_order(&output, 1);
    assert!(stderr(&output).contains("set TMPDIR to another"));
}

#[test]
fn results_go_into_a_folder() {
    let place = TempDir::new().unwrap();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    for results in [&file, &file.join("below")] {
        let output = run(prebuilt(), results).output().unwrap();
        in_order(&output, 2);
        assert!(stderr(&output).contains("this is no folder"));
        // Not after minutes of building, or of measuring.
        assert_eq!(stderr(&output).lines().count(), 1, "{}", said(&output));
    }
}

/// A record whose folder has gone is noticed with the block, and what was measured is shown.
#[test]
fn a_folder_that_goes_away_ends_the_run_with_its_table() {
    let place = TempDir::new().unwrap();
    let (adapters, results) = (place.path().join("adapters"), place.path().join("results"));
    fs::create_dir(&adapters).unwrap();
    symlink(prebuilt().join("origin"), adapters.join("origin")).unwrap();
    symlink(prebuilt(), adapters.join("real")).unwrap();
    symlink(fixture("moving.sh"), adapters.join("runtime-threads")).unwrap();

    let output = run(&adapters, &results).output().unwrap();
    in_order(&output, 1);
    let report = json(&output);
    assert_eq!(report["complete"], false);
    assert_eq!(report["blocks"], 1, "{}", said(&output));
    let text = stderr(&output);
    let last = text.lines().last().unwrap();
    assert!(
        last.contains("has gone: ") && last.ends_with("of what was measured until then"),
        "{text}"
    );
    // Nothing of what was recorded was lost with it.
    let moved = record(&place.path().join("moved"));
    assert_eq!(check(&moved).found.unwrap().blocks, 1);
}

#[test]
fn nobody_has_to_listen() {
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let place = TempDir::new().unwrap();
    let results = |name: &str| place.path().join(name);
    let state = |name: &str| check(&record(&results(name))).found.unwrap().state;

    let mut command = run(prebuilt(), &results("full"));
    let output = command.stderr(full()).output().unwrap();
    in_order(&output, 0);
    assert_eq!(json(&output)["complete"], true);
    assert_eq!(state("full"), State::Sealed);

    // A pipe that its reader has closed, as the terminal that somebody closed.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = run(prebuilt(), &results("closed"));
    let output = command.stderr(writer).output().unwrap();
    in_order(&output, 0);
    assert_eq!(json(&output)["complete"], true);

    // An error has its exit code all the same.
    let mut command = harness();
    command.args(["check", "nowhere"]).stderr(full());
    assert_eq!(command.output().unwrap().status.code(), Some(2));
    let mut command = harness();
    command.arg("--no-such-option").stderr(full());
    assert_eq!(command.output().unwrap().status.code(), Some(2));

    // A report that cannot be written is a failure, and the run is recorded.
    let mut command = run(prebuilt(), &results("unprinted"));
    let output = command.stdout(full()).output().unwrap();
    in_order(&output, 1);
    let text = stderr(&output);
    assert!(text.contains("recorded in "), "{text}");
    assert!(text.contains("cannot write to standard output"), "{text}");
    assert_eq!(state("unprinted"), State::Sealed);
    let mut command = harness();
    in_order(&command.arg("--help").stdout(full()).output().unwrap(), 1);
}

/// A limit on the size of files is an error of the record that could not grow, not the end of the process.
#[test]
fn a_file_that_may_not_grow_ends_the_run_with_its_table() {
    let place = TempDir::new().unwrap();
    let results = place.path().join("results");
    // Its head is some thousands of bytes, and of the samples there are more.
    let limited = format!("ulimit -f {BLOCKS}; exec \"$0\" run --rounds=400 \"$@\"");
    let mut command = harness_under(&["/bin/sh", "-c", &limited]);
    asked(&mut command, prebuilt(), &results);
    let output = command.output().unwrap();
    in_order(&output, 1);
    let text = stderr(&output);
    assert!(
        text.contains("cannot append to ") && text.contains("too large"),
        "{text}"
    );
    let measured = json(&output)["blocks"].as_u64().unwrap();
    // What was recorded is whole but for its last line, and may be gone on with.
    let folder = record(&results);
    let bundle = Bundle::read(&folder).unwrap();
    let whole = bundle.blocks.iter().filter(|block| block.complete).count();
    assert_eq!(whole as u64, measured);
    let found = check(&folder).found.unwrap();
    assert_eq!((found.state, found.blocks), (State::Open, whole));
}

/// Of 512 bytes each, as POSIX has them.
const BLOCKS: u64 = 200;

/// A folder that is carried along is for whoever may read its programs.
#[test]
fn what_is_built_can_be_read_by_whom_the_umask_lets() {
    let place = TempDir::new().unwrap();
    let ours = place.path().join("file");
    fs::write(&ours, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&prebuilt().join("adapters.json")), mode(&ours));
}

/// What is measured is what was built, wherever it was carried: not what is checked out around it.
#[test]
fn the_revision_is_that_of_the_adapters() {
    let place = TempDir::new().unwrap();
    let adapters = place.path().join("adapters");
    fs::create_dir(&adapters).unwrap();
    for program in ["runtime-threads", "origin"] {
        symlink(prebuilt().join(program), adapters.join(program)).unwrap();
    }
    let list = fs::read(prebuilt().join("adapters.json")).unwrap();
    let mut list: serde_json::Value = serde_json::from_slice(&list).unwrap();
    let mut measured = |number: usize, revision: Option<&str>| {
        list["built"]["revision"] = revision.into();
        fs::write(adapters.join("adapters.json"), list.to_string()).unwrap();
        let results = place.path().join(number.to_string());
        let output = run(&adapters, &results).output().unwrap();
        in_order(&output, 0);
        let host = Bundle::read(&record(&results)).unwrap().header.host;
        ((host.revision, host.dirty), stderr(&output))
    };
    let (recorded, told) = measured(1, Some("0123456789ab"));
    assert_eq!(recorded, (Some("0123456789ab".to_owned()), Some(false)));
    let remark = "are of revision 0123456789ab, which is recorded; the checkout here is at ";
    assert!(told.contains(remark), "{told}");
    let (recorded, _) = measured(2, Some("0123456789ab+"));
    assert_eq!(recorded, (Some("0123456789ab".to_owned()), Some(true)));
    // Nobody knows: then nothing is said, rather than what is checked out here.
    for (number, unknown) in [(3, None), (4, Some("main"))] {
        let (recorded, told) = measured(number, unknown);
        assert_eq!(recorded, (None, None));
        assert!(told.contains("nobody noted of which revision"), "{told}");
    }
}

/// A folder of a record holds plain files. A pipe would be waited for, and a device has no end.
#[test]
fn what_is_no_plain_file_is_not_waited_for() {
    let place = TempDir::new().unwrap();
    let results = place.path().join("results");
    in_order(&run(prebuilt(), &results).output().unwrap(), 0);
    let folder = record(&results);
    for name in ["run.json", "samples.jsonl", "seal.json"] {
        let (path, aside) = (folder.join(name), place.path().join(name));
        fs::rename(&path, &aside).unwrap();
        let made = Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        for device in [false, true] {
            if device {
                fs::remove_file(&path).unwrap();
                symlink("/dev/zero", &path).unwrap();
            }
            for command in ["check", "report"] {
                // It would wait for ever; `timeout` says so with 124.
                let mut asked = harness_under(&["timeout", "60"]);
                let output = asked.arg(command).arg(&folder).output().unwrap();
                in_order(&output, 2);
                assert!(
                    stderr(&output).contains("it is no plain file"),
                    "{}",
                    said(&output)
                );
                assert_eq!(stdout(&output), "");
            }
        }
        fs::remove_file(&path).unwrap();
        fs::rename(&aside, &path).unwrap();
    }
    assert_eq!(check(&folder).found.unwrap().state, State::Sealed);
}
