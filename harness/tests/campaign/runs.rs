//! Runs with a fault of an adapter, of the machine, or with signals; some with several of them.

use std::{ffi::OsString, fs, path::Path, time::Duration};

use nix::sys::signal::Signal;
use serde_json::json;

use super::{
    ground::Ground,
    machine,
    perform::{Asked, perform},
    place::{Place, RUNTIMES},
    properties::{self, Expected},
};

/// Ways in which the process goes wrong in place of its answer: so it gives none, whatever it is asked.
const MUTE: [&str; 7] = [
    "exit",
    "signal",
    "hang",
    "flood-out",
    "flood-err",
    "close",
    "deaf",
];
/// Ways in which it goes wrong besides answering.
const BESIDE: [&str; 5] = [
    "exit-after",
    "signal-after",
    "hang-after",
    "stray",
    "chatty",
];
/// Ways in which its answer goes wrong.
const ANSWER: [&str; 10] = [
    "cut", "open-end", "bytes", "value", "twice", "drop", "swap", "refuse", "deep", "long",
];

/// A fault of an adapter.
struct Faulty {
    of: &'static str,
    stage: &'static str,
    kind: &'static str,
    one_in: u64,
}

impl Faulty {
    fn drawn(random: &mut fastrand::Rng) -> Self {
        let mut one = |names: &[&'static str]| names[random.usize(..names.len())];
        let of = one(&[RUNTIMES[0], RUNTIMES[1], RUNTIMES[1], RUNTIMES[1], "origin"]);
        let stage = match of {
            "origin" => "hello",
            _ => one(&[
                "hello",
                "hello",
                "check",
                "calibrate",
                "measure",
                "measure",
                "measure",
            ]),
        };
        // Odd values are of most kinds, and floods take longest.
        let kind = match random.u8(..20) {
            0..7 => "value",
            7..9 => "bytes",
            9..13 => ANSWER[random.usize(..ANSWER.len())],
            13..16 => BESIDE[random.usize(..BESIDE.len())],
            _ => MUTE[random.usize(..MUTE.len())],
        };
        let one_in = [1, 1, 2, 5, 20][random.usize(..5)];
        Self {
            of,
            stage,
            kind,
            one_in,
        }
    }

    /// Whether nobody hears an answer to a question that is surely asked: then the run cannot have gone well.
    fn is_fatal(&self, args: &[OsString]) -> bool {
        let calibrates = ["timers", "digest", "http"];
        let has = |word: &&str| args.iter().any(|arg| arg.to_string_lossy().contains(word));
        let asked = match self.stage {
            "check" => !args.contains(&"--unverified".into()),
            "calibrate" => calibrates.iter().any(has),
            _ => true,
        };
        // The baseline is not always measured, and what the origin says not always heard.
        MUTE.contains(&self.kind) && self.one_in == 1 && self.of == "other" && asked
    }
}

pub(super) fn trial(
    random: &mut fastrand::Rng,
    ground: &Ground,
    place: &Place,
) -> (String, Vec<String>) {
    let run = ground.run;
    let (mut adapter, mut fault, mut signals) = (None, machine::Fault::None, Vec::new());
    let family = match random.u8(..20) {
        0 => "fine",
        1..11 => "adapter",
        11..15 => "machine",
        _ => "signals",
    };
    match family {
        "adapter" => adapter = Some(Faulty::drawn(random)),
        "machine" => fault = machine::Fault::drawn(random, ground.mounts, run),
        "signals" => {
            let each = [
                Signal::SIGINT,
                Signal::SIGTERM,
                Signal::SIGHUP,
                Signal::SIGKILL,
            ];
            let at = run.mul_f64(random.f64() * 1.2);
            signals.push((each[random.usize(..each.len())], at));
            if random.u8(..4) == 0 {
                let later = Duration::from_micros(random.u64(..200_000));
                signals.push((each[random.usize(..each.len())], at + later));
            }
        }
        _ => {}
    }
    // Some faults come together.
    if matches!(family, "machine" | "signals") && random.u8(..4) == 0 {
        adapter = Some(Faulty::drawn(random));
    }
    if fault == machine::Fault::IgnoresHup {
        signals.push((Signal::SIGHUP, run.mul_f64(random.f64())));
    }
    let options = options(random, adapter.as_ref());
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let mut asked = Asked::run(place, &options);
    if fault.is_unheard() || random.u8(..4) == 0 {
        asked.args.retain(|argument| argument != "--quiet");
    }
    asked.machine = fault.clone();
    asked.signals = signals.clone();
    asked.faulty = Some(
        json!({
            "of": adapter.as_ref().map(|adapter| adapter.of),
            "stage": adapter.as_ref().map(|adapter| adapter.stage),
            "kind": adapter.as_ref().map(|adapter| adapter.kind),
            "one_in": adapter.as_ref().map(|adapter| adapter.one_in),
            "seed": random.u64(..),
            "calibrates": SEED,
            "notes": place.at("measured").to_str(),
        })
        .to_string(),
    );
    let mut kind = match (&adapter, family) {
        (Some(adapter), "adapter") => {
            format!("adapter {} {} {}", adapter.stage, adapter.kind, adapter.of)
        }
        (_, "machine") => format!("machine {}", fault.name()),
        (_, "signals") => {
            let names: Vec<&str> = signals.iter().map(|(signal, _)| signal.as_str()).collect();
            format!("signals {}", names.join("+"))
        }
        _ => family.to_owned(),
    };
    if let (Some(adapter), "machine" | "signals") = (&adapter, family) {
        kind += &format!(" and adapter {} {}", adapter.stage, adapter.kind);
    }
    let wrong = tried(random, place, &asked, adapter.as_ref());
    (kind, wrong)
}

/// What runs of the campaign draw their order from; the nonce of what calibrates.
const SEED: u64 = 77;

fn options(random: &mut fastrand::Rng, adapter: Option<&Faulty>) -> Vec<String> {
    let scenarios = [
        "timers",
        "timers",
        "timers,http",
        "http",
        "digest",
        "timers,digest",
    ];
    let mut scenario = scenarios[random.usize(..scenarios.len())];
    if adapter.is_some_and(|adapter| adapter.of == "origin") {
        scenario = "timers,http";
    }
    let mut options = vec![
        format!("--scenario={scenario}"),
        format!("--seed={SEED}"),
        format!("--rounds={}", random.u8(1..=2)),
    ];
    // What hangs is waited for; what is only slow, since the machine is busy, is not to be taken for that.
    let hangs = adapter.is_some_and(|a| matches!(a.kind, "hang" | "close" | "hang-after"));
    options.push(format!("--timeout={}", if hangs { "1s" } else { "20s" }));
    if random.bool() {
        options.push("--runtime=other".to_owned());
    }
    if random.bool() && adapter.is_none_or(|adapter| adapter.stage != "check") {
        options.push("--unverified".to_owned());
    }
    if random.bool() {
        let some = [
            "compose",
            "compose,spawn",
            "sequential,compose",
            "spawn,spawn_blocking",
        ];
        options.push(format!("--primitive={}", some[random.usize(..some.len())]));
    }
    options
}

fn tried(
    random: &mut fastrand::Rng,
    place: &Place,
    asked: &Asked,
    adapter: Option<&Faulty>,
) -> Vec<String> {
    place.prepare(&asked.machine);
    // What cannot be said is only noticed where something is to be said.
    let is_quiet = asked.args.contains(&"--quiet".into());
    let seen = perform(place, asked);
    let expected = Expected {
        machine: &asked.machine,
        fine: adapter.is_none(),
        fatal: adapter.is_some_and(|adapter| adapter.is_fatal(&asked.args)),
        stray: adapter.is_some_and(|adapter| adapter.kind == "stray"),
        quiet: is_quiet,
    };
    let mut wrong = properties::of_run(place, &seen, &expected);
    // What was stopped goes on.
    let stopped = !seen.sent.is_empty() && wrong.is_empty() && random.bool();
    if let [record] = place.records().as_slice()
        && stopped
    {
        wrong.extend(gone_on_with(place, asked, record));
    }
    wrong
}

/// Goes on with a record that was stopped or killed.
fn gone_on_with(place: &Place, first: &Asked, record: &Path) -> Vec<String> {
    let before = whole_lines(record);
    let mut asked = Asked::new(crate::common::PROGRAM, &["run", "--quiet", "--format=json"]);
    asked.path("--resume", record);
    asked.path("--adapters", &place.at("adapters"));
    asked.faulty.clone_from(&first.faulty);
    let seen = perform(place, &asked);
    let mut wrong = properties::of_program(&seen, &[0, 1]);
    if !whole_lines(record).starts_with(&before) {
        wrong.push("a line that was there has changed when the run went on".to_owned());
    }
    if !record.join("seal.json").exists() {
        wrong.push(format!("it went on, and is not sealed: {}", seen.said()));
    }
    wrong.extend(properties::of_record(record));
    wrong
}

fn whole_lines(record: &Path) -> Vec<u8> {
    let mut bytes = fs::read(record.join("samples.jsonl")).unwrap_or_default();
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    bytes.truncate(end.map_or(0, |end| end + 1));
    bytes
}
