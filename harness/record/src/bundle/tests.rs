//! Records written and read again.

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::fabricated::{
    MS, block, block_of_many, cell, disturbed_block, header, options, overlapping, sample, smol,
    smol_run, threads, unasked,
};

const C: &str = "smol:workers@2/digest/compose@2";

fn some_header() -> Header {
    header(vec![unasked(threads()), smol()], options(), 2)
}

/// One of everything that can happen.
fn events() -> Vec<Event> {
    let mut traced = overlapping(4.1, 1.9, 2);
    traced.trace = vec![harness_protocol::Poll {
        branch: 1,
        thread: 0,
        start_ns: 5,
        end_ns: 9,
    }];
    traced.queued_ns = Some(3);
    vec![
        Event::Steps {
            scenario: "digest".to_owned(),
            steps: 419,
            step_ns: 9_512.25,
        },
        Event::Calibration {
            cell: cell("smol:workers@2/digest/sequential@2"),
            branch: 1,
            alone: laws::Branch {
                wait_ns: 3,
                work_ns: 4 * MS,
            },
        },
        Event::Prediction {
            cell: cell(C),
            wall_ns: 8 * MS,
            wait_ns: 3,
            work_ns: 8 * MS,
            floor_ns: 4 * MS,
        },
        Event::Comparisons { comparisons: 25 },
        Event::Round {
            block: 0,
            cell: cell(C),
            order: 0,
            status: CellStatus::Ok,
            reason: None,
            stderr: String::new(),
            samples: vec![traced, sample(8.0, 1.0)],
        },
        Event::Round {
            block: 0,
            cell: cell("smol:workers@2/digest/spawn@2"),
            order: 1,
            status: CellStatus::Crashed,
            reason: Some("panicked after 3 µs".to_owned()),
            stderr: "thread 'main' panicked\n".to_owned(),
            samples: Vec::new(),
        },
        Event::Block {
            block: 0,
            runtime: "smol".to_owned(),
            scenario: "digest".to_owned(),
            took_ns: 77,
            load: None,
            disturbed: Some("others used 0.90 of 2 cores".to_owned()),
        },
        Event::End { interrupted: true },
    ]
}

/// What a bundle holds, in a form that can be compared.
fn everything(bundle: &Bundle) -> String {
    let mut steps: Vec<_> = bundle.steps.iter().collect();
    steps.sort();
    let mut predictions: Vec<_> = bundle.predictions.iter().collect();
    predictions.sort_by_key(|(cell, _)| (*cell).clone());
    let blocks: Vec<_> = bundle
        .blocks
        .iter()
        .map(|block| {
            let mut rounds: Vec<_> = block.rounds.iter().collect();
            rounds.sort_by_key(|(cell, _)| (*cell).clone());
            let of_block = (
                &block.runtime,
                &block.scenario,
                block.took_ns,
                &block.disturbed,
            );
            format!("{of_block:?} {} {rounds:?}", block.complete)
        })
        .collect();
    format!(
        "{:?} {:?} {steps:?} {predictions:?} {blocks:?} {:?} {:?}",
        bundle.header, bundle.plan, bundle.comparisons, bundle.ended
    )
}

/// A record of these events, and the folder that it lies in.
fn recorded(events: Vec<Event>) -> (TempDir, Recorder) {
    let results = tempfile::tempdir().unwrap();
    let mut recorder = Recorder::create(results.path(), some_header()).unwrap();
    for event in events {
        recorder.add(event).unwrap();
    }
    (results, recorder)
}

#[test]
fn what_is_written_is_read_again() {
    let (results, recorder) = recorded(events());
    let read = Bundle::read(recorder.folder()).unwrap();
    assert_eq!(everything(&read), everything(&recorder.bundle));
    assert_eq!(read.comparisons, Some(25));
    assert_eq!(read.ended, Some(true));
    assert_eq!(read.blocks.len(), 1);
    assert!(read.blocks[0].complete);
    let reason = read
        .failure(&cell("smol:workers@2/digest/spawn@2"))
        .and_then(|round| round.reason.clone());
    assert_eq!(reason.as_deref(), Some("panicked after 3 µs"));
    assert_eq!(read.trace(&cell(C)).unwrap().len(), 1);
    assert!(recorder.folder().ends_with("20260102T030405-7"));
    let left: Vec<_> = fs::read_dir(recorder.folder()).unwrap().collect();
    assert_eq!(left.len(), 2, "no draft stays behind");
    assert_eq!(fs::read_dir(results.path()).unwrap().count(), 1);
}

/// A kill cuts anywhere, within a character too: every event before the cut is there, and no other.
#[test]
fn a_record_cut_short_is_read_up_to_its_last_whole_line() {
    let (_results, recorder) = recorded(events());
    let path = recorder.folder().join(EVENTS);
    let whole = fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let read = Bundle::read(recorder.folder()).unwrap();
        let lines = whole[..cut].iter().filter(|byte| **byte == b'\n').count();
        let mut expected = Bundle::new(some_header());
        for event in events().into_iter().take(lines) {
            expected.add(event);
        }
        assert_eq!(everything(&read), everything(&expected), "cut at {cut}");
    }
}

#[test]
fn a_bad_line_is_named_wherever_it_stands() {
    let (_results, recorder) = recorded(events());
    let path = recorder.folder().join(EVENTS);
    let text = fs::read_to_string(&path).unwrap();
    for bad in [1, 3, text.lines().count()] {
        let spoilt: String = text
            .lines()
            .enumerate()
            .map(|(i, line)| {
                if i + 1 == bad {
                    "{\"event\":\"what\"}\n".to_owned()
                } else {
                    format!("{line}\n")
                }
            })
            .collect();
        fs::write(&path, spoilt).unwrap();
        let error = Bundle::read(recorder.folder()).unwrap_err().to_string();
        let place = format!(
            "samples.jsonl, line {bad}: event: \"what\" stands where one of \"verified\", \"demands\", "
        );
        assert!(error.contains(&place), "{error}");
    }
}

#[test]
fn a_block_out_of_turn_is_no_reason_to_allocate_for_it() {
    for block in [2, u64::MAX] {
        let mut all = events();
        all.truncate(7);
        let (_results, recorder) = recorded(all);
        let path = recorder.folder().join(EVENTS);
        let mut text = fs::read_to_string(&path).unwrap();
        text.push_str(&format!(
            "{{\"event\":\"block\",\"block\":{block},\"runtime\":\"smol\",\"scenario\":\"digest\",\"took_ns\":1}}\n"
        ));
        fs::write(&path, text).unwrap();
        let error = Bundle::read(recorder.folder()).unwrap_err().to_string();
        assert!(
            error.contains("line 8") && error.contains("block 1 is the next"),
            "{error}"
        );
    }
}

/// A law that speaks after the fact is no prediction, and one that was made is not made again.
#[test]
fn a_prediction_after_the_first_block_is_an_error_in_the_record() {
    let (_results, recorder) = recorded(events());
    let path = recorder.folder().join(EVENTS);
    let whole = fs::read_to_string(&path).unwrap();
    let prediction = whole.lines().nth(2).unwrap();
    for name in [C, "smol:workers@2/digest/sequential@2"] {
        let late = prediction.replace(C, name);
        fs::write(&path, format!("{whole}{late}\n")).unwrap();
        let error = Bundle::read(recorder.folder()).unwrap_err().to_string();
        assert!(
            error.contains("line 9: ") && error.contains(&format!("{name} is predicted after")),
            "{error}"
        );
    }
}

/// Rounds are read by a shorter way, if they begin as we write them.
#[test]
fn an_event_is_the_same_whichever_way_it_is_read() {
    for event in events() {
        let line = serde_json::to_string(&event).unwrap();
        let plain: Event = serde_json::from_str(&line).unwrap();
        assert_eq!(plain, event);
        assert_eq!(Event::of_line(line.as_bytes()).unwrap(), event);
        if matches!(event, Event::Round { .. }) {
            assert_eq!(event::short(line.as_bytes()).unwrap().unwrap(), event);
        }
        // As another program may write it.
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        let other = format!(" {value} ");
        assert_eq!(Event::of_line(other.as_bytes()).unwrap(), event);
    }
    for wrong in [
        r#"{"event":"round","block":0}"#,
        r#"{"event":"round","block":-1,"#,
    ] {
        let plain = serde_json::from_str::<Event>(wrong).unwrap_err();
        let shorter = Event::of_line(wrong.as_bytes()).unwrap_err();
        assert_eq!(shorter.to_string(), plain.to_string());
    }
}

#[test]
fn a_record_of_another_version_says_which() {
    let (_results, recorder) = recorded(Vec::new());
    // Whatever else that version's header holds.
    fs::write(
        recorder.folder().join(HEADER),
        "{\"schema\": 5, \"new\": []}",
    )
    .unwrap();
    let error = Bundle::read(recorder.folder()).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "run.json, line 1: schema: the record has schema 5, and this harness reads 4: read it with \
             the harness that wrote it, or a later one"
        ),
        "{error}"
    );
    fs::write(recorder.folder().join(HEADER), "{}").unwrap();
    let error = Bundle::read(recorder.folder()).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "run.json, line 1: schema: it is missing; expected the version of the record"
        ),
        "{error}"
    );
}

#[test]
fn a_folder_without_a_record_is_told_so() {
    let empty = tempfile::tempdir().unwrap();
    let error = Bundle::read(empty.path()).unwrap_err().to_string();
    assert!(
        error.contains("this is no record of a run: it has no run.json"),
        "{error}"
    );
}

#[test]
fn a_record_is_never_written_over() {
    let (results, first) = recorded(events());
    let before = Bundle::read(first.folder()).unwrap();
    // Of the same second and seed.
    let second = Recorder::create(results.path(), some_header()).unwrap();
    assert_ne!(second.folder(), first.folder());
    let after = Bundle::read(first.folder()).unwrap();
    assert_eq!((after.header, after.blocks), (before.header, before.blocks));
}

#[test]
fn rounds_of_a_cell_come_with_their_blocks_and_the_first_failure_is_named() {
    let mut bundle = Bundle::new(some_header());
    block(&mut bundle, &[(C, sample(8.0, 1.0))]);
    disturbed_block(&mut bundle, &[(C, sample(9.0, 1.0))]);
    let c = cell(C);
    let disturbed: Vec<bool> = bundle
        .rounds(&c)
        .map(|(block, _)| block.disturbed.is_some())
        .collect();
    assert_eq!(disturbed, [false, true]);
    assert!(bundle.failure(&c).is_none());
    crate::fabricated::failed(&mut bundle, C, CellStatus::Timeout, "first");
    crate::fabricated::failed(&mut bundle, C, CellStatus::Wrong, "second");
    assert_eq!(bundle.failure(&c).unwrap().status, CellStatus::Timeout);
    let sibling = bundle.sibling(&c, Primitive::Sequential).unwrap();
    assert_eq!(sibling.to_string(), "smol:workers@2/digest/sequential@2");
    assert_eq!(bundle.sibling(&c, Primitive::Dispatch), None);
}

/// What a machine wrote that lost its power: the file is as long as it was to be, and its end is nought.
#[test]
fn a_line_of_noughts_is_a_line_cut_short() {
    let (_results, recorder) = recorded(events());
    let path = recorder.folder().join(EVENTS);
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend([0; 100]);
    fs::write(&path, bytes).unwrap();
    let read = Bundle::read(recorder.folder()).unwrap();
    assert_eq!(everything(&read), everything(&recorder.bundle));
}

#[test]
fn a_sealed_record_is_refused_when_a_byte_of_it_changes() {
    let (_results, mut recorder) = recorded(events());
    let folder = recorder.folder().to_owned();
    assert!(!Bundle::read(&folder).unwrap().sealed);
    recorder.seal().unwrap();
    assert!(Bundle::read(&folder).unwrap().sealed);
    for (file, from, to, field) in [
        (EVENTS, "\"took_ns\":77", "\"took_ns\":78", ""),
        (HEADER, "\"seed\": 7", "\"seed\": 8", "seed: "),
        (EVENTS, "}\n", "} \n", ""),
    ] {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let line = 1 + text[..text.find(from).unwrap()].matches('\n').count();
        let error = Bundle::read(&folder).unwrap_err().to_string();
        let named = format!("{file}, line {line}: {field}it was changed after the run had ended");
        assert!(error.contains(&named), "{error}");
        fs::write(&path, text).unwrap();
    }
    for seal in [
        "{",
        "{}",
        "{\"sha256\":{\"run.json\":\"\",\"samples.jsonl\":\"\",\"x\":\"\"}}",
    ] {
        fs::write(folder.join("seal.json"), seal).unwrap();
        let error = Bundle::read(&folder).unwrap_err().to_string();
        assert!(error.contains("seal.json: this is no seal: "), "{error}");
    }
}

/// Of the empty text, as FIPS 180-4 has it worked out everywhere.
#[test]
fn a_sum_is_a_sha_256() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(sum(b""), empty);
}

#[test]
fn a_record_goes_on_behind_its_last_whole_line() {
    let mut some = events();
    some.truncate(5);
    let (_results, recorder) = recorded(some);
    let folder = recorder.folder().to_owned();
    let whole = fs::read(folder.join(EVENTS)).unwrap();
    // While somebody records in it nobody else may.
    if cfg!(unix) {
        let error = Reopened::open(&folder).unwrap_err().to_string();
        assert!(error.contains("another harness is recording in"), "{error}");
    }
    drop(recorder);
    let mut cut = whole.clone();
    cut.extend(b"{\"event\":\"bl");
    fs::write(folder.join(EVENTS), &cut).unwrap();
    let reopened = Reopened::open(&folder).unwrap();
    assert_eq!(reopened.cut(), 12);
    assert_eq!(
        fs::read(folder.join(EVENTS)).unwrap(),
        cut,
        "nothing is changed yet"
    );
    let mut recorder = reopened.resume().unwrap();
    recorder.add(Event::End { interrupted: false }).unwrap();
    let after = fs::read(folder.join(EVENTS)).unwrap();
    let rest = after.strip_prefix(whole.as_slice()).unwrap();
    let rest: Vec<&str> = str::from_utf8(rest).unwrap().lines().collect();
    assert_eq!(rest.len(), 2);
    assert!(
        rest[0].starts_with("{\"event\":\"resumed\",\"at\":\"2"),
        "{}",
        rest[0]
    );
    let read = Bundle::read(&folder).unwrap();
    assert_eq!((read.resumed.len(), read.ended), (1, Some(false)));
    assert_eq!(everything(&read), everything(&recorder.bundle));
}

/// The home directory stands for whatever names a person: it is known wherever tests run.
#[test]
fn what_names_a_person_is_not_recorded() {
    let Some(home) = std::env::var("HOME").ok().filter(|home| home.len() > 2) else {
        return;
    };
    let path = format!("{home}/somewhere");
    let results = tempfile::tempdir().unwrap();
    let mut header = some_header();
    header.command.push(format!("--results={path}"));
    header.note = Some(format!("in {path}"));
    header.entrants[1].unavailable = Some(format!("{path}: no such file"));
    let mut recorder = Recorder::create(results.path(), header).unwrap();
    let said = |text: &str| format!("{text} at {path}:1");
    recorder
        .add(Event::Verified(Tried {
            broken: Some(said("broken")),
            ..Tried::default()
        }))
        .unwrap();
    recorder
        .add(Event::Demands {
            runtime: "smol".to_owned(),
            demands: Demands::unknown(said("unknown")),
        })
        .unwrap();
    recorder
        .add(Event::Round {
            block: 0,
            cell: cell(C),
            order: 0,
            status: CellStatus::Crashed,
            reason: Some(said("panicked")),
            stderr: said("last words"),
            samples: Vec::new(),
        })
        .unwrap();
    let read = |file| fs::read_to_string(recorder.folder().join(file)).unwrap();
    let (head, events) = (read(HEADER), read(EVENTS));
    let named: Vec<&str> = head.lines().filter(|line| line.contains(&home)).collect();
    assert_eq!(named.len(), 1, "{named:?}");
    assert!(
        named[0].contains("\"note\""),
        "they asked for that: {named:?}"
    );
    assert!(head.contains("\"--results=~/somewhere\""), "{head}");
    assert!(!events.contains(&home), "{events}");
    assert_eq!(events.matches(" at ~/somewhere:1").count(), 4, "{events}");
    // What is in memory is what is in the file.
    let bundle = Bundle::read(recorder.folder()).unwrap();
    assert_eq!(everything(&bundle), everything(&recorder.bundle));
}

/// Now and then two spawned branches come to lie on one core: true of that sample, and no picture of the
/// cell.
#[test]
fn the_sample_that_stands_for_a_cell_is_its_most_usual_one() {
    let mut bundle = smol_run();
    let name = "smol:workers@2/digest/spawn@2";
    let traced = |wall_ms| Sample {
        trace: vec![harness_protocol::Poll {
            branch: 0,
            thread: 0,
            start_ns: 0,
            end_ns: 1,
        }],
        ..sample(wall_ms, 1.9)
    };
    let several = [traced(8.0), traced(4.4), traced(4.1)].to_vec();
    block_of_many(&mut bundle, &[(name, several)], None);
    for wall_ms in [4.0, 4.2, 4.3] {
        block(&mut bundle, &[(name, sample(wall_ms, 1.9))]);
    }
    // By hand: the rounds say 4.1, 4.0, 4.2 and 4.3, so 4.15 at the median.
    let cell = cell(name);
    assert_eq!(bundle.traced(&cell).unwrap().wall_ns, 4_100_000);
    // Nothing but a disturbed block kept any polls.
    let mut busy = smol_run();
    block_of_many(&mut busy, &[(name, vec![traced(9.0)])], Some("others"));
    block(&mut busy, &[(name, sample(4.0, 1.9))]);
    assert_eq!(busy.traced(&cell).unwrap().wall_ns, 9_000_000);
}

/// Two runs of one second and seed, as two scripts that start together have them, are two records.
#[test]
fn runs_of_one_second_do_not_collide() {
    let results = TempDir::new().unwrap();
    let recorders: Vec<Recorder> = (0..3)
        .map(|_| Recorder::create(results.path(), some_header()).unwrap())
        .collect();
    let names: Vec<String> = recorders
        .iter()
        .map(|recorder| {
            let name = recorder.folder().file_name().unwrap();
            name.to_str().unwrap().to_owned()
        })
        .collect();
    let first = &names[0];
    assert_eq!(names[1..], [format!("{first}-2"), format!("{first}-3")]);
    for recorder in recorders {
        assert!(Bundle::read(recorder.folder()).is_ok());
    }
    // What was left of one that was killed while it began is in nobody's way.
    fs::create_dir(results.path().join(format!(".{first}-4.part"))).unwrap();
    let recorder = Recorder::create(results.path(), some_header()).unwrap();
    assert!(recorder.folder().ends_with(format!("{first}-5")));
}

/// What belongs on no screen is no part of a record, wherever it came from.
#[test]
fn what_does_something_to_a_screen_is_not_recorded() {
    let results = TempDir::new().unwrap();
    let mut header = some_header();
    header.host.cpu = Some("\u{1b}[31mCPU\u{7f}".to_owned());
    header.builds = vec!["CARGO_ENCODED_RUSTFLAGS=-Ca\u{1f}-Cb".to_owned()];
    let mut recorder = Recorder::create(results.path(), header).unwrap();
    let failed = |reason: &str| Event::Round {
        block: 0,
        cell: cell(C),
        order: 0,
        status: CellStatus::Crashed,
        reason: Some(reason.to_owned()),
        stderr: "two\nlines".to_owned(),
        samples: Vec::new(),
    };
    recorder.add(failed("bell \u{7}, and \u{9b}2J")).unwrap();
    let read = Bundle::read(recorder.folder()).unwrap();
    for bundle in [&recorder.bundle, &read] {
        assert_eq!(
            bundle.header.host.cpu.as_deref(),
            Some("\u{fffd}[31mCPU\u{fffd}")
        );
        assert_eq!(
            bundle.header.builds,
            ["CARGO_ENCODED_RUSTFLAGS=-Ca\u{fffd}-Cb"]
        );
        let cell = cell(C);
        let round = bundle.failure(&cell).unwrap();
        assert_eq!(
            round.reason.as_deref(),
            Some("bell \u{fffd}, and \u{fffd}2J")
        );
        assert_eq!(round.stderr, "two\nlines");
    }
}
