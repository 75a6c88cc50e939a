//! How a page of a hundred runs behaves in a real browser. No test, but a figure for docs/PERFORMANCE.md:
//!
//!     cargo test -p harness-publish --test main -- smooth --ignored --nocapture

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, path::PathBuf};

use crate::{browser::Browser, common};
use harness_publish::site;
use harness_report::recorded::Recorded;
use serde_json::Value;

const RUNS: usize = 100;

/// The page of the fullest of the committed runs under a hundred names and times, and how many polls these hold.
fn page() -> (PathBuf, usize) {
    let results = fs::read_dir(common::workspace().join("results")).unwrap();
    let folders = results.map(|entry| entry.unwrap().path());
    let runs = folders.filter_map(|folder| Recorded::read(&folder).ok());
    let run = runs.max_by_key(Recorded::breadth).unwrap();
    let rounds = run
        .bundle
        .blocks
        .iter()
        .flat_map(|block| block.rounds.values());
    let samples = rounds.flat_map(|round| &round.samples);
    let polls = samples.map(|sample| sample.trace.len()).sum::<usize>() * RUNS;
    let runs: Vec<Recorded> = (0..RUNS)
        .map(|number| {
            let mut run = run.clone();
            run.name = format!("2026-01-01-copy-{number:03}");
            run.report.started = format!("2026-01-01T{:02}:{:02}:00Z", number / 60, number % 60);
            run
        })
        .collect();
    let folder = common::workspace().join("target/site/hundred");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("index.html");
    fs::write(&file, site::page(&runs).unwrap()).unwrap();
    (file, polls)
}

/// Each step with what its script, style and layout take; then the frames of a way down the page.
const USE: &str = "(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const steps = [];
    const step = async (name, act) => {
        await frame();
        await frame();
        const turned = new Promise((done) => addEventListener('hashchange', done, { once: true }));
        const began = performance.now();
        act();
        await turned;
        while (document.querySelector('#main').ariaBusy === 'true') await frame();
        document.body.getBoundingClientRect();
        steps.push([name, performance.now() - began]);
    };
    const filters = document.querySelector('#filters').elements;
    const choose = (name, value) => () => {
        filters[name].value = value;
        filters[name].dispatchEvent(new Event('change', { bubbles: true }));
    };
    const some = (name) => [...filters[name].options].map((option) => option.value).filter(Boolean);
    const evidence = document.querySelector('#grid a[href^=\"#open=\"]').getAttribute('href');
    await step('open the evidence of a claim', () => { location.hash = evidence; });
    const open = document.querySelector('#evidence').open;
    await step('go back', () => history.back());
    await step('choose a runtime', choose('runtime', some('runtime')[1]));
    await step('choose another run', choose('run', some('run')[50]));
    const frames = [];
    let last = await frame();
    const height = document.documentElement.scrollHeight;
    for (let part = 1; part <= 120; part += 1) {
        scrollTo(0, (height * part) / 120);
        const now = await frame();
        frames.push(now - last);
        last = now;
    }
    frames.sort((a, b) => a - b);
    const load = performance.getEntriesByType('navigation')[0];
    return {
        open, steps,
        load: load.loadEventEnd - load.startTime,
        elements: document.querySelectorAll('*').length,
        frame: frames[60], slow: frames[117], slowest: frames[119],
    };
})()";

#[test]
#[ignore = "prints figures, and judges none"]
fn a_page_of_a_hundred_runs() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let (page, polls) = page();
    let size = fs::metadata(&page).unwrap().len();
    browser.open(&page, "");
    let seen = browser.value(USE);
    assert_eq!(seen["open"], true, "{seen}");
    let ms = |value: &Value| format!("{:.0} ms", value.as_f64().unwrap());
    println!("{RUNS} runs, {polls} polls, {:.1} MB", size as f64 / 1e6);
    println!(
        "{} elements, shown after {}",
        seen["elements"],
        ms(&seen["load"])
    );
    for step in common::list(&seen, "steps") {
        println!("{}: {}", step[0].as_str().unwrap(), ms(&step[1]));
    }
    println!(
        "a frame while scrolling: {}; 2 in 100 take {} or more, the slowest {}",
        ms(&seen["frame"]),
        ms(&seen["slow"]),
        ms(&seen["slowest"])
    );
}
