//! The house: which crate may use which, that no modules use each other in a circle, and one layout of files.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::common::workspace;
use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// The harness's crates, each with those of ours that it may use: all stand above it.
const ARROWS: [(&str, &[&str]); 9] = [
    // A library for programs that are not ours: it knows nothing of the harness.
    ("poll-witness", &[]),
    ("harness-protocol", &[]),
    ("harness-runner", &["poll-witness", "harness-protocol"]),
    ("harness-record", &["harness-protocol"]),
    (
        "harness-judge",
        &["poll-witness", "harness-protocol", "harness-record"],
    ),
    (
        "harness-report",
        &["harness-protocol", "harness-record", "harness-judge"],
    ),
    (
        "harness-measure",
        &["harness-protocol", "harness-record", "harness-judge"],
    ),
    (
        "harness",
        &[
            "harness-protocol",
            "harness-record",
            "harness-judge",
            "harness-report",
            "harness-measure",
        ],
    ),
    (
        "harness-publish",
        &[
            "harness-protocol",
            "harness-record",
            "harness-judge",
            "harness-report",
            "harness-measure",
            "harness",
        ],
    ),
];

fn packages() -> Vec<Package> {
    let mut command = MetadataCommand::new();
    command.manifest_path(workspace().join("Cargo.toml"));
    let packages = command.no_deps().exec().unwrap().packages;
    assert!(packages.len() > 20, "{}", packages.len());
    packages
}

#[test]
fn the_arrows_between_the_crates_point_one_way() {
    for package in packages() {
        let name = package.name.as_str();
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            continue;
        };
        for dependency in &package.dependencies {
            let used = dependency.name.as_str();
            let ours = used == "harness" || used == "poll-witness" || used.starts_with("harness-");
            let itself = used == name && dependency.kind == DependencyKind::Development;
            assert!(
                !ours || itself || allowed.contains(&used),
                "{name} uses {used}, which stands below it"
            );
        }
    }
}

/// A module's file, by the names of the modules around it and its own; the crate's root has none.
type Modules = BTreeMap<Vec<String>, PathBuf>;

/// The modules under a folder, but for those of tests.
fn modules(src: &Path) -> Modules {
    fn walk(folder: &Path, within: &[String], modules: &mut Modules) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let mut name = within.to_vec();
            if path.is_dir() {
                name.push(stem);
                walk(&path, &name, modules);
            } else if path.extension().is_some_and(|end| end == "rs") {
                if !matches!(stem.as_str(), "mod" | "lib" | "main") {
                    name.push(stem);
                }
                modules.insert(name, path);
            }
        }
    }
    let mut all = Modules::new();
    walk(src, &[], &mut all);
    all.retain(|name, _| !name.iter().any(|part| part == "tests"));
    all
}

/// `a::{b, c::d}` is `a::b` and `a::c::d`.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((before, list)) = tree.strip_suffix('}').and_then(|tree| tree.split_once('{')) else {
        return vec![tree.to_owned()];
    };
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(|part| leaves(part))
        .map(|leaf| format!("{before}{leaf}"))
        .collect()
}

/// Every path in a module's code that begins with `crate`, `super` or `self`.
fn paths(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .take_while(|line| !line.starts_with("mod tests {"))
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    for statement in code.split(';') {
        let Some(at) = statement.find("use ") else {
            continue;
        };
        found.extend(leaves(&statement[at + 4..]));
    }
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c| !is_path(c));
    found.extend(words.map(str::to_owned));
    let ours = ["crate::", "super::", "self::"];
    found.retain(|path| ours.iter().any(|start| path.starts_with(start)));
    found
}

/// The module that a path of another module's leads to.
fn target(modules: &Modules, from: &[String], path: &str) -> Vec<String> {
    let mut at = from.to_vec();
    let mut parts = path.split("::").peekable();
    while let Some(part) = parts.peek() {
        match *part {
            "crate" => at.clear(),
            "super" => drop(at.pop()),
            "self" => {}
            _ => break,
        }
        parts.next();
    }
    at.extend(parts.map(|part| part.trim().to_owned()));
    while !modules.contains_key(&at) && !at.is_empty() {
        at.pop();
    }
    at
}

/// Which of the modules beside each other use which, at every level: what a module's own children use counts as
/// its own.
fn between_siblings(modules: &Modules) -> BTreeMap<(Vec<String>, String), BTreeSet<String>> {
    let mut uses: BTreeMap<(Vec<String>, String), BTreeSet<String>> = BTreeMap::new();
    for (from, file) in modules {
        for path in paths(&fs::read_to_string(file).unwrap()) {
            let to = target(modules, from, &path);
            let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            if let (Some(one), Some(other)) = (from.get(common), to.get(common)) {
                let around = from[..common].to_vec();
                let of_one = uses.entry((around, one.clone())).or_default();
                of_one.insert(other.clone());
            }
        }
    }
    uses
}

/// A circle of modules beside each other, if there is one.
fn circle(modules: &Modules) -> Option<Vec<String>> {
    let uses = between_siblings(modules);
    for (around, start) in uses.keys() {
        // Everything that it leads to, and how.
        let mut ways = vec![vec![start.clone()]];
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop() {
            let last = way.last().unwrap().clone();
            for next in uses.get(&(around.clone(), last)).into_iter().flatten() {
                let mut longer = way.clone();
                longer.push(next.clone());
                if next == start {
                    return Some(longer);
                }
                if seen.insert(next.clone()) {
                    ways.push(longer);
                }
            }
        }
    }
    None
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    let mut looked_at = 0;
    for package in packages() {
        let src = package.manifest_path.parent().unwrap().join("src");
        let modules = modules(src.as_std_path());
        looked_at += modules.len();
        assert_eq!(circle(&modules), None, "in {}", package.name);
    }
    assert!(looked_at > 200, "{looked_at}");
}

/// The rule itself: a circle over three modules, one of which is used by a child.
#[test]
fn a_circle_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("lib.rs", "mod a; mod b; mod c;");
    write("a.rs", "use crate::{b::Thing, std::fmt};");
    write("b/mod.rs", "mod child;");
    write(
        "b/child.rs",
        "// use crate::a;\nfn f() { super::super::c::g() }",
    );
    write("c.rs", "fn g() {}\nmod tests {\n use crate::a;\n}");
    assert_eq!(circle(&modules(folder.path())), None);
    write("c.rs", "fn g() { crate::a::h() }");
    let names = ["a", "b", "c", "a"].map(str::to_owned);
    assert_eq!(circle(&modules(folder.path())), Some(names.to_vec()));
}

#[test]
fn a_module_with_parts_is_a_folder() {
    for package in packages() {
        let src = package.manifest_path.parent().unwrap().join("src");
        for file in modules(src.as_std_path()).values() {
            let beside = file.with_extension("");
            assert!(
                !beside.is_dir(),
                "{} lies beside {}: make it mod.rs in there",
                file.display(),
                beside.display()
            );
        }
    }
}

/// A file of tests that no program names would be left out, and nobody would see it.
#[test]
fn each_file_of_tests_is_in_a_program() {
    for package in packages() {
        let programs: Vec<&Path> = package
            .targets
            .iter()
            .filter(|target| target.is_test())
            .map(|target| target.src_path.as_std_path())
            .collect();
        let names = |program: &&Path, module: &str| {
            let text = fs::read_to_string(program).unwrap();
            text.lines().any(|line| line == format!("mod {module};"))
        };
        let folder = package.manifest_path.as_std_path().with_file_name("tests");
        for file in fs::read_dir(folder).into_iter().flatten() {
            let file = file.unwrap().path();
            let module = file.file_stem().unwrap().to_str().unwrap();
            let is_rust = file.extension().is_some_and(|end| end == "rs");
            assert!(
                !is_rust
                    || programs.contains(&file.as_path())
                    || programs.iter().any(|program| names(program, module)),
                "{} is in no program of tests: name it in main.rs",
                file.display()
            );
        }
    }
}
