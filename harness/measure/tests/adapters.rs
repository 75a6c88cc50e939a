//! Adapters are found by their manifests, built alone and optimised, exported, and found again.
//!
//! The workspaces here are made on the spot and depend on nothing, so a build takes a moment and no
//! network.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use harness_measure::adapters::{Adapters, Build, Error, export};
use harness_measure::child::{Interrupt, Limits, Status};
use tempfile::TempDir;

/// An adapter that answers one question.
const HELLO: &str = r##"fn main() {
    if cfg!(debug_assertions) { panic!("not optimised"); }
    println!("{}", r#"{"is":"hello","v":1,"runtime":"NAME","flavours":[],"unavailable":"a test"}"#);
}"##;

fn package(root: &Path, folder: &str, name: &str, more: &str, main: &str) {
    let folder = root.join("members").join(folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"1.2.3\"\nedition = \"2024\"\n{more}\n");
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let file = if main.contains("fn main") {
        "main.rs"
    } else {
        "lib.rs"
    };
    fs::write(folder.join("src").join(file), main).unwrap();
}

fn adapter(root: &Path, name: &str, more: &str, main: &str) {
    let table = format!("[package.metadata.runtime]\nname = \"{name}\"\n{more}");
    let main = main.replace("NAME", name);
    package(root, name, &format!("runtime-{name}"), &table, &main);
}

/// A workspace with the origin and a library that is no adapter.
fn workspace() -> TempDir {
    let root = TempDir::new().unwrap();
    fs::write(
        root.path().join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"members/*\"]\n",
    )
    .unwrap();
    package(
        root.path(),
        "origin",
        "workload-origin",
        "[[bin]]\nname = \"origin\"\npath = \"src/main.rs\"",
        "fn main() {}",
    );
    package(root.path(), "clock", "clockwork", "", "");
    root
}

fn how(root: &TempDir) -> Build {
    Build {
        quiet: true,
        target_dir: Some(root.path().join("target")),
        ..Build::default()
    }
}

#[test]
fn a_folder_with_a_table_is_an_adapter_and_needs_no_other_edit() {
    let root = workspace();
    // Not of the workspace, as what comes from a registry is not.
    let elsewhere = TempDir::new().unwrap();
    let at = |name: &str| elsewhere.path().join("members").join(name);
    package(elsewhere.path(), "cogs", "cogs", "", "");
    let cogs = format!("[dependencies]\ncogs = {{ path = {:?} }}", at("cogs"));
    package(elsewhere.path(), "gears", "gears", &cogs, "");
    let dependency = format!(
        "crate = \"clockwork\"\n[dependencies]\nclockwork = {{ path = \"../clock\" }}\n\
         gears = {{ path = {:?} }}\n[dev-dependencies]\ncogs = {{ path = {:?} }}",
        at("gears"),
        at("cogs")
    );
    adapter(root.path(), "tick", &dependency, HELLO);
    adapter(root.path(), "plain", "", HELLO);
    let more = "hidden = true\nbeside = [\"group\"]";
    adapter(root.path(), "secret", more, HELLO);

    let adapters = Adapters::in_workspace(root.path()).unwrap();
    let listed: Vec<_> = adapters
        .listed()
        .map(|entry| (entry.name.as_str(), entry.version.as_deref()))
        .collect();
    assert_eq!(listed, [("plain", None), ("tick", Some("1.2.3"))]);
    assert!(adapters.get("secret").unwrap().hidden);
    assert!(adapters.get("nobody").is_none());
    let without = adapters.without_table("clock").unwrap();
    assert!(without.ends_with("members/clock/Cargo.toml"));
    assert_eq!(adapters.without_table("nobody"), None);
    assert!(!adapters.are_prebuilt());

    let mut tick = adapters
        .make(adapters.get("tick").unwrap(), &how(&root))
        .unwrap();
    let hello = tick.hello(&Limits::default(), &Interrupt::new()).unwrap();
    assert_eq!(hello.runtime, "tick");
    assert_eq!(tick.crates, ["cogs 1.2.3", "gears 1.2.3"]);
    let secret = adapters.get("secret").unwrap();
    let secret = adapters.make(secret, &how(&root)).unwrap();
    let origin = adapters.make_origin(&how(&root)).unwrap();

    // And from a folder, with no cargo in sight.
    let out = root.path().join("out/here");
    for _ in 0..2 {
        export(&out, &[tick.clone(), secret.clone()], &origin).unwrap();
    }
    let prebuilt = Adapters::open(Some(&out)).unwrap();
    assert!(prebuilt.are_prebuilt());
    assert_eq!(prebuilt.built(), adapters.built());
    let listed: Vec<&str> = prebuilt.listed().map(|entry| entry.name.as_str()).collect();
    assert_eq!(listed, ["tick"]);
    let scenario = ["group/one".to_owned()];
    let beside = prebuilt.beside(&scenario).map(|entry| entry.name.as_str());
    assert_eq!(beside.collect::<Vec<_>>(), ["secret"]);
    let entry = prebuilt.get("tick").unwrap();
    assert_eq!(entry.version.as_deref(), Some("1.2.3"));
    let mut again = prebuilt.make(entry, &how(&root)).unwrap();
    assert!(again.program.path.starts_with(&out));
    assert_eq!(again.crates, tick.crates);
    assert!(again.hello(&Limits::default(), &Interrupt::new()).is_ok());
    assert!(prebuilt.make_origin(&how(&root)).is_ok());
    let list = fs::read_to_string(out.join("adapters.json")).unwrap();
    assert!(
        list.contains("\"rustc\"") && list.contains("\"release\""),
        "{list}"
    );
}

/// The test above again, with variables that would spoil the build: what it builds refuses to run
/// when it was built with debug assertions.
#[test]
fn variables_that_change_code_do_not_reach_the_build() {
    for (name, value) in [
        ("RUSTFLAGS", "-Cdebug-assertions=yes"),
        ("CARGO_ENCODED_RUSTFLAGS", "-Cdebug-assertions=yes"),
        ("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true"),
    ] {
        let test = "a_folder_with_a_table_is_an_adapter_and_needs_no_other_edit";
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test])
            .env(name, value)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{name}: {text}"
        );
    }
}

/// And a program that was built with other groups stays what it was.
#[test]
fn an_adapter_is_built_with_the_groups_that_were_asked_for() {
    let root = workspace();
    let runner = "[features]\nfield = []\nscale = []";
    let tells =
        "pub const GROUPS: [bool; 2] = [cfg!(feature = \"field\"), cfg!(feature = \"scale\")];";
    package(root.path(), "runner", "harness-runner", runner, tells);
    adapter(
        root.path(),
        "tells",
        "[dependencies]\nharness-runner = { path = \"../runner\" }",
        "fn main() { print!(\"{:?}\", harness_runner::GROUPS) }",
    );
    let adapters = Adapters::in_workspace(root.path()).unwrap();
    let built = |names: &[&str]| {
        let how = how(&root).with(names.iter().copied());
        let made = adapters.make(adapters.get("tells").unwrap(), &how);
        made.unwrap().program.path
    };
    let says = |program: &Path| {
        let output = Command::new(program).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let all = built(&["field/hot-loop", "scale", "digest"]);
    let none = built(&["all"]);
    let one = built(&["scale/yield"]);
    assert_eq!(says(&all), "[true, true]");
    assert_eq!(says(&none), "[false, false]");
    assert_eq!(says(&one), "[false, true]");
}

#[test]
fn an_adapter_is_built_with_the_flags_of_its_manifest_and_no_other_is() {
    let root = workspace();
    package(
        root.path(),
        "lib",
        "lib",
        "",
        "pub const ODD: bool = cfg!(odd);",
    );
    let lib = "crate = \"lib\"\n[dependencies]\nlib = { path = \"../lib\" }";
    let odd = format!("rustflags = [\"--cfg\", \"odd\"]\n{lib}");
    let tells = "fn main() { print!(\"{} {}\", lib::ODD, cfg!(odd)) }";
    adapter(root.path(), "odd", &odd, tells);
    adapter(root.path(), "plain", lib, tells);
    let adapters = Adapters::in_workspace(root.path()).unwrap();
    for (name, version, says) in [
        ("odd", "1.2.3 with --cfg odd", "true true"),
        ("plain", "1.2.3", "false false"),
        ("odd", "1.2.3 with --cfg odd", "true true"),
    ] {
        let entry = adapters.get(name).unwrap();
        assert_eq!(entry.version.as_deref(), Some(version));
        let made = adapters.make(entry, &how(&root)).unwrap();
        let output = Command::new(made.program.path).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), says, "{name}");
    }
}

#[test]
fn a_failed_build_costs_one_adapter() {
    let root = workspace();
    adapter(root.path(), "broken", "", "fn main() { nonsense }");
    adapter(root.path(), "fine", "", HELLO);
    let adapters = Adapters::in_workspace(root.path()).unwrap();
    let error = adapters
        .make(adapters.get("broken").unwrap(), &how(&root))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot build runtime-broken: error: could not compile `runtime-broken`"),
        "{error}"
    );
    let Error::Build { output, .. } = error else {
        panic!("not a build error")
    };
    assert!(
        output.contains("nonsense") && output.contains("could not compile"),
        "{output}"
    );
    assert!(
        adapters
            .make(adapters.get("fine").unwrap(), &how(&root))
            .is_ok()
    );
}

#[test]
fn an_interrupt_stops_a_build() {
    let root = workspace();
    adapter(root.path(), "slow", "", HELLO);
    fs::write(
        root.path().join("members/slow/build.rs"),
        "fn main() { std::thread::sleep(std::time::Duration::from_secs(60)) }",
    )
    .unwrap();
    let adapters = Adapters::in_workspace(root.path()).unwrap();
    let how = how(&root);
    how.interrupt.raise();
    let began = Instant::now();
    let error = adapters
        .make(adapters.get("slow").unwrap(), &how)
        .unwrap_err();
    assert!(matches!(error, Error::Interrupted), "{error}");
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "it was waited for"
    );
}

#[test]
fn one_line_for_each_mistake_in_a_manifest() {
    let says = |change: &dyn Fn(&Path)| {
        let root = workspace();
        change(root.path());
        let text = Adapters::in_workspace(root.path()).unwrap_err().to_string();
        assert!(!text.contains('\n'), "{text}");
        // Folders have random names, and on some systems links in them.
        let canonical = root.path().canonicalize().unwrap();
        text.replace(canonical.to_str().unwrap(), "ROOT")
            .replace(root.path().to_str().unwrap(), "ROOT")
    };
    assert_eq!(
        says(&|_| {}),
        "no adapter in the workspace ROOT: its manifest would have a table [package.metadata.runtime]"
    );
    assert_eq!(
        says(&|root| {
            adapter(root, "a", "", HELLO);
            let table = "[package.metadata.runtime]\nname = \"a\"";
            package(root, "b", "runtime-b", table, HELLO);
        }),
        "two adapters are called \"a\": ROOT/members/a/Cargo.toml and ROOT/members/b/Cargo.toml; rename one"
    );
    assert_eq!(
        says(&|root| adapter(root, "a", "crates = \"x\"", HELLO)),
        "ROOT/members/a/Cargo.toml: [package.metadata.runtime]: unknown field `crates`, expected one of `name`, `crate`, `type`, `spawns`, `parts`, `rustflags`, `hidden`, `beside`"
    );
    assert_eq!(
        says(&|root| {
            let table = "[package.metadata.runtime]\nname = \"A,b\"";
            package(root, "a", "runtime-a", table, HELLO);
        }),
        "ROOT/members/a/Cargo.toml: [package.metadata.runtime]: name = \"A,b\": use a-z, 0-9 and -, and a letter first"
    );
    assert_eq!(
        says(&|root| adapter(root, "a", "", "")),
        "ROOT/members/a/Cargo.toml: an adapter is one program: add src/main.rs, or set default-run"
    );
}

#[test]
fn outside_a_workspace() {
    let nowhere = TempDir::new().unwrap();
    let text = Adapters::in_workspace(nowhere.path())
        .unwrap_err()
        .to_string();
    assert!(
        text.starts_with("cannot find adapters: could not find `Cargo.toml` in ")
            && text.ends_with("; run this inside the workspace, or name a folder of prebuilt adapters with --adapters"),
        "{text}"
    );
}

#[test]
fn one_line_for_each_mistake_in_a_folder() {
    let says = |change: &dyn Fn(&Path)| {
        let folder = TempDir::new().unwrap();
        change(folder.path());
        let text = Adapters::open(Some(folder.path())).unwrap_err().to_string();
        assert!(!text.contains('\n'), "{text}");
        text.replace(folder.path().to_str().unwrap(), "DIR")
    };
    let instead = "name a folder that `harness build --out` made, or leave --adapters out";
    assert_eq!(
        says(&|dir| fs::remove_dir(dir).unwrap()),
        format!("DIR: there is no such folder; {instead}")
    );
    assert_eq!(
        says(&|dir| {
            fs::remove_dir(dir).unwrap();
            fs::write(dir, "").unwrap();
        }),
        format!("DIR: this is no folder; {instead}")
    );
    assert_eq!(
        says(&|dir| fs::write(dir.join("runtime-x.d"), "").unwrap()),
        format!("DIR: there is no adapter in it (a program runtime-NAME); {instead}")
    );
    assert_eq!(
        says(
            &|dir| fs::write(dir.join("adapters.json"), "{\"schema\":2,\"adapters\":[]}").unwrap()
        ),
        "DIR/adapters.json: its schema is 2, this harness reads 1; make the folder again with `harness build --out`"
    );
    assert!(
        says(&|dir| fs::write(dir.join("adapters.json"), "{").unwrap())
            .starts_with("DIR/adapters.json: not a list of adapters: ")
    );
}

#[cfg(unix)]
mod prebuilt {
    use super::*;
    /// A link, since a file that was written a moment ago cannot always be executed: another thread
    /// may be starting a process that still has it open.
    fn answers(folder: &Path, answer: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/answer.sh");
        std::os::unix::fs::symlink(script, folder.join("runtime-x")).unwrap();
        fs::write(folder.join("answer"), answer).unwrap();
    }

    /// What becomes of an adapter `runtime-x` that answers so.
    fn says(answer: &str) -> (Status, String) {
        let folder = TempDir::new().unwrap();
        answers(folder.path(), answer);
        let adapters = Adapters::open(Some(folder.path())).unwrap();
        let entry = adapters.get("x").unwrap();
        assert_eq!(entry.version, None);
        let mut made = adapters.make(entry, &Build::default()).unwrap();
        let outcome = made
            .hello(&Limits::default(), &Interrupt::new())
            .unwrap_err();
        (outcome.status, outcome.reason.unwrap())
    }

    #[test]
    fn a_strange_hello_is_no_hello() {
        assert_eq!(
            says(r#"{"is":"hello","v":2,"runtime":"x","flavours":[]}"#),
            (
                Status::Failed,
                "it speaks version 2 of the protocol, this harness version 1: build both from one source".to_owned()
            )
        );
        assert_eq!(
            says(r#"{"is":"hello","v":1,"runtime":"y","flavours":[]}"#).1,
            "it calls itself \"y\", but was found as \"x\": give it one name"
        );
        assert_eq!(
            says(r#"{"is":"hello","v":1,"runtime":"x","flavours":[]}"#).1,
            "it names no flavour, nor why it cannot run"
        );
        assert_eq!(
            says(r#"{"is":"failed","why":"no"}"#),
            (Status::Failed, "no".to_owned())
        );
        assert_eq!(says(r#"{"is":"failed","why":" "}"#).1, "it did not say why");
        assert_eq!(says("").0, Status::Crashed);
        let flavour = |name: &str| {
            let semantics = r#"{"spawn":{"fixed":1},"blocking":{"fixed":1},"on_drop":"detaches","on_panic":"reaches_awaiter","polls_at_once":false,"preemptive":false}"#;
            format!(
                r#"{{"name":"{name}","summary":"","workers":{{"fixed":1}},"semantics":{semantics}}}"#
            )
        };
        let with = |flavours: &[String]| {
            let all = flavours.join(",");
            says(&format!(
                r#"{{"is":"hello","v":1,"runtime":"x","flavours":[{all}]}}"#
            ))
        };
        assert_eq!(
            with(&[flavour("a"), flavour("b"), flavour("a")]),
            (
                Status::Failed,
                "what it says of itself cannot be: flavours[2].name: \"a\" is there twice"
                    .to_owned()
            )
        );
        let many: Vec<String> = (0..33).map(|n| flavour(&n.to_string())).collect();
        assert_eq!(
            with(&many).1,
            "what it says of itself cannot be: flavours: there are 33, and 32 are the most that anybody may have"
        );
    }

    /// Its own word, in either way to say it.
    #[test]
    fn what_cannot_run_here_says_so_and_is_heard() {
        let folder = TempDir::new().unwrap();
        answers(
            folder.path(),
            r#"{"is":"unavailable","why":"no io_uring\n here"}"#,
        );
        let adapters = Adapters::open(Some(folder.path())).unwrap();
        let entry = adapters.get("x").unwrap();
        let mut made = adapters.make(entry, &Build::default()).unwrap();
        let hello = made.hello(&Limits::default(), &Interrupt::new()).unwrap();
        assert_eq!(hello.unavailable.as_deref(), Some("no io_uring here"));
        assert!(hello.flavours.is_empty());
    }

    /// The others in its folder are none the worse for it.
    #[test]
    fn an_adapter_that_is_not_executable_costs_itself() {
        let folder = TempDir::new().unwrap();
        answers(folder.path(), "");
        fs::write(folder.path().join("runtime-y"), "").unwrap();
        let adapters = Adapters::open(Some(folder.path())).unwrap();
        let make = |name: &str| adapters.make(adapters.get(name).unwrap(), &Build::default());
        assert!(make("x").is_ok());
        let error = make("y").unwrap_err().to_string();
        assert_eq!(
            error.replace(folder.path().to_str().unwrap(), "DIR"),
            "DIR/runtime-y: it is not executable; make it so (chmod +x), or take it away"
        );
    }

    #[test]
    fn a_folder_without_an_origin_serves_what_needs_none() {
        let folder = TempDir::new().unwrap();
        answers(folder.path(), "");
        let adapters = Adapters::open(Some(folder.path())).unwrap();
        let text = adapters
            .make_origin(&Build::default())
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("/origin: there is no such file, and scenarios"),
            "{text}"
        );
    }
}
