//! Large records: how long `harness report` takes over ever more samples, and the page over a hundred runs. It prints
//! the tables for docs/PERFORMANCE.md.
//!
//!     cargo run --release -p harness-publish --example large -- results/NAME
//!
//! Both are made of one recorded run: its blocks again and again, without the polls that they hold; and the whole run
//! under a hundred names, times and seeds. What is measured is this program again, a process each, since memory is
//! counted by the process.

mod support;

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::bail;
use harness_publish::site;
use harness_record::bundle::{Bundle, Event, Samples};
use harness_report::{Report, recorded::Recorded, terminal};
use serde_json::{Value, json};

/// Samples of the records that are reported on.
const SAMPLES: [usize; 3] = [250_000, 500_000, 1_000_000];
/// Runs on the page.
const RUNS: usize = 100;

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    match &words[..] {
        [what, folder] if what == "--report" => report(Path::new(folder)),
        [what, folder] if what == "--page" => page(Path::new(folder)),
        [run] => all(Path::new(run)),
        _ => bail!("say which run: large results/NAME"),
    }
}

fn all(run: &Path) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir()?;
    println!("| `harness report` on a record of | its size | time | memory at most | printed |");
    println!("| --- | --- | --- | --- | --- |");
    for samples in SAMPLES {
        let folder = scratch.path().join("long");
        let size = long(run, &folder, samples)?;
        let said = again("--report", &folder)?;
        println!("| {samples} samples | {} MB | {said} |", size / 1_000_000);
        fs::remove_dir_all(&folder)?;
    }
    let folder = scratch.path().join("many");
    many(run, &folder)?;
    println!("\n| the page of | time | memory at most | its size |");
    println!("| --- | --- | --- | --- |");
    println!(
        "| {RUNS} runs, {} polls | {} |",
        polls(run)? * RUNS,
        again("--page", &folder)?
    );
    Ok(())
}

/// A process of its own, and what it says.
fn again(what: &str, folder: &Path) -> anyhow::Result<String> {
    let mut command = Command::new(env::current_exe()?);
    Ok(support::run(command.arg(what).arg(folder))?
        .trim()
        .to_owned())
}

fn report(folder: &Path) -> anyhow::Result<()> {
    let began = Instant::now();
    let bundle = Bundle::read(folder)?;
    let read = began.elapsed();
    let report = Report::of(&bundle);
    let printed = terminal::of(&bundle, &report, 100);
    say(
        began,
        &format!(
            "{} kB; {:.1} s of the time to read it",
            printed.len() / 1000,
            read.as_secs_f64()
        ),
    )
}

fn page(folder: &Path) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    folders.sort();
    let runs: Vec<Recorded> = folders
        .iter()
        .map(|folder| Recorded::read(folder))
        .collect::<anyhow::Result<_>>()?;
    let read = began.elapsed();
    let page = site::page(&runs)?;
    let built = began.elapsed() - read;
    say(
        began,
        &format!(
            "{} kB; {:.1} s of the time to read and judge the runs, {:.1} s to build it",
            page.len() / 1000,
            read.as_secs_f64(),
            built.as_secs_f64()
        ),
    )
}

fn say(began: Instant, size: &str) -> anyhow::Result<()> {
    let took = began.elapsed().as_secs_f64();
    println!("{took:.2} s | {} | {size}", support::memory());
    Ok(())
}

/// A record with so many samples: a run's blocks, again and again. Returns its size in bytes.
fn long(run: &Path, folder: &Path, samples: usize) -> anyhow::Result<usize> {
    fs::create_dir_all(folder)?;
    fs::copy(run.join("run.json"), folder.join("run.json"))?;
    let (mut before, mut blocks, mut end) = (String::new(), Vec::new(), String::new());
    let mut open: Vec<Event> = Vec::new();
    for line in String::from_utf8(Samples::of(run)?.read()?)?.lines() {
        let mut event: Event = serde_json::from_str(line)?;
        match &mut event {
            Event::Round { samples, .. } => {
                for sample in samples {
                    sample.trace.clear();
                    sample.handed.clear();
                }
                open.push(event);
            }
            Event::Block { .. } => {
                open.push(event);
                blocks.push(std::mem::take(&mut open));
            }
            Event::End { .. } => end = format!("{line}\n"),
            _ => writeln!(before, "{line}")?,
        }
    }
    let mut text = before;
    let (mut written, mut next) = (0, 0);
    while written < samples && !blocks.is_empty() {
        let at = next as usize % blocks.len();
        for event in &mut blocks[at] {
            match event {
                Event::Round { block, samples, .. } => {
                    *block = next;
                    written += samples.len();
                }
                Event::Block { block, .. } => *block = next,
                _ => {}
            }
            writeln!(text, "{}", serde_json::to_string(event)?)?;
        }
        next += 1;
    }
    text.push_str(&end);
    fs::write(folder.join("samples.jsonl"), &text)?;
    Ok(text.len())
}

fn many(run: &Path, folder: &Path) -> anyhow::Result<()> {
    let header: Value = serde_json::from_slice(&fs::read(run.join("run.json"))?)?;
    for number in 0..RUNS {
        let copy = folder.join(format!("2026-01-01-copy-{number:03}"));
        fs::create_dir_all(&copy)?;
        let mut header = header.clone();
        header["started"] = json!(format!(
            "2026-01-01T{:02}:{:02}:00Z",
            number / 60,
            number % 60
        ));
        fs::write(copy.join("run.json"), serde_json::to_vec_pretty(&header)?)?;
        let samples = Samples::of(run)?;
        fs::copy(&samples.path, copy.join(samples.name()))?;
    }
    Ok(())
}

fn polls(run: &Path) -> anyhow::Result<usize> {
    let bundle = Bundle::read(run)?;
    let rounds = bundle.blocks.iter().flat_map(|block| block.rounds.values());
    let samples = rounds.flat_map(|round| &round.samples);
    Ok(samples.map(|sample| sample.trace.len()).sum())
}
