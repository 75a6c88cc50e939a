//! Writes the page of some recorded runs, and the README's pictures beside it, without publishing anything.
//!
//!     cargo run -p harness-publish --example page -- results/NAME… -o target/site/page.html

use std::{env, fs, path::PathBuf, time::Instant};

use anyhow::{Context as _, bail};
use harness_publish::site;
use harness_report::recorded::Recorded;

fn main() -> anyhow::Result<()> {
    let mut folders: Vec<PathBuf> = Vec::new();
    let mut out = None;
    let mut words = env::args_os().skip(1);
    while let Some(word) = words.next() {
        if word == "-o" {
            out = words.next().map(PathBuf::from);
        } else {
            folders.push(word.into());
        }
    }
    let Some(out) = out else {
        bail!("say where to write: page DIR… -o FILE");
    };
    let runs: Vec<Recorded> = folders
        .iter()
        .map(|folder| Recorded::read(folder))
        .collect::<anyhow::Result<_>>()?;
    let began = Instant::now();
    let page = site::page(&runs)?;
    eprintln!(
        "{} runs, {} kB, {} ms",
        runs.len(),
        page.len() / 1000,
        began.elapsed().as_millis()
    );
    let folder = out.parent().context("FILE has no folder")?;
    fs::create_dir_all(folder)?;
    fs::write(&out, page)?;
    for (name, svg) in site::pictures(&runs)? {
        fs::write(folder.join(name), svg)?;
    }
    Ok(())
}
