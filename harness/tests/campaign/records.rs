//! Records that were damaged, or changed on purpose: nothing that reads them falls over, and what was sealed is not believed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use harness_judge::check::check;
use serde_json::{Value, json};

use super::{
    ground::Ground,
    perform::quickly,
    place::Place,
    properties::{of_errors, of_program, of_record},
};
use crate::common::{self, PROGRAM};

const DAMAGES: [&str; 14] = [
    "bit",
    "bytes",
    "cut",
    "cut-line",
    "line-gone",
    "line-twice",
    "lines-swapped",
    "field",
    "field",
    "field",
    "empty",
    "gone",
    "folder",
    "fifo",
];

/// Commands that read records, with what stands before the record.
const READERS: [&[&str]; 7] = [
    &["report"],
    &["report", "--format=json"],
    &["report", "--format=csv"],
    &["report", "--format=markdown"],
    &["report", "--details"],
    &["crossing"],
    &["run", "--quiet", "--format=json", "--resume"],
];
/// Those of the second program; one wants the record twice.
const SECOND: [&[&str]; 4] = [
    &["compare"],
    &["merge"],
    &["merge", "--format=json"],
    &["export", "--format=csv"],
];

pub(super) fn trial(
    random: &mut fastrand::Rng,
    ground: &Ground,
    place: &Place,
) -> (String, Vec<String>) {
    let all = &ground.records;
    let original = &all[random.usize(..all.len())];
    let record = place.at("record");
    common::copy(original, &record);
    let sealed = record.join("seal.json").exists() && random.u8(..3) == 0;
    if !sealed {
        let _ = fs::remove_file(record.join("seal.json"));
    }
    let packed = record.join("samples.jsonl.gz").exists();
    let events = if packed {
        "samples.jsonl.gz"
    } else {
        "samples.jsonl"
    };
    let file = match random.u8(..10) {
        0..4 => "run.json",
        4 if sealed => "seal.json",
        _ => events,
    };
    let mut damage = DAMAGES[random.usize(..DAMAGES.len())];
    if packed
        && file == events
        && matches!(
            damage,
            "cut-line" | "line-gone" | "line-twice" | "lines-swapped" | "field"
        )
    {
        damage = "bytes";
    }
    for _ in 0..if random.u8(..4) == 0 { 3 } else { 1 } {
        hurt(random, &record.join(file), damage);
    }
    let kind = format!(
        "records {file} {damage}{}",
        if sealed { " sealed" } else { "" }
    );
    let before = contents(&record);
    let changed = before != contents(original);

    let mut wrong = Vec::new();
    let checked = quickly(place, Path::new(PROGRAM), &["check"], &record);
    wrong.extend(of_program(&checked, &[0, 2]));
    if checked.code() == Some(2) && checked.errors() == 0 {
        wrong.push(format!("refused, and nothing says why: {}", checked.said()));
    }
    if sealed
        && changed
        && file != "seal.json"
        && checked.code() == Some(0)
        && !is_same(original, &record)
    {
        wrong.push(format!(
            "sealed, changed, and check finds nothing: {}",
            checked.said()
        ));
    }
    let (program, args) = reader(random, ground);
    let mut args = args.to_vec();
    let (adapters, text) = (place.at("adapters"), record.clone());
    let resumes = args.contains(&"--resume");
    if resumes {
        args.splice(1..1, ["--adapters", adapters.to_str().unwrap()]);
    }
    if args == ["compare"] {
        args.push(text.to_str().unwrap());
    }
    let read = quickly(place, &program, &args, &record);
    wrong.extend(of_program(&read, &[0, 1, 2]));
    wrong.extend(of_errors(&read, false));
    if !resumes && contents(&record) != before {
        wrong.push(format!("{args:?} changed the record"));
    }
    if resumes && matches!(read.code(), Some(0 | 1)) && read.errors() == 0 {
        wrong.extend(of_record(&record));
    }
    for what in &mut wrong {
        *what += &format!("\n  read: {args:?}");
    }
    (kind, wrong)
}

/// One program that reads records.
fn reader(random: &mut fastrand::Rng, ground: &Ground) -> (PathBuf, &'static [&'static str]) {
    match &ground.second {
        Some(second) if random.bool() => (second.clone(), SECOND[random.usize(..SECOND.len())]),
        _ => (PROGRAM.into(), READERS[random.usize(..READERS.len())]),
    }
}

/// All files of a record, as far as they can be read.
fn contents(record: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let entries = fs::read_dir(record).unwrap();
    let mut all: Vec<(String, Option<Vec<u8>>)> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, path.is_file().then(|| fs::read(&path).unwrap()))
        })
        .filter(|(name, _)| name != "seal.json")
        .collect();
    all.sort();
    all
}

/// Whether two records hold the same, however it is compressed.
fn is_same(a: &Path, b: &Path) -> bool {
    let events = |record: &Path| {
        let bytes = fs::read(record.join("samples.jsonl.gz")).ok()?;
        let mut text = Vec::new();
        std::io::Read::read_to_end(
            &mut flate2::read::MultiGzDecoder::new(bytes.as_slice()),
            &mut text,
        )
        .ok()?;
        Some(text)
    };
    let head = |record: &Path| fs::read(record.join("run.json")).ok();
    head(a) == head(b)
        && events(a).is_some()
        && events(a) == events(b)
        && check(a).problems.is_empty()
}

fn hurt(random: &mut fastrand::Rng, file: &Path, damage: &str) {
    // What is hurt again may be no file any more, and a fifo has no end.
    if !file.is_file() {
        return;
    }
    let mut bytes = fs::read(file).unwrap();
    if bytes.is_empty() {
        return;
    }
    let at = random.usize(..bytes.len());
    match damage {
        "bit" => bytes[at] ^= 1 << random.u8(..8),
        "bytes" => {
            let end = (at + random.usize(1..40)).min(bytes.len());
            let other: Vec<u8> = (0..random.usize(..40)).map(|_| random.u8(..)).collect();
            bytes.splice(at..end, other);
        }
        "cut" => bytes.truncate(at),
        "empty" => bytes.clear(),
        "gone" => return fs::remove_file(file).unwrap(),
        "folder" => {
            fs::remove_file(file).unwrap();
            return fs::create_dir(file).unwrap();
        }
        "fifo" => {
            fs::remove_file(file).unwrap();
            assert!(Command::new("mkfifo").arg(file).status().unwrap().success());
            return;
        }
        _ => bytes = of_lines(random, &bytes, damage),
    }
    fs::write(file, bytes).unwrap();
}

/// Damages lines: of a document of many lines, which is one value, only fields.
fn of_lines(random: &mut fastrand::Rng, bytes: &[u8], damage: &str) -> Vec<u8> {
    if let (Ok(mut value), "field") = (serde_json::from_slice::<Value>(bytes), damage) {
        field(random, &mut value);
        return format!("{value:#}\n").into_bytes();
    }
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let (one, other) = (random.usize(..lines.len()), random.usize(..lines.len()));
    match damage {
        "cut-line" => {
            let length = random.usize(..lines[one].len());
            lines[one].truncate(length);
        }
        "line-gone" => drop(lines.remove(one)),
        "line-twice" => lines.insert(other, lines[one].clone()),
        "lines-swapped" => lines.swap(one, other),
        _ => {
            if let Ok(mut value) = serde_json::from_slice::<Value>(&lines[one]) {
                field(random, &mut value);
                lines[one] = format!("{value}\n").into_bytes();
            }
        }
    }
    lines.concat()
}

/// Changes a field somewhere in a value.
fn field(random: &mut fastrand::Rng, value: &mut Value) {
    let deeper = random.u8(..8) > 0;
    match value {
        Value::Object(fields) if !fields.is_empty() && deeper => {
            let at = random.usize(..fields.len());
            let name = fields.keys().nth(at).unwrap().clone();
            if random.u8(..12) == 0 {
                fields.remove(&name);
            } else {
                field(random, &mut fields[&name]);
            }
        }
        Value::Array(items) if !items.is_empty() && deeper => {
            let at = random.usize(..items.len());
            match random.u8(..8) {
                0 => drop(items.remove(at)),
                1 => items.insert(at, items[at].clone()),
                _ => field(random, &mut items[at]),
            }
        }
        Value::Number(number) if random.bool() => {
            // Near to what it was, as somebody would who wants it to be believed.
            let near = number.as_f64().unwrap_or(0.0) * (0.5 + random.f64());
            *value = if number.is_f64() {
                json!(near)
            } else {
                json!(near as u64)
            };
        }
        value => *value = odd(random),
    }
}

fn odd(random: &mut fastrand::Rng) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(u64::MAX),
        json!(1_u64 << 53),
        json!(i64::MIN),
        json!(1e308),
        json!(-0.5),
        json!(0.1),
        json!(""),
        json!(" "),
        json!("../../x"),
        json!("\u{1b}[31m\u{7}"),
        json!("a\nb"),
        json!("<img src=x onerror=alert(1)>"),
        json!("| a | b |"),
        json!([]),
        json!({}),
        json!([null]),
        json!("threads"),
        json!("ok"),
        json!("2026-11-30T00:00:00Z"),
        json!(100_000_000),
    ];
    all[random.usize(..all.len())].clone()
}
