//! Wrong verdicts beside other work: one run of the harness on the machine as it is, and several beside a
//! neighbour that keeps both cores busy, steadily and in bursts.
//!
//!     cargo run -p harness-publish --example under_load -- [RUNS] [OPTIONS OF harness run]
//!
//! A verdict under load is wrong if it is decided and the quiet run decided the opposite, or if a cell is
//! found to differ from itself. It prints a table for docs/STATISTICS.md.

mod support;

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use harness_judge::judge::Verdict;
use harness_report::Report;
use support::Neighbour;

const KINDS: [&str; 2] = ["steadily", "in bursts"];

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [flag, kind] = &arguments[..]
        && flag == "--load"
    {
        load(kind);
        return Ok(());
    }
    let runs = arguments
        .first()
        .and_then(|first| first.parse::<usize>().ok());
    let options = &arguments[usize::from(runs.is_some())..];
    let harness = support::harness()?;
    eprintln!("quiet");
    let quiet = report(&harness, options)?;
    println!(
        "Quiet: {} blocks, {} of them disturbed; {} claims decided.\n",
        quiet.blocks,
        quiet.disturbed_blocks,
        quiet
            .claims
            .iter()
            .filter(|claim| decided(claim.verdict))
            .count()
    );
    println!(
        "| both cores busy | runs | blocks disturbed | decided | inconclusive | of these, machine busy | A/A false alarms | wrong |"
    );
    println!(
        "|-----------------|------|------------------|---------|--------------|------------------------|------------------|-------|"
    );
    for kind in KINDS {
        let mut sum = Sum::default();
        for number in 1..=runs.unwrap_or(3) {
            eprintln!("{kind}: {number}");
            let neighbour = Neighbour::start(["--load", kind])?;
            let loaded = report(&harness, options)?;
            drop(neighbour);
            sum.add(&quiet, &loaded);
        }
        println!(
            "| {kind} | {} | {} of {} | {} | {} | {} | {} of {} | {} |",
            sum.runs,
            sum.disturbed,
            sum.blocks,
            sum.decided,
            sum.inconclusive,
            sum.busy,
            sum.alarms,
            sum.controls,
            sum.wrong
        );
    }
    Ok(())
}

#[derive(Default)]
struct Sum {
    runs: usize,
    blocks: usize,
    disturbed: usize,
    decided: usize,
    inconclusive: usize,
    busy: usize,
    alarms: usize,
    controls: usize,
    wrong: usize,
}

impl Sum {
    fn add(&mut self, quiet: &Report, loaded: &Report) {
        self.runs += 1;
        self.blocks += loaded.blocks;
        self.disturbed += loaded.disturbed_blocks;
        self.alarms += loaded.controls.false_alarms;
        self.controls += loaded.controls.comparisons;
        for claim in &loaded.claims {
            self.decided += usize::from(decided(claim.verdict));
            let open = claim.verdict == Verdict::Inconclusive;
            self.inconclusive += usize::from(open);
            self.busy += usize::from(open && claim.reason.starts_with("machine busy"));
            let key = (
                &claim.id.runtime,
                &claim.id.flavour,
                claim.id.workers,
                &claim.claim,
            );
            let known = quiet.claims.iter().find(|other| {
                (
                    &other.id.runtime,
                    &other.id.flavour,
                    other.id.workers,
                    &other.claim,
                ) == key
            });
            let opposite = known.is_some_and(|known| {
                decided(known.verdict) && decided(claim.verdict) && known.verdict != claim.verdict
            });
            if opposite {
                eprintln!(
                    "wrong: {} on {}@{}: {}",
                    claim.claim, claim.id.flavour, claim.id.workers, claim.reason
                );
            }
            self.wrong += usize::from(opposite);
        }
        self.wrong += loaded.controls.false_alarms;
    }
}

fn decided(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Holds | Verdict::Refuted)
}

fn report(harness: &Path, options: &[String]) -> anyhow::Result<Report> {
    let results = tempfile::tempdir()?;
    let mut command = Command::new(harness);
    command
        .args(["run", "--quiet", "--format", "json"])
        .args(options);
    command.arg("--results").arg(results.path());
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{command:?} ended with {}", output.status))
}

/// Work on every core until it is killed: without a pause, or in bursts of 50 to 600 ms with as much rest.
fn load(kind: &str) {
    let bursts = kind != KINDS[0];
    let one = move |seed| {
        let mut random = fastrand::Rng::with_seed(seed);
        loop {
            let long = Duration::from_millis(random.u64(50..=600));
            let began = Instant::now();
            while began.elapsed() < long {
                std::hint::spin_loop();
            }
            if bursts {
                thread::sleep(Duration::from_millis(random.u64(50..=600)));
            }
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from) as u64;
    let threads: Vec<thread::JoinHandle<()>> = (0..cores)
        .map(|seed| thread::spawn(move || one(seed)))
        .collect();
    for thread in threads {
        let _ = thread.join();
    }
}
