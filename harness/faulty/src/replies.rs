//! Faults of what it says: lines that are cut, twice there or gone, bytes that are others, and values that are odd.

use serde_json::{Number, Value, json};

use crate::fault::Fault;

const KINDS: [&str; 10] = [
    "cut", "open-end", "bytes", "value", "twice", "drop", "swap", "refuse", "deep", "long",
];

/// Whether the answer is another than an honest one.
pub(crate) fn spoils(fault: &Fault) -> bool {
    KINDS.contains(&fault.kind.as_str())
}

/// Makes the answer one that has this fault.
pub(crate) fn spoil(fault: &Fault, lines: &mut Vec<Vec<u8>>) {
    let mut random = fault.random();
    let random = &mut random;
    if lines.is_empty() {
        return;
    }
    let one = random.usize(..lines.len());
    match fault.kind.as_str() {
        "cut" => {
            let mut text = lines.concat();
            text.truncate(random.usize(..text.len()));
            *lines = vec![text];
        }
        "open-end" => {
            if let Some(last) = lines.last_mut() {
                last.pop();
            }
        }
        "bytes" => bytes(&mut lines[one], random),
        "value" => {
            if let Ok(mut value) = serde_json::from_slice::<Value>(&lines[one]) {
                for _ in 0..random.usize(1..=3) {
                    node(&mut value, random);
                }
                lines[one] = format!("{value}\n").into_bytes();
            }
        }
        "twice" => lines.insert(one, lines[one].clone()),
        "drop" => drop(lines.remove(one)),
        "swap" => {
            let other = random.usize(..lines.len());
            lines.swap(one, other);
        }
        "refuse" => {
            let is = ["unsupported", "unavailable", "failed"][random.usize(..3)];
            let refusal = json!({"is": is, "why": text(random)});
            lines.insert(one, format!("{refusal}\n").into_bytes());
            if random.bool() {
                lines.truncate(one + 1);
            }
        }
        // Deeper than a parser may recurse.
        "deep" => {
            let depth = random.usize(100..100_000);
            lines[one] = ["[".repeat(depth), "]".repeat(depth), "\n".to_owned()]
                .concat()
                .into_bytes();
        }
        "long" => {
            let why = "x".repeat(random.usize(1_000..2_000_000));
            lines.insert(
                one,
                format!("{}\n", json!({"is": "failed", "why": why})).into_bytes(),
            );
        }
        _ => {}
    }
}

fn bytes(line: &mut Vec<u8>, random: &mut fastrand::Rng) {
    for _ in 0..random.usize(1..=4) {
        let at = random.usize(..line.len());
        match random.u8(..4) {
            0 => line[at] ^= 1 << random.u8(..8),
            1 => line[at] = random.u8(..),
            2 => line.insert(at, random.u8(..)),
            _ if line.len() > 1 => drop(line.remove(at)),
            _ => {}
        }
    }
}

/// Changes one node of a document, anywhere in it.
fn node(value: &mut Value, random: &mut fastrand::Rng) {
    match value {
        Value::Object(fields) if !fields.is_empty() && random.u8(..8) > 0 => {
            let at = random.usize(..fields.len());
            let Some(name) = fields.keys().nth(at).cloned() else {
                return;
            };
            match random.u8(..12) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(text(random), odd(random))),
                _ => {
                    if let Some(field) = fields.get_mut(&name) {
                        node(field, random);
                    }
                }
            }
        }
        Value::Array(items) if !items.is_empty() && random.u8(..8) > 0 => {
            let at = random.usize(..items.len());
            match random.u8(..6) {
                0 => drop(items.remove(at)),
                1 => items.insert(at, items[at].clone()),
                2 => items.extend(std::iter::repeat_n(items[at].clone(), random.usize(..300))),
                _ => node(&mut items[at], random),
            }
        }
        value => *value = odd(random),
    }
}

/// A value that nobody expects.
fn odd(random: &mut fastrand::Rng) -> Value {
    const NUMBERS: [u64; 12] = [
        0,
        1,
        2,
        1_000,
        u32::MAX as u64,
        1 << 32,
        1 << 53,
        86_400_000_000_000,
        86_400_000_000_001,
        i64::MAX as u64,
        u64::MAX - 1,
        u64::MAX,
    ];
    const FLOATS: [f64; 9] = [
        -0.0,
        -1.0,
        0.5,
        1e-308,
        1e16,
        1e19,
        1e300,
        f64::MAX,
        f64::MIN,
    ];
    match random.u8(..10) {
        0..4 => NUMBERS[random.usize(..NUMBERS.len())].into(),
        4..6 => {
            let float = FLOATS[random.usize(..FLOATS.len())];
            Number::from_f64(float).map_or(Value::Null, Value::Number)
        }
        6..8 => text(random).into(),
        8 => {
            [Value::Null, true.into(), json!([]), json!({}), json!([[]])][random.usize(..5)].clone()
        }
        _ => random.u64(..100).into(),
    }
}

/// A text that nobody expects.
fn text(random: &mut fastrand::Rng) -> String {
    const TEXTS: [&str; 18] = [
        "",
        " ",
        "..",
        "../../x",
        "/",
        "a b",
        "a/b",
        "a@1",
        "a:b",
        "\u{1b}[31m",
        "one\ntwo\r\n",
        "\0",
        "<script>alert(1)</script>",
        "| a | b |",
        "unavailable",
        "\u{202e}\u{feff}",
        "threads",
        "per_core",
    ];
    match random.u8(..20) {
        0 => "x".repeat(random.usize(1..100_000)),
        _ => TEXTS[random.usize(..TEXTS.len())].to_owned(),
    }
}
