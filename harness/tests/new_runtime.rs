//! A new runtime is one new folder, and no other edit but the one that cargo makes to the lock file.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

mod common;

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use common::{harness, json, list, said, stderr, stdout, workspace};
use harness_measure::adapters::{Adapters, Build, export};
use tempfile::TempDir;

/// Makes `to` what `from` is. What is the same already keeps its time, or cargo would build it again.
fn mirror(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let mut known = BTreeSet::new();
    for entry in fs::read_dir(from).unwrap() {
        let source = entry.unwrap().path();
        let name = source.file_name().unwrap();
        let text = name.to_str().unwrap();
        // What belongs to builds, runs and tools.
        if text.starts_with('.') || matches!(text, "target" | "results") {
            continue;
        }
        known.insert(name.to_owned());
        let copy = to.join(name);
        if source.is_dir() {
            mirror(&source, &copy);
            continue;
        }
        let content = fs::read(&source).unwrap();
        if fs::read(&copy).ok().as_ref() != Some(&content) {
            fs::write(&copy, content).unwrap();
        }
    }
    for entry in fs::read_dir(to).unwrap() {
        let copy = entry.unwrap().path();
        if known.contains(copy.file_name().unwrap()) {
            continue;
        }
        if copy.is_dir() {
            fs::remove_dir_all(copy).unwrap();
        } else {
            fs::remove_file(copy).unwrap();
        }
    }
}

/// The adapter's files, as the document has them, each behind the line that names it.
const WRITTEN: [&str; 4] = [
    "Cargo.toml",
    "src/lib.rs",
    "src/main.rs",
    "tests/contract.rs",
];

/// What the document shows of one of them: the first block of code after its name.
fn shown(document: &str, file: &str) -> String {
    let (_, after) = document
        .split_once(&format!("`runtimes/mini/{file}`"))
        .unwrap_or_else(|| panic!("the document names no runtimes/mini/{file}"));
    let (_, code) = after.split_once("```").unwrap();
    let (_, code) = code.split_once('\n').unwrap();
    code.split_once("```").unwrap().0.to_owned()
}

/// docs/ADDING_A_RUNTIME.md, from nothing to a row: what it says to type, and that what it shows is what that writes.
#[test]
fn a_folder_is_all_that_a_runtime_is() {
    // Kept, so that the next time there is little to build; and built where the workspace is, so that what is not the
    // workspace's own, and is the same for both, is built once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("tmp/new-runtime");
    let copy = folder.join("workspace");
    mirror(workspace(), &copy);

    let in_copy = |arguments: &[&str]| {
        let mut command: Command = harness();
        command.current_dir(&copy).args(arguments);
        command.env("CARGO_TARGET_DIR", target);
        // Its dependencies are those of others, so there is nothing to fetch.
        command.env("CARGO_NET_OFFLINE", "true");
        command.output().unwrap()
    };
    let new = in_copy(&["new", "runtime", "mini"]);
    assert_eq!(new.status.code(), Some(0), "{}", said(&new));
    assert!(
        stdout(&new).contains("runtimes/mini is written"),
        "{}",
        said(&new)
    );
    let document = fs::read_to_string(workspace().join("docs/ADDING_A_RUNTIME.md")).unwrap();
    for file in WRITTEN {
        let written = fs::read_to_string(copy.join("runtimes/mini").join(file)).unwrap();
        assert_eq!(written, shown(&document, file), "{file}");
    }
    // It is about a hundred lines, but for what an adapter's own documentation takes.
    let library = fs::read_to_string(copy.join("runtimes/mini/src/lib.rs")).unwrap();
    let code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    let lines = library.lines().filter(code).count();
    assert!(lines <= 130, "{lines} lines of code");
    // Nobody's work is written over.
    let again = in_copy(&["new", "runtime", "mini"]);
    assert_eq!(again.status.code(), Some(2), "{}", said(&again));
    assert!(
        stderr(&again).contains("runtimes/mini is there already"),
        "{}",
        said(&again)
    );

    let results = TempDir::new().unwrap();
    let results = format!("--results={}", results.path().display());
    let arguments = [
        "--runtime=mini",
        "--scenario=digest,timers",
        "--rounds=2",
        "--format=json",
        &results,
    ];
    let output = in_copy(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json(&output);
    let cells: BTreeSet<String> = list(&report, "cells")
        .iter()
        .filter(|cell| cell["runtime"] == "mini")
        .map(|cell| {
            assert_eq!(cell["status"], "ok", "{cell}");
            assert!(cell["wall_ns"]["median"].as_f64() > Some(0.0), "{cell}");
            let word = |key: &str| cell[key].as_str().unwrap().to_owned();
            format!("{}/{}", word("scenario"), word("primitive"))
        })
        .collect();
    let expected = ["digest", "timers"]
        .into_iter()
        .flat_map(|s| ["sequential", "compose", "spawn"].map(|p| format!("{s}/{p}")));
    assert_eq!(cells, expected.collect());
    assert!(
        list(&report, "claims")
            .iter()
            .any(|claim| claim["runtime"] == "mini")
    );

    // A list of the workspace would build every runtime; of a folder, those that are in it.
    let out = folder.join("adapters");
    let adapters = Adapters::in_workspace(&copy).unwrap();
    let how = Build {
        quiet: true,
        target_dir: Some(target.to_owned()),
        ..Build::default()
    };
    // With no group of scenarios, as they were built for the run; `harness build` takes them all.
    let mini = adapters.make(adapters.get("mini").unwrap(), &how).unwrap();
    // By the lock file it is made of what others are made of.
    let smol = &adapters.get("smol").unwrap().lineage;
    assert!(mini.lineage.len() > 2, "{:?}", mini.lineage);
    assert!(
        mini.lineage.iter().all(|part| smol.contains(part)),
        "{:?} and {smol:?}",
        mini.lineage
    );
    export(&out, &[mini], &adapters.make_origin(&how).unwrap()).unwrap();
    let out = out.to_str().unwrap();
    let listed = in_copy(&["list", "--adapters", out]);
    assert!(
        stdout(&listed).contains("Executor::run on one thread per core"),
        "{}",
        said(&listed)
    );
    let verified = in_copy(&["verify", "--adapters", out, "--runtime", "mini"]);
    assert_eq!(verified.status.code(), Some(0), "{}", said(&verified));
    // Whoever asks for what is not there is told it.
    let nobody = in_copy(&["run", "--runtime=nobody"]);
    let told = stderr(&nobody);
    let (_, known) = told
        .split_once("no runtime is called `nobody`; there are ")
        .unwrap_or_else(|| panic!("{}", said(&nobody)));
    let known: Vec<&str> = known.trim().split(", ").collect();
    assert!(
        known.contains(&"mini") && known.contains(&"tokio"),
        "{known:?}"
    );

    // And the copy is a copy, but for the folder and what cargo adds to its lock file for it.
    let lock = fs::read_to_string(copy.join("Cargo.lock")).unwrap();
    let before = fs::read_to_string(workspace().join("Cargo.lock")).unwrap();
    let packages = |lock: &str| lock.matches("[[package]]").count();
    assert_eq!(packages(&lock), packages(&before) + 1);
}
