//! That a check has an answer whatever happens in it, and finds what it is for.

use std::{panic::panic_any, thread};

use runtime_api::{Config, Lack};

mod liar;
mod lies;

use crate::{Check, Found, Outcome, Seen, perform::tried, support::PANIC};

fn found(run: fn(&Config, &Seen) -> Outcome) -> Found {
    found_without(&[], run)
}

fn found_without(lacks: &[Lack], run: fn(&Config, &Seen) -> Outcome) -> Found {
    let check = Check {
        name: "name",
        promise: "promise",
        about: &[Lack::Timers],
        run,
    };
    let config = Config::new("any", 1);
    tried(&check, &config, lacks, |_| unreachable!())
}

#[test]
fn what_a_runtime_lacks_is_not_tried() {
    let lacking = found_without(&[Lack::Files, Lack::Timers], |_, _| Err("tried".to_owned()));
    assert_eq!(lacking.broken, None);
    assert_eq!(lacking.seen["timers"], "none of its own");
    let having = found_without(&[Lack::Files], |_, _| Err("tried".to_owned()));
    assert_eq!(having.broken.as_deref(), Some("tried"));
}

#[test]
fn what_was_seen_is_told_however_the_check_ends() {
    let kept = found(|_, seen| {
        seen.note("colour", "red");
        seen.note("colour", "green");
        Ok(())
    });
    assert_eq!(kept.broken, None);
    assert_eq!(kept.seen["colour"], "green");

    let broken = found(|_, seen| {
        seen.note("threads", 1);
        Err("2 threads declared, 1 seen".to_owned())
    });
    assert_eq!(broken.broken.as_deref(), Some("2 threads declared, 1 seen"));
    assert_eq!(broken.seen["threads"], "1");
}

#[test]
fn a_panic_is_a_broken_promise_with_its_place() {
    let line = line!() + 4;
    let broken = found(|_, seen| {
        seen.note("colour", "red");
        // From another thread, as a runtime would carry it.
        let ended = thread::spawn(|| assert_eq!(1, 2, "sums")).join();
        std::panic::resume_unwind(ended.unwrap_err())
    });
    let place = format!("{}:{line}", file!());
    let said =
        format!("a panic at {place}: assertion `left == right` failed: sums left: 1 right: 2");
    assert_eq!(broken.broken, Some(said));
    assert_eq!(broken.seen["colour"], "red");

    let nowhere = found(|_, _| panic_any(PANIC));
    assert_eq!(
        nowhere.broken.as_deref(),
        Some("a panic at an unknown place: on purpose")
    );
}
