//! Promises that claims rest on: tried once, before anything was measured, and no time involved. They
//! spend no error; one that was broken refutes.

use super::Finding;
use crate::{claims::Told, stats::Decided};
use harness_record::{bundle::Bundle, config_id::ConfigId};

pub(super) fn kept(bundle: &Bundle, subject: &ConfigId, check: &str, tells: &[Told]) -> Finding {
    let tried = bundle
        .promises
        .iter()
        .find(|tried| tried.check == check && tried.is_of(subject));
    let (decided, evidence) = match tried {
        None => (Decided::Open, format!("{check} was not tried")),
        Some(tried) => match &tried.broken {
            Some(why) => (Decided::No, format!("{check}: {why}")),
            None => read(check, tells, |aspect| {
                tried.seen.get(aspect).map(String::as_str)
            }),
        },
    };
    Finding {
        decided,
        evidence,
        measured: None,
        interval: None,
        observations: usize::from(tried.is_some()),
        scenario: String::new(),
        more: None,
        busy: false,
        dependent: false,
    }
}

/// A finding that says which primitive it is about.
pub(super) fn of_primitive(of: Option<&str>, found: Finding) -> Finding {
    let evidence = match of {
        Some(primitive) => format!("of {primitive}: {}", found.evidence),
        None => found.evidence,
    };
    Finding { evidence, ..found }
}

/// What was seen, and whether it is as it must be.
fn read<'a>(
    check: &str,
    tells: &[Told],
    seen: impl Fn(&str) -> Option<&'a str>,
) -> (Decided, String) {
    let mut decided = Decided::Yes;
    let mut words = Vec::new();
    for told in tells {
        let Some(word) = seen(told.aspect) else {
            return (
                Decided::Open,
                format!("{check} says nothing of: {}", told.aspect),
            );
        };
        if told.must.is_some_and(|must| must != word) {
            decided = Decided::No;
        }
        words.push(format!("{}: {word}", told.aspect));
    }
    if words.is_empty() {
        words.push("kept".to_owned());
    }
    (decided, format!("{} ({check})", words.join(", ")))
}
