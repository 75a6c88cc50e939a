//! JSON into structs: bound by the allocator.

use std::{hint::black_box, sync::OnceLock};

use runtime_api::Runtime;
use serde::{Deserialize, Serialize};
use workload_api::{Env, Workload, mix};

/// Records in the document: about 8 KiB of JSON, and about 200 allocations to take it in.
const RECORDS: u64 = 48;

/// Any number: it makes the records look unlike those of other workloads.
const SALT: u64 = 0x5eed;

/// n branches, each parsing one JSON document `env.steps` times into records with strings of their
/// own.
#[derive(Clone, Copy, Debug)]
pub struct Parse;

impl Workload for Parse {
    const OFFLOADS: bool = true;

    fn prepare(self, _env: &Env) -> Result<(), String> {
        let document = Document::new().map_err(|error| format!("parse: no document: {error}"))?;
        DOCUMENT.get_or_init(|| document);
        Ok(())
    }

    async fn branch<R: Runtime>(self, env: Env, index: usize) -> u64 {
        let document = document();
        fold(&env, index, || {
            // Hidden from the optimiser, lest it parse the same text only once.
            let records = read(black_box(&document.text));
            fingerprint(&records)
        })
    }

    fn expected(self, env: &Env, index: usize) -> u64 {
        let fingerprint = document().fingerprint;
        fold(env, index, || fingerprint)
    }
}

#[derive(Serialize, Deserialize)]
struct Record {
    id: u64,
    name: String,
    email: String,
    balance_cents: i64,
    active: bool,
    tags: Vec<String>,
}

impl Record {
    fn new(id: u64) -> Self {
        let random = mix(SALT, id);
        Self {
            id,
            name: format!("Customer {random:016x}"),
            email: format!("{:08x}@example.org", random as u32),
            balance_cents: random as i64 >> 24,
            active: random & 1 == 0,
            tags: vec![
                format!("region-{}", random % 17),
                format!("tier-{}", random % 5),
            ],
        }
    }
}

/// The text, and what the records that it was made from come to.
struct Document {
    text: String,
    fingerprint: u64,
}

static DOCUMENT: OnceLock<Document> = OnceLock::new();

fn document() -> &'static Document {
    DOCUMENT
        .get()
        .expect("`prepare` runs before any branch and makes the document")
}

impl Document {
    fn new() -> serde_json::Result<Self> {
        let records: Vec<Record> = (0..RECORDS).map(Record::new).collect();
        Ok(Self {
            text: serde_json::to_string(&records)?,
            fingerprint: fingerprint(&records),
        })
    }
}

fn read(text: &str) -> Vec<Record> {
    serde_json::from_str(text).expect("the document was written from records by serde itself")
}

/// Touches every field and every byte, and costs little beside the parsing.
fn fingerprint(records: &[Record]) -> u64 {
    records.iter().fold(0, |print, record| {
        let numbers = record.id ^ record.balance_cents as u64 ^ u64::from(record.active) << 63;
        let texts = [&record.name, &record.email]
            .into_iter()
            .chain(&record.tags)
            .fold(0, |sum: u64, text| sum.rotate_left(11) ^ bytes(text));
        mix(print, numbers ^ texts)
    })
}

fn bytes(text: &str) -> u64 {
    let sum: u32 = text.bytes().map(u32::from).sum();
    u64::from(sum) << 16 | text.len() as u64
}

/// Folds what `step` gives, `env.steps` times.
fn fold(env: &Env, index: usize, step: impl Fn() -> u64) -> u64 {
    (0..env.steps).fold(mix(env.nonce, index as u64), |answer, _| {
        mix(answer, step())
    })
}

#[cfg(test)]
mod tests {
    use workload_testing::{Answers, env};

    use super::*;

    #[test]
    fn answers_are_as_expected_and_depend_on_everything() {
        Answers::of(Parse, &env()).are_expected_and_differ();
        Answers::of(Parse, &env()).differ_by_steps();
    }

    #[test]
    fn the_document_has_its_size_and_its_records() {
        let document = Document::new().unwrap();
        assert!(
            (7_000..10_000).contains(&document.text.len()),
            "{}",
            document.text.len()
        );
        let records = read(&document.text);
        assert_eq!(records.len() as u64, RECORDS);
        assert_eq!(records[7].email, Record::new(7).email);
    }

    #[test]
    fn every_field_changes_the_fingerprint() {
        let changes: [fn(&mut Record); 6] = [
            |r| r.id += 1,
            |r| r.name.push('x'),
            |r| r.email.push('x'),
            |r| r.balance_cents += 1,
            |r| r.active = !r.active,
            |r| r.tags[1].push('x'),
        ];
        let of = |record| fingerprint(&[record]);
        for (which, change) in changes.iter().enumerate() {
            let mut record = Record::new(3);
            change(&mut record);
            assert_ne!(of(record), of(Record::new(3)), "change {which}");
        }
    }
}
