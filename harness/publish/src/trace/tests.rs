//! Traces of hand-made samples, event by event.

use harness_protocol::{Handed, Sample};
use insta::assert_snapshot;

use super::*;
use harness_record::{
    cell::Cell,
    fabricated::{cell, poll, sample, smol_run},
};

fn handed(branch: u32, thread: u32, start_ns: u64, end_ns: u64) -> Handed {
    Handed {
        branch,
        thread,
        start_ns,
        end_ns,
    }
}

/// Two branches handed over on a thread that polls neither; one is polled twice.
fn spawned() -> Sample {
    Sample {
        polls: 3,
        trace: vec![
            poll(0, 4, 3000, 5000),
            poll(1, 9, 4001, 6000),
            poll(0, 9, 7000, 7000),
        ],
        handed: vec![handed(0, 7, 1000, 2500), handed(1, 7, 2500, 3001)],
        ..sample(4.0, 1.0)
    }
}

fn traced(cells: &[(&Cell, &Sample)]) -> Trace {
    let cells: Vec<Traced<'_>> = cells
        .iter()
        .map(|&(cell, sample)| Traced { cell, sample })
        .collect();
    of("20260102T030405-7", &smol_run().header, &cells)
}

/// The events but for the metadata, a line each: `B 1/3 3.000 A`.
fn events(trace: &Trace) -> String {
    let events = trace.json["traceEvents"].as_array().unwrap().iter();
    let line = |event: &Value| {
        let (pid, tid) = (&event["pid"], &event["tid"]);
        let ns = event["ts"].as_f64().unwrap();
        let what = ["name", "cat", "id", "bp", "args"]
            .map(|key| &event[key])
            .into_iter()
            .filter(|value| !value.is_null())
            .map(|value| value.to_string().replace('"', ""));
        let what: Vec<String> = what.collect();
        let phase = event["ph"].as_str().unwrap();
        format!("{phase} {pid}/{tid} {ns:.3} {}", what.join(" "))
            .trim_end()
            .to_owned()
    };
    let lines: Vec<String> = events
        .filter(|event| event["ph"] != "M")
        .map(line)
        .collect();
    lines.join("\n")
}

#[test]
fn an_arrow_leads_from_each_hand_over_to_the_first_poll() {
    let spawn = cell("smol:workers@2/digest/spawn@2");
    let trace = traced(&[(&spawn, &spawned())]);
    assert_eq!((trace.polls, trace.threads, trace.flows), (3, 3, 2));
    assert_snapshot!(events(&trace), @r"
    B 1/2 1.000 spawn A hand-over {branch:0}
    s 1/2 1.000 spawn flow 1
    E 1/2 2.500
    B 1/2 2.500 spawn B hand-over {branch:1}
    s 1/2 2.500 spawn flow 2
    B 1/3 3.000 A poll {branch:0,poll:1}
    f 1/3 3.000 spawn flow 1 e
    E 1/2 3.001
    B 1/4 4.001 B poll {branch:1,poll:1}
    f 1/4 4.001 spawn flow 2 e
    E 1/3 5.000
    E 1/4 6.000
    B 1/4 7.000 A poll {branch:0,poll:2}
    E 1/4 7.000
    ");
    let metadata: Vec<String> = trace.json["traceEvents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["ph"] == "M")
        .map(|event| format!("{} {} {}", event["name"], event["tid"], event["args"]))
        .collect();
    assert_snapshot!(metadata.join("\n"), @r#"
    "process_name" 1 {"name":"smol:workers@2/digest/spawn@2"}
    "process_labels" 1 {"labels":"4.000 ms"}
    "process_sort_index" 1 {"sort_index":1}
    "thread_name" 2 {"name":"the parent's thread"}
    "thread_sort_index" 2 {"sort_index":2}
    "thread_name" 3 {"name":"thread 1"}
    "thread_sort_index" 3 {"sort_index":3}
    "thread_name" 4 {"name":"thread 2"}
    "thread_sort_index" 4 {"sort_index":4}
    "#);
    assert_snapshot!(serde_json::to_string_pretty(&trace.json["otherData"]).unwrap(), @r#"
    {
      "command": "harness run",
      "machine": "Made-up CPU, 2 cores allowed, linux 6.1",
      "run": "20260102T030405-7",
      "seed": 7,
      "started": "2026-01-02T03:04:05Z"
    }
    "#);
    assert_eq!(trace.json["displayTimeUnit"], "ns");
}

#[test]
fn cells_are_processes_whose_threads_and_arrows_have_numbers_of_their_own() {
    let spawn = cell("smol:workers@2/digest/spawn@2");
    let other = cell("smol:workers@2/parse/spawn@2");
    let sample = spawned();
    let trace = traced(&[(&spawn, &sample), (&other, &sample)]);
    let events = trace.json["traceEvents"].as_array().unwrap();
    let numbers = |key: &str, ph: &str| -> Vec<u64> {
        let all = events.iter().filter(|event| event["ph"] == ph);
        all.map(|event| event[key].as_u64().unwrap()).collect()
    };
    let arrows: std::collections::BTreeSet<u64> = numbers("id", "s").into_iter().collect();
    assert_eq!(arrows.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4]);
    let threads: std::collections::BTreeSet<u64> = numbers("tid", "B").into_iter().collect();
    assert_eq!(threads.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8]);
}

#[test]
fn a_poll_within_the_hand_over_lies_within_it() {
    // A runtime that polls what is spawned at once, on the thread that spawned it.
    let sample = Sample {
        trace: vec![poll(0, 0, 1100, 1900), poll(1, 0, 2000, 2000)],
        handed: vec![handed(0, 0, 1000, 2000), handed(1, 0, 2000, 2100)],
        ..sample(4.0, 1.0)
    };
    let spawn = cell("glommio:local@1/digest/spawn@2");
    assert_snapshot!(events(&traced(&[(&spawn, &sample)])), @r"
    B 1/2 1.000 spawn A hand-over {branch:0}
    s 1/2 1.000 spawn flow 1
    B 1/2 1.100 A poll {branch:0,poll:1}
    f 1/2 1.100 spawn flow 1 e
    E 1/2 1.900
    E 1/2 2.000
    B 1/2 2.000 spawn B hand-over {branch:1}
    s 1/2 2.000 spawn flow 2
    B 1/2 2.000 B poll {branch:1,poll:1}
    f 1/2 2.000 spawn flow 2 e
    E 1/2 2.000
    E 1/2 2.100
    ");
}

#[test]
fn an_arrow_without_one_of_its_ends_is_left_out() {
    // The first poll of branch 1 is not among those kept, branch 2 was handed over beyond the limit, and
    // branch 3 seems polled before it was handed over.
    let sample = Sample {
        trace: vec![poll(0, 1, 20, 30), poll(2, 1, 30, 40), poll(3, 1, 10, 15)],
        handed: vec![handed(0, 0, 0, 5), handed(1, 0, 5, 9), handed(3, 0, 12, 14)],
        ..sample(4.0, 1.0)
    };
    let spawn = cell("smol:workers@2/digest/spawn@4");
    let trace = traced(&[(&spawn, &sample)]);
    let (starts, ends) = ("\ns ", "\nf ");
    let text = events(&trace);
    assert_eq!(
        (text.matches(starts).count(), text.matches(ends).count()),
        (1, 1)
    );
    assert_eq!(trace.flows, 1);
}

#[test]
fn what_no_clock_shows_is_cut_to_what_the_format_can_say() {
    let sample = Sample {
        trace: vec![
            poll(0, 0, 0, 100),
            // Reaches out of the poll that it began in.
            poll(1, 0, 50, 150),
            // Ends before it begins.
            poll(2, 0, 300, 200),
        ],
        ..sample(4.0, 1.0)
    };
    let compose = cell("smol:workers@2/digest/compose@3");
    assert_snapshot!(events(&traced(&[(&compose, &sample)])), @r"
    B 1/2 0.000 A poll {branch:0,poll:1}
    B 1/2 0.050 B poll {branch:1,poll:1}
    E 1/2 0.100
    E 1/2 0.100
    B 1/2 0.300 C poll {branch:2,poll:1}
    E 1/2 0.300
    ");
}
