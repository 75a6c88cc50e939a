//! The page, used as a reader would use it, in a real browser. Pictures of it are kept in
//! `target/screenshots`, for people to look at.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{fs, path::PathBuf};

use crate::{browser::Browser, common};
use harness_publish::site;
use harness_report::recorded::Recorded;
use serde_json::json;

/// Two runs: a recorded one, and the same as if it had been recorded a day earlier elsewhere.
fn runs() -> Vec<Recorded> {
    let newest = Recorded::read(&common::fixture("page/2026-11-25-two-cores")).unwrap();
    let mut other = newest.clone();
    other.name = "2026-11-24-elsewhere".to_owned();
    other.report.started = "2026-11-24T10:00:00Z".to_owned();
    other.report.host.cpu = Some("Another CPU".to_owned());
    vec![other, newest]
}

/// The page about them, where its links lead as they do from `results/site`.
fn page() -> PathBuf {
    let folder = common::workspace().join("target/site/test");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("index.html");
    // Tests run beside each other: each finds a whole page.
    let draft = tempfile::NamedTempFile::new_in(&folder).unwrap();
    fs::write(draft.path(), site::page(&runs()).unwrap()).unwrap();
    draft.persist(&file).unwrap();
    file
}

const VERDICT: &str = "document.querySelector('#first .verdict').textContent";
const OPEN: &str = "document.querySelector('#evidence').open";
const HASH: &str = "location.hash";

fn quiet(browser: &mut Browser) {
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn the_first_screen_answers_on_a_runtime_that_the_reader_picks() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let page = page();
    browser.open(&page, "");
    let asked = browser.text(VERDICT);
    assert!(asked.contains("of the joined time"), "{asked}");
    // The picture and its sentence are on the first screen, and one version of the picture is seen.
    let bottom = "document.querySelector('#first .wide svg').getBoundingClientRect().bottom";
    assert!(browser.value(bottom).as_f64().unwrap() <= 900.0);
    let seen =
        "[...document.querySelectorAll('#first svg')].filter(s => s.checkVisibility()).length";
    assert_eq!(browser.value(seen), 1);
    browser.picture("first");
    browser.click(".chip:has([value='smol:default@1'])");
    browser.until(&format!("{VERDICT}.includes('One thread executes here')"));
    assert_eq!(browser.text(HASH), "#on=smol:default@1");
    browser.click(".chip:has([value=wait])");
    browser.until(&format!("{VERDICT}.includes('one after the other')"));
    browser.picture("first-wait");
    browser.back();
    browser.until(&format!("{VERDICT}.includes('One thread executes here')"));
    browser.back();
    browser.until(&format!("{VERDICT} === {asked:?}"));
    assert_eq!(
        browser.value("document.querySelector('#chips input:checked').value"),
        "smol:workers@2"
    );
    quiet(&mut browser);
}

#[test]
fn a_claim_opens_to_its_evidence_and_its_links_lead_somewhere() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let page = page();
    browser.open(&page, "");
    let cell = "a[href='#open=spawn-uses-cores/smol:workers@2']";
    browser.click(cell);
    browser.until(OPEN);
    let evidence = browser.text("document.querySelector('#evidence').innerText");
    for said in [
        "spawn-uses-cores",
        "on smol workers@2",
        "digest spawn/compose",
        "at most 0.75",
        "cargo run -p harness -- --runtime smol --workers 2 --scenario digest",
    ] {
        assert!(evidence.contains(said), "{said} is not in {evidence}");
    }
    let drawn = "[...document.querySelectorAll('#evidence .dots')].every(s => /^M\\d/.test(s.querySelector('.dot').getAttribute('d')))";
    assert_eq!(browser.value(drawn), true);
    assert!(
        browser
            .value("document.querySelectorAll('#evidence svg.timeline .track').length")
            .as_u64()
            >= Some(4)
    );
    browser.picture("evidence");
    // The table behind the dots.
    browser.click("#evidence .values summary");
    browser.until("document.querySelectorAll('#evidence .values tbody tr').length > 0");
    let link =
        browser.text("document.querySelector('#evidence a[href$=\".md\"]').getAttribute('href')");
    // From the page's folder, results/site.
    let target = common::workspace().join(link.strip_prefix("../../").unwrap());
    assert!(target.is_file(), "{}", target.display());
    // A link to the run within the page closes the evidence and leads there.
    browser.click("#evidence [data-about]");
    browser.until("!document.querySelector('#evidence').open && document.activeElement.id.startsWith('about-')");
    assert!(!browser.text(HASH).contains("open="));
    // Escape closes what a link opened, and the reader is back where he was.
    browser.click(cell);
    browser.until(OPEN);
    browser.press("Escape");
    browser.until("!document.querySelector('#evidence').open && !location.hash.includes('open=')");
    let focused = browser.text("document.activeElement.getAttribute('href')");
    assert_eq!(focused, "#open=spawn-uses-cores/smol:workers@2");
    // So does Back; and the address opens it.
    browser.click(cell);
    browser.until(OPEN);
    browser.reload();
    browser.until(OPEN);
    browser.press("Escape");
    browser.until("!document.querySelector('#evidence').open && !location.hash.includes('open=')");
    quiet(&mut browser);
}

#[test]
fn every_cell_of_the_grid_has_its_evidence() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.open(&page(), "");
    let missing = browser.value(
        "(async () => { const packed = document.querySelector('script[data-run]').textContent; \
         const bytes = Uint8Array.from(atob(packed), c => c.charCodeAt(0)); \
         const gzip = new DecompressionStream('gzip'); \
         const data = await new Response(new Blob([bytes]).stream().pipeThrough(gzip)).json(); \
         return [...document.querySelectorAll('#grid td a')] \
           .map(a => a.getAttribute('href').slice(6)).filter(key => !data.evidence[key]); })()",
    );
    assert_eq!(missing, json!([]));
    let cells = browser.value("document.querySelectorAll('#grid td a').length");
    assert_eq!(cells, 2 * 18);
    quiet(&mut browser);
}

#[test]
fn keys_are_enough() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.open(&page(), "");
    // The first stop leads past the head of the page.
    browser.press("Tab");
    assert_eq!(
        browser.text("document.activeElement.textContent"),
        "Skip to the picture"
    );
    browser.press("Enter");
    browser.until("document.activeElement.id === 'main'");
    browser.press("Tab");
    browser.until("document.activeElement.name === 'on'");
    browser.press("ArrowRight");
    browser.until(&format!("{VERDICT}.includes('One thread executes here')"));
    let in_grid = "document.activeElement.matches('#grid td a')";
    let mut stops = 0;
    while browser.value(in_grid) != json!(true) {
        browser.press("Tab");
        stops += 1;
        assert!(stops < 60, "the grid is out of reach");
        // Whoever uses keys must see where they are.
        let outline = "(() => { const e = document.activeElement; \
             const seen = e.matches('.chip input') ? e.nextElementSibling : e; \
             return e === document.body || getComputedStyle(seen).outlineStyle !== 'none'; })()";
        let at = browser.text("document.activeElement.outerHTML.slice(0, 200)");
        assert_eq!(browser.value(outline), true, "{at}");
    }
    let key = browser.text("document.activeElement.getAttribute('href')");
    browser.press("Enter");
    browser.until(OPEN);
    assert_eq!(
        browser.value("document.activeElement.closest('#evidence') !== null"),
        true
    );
    browser.press("Escape");
    browser.until(&format!(
        "!{OPEN} && document.activeElement.getAttribute('href') === {key:?}"
    ));
    quiet(&mut browser);
}

#[test]
fn filters_are_kept_in_the_address() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let page = page();
    browser.open(&page, "");
    let rows =
        "[...document.querySelectorAll('#grid tbody tr')].filter(r => r.checkVisibility()).length";
    assert_eq!(browser.value(rows), 18);
    browser.choose("claim", "spawn-uses-cores");
    browser.until(&format!("{rows} === 1"));
    browser.choose("scenario", "timers");
    let cells = "[...document.querySelectorAll('#cells tbody tr')].filter(r => r.checkVisibility()).map(r => r.dataset.s)";
    browser.until(&format!(
        "{cells}.length > 0 && {cells}.every(s => s === 'timers')"
    ));
    assert_eq!(
        browser.text(HASH),
        "#claim=spawn-uses-cores&scenario=timers"
    );
    browser.reload();
    browser.until(&format!(
        "{rows} === 1 && {cells}.every(s => s === 'timers')"
    ));
    browser.back();
    browser.until(&format!(
        "{cells}.some(s => s === 'digest') && {rows} === 1"
    ));
    browser.click("#clear");
    browser.until(&format!("{rows} === 18"));
    // What every object has is no evidence, and no picture.
    browser.value("location.hash = '#open=constructor&does=toString&on=__proto__&run=valueOf'");
    browser.until(&format!(
        "{VERDICT}.includes('of the joined time') && {rows} === 18"
    ));
    assert_eq!(browser.value(OPEN), false);
    browser.value("location.hash = '#runtime='");
    // Another machine, and so its run, its grid and its figures.
    browser.choose("machine", "Another CPU, 2 cores, linux x86_64");
    browser
        .until("document.querySelector('#claims .provenance').textContent.includes('Another CPU')");
    assert_eq!(
        browser.text("document.querySelector('#filters').elements.run.value"),
        "2026-11-24-elsewhere"
    );
    assert!(
        browser
            .text("document.querySelector('#machine').textContent")
            .contains("2026-11-24-elsewhere")
    );
    browser.click("#grid td a");
    browser.until(OPEN);
    assert!(
        browser
            .text("document.querySelector('#evidence').textContent")
            .contains("Another CPU")
    );
    quiet(&mut browser);
}

#[test]
fn a_phone_shows_all_of_it_without_scrolling_sideways() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.size(360, 740);
    browser.open(&page(), "");
    let wide = "[...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.closest('.scroll, .chips, .vh, .skip, svg') && e.getBoundingClientRect().right > 360.5).map(e => e.outerHTML.slice(0, 120))";
    assert_eq!(browser.value(wide), json!([]));
    assert_eq!(
        browser.value("document.documentElement.scrollWidth <= 360"),
        true
    );
    // As many runtimes as there may be, in a row that scrolls on its own.
    browser.value(
        "(() => { const row = document.querySelector('#chips .chips'); \
         for (let i = 0; i < 12; i++) row.append(row.firstElementChild.cloneNode(true)); })()",
    );
    assert_eq!(
        browser.value("document.documentElement.scrollWidth <= 360"),
        true
    );
    browser.reload();
    browser.picture("phone");
    browser.value("document.querySelector('#claims').scrollIntoView({ behavior: 'instant' })");
    browser.picture("phone-claims");
    browser.click("a[href='#open=spawn-uses-cores/smol:workers@2']");
    browser.until(OPEN);
    assert_eq!(browser.value(wide), json!([]));
    assert_eq!(
        browser.value("document.querySelector('#evidence').scrollWidth <= 360"),
        true
    );
    browser.picture("phone-evidence");
    quiet(&mut browser);
}

#[test]
fn dark_is_as_the_system_or_the_reader_wants_it() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let ground = "getComputedStyle(document.body).backgroundColor";
    browser.open(&page(), "");
    let light = browser.text(ground);
    browser.prefers("dark");
    let dark = browser.text(ground);
    assert_ne!(light, dark);
    browser.picture("first-dark");
    // System, light, dark.
    browser.click("#theme");
    browser.until(&format!("{ground} === {light:?}"));
    browser.click("#theme");
    browser.prefers("light");
    browser.until(&format!("{ground} === {dark:?}"));
    assert_eq!(
        browser.text("document.querySelector('#theme').textContent"),
        "Theme: dark"
    );
    quiet(&mut browser);
}

#[test]
fn without_javascript_the_picture_and_the_claims_are_there() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        json!({ "value": true }),
    );
    browser.open(&page(), "");
    browser.call(
        "Emulation.setScriptExecutionDisabled",
        json!({ "value": false }),
    );
    let seen = |selector: &str| {
        format!(
            "[...document.querySelectorAll({selector:?})].filter(e => e.checkVisibility()).length"
        )
    };
    assert_eq!(browser.value(&seen("#first svg")), 1);
    assert_eq!(browser.value(&seen("#grid tbody tr")), 18);
    assert_eq!(browser.value(&seen(".needs-js")), 0);
    quiet(&mut browser);
}

/// The page that was published, which says what it cannot do where the browser cannot unpack it.
#[test]
fn what_cannot_be_unpacked_is_said() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let said = "document.querySelector('#packed').checkVisibility()";
    let busy = "document.querySelector('#main').ariaBusy";
    browser.open(&page(), "");
    browser.until(&format!("{busy} === 'false'"));
    assert_eq!(browser.value(said), false);
    let old = json!({ "source": "delete globalThis.DecompressionStream" });
    browser.call("Page.addScriptToEvaluateOnNewDocument", old);
    browser.reload();
    browser.until(said);
    let seen = browser.text("document.querySelector('#packed').textContent");
    assert!(
        seen.contains("harness report results/2026-11-25-two-cores"),
        "{seen}"
    );
    // What stands on the page itself is there.
    assert!(browser.text(VERDICT).contains("of the joined time"));
    quiet(&mut browser);
}

/// Every run of the page that was published opens as the first one does.
#[test]
fn every_published_run_can_be_chosen() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let published = common::workspace().join("results/site/index.html");
    browser.open(&published, "");
    let runs = browser.value(
        "[...document.querySelector('#filters').elements.run.options].map(option => option.value)",
    );
    let runs: Vec<String> = serde_json::from_value(runs).unwrap();
    assert!(runs.len() > 1, "{runs:?}");
    for run in runs {
        browser.choose("run", &run);
        let about = format!(
            "document.querySelector('#main').ariaBusy === 'false' && \
             document.querySelector('#claims .provenance').textContent.includes({run:?})"
        );
        browser.until(&about);
        let cells = browser.value("document.querySelectorAll('#grid td a').length");
        if cells == json!(0) {
            // It counted what primitives cost.
            continue;
        }
        let key = browser.text("document.querySelector('#grid td a').getAttribute('href')");
        browser.click("#grid td a");
        browser.until(OPEN);
        let evidence = browser.text("document.querySelector('#evidence').textContent");
        let report = format!("harness -- report results/{run}");
        assert!(evidence.contains(&report), "{key}: {evidence}");
        browser.press("Escape");
        // The dialog closes at once, and the address goes back a moment later: what is chosen between is undone by it.
        browser.until(&format!(
            "!{OPEN} && !location.hash.includes('open=') && document.querySelector('#main').ariaBusy === 'false'"
        ));
    }
    quiet(&mut browser);
}

#[test]
fn pictures_are_drawn_and_ask_for_nothing() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = common::workspace().join("target/site/pictures");
    fs::create_dir_all(&folder).unwrap();
    let pictures = site::pictures(&runs()).unwrap();
    let names: Vec<&String> = pictures.keys().collect();
    assert_eq!(
        names,
        [
            "claims-dark.svg",
            "claims-light.svg",
            "join-or-spawn-dark.svg",
            "join-or-spawn-light.svg",
            "speed-up-dark.svg",
            "speed-up-light.svg"
        ]
    );
    browser.size(900, 640);
    for (name, svg) in &pictures {
        let file = folder.join(name);
        fs::write(&file, svg).unwrap();
        browser.open(&file, "");
        // Nothing stands outside of its frame.
        let outside = "(() => { const frame = document.documentElement.getBoundingClientRect(); \
             return [...document.querySelectorAll('text')].filter(t => { const r = t.getBoundingClientRect(); \
             return r.left < frame.left - 1 || r.right > frame.right + 1 || r.bottom > frame.bottom + 1; }) \
             .map(t => t.textContent); })()";
        assert_eq!(browser.value(outside), json!([]), "{name}");
        browser.picture(name.trim_end_matches(".svg"));
    }
    quiet(&mut browser);
}
