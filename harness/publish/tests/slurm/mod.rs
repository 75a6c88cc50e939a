//! Shares as a scheduler runs them: Slurm itself, three nodes in network namespaces of this machine, and one of them lost
//! while it measures.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use harness_record::bundle::Bundle;
use tempfile::TempDir;

use crate::common::{PROGRAM, harness, prebuilt, record, said, stderr, stdout};

const SHARES: usize = 16;
const LOST: &str = "n2";
/// Far longer than sixteen short shares take, and a node that is missed for ten seconds.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the cluster is made of.
const PROGRAMS: [&str; 5] = ["slurmctld", "slurmd", "sbatch", "munged", "ip"];

/// A cluster, which ends with this.
struct Cluster {
    folder: TempDir,
}

impl Cluster {
    /// None where Slurm is not installed, or namespaces cannot be made.
    fn up() -> Option<Self> {
        let is_there = |program: &&str| {
            let folders = env::var_os("PATH").unwrap_or_default();
            let mut folders = env::split_paths(&folders);
            folders.any(|folder| folder.join(program).is_file())
        };
        if let Some(none) = PROGRAMS.iter().find(|program| !is_there(program)) {
            assert!(env::var_os("CI").is_none(), "{none} is not installed");
            eprintln!(
                "skipped: {none} is not installed (Debian: apt-get install slurm-wlm iproute2)"
            );
            return None;
        }
        let namespaces = Command::new("unshare").args(["--net", "true"]).output();
        if !namespaces.is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: network namespaces cannot be made here, which takes root");
            return None;
        }
        let cluster = Self {
            folder: TempDir::new().unwrap(),
        };
        let up = cluster.call("up", &[]);
        assert!(up.status.success(), "{}", said(&up));
        Some(cluster)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn call(&self, verb: &str, words: &[&str]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slurm/cluster");
        let mut command = Command::new(script);
        // What cargo tells its own children is nothing to a job.
        command.env_remove("CARGO").arg(verb).arg(self.path());
        command.args(words).output().unwrap()
    }

    /// What a command of Slurm prints.
    fn slurm(&self, words: &[&str]) -> String {
        let output = self.call("in", words);
        assert!(output.status.success(), "{words:?}: {}", said(&output));
        stdout(&output).trim().to_owned()
    }

    fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            assert!(
                Instant::now() < deadline,
                "not in time: {what}: {}",
                self.logs()
            );
            // Not to wait for something, but to leave the core to it.
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the daemons said.
    fn logs(&self) -> String {
        let logs = ["ctl", "n1", "n2", "n3", "munged"].map(|name| {
            let text = fs::read_to_string(self.path().join(format!("{name}.log")));
            format!("{name}: {}\n", text.unwrap_or_default())
        });
        logs.concat()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.call("down", &[]);
    }
}

/// The record of a share that is being measured on a node, if one is: its number, and its folder.
fn measuring(at: &Path, results: &Path, node: &str) -> Option<(String, PathBuf)> {
    let tasks = fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path());
    let mut here = tasks.filter(|task| {
        let nodes = fs::read_to_string(task).unwrap_or_default();
        nodes.lines().last() == Some(node)
    });
    here.find_map(|task| {
        let share = task.file_name()?.to_str()?.to_owned();
        let mut folders = fs::read_dir(results)
            .ok()?
            .map(|entry| entry.unwrap().path());
        let end = format!("-{share}-of-{SHARES}");
        let open = folders.find(|folder| {
            let is_it = folder.to_str().is_some_and(|name| name.ends_with(&end));
            is_it && !folder.join("seal.json").exists()
        })?;
        Some((share, open))
    })
}

#[test]
fn a_node_that_is_lost_while_it_measures_costs_the_plan_nothing() {
    let Some(cluster) = Cluster::up() else {
        return;
    };
    let (results, at) = (cluster.path().join("results"), cluster.path().join("at"));
    for folder in [&results, &at] {
        fs::create_dir(folder).unwrap();
    }
    // The job file of docs/FLEET.md, and where each share began.
    let job = format!(
        "#!/bin/sh\n\
         echo \"$SLURMD_NODENAME\" >>{at}/\"$SLURM_ARRAY_TASK_ID\"\n\
         exec {PROGRAM} run --adapters {adapters} --partition auto --seed 15 --runtime threads \\\n\
         --scenario timers,ready --rounds 16 --results {results} --quiet\n",
        at = at.display(),
        adapters = prebuilt().display(),
        results = results.display(),
    );
    let file = cluster.path().join("job");
    fs::write(&file, job).unwrap();
    cluster.until("three nodes", || {
        let states = cluster.slurm(&["sinfo", "-h", "-N", "-o", "%t"]);
        (states.lines().filter(|state| *state == "idle").count() == 3).then_some(())
    });
    let said_by = cluster.path().join("said-%a");
    let array = format!("--array=1-{SHARES}");
    cluster.slurm(&[
        "sbatch",
        "--requeue",
        "--open-mode=append",
        &array,
        "--output",
        said_by.to_str().unwrap(),
        file.to_str().unwrap(),
    ]);

    let (share, cut) = cluster.until("a share on the node", || measuring(&at, &results, LOST));
    let killed = cluster.call("kill", &[LOST]);
    assert!(killed.status.success(), "{}", said(&killed));
    assert!(
        !cut.join("seal.json").exists(),
        "it was killed in mid-share"
    );

    cluster.until("the end of the array", || {
        cluster.slurm(&["squeue", "-h"]).is_empty().then_some(())
    });
    let began = fs::read_to_string(at.join(&share)).unwrap();
    let nodes: Vec<&str> = began.lines().collect();
    assert!(
        nodes.len() == 2 && nodes[0] == LOST && nodes[1] != LOST,
        "share {share} began on {nodes:?}"
    );

    let mut records: Vec<PathBuf> = fs::read_dir(&results)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("run.json").is_file())
        .collect();
    records.sort();
    assert_eq!(
        records.len(),
        SHARES + 1,
        "one was begun twice: {records:?}"
    );
    let out = cluster.path().join("joined");
    let merge = |records: &[PathBuf]| {
        let mut command = harness();
        command.arg("merge").args(records).arg("--out").arg(&out);
        command.output().unwrap()
    };
    // Without the second try the share is missing.
    let ended = |folder: &&PathBuf| {
        !folder
            .to_str()
            .unwrap()
            .ends_with(&format!("-{share}-of-{SHARES}"))
    };
    let mut without: Vec<PathBuf> = records.iter().filter(ended).cloned().collect();
    without.push(cut);
    let early = merge(&without);
    assert_eq!(early.status.code(), Some(1), "{}", said(&early));
    let line = stderr(&early);
    assert!(
        line.starts_with(&format!(
            "share {share}/{SHARES} of the plan of seed 15 on "
        )) && line.contains("did not come to its end")
            && line.contains(&format!(
                "`harness run --adapters {} --partition {share}/{SHARES}",
                prebuilt().display()
            )),
        "{line}"
    );
    assert!(!out.exists(), "half a plan is not written");
    let merged = merge(&records);
    assert_eq!(merged.status.code(), Some(0), "{}", said(&merged));
    let joined = record(&out);
    let checked = harness().arg("check").arg(&joined).output().unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    let bundle = Bundle::read(&joined).unwrap();
    assert!(bundle.sealed && bundle.header.shares.len() == SHARES);
    // Every cell has its sixteen rounds, and those that a disturbed block was tried again for.
    for cell in bundle.plan.cells() {
        let rounds = bundle.rounds(cell).count();
        assert!(
            rounds >= 16 || bundle.failure(cell).is_some(),
            "{cell}: {rounds}"
        );
    }
}
