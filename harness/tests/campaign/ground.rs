//! What all trials share: whole records to be damaged, and what can be tried here.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{
    machine,
    perform::{Asked, perform},
    place::Place,
};
use crate::common::{self, PROGRAM, fixture, workspace};
use tempfile::TempDir;

/// What all trials share.
pub(super) struct Ground {
    folder: TempDir,
    /// Whether a thread can have disks of its own.
    pub(super) mounts: bool,
    /// What a run without a fault takes.
    pub(super) run: Duration,
    /// Whole records, to be damaged.
    pub(super) records: Vec<PathBuf>,
    /// The second program, which has every command, where it lies beside the first.
    pub(super) second: Option<PathBuf>,
}

impl Ground {
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let second = Path::new(PROGRAM).with_file_name("harness-publish");
        let mut ground = Self {
            folder,
            mounts: thread::spawn(machine::apart).join().unwrap(),
            run: Duration::ZERO,
            records: Vec::new(),
            second: second.is_file().then_some(second),
        };
        let records = ground.folder.path().join("records");
        fs::create_dir(&records).unwrap();
        for fixture_of in ["bundle-4", "bundle-4-costs"] {
            let to = records.join(fixture_of);
            common::copy(&fixture(fixture_of), &to);
            ground.records.push(to);
        }
        // Published ones, which are compressed: the smallest.
        let published = fs::read_dir(workspace().join("results"))
            .into_iter()
            .flatten();
        let mut published: Vec<(u64, PathBuf)> = published
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                Some((
                    fs::metadata(path.join("samples.jsonl.gz")).ok()?.len(),
                    path,
                ))
            })
            .collect();
        published.sort();
        for (_, path) in published.into_iter().take(1) {
            let to = records.join("published");
            common::copy(&path, &to);
            ground.records.push(to);
        }
        let place = ground.place(u64::MAX);
        let began = Instant::now();
        let asked = Asked::run(
            &place,
            &["--scenario=timers,digest", "--rounds=1", "--seed=1"],
        );
        let seen = perform(&place, &asked);
        let run = began.elapsed();
        assert_eq!(seen.code(), Some(0), "without a fault: {}", seen.said());
        let to = records.join("made");
        common::copy(&common::record(&place.results()), &to);
        place.leave(false);
        ground.run = run;
        ground.records.push(to);
        ground
    }

    /// The place of a trial.
    pub(super) fn place(&self, seed: u64) -> Place {
        Place::new(self.folder.path(), seed)
    }

    /// What can be tried here, for people.
    pub(super) fn can(&self) -> String {
        let disks = if self.mounts {
            "small disks"
        } else {
            "no small disks (they want root)"
        };
        let second = if self.second.is_some() {
            "both programs"
        } else {
            "the first program (the second is not built)"
        };
        format!(
            "{disks}, {second}; a run without a fault takes {} ms",
            self.run.as_millis()
        )
    }
}
