//! What is committed is what the published runs make, and little enough for whoever clones it.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, process::Command};

use crate::common::{harness, said, stdout, workspace};

#[test]
fn what_is_committed_is_what_the_published_runs_make() {
    let mut command = harness();
    let output = command.args(["publish", "--check"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    // Whoever opens it waits for all of it.
    let page = workspace().join("results/site/index.html");
    let size = fs::metadata(page).map_or(0, |page| page.len());
    assert!(size < 2_000_000, "{size} bytes");
}

/// Whoever clones it has all of it on their disk, whatever was published before.
#[test]
fn what_a_clone_holds_has_a_limit() {
    let mut git = Command::new("git");
    git.current_dir(workspace()).args(["ls-files", "-z"]);
    let output = git.output().ok().filter(|output| output.status.success());
    let Some(output) = output else {
        eprintln!("skipped: this is no checkout of git");
        return;
    };
    let files = stdout(&output);
    let sizes = files.split_terminator('\0').filter_map(|file| {
        let size = fs::symlink_metadata(workspace().join(file)).ok()?.len();
        Some((size, file))
    });
    let mut sizes: Vec<(u64, &str)> = sizes.collect();
    assert!(sizes.len() > 100, "{sizes:?}");
    sizes.sort();
    let all: u64 = sizes.iter().map(|(size, _)| size).sum();
    let largest = sizes.iter().rev().take(5).collect::<Vec<_>>();
    assert!(all <= 12_000_000, "{all} bytes, among them {largest:?}");
    // Samples of published runs are compressed.
    let plain = sizes
        .iter()
        .filter(|(_, file)| file.starts_with("results/") && file.ends_with("/samples.jsonl"));
    assert_eq!(plain.count(), 0);
}
