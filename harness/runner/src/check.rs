//! Promises of the trait's contract, tried on the very binary that is measured.

use std::process::exit;

use harness_protocol::{Checked, Promise, Reply};
use runtime_api::{Config, Runtime};
use runtime_contract::{Found, checks, perform};

use crate::{send, set_environment};

/// What this adapter can be asked.
pub(crate) fn promises() -> Vec<Promise> {
    let promise = |check: runtime_contract::Check| Promise {
        name: check.name.to_owned(),
        promise: check.promise.to_owned(),
    };
    checks().into_iter().map(promise).collect()
}

/// Runs the check of this name, and returns the reply.
pub(crate) fn check<R: Runtime>(config: &Config, name: &str) -> Reply {
    let checks = checks();
    let Some(check) = checks.iter().find(|check| check.name == name) else {
        return Reply::Unsupported {
            why: format!("this adapter knows no check {name}"),
        };
    };
    if config.workers == 0 {
        return Reply::Unsupported {
            why: "a check needs at least one worker".to_owned(),
        };
    }
    set_environment::<R>(config);
    let found = perform::<R>(check, config, |found| {
        // The main thread hangs in the runtime. Nobody is left to tell if the harness has gone.
        let _ = send(&checked(found));
        exit(0);
    });
    checked(found)
}

fn checked(found: Found) -> Reply {
    Reply::Checked(Checked {
        seen: found.seen,
        broken: found.broken,
    })
}
