//! The harness and criterion side by side: the same cell, the same measuring time, the same machine in turn.
//!
//!     cargo run -p harness-publish --example against_criterion -- [--comparisons N] [--measure SECONDS]
//!
//! Every comparison is of the cell with itself, so that a change that is reported is a false alarm. A
//! comparison by criterion is what its users do: one process saves a baseline, another is held against it.
//! Then the harness compares for as long. Half of the comparisons are made on the machine as it is, half
//! while a neighbour grows from nothing to half of every core during each of them.
//!
//! It prints a table for docs/STATISTICS.md.

mod support;

use std::{
    env, fs,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use harness_judge::stats::{
    Decided, Family, Margin, Rule, median, median_interval, rate_at_most, ruling,
};
use harness_publish::trials::Record;
use support::{Neighbour, executable, run};

/// Criterion's own level, and that of the harness's interval beside it.
const ALONE: Family = Family {
    alpha: 0.05,
    comparisons: 1,
};
/// The share of each core that the neighbour takes at the end of a comparison.
const GROWN: f64 = 0.5;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(seconds) = option(&arguments, "--grow")? {
        grow(Duration::from_secs_f64(seconds));
        return Ok(());
    }
    let comparisons = option(&arguments, "--comparisons")?.unwrap_or(30.0) as usize;
    let measure = option(&arguments, "--measure")?.unwrap_or(2.0);
    ensure!(comparisons > 0 && measure > 0.0, "write numbers above 0");
    let tools = Tools::build(measure)?;
    for (name, drift) in [("as it is", false), ("a growing neighbour", true)] {
        let mut both = Vec::new();
        for number in 1..=comparisons {
            eprintln!("{name}: {number} of {comparisons}");
            both.push(tools.compare(drift)?);
        }
        print(name, &both);
    }
    Ok(())
}

/// The number after an option.
fn option(arguments: &[String], name: &str) -> anyhow::Result<Option<f64>> {
    let Some(at) = arguments.iter().position(|argument| argument == name) else {
        return Ok(None);
    };
    let value = arguments.get(at + 1).and_then(|value| value.parse().ok());
    value
        .with_context(|| format!("{name} takes a number"))
        .map(Some)
}

/// Keeps every core busy for a share of the time that grows to [`GROWN`] in so long.
fn grow(long: Duration) {
    const PERIOD: Duration = Duration::from_millis(10);
    let began = Instant::now();
    let one = move || {
        while began.elapsed() < long {
            let share = GROWN * began.elapsed().as_secs_f64() / long.as_secs_f64();
            let busy = Instant::now();
            while busy.elapsed() < PERIOD.mul_f64(share) {
                std::hint::spin_loop();
            }
            thread::sleep(PERIOD.mul_f64(1.0 - share));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads: Vec<_> = (0..cores).map(|_| thread::spawn(one)).collect();
    for thread in threads {
        let _ = thread.join();
    }
}

/// What both tools said of one comparison of the cell with itself.
struct Both {
    criterion: Criterion,
    ours: Record,
    ours_took: Duration,
}

struct Criterion {
    took: Duration,
    /// The 95 % interval of the relative change of the mean, which is what it judges.
    change: [f64; 2],
    /// Whether it said that the performance has changed.
    reported: bool,
}

struct Tools {
    harness: PathBuf,
    bench: PathBuf,
    adapters: tempfile::TempDir,
    scratch: tempfile::TempDir,
    measure: f64,
    steps: u64,
    seconds_a_block: f64,
}

impl Tools {
    fn build(measure: f64) -> anyhow::Result<Self> {
        let mut tools = Self {
            harness: support::harness()?,
            bench: executable(
                "digest",
                &[
                    "bench",
                    "-p",
                    "runtime-smol",
                    "--bench",
                    "digest",
                    "--no-run",
                ],
            )?,
            adapters: tempfile::tempdir()?,
            scratch: tempfile::tempdir()?,
            measure,
            steps: 0,
            seconds_a_block: 0.0,
        };
        let mut build = Command::new(&tools.harness);
        build.args(["build", "--quiet", "--runtime", "smol", "--out"]);
        run(build.arg(tools.adapters.path()))?;
        let (first, _) = tools.ours(20)?;
        tools.steps = first.steps;
        tools.seconds_a_block = harness_publish::trials::findings::seconds_a_block(&first)
            .context("no block was measured")?;
        Ok(tools)
    }

    /// Criterion first, then the harness for as long; the neighbour grows from nothing for each.
    fn compare(&self, drift: bool) -> anyhow::Result<Both> {
        // Analysis and start-up are not measuring; they are little beside it.
        let expected = Duration::from_secs_f64(2.0 * 1.6 * self.measure + 1.0);
        let neighbour = drift.then(|| grown(expected)).transpose()?;
        let criterion = self.criterion()?;
        drop(neighbour);
        let neighbour = drift.then(|| grown(criterion.took)).transpose()?;
        let blocks = (criterion.took.as_secs_f64() / self.seconds_a_block).ceil() as usize;
        let (ours, ours_took) = self.ours(blocks)?;
        drop(neighbour);
        Ok(Both {
            criterion,
            ours,
            ours_took,
        })
    }

    fn criterion(&self) -> anyhow::Result<Criterion> {
        let home = tempfile::tempdir_in(self.scratch.path())?;
        let began = Instant::now();
        let mut said = String::new();
        for baseline in ["--save-baseline", "--baseline"] {
            let mut bench = Command::new(&self.bench);
            bench.arg("--bench").args([baseline, "before"]);
            // Its defaults are 3 s and 5 s.
            bench
                .arg("--warm-up-time")
                .arg((0.6 * self.measure).to_string());
            bench
                .arg("--measurement-time")
                .arg(self.measure.to_string());
            bench.env("CRITERION_HOME", home.path());
            bench.env("DIGEST_STEPS", self.steps.to_string());
            said = run(&mut bench)?;
        }
        let took = began.elapsed();
        let path = home.path().join("digest/change/estimates.json");
        let text = fs::read(&path).with_context(|| format!("no {}: {said}", path.display()))?;
        let change: serde_json::Value = serde_json::from_slice(&text)?;
        let end = |which| {
            change["mean"]["confidence_interval"][which]
                .as_f64()
                .context("criterion's estimates are not as expected")
        };
        Ok(Criterion {
            took,
            change: [end("lower_bound")?, end("upper_bound")?],
            reported: ["regressed", "improved"]
                .iter()
                .any(|word| said.contains(word)),
        })
    }

    fn ours(&self, blocks: usize) -> anyhow::Result<(Record, Duration)> {
        let results = tempfile::tempdir_in(self.scratch.path())?;
        let mut control = Command::new(&self.harness);
        control.args([
            "control",
            "--quiet",
            "--runtime",
            "smol",
            "--comparisons",
            "1",
        ]);
        // Running blocks again would take longer than criterion took.
        control.args(["--repeats", "0"]);
        control.arg("--blocks").arg(blocks.to_string());
        control.arg("--adapters").arg(self.adapters.path());
        let began = Instant::now();
        run(control.arg("--results").arg(results.path()))?;
        let took = began.elapsed();
        let file = fs::read_dir(results.path())?
            .next()
            .context("no record")??;
        Ok((Record::read(&file.path())?, took))
    }
}

/// A neighbour that grows for so long.
fn grown(long: Duration) -> anyhow::Result<Neighbour> {
    Neighbour::start(["--grow", &long.as_secs_f64().to_string()])
}

fn print(machine: &str, both: &[Both]) {
    println!(
        "\nThe machine: {machine}. {} comparisons of the cell with itself, {:.1} s each by criterion, {:.1} s by the harness.\n",
        both.len(),
        middle(both.iter().map(|both| both.criterion.took.as_secs_f64())),
        middle(both.iter().map(|both| both.ours_took.as_secs_f64())),
    );
    println!("| tool | width of the 95 % interval | false alarms | rate at most (95 %) |");
    println!("|------|----------------------------|--------------|---------------------|");
    let width = middle(
        both.iter()
            .map(|b| b.criterion.change[1] - b.criterion.change[0]),
    );
    let excluded = |b: &&Both| b.criterion.change[0] > 0.0 || b.criterion.change[1] < 0.0;
    row(
        "criterion: its interval excludes no change",
        width,
        both.iter().filter(excluded).count(),
        both.len(),
    );
    let reported = both.iter().filter(|b| b.criterion.reported).count();
    row(
        "criterion: it reports a change (p < 0.05, beyond 1 %)",
        width,
        reported,
        both.len(),
    );
    for (what, all) in [("", false), (", disturbed blocks too", true)] {
        let series: Vec<Vec<f64>> = both
            .iter()
            .map(|b| {
                let record = b.ours.clone();
                let record = if all { record.with_disturbed() } else { record };
                record.ratios(1).concat()
            })
            .filter(|ratios| !ratios.is_empty())
            .collect();
        let intervals = series
            .iter()
            .filter_map(|s| median_interval(s, ALONE.alpha));
        let width = middle(intervals.map(|interval| interval.high - interval.low));
        for (name, rule, family) in [
            ("one alone, 5 %", Rule::Fixed, ALONE),
            ("one of 25, 0.04 %", Rule::Fixed, Family::of(25)),
            (
                "one of 25, after every block",
                Rule::Sequential,
                Family::of(25),
            ),
        ] {
            let alarms = series
                .iter()
                .filter(|s| ruling(s, &[Margin::below(1.0)], rule, family).decided != Decided::Open)
                .count();
            row(
                &format!("harness: {name}{what}"),
                width,
                alarms,
                series.len(),
            );
        }
    }
}

fn row(tool: &str, width: f64, alarms: usize, of: usize) {
    let bound = rate_at_most(alarms, of, 0.95)
        .map_or_else(String::new, |bound| format!("{:.0} %", 100.0 * bound));
    println!(
        "| {tool} | {:.2} % | {alarms} of {of} | {bound} |",
        100.0 * width
    );
}

fn middle(values: impl Iterator<Item = f64>) -> f64 {
    median(&values.collect::<Vec<_>>()).unwrap_or(f64::NAN)
}
