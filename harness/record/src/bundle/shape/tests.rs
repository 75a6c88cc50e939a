//! Damaged values, and what is said of them.

use super::*;
use crate::fabricated::{header, options, smol};

/// What is found, a line each, with a mark before what is only a matter of form.
fn lines(found: &[Found]) -> Vec<String> {
    let line = |found: &Found| {
        let mark = if found.readable { "~ " } else { "" };
        format!("{mark}{} {}", found.pointer, found.why)
    };
    found.iter().map(line).collect()
}

fn head() -> Value {
    written(&header(vec![smol()], options(), 2))
}

fn round() -> Value {
    json!({"event": "round", "block": 0, "cell": "smol:workers@2/digest/compose@2", "order": 0, "status": "ok",
        "samples": [crate::fabricated::sample(8.0, 1.0)]})
}

#[test]
fn what_a_run_writes_is_fine() {
    assert_eq!(lines(&of_header(&head())), [""; 0]);
    assert_eq!(lines(&of_event(&round())), [""; 0]);
}

#[test]
fn everything_is_found_at_once_however_it_is_wrong() {
    let mut head = head();
    head["cores"] = json!("two");
    head["options"]["seed"] = json!(-1);
    head["options"]["root"] = json!("leaf");
    head["options"]["rounds"] = json!({"fixed": 3, "other": 4});
    head["entrants"][0]["flavours"][0]["workers"] = json!({});
    head["entrants"][0]["flavours"][0]["semantics"] = json!([]);
    head["host"]["io_uring_disabled"] = json!(300);
    head["host"].as_object_mut().unwrap().remove("arch");
    head["host"]["name/of"] = json!(7);
    head.as_object_mut().unwrap().remove("program");
    insta::assert_snapshot!(lines(&of_header(&head)).join("\n"), @r#"
    /cores "two" stands where a whole number is expected
    /entrants/0/flavours/0/semantics a list stands where an object is expected
    /entrants/0/flavours/0/workers an object stands where one of "fixed", "per_core" is expected
    /host/io_uring_disabled 300 stands where a number up to 255 is expected
    /host/arch it is missing
    /options/root "leaf" stands where one of "block_on", "worker" is expected
    /options/rounds/other there is no such field
    /options/seed -1 stands where a number from 0 is expected
    ~ /program it is missing
    ~ /host/name~1of there is no such field
    "#);
}

#[test]
fn of_an_event_too_wherever_its_fields_stand() {
    let mut round = round();
    round["cell"] = json!("smol");
    round["block"] = json!(1e30);
    round["samples"][0]["threads"] = json!(u64::MAX);
    round["samples"][0]["wall"] = json!(1);
    round["samples"][0].as_object_mut().unwrap().remove("polls");
    insta::assert_snapshot!(lines(&of_event(&round)).join("\n"), @r#"
    /block 1e+30 stands where a number up to 18446744073709551615 is expected
    /cell `smol` names no cell; write RUNTIME[:FLAVOUR][@WORKERS]/SCENARIO/PRIMITIVE[@BRANCHES][/worker], for example smol/digest/spawn
    /samples/0/threads 18446744073709551615 stands where a number up to 4294967295 is expected
    ~ /samples/0/polls it is missing
    ~ /samples/0/wall there is no such field
    "#);
    let of = |event: Value| lines(&of_event(&event)).join("\n");
    // Of these some stand among others, though they are a thing of their own.
    insta::assert_snapshot!(of(json!({"event": "calibration", "cell": 7, "branch": 0, "wait_ns": "", "alone": 0})), @r#"
    /wait_ns "" stands where a whole number is expected
    /work_ns it is missing
    /cell 7 stands where a string is expected
    ~ /alone there is no such field
    "#);
    insta::assert_snapshot!(of(json!({"event": "demands", "spawns": [{"pairs": [{"case": 7}]}]})), @r#"
    /spawns/0/pairs/0/case 7 stands where a string is expected
    /spawns/0/pairs/0/refused it is missing
    /spawns/0/pairs/0/twin it is missing
    /spawns/0/spawn it is missing
    /runtime it is missing
    "#);
}

#[test]
fn of_an_event_without_a_name_nothing_else_is_said() {
    for (event, start) in [
        (
            json!({"block": 0}),
            "/event it is missing; expected one of \"verified\", ",
        ),
        (
            json!(7),
            "/event it is missing; expected one of \"verified\", ",
        ),
        (
            json!({"event": 7}),
            "/event 7 stands where one of \"verified\", ",
        ),
        (
            json!({"event": "what"}),
            "/event \"what\" stands where one of \"verified\", ",
        ),
    ] {
        let lines = lines(&of_event(&event));
        assert!(lines.len() == 1 && lines[0].starts_with(start), "{lines:?}");
    }
}

/// A field may say what goes without saying; a list may not stand for an object, though serde would read it.
#[test]
fn what_can_be_read_is_held_to_how_it_is_written() {
    let mut round = round();
    round["reason"] = json!(null);
    round["samples"][0]["trace"] = json!([]);
    assert_eq!(lines(&of_event(&round)), [""; 0]);
    let sample = round["samples"][0].as_object().unwrap();
    let held = json!([1, 2, 3, 4]);
    assert!(!sample.contains_key("held"));
    round["samples"][0]["held"] = held;
    round["cell"] = json!("smol:workers@02/digest/compose@2");
    round["damaged"] = json!(null);
    insta::assert_snapshot!(lines(&of_event(&round)).join("\n"), @r#"
    ~ /cell "smol:workers@02/digest/compose@2" stands where "smol:workers@2/digest/compose@2" is expected
    ~ /damaged there is no such field
    ~ /samples/0/held a list stands where an object is expected
    "#);
}
