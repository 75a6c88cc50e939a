//! Whatever an adapter says, to each of the three questions: it is heard as an answer or refused in one line, and what is
//! taken for its word about itself can be said again.
#![no_main]

use std::path::PathBuf;

use harness_measure::child::{Status, heard};
use harness_protocol::{Check, Hello, Measure, Primitive, Request, Root, VERSION};
use libfuzzer_sys::fuzz_target;

fn questions() -> [Request; 3] {
    let measure = Measure {
        v: VERSION,
        flavour: "workers".to_owned(),
        workers: 2,
        root: Root::BlockOn,
        scenario: "timers".to_owned(),
        primitive: Primitive::Spawn,
        branches: 3,
        only: None,
        wait_ns: 5_000_000,
        steps: 0,
        samples: 2,
        warmups: 1,
        nonce: 1,
        origin: None,
        folder: PathBuf::new(),
        trace: 0,
        repeats: 1,
        count: false,
        unwatched: false,
    };
    let check = Check {
        v: VERSION,
        flavour: "workers".to_owned(),
        workers: 2,
        check: "spawn_queues".to_owned(),
    };
    [
        Request::Hello { v: VERSION },
        Request::Check(check),
        Request::Measure(Box::new(measure)),
    ]
}

fuzz_target!(|said: &[u8]| {
    for question in questions() {
        let outcome = heard(&question, said);
        assert_eq!(outcome.status == Status::Ok, outcome.reason.is_none());
        if let Some(why) = &outcome.reason {
            assert_eq!(why.lines().count(), 1, "one line: {why:?}");
            assert!(!why.contains('\u{1b}'), "{why:?}");
        }
        if outcome.status != Status::Ok {
            continue;
        }
        if let Request::Measure(asked) = &question {
            assert_eq!(outcome.samples.len(), asked.samples);
        }
        if let Some(hello) = &outcome.hello {
            let line = serde_json::to_string(hello).expect("what was read can be written");
            let again: Hello = serde_json::from_str(&line).expect("and read again");
            assert_eq!(&again, hello);
        }
    }
});
