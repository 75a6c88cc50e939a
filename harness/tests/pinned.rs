//! On a part of a machine nothing can be parallel that has no core for it, and nothing says that it is: on one core, under
//! quotas of CPU time, and where a container allows no io_uring.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]
#![cfg(target_os = "linux")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use crate::common::{self, folder_of, harness, harness_under, list, prebuilt, said, stderr};
use tempfile::TempDir;

/// The CPUs that this process may use, as the kernel lists them.
fn allowed() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let (_, list) = status.split_once("Cpus_allowed_list:").unwrap();
    list.lines().next().unwrap().trim().to_owned()
}

/// The first of them.
fn a_core() -> String {
    allowed().split(['-', ',']).next().unwrap().to_owned()
}

/// Runs the baseline on work and waits, with two workers; the report, and the folder of its record.
fn measured(mut command: Command, adapters: &Path, words: &[&str]) -> (serde_json::Value, TempDir) {
    let results = TempDir::new().unwrap();
    command.arg("run").arg("--adapters").arg(adapters);
    command.arg("--results").arg(results.path()).args(words);
    let output = command.args(["--format=json", "--quiet"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    (common::json(&output), results)
}

/// What must be so wherever it is measured: whatever was measured went well, nothing is refuted but by design, and the
/// record is sound.
fn nothing_comes_out_wrong(report: &serde_json::Value, results: &Path) {
    for cell in list(report, "cells") {
        assert_eq!(cell["status"], "ok", "{cell:#}");
    }
    for claim in list(report, "claims") {
        let wrong = claim["verdict"] == "refuted" && claim["by_design"] != true;
        assert!(!wrong, "{claim:#}");
    }
    let record = common::record(results);
    let checked = harness().arg("check").arg(record).output().unwrap();
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
}

/// That no more than one core is spoken of, in any sentence.
fn one_core_is_spoken_of(report: &serde_json::Value) {
    assert_eq!(report["cores"], 1);
    let claims = list(report, "claims").iter();
    let about: Vec<_> = claims
        .filter(|claim| claim["claim"] == "spawn-uses-cores")
        .collect();
    assert!(!about.is_empty(), "{report:#}");
    for claim in about {
        assert_eq!(claim["verdict"], "not-testable", "{claim:#}");
    }
    let answers = list(report, "answers");
    assert!(!answers.is_empty(), "{report:#}");
    for answer in answers {
        let answer = answer.as_str().unwrap();
        assert!(
            answer.contains("whether spawn uses more cores cannot be tested here"),
            "{answer}"
        );
    }
}

const TWO_WORKERS: [&str; 4] = [
    "--runtime=threads",
    "--scenario=digest",
    "--rounds=3",
    "--workers=2",
];

/// What a run on the one core shows, however it was confined to it.
fn one_core(command: Command, words: &[&str]) -> (serde_json::Value, TempDir) {
    let (report, results) = measured(command, prebuilt(), &[&TWO_WORKERS, words].concat());
    one_core_is_spoken_of(&report);
    nothing_comes_out_wrong(&report, results.path());
    assert_eq!(report["host"]["cpus"], a_core());
    assert_eq!(report["host"]["physical_cores"].as_u64().unwrap_or(1), 1);
    let cells = list(&report, "cells");
    assert_eq!(cells.len(), 2 * 3, "flavours, primitives");
    for cell in cells {
        let cores = cell["cores_used"].as_f64().unwrap();
        assert!(cores <= 1.1, "{cores} cores used on one: {cell}");
    }
    (report, results)
}

#[test]
fn one_core_is_one_core() {
    if Command::new("taskset").arg("--version").output().is_err() {
        return eprintln!("skipped: there is no taskset");
    }
    one_core(harness_under(&["taskset", "-c", &a_core()]), &[]);
}

#[test]
fn a_core_that_is_chosen_is_one_core() {
    let chosen = format!("--cpus={}", a_core());
    let (_, results) = one_core(harness(), &[&chosen]);
    let record = common::record(results.path());
    let head = fs::read_to_string(record.join("run.json")).unwrap();
    let head: serde_json::Value = serde_json::from_str(&head).unwrap();
    assert_eq!(head["options"]["cpus"], a_core());
    let mut details = harness();
    let details = details.arg("report").arg(record).arg("--details");
    let details = common::stdout(&details.output().unwrap());
    let line = format!("CPUs {} on 1 physical core, 1 NUMA node; ", a_core());
    assert!(details.contains(&line), "{details}");
    assert!(details.contains("1 core allowed"), "{details}");
}

/// What refuses a command line, in its one line.
fn refused(words: &[&str]) -> String {
    let results = TempDir::new().unwrap();
    let mut command = harness();
    command.arg("run").arg("--adapters").arg(prebuilt());
    command.arg("--results").arg(results.path()).args(words);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let why = stderr(&output).trim().to_owned();
    assert!(!why.contains('\n'), "{why}");
    assert_eq!(fs::read_dir(results.path()).unwrap().count(), 0);
    why
}

#[test]
fn cpus_that_cannot_be_had_are_refused() {
    let none = refused(&["--cpus=8191"]);
    let may = format!(
        "error: --cpus 8191: this process may use CPUs {}, and 8191 is not among them",
        allowed()
    );
    assert_eq!(none, may);
    for (words, why) in [
        (["--cpus=3-1"], "such as 0,2-3"),
        (["--cpus="], "such as 0,2-3"),
        (
            ["--workers=many"],
            "write a whole number from 1 to 1024, `physical` or `default`",
        ),
    ] {
        let said = refused(&words);
        assert!(said.ends_with(why), "{said}");
    }
}

#[test]
fn pinned_there_is_a_worker_a_physical_core() {
    let words = ["--runtime=threads", "--scenario=timers", "--rounds=1"];
    let (report, _results) = measured(harness(), prebuilt(), &[&words[..], &["--pin"]].concat());
    let cpus = report["host"]["cpus"].as_str().unwrap();
    let cpus = cpus.parse::<harness_record::host::Cpus>().unwrap();
    assert_eq!(report["host"]["physical_cores"], cpus.count());
    let workers = |report: &serde_json::Value| {
        let cells = list(report, "cells").iter();
        let mut workers = cells.map(|cell| cell["workers"].as_u64().unwrap());
        workers.find(|&workers| workers > 1).unwrap_or(1)
    };
    assert_eq!(workers(&report), report["cores"].as_u64().unwrap());
    let (report, _results) = measured(
        harness(),
        prebuilt(),
        &[&words[..], &["--workers=physical"]].concat(),
    );
    let physical = report["host"]["physical_cores"].as_u64().unwrap();
    assert_eq!(workers(&report), physical);
}

/// tokio has a worker a core where nobody says how many, and a blocking pool that can be told.
#[test]
fn workers_may_be_left_to_the_runtime_and_blocking_threads_set() {
    let adapters = folder_of(&["threads", "tokio"]);
    let words = [
        "--runtime=tokio",
        "--scenario=blocking",
        "--rounds=1",
        "--workers=default",
        "--blocking-threads=3",
    ];
    let (report, results) = measured(harness(), adapters.path(), &words);
    nothing_comes_out_wrong(&report, results.path());
    let head = fs::read_to_string(common::record(results.path()).join("run.json")).unwrap();
    let head: serde_json::Value = serde_json::from_str(&head).unwrap();
    let tokio = list(&head, "entrants").iter();
    let tokio = tokio.clone().find(|one| one["name"] == "tokio").unwrap();
    let flavour = &list(tokio, "flavours")[0];
    assert_eq!(flavour["unasked_workers"], report["cores"], "{flavour:#}");
    for cell in list(&report, "cells")
        .iter()
        .filter(|cell| cell["flavour"] == "multi-thread")
    {
        assert_eq!(cell["workers"], report["cores"], "{cell:#}");
    }
    // The check is told, too, and three is what it finds.
    let standings = list(&report, "verified").iter();
    let of_tokio: Vec<_> = standings.filter(|one| one["runtime"] == "tokio").collect();
    assert_eq!(of_tokio.len(), 2, "flavours");
    for standing in of_tokio {
        assert_eq!(standing["word"], "kept", "{standing:#}");
        let mut seen = list(standing, "seen").iter();
        let blocking = seen.find(|seen| seen["aspect"] == "threads that run blocking code");
        assert_eq!(blocking.unwrap()["word"], "3", "{standing:#}");
    }
}

/// A control group with a quota, which ends with this.
struct Group(PathBuf);

impl Group {
    /// None where no group can be made.
    fn with(quota: &str, period: &str) -> Option<Self> {
        let made = Self::made(quota, period);
        if made.is_none() {
            eprintln!(
                "skipped: no control group with a CPU quota can be made here, which takes root and the controller"
            );
        }
        made
    }

    fn made(quota: &str, period: &str) -> Option<Self> {
        let name = format!("harness-quota-{quota}-{}", std::process::id());
        // Version 1, and version 2: below the root, where alone processes may live beside groups.
        let roots = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"];
        let folder = roots.iter().find_map(|root| {
            let folder = Path::new(root).join(&name);
            fs::create_dir(&folder).ok()?;
            Some(Self(folder))
        })?;
        let write = |file: &str, text: &str| fs::write(folder.0.join(file), text).is_ok();
        let limited = if folder.0.join("cpu.max").exists() {
            write("cpu.max", &format!("{quota} {period}"))
        } else {
            write("cpu.cfs_period_us", period) && write("cpu.cfs_quota_us", quota)
        };
        let enters = limited
            && folder
                .starting("true")
                .output()
                .is_ok_and(|o| o.status.success());
        enters.then_some(folder)
    }

    /// A command that enters the group before it becomes this program.
    fn starting(&self, program: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(self.entering()).arg(program);
        command
    }

    fn entering(&self) -> [&str; 3] {
        let enter = "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"";
        ["-c", enter, self.0.to_str().unwrap()]
    }

    fn harness(&self) -> Command {
        let [c, enter, folder] = self.entering();
        harness_under(&["sh", c, enter, folder])
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // What was in it has ended, and the kernel may need a moment to see that.
        common::until("the group is empty", || fs::remove_dir(&self.0).ok());
    }
}

/// A run under so many hundredths of a core.
fn under_a_quota_of(hundredths: u64) {
    let Some(group) = Group::with(&(hundredths * 1000).to_string(), "100000") else {
        return;
    };
    let words = [
        "--runtime=threads",
        "--scenario=digest,timers,heartbeat",
        "--rounds=2",
    ];
    let (report, results) = measured(group.harness(), prebuilt(), &words);
    one_core_is_spoken_of(&report);
    nothing_comes_out_wrong(&report, results.path());
    let quota = hundredths as f64 / 100.0;
    assert_eq!(report["host"]["cpu_quota"], quota);
    assert_eq!(report["host"]["cpu_quota_period_us"], 100_000);
    // A worker for each core that there is, and none for half of one.
    for cell in list(&report, "cells") {
        assert_eq!(cell["workers"], 1, "{cell:#}");
    }
    // Whoever reads of disturbed blocks is told what disturbed them.
    for disturbed in list(&report, "disturbances") {
        let why = disturbed["why"].as_str().unwrap();
        let quota = why.starts_with("the control group's CPU quota held us back for ");
        assert!(quota || why.starts_with("others used "), "{why}");
    }
    let mut details = harness();
    let details = details.arg("report").arg(common::record(results.path()));
    let details = common::stdout(&details.arg("--details").output().unwrap());
    let line = format!("quota {quota:.2} cores: {hundredths} ms in 100 ms");
    assert!(details.contains(&line), "{details}");
}

#[test]
fn half_a_core_is_one_at_most() {
    under_a_quota_of(50);
}

#[test]
fn a_core_and_a_half_is_one() {
    under_a_quota_of(150);
}

/// Starts it as many containers do, which allow no io_uring: the kernel refuses the call to whatever this thread starts.
fn without_io_uring(mut command: Command) -> Output {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
    thread::scope(|scope| {
        let started = scope.spawn(|| {
            // `io_uring_setup` has one number on every architecture.
            let rules = [(425, Vec::new())].into_iter().collect();
            let (allow, refuse) = (SeccompAction::Allow, SeccompAction::Errno(1));
            let here = std::env::consts::ARCH.try_into().unwrap();
            let filter = SeccompFilter::new(rules, allow, refuse, here).unwrap();
            let program: BpfProgram = filter.try_into().unwrap();
            apply_filter(&program).unwrap();
            command.output().unwrap()
        });
        started.join().unwrap()
    })
}

#[test]
fn without_io_uring_a_runtime_that_needs_it_says_so() {
    let adapters = folder_of(&["threads", "glommio", "compio"]);
    let results = TempDir::new().unwrap();
    let mut command = harness();
    command.arg("run").arg("--adapters").arg(adapters.path());
    command.arg("--results").arg(results.path());
    command.args([
        "--runtime=threads,glommio,compio",
        "--scenario=digest,timers",
    ]);
    command.args(["--rounds=2", "--format=json", "--quiet"]);
    let output = without_io_uring(command);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = common::json(&output);
    let mut measured = 0;
    for cell in list(&report, "cells") {
        if cell["runtime"] != "threads" {
            let why = cell["reason"].as_str().unwrap();
            assert_eq!(cell["status"], "unavailable", "{cell:#}");
            assert!(why.contains("io_uring"), "{why}");
        } else {
            assert_eq!(cell["status"], "ok", "{cell:#}");
            measured += 1;
        }
    }
    assert!(measured > 0, "{report:#}");
    for claim in list(&report, "claims") {
        let wrong = claim["verdict"] == "refuted" && claim["by_design"] != true;
        assert!(!wrong, "{claim:#}");
        if claim["runtime"] != "threads" {
            assert_eq!(claim["verdict"], "not-testable", "{claim:#}");
        }
    }
}
