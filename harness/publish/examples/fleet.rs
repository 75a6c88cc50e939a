//! A thousand machines of a hundred classes: what they would bring back, and how long it takes to join that and to make
//! the page of it. It prints the tables for docs/FLEET.md.
//!
//!     cargo run --release -p harness-publish --example fleet -- results/NAME
//!
//! All is made of one recorded run. Each class is that run under another processor's name, cut into ten shares as
//! `--partition` cuts its plan: one for each of ten machines. What is timed is this program again, a process each.

mod support;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, bail};
use harness::cli::{self, MergeArgs, MergeFormat};
use harness_judge::{
    check::check,
    judge::{again, most_comparisons},
};
use harness_publish::{commands, site};
use harness_record::{
    bundle::{Bundle, Event, Header, Written, assemble},
    cell::Cell,
    plan::{Group, Partition},
};
use harness_report::recorded::Recorded;

const CLASSES: usize = 100;
/// Machines of each class, one share for each.
const SHARES: usize = 10;

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    match &words[..] {
        [what, folder] if what == "--merge" => merge(Path::new(folder)),
        [what, folder] if what == "--page" => page(Path::new(folder)),
        [run] => all(Path::new(run)),
        _ => bail!("say which run: fleet results/NAME"),
    }
}

fn all(run: &Path) -> anyhow::Result<()> {
    let run = Written::read(run)?;
    let scratch = tempfile::tempdir()?;
    let came = scratch.path().join("came");
    let mut brought = Brought::default();
    for class in 0..CLASSES {
        let shares = Partition::new(1, SHARES)
            .context("there are ten shares")?
            .all();
        for partition in shares {
            let (header, events) = share(&run, class, partition);
            // Of one class, whether the shares are what a run would leave.
            let sound = |folder: &Path| match check(folder).problems.first() {
                Some(problem) if class == 0 => bail!("{problem}"),
                _ => Ok(()),
            };
            let folder = assemble(&came, &header, &events, sound)?;
            brought.count(&folder, &events)?;
        }
    }
    println!("| | |");
    println!("| --- | --- |");
    println!("| records | {} |", brought.records);
    println!("| blocks | {} |", brought.blocks);
    println!("| files | {} MB | ", brought.bytes / 1_000_000);
    println!(
        "| of machine time in blocks and promises | {:.0} min |",
        brought.ns / 60e9
    );
    println!(
        "| of that in the longest share | {:.1} min |",
        brought.longest_ns / 60e9
    );
    println!("\n| | time | memory at most | |");
    println!("| --- | --- | --- | --- |");
    println!(
        "| `harness merge` of the {} records | {} |",
        brought.records,
        again_as("--merge", scratch.path())?
    );
    println!(
        "| the page of the {CLASSES} that they make | {} |",
        again_as("--page", scratch.path())?
    );
    Ok(())
}

/// What came back.
#[derive(Default)]
struct Brought {
    records: usize,
    blocks: usize,
    bytes: u64,
    ns: f64,
    longest_ns: f64,
}

impl Brought {
    fn count(&mut self, folder: &Path, events: &[Event]) -> anyhow::Result<()> {
        self.records += 1;
        for file in fs::read_dir(folder)? {
            self.bytes += file?.metadata()?.len();
        }
        let took = events.iter().map(|event| match event {
            Event::Block { took_ns, .. } => *took_ns as f64,
            Event::Verified(tried) => tried.took_ns as f64,
            _ => 0.0,
        });
        let took: f64 = took.sum();
        self.ns += took;
        self.longest_ns = self.longest_ns.max(took);
        let blocks = events
            .iter()
            .filter(|event| matches!(event, Event::Block { .. }));
        self.blocks += blocks.count();
        Ok(())
    }
}

/// A share of the run, as a machine of this class would have brought it.
fn share(run: &Written, class: usize, partition: Partition) -> (Header, Vec<Event>) {
    let mut header = run.header.clone();
    header.options.partition = Some(partition);
    header.host.cpu = Some(format!("Made-up CPU {class:03}"));
    header.command.push(format!("--partition={partition}"));
    let plan = Bundle::new(header.clone());
    let groups = &plan.plan.groups;
    let is_of = |group: &Group, cell: &Cell| {
        group
            .all()
            .any(|own| own == cell || again(own).as_ref() == Some(cell))
    };
    let measured = |cell: &Cell| groups.iter().any(|group| is_of(group, cell));
    let alike = |cell: &Cell| {
        let mut cells = groups.iter().flat_map(Group::all);
        cells.any(|own| own.id == cell.id && own.scenario == cell.scenario)
    };
    let about = |name: &str| groups.iter().any(|group| group.runtime == name);
    let tried = plan.verified();
    let (mut events, mut open, mut next) = (Vec::new(), Vec::new(), 0);
    for event in &run.events {
        let mut event = event.clone();
        let is_mine = match &mut event {
            Event::Verified(one) => tried.iter().any(|config| one.is_of(&config.id)),
            Event::Demands { runtime, .. } => about(runtime),
            Event::Steps { scenario, .. } => {
                groups.iter().any(|group| group.scenario.name == *scenario)
            }
            Event::Calibration { cell, .. } => alike(cell),
            Event::SpawnCost { cell, .. } => about(&cell.id.runtime),
            Event::Prediction { cell, .. } => measured(cell),
            Event::Comparisons { comparisons } => {
                *comparisons = most_comparisons(&header);
                true
            }
            Event::Round { block, .. } => {
                *block = next;
                open.push(event);
                continue;
            }
            Event::Block {
                block,
                runtime,
                scenario,
                ..
            } => {
                *block = next;
                let mine = groups.iter().any(|group| {
                    (&group.runtime, group.scenario.name) == (&*runtime, scenario.as_str())
                });
                if mine {
                    events.append(&mut open);
                    next += 1;
                }
                open.clear();
                mine
            }
            Event::Cost(_) | Event::Resumed { .. } => false,
            Event::End { .. } => true,
        };
        if is_mine {
            events.push(event);
        }
    }
    (header, events)
}

/// A process of its own, and what it says of itself. What it prints otherwise is for others.
fn again_as(what: &str, folder: &Path) -> anyhow::Result<String> {
    let mut command = Command::new(env::current_exe()?);
    command.arg(what).arg(folder).stdin(Stdio::null());
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        bail!("{said}");
    }
    Ok(said.lines().last().unwrap_or_default().to_owned())
}

fn folders(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    folders.sort();
    Ok(folders)
}

fn merge(scratch: &Path) -> anyhow::Result<()> {
    let began = Instant::now();
    let merge = |out| {
        commands::run(cli::Command::Merge(MergeArgs {
            folders: folders(&scratch.join("came"))?,
            out,
            format: MergeFormat::Table,
        }))
    };
    merge(None)?;
    let joined = began.elapsed();
    // To make the page of them; and how much longer it takes to write and to check them.
    let again = Instant::now();
    merge(Some(scratch.join("joined")))?;
    let written = again.elapsed();
    eprintln!(
        "{:.1} s | {} | {:.1} s with `--out` |",
        joined.as_secs_f64(),
        support::memory(),
        written.as_secs_f64()
    );
    Ok(())
}

fn page(scratch: &Path) -> anyhow::Result<()> {
    let began = Instant::now();
    let runs: Vec<Recorded> = folders(&scratch.join("joined"))?
        .iter()
        .map(|folder| Recorded::read(folder))
        .collect::<anyhow::Result<_>>()?;
    let page = site::page(&runs)?;
    eprintln!(
        "{:.1} s | {} | {:.2} MB |",
        began.elapsed().as_secs_f64(),
        support::memory(),
        page.len() as f64 / 1e6
    );
    Ok(())
}
