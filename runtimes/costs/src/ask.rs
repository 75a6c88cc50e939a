//! The command line of the program.

use std::{
    env,
    fmt::Display,
    process::{Command, ExitCode},
    str::FromStr,
    thread,
};

use harness_protocol::{Root, costs};
use harness_runner::set_environment;
use runtime_api::{Config, Runtime, Threads, Workers};
use serde::Serialize;

use crate::{Operation, Operations, Side, bench, echo, names::What, started};

/// Times that come before those that are counted: queues and pools have grown to their size then.
const SETTLING: u64 = 64;
/// Batches that are counted, and the times in each.
const BATCHES: usize = 32;
const BATCH: u64 = 8;
/// Branches of a batch, at most; more would only take time.
const BATCH_BRANCHES: u64 = 4_000;
/// More threads at once are not started.
const THREADS: u64 = 100;

/// The `main` of an adapter's bench target `costs`. Without `twins` there is one side alone, for a runtime that has no
/// idiom of its own.
///
/// # Panics
///
/// Where an operation goes wrong.
#[must_use]
pub fn run<R: Runtime, T: Operations>(twins: bool) -> ExitCode {
    match asked::<R, T>(&env::args().skip(1).collect::<Vec<_>>(), twins) {
        Ok(code) => code,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn asked<R: Runtime, T: Operations>(words: &[String], twins: bool) -> Result<ExitCode, String> {
    if words.iter().any(|word| word == echo::FLAG) {
        echo::serve().map_err(|error| format!("cannot echo: {error}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = configuration::<R>(words)?;
    if words.iter().any(|word| word == "--operations") {
        for operation in Operation::all() {
            if config
                .as_ref()
                .is_none_or(|config| has::<R>(config, operation))
            {
                println!("{}", as_line(&described(operation, twins)));
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    let Some(config) = config else {
        return each_configuration::<R>(words);
    };
    let for_criterion = !words
        .iter()
        .any(|word| word == "--count" || word == "--run");
    if for_criterion && env::var_os(FLAVOUR[1]).is_none() {
        return again(words, &config);
    }
    if let Some(why) = R::unavailable(&config) {
        return Err(format!("{} cannot run here: {why}", R::about().name));
    }
    // This process has one thread yet.
    set_environment::<R>(&config);
    let wrong = |error| format!("{} does not start: {error}", R::about().name);
    if let Some(at) = words.iter().position(|word| word == "--count") {
        let (operation, side) = operation_and_side::<R>(&config, &words[at + 1..], twins)?;
        let count = move |mut client: started::Client| counted(&mut client, operation, side);
        let (allocations, bytes) = started::with::<R, T, _>(&config, count).map_err(wrong)?;
        let counted = costs::Allocations { allocations, bytes };
        println!("{}", as_line(&counted));
    } else if let Some(at) = words.iter().position(|word| word == "--run") {
        let (operation, side) = operation_and_side::<R>(&config, &words[at + 1..], twins)?;
        let times: u64 = parsed(words.get(at + 3), "--run OPERATION SIDE TIMES")?;
        let run = move |mut client: started::Client| client.time(operation, side, times);
        started::with::<R, T, _>(&config, run).map_err(wrong)?;
    } else {
        let title = format!("{}/{}@{}", R::about().name, config.flavour, config.workers);
        let operations: Vec<Operation> = Operation::all()
            .into_iter()
            .filter(|operation| has::<R>(&config, *operation))
            .collect();
        started::with::<R, T, _>(&config, move |client| {
            bench::all(client, &title, &operations, twins);
        })
        .map_err(wrong)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Allocations and bytes of one operation: of the batch with the fewest. A queue that grows once in many times is no
/// part of one, and neither is what another thread happens to do meanwhile.
fn counted(client: &mut started::Client, operation: Operation, side: Side) -> (u64, u64) {
    let times = BATCH
        .min(BATCH_BRANCHES / operation.branches().unwrap_or(1))
        .max(1);
    fewest(client, operation, side, times)
}

/// The same of batches of so many times.
fn fewest(
    client: &mut started::Client,
    operation: Operation,
    side: Side,
    times: u64,
) -> (u64, u64) {
    client.count(operation, side, SETTLING.min(8 * times));
    let batches = (0..BATCHES).map(|_| client.count(operation, side, times));
    let (allocations, bytes) = batches.min().unwrap_or_default();
    let each = |count: u64| (count + times / 2) / times;
    (each(allocations), each(bytes))
}

/// Asserts that both sides of every operation allocate the same, on a flavour with one executing thread. The `main` of a
/// test. A list of handles may take so many bytes more for each, where the trait wants
/// them to be `Send` and the runtime's own are not. What an adapter adds besides is named in `more`, with the bytes that it
/// takes, and no fewer: the test says why.
///
/// Where the kernel takes part (sockets, files, timers, the blocking pool), how often something is polled differs from time
/// to time, and what that allocates with it: of these each time is a batch, the two that allocated least are compared, and a
/// difference is printed and fails nothing.
/// Left out are lists of 10,000 branches, which are the shorter ones again, and what no twin can do otherwise: wakes
/// and `dispatch`.
///
/// # Panics
///
/// Where others do not.
pub fn same_allocations<R: Runtime, T: Operations>(
    flavour: &str,
    handle: u64,
    more: &'static [(&'static str, u64)],
) {
    // The tests' runner passes options of its own; this is all one test.
    if env::args().any(|word| word == echo::FLAG) {
        echo::serve().expect("it can echo");
        return;
    }
    let config = Config::new(flavour, 1);
    if let Some(why) = R::unavailable(&config) {
        println!("skipped: {} cannot run here: {why}", R::about().name);
        return;
    }
    set_environment::<R>(&config);
    let all = move |mut client: started::Client| {
        let mut compared = 0;
        let (mut different, mut by_chance) = (Vec::new(), Vec::new());
        for operation in Operation::all() {
            let few = operation
                .branches()
                .is_none_or(|branches| branches <= 1_000);
            if operation.sides(true).len() < 2 || !few || !has_what_it_wants::<R>(operation) {
                continue;
            }
            let [through, by_hand] = Side::BOTH.map(|side| {
                if operation.meets_the_kernel() {
                    fewest(&mut client, operation, side, 1)
                } else {
                    counted(&mut client, operation, side)
                }
            });
            let name = operation.to_string();
            let named = more.iter().find(|(known, _)| *known == name);
            let allowed = match operation.what {
                What::Spawn(_, branches) if branches > 2 => handle * branches,
                _ => named.map_or(0, |(_, bytes)| *bytes),
            };
            if through != (by_hand.0, by_hand.1 + allowed) {
                // Whether the kernel is ready at once decides what some reactors allocate, even of the fewest of several.
                let list = if operation.meets_the_kernel() {
                    &mut by_chance
                } else {
                    &mut different
                };
                list.push(format!("{operation}: {through:?} and {by_hand:?}"));
            }
            compared += 1;
        }
        (compared, different, by_chance)
    };
    let (compared, different, by_chance) =
        started::with::<R, T, _>(&config, all).expect("the runtime starts");
    assert!(
        different.is_empty(),
        "allocations and bytes differ, through the trait and by hand:\n{}",
        different.join("\n")
    );
    let same = compared - by_chance.len();
    println!("{same} operations allocate the same through the trait and by hand");
    if !by_chance.is_empty() {
        println!(
            "this time otherwise, of those that the kernel takes part in:\n{}",
            by_chance.join("\n")
        );
    }
    assert!(compared > 10, "only {compared} operations were compared");
}

fn described(operation: Operation, twins: bool) -> costs::Operation {
    costs::Operation {
        operation: operation.to_string(),
        branches: operation.branches(),
        root: if operation.from_block_on {
            Root::BlockOn
        } else {
            Root::Worker
        },
        sides: operation.sides(twins).to_vec(),
        summary: operation.summary(),
    }
}

fn as_line(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("these messages are plain")
}

/// Whether a runtime has what an operation is about.
fn has_what_it_wants<R: Runtime>(operation: Operation) -> bool {
    operation
        .what
        .wants()
        .is_none_or(|wanted| !R::LACKS.contains(&wanted))
}

/// Whether a configuration has such an operation.
fn has<R: Runtime>(config: &Config, operation: Operation) -> bool {
    let semantics = R::semantics(config);
    match operation.what {
        _ if !has_what_it_wants::<R>(operation) => false,
        What::Dispatch => semantics.dispatch.is_some(),
        What::Spawn(_, branches) => semantics.spawn != Threads::Branches || branches <= THREADS,
        _ => true,
    }
}

/// How a configuration is said: by an argument; or by a variable to a process that runs criterion, which reads the
/// arguments itself and knows none of ours.
const FLAVOUR: [&str; 2] = ["--flavour", "RUNTIME_COSTS_FLAVOUR"];
const WORKERS: [&str; 2] = ["--workers", "RUNTIME_COSTS_WORKERS"];

fn said(words: &[String], [argument, variable]: [&str; 2]) -> Result<Option<String>, String> {
    match words.iter().position(|word| word == argument) {
        Some(at) => parsed(words.get(at + 1), argument).map(Some),
        None => Ok(env::var(variable).ok()),
    }
}

/// The one that is asked for; `None` is all.
fn configuration<R: Runtime>(words: &[String]) -> Result<Option<Config>, String> {
    let Some(flavour) = said(words, FLAVOUR)? else {
        return Ok(None);
    };
    let about = R::about();
    let Some(known) = about.flavours.iter().find(|known| known.name == flavour) else {
        let names: Vec<&str> = about.flavours.iter().map(|known| known.name).collect();
        return Err(format!(
            "{} has no flavour {flavour}; it has {}",
            about.name,
            names.join(", ")
        ));
    };
    let workers = match said(words, WORKERS)? {
        Some(count) => parsed(Some(&count), "--workers N")?,
        None => workers(known.workers),
    };
    Ok(Some(Config::new(flavour, workers)))
}

fn workers(workers: Workers) -> usize {
    match workers {
        Workers::Fixed(workers) => workers,
        Workers::PerCore => thread::available_parallelism().map_or(1, usize::from),
    }
}

fn parsed<T: FromStr<Err: Display>>(word: Option<&String>, usage: &str) -> Result<T, String> {
    let word = word.ok_or_else(|| format!("write {usage}"))?;
    word.parse()
        .map_err(|error| format!("{word}: {error}; write {usage}"))
}

fn operation_and_side<R: Runtime>(
    config: &Config,
    words: &[String],
    twins: bool,
) -> Result<(Operation, Side), String> {
    let usage = "OPERATION SIDE";
    let name: String = parsed(words.first(), usage)?;
    let side: String = parsed(words.get(1), usage)?;
    let operation = Operation::of(&name)
        .filter(|operation| has::<R>(config, *operation))
        .ok_or_else(|| format!("there is no operation {name}; --operations lists them"))?;
    let side = Side::of(&side)
        .filter(|side| operation.sides(twins).contains(side))
        .ok_or_else(|| format!("{name} has no side {side}; --operations lists them"))?;
    Ok((operation, side))
}

/// This program again, once for each configuration that can run here.
fn each_configuration<R: Runtime>(words: &[String]) -> Result<ExitCode, String> {
    for flavour in R::about().flavours {
        let config = Config::new(flavour.name, workers(flavour.workers));
        if let Some(why) = R::unavailable(&config) {
            eprintln!(
                "{} {} cannot run here: {why}",
                R::about().name,
                flavour.name
            );
            continue;
        }
        if again(words, &config)? != ExitCode::SUCCESS {
            return Err(format!("{} {} went wrong", R::about().name, flavour.name));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// This program again, to run criterion on one configuration.
fn again(words: &[String], config: &Config) -> Result<ExitCode, String> {
    let program = env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    let mut left = words.iter();
    let mut kept = Vec::new();
    while let Some(word) = left.next() {
        if word == FLAVOUR[0] || word == WORKERS[0] {
            left.next();
        } else {
            kept.push(word);
        }
    }
    let status = Command::new(&program)
        .args(kept)
        .env(FLAVOUR[1], &config.flavour)
        .env(WORKERS[1], config.workers.to_string())
        .status()
        .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
