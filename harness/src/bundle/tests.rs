//! Records written and read again.

use tempfile::TempDir;

use super::*;
use crate::fabricated::{
    MS, block, cell, disturbed_block, header, options, overlapping, sample, smol, threads, unasked,
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
            floor_ns: Some(4 * MS),
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
    let (_results, recorder) = recorded(events());
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
        let place = format!("samples.jsonl, line {bad}: unknown variant `what`");
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

#[test]
fn a_prediction_without_a_floor_is_an_older_one() {
    let (_results, recorder) = recorded(events());
    let path = recorder.folder().join(EVENTS);
    let text = fs::read_to_string(&path).unwrap();
    let floor = format!(",\"floor_ns\":{}", 4 * MS);
    assert!(text.contains(&floor), "{text}");
    fs::write(&path, text.replace(&floor, "")).unwrap();
    let read = Bundle::read(recorder.folder()).unwrap();
    let prediction = read.predictions[&cell(C)];
    assert_eq!((prediction.wall_ns, prediction.floor_ns), (8 * MS, None));
}

#[test]
fn a_record_of_another_version_says_which() {
    let (_results, recorder) = recorded(Vec::new());
    // Whatever else that version's header holds.
    fs::write(
        recorder.folder().join(HEADER),
        "{\"schema\": 2, \"new\": []}",
    )
    .unwrap();
    let error = Bundle::read(recorder.folder()).unwrap_err().to_string();
    assert!(
        error.ends_with("run.json has schema 2, and this harness reads 1"),
        "{error}"
    );
    fs::write(recorder.folder().join(HEADER), "{}").unwrap();
    let error = format!("{:#}", Bundle::read(recorder.folder()).unwrap_err());
    assert!(
        error.contains("run.json is not as expected: missing field `schema`"),
        "{error}"
    );
}

#[test]
fn a_folder_without_a_record_is_told_so() {
    let empty = tempfile::tempdir().unwrap();
    let error = Bundle::read(empty.path()).unwrap_err().to_string();
    assert!(
        error.contains("is no record of a run: it has no run.json"),
        "{error}"
    );
}

#[test]
fn a_record_is_never_written_over() {
    let (results, _recorder) = recorded(events());
    let error = Recorder::create(results.path(), some_header()).unwrap_err();
    assert!(
        error.to_string().contains("cannot write the record"),
        "{error}"
    );
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
