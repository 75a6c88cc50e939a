//! Published results: `harness publish` moves a run whole or not at all, and what is derived is made of the
//! published runs alone.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    process::Output,
    sync::OnceLock,
};

use crate::common::{self, Run, TEXTS, harness, said, stderr, stdout};
use harness_record::fabricated::seal;
use serde_json::{Value, json};
use tempfile::TempDir;

const RECORD: [&str; 3] = ["run.json", "samples.jsonl", "seal.json"];

/// As much of a checkout of the workspace as publishing wants.
struct Checkout {
    folder: TempDir,
}

impl Checkout {
    /// With nothing published.
    fn empty() -> Self {
        let checkout = Self {
            folder: common::checkout(),
        };
        assert_eq!(checkout.publish(&["--rebuild"]).status.code(), Some(0));
        checkout
    }

    /// With a run recorded by hand in it, and where that lies.
    fn with_a_run() -> (Self, PathBuf) {
        let checkout = Self::empty();
        let run = checkout.path("results/20260102T030405-7");
        copy(recorded(), &run);
        (checkout, run)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn publish(&self, arguments: &[&str]) -> Output {
        let mut command = harness();
        command.current_dir(self.folder.path()).arg("publish");
        command.args(arguments).output().unwrap()
    }

    /// Publishes what must be published.
    fn published(&self, run: &Path) -> String {
        let output = self.publish(&[run.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        stderr(&output)
    }

    /// The one line that is said instead of publishing; nothing has changed.
    fn refused(&self, arguments: &[&str]) -> String {
        let before = self.files();
        let output = self.publish(arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert_eq!(stdout(&output), "");
        assert!(self.files() == before, "something has changed");
        let line = stderr(&output);
        assert_eq!(line.lines().count(), 1, "{line}");
        line.trim_end().to_owned()
    }

    /// Every file by its path, and what it holds.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, files);
                } else {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                    files.insert(name.replace('\\', "/"), fs::read(&path).unwrap());
                }
            }
        }
        let mut files = BTreeMap::new();
        walk(self.folder.path(), self.folder.path(), &mut files);
        files
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in RECORD {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
}

/// A real run, made on a machine that is not this one: a record of a quiet one, of a known revision.
fn recorded() -> &'static Path {
    static RUN: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, folder) = RUN.get_or_init(|| {
        let run = Run::new(&[
            "--runtime=threads",
            "--scenario=timers,digest",
            "--rounds=1",
        ]);
        assert_eq!(run.output.status.code(), Some(0), "{}", said(&run.output));
        let folder = run.folder();
        edit(&folder, |header| {
            header["started"] = "2026-01-02T03:04:05Z".into();
            header["command"] = vec!["harness", "run", "--runtime=threads"].into();
            header["host"]["cpu"] = "Made-up CPU".into();
            header["host"]["virtualisation"] = "KVM".into();
            header["host"]["revision"] = "0123456789ab".into();
            header["host"]["dirty"] = false.into();
        });
        edit_events(&folder, |event| {
            // A quiet machine, and a record that does not say what others used meanwhile.
            event.as_object_mut().unwrap().remove("disturbed");
            event.as_object_mut().unwrap().remove("load");
        });
        (run.results, folder)
    });
    folder
}

fn edit(run: &Path, change: impl FnOnce(&mut Value)) {
    let path = run.join("run.json");
    let mut header: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut header);
    fs::write(path, serde_json::to_vec_pretty(&header).unwrap()).unwrap();
    seal(run).unwrap();
}

fn edit_events(run: &Path, change: impl Fn(&mut Value)) {
    let path = run.join("samples.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        change(&mut event);
        format!("{event}\n")
    });
    fs::write(&path, lines.collect::<String>()).unwrap();
    seal(run).unwrap();
}

/// Whether its last event is not that it came to its end: then it has no seal.
fn unfinished(run: &Path) -> bool {
    let events = fs::read_to_string(run.join("samples.jsonl")).unwrap();
    let last: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    last["event"] != "end" || last["interrupted"] == true
}

/// Cores of the machine that the run was made on.
fn cores() -> u64 {
    let header = fs::read(recorded().join("run.json")).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["cores"].as_u64().unwrap()
}

/// What the run is published as.
fn name() -> String {
    let cores = cores();
    let plural = if cores == 1 { "" } else { "s" };
    format!("2026-01-02-made-up-{cores}-core{plural}-kvm")
}

#[test]
fn nothing_published_says_so_and_how() {
    let checkout = Checkout::empty();
    for file in ["README.md", "results/README.md"] {
        let text = fs::read_to_string(checkout.path(file)).unwrap();
        assert!(
            text.contains("Nothing is published yet. `harness run"),
            "{file}"
        );
    }
    let files: Vec<String> = checkout.files().into_keys().collect();
    assert_eq!(files, TEXTS, "no page of nothing");
    assert_eq!(checkout.publish(&["--check"]).status.code(), Some(0));
}

#[test]
fn a_run_is_moved_and_a_second_time_changes_nothing() {
    let (checkout, run) = Checkout::with_a_run();
    let said = checkout.published(&run);
    let name = name();
    assert!(
        said.starts_with(&format!("published as results/{name}\nmade README.md\n")),
        "{said}"
    );
    assert!(!run.exists(), "moved");
    let published = checkout.path("results").join(&name);
    let read = |path: PathBuf| fs::read(path).unwrap();
    for file in ["run.json", "seal.json"] {
        let (before, after) = (recorded().join(file), published.join(file));
        assert!(read(before) == read(after), "{file}");
    }
    // The same lines, compressed.
    assert!(!published.join("samples.jsonl").exists());
    let packed = fs::File::open(published.join("samples.jsonl.gz")).unwrap();
    let mut lines = Vec::new();
    let mut unpacked = flate2::read::GzDecoder::new(packed);
    unpacked.read_to_end(&mut lines).unwrap();
    assert!(lines == read(recorded().join("samples.jsonl")));
    // Each text has the run, its command, its revision and its machine.
    for file in ["README.md", "results/README.md"] {
        let text = fs::read_to_string(checkout.path(file)).unwrap();
        for part in [
            &name,
            "`harness run --runtime=threads`",
            "`0123456789ab`",
            "Made-up CPU",
        ] {
            assert!(text.contains(part), "{file} lacks {part}");
        }
        assert!(!text.contains("Nothing is published"), "{file}");
    }
    let readme = fs::read_to_string(checkout.path("README.md")).unwrap();
    assert!(readme.contains("[spawn-uses-cores](docs/claims/spawn-uses-cores.md)"));
    assert_eq!(checkout.publish(&["--check"]).status.code(), Some(0));

    let files = checkout.files();
    let known = format!("results/{name} is this run: it was published before\n");
    assert_eq!(checkout.published(&published), known);
    // Another copy of the same run, as a kill before the removal would leave it.
    copy(recorded(), &run);
    assert_eq!(checkout.published(&run), known);
    fs::remove_dir_all(&run).unwrap();
    assert_eq!(checkout.publish(&["--rebuild"]).status.code(), Some(0));
    assert!(checkout.files() == files, "something has changed");

    // The same run with other samples is neither the same nor another.
    copy(recorded(), &run);
    edit_events(&run, |event| {
        if event["event"] == "block" {
            event["took_ns"] = (event["took_ns"].as_u64().unwrap() + 1).into();
        }
    });
    let line = checkout.refused(&[run.to_str().unwrap()]);
    assert!(
        line.contains("its samples.jsonl is another than that of"),
        "{line}"
    );
    fs::remove_dir_all(&run).unwrap();

    // A second run of that day and class.
    copy(recorded(), &run);
    edit(&run, |header| header["options"]["seed"] = 8.into());
    let said = checkout.published(&run);
    assert!(
        said.starts_with(&format!("published as results/{name}-2\n")),
        "{said}"
    );
    assert_eq!(checkout.publish(&["--check"]).status.code(), Some(0));
}

#[test]
fn check_names_each_file_that_differs_and_where() {
    let (checkout, run) = Checkout::with_a_run();
    checkout.published(&run);
    let check = || {
        let output = checkout.publish(&["--check"]);
        (output.status.code(), stderr(&output))
    };
    assert_eq!(check(), (Some(0), String::new()));
    let name = name();
    let derived: Vec<String> = (checkout.files().into_keys())
        .filter(|file| !file.starts_with(&format!("results/{name}")))
        .collect();
    assert!(derived.len() >= 2, "{derived:?}");
    for file in derived {
        let path = checkout.path(&file);
        let right = fs::read(&path).unwrap();
        let mut wrong = right.clone();
        // One bit of the run's name, or of what says that there is none, or of an option, or of what is in the
        // middle of a picture.
        let text = String::from_utf8(right.clone()).unwrap();
        let at = [&name, "No published run", "--runtime NAME"];
        let at = at.into_iter().find_map(|said| text.find(said));
        let at = at.unwrap_or(right.len() / 2);
        wrong[at] ^= 1;
        fs::write(&path, &wrong).unwrap();
        let line = 1 + right[..at].iter().filter(|&&byte| byte == b'\n').count();
        let (code, said) = check();
        assert_eq!((code, said.lines().count()), (Some(1), 1), "{said}");
        let expected = format!("error: {file} differs in line {line}: ");
        assert!(said.starts_with(&expected), "{said}");
        assert!(
            said.ends_with("; `harness publish --rebuild` makes it again\n"),
            "{said}"
        );
        // And that does.
        assert_eq!(
            stderr(&checkout.publish(&["--rebuild"])),
            format!("made {file}\n")
        );
        assert!(fs::read(&path).unwrap() == right, "{file}");
    }
    let stray = checkout.path("results/pictures/stray.svg");
    fs::create_dir_all(stray.parent().unwrap()).unwrap();
    fs::write(&stray, "<svg/>").unwrap();
    let (code, said) = check();
    assert_eq!(code, Some(1));
    let expected = "error: results/pictures/stray.svg is made of no published run";
    assert!(said.starts_with(expected), "{said}");
    checkout.publish(&["--rebuild"]);
    assert!(!stray.exists());
}

/// Refused as it is, with each of these changes.
#[test]
fn what_is_not_fit_is_one_line_and_changes_nothing() {
    let (checkout, run) = Checkout::with_a_run();
    let refused = |arguments: &[&str]| {
        let run = run.to_str().unwrap();
        let arguments = [&[run], arguments].concat();
        checkout
            .refused(&arguments)
            .replace(run, "DIR")
            .replace(&format!("threads@{}", cores()), "threads@CORES")
    };
    let header = |change: &dyn Fn(&mut Value)| {
        copy(recorded(), &run);
        edit(&run, change);
        refused(&[])
    };
    insta::assert_snapshot!(header(&|h| h["options"]["unverified"] = true.into()), @"error: DIR is not published: the run passed over the adapters' promises; run it without --unverified");
    insta::assert_snapshot!(header(&|h| h["host"]["dirty"] = true.into()), @"error: DIR is not published: its checkout had changes (0123456789ab+), so nobody can build what it measured; commit and run it again, or give --dirty");
    insta::assert_snapshot!(header(&|h| (h["host"]["revision"], h["host"]["dirty"]) = (Value::Null, Value::Null)), @"error: DIR is not published: it names no revision, so nobody can build what it measured; run it in a checkout, or with adapters of `harness build --out`, or give --dirty");
    insta::assert_snapshot!(header(&|h| h["command"][2] = "--adapters=/opt/adapters".into()), @"error: DIR is not published: its command names a place of one machine, `--adapters=/opt/adapters`; run it with paths from the workspace, or give --paths");
    for place in ["~/adapters", "--adapters=~/adapters", "../adapters"] {
        let why = header(&|h| h["command"][2] = place.into());
        assert!(why.contains("names a place of one machine"), "{why}");
    }
    let newer = header(&|h| h["schema"] = 99.into());
    assert!(
        newer.contains("the record has schema 99, and this harness reads "),
        "{newer}"
    );

    let events = |change: &dyn Fn(&mut Value)| {
        copy(recorded(), &run);
        edit_events(&run, change);
        if unfinished(&run) {
            fs::remove_file(run.join("seal.json")).unwrap();
        }
        refused(&[])
    };
    insta::assert_snapshot!(events(&|event| {
        if event["event"] == "end" {
            event["interrupted"] = true.into();
        }
    }), @"error: DIR is not published: the run was stopped before its end; `harness run --resume DIR` finishes it");
    insta::assert_snapshot!(events(&|event| {
        if event["check"] == "spawn_gives_the_output" && event["flavour"] == "threads" {
            event["broken"] = "it gave another".into();
        }
    }), @"error: DIR is not published: threads threads@CORES fails verify: spawn_gives_the_output: it gave another; mend it, or run the others alone");
    let busy = events(&|event| {
        if event["event"] == "block" {
            event["disturbed"] = "others used 0.90 of 2 cores".into();
        }
    });
    assert!(
        busy.contains("is not published: other work disturbed"),
        "{busy}"
    );

    let without = |dropped: &dyn Fn(&Value) -> bool| {
        copy(recorded(), &run);
        let path = run.join("samples.jsonl");
        let text = fs::read_to_string(&path).unwrap();
        let kept = text
            .lines()
            .filter(|line| !dropped(&serde_json::from_str(line).unwrap()));
        fs::write(
            &path,
            kept.map(|line| format!("{line}\n")).collect::<String>(),
        )
        .unwrap();
        seal(&run).unwrap();
        if unfinished(&run) {
            fs::remove_file(run.join("seal.json")).unwrap();
        }
        refused(&[])
    };
    let drop_events = |which: &str| without(&|event| event["event"] == which);
    insta::assert_snapshot!(drop_events("end"), @"error: DIR is not published: the run was killed before its end; `harness run --resume DIR` finishes it");
    // Any promise, all of which `harness verify` tries.
    for check in [
        "root_is_polled_by_the_calling_thread",
        "task_pending_when_the_root_ends",
    ] {
        let why = without(&|event| event["check"] == check && event["flavour"] == "threads");
        let untried = format!("nobody tried the promise {check} of threads threads@CORES");
        assert!(why.contains(&untried), "{why}");
    }
    // The first promise of all: to be built, and to say who it is.
    insta::assert_snapshot!(header(&|h| {
        let mute = json!({"name": "mute", "version": null, "unavailable": "exit code 7: no hello", "flavours": [], "asked": true});
        h["entrants"].as_array_mut().unwrap().push(mute);
    }), @"error: DIR is not published: mute fails verify: exit code 7: no hello; mend it, or run the others alone");

    copy(recorded(), &run);
    fs::remove_file(run.join("seal.json")).unwrap();
    insta::assert_snapshot!(refused(&[]), @"error: DIR is not published: it has no seal, so nobody can tell that it is as it was measured; `harness run --resume DIR` finishes it");
    copy(recorded(), &run);
    fs::write(run.join("run.json"), "{}").unwrap();
    let empty = refused(&[]);
    assert!(empty.starts_with("error: DIR/run.json"), "{empty}");

    copy(recorded(), &run);
    fs::remove_file(run.join("samples.jsonl")).unwrap();
    let no_samples = refused(&[]);
    assert!(
        no_samples.starts_with("error: DIR/samples.jsonl"),
        "{no_samples}"
    );
    fs::remove_file(run.join("run.json")).unwrap();
    insta::assert_snapshot!(refused(&[]), @"error: DIR: this is no record of a run: it has no run.json; `harness run` names the folder that it writes");
}

#[test]
fn what_the_user_lets_pass_is_published() {
    let (checkout, run) = Checkout::with_a_run();
    edit(&run, |header| {
        header["host"]["dirty"] = true.into();
        header["command"][2] = "/opt/adapters".into();
    });
    let line = checkout.refused(&[run.to_str().unwrap(), "--paths"]);
    assert!(line.contains("had changes"), "{line}");
    let line = checkout.refused(&[run.to_str().unwrap(), "--dirty"]);
    assert!(line.contains("a place of one machine"), "{line}");
    let output = checkout.publish(&[run.to_str().unwrap(), "--dirty", "--paths"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let readme = fs::read_to_string(checkout.path("README.md")).unwrap();
    assert!(readme.contains("revision `0123456789ab+`"));
    assert_eq!(checkout.publish(&["--check"]).status.code(), Some(0));
}

/// Somebody put it there by hand: what is derived is not made of it.
#[test]
fn what_cannot_stay_published_is_named() {
    let (checkout, run) = Checkout::with_a_run();
    checkout.published(&run);
    let name = name();
    let folder = checkout.path("results").join(&name);
    // With its samples as they were before they were compressed.
    fs::remove_file(folder.join("samples.jsonl.gz")).unwrap();
    copy(recorded(), &folder);
    assert_eq!(checkout.publish(&["--check"]).status.code(), Some(0));
    edit_events(&folder, |event| {
        if event["event"] == "end" {
            event["interrupted"] = true.into();
        }
    });
    // Sealed, it would be no record of a run at all: what is stopped has no seal.
    let line = checkout.refused(&["--check"]);
    assert!(
        line.contains("its last event is not the end of the run"),
        "{line}"
    );
    fs::remove_file(folder.join("seal.json")).unwrap();
    for arguments in ["--check", "--rebuild"] {
        let line = checkout.refused(&[arguments]);
        let expected = format!(
            "error: results/{name} cannot stay published: the run was stopped before its end; `harness run --resume DIR` finishes it"
        );
        assert_eq!(line, expected);
    }
}

#[test]
fn a_marker_that_is_not_right_is_one_line_and_moves_nothing() {
    let (checkout, run) = Checkout::with_a_run();
    let readme = checkout.path("README.md");
    let right = fs::read_to_string(&readme).unwrap();
    let wrong = |from: &str, to: &str| {
        assert!(right.contains(from), "{from}");
        fs::write(&readme, right.replacen(from, to, 1)).unwrap();
        for arguments in [&["--check"][..], &["--rebuild"], &[run.to_str().unwrap()]] {
            let line = checkout.refused(arguments);
            assert!(line.starts_with("error: README.md"), "{line}");
        }
        checkout.refused(&["--check"])
    };
    let missing = wrong("<!-- END claims -->\n", "");
    assert!(missing.contains("before `claims` has its end"), "{missing}");
    let doubled = wrong(
        "<!-- BEGIN claims -->\n",
        "<!-- BEGIN claims -->\n<!-- END claims -->\n<!-- BEGIN claims -->\n",
    );
    assert!(
        doubled.ends_with("the section `claims` begins a second time"),
        "{doubled}"
    );
    let unknown = wrong("<!-- BEGIN claims -->", "<!-- BEGIN clams -->");
    assert!(
        unknown.contains("nothing makes a section `clams`; there are"),
        "{unknown}"
    );
    fs::write(&readme, &right).unwrap();
    checkout.published(&run);
}

#[test]
fn outside_a_clone_is_one_line() {
    let folder = TempDir::new().unwrap();
    let mut command = harness();
    command
        .current_dir(folder.path())
        .args(["publish", "--check"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(stderr(&output), @"error: no README.md with results/README.md beside it, here or above; results are published in a clone of the workspace");
}

/// The kernel ends the copy in the middle of a file: with a signal, which is told as an error, and with an error alone.
#[cfg(unix)]
#[test]
fn a_copy_that_is_cut_short_leaves_the_run_where_it_was() {
    for trap in ["", "trap '' XFSZ; "] {
        let (checkout, run) = Checkout::with_a_run();
        let before = checkout.files();
        // Blocks of 512 or 1024 bytes, by the shell.
        let script = format!("{trap}ulimit -f 4; exec \"$0\" publish \"$1\"");
        let mut command = std::process::Command::new("sh");
        command
            .current_dir(checkout.folder.path())
            .args(["-c", &script]);
        command.arg(common::PROGRAM).arg(&run);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        let after = checkout.files();
        let line = stderr(&output);
        assert!(
            line.starts_with("error: cannot copy ") && line.lines().count() == 1,
            "{line}"
        );
        assert!(after == before, "{:?}", after.keys());
        // A draft, as a kill leaves it, which nothing reads and the next to publish removes.
        let (_, name) = line.split_once(" to results/").unwrap();
        let (name, _) = name.split_once(": ").unwrap();
        let draft = format!("results/.publishing-{name}");
        let draft = checkout.folder.path().join(draft);
        fs::create_dir(&draft).unwrap();
        fs::write(draft.join("run.json"), "{").unwrap();
        assert_eq!(checkout.publish(&["--check"]).status.code(), Some(0));
        checkout.published(&run);
        let left = checkout
            .files()
            .into_keys()
            .any(|file| file.contains(".publishing-"));
        assert!(!left);
    }
}
