//! Files of somebody's own, outside the workspace: from `harness new` to an answer, and everything that may be wrong.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use crate::common::{building, harness, json, list, record, said, stderr, stdout, workspace};
use tempfile::TempDir;

/// A folder far from the workspace, with a file in it.
struct Away(TempDir);

impl Away {
    fn with(file: &str, text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join(file), text).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Runs the harness there.
    fn harness(&self, arguments: &[&str]) -> Output {
        let mut command = harness();
        command.current_dir(self.path()).args(arguments);
        // A user has nothing of cargo's in his shell.
        for name in ["CARGO_TARGET_TMPDIR", "CARGO_MANIFEST_DIR"] {
            command.env_remove(name);
        }
        command.output().unwrap()
    }

    /// Tries a file on plain threads, which take the least to compile.
    fn tried(&self, arguments: &[&str]) -> Output {
        let _alone = building();
        self.harness(
            &[
                &["try", "--runtime=threads", "--quiet", "--rounds=1"],
                arguments,
            ]
            .concat(),
        )
    }

    /// The line that a file which is not right gives.
    fn refused(&self, file: &str) -> String {
        let output = self.harness(&["try", file]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert_eq!(stdout(&output), "");
        let line = stderr(&output);
        assert_eq!(line.lines().count(), 1, "{line}");
        line.trim_end().to_owned()
    }

    fn record(&self) -> PathBuf {
        record(&self.path().join("results"))
    }
}

/// A workload that does as its branches are told by their number, so that it is compiled once for all that can go wrong.
const MISCHIEF: &str = r#"---cargo
[dependencies]
answers = { path = "answers" }
---
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use runtime_api::Runtime;
use workload_api::{Env, Workload};

#[derive(Clone, Copy, Default)]
pub struct Mischief {
    _made_by_default: (),
}

static HERE: AtomicUsize = AtomicUsize::new(0);

impl Workload for Mischief {
    const OFFLOADS: bool = true;

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        match env.branches {
            3 if index == 1 => panic!("no such table"),
            4 => {
                HERE.fetch_add(1, SeqCst);
                while HERE.load(SeqCst) % 4 != 0 {
                    R::yield_now().await;
                }
            }
            _ => {}
        }
        answers::of(env.nonce, index)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        answers::of(env.nonce, index) + u64::from(env.branches == 5)
    }
}
"#;

/// With its manifest at its top.
fn mischief() -> Away {
    needs_answers(Away::with("mischief.rs", MISCHIEF))
}

/// With its manifest beside it.
fn mischief_and_manifest() -> Away {
    let (manifest, code) = MISCHIEF
        .strip_prefix("---cargo\n")
        .and_then(|text| text.split_once("---\n"))
        .unwrap();
    let away = Away::with("mischief.rs", code);
    fs::write(away.path().join("mischief.toml"), manifest).unwrap();
    needs_answers(away)
}

/// With the library that its manifest names.
fn needs_answers(away: Away) -> Away {
    let library = away.path().join("answers/src");
    fs::create_dir_all(&library).unwrap();
    fs::write(
        away.path().join("answers/Cargo.toml"),
        "[package]\nname = \"answers\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    )
    .unwrap();
    fs::write(
        library.join("lib.rs"),
        "pub fn of(nonce: u64, index: usize) -> u64 {\n    nonce ^ index as u64\n}\n",
    )
    .unwrap();
    away
}

/// What stands in a document between ```` ```LANGUAGE ```` and the end of that block.
fn blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
    let opening = format!("```{language}\n");
    let pieces = document.split(&opening).skip(1);
    pieces
        .filter_map(|piece| piece.split("```").next())
        .collect()
}

/// docs/YOUR_CODE.md as somebody follows it who has never seen this house: every command, and the file in it. The
/// runtime is plain threads, whose libraries other tests have built, where the document says tokio.
#[test]
fn the_document_leads_from_nothing_to_an_answer() {
    let document = fs::read_to_string(workspace().join("docs/YOUR_CODE.md")).unwrap();
    let away = Away(TempDir::new().unwrap());
    let file = blocks(&document, "rust")
        .into_iter()
        .find(|block| block.contains("impl Workload for"))
        .unwrap();
    let mut tried = 0;
    for line in blocks(&document, "console").join("").lines() {
        let command = line.split('#').next().unwrap();
        let command = command.replace("--runtime tokio", "--runtime threads");
        let words: Vec<&str> = command.split_whitespace().collect();
        assert_eq!(words.first(), Some(&"harness"), "{line}");
        if words[1] == "try" && words[2] == "report.rs" {
            fs::write(away.path().join("report.rs"), file).unwrap();
        }
        let _alone = building();
        let output = away.harness(&words[1..]);
        assert_eq!(output.status.code(), Some(0), "{line}: {}", said(&output));
        if words[1] != "try" {
            continue;
        }
        tried += 1;
        let text = stdout(&output);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() <= 60, "{} lines: {text}", lines.len());
        assert!(
            lines.iter().all(|line| line.chars().count() <= 100),
            "{text}"
        );
        let table = if text.contains("Median times") {
            "x: times as fast"
        } else {
            "Joined, spawned: times as fast"
        };
        for part in ["Join or spawn?", "compose", "spawn", table, "Next"] {
            assert!(text.contains(part), "no {part}: {text}");
        }
        if words[2] == "report.rs" {
            // What blocks is told from what computes, on a busy machine as well, or not told.
            let classes = ["blocking: offload", "not decided"];
            assert!(classes.iter().any(|class| text.contains(class)), "{text}");
        }
    }
    assert!(tried >= 2, "{tried}");
}

#[test]
fn a_file_of_ones_own_is_a_scenario_and_its_record_is_sound() {
    let away = mischief();
    let output = away.tried(&["mischief.rs", "--wait=2ms", "--format=json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    let cells: Vec<String> = list(&report, "cells")
        .iter()
        .filter(|cell| cell["flavour"] == "threads")
        .map(|cell| {
            assert_eq!(cell["status"], "ok", "{cell}");
            assert_eq!(cell["scenario"], "try/mischief+wait=2ms+offloads");
            assert_eq!(cell["branches"], 2);
            cell["primitive"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(cells, ["sequential", "compose", "spawn", "spawn_blocking"]);
    // It is classed, and nothing is claimed of it.
    assert_eq!(list(&report, "claims").len(), 0);
    assert!(!list(&report, "classes").is_empty());
    let answers = list(&report, "answers");
    assert!(
        answers[0].as_str().unwrap().starts_with("threads threads@"),
        "{answers:?}"
    );

    let folder = away.record();
    let folder = folder.to_str().unwrap();
    let checked = away.harness(&["check", folder]);
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    // Whoever reads it later has no file, and the same report.
    let again = away.harness(&["report", folder, "--format=json"]);
    assert_eq!(json(&again), report);
    let details = away.harness(&["report", folder, "--details"]);
    assert!(
        stdout(&details).contains("try/mischief"),
        "{}",
        said(&details)
    );
    // What it takes to go on is not in the record: the file is not.
    let samples = away.record().join("samples.jsonl");
    let text = fs::read_to_string(&samples).unwrap();
    let (but_for_its_end, _) = text.trim_end().rsplit_once('\n').unwrap();
    fs::write(&samples, format!("{but_for_its_end}\n")).unwrap();
    fs::remove_file(away.record().join("seal.json")).unwrap();
    let checked = away.harness(&["check", folder]);
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    assert!(!stdout(&checked).contains("--resume"), "{}", said(&checked));
    let resumed = away.harness(&["run", "--resume", folder]);
    assert_eq!(resumed.status.code(), Some(2), "{}", said(&resumed));
    assert!(
        stderr(&resumed).contains("`harness try FILE`"),
        "{}",
        said(&resumed)
    );
    let described = away.harness(&["describe", "threads/try/mischief/spawn"]);
    assert_eq!(described.status.code(), Some(2), "{}", said(&described));
    assert!(
        stderr(&described).contains("`harness try FILE`"),
        "{}",
        said(&described)
    );
}

#[test]
fn what_a_branch_does_wrong_is_said_with_what_to_do() {
    let away = mischief_and_manifest();
    let output = away.tried(&["mischief.rs", "--branches=3"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = stdout(&output);
    assert!(
        text.contains("a branch panicked at mischief.rs:18:"),
        "{text}"
    );
    assert!(text.contains("no such table"), "{text}");

    let output = away.tried(&["mischief.rs", "--branches=5"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = stdout(&output);
    assert!(
        text.contains("`expected` must answer what `branch` does"),
        "{text}"
    );

    // One that waits for its siblings comes to no end alone, nor before the next has begun.
    let mut waits = harness();
    waits.current_dir(away.path());
    waits.args([
        "try",
        "mischief.rs",
        "--runtime=threads",
        "--rounds=1",
        "--branches=4",
        "--timeout=1s",
    ]);
    let _alone = building();
    let output = waits.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let heard = stderr(&output);
    assert!(
        heard.contains("if it waits for another branch, that is why"),
        "{heard}"
    );
    let words: Vec<String> = stdout(&output)
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let text = words.join(" ");
    assert!(text.contains("`const TOGETHER: bool = true;`"), "{text}");
}

/// The two ends of a channel, in effect: each goes on only when the other has been there.
const MEETING: &str = r#"
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use runtime_api::Runtime;
use workload_api::{Env, Shared, Workload};

#[derive(Clone, Copy)]
pub struct Meeting;

impl Workload for Meeting {
    const TOGETHER: bool = true;

    fn share(self, _: &Env) -> Shared {
        Shared::new(AtomicUsize::new(0))
    }

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let here: &AtomicUsize = env.shared();
        here.fetch_add(1, SeqCst);
        while here.load(SeqCst) < env.branches {
            R::yield_now().await;
        }
        // Some steps, so that they can be counted.
        (0..env.steps).fold(env.nonce ^ index as u64, workload_api::mix)
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        (0..env.steps).fold(env.nonce ^ index as u64, workload_api::mix)
    }
}
"#;

#[test]
fn branches_that_wait_for_each_other_are_never_run_alone() {
    let away = Away::with("meeting.rs", MEETING);
    let output = away.tried(&["meeting.rs", "--work=1ms", "--format=json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    for cell in list(&report, "cells") {
        assert_ne!(cell["primitive"], "sequential");
        assert_eq!(cell["status"], "ok", "{cell}");
        assert!(cell["predicted_ns"].as_f64() > Some(0.0), "{cell}");
    }
    assert_eq!(list(&report, "cells").len(), 4);
}

#[test]
fn a_file_that_is_not_right_is_one_line() {
    let away = Away::with("empty.rs", "fn main() {}\n");
    let nowhere = away.refused("nowhere.rs");
    assert_eq!(
        nowhere,
        "error: nowhere.rs: there is no such file; `harness new workload NAME` writes a first one"
    );
    assert!(
        away.refused("empty.rs")
            .starts_with("error: empty.rs: there is no `impl Workload for")
    );
    let write = |text: &str| fs::write(away.path().join("h.rs"), text).unwrap();
    write("pub struct A; pub struct B;\nimpl Workload for A {}\nimpl Workload for B {}\n");
    assert!(
        away.refused("h.rs")
            .contains("2 workloads are in it (A, B)")
    );
    write("struct A;\nimpl Workload for A {}\n");
    assert!(away.refused("h.rs").contains("write `pub struct A`"));
    write("---\n[dependencies]\n");
    assert!(away.refused("h.rs").starts_with("error: h.rs:1: "));
    write("---\n[dependencies]\n---\npub struct A;\nimpl Workload for A {}\n");
    fs::write(away.path().join("h.toml"), "[dependencies]\n").unwrap();
    assert_eq!(
        away.refused("h.rs"),
        "error: h.rs has a manifest at its top, and h.toml lies beside it: keep one of the two"
    );
    fs::remove_file(away.path().join("h.rs")).unwrap();
    fs::create_dir(away.path().join("h.rs")).unwrap();
    assert!(away.refused("h.rs").contains("cannot be read"));
}

#[test]
fn what_the_compiler_says_is_of_the_users_file_and_line() {
    let text = "---\n[dependencies]\n---\nuse runtime_api::Runtime;\nuse workload_api::{Env, Workload};\n\
                #[derive(Clone, Copy)]\npub struct H;\nimpl Workload for H {\n    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {\n        \
                let n: u64 = \"three\";\n        n + env.nonce\n    }\n    fn expected(self, env: &Env, _: usize) -> u64 {\n        env.nonce\n    }\n}\n";
    for (manifest, line) in [(true, 10), (false, 7)] {
        let text = if manifest {
            text
        } else {
            text.splitn(4, '\n').last().unwrap()
        };
        let away = Away::with("h.rs", text);
        let output = away.tried(&["h.rs"]);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        let heard = stderr(&output);
        assert!(heard.contains("error[E0308]: mismatched types"), "{heard}");
        assert!(heard.contains(&format!("--> h.rs:{line}:22\n")), "{heard}");
        assert!(
            heard.ends_with(
                "error: h.rs does not compile for threads: what is wrong stands above\n"
            ),
            "{heard}"
        );
        assert!(!heard.contains(away.path().to_str().unwrap()), "{heard}");
    }
}

#[test]
fn a_first_file_is_written_once() {
    let away = Away(TempDir::new().unwrap());
    let output = away.harness(&["new", "workload", "slow-handler"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        stdout(&output).contains("try slow-handler.rs --runtime tokio"),
        "{}",
        said(&output)
    );
    let path = away.path().join("slow-handler.rs");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("pub struct SlowHandler;"));
    let output = away.harness(&["new", "workload", "slow-handler"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        stderr(&output).contains("is there already"),
        "{}",
        said(&output)
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let output = away.harness(&["new", "workload", "../elsewhere"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}
