//! Documents name files that are there, and the README is short.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::common::workspace;

/// Lines that a README has at most: it is to be read in three minutes.
const README_LINES: usize = 160;

fn documents() -> Vec<PathBuf> {
    let folders = ["", "docs", "docs/claims", "results"].map(|folder| workspace().join(folder));
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    let found: Vec<PathBuf> = files
        .filter(|file| file.extension().is_some_and(|end| end == "md"))
        .collect();
    assert!(found.len() > 30, "{found:?}");
    found
}

/// What stands between two marks, anywhere in a text.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    let pieces = text.split(open).skip(1);
    pieces.filter_map(move |piece| piece.split(close).next())
}

/// The place that a link leads to, if it is a file of ours.
fn linked(document: &Path, link: &str) -> Option<PathBuf> {
    let file = link.split('#').next().unwrap();
    let ours = !file.is_empty() && !file.contains("://") && !file.contains(char::is_whitespace);
    ours.then(|| document.parent().unwrap().join(file))
}

#[test]
fn links_lead_to_files() {
    let mut looked_at = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        let links = between(&text, "](", ')').chain(between(&text, "srcset=\"", '"'));
        for place in links.filter_map(|link| linked(&document, link)) {
            looked_at += 1;
            let exists = place.exists();
            assert!(exists, "{}: no {}", document.display(), place.display());
        }
    }
    assert!(looked_at > 100, "{looked_at}");
}

/// What is named as code and begins with a folder of the workspace, but for patterns.
#[test]
fn files_that_are_named_are_there() {
    let mut looked_at = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for name in ["harness/", "runtimes/", "workloads/", "docs/"] {
            for rest in between(&text, &format!("`{name}"), '`') {
                let pattern = |c: char| c.is_whitespace() || "<*…".contains(c) || c.is_uppercase();
                // A runtime that somebody is to write.
                if rest.contains(pattern) || rest.split('/').next() == Some("mini") {
                    continue;
                }
                looked_at += 1;
                let exists = workspace().join(name).join(rest).exists();
                assert!(exists, "{}: no {name}{rest}", document.display());
            }
        }
    }
    assert!(looked_at > 50, "{looked_at}");
}

/// What a line of the catalogue can say is what the document for those who write one lists.
#[test]
fn every_fact_of_the_catalogue_is_explained() {
    let code = fs::read_to_string(workspace().join("workloads/catalogue/src/lib.rs")).unwrap();
    let document = fs::read_to_string(workspace().join("docs/ADDING_A_WORKLOAD.md")).unwrap();
    let rows: Vec<&str> = document
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let facts = code.lines().filter_map(|line| {
        let name = line.trim_start().strip_prefix("const fn ")?;
        name.split('(').next().filter(|name| *name != "new")
    });
    let facts: Vec<&str> = facts.collect();
    assert!(facts.len() > 15, "{facts:?}");
    for fact in facts {
        let explained = rows.iter().any(|row| {
            let names = row.split('|').nth(1).unwrap();
            between(names, "`", '`')
                .any(|name| name.trim_start_matches('.').split('(').next() == Some(fact))
        });
        assert!(
            explained,
            "docs/ADDING_A_WORKLOAD.md does not explain `{fact}`"
        );
    }
}

#[test]
fn the_readme_is_short() {
    let text = fs::read_to_string(workspace().join("README.md")).unwrap();
    let lines = text.lines().count();
    assert!(lines <= README_LINES, "{lines} lines");
}
