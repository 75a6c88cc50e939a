//! The adapter's side of the protocol, and the witness.
//!
//! An adapter's `main` is one line, [`run`]. The rest of this crate reads the harness's request,
//! starts the runtime, puts the branches of the asked scenario together with the asked primitive,
//! watches every poll of every branch, checks every answer, and reports. Or it is asked whether the
//! runtime keeps a promise, and runs that check of `runtime-contract` and nothing else.

use std::{
    io::{self, BufRead},
    process::ExitCode,
};

use harness_protocol::{Hello, Measure, Reply, Request, VERSION};
use runtime_api::{Config, Flavours, Runtime, Visit};
use workload_api::Workload;
use workload_catalogue::scenario;

mod answers;
mod any_workload;
mod check;
mod counted;
pub mod counting;
mod edges;
mod files;
mod forked;
mod hello;
#[cfg(feature = "idioms")]
mod idioms;
#[cfg(feature = "idioms")]
mod live;
mod measure;
pub mod memory;
mod on;
mod region;
mod repeated;
mod sync;
mod unwatched;
mod waking;
mod watched;
pub mod witness;

/// Reads one request from standard input, answers it on standard output, and returns the exit code
/// of the process: 0 whenever it could answer, even that a cell is unsupported.
#[must_use]
pub fn run<F: Flavours>() -> ExitCode {
    serve(&|request| answer::<F>(request, OfTheCatalogue))
}

/// As [`run`], with the branches of `workload` in the place of the catalogue's, whatever scenario is
/// asked for: for people's own workloads, and for tests. The harness plans, predicts and judges by the
/// facts of the scenario that it named, so `workload` should be as that one is: its waits, its steps.
#[must_use]
pub fn run_with<F: Flavours, W: Workload>(workload: W) -> ExitCode {
    serve(&|request| answer::<F>(request, Always(workload)))
}

/// As [`run`], for the one workload that somebody has written into a file of his own: it says of itself what the
/// catalogue says of others, and is asked for by whatever name the harness gives it. What a spawn costs is measured
/// on two branches that do nothing, as elsewhere.
#[must_use]
pub fn run_own<F: Flavours, W: Workload>(workload: W) -> ExitCode {
    serve(
        &|request| match answer::<F>(request, OfSomebody(workload)) {
            Reply::Hello(hello) => Reply::Hello(Hello {
                own: Some(hello::own::<W>()),
                ..hello
            }),
            reply => reply,
        },
    )
}

/// The scenario of branches that do nothing.
const READY: &str = "ready";

/// Which branches are measured, once it is known on which type.
trait Branches {
    fn measure<R: Runtime>(self, config: &Config, request: &Measure) -> Reply;
}

struct OfTheCatalogue;

impl Branches for OfTheCatalogue {
    fn measure<R: Runtime>(self, config: &Config, request: &Measure) -> Reply {
        measure::measure::<R>(config, request)
    }
}

struct Always<W>(W);

impl<W: Workload> Branches for Always<W> {
    fn measure<R: Runtime>(self, config: &Config, request: &Measure) -> Reply {
        measure::measure_workload::<R>(config, request, on::on::<R>(self.0))
    }
}

struct OfSomebody<W>(W);

impl<W: Workload> Branches for OfSomebody<W> {
    fn measure<R: Runtime>(self, config: &Config, request: &Measure) -> Reply {
        let workload = match scenario(&request.scenario) {
            Some(facts) if facts.is_own() => on::on::<R>(self.0),
            Some(facts) if facts.name == READY => on::on::<R>(workload_mixed::Ready),
            _ => {
                return Reply::Unsupported {
                    why: format!(
                        "this program has one workload, and no scenario {}",
                        request.scenario
                    ),
                };
            }
        };
        measure::measure_workload::<R>(config, request, workload)
    }
}

fn answer<F: Flavours>(request: Request, branches: impl Branches) -> Reply {
    match request {
        Request::Hello { .. } => Reply::Hello(hello::hello::<F>()),
        Request::Check(request) => {
            let config = Config {
                blocking_threads: request.blocking_threads,
                ..Config::new(&request.flavour, request.workers)
            };
            in_flavour::<F>(&config, Tried(&config, &request.check))
        }
        // Not `unavailable`: hello asked that, a runtime that cannot start says so when it is
        // started, and what is made to find out (rings, locked memory) would be torn down beside the
        // first sample.
        Request::Measure(request) => {
            let config = Config {
                unasked: request.unasked,
                blocking_threads: request.blocking_threads,
                ..Config::new(&request.flavour, request.workers)
            };
            in_flavour::<F>(&config, Measured(&config, &request, branches))
        }
    }
}

fn in_flavour<F: Flavours>(config: &Config, visit: impl Visit<Output = Reply>) -> Reply {
    F::with(&config.flavour, visit).unwrap_or_else(|| Reply::Unsupported {
        why: format!("{} has no flavour {}", F::about().name, config.flavour),
    })
}

struct Tried<'a>(&'a Config, &'a str);

impl Visit for Tried<'_> {
    type Output = Reply;

    fn visit<R: Runtime>(self) -> Reply {
        check::check::<R>(self.0, self.1)
    }
}

struct Measured<'a, B>(&'a Config, &'a Measure, B);

impl<B: Branches> Visit for Measured<'_, B> {
    type Output = Reply;

    fn visit<R: Runtime>(self) -> Reply {
        self.2.measure::<R>(self.0, self.1)
    }
}

/// Sets what a process can fix only once, before anything else runs in it: to be called by its first thread, while
/// there is no other.
pub fn set_environment<R: Runtime>(config: &Config) {
    for (name, value) in R::environment(config) {
        // SAFETY: `set_var` is unsafe because another thread may read the environment meanwhile.
        // This process has started no thread yet: `main` calls `run`, which only read a line from
        // standard input, and all callers set this first.
        #[allow(unsafe_code)]
        unsafe {
            std::env::set_var(name, value);
        }
    }
}

/// As [`run`], for a runtime that does not exist on this operating system: it still says who it is,
/// and why it has no results.
#[must_use]
pub fn unavailable(runtime: &str, why: &str) -> ExitCode {
    serve(&|request| match request {
        Request::Hello { .. } => Reply::Hello(Hello {
            v: VERSION,
            runtime: runtime.to_owned(),
            version: None,
            unavailable: Some(why.to_owned()),
            flavours: Vec::new(),
            checks: Vec::new(),
            own: None,
        }),
        Request::Check(_) | Request::Measure(_) => Reply::Unavailable {
            why: why.to_owned(),
        },
    })
}

/// Not generic, nor is anything that it calls but `answer`: reading a request would be compiled for every adapter.
fn serve(answer: &dyn Fn(Request) -> Reply) -> ExitCode {
    edges::die_with_parent();
    let mut line = String::new();
    if let Err(error) = io::stdin().lock().read_line(&mut line) {
        eprintln!("cannot read the request from standard input: {error}");
        return ExitCode::from(2);
    }
    let reply = match Request::parse(&line) {
        Ok(request) if version(&request) != VERSION => {
            let v = version(&request);
            Reply::Failed {
                why: format!("asked in protocol version {v}, this adapter speaks {VERSION}"),
            }
        }
        Ok(request) => answer(request),
        Err(error) => {
            eprintln!(
                "this is an adapter: it reads one request, a line of JSON, from standard input, \
                 and this was none: {error}\n`harness describe CELL` prints one"
            );
            return ExitCode::from(2);
        }
    };
    match send(&reply) {
        Ok(()) => ExitCode::SUCCESS,
        // The harness has gone, and nobody is left to tell.
        Err(_) => ExitCode::FAILURE,
    }
}

fn version(request: &Request) -> u32 {
    match request {
        Request::Hello { v } => *v,
        Request::Check(check) => check.v,
        Request::Measure(request) => request.v,
    }
}

/// Sends one reply. Nothing else in the process writes to standard output.
fn send(reply: &Reply) -> io::Result<()> {
    reply.write(&mut io::stdout().lock())
}
