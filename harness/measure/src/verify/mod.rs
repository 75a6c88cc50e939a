//! Whether adapters keep what they promise: each check of each configuration in a fresh process.
//!
//! An adapter names its checks in its hello, and tries one when it is asked to. What it says of one is
//! taken as said: kept, or broken and how, and what was seen. A crash, a hang and a nonsense answer
//! are broken promises too. One that hangs in a check is not tried further: it would hang in the next as well, and
//! nothing is measured of what broke a promise, otherwise than declared.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use harness_protocol::{Check, Request, VERSION};

use crate::{
    adapters::Adapter,
    child::{Interrupt, Limits, Outcome, Status, ask},
    progress::Progress,
};
use harness_record::{plan::Config, promise::Tried, text::one_line};

mod record;

pub use record::record;

/// How long a check may take, unless the user says otherwise: far longer than any needs, for machines
/// that are busy with other work.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long all checks of a configuration may take together. Those of ours take seconds.
const ALTOGETHER: Duration = Duration::from_secs(300);
/// How often a promise is tried that its adapter says is broken each time.
const TRIES: usize = 3;
/// Longer words of an adapter's are cut: they stand in a table.
const LONGEST_NAME: usize = 80;
const LONGEST_REASON: usize = 400;

/// What trying promises takes.
#[derive(Clone, Copy, Debug)]
pub struct VerifyTools<'a> {
    /// The deadline of a check, if the user has set it.
    pub timeout: Option<Duration>,
    /// Whether to stop.
    pub interrupt: &'a Interrupt,
    /// Who is told how far it is.
    pub progress: &'a Progress,
}

/// Tries these checks on one configuration, in their order, and gives each to `each` as it is
/// made. An interrupt ends it early, and so does the first that is not done in time.
///
/// # Errors
///
/// Those of `each`.
pub fn all(
    adapter: &Adapter,
    config: &Config,
    checks: &[&str],
    tools: &VerifyTools<'_>,
    mut each: impl FnMut(Tried) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    for (index, check) in checks.iter().enumerate() {
        tools.progress.check(&config.title(), check);
        let Some((mut tried, late)) = one(adapter, config, check, tools) else {
            break;
        };
        let long = began.elapsed() > ALTOGETHER;
        let left = checks.len() - index - 1;
        if left > 0 && (late || long) {
            let what = match left {
                1 => "the check after it was not tried".to_owned(),
                left => format!("the {left} checks after it were not tried"),
            };
            let why = match tried.broken {
                Some(why) => why,
                None => format!("all checks together took more than {ALTOGETHER:?}"),
            };
            tried.broken = Some(format!("{why}; {what}"));
            tried.as_declared = false;
            return each(tried);
        }
        each(tried)?;
    }
    Ok(())
}

/// Tries one check, and whether it was not done in time; `None` if it was interrupted. One that is said to be broken each
/// time is tried some times.
fn one(
    adapter: &Adapter,
    config: &Config,
    check: &str,
    tools: &VerifyTools<'_>,
) -> Option<(Tried, bool)> {
    let breaks = config.breaks.iter().any(|breaks| breaks == check);
    let mut tries = Vec::new();
    for _ in 0..if breaks { TRIES } else { 1 } {
        let outcome = once(adapter, config, check, tools);
        if outcome.status == Status::Interrupted {
            return None;
        }
        let late = outcome.status == Status::Timeout;
        let tried = heard(config, check, outcome);
        if late || !breaks {
            return Some((tried, late));
        }
        tries.push(tried);
    }
    Some((of_tries(tries), false))
}

/// What several tries of a promise come to that its adapter says is broken each time.
fn of_tries(tries: Vec<Tried>) -> Tried {
    let took_ns = tries.iter().map(|tried| tried.took_ns).sum();
    let all = tries.len();
    let kept = tries.iter().filter(|tried| tried.broken.is_none()).count();
    let mut tried = tries
        .into_iter()
        .max_by_key(|tried| tried.broken.is_some())
        .unwrap_or_default();
    tried.took_ns = took_ns;
    tried.as_declared = kept == 0;
    if kept > 0 {
        tried.broken = Some(format!(
            "it is declared to be broken each time, and was kept in {kept} of {all} tries: take it out of `breaks`, \
             or declare what is so each time"
        ));
    }
    tried
}

/// Tries one check once.
fn once(adapter: &Adapter, config: &Config, check: &str, tools: &VerifyTools<'_>) -> Outcome {
    let limits = Limits {
        wall: tools.timeout.unwrap_or(PATIENCE),
        ..Limits::default()
    };
    let request = Request::Check(Check {
        v: VERSION,
        flavour: config.id.flavour.clone(),
        workers: config.id.workers,
        check: check.to_owned(),
        blocking_threads: config.blocking_threads,
    });
    ask(&adapter.program, &request, &limits, tools.interrupt)
}

/// What an outcome says of the promise.
fn heard(config: &Config, check: &str, outcome: Outcome) -> Tried {
    let (seen, broken) = match outcome.checked {
        Some(ref checked) if outcome.is_ok() => {
            let why = checked.broken.as_deref().map(|why| match why.trim() {
                "" => "it did not say how".to_owned(),
                why => one_line(why, LONGEST_REASON),
            });
            (checked.seen.clone(), why)
        }
        _ => (BTreeMap::new(), Some(no_answer(&outcome))),
    };
    Tried {
        runtime: config.id.runtime.clone(),
        flavour: config.id.flavour.clone(),
        workers: config.id.workers,
        check: check.to_owned(),
        seen: seen
            .into_iter()
            .map(|(aspect, word)| {
                (
                    one_line(&aspect, LONGEST_NAME),
                    one_line(&word, LONGEST_NAME),
                )
            })
            .collect(),
        broken,
        as_declared: false,
        took_ns: outcome.elapsed.as_nanos().try_into().unwrap_or(u64::MAX),
    }
}

/// Why there is no word on the promise, with the last that the adapter said to people.
fn no_answer(outcome: &Outcome) -> String {
    let why = outcome.why();
    match outcome.status {
        // It offered the check itself.
        Status::Unsupported => format!("it offers the check, and cannot do it: {why}"),
        Status::Unavailable => format!("the runtime did not start: {why}"),
        _ => why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tries(broken: [Option<&str>; 3]) -> Tried {
        let each = broken.map(|broken| Tried {
            broken: broken.map(str::to_owned),
            took_ns: 2,
            ..Tried::default()
        });
        of_tries(each.to_vec())
    }

    #[test]
    fn what_is_said_to_be_broken_each_time_is_broken_each_time() {
        let stable = tries([Some("1 seen"), Some("2 seen"), Some("1 seen")]);
        assert!(stable.as_declared && stable.disqualifies().is_none());
        assert_eq!(stable.broken.as_deref(), Some("1 seen"));
        assert_eq!(stable.took_ns, 6);
    }

    #[test]
    fn what_is_kept_now_and_then_or_always_is_declared_wrong() {
        for (kept, found) in [
            (1, tries([Some("1 seen"), None, Some("1 seen")])),
            (3, tries([None; 3])),
        ] {
            assert!(!found.as_declared);
            let why = found.disqualifies().unwrap();
            assert!(
                why.contains(&format!("was kept in {kept} of 3 tries")),
                "{why}"
            );
        }
    }
}
