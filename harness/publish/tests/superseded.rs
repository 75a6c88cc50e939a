//! A published run leaves the tree when its successor is in its place, and not before: git has it, and the index says where.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use crate::common::{self, fixture, harness, said, stderr};
use harness_record::fabricated::seal;
use serde_json::Value;
use tempfile::TempDir;

/// As much of a checkout as publishing wants, under git.
struct Clone {
    folder: TempDir,
}

impl Clone {
    fn new() -> Self {
        let clone = Self {
            folder: common::checkout(),
        };
        clone.git(&["init", "--quiet", "."]);
        assert!(clone.publish(&["--rebuild"]).status.success());
        clone.commit();
        clone
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.current_dir(self.folder.path());
        git.args(["-c", "user.name=test", "-c", "user.email=test@localhost"]);
        let output = git.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        common::stdout(&output)
    }

    fn commit(&self) -> String {
        self.git(&["add", "--all", "--force", "."]);
        self.git(&["commit", "--quiet", "--message", "so far"]);
        let commit = self.git(&["rev-parse", "--short=12", "HEAD"]);
        commit.trim().to_owned()
    }

    fn publish(&self, arguments: &[&str]) -> Output {
        let mut command = harness();
        command.current_dir(self.folder.path()).arg("publish");
        command.args(arguments).output().unwrap()
    }

    /// What is said when a run of threads that began on this day is published, with this seed.
    fn published(&self, day: u32, arguments: &[&str]) -> String {
        self.record(day);
        let output = self.publish(&[&[RUN][..], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        stderr(&output)
    }

    /// Such a run, where a run leaves it.
    fn record(&self, day: u32) {
        let run = self.path(RUN);
        fs::create_dir(&run).unwrap();
        let from = fixture("bundle-4");
        let header = fs::read(from.join("run.json")).unwrap();
        let mut header: Value = serde_json::from_slice(&header).unwrap();
        header["started"] = format!("2026-01-{day:02}T03:04:05Z").into();
        let header = serde_json::to_vec_pretty(&header).unwrap();
        let samples = fs::read(from.join("samples.jsonl")).unwrap();
        fs::write(run.join("run.json"), header).unwrap();
        fs::write(run.join("samples.jsonl"), samples).unwrap();
        seal(&run).unwrap();
    }

    fn has(&self, day: u32) -> bool {
        let folder = self.path(&at(day));
        // Whole, or not there at all.
        let files = ["run.json", "samples.jsonl.gz", "seal.json"];
        let there = files.iter().filter(|file| folder.join(file).exists());
        let there = there.count();
        assert!(there == files.len() || !folder.exists(), "{there} files");
        there > 0
    }

    /// That what is derived is what the tree makes.
    fn is_consistent(&self) {
        let output = self.publish(&["--check"]);
        assert_eq!(said(&output), "exit status: 0\n\n");
    }
}

const RUN: &str = "results/20260102T030405-7";

/// What the run of a day is published as.
fn name(day: u32) -> String {
    format!("2026-01-{day:02}-amd-epyc-2-cores-vm")
}

fn at(day: u32) -> String {
    format!("results/{}", name(day))
}

#[test]
fn a_run_leaves_when_its_successor_is_published() {
    let clone = Clone::new();
    clone.published(2, &[]);
    let commit = clone.commit();
    let said = clone.published(3, &[]);
    let (first, second) = (name(2), name(3));
    let expected = format!(
        "published as results/{second}\nremoved results/{first}, which it supersedes; git has it: `git checkout {commit} -- results/{first}`\n"
    );
    assert!(said.starts_with(&expected), "{said}");
    assert!(!clone.has(2) && clone.has(3));
    let row = format!("| {first} | {second} | AMD EPYC, 2 cores allowed, ");
    let index = clone.text("results/README.md");
    let line = index.lines().find(|line| line.starts_with(&row)).unwrap();
    assert!(line.ends_with(&format!(" | `{commit}` |")), "{line}");
    assert!(!index.contains(&format!("[{first}]")), "no run any more");
    clone.is_consistent();
    let left = fs::read_dir(clone.path("results")).unwrap();
    assert!(left.into_iter().all(|entry| {
        let name = entry.unwrap().file_name();
        !name.to_string_lossy().starts_with('.')
    }));
    // A second time nothing is left to do.
    let again = stderr(&clone.publish(&[&at(3)]));
    assert_eq!(
        again,
        format!("results/{second} is this run: it was published before\n")
    );

    // git has all of it, and with it back it is no superseded run.
    clone.commit();
    clone.git(&["checkout", "--quiet", &commit, "--", &at(2)]);
    assert!(clone.has(2));
    clone.publish(&["--rebuild"]);
    assert!(!clone.text("results/README.md").contains(&row));
    clone.is_consistent();
    // The name of one that has left is not given again.
    clone.commit();
    clone.publish(&[&at(3)]);
    assert!(!clone.has(2));
    clone.record(2);
    let run = clone.path(RUN).join("run.json");
    let other = fs::read_to_string(&run)
        .unwrap()
        .replacen("\"seed\": 7", "\"seed\": 8", 1);
    fs::write(&run, &other).unwrap();
    seal(&clone.path(RUN)).unwrap();
    let said = stderr(&clone.publish(&[RUN]));
    assert!(
        said.starts_with(&format!("published as results/{first}-2\n")),
        "{said}"
    );
}

#[test]
fn what_git_does_not_have_stays() {
    let clone = Clone::new();
    clone.published(2, &[]);
    let (first, second) = (name(2), name(3));
    let stays = |why: &str| {
        format!(
            "results/{first} stays: {second} supersedes it, but {why}: commit it, and publish results/{second} again\n"
        )
    };
    let said = clone.published(3, &[]);
    assert!(
        said.contains(&stays("not all of it is committed")),
        "{said}"
    );
    assert!(clone.has(2) && clone.has(3));
    clone.is_consistent();
    // Committed, and changed since: not in what it says, but in a byte that says nothing.
    clone.commit();
    let seal = clone.path(&at(2)).join("seal.json");
    let text = fs::read_to_string(&seal).unwrap();
    fs::write(&seal, format!("{text}\n")).unwrap();
    let said = stderr(&clone.publish(&[&at(3)]));
    assert!(
        said.contains(&stays("not all of it is committed")),
        "{said}"
    );
    fs::write(&seal, text).unwrap();
    let said = stderr(&clone.publish(&[&at(3)]));
    assert!(said.contains(&format!("removed results/{first}")), "{said}");
    assert!(!clone.has(2) && clone.has(3));
    clone.is_consistent();

    let clone = Clone::new();
    clone.published(2, &[]);
    fs::remove_dir_all(clone.path(".git")).unwrap();
    let said = clone.published(3, &[]);
    assert!(
        said.contains(&stays("this is no checkout of git")),
        "{said}"
    );
    assert!(clone.has(2));
}

#[test]
fn what_is_to_be_kept_is_kept() {
    let clone = Clone::new();
    clone.published(2, &[]);
    clone.commit();
    let said = clone.published(3, &["--keep"]);
    assert!(
        !said.contains("stays") && !said.contains("removed"),
        "{said}"
    );
    assert!(clone.has(2) && clone.has(3));
    clone.is_consistent();
    // Both are superseded by a third.
    clone.commit();
    let said = clone.published(4, &[]);
    assert_eq!(said.matches("removed results/").count(), 2, "{said}");
    assert!(!clone.has(2) && !clone.has(3) && clone.has(4));
    clone.is_consistent();
}

/// A successor that cannot be written supersedes nothing: the kernel ends the copy in the middle of a file.
#[cfg(unix)]
#[test]
fn nothing_leaves_before_its_successor_is_there() {
    for trap in ["", "trap '' XFSZ; "] {
        let clone = Clone::new();
        clone.published(2, &[]);
        clone.commit();
        clone.record(3);
        let script = format!("{trap}ulimit -f 4; exec \"$0\" publish {RUN}");
        let mut command = Command::new("sh");
        command.current_dir(clone.folder.path());
        command.args(["-c", &script]).arg(common::PROGRAM);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(clone.has(2) && !clone.has(3));
        assert!(!clone.path("results/superseded.json").exists());
        clone.is_consistent();
        let output = clone.publish(&[RUN]);
        assert!(output.status.success(), "{}", said(&output));
        assert!(!clone.has(2) && clone.has(3));
        clone.is_consistent();
    }
}

/// Killed at each of the steps between: each run is whole or gone, and publishing again goes the rest of the way.
#[test]
fn a_kill_on_the_way_out_leaves_no_half() {
    let clone = Clone::new();
    clone.published(2, &[]);
    clone.commit();
    clone.published(3, &["--keep"]);
    let both = clone.commit();
    clone.publish(&[&at(3)]);
    let list = clone.text("results/superseded.json");
    let after = clone.text("results/README.md");
    // On the list, and still there.
    clone.git(&["reset", "--quiet", "--hard", &both]);
    fs::write(clone.path("results/superseded.json"), &list).unwrap();
    clone.is_consistent();
    clone.publish(&[&at(3)]);
    assert!(!clone.has(2));
    assert_eq!(clone.text("results/README.md"), after);
    // Under the name of what leaves, with a file gone; what is derived is not made again yet.
    clone.git(&["reset", "--quiet", "--hard", &both]);
    fs::write(clone.path("results/superseded.json"), &list).unwrap();
    let leaving = clone
        .path("results")
        .join(format!(".superseded-{}", name(2)));
    fs::rename(clone.path(&at(2)), &leaving).unwrap();
    fs::remove_file(leaving.join("run.json")).unwrap();
    let output = clone.publish(&["--check"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    clone.publish(&["--rebuild"]);
    assert!(!leaving.exists());
    assert_eq!(clone.text("results/README.md"), after);
    clone.is_consistent();

    fs::write(clone.path("results/superseded.json"), "[{}]").unwrap();
    let output = clone.publish(&["--check"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let line = stderr(&output);
    assert!(
        line.contains("superseded.json: this is no list of superseded runs: missing field `name`"),
        "{line}"
    );
    assert_eq!(line.lines().count(), 1, "{line}");
}
