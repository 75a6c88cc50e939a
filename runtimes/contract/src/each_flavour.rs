//! The checks as tests of an adapter: each in a fresh process for each flavour.

use std::{
    env,
    process::{Command, exit},
};

use runtime_api::{Config, Flavour, Flavours, Runtime, Visit, Workers};

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
pub fn in_each_flavour<F: Flavours>(name: &str) {
    let chosen = env::var(FLAVOUR).ok();
    for flavour in F::about().flavours {
        let config = config(&flavour);
        if chosen.as_deref() == Some(flavour.name) {
            F::with(flavour.name, Here(name, &config));
        } else if chosen.is_none() {
            F::with(flavour.name, InFreshProcess(name, &config));
        }
    }
}

/// Runs the check, in this process.
struct Here<'a>(&'a str, &'a Config);

impl Visit for Here<'_> {
    type Output = ();

    fn visit<R: Runtime>(self) {
        let Self(name, config) = self;
        let checks = checks();
        let check = checks.iter().find(|check| check.name == name);
        let check = check.expect("the tests are made from the same list");
        let breaks = R::breaks(config).contains(&name);
        let found = perform::<R>(check, config, move |found| {
            report(found, breaks);
            exit(1);
        });
        report(found, breaks);
    }
}

/// Ends the process if the promise was broken; or kept, by a runtime that is said to break it.
fn report(found: Found, breaks: bool) {
    for (aspect, word) in found.seen {
        println!("{aspect}: {word}");
    }
    match found.broken {
        Some(broken) if breaks => println!("broken, as declared: {broken}"),
        Some(broken) => {
            eprintln!("{broken}");
            exit(1);
        }
        None if breaks => {
            eprintln!("it is kept, and `breaks` says that it is not");
            exit(1);
        }
        None => {}
    }
}

fn config(flavour: &Flavour) -> Config {
    let workers = match flavour.workers {
        Workers::Fixed(workers) => workers,
        Workers::PerCore => WORKERS,
    };
    Config::new(flavour.name, workers)
}

struct InFreshProcess<'a>(&'a str, &'a Config);

impl Visit for InFreshProcess<'_> {
    type Output = ();

    fn visit<R: Runtime>(self) {
        let Self(name, config) = self;
        match R::unavailable(config) {
            Some(why) => println!("{} skipped: {why}", config.flavour),
            None => in_fresh_process(name, config, R::environment(config)),
        }
    }
}

fn in_fresh_process(name: &str, config: &Config, environment: Vec<(&'static str, String)>) {
    let this = env::current_exe().expect("a test knows where it is");
    let output = Command::new(this)
        .args([name, "--exact", "--nocapture"])
        .env(FLAVOUR, &config.flavour)
        .envs(environment)
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
