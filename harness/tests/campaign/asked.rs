//! Odd options: what is asked is wrong, or right and unusual.

use std::{ffi::OsString, os::unix::ffi::OsStringExt as _, time::Duration};

use nix::sys::signal::Signal;

use super::{
    machine::Fault,
    perform::{Asked, perform},
    place::Place,
    properties::{self, Expected},
};
use crate::common::PROGRAM;

/// What runs on for as long as it was asked to is told to stop.
const ENOUGH: Duration = Duration::from_millis(1_500);

const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "2",
    "7",
    "-1",
    "1024",
    "1025",
    "10000",
    "100000",
    "4294967296",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e3",
    "0x10",
    "",
];
const TIMES: [&str; 14] = [
    "0s",
    "1ns",
    "1ms",
    "50ms",
    "1s",
    "1s 1s",
    "1y",
    "584y",
    "585y",
    "18446744073709551615s",
    "18446744073709551616s",
    "-1s",
    "1",
    "s",
];
const WORDS: [&str; 14] = [
    "",
    " ",
    "other",
    "threads",
    "threads,other",
    "other,other",
    "nobody",
    "../x",
    "a\nb",
    "\u{1b}[31m",
    "--",
    "-",
    "é",
    "all",
];

fn odd(random: &mut fastrand::Rng) -> OsString {
    let one = |random: &mut fastrand::Rng, all: &[&str]| all[random.usize(..all.len())].to_owned();
    match random.u8(..10) {
        0..3 => one(random, &NUMBERS).into(),
        3..6 => one(random, &TIMES).into(),
        6..8 => one(random, &WORDS).into(),
        8 => OsString::from_vec(vec![b'x', 0xff, 0xfe, b'y']),
        _ => "x".repeat(random.usize(1..5_000)).into(),
    }
}

pub(super) fn trial(random: &mut fastrand::Rng, place: &Place) -> (String, Vec<String>) {
    let all: [(&str, &[&str]); 14] = [
        ("--timeout", &TIMES),
        ("--budget", &TIMES),
        ("--rounds", &NUMBERS),
        ("--seed", &NUMBERS),
        ("--workers", &NUMBERS),
        ("--branches", &NUMBERS),
        ("--runtime", &WORDS),
        (
            "--scenario",
            &[
                "timers",
                "all",
                "nothing",
                "timers,timers",
                "field/hot-loop",
            ],
        ),
        (
            "--primitive",
            &["compose", "dispatch", "join", "compose,compose"],
        ),
        ("--note", &WORDS),
        ("--root", &["worker", "block_on", "x"]),
        ("--fail-on", &["holds", "refuted", "x", ""]),
        ("--results", &WORDS),
        ("--adapters", &WORDS),
    ];
    let (option, values) = all[random.usize(..all.len())];
    let value: OsString = if random.u8(..3) > 0 {
        values[random.usize(..values.len())].into()
    } else {
        odd(random)
    };
    let mut asked = Asked::new(PROGRAM, &["run", "--quiet", "--format=json"]);
    let defaults = [
        ("--workers", "2".into()),
        ("--scenario", "timers".into()),
        ("--rounds", "1".into()),
        ("--results", place.results().into_os_string()),
        ("--adapters", place.at("adapters").into_os_string()),
    ];
    for (name, default) in defaults {
        // A place that is named by a word lies where the trial does, and not in the workspace.
        if name != option {
            asked.args.extend([name.into(), default]);
        }
    }
    let value = match option {
        "--results" | "--adapters" if !value.is_empty() => {
            place.at("odd").join(&value).into_os_string()
        }
        _ => value,
    };
    let mut given = OsString::from(format!("{option}="));
    given.push(&value);
    asked.args.push(given);
    asked.signals = vec![(Signal::SIGINT, ENOUGH)];
    let seen = perform(place, &asked);
    let mut wrong = properties::of_program(&seen, &[0, 1, 2, 3, 130]);
    wrong.extend(properties::of_errors(&seen, true));
    if matches!(seen.code(), Some(0 | 1)) && seen.sent.is_empty() {
        let expected = Expected {
            machine: &Fault::None,
            fine: false,
            fatal: false,
            stray: false,
            quiet: true,
        };
        // Wherever it recorded.
        if option != "--results" {
            wrong.extend(properties::of_run(place, &seen, &expected));
        }
    }
    for what in &mut wrong {
        *what += &format!("\n  asked: {:?}", asked.args);
    }
    (format!("options {option}"), wrong)
}
