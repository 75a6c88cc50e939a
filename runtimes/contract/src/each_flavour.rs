//! The checks as tests of an adapter: each in a fresh process for each flavour.

use std::{
    env,
    process::{Command, exit},
};

use runtime_api::{Config, Flavour, Runtime, Workers};

use crate::{Found, checks, perform};

/// Set in the process that runs a check: the flavour to run it for.
const FLAVOUR: &str = "RUNTIME_CONTRACT_FLAVOUR";

/// Workers of a flavour that takes any number. Two tell sharing from none on any machine.
const WORKERS: usize = 2;

/// Runs the check of this name, by re-executing the test of that name once for each flavour. A
/// flavour that this machine cannot run is skipped, and the test says why.
///
/// # Panics
///
/// If the promise is broken in a flavour.
pub fn in_each_flavour<R: Runtime>(name: &str) {
    let chosen = env::var(FLAVOUR).ok();
    for flavour in R::about().flavours {
        let config = config(&flavour);
        if chosen.as_deref() == Some(flavour.name) {
            let checks = checks::<R>();
            let check = checks.iter().find(|check| check.name == name);
            let check = check.expect("the tests are made from the same list");
            report(perform(check, &config, |found| {
                report(found);
                exit(1);
            }));
        } else if chosen.is_none() {
            match R::unavailable(&config) {
                Some(why) => println!("{} skipped: {why}", flavour.name),
                None => in_fresh_process::<R>(name, &config),
            }
        }
    }
}

/// Ends the process if the promise was broken.
fn report(found: Found) {
    for (aspect, word) in found.seen {
        println!("{aspect}: {word}");
    }
    if let Some(broken) = found.broken {
        eprintln!("{broken}");
        exit(1);
    }
}

fn config(flavour: &Flavour) -> Config {
    Config {
        flavour: flavour.name.to_owned(),
        workers: match flavour.workers {
            Workers::Fixed(workers) => workers,
            Workers::PerCore => WORKERS,
        },
    }
}

fn in_fresh_process<R: Runtime>(name: &str, config: &Config) {
    let this = env::current_exe().expect("a test knows where it is");
    let output = Command::new(this)
        .args([name, "--exact", "--nocapture"])
        .env(FLAVOUR, &config.flavour)
        .envs(R::environment(config))
        .output()
        .expect("a test can start itself");
    let said = String::from_utf8_lossy(&output.stdout);
    // A name that matches no test passes, too.
    assert!(
        output.status.success() && said.contains("1 passed"),
        "flavour {}: {}\n{said}{}",
        config.flavour,
        output.status,
        String::from_utf8_lossy(&output.stderr),
    );
    println!("{}: {said}", config.flavour);
}
