//! The second program, as the first hands over to it: found beside it, built under cargo, carried along. What stands for
//! it here is a script.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::common::{PROGRAM, building, fixture, prebuilt, said, stderr, stdout, workspace};
use tempfile::TempDir;

/// A target folder with the first program. It has another name, not a copy: a program that was written a moment ago
/// cannot always be started.
fn target() -> (TempDir, PathBuf) {
    let target = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    fs::create_dir(target.path().join("debug")).unwrap();
    let harness = target.path().join("debug/harness");
    fs::hard_link(PROGRAM, &harness).unwrap();
    (target, harness)
}

fn stand_in(harness: &Path) {
    symlink(
        fixture("second/program.sh"),
        harness.with_file_name("harness-publish"),
    )
    .unwrap();
}

/// As on a machine without cargo.
fn command(harness: &Path) -> Command {
    let mut command = Command::new(harness);
    command.current_dir(workspace()).stdin(Stdio::null());
    command.env_remove("CARGO");
    command
}

fn publish(harness: &Path) -> Output {
    let mut command = command(harness);
    command.args(["publish", "--check"]).output().unwrap()
}

#[test]
fn the_command_line_is_handed_over_and_the_exit_code_back() {
    let (_target, harness) = target();
    stand_in(&harness);
    let mut command = command(&harness);
    let output = command
        .args(["compare", "a b", "c", "--format=json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", said(&output));
    assert_eq!(stdout(&output), "compare\na b\nc\n--format=json\n");
    assert_eq!(stderr(&output), "");
}

#[test]
fn where_it_is_not_one_line_says_what_to_do() {
    let (_target, harness) = target();
    let output = publish(&harness);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let line = stderr(&output);
    let begins = format!("error: {}-publish is not there: ", harness.display());
    assert!(
        line.starts_with(&begins) && line.lines().count() == 1,
        "{line}"
    );
    assert!(
        line.contains("`cargo run -p harness -- ...` builds it"),
        "{line}"
    );
}

#[test]
fn under_cargo_it_is_built_where_the_first_lies() {
    let (target, harness) = target();
    let mut command = command(&harness);
    command.env("CARGO", fixture("second/cargo.sh"));
    let output = command.args(["publish", "--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", said(&output));
    assert_eq!(stdout(&output), "publish\n--check\n");
    let told = stderr(&output);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.starts_with("building harness-publish, "), "{told}");
    let asked = fs::read_to_string(target.path().join("asked")).unwrap();
    assert_eq!(
        asked,
        format!(
            "build --package harness-publish --target-dir {}\n",
            target.path().display()
        )
    );
}

#[test]
fn where_it_cannot_be_built_one_line_says_so() {
    let (_target, harness) = target();
    let mut command = command(&harness);
    command.env("CARGO", "false");
    let output = command.args(["publish", "--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let told = stderr(&output);
    assert!(
        told.ends_with("\nerror: cannot build harness-publish: cargo: exit status: 1\n"),
        "{told}"
    );
}

#[test]
fn a_folder_of_adapters_has_both() {
    // What is built with cargo is made once.
    prebuilt();
    let (target, harness) = target();
    stand_in(&harness);
    let out = target.path().join("out");
    let mut command = command(&harness);
    command.args(["build", "--runtime=threads", "--out"]);
    let _alone = building();
    let output = command.arg(&out).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let last = format!(
        "threads, fork-limits, limits, the origin, harness, harness-publish are in {}",
        out.display()
    );
    assert_eq!(stderr(&output).lines().last(), Some(last.as_str()));
    // The first finds the second there.
    let output = publish(&out.join("harness"));
    assert_eq!(output.status.code(), Some(7), "{}", said(&output));
}
