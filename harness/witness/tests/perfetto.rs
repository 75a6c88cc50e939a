//! Perfetto's own trace processor reads a call's trace: nothing is dropped or mended, and every poll is there.
//!
//! It wants Node.js and `PERFETTO_UI`, the folder of Perfetto's UI, which `.ci/run` gets; without them it says that it
//! was skipped.
#![cfg(all(feature = "trace", not(feature = "off")))]
#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, id},
    time::Duration,
};

use futures_lite::future::{block_on, yield_now, zip};
use poll_witness::{Report, Site, Witness as _};

static SITE: Site = Site::new("traced");

/// Two that are joined and wake each other up, and a closure on another thread.
fn some_report() -> Report {
    let call = SITE.enter();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let sends = async {
        yield_now().await;
        sender.send(()).unwrap();
    };
    let receives = receiver.witness(&call, "receives");
    let slept = std::thread::spawn(call.blocking("sleeps", || {
        std::thread::sleep(Duration::from_millis(1));
    }));
    let (received, ()) = block_on(call.scope(zip(receives, sends.witness(&call, "sends"))));
    received.unwrap();
    slept.join().unwrap();
    call.finish()
}

#[test]
fn perfetto_reads_it_as_it_is_meant() {
    let Some(ui) = perfetto() else { return };
    let report = some_report();
    let path = env::temp_dir().join(format!("poll-witness-{}.json", id()));
    fs::write(&path, report.trace()).unwrap();
    let ask = |sql: &str| asked(&ui, &path, sql);

    let polls = report.branches.iter().map(|branch| branch.polls.len());
    let slices = polls.sum::<usize>() + report.scope.polls.len();
    let on_threads =
        "select count(*) from slice join thread_track on slice.track_id = thread_track.id";
    assert_eq!(ask(on_threads), [slices.to_string()]);
    // A branch's life is no slice of a thread.
    let lives = "select name from slice where category = 'branch' order by name";
    assert_eq!(ask(lives), ["receives", "sends", "sleeps"]);
    let within = "select count(*) from slice inner_one join slice outer_one on inner_one.parent_id = outer_one.id \
                  where outer_one.name = 'scope'";
    let composed = ["receives", "sends"].map(|name| report.branch(name).unwrap().polls.len());
    assert_eq!(ask(within), [composed.iter().sum::<usize>().to_string()]);
    let wakes = "select b.name, a.name from flow join slice a on flow.slice_out = a.id join slice b on flow.slice_in = b.id";
    assert!(
        ask(wakes).contains(&"receives\tsends".to_owned()),
        "{:?}",
        ask(wakes)
    );
    let errors = "select name from stats where severity in ('error', 'data_loss') and value > 0";
    assert!(ask(errors).is_empty(), "{:?}", ask(errors));
    fs::remove_file(path).unwrap();
}

/// Where Perfetto's UI lies with its trace processor.
fn perfetto() -> Option<PathBuf> {
    let folder = env::var_os("PERFETTO_UI").map(PathBuf::from);
    if folder.is_none() {
        assert!(
            env::var_os("CI").is_none(),
            "CI is set and PERFETTO_UI is not: .ci/run sets it"
        );
        eprintln!("skipped: PERFETTO_UI names no folder with Perfetto's trace processor");
    }
    folder
}

/// What Perfetto's trace processor answers: its rows, cells parted by tabs.
fn asked(ui: &Path, trace: &Path, sql: &str) -> Vec<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = here.join("../tests/fixtures/trace_processor.mjs");
    let output = Command::new("node")
        .args([&script, ui, trace])
        .arg(sql)
        .output();
    let output = output.expect("node, which .ci/run installs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let rows = String::from_utf8_lossy(&output.stdout).into_owned();
    rows.lines().map(str::to_owned).collect()
}
