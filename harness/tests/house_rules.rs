//! Rules that the compiler does not keep: who may depend on whom, and what no file may hold.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::common::{self, workspace};
use cargo_metadata::{Metadata, MetadataCommand};

/// Async runtimes, executors and reactors. What links one of them is no neutral judge of another.
const RUNTIMES: &[&str] = &[
    "async-executor",
    "async-global-executor",
    "async-io",
    "async-std",
    "blocking",
    "compio",
    "embassy-executor",
    "futures-executor",
    "glommio",
    "kimojio",
    "may",
    "mio",
    "monoio",
    "nio",
    "polling",
    "smol",
    "smolscale",
    "tokio",
    "tokio-uring",
    "trillium",
];

/// What a package needs to be built, one line each, as cargo prints them. On its own, as the harness
/// builds an adapter, so that no other package's features show.
fn tree(package: &str, edges: &str) -> Vec<String> {
    tree_without(package, edges, None)
}

/// The same, without this crate and what it alone brings in.
fn tree_without(package: &str, edges: &str, pruned: Option<&str>) -> Vec<String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(workspace())
        .args(["tree", "--package", package, "--edges", edges])
        .args(["--prefix", "none", "--format", "{p}"])
        .args(pruned.map(|name| format!("--prune={name}")))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", common::said(&output));
    let lines = common::stdout(&output);
    assert!(lines.starts_with(package), "{lines}");
    lines.lines().map(str::to_owned).collect()
}

/// The names in it.
fn dependencies(package: &str) -> BTreeSet<String> {
    tree(package, "normal,build")
        .iter()
        .filter_map(|line| Some(line.split(' ').next()?.to_owned()))
        .collect()
}

fn metadata() -> Metadata {
    let manifest = workspace().join("Cargo.toml");
    let mut command = MetadataCommand::new();
    command.manifest_path(manifest).no_deps().exec().unwrap()
}

/// What git would keep: all files but those of builds, runs and tools.
fn files() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let of_tools =
                name.starts_with('.') && !matches!(name, ".ci" | ".github" | ".gitignore");
            let made = matches!(name, "target" | "results" | "proptest-regressions");
            if of_tools || made {
                continue;
            }
            if path.is_dir() {
                walk(&path, files);
            } else {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(workspace(), &mut files);
    assert!(files.len() > 50, "{files:?}");
    files
}

#[test]
fn the_harness_links_no_runtime() {
    let linked = dependencies("harness");
    assert!(linked.contains("clap") && linked.contains("harness-protocol"));
    for runtime in RUNTIMES {
        assert!(!linked.contains(*runtime), "harness links {runtime}");
    }
    // Nor any adapter or workload: their names are all that it knows.
    for package in &linked {
        let is_ours = package.starts_with("runtime-") || package.starts_with("workload-");
        assert!(
            !is_ours || matches!(package.as_str(), "workload-catalogue" | "runtime-api"),
            "harness links {package}"
        );
    }
}

/// Crates that are compiled before a first run can begin to build an adapter.
const FIRST: usize = 85;

#[test]
fn a_first_run_waits_for_no_library_that_it_does_not_use() {
    let linked = dependencies("harness");
    // Of a crate in two versions both are compiled.
    let all: BTreeSet<String> = tree("harness", "normal,build").into_iter().collect();
    let all: BTreeSet<&str> = all
        .iter()
        .map(|line| line.trim_end_matches(" (*)"))
        .collect();
    assert!(all.len() <= FIRST, "{} crates: {all:?}", all.len());
    for heavy in ["jsonschema", "schemars", "parquet", "minijinja", "plotters"] {
        assert!(!linked.contains(heavy), "harness links {heavy}");
    }
}

#[test]
fn no_workload_depends_on_a_runtime() {
    let metadata = metadata();
    // The origin is a process of its own, and `testing` is for tests: nothing that is measured links
    // them.
    let workloads = metadata.packages.iter().filter(|package| {
        let name = package.name.as_str();
        name.starts_with("workload-") && !matches!(name, "workload-origin" | "workload-testing")
    });
    let mut names: Vec<&str> = workloads.map(|package| package.name.as_str()).collect();
    assert!(names.len() >= 6, "{names:?}");
    // What every adapter links besides them. The contract's checks are among it, since they must run
    // in the very binary that is measured.
    names.extend([
        "runtime-api",
        "runtime-contract",
        "harness-protocol",
        "harness-runner",
    ]);
    for name in names {
        let linked = dependencies(name);
        for test_only in ["workload-origin", "workload-testing"] {
            assert!(!linked.contains(test_only), "{name} links {test_only}");
        }
        for runtime in RUNTIMES.iter().filter(|&&runtime| runtime != "tokio") {
            assert!(!linked.contains(*runtime), "{name} links {runtime}");
        }
        // hyper takes its channels from tokio, which without these features runs nothing.
        let features: BTreeSet<String> = tree(name, "normal,build,features")
            .into_iter()
            .filter(|line| line.starts_with("tokio feature "))
            .collect();
        for feature in features {
            assert!(
                feature.contains("\"default\"") || feature.contains("\"sync\""),
                "{name} links {feature}"
            );
        }
    }
}

#[test]
fn every_adapter_says_so_and_links_no_other_runtime() {
    let metadata = metadata();
    let manifest = |package: &cargo_metadata::Package| {
        let path = package
            .manifest_path
            .strip_prefix(workspace().to_str().unwrap());
        path.unwrap().as_str().replace('\\', "/")
    };
    // Its name, and the crate of its runtime.
    let mut adapters: Vec<(String, Option<String>)> = Vec::new();
    // What runtimes are held against, and that has none.
    let mut limits: Vec<String> = Vec::new();
    for package in &metadata.packages {
        let table = package.metadata.get("runtime");
        if let Some(beside) = table.and_then(|table| table.get("beside")) {
            assert!(!beside.as_array().unwrap().is_empty());
            assert_eq!(table.unwrap()["hidden"], true, "{}", manifest(package));
            limits.push(package.name.to_string());
            continue;
        }
        let is_program = package.targets.iter().any(|target| target.is_bin());
        let should = manifest(package).starts_with("runtimes/") && is_program;
        assert_eq!(
            table.is_some(),
            should,
            "{}: [package.metadata.runtime] is for the programs under runtimes/",
            manifest(package)
        );
        let Some(table) = table else { continue };
        let name = table["name"].as_str().unwrap();
        assert_eq!(package.name.as_str(), format!("runtime-{name}"));
        assert_eq!(manifest(package), format!("runtimes/{name}/Cargo.toml"));
        // Its program is of that type, and so will be one around somebody's own workload.
        let main = package.manifest_path.parent().unwrap().join("src/main.rs");
        let runs = format!("run::<{}>()", table["type"].as_str().unwrap());
        let main = fs::read_to_string(main).unwrap();
        assert!(
            main.contains(&runs),
            "runtimes/{name}/src/main.rs: no {runs}"
        );
        let dependency = table.get("crate").and_then(|name| name.as_str());
        adapters.push((package.name.to_string(), dependency.map(str::to_owned)));
    }
    assert!(adapters.len() >= 5, "{adapters:?}");
    limits.sort_unstable();
    assert_eq!(limits, ["harness-fork-limits", "harness-limits"]);
    for limit in &limits {
        let linked = dependencies(limit);
        for (adapter, runtime) in &adapters {
            // The messages of `workload-wire` bring tokio's channels, and nothing of its scheduler.
            let runtime = runtime.as_ref().filter(|&runtime| runtime != "tokio");
            let links =
                linked.contains(adapter) || runtime.is_some_and(|name| linked.contains(name));
            assert!(!links, "{limit} links {adapter} or its runtime");
        }
        let tokio = tree(limit, "normal,build,features");
        let scheduler = |line: &String| line.starts_with("tokio feature \"rt");
        assert!(
            !tokio.iter().any(scheduler),
            "{limit} links tokio's scheduler"
        );
    }
    for (adapter, own) in &adapters {
        let linked = dependencies(adapter);
        for (other, runtime) in &adapters {
            assert!(adapter == other || !linked.contains(other));
            let Some(runtime) = runtime
                .as_ref()
                .filter(|&runtime| Some(runtime) != own.as_ref())
            else {
                continue;
            };
            if runtime != "tokio" {
                // What it names itself: its own runtime may be built on the other.
                let package = metadata
                    .packages
                    .iter()
                    .find(|p| p.name.as_str() == adapter);
                let names = package.into_iter().flat_map(|p| &p.dependencies);
                let direct = names
                    .filter(|dependency| dependency.kind == cargo_metadata::DependencyKind::Normal)
                    .any(|dependency| dependency.name == *runtime);
                assert!(!direct, "{adapter} depends on {runtime}");
                continue;
            }
            // Every adapter links tokio's channels, through hyper: see above. Its own runtime may be built on tokio.
            let tokio = tree_without(adapter, "normal,build,features", own.as_deref());
            assert!(
                !tokio
                    .iter()
                    .any(|line| line.starts_with("tokio feature \"rt")),
                "{adapter} links tokio's scheduler"
            );
        }
    }
}

#[test]
fn no_file_names_a_place_of_one_machine() {
    // In two halves, or this file would be the first to be found.
    let places = [
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/ho", "me/"),
        ("/tm", "p/t-"),
        ("/Use", "rs/"),
    ];
    let places = places.map(|(a, b)| format!("{a}{b}"));
    for file in files() {
        // What is not text names nothing.
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            for place in &places {
                assert!(
                    !line.contains(place.as_str()),
                    "{}:{}: {line}",
                    file.display(),
                    number + 1
                );
            }
        }
    }
}

#[test]
fn no_source_file_is_too_long_to_be_read() {
    for file in files()
        .iter()
        .filter(|f| f.extension().is_some_and(|e| e == "rs"))
    {
        let lines = fs::read_to_string(file).unwrap().lines().count();
        assert!(
            lines < 600,
            "{} has {lines} lines: split it",
            file.display()
        );
    }
}

#[test]
fn every_dependency_from_elsewhere_says_what_for() {
    let root = fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    let manifests = files();
    let manifests = manifests.iter().filter(|file| file.ends_with("Cargo.toml"));
    for file in manifests.filter(|file| *file != &workspace().join("Cargo.toml")) {
        let text = fs::read_to_string(file).unwrap();
        let (mut in_dependencies, mut said) = (false, false);
        for line in text.lines() {
            if line.starts_with('[') {
                in_dependencies = line.ends_with("dependencies]");
                said = false;
            } else if line.starts_with('#') {
                said = true;
            } else if line.is_empty() {
                said = false;
            } else if in_dependencies && !said {
                // A comment holds for the lines below it, up to an empty one.
                let shared = line.split('.').next().unwrap();
                assert!(
                    line.ends_with(".workspace = true") && root.contains(&format!("\n{shared} = ")),
                    "{}: {line}: say in a comment above it what it is for",
                    file.display()
                );
            }
        }
    }
}

/// A stream that cannot be written to is no reason for a run to end, and these macros panic there: `progress::tell` and
/// `screen::say` do not.
#[test]
fn nothing_is_said_by_a_macro_that_panics() {
    let crates = ["", "record", "judge", "report", "measure", "publish"];
    let folders = crates.map(|name| workspace().join("harness").join(name).join("src"));
    let mut seen = 0;
    for file in files() {
        let is_code = folders.iter().any(|folder| file.starts_with(folder));
        let is_test = file.components().any(|part| {
            let part = part.as_os_str().to_string_lossy();
            matches!(part.as_ref(), "tests" | "tests.rs" | "simulations.rs")
        });
        if !is_code || is_test || file.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            let says = ["println!(", "print!("]
                .iter()
                .any(|name| line.contains(name));
            assert!(!says, "{}:{}: {line}", file.display(), number + 1);
        }
    }
    assert!(seen > 100, "{seen}");
}
