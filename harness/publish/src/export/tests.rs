use std::{collections::BTreeMap, fs::File, io::Write as _};

use ::parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::Field,
};
use harness_protocol::Sample;

use super::*;
use harness_record::{
    bundle::{CellStatus, Event, Header},
    fabricated::{block_of_many, cell, disturbed_block, failed, sample, smol_run},
};

/// Two blocks that went well, one of them disturbed, and one that failed. The second arm of the first
/// block has two samples.
fn bundle() -> Bundle {
    let mut bundle = smol_run();
    let whole = Sample {
        queued_ns: Some(7),
        stall_ns: Some(11),
        wrong: Some("a|b\nc".to_owned()),
        ..sample(8.0, 1.0)
    };
    let arms = [
        ("smol:workers@2/digest/spawn@2", vec![sample(4.0, 2.0)]),
        (
            "smol:workers@2/digest/compose@2",
            vec![whole, sample(9.5, 1.0)],
        ),
    ];
    block_of_many(&mut bundle, &arms, None);
    let timers = ("smol:default@1/timers/compose@3", sample(5.0, 0.01));
    disturbed_block(&mut bundle, &[timers]);
    let worker = "smol:workers@2/ready/spawn@2/worker";
    failed(&mut bundle, worker, CellStatus::Timeout, "too slow");
    bundle
}

/// Each row as CSV has it, by column.
fn csv_of(runs: &[Run<'_>]) -> Vec<BTreeMap<String, String>> {
    let bytes = text::csv(runs).unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// The same as a reader of JSON has it, in the words of CSV.
fn json_of(runs: &[Run<'_>]) -> Vec<BTreeMap<String, String>> {
    let bytes = text::json(runs).unwrap();
    let rows: Vec<BTreeMap<String, serde_json::Value>> = serde_json::from_slice(&bytes).unwrap();
    let plain = |value: serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text,
        other => other.to_string().trim_end_matches(".0").to_owned(),
    };
    rows.into_iter()
        .map(|row| row.into_iter().map(|(k, v)| (k, plain(v))).collect())
        .collect()
}

fn reader(runs: &[Run<'_>]) -> SerializedFileReader<File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&parquet::of(runs).unwrap()).unwrap();
    SerializedFileReader::new(file).unwrap()
}

/// The same as a reader of Parquet has it, in the words of CSV.
fn parquet_of(runs: &[Run<'_>]) -> Vec<BTreeMap<String, String>> {
    let plain = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Long(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Bool(truth) => truth.to_string(),
        other => panic!("no column has this type: {other:?}"),
    };
    reader(runs)
        .into_iter()
        .map(|row| {
            let row = row.unwrap();
            let columns = row.get_column_iter();
            columns.map(|(k, v)| (k.clone(), plain(v))).collect()
        })
        .collect()
}

#[test]
fn a_row_is_a_sample_and_a_round_that_failed_has_one() {
    let bundle = bundle();
    let run = Run {
        name: "first",
        bundle: &bundle,
    };
    let rows = csv_of(&[run]);
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            let of = |column: &str| row[column].as_str();
            [
                "run",
                "version",
                "flavour",
                "root",
                "primitive",
                "block",
                "order",
                "sample",
                "status",
                "disturbed",
                "wall_ns",
                "cpu_ns",
                "stall_ns",
                "steps",
            ]
            .map(of)
            .join(" ")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "first 1.2.3 workers block_on spawn 0 0 0 ok false 4000000 8000000  400",
            "first 1.2.3 workers block_on compose 0 1 0 ok false 8000000 8000000 11 400",
            "first 1.2.3 workers block_on compose 0 1 1 ok false 9500000 9500000  400",
            "first 1.2.3 default block_on compose 1 0 0 ok true 5000000 50000  ",
            "first 1.2.3 workers worker spawn 2 0  timeout false    ",
        ]
    );
    // d + n·c: 2 branches of 4 ms each compute in turn; a timer waits 5 ms and works 10 µs, three times.
    assert_eq!(rows[1]["predicted_ns"], "8000000");
    assert_eq!(rows[3]["predicted_ns"], "5030000");
    assert_eq!(rows[3]["disturbed_by"], "others used 0.90 of 2 cores");
    assert_eq!(rows[4]["reason"], "too slow");
}

#[test]
fn all_formats_say_the_same() {
    let bundle = bundle();
    let runs = ["first", "second"].map(|name| Run {
        name,
        bundle: &bundle,
    });
    let csv = csv_of(&runs);
    assert_eq!(csv.len(), 10);
    assert_eq!(csv, parquet_of(&runs));
    assert_eq!(csv, json_of(&runs));
    assert_eq!(csv[1]["wrong"], "a|b\nc");
}

#[test]
fn markdown_keeps_a_row_a_line_whatever_a_cell_holds() {
    let bundle = bundle();
    let run = Run {
        name: "first",
        bundle: &bundle,
    };
    let text = String::from_utf8(text::markdown(&[run]).unwrap()).unwrap();
    assert_eq!(text.lines().count(), 2 + 5);
    for line in text.lines() {
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(bars, COLUMNS.len() + 1, "{line}");
    }
    assert!(text.contains("| a\\|b c |"));
}

#[test]
fn the_file_holds_the_header_of_each_run() {
    let bundle = bundle();
    let run = Run {
        name: "first",
        bundle: &bundle,
    };
    let reader = reader(&[run]);
    let metadata = reader.metadata().file_metadata();
    let pairs = metadata.key_value_metadata().unwrap();
    let header = pairs.iter().find(|pair| pair.key == "harness.run.first");
    let header = header.unwrap().value.clone().unwrap();
    let header: Header = serde_json::from_str(&header).unwrap();
    assert_eq!(header, bundle.header);
}

/// Rounds of a block lie in a map that has no order of its own.
#[test]
fn rows_are_always_in_the_same_order() {
    let once = text::csv(&[Run {
        name: "it",
        bundle: &bundle(),
    }]);
    let once = once.unwrap();
    for _ in 0..20 {
        let bundle = bundle();
        let again = text::csv(&[Run {
            name: "it",
            bundle: &bundle,
        }]);
        assert_eq!(again.unwrap(), once);
    }
}

#[test]
fn a_block_that_never_ended_says_so() {
    let mut bundle = smol_run();
    let name = "smol:workers@2/digest/spawn@2";
    bundle.add(Event::Round {
        block: 0,
        cell: cell(name),
        order: 3,
        status: CellStatus::Ok,
        reason: None,
        stderr: String::new(),
        samples: vec![sample(4.0, 2.0)],
    });
    let run = Run {
        name: "it",
        bundle: &bundle,
    };
    let rows = csv_of(&[run]);
    assert_eq!(
        (rows[0]["complete"].as_str(), rows[0]["order"].as_str()),
        ("false", "3")
    );
}

#[test]
fn the_document_has_the_columns_as_they_are() {
    let document = include_str!("../../../../docs/EXPORT.md");
    let table = columns::document();
    assert!(
        document.contains(&table),
        "docs/EXPORT.md wants this table:\n{table}"
    );
}

#[test]
fn names_are_unique_and_end_in_their_unit() {
    for (index, column) in COLUMNS.iter().enumerate() {
        assert!(
            COLUMNS[index + 1..]
                .iter()
                .all(|other| other.name != column.name)
        );
        match column.unit {
            "" => assert!(!column.name.ends_with("_ns"), "{}", column.name),
            unit => assert!(
                column.name.ends_with(&format!("_{unit}")),
                "{}",
                column.name
            ),
        }
    }
}
