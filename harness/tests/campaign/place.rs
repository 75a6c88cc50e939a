//! Where a trial happens: a folder of its own, with adapters that go wrong.

use std::{
    cell::RefCell,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use super::machine::{self, Disk};
use crate::common::unoptimised;

/// The runtimes of a trial: the baseline, and one more.
pub(super) const RUNTIMES: [&str; 2] = ["threads", "other"];

/// The folder of one trial.
pub(super) struct Place {
    seed: u64,
    folder: PathBuf,
    disks: RefCell<Vec<Disk>>,
}

impl Place {
    pub(super) fn new(within: &Path, seed: u64) -> Self {
        let folder = within.join(format!("trial-{seed}"));
        let place = Self {
            seed,
            folder,
            disks: RefCell::default(),
        };
        for within in ["adapters", "tmp"] {
            fs::create_dir_all(place.at(within)).unwrap();
        }
        let faulty = unoptimised().join("faulty");
        for runtime in RUNTIMES {
            symlink(
                &faulty,
                place.at("adapters").join(format!("runtime-{runtime}")),
            )
            .unwrap();
        }
        symlink(&faulty, place.at("adapters/origin")).unwrap();
        place
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn results(&self) -> PathBuf {
        self.at("results")
    }

    /// The names of what lies in a folder of this place.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.at(folder)).into_iter().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The records of its results.
    pub(super) fn records(&self) -> Vec<PathBuf> {
        let names = self.names("results").into_iter();
        let whole = names.filter(|name| !name.starts_with('.'));
        whole.map(|name| self.results().join(name)).collect()
    }

    /// Makes the disks that a fault of the machine is about.
    pub(super) fn prepare(&self, fault: &machine::Fault) {
        let disk = match fault {
            machine::Fault::Full(kib) => Disk::on(&self.results(), *kib),
            machine::Fault::FullTemporary(kib) => Disk::on(&self.at("tmp"), *kib),
            machine::Fault::ReadOnly => {
                let disk = Disk::on(&self.results(), 64);
                disk.freeze();
                disk
            }
            _ => return,
        };
        self.disks.borrow_mut().push(disk);
    }

    /// What marks every process of this trial.
    pub(super) fn mark(&self) -> String {
        format!("CAMPAIGN_TRIAL={}-{}", std::process::id(), self.seed)
    }

    /// Takes the folder away, or says where it is.
    pub(super) fn leave(self, keep: bool) {
        if keep {
            let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("campaign-{}", self.seed));
            let _ = fs::remove_dir_all(&to);
            let copied = Command::new("cp")
                .arg("-rP")
                .arg(&self.folder)
                .arg(&to)
                .status();
            println!(
                "seed {}: its folder is {} ({copied:?})",
                self.seed,
                to.display()
            );
        }
        self.disks.take();
        // What cannot be taken away goes with the folder of all trials.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
