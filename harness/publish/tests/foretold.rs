//! What spawning would gain, foretold from joined polls, is what it gained in the published runs.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::fs;

use harness_judge::foretold::{Together, of};
use harness_record::bundle::Bundle;

use crate::common::workspace;

/// As docs/PREDICTIONS.md says below its table.
#[test]
fn what_is_foretold_of_published_runs_is_what_was_measured() {
    let folders = fs::read_dir(workspace().join("results")).unwrap();
    let runs = folders.map(|folder| folder.unwrap().path());
    let mut tried = 0;
    for folder in runs.filter(|folder| folder.join("run.json").exists()) {
        let bundle = Bundle::read(&folder).unwrap();
        let all = of(&bundle);
        let apart = |way: bool| all.iter().filter(move |one| one.in_each_others_way == way);
        let Some(others) = Together::of(apart(false)) else {
            continue;
        };
        // A run of one scenario is no sample.
        if others.foretold < 50 {
            continue;
        }
        tried += 1;
        let said = format!("{}: {others:?}", folder.display());
        assert!(others.median <= 0.05, "{said}");
        assert!(others.ninth <= 0.25, "{said}");
        assert!(others.inside * 5 >= others.foretold * 4, "{said}");
        // Where branches are in each other's way the best is far too hopeful: the warning is needed.
        let way = Together::of(apart(true)).unwrap();
        assert!(way.median > others.ninth, "{way:?} beside {others:?}");
    }
    assert!(tried > 0, "no published run has joined polls");
}
