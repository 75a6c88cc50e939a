//! What the harness itself takes: of a run, and of a round. It prints the tables for docs/PERFORMANCE.md.
//!
//!     cargo run --release -p harness-publish --example own_time -- [OPTIONS OF harness run]
//!
//! A run: from the command to its first answer and to the verdict, builds apart, and how much of that the blocks take
//! and the rounds in them; and the CPU time of the harness alone. A round: what it takes besides its timed region, from before its
//! process is started until it has been swept up, for each configuration; beside it a process that does nothing.

mod support;

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use harness_judge::stats::quantile;
use harness_measure::{
    adapters::{Adapters, Build},
    child::{Interrupt, Limits, Program, ask},
};
use harness_protocol::{Measure, Primitive, Request, Root, VERSION, Workers};
use harness_record::bundle::CellStatus;
use harness_report::recorded::Recorded;

/// Rounds of each configuration.
const ROUNDS: usize = 40;
/// What the answer to "join or spawn?" begins with.
const ANSWER: &str = ": join what waits";

fn main() -> anyhow::Result<()> {
    let options: Vec<String> = env::args().skip(1).collect();
    let harness = support::harness()?;
    a_run(&harness, &options)?;
    rounds()
}

/// A run of the harness, and where its time went.
fn a_run(harness: &PathBuf, options: &[String]) -> anyhow::Result<()> {
    let results = tempfile::tempdir()?;
    let run = |options: &[String]| {
        let mut command = Command::new(harness);
        command.args(options).arg("--results").arg(results.path());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(Stdio::piped());
        command
    };
    // What it builds while the clock runs is then there already.
    let scratch = tempfile::tempdir()?;
    let mut build = Command::new(harness);
    build
        .args(["build", "--quiet", "--out"])
        .arg(scratch.path());
    let built = build.status()?;
    if !built.success() {
        bail!("the adapters cannot be built");
    }
    let began = Instant::now();
    let mut child = run(options).spawn()?;
    let said = child.stderr.take().context("it says nothing")?;
    let answered = thread::spawn(move || {
        let mut answered = None;
        // To the end: a child whose pipe is closed could not say the rest.
        for line in BufReader::new(said).lines().map_while(Result::ok) {
            if answered.is_none() && line.contains(ANSWER) {
                answered = Some(began.elapsed());
            }
        }
        answered
    });
    let own = own_cpu(child.id())?;
    let status = child.wait()?;
    let wall = began.elapsed();
    let record = fs::read_dir(results.path())?.next();
    let record = record
        .with_context(|| format!("no record; the harness ended with {status}"))??
        .path();
    let bundle = Recorded::read(&record)?.bundle;
    let blocks: u64 = bundle.blocks.iter().map(|block| block.took_ns).sum();
    let rounds = bundle.blocks.iter().flat_map(|block| block.rounds.values());
    let timed: u64 = rounds
        .filter(|round| round.status == CellStatus::Ok)
        .flat_map(|round| &round.samples)
        .map(|sample| sample.wall_ns)
        .sum();
    let share = |part: Duration| {
        format!(
            "{:.2} s, {:.0} %",
            part.as_secs_f64(),
            100.0 * part.as_secs_f64() / wall.as_secs_f64()
        )
    };
    println!("| `harness {}` | |", options.join(" "));
    println!("| --- | --- |");
    if let Ok(Some(answered)) = answered.join() {
        println!(
            "| from the command to \"join or spawn?\" answered, nothing to build | {:.1} s |",
            answered.as_secs_f64()
        );
    }
    println!(
        "| from the command to the verdict, nothing to build | {:.1} s |",
        wall.as_secs_f64()
    );
    println!("| in blocks | {} |", share(Duration::from_nanos(blocks)));
    println!(
        "| in the timed regions of samples that were kept | {} |",
        share(Duration::from_nanos(timed))
    );
    println!("| CPU time of the harness itself | {} |", share(own));
    println!("| blocks | {} |\n", bundle.blocks.len());
    Ok(())
}

/// CPU time of a child of ours alone, without that of its own children: read when it has ended and before it
/// is reaped.
#[cfg(target_os = "linux")]
fn own_cpu(id: u32) -> anyhow::Result<Duration> {
    use nix::{
        sys::wait::{Id, WaitPidFlag, waitid},
        unistd::{Pid, SysconfVar, sysconf},
    };
    let id = Pid::from_raw(id.try_into()?);
    waitid(Id::Pid(id), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)?;
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // proc_pid_stat(5): fields 14 and 15, counted from behind the name, which may hold anything.
    let fields = stat.rsplit_once(')').context("no name")?.1;
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    let second = sysconf(SysconfVar::CLK_TCK)?.context("no clock tick")?;
    Ok(Duration::from_secs_f64(ticks as f64 / second as f64))
}

#[cfg(not(target_os = "linux"))]
fn own_cpu(_id: u32) -> anyhow::Result<Duration> {
    Ok(Duration::ZERO)
}

/// What a round takes besides its timed region.
fn rounds() -> anyhow::Result<()> {
    let adapters = Adapters::open(None)?;
    let interrupt = Interrupt::new();
    let how = Build {
        quiet: true,
        interrupt: interrupt.clone(),
        ..Build::default()
    };
    let limits = Limits::default();
    let folder = tempfile::tempdir()?;
    println!("| a round besides its timed region, of {ROUNDS} | median | quartiles |");
    println!("| --- | --- | --- |");
    row("a process that does nothing (`true`)", || {
        let began = Instant::now();
        Command::new("true").status()?;
        Ok(began.elapsed())
    })?;
    for entry in adapters.listed() {
        let mut adapter = adapters.make(entry, &how)?;
        let program: &Program = &adapter.program.clone();
        row(&format!("{}: hello", entry.name), || {
            let outcome = ask(program, &Request::Hello { v: VERSION }, &limits, &interrupt);
            Ok(outcome.elapsed)
        })?;
        let Ok(hello) = adapter.hello(&limits, &interrupt) else {
            continue;
        };
        for flavour in hello.flavours {
            let workers = match flavour.workers {
                Workers::Fixed(workers) => workers,
                Workers::PerCore => std::thread::available_parallelism()?.get(),
            };
            let request = Request::Measure(Box::new(Measure {
                v: VERSION,
                flavour: flavour.name.clone(),
                workers,
                root: Root::Worker,
                scenario: "ready".to_owned(),
                primitive: Primitive::Compose,
                branches: 2,
                only: None,
                wait_ns: 0,
                steps: 0,
                samples: 1,
                warmups: 0,
                nonce: 1,
                origin: None,
                folder: folder.path().to_owned(),
                trace: 0,
                repeats: 1,
                count: false,
                unwatched: false,
                unasked: false,
                blocking_threads: None,
            }));
            row(
                &format!("{} {}@{workers}", entry.name, flavour.name),
                || {
                    let outcome = ask(program, &request, &limits, &interrupt);
                    if !outcome.is_ok() {
                        bail!("{}", outcome.why());
                    }
                    let timed: u64 = outcome.samples.iter().map(|sample| sample.wall_ns).sum();
                    Ok(outcome.elapsed.saturating_sub(Duration::from_nanos(timed)))
                },
            )?;
        }
    }
    Ok(())
}

fn row(name: &str, mut once: impl FnMut() -> anyhow::Result<Duration>) -> anyhow::Result<()> {
    // The first finds nothing in memory.
    once()?;
    let times: Vec<f64> = (0..ROUNDS)
        .map(|_| once().map(|time| time.as_secs_f64() * 1e3))
        .collect::<anyhow::Result<_>>()?;
    let [low, middle, high] = [0.25, 0.5, 0.75].map(|q| quantile(&times, q).unwrap_or(f64::NAN));
    println!("| {name} | {middle:.2} ms | {low:.2}–{high:.2} ms |");
    Ok(())
}
