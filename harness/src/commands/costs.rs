//! `harness costs`: what primitives cost, and what our trait adds, measured or read from what `cargo bench`
//! left.

use std::{path::Path, process::ExitCode, time::Duration};

use harness_protocol::{Root, Workers};

use super::{
    FAILED, INTERRUPTED, Usage, Workbench, chosen, introduce,
    nothing::want_something,
    open,
    run::{Participants, header, recorded, told_host, want_folder},
    unknown,
};
use crate::cli::CostsArgs;
use harness_measure::{
    adapters::{Adapters, Entry},
    child::Limits,
    costs::{
        cargo_bench, executable,
        measure::{self, CostTools, Executable},
        process::Ended,
    },
    progress::Progress,
    scratch::Scratch,
    verify,
};
use harness_record::{
    bundle::{Event, Header, Recorder},
    costs::{Asked, Cost, Doing, Found, Time, is_asked},
    plan::{Options, Rounds},
};
use harness_report::Report;

/// A process that takes longer is ended.
const AT_MOST: Duration = Duration::from_secs(60);

/// Measures or reads, records, and prints what was found.
///
/// # Errors
///
/// What the user can mend (exit code 2), or that the record could not be written.
pub fn run(args: &CostsArgs) -> anyhow::Result<ExitCode> {
    want_folder(&args.results)?;
    let left = args
        .criterion
        .as_deref()
        .map(|folder| left(folder, args))
        .transpose()?;
    let workbench = open(args.from.adapters.as_deref(), args.quiet)?;
    let progress = Progress::new(args.quiet);
    let (mut recorder, found) = match left {
        Some(left) => read(args, &workbench, &progress, left)?,
        None => measure(args, &workbench, &progress)?,
    };
    let interrupted = workbench.interrupt.is_raised();
    let ran = found.and_then(|()| end(&mut recorder, interrupted));
    progress.done();
    let ran = match ran {
        Err(error) if recorder.bundle.costs.is_empty() => return Err(error),
        ran => ran,
    };
    let report = Report::of(&recorder.bundle);
    let printed = super::run::print(
        &recorder.bundle,
        &report,
        recorder.folder(),
        (&args.output, true),
    );
    recorded(ran, recorder.folder(), &progress)?;
    printed?;
    Ok(ExitCode::from(if interrupted {
        INTERRUPTED
    } else if report.any_failed() {
        FAILED
    } else {
        0
    }))
}

/// The run is over. What was stopped is not sealed.
fn end(recorder: &mut Recorder, interrupted: bool) -> anyhow::Result<()> {
    recorder.add(Event::End { interrupted })?;
    if interrupted { Ok(()) } else { recorder.seal() }
}

/// A record, and whether all that was found could be added to it.
type Filled = (Recorder, anyhow::Result<()>);

/// Builds, asks, and measures everything in turn.
fn measure(args: &CostsArgs, workbench: &Workbench, progress: &Progress) -> anyhow::Result<Filled> {
    let interrupt = &workbench.interrupt;
    let valgrind = if args.no_instructions {
        None
    } else {
        let found = executable::valgrind(interrupt);
        if found.is_none() {
            progress.say(
                "valgrind is not installed, so no instructions are counted: install it (Debian and Ubuntu: \
                 apt-get install valgrind), or give --no-instructions",
            );
        }
        found
    };
    let at_most = args.timeout.unwrap_or(AT_MOST);
    let names = wanted(&workbench.adapters, &args.runtime)?;
    let mut participants = Participants::introduce(workbench, &names, progress)?;
    let adapters = participants.built.clone();
    let mut executables = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for entry in &names {
        let mut entrants = participants.entrants.iter();
        if entrants.any(|entrant| entrant.name == entry.name && entrant.unavailable.is_some()) {
            continue;
        }
        let made = workbench.adapters.make_costs(entry, &workbench.how);
        let program = match made {
            Ok(program) => program,
            Err(error @ harness_measure::adapters::Error::Build { .. }) => {
                participants.lose(&entry.name, error.to_string(), progress);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let mut operations = match executable::operations(&program, None, at_most, interrupt) {
            Ok(operations) => operations,
            Err(Ended::Interrupted) => {
                return Err(harness_measure::adapters::Error::Interrupted.into());
            }
            Err(Ended::Wrong { reason, .. }) => {
                let why = format!("{} --operations: {reason}", harness_record::costs::TARGET);
                participants.lose(&entry.name, why, progress);
                continue;
            }
        };
        known.extend(operations.iter().map(|known| known.operation.clone()));
        operations.retain(|known| is_asked(&args.operation, &known.operation));
        if let Some(adapter) = participants.built.get_mut(&entry.name) {
            // The record is about this program.
            adapter.program = program.clone();
        }
        executables.push(Executable {
            runtime: entry.name.clone(),
            program,
            operations,
        });
    }
    for asked in &args.operation {
        let one = std::slice::from_ref(asked);
        if !known.is_empty() && !known.iter().any(|known| is_asked(one, known)) {
            known.sort();
            known.dedup();
            let why = unknown("operation", asked, known.iter().map(String::as_str));
            return Err(Usage(why).into());
        }
    }
    let options = options(args, valgrind);
    let header = participants.header(args, options, workbench, progress);
    let configs = header.configurations();
    // For criterion's files.
    let scratch = Scratch::new()?;
    let tools = CostTools {
        at_most,
        rounds: u64::from(args.rounds),
        instructions: header
            .options
            .costs
            .as_ref()
            .is_some_and(|costs| costs.valgrind.is_some()),
        scratch: scratch.path(),
        interrupt,
        progress,
    };
    want_something(&header)?;
    let mut recorder = Recorder::create(&args.results, header)?;
    let mut all = || -> anyhow::Result<()> {
        verify::record(&mut recorder, &adapters, &trying(workbench, progress))?;
        for config in configs.iter().filter(|config| config.unavailable.is_none()) {
            if recorder.bundle.refused(&config.id).is_some() {
                continue;
            }
            let executable = executables.iter().find(|e| e.runtime == config.id.runtime);
            if let Some(executable) = executable.filter(|_| !interrupt.is_raised()) {
                measure::configuration(&mut recorder, executable, config, &tools)?;
            }
        }
        Ok(())
    };
    let found = all();
    Ok((recorder, found))
}

/// What trying the adapters' promises takes. How long an operation may take says nothing of them.
fn trying<'a>(workbench: &'a Workbench, progress: &'a Progress) -> verify::VerifyTools<'a> {
    verify::VerifyTools {
        timeout: None,
        interrupt: &workbench.interrupt,
        progress,
    }
}

/// Records what `cargo bench` left, and tries the promises of the adapters that it is about.
fn read(
    args: &CostsArgs,
    workbench: &Workbench,
    progress: &Progress,
    left: Vec<cargo_bench::Found>,
) -> anyhow::Result<Filled> {
    let mut names: Vec<String> = left
        .iter()
        .map(|found| found.configuration.0.clone())
        .collect();
    names.dedup();
    let entries = wanted(&workbench.adapters, &names)?;
    let participants = Participants::introduce(workbench, &entries, progress)?;
    let options = Options {
        workers: participants.workers(&left),
        ..options(args, None)
    };
    let header = participants.header(args, options, workbench, progress);
    want_something(&header)?;
    let mut recorder = Recorder::create(&args.results, header)?;
    let found = take(&mut recorder, &participants, workbench, progress, left);
    Ok((recorder, found))
}

fn take(
    recorder: &mut Recorder,
    participants: &Participants,
    workbench: &Workbench,
    progress: &Progress,
    left: Vec<cargo_bench::Found>,
) -> anyhow::Result<()> {
    verify::record(recorder, &participants.built, &trying(workbench, progress))?;
    for found in left {
        let (runtime, flavour, workers) = found.configuration;
        let cost = Cost {
            runtime,
            flavour,
            workers,
            operation: found.operation,
            side: found.side,
            found: measure::possible(
                Doing::Time,
                Found::Time(Time {
                    round: 0,
                    order: found.side as usize,
                    iterations: found.iterations,
                    times_ns: found.times_ns,
                    estimate: found.estimate,
                    load: None,
                }),
            ),
        };
        if recorder.bundle.refused(&cost.id()).is_none() && !workbench.interrupt.is_raised() {
            recorder.add(Event::Cost(cost))?;
        }
    }
    Ok(())
}

/// What `cargo bench` left in a folder, and was asked for.
fn left(folder: &Path, args: &CostsArgs) -> anyhow::Result<Vec<cargo_bench::Found>> {
    let found = cargo_bench::read(folder).map_err(|error| Usage(format!("{error:#}")))?;
    let is_wanted = |found: &cargo_bench::Found| {
        let runtime = &found.configuration.0;
        (args.runtime.is_empty() || args.runtime.contains(runtime))
            && is_asked(&args.operation, &found.operation)
    };
    let left: Vec<cargo_bench::Found> = found.into_iter().filter(is_wanted).collect();
    if left.is_empty() {
        return Err(Usage(format!(
            "{} holds no cost that was asked for: `cargo bench -p runtime-NAME --bench {}` leaves them in \
             target/criterion",
            folder.display(),
            harness_record::costs::TARGET
        ))
        .into());
    }
    Ok(left)
}

/// The adapters of these names, or all, that can tell what their primitives cost.
fn wanted<'a>(adapters: &'a Adapters, names: &[String]) -> anyhow::Result<Vec<&'a Entry>> {
    let mut wanted = chosen(adapters, names)?;
    if names.is_empty() {
        wanted.retain(|entry| entry.has_costs());
    }
    let target = harness_record::costs::TARGET;
    if let Some(without) = wanted.iter().find(|entry| !entry.has_costs()) {
        return Err(Usage(format!(
            "{} has no bench target `{target}`, so nobody can tell what its primitives cost",
            without.name
        ))
        .into());
    }
    if wanted.is_empty() {
        return Err(Usage(format!("no adapter has a bench target `{target}`")).into());
    }
    Ok(wanted)
}

impl Participants {
    fn introduce(
        workbench: &Workbench,
        wanted: &[&Entry],
        progress: &Progress,
    ) -> anyhow::Result<Self> {
        let mut participants = Self::default();
        for entry in wanted {
            let met = introduce(
                &workbench.adapters,
                entry,
                &workbench.how,
                &Limits::default(),
                &workbench.interrupt,
                true,
            )?;
            participants.take_in(entry, met, progress);
        }
        Ok(participants)
    }

    /// The worker counts of what `cargo bench` left, in flavours that can have any.
    fn workers(&self, left: &[cargo_bench::Found]) -> Vec<usize> {
        let mut counts: Vec<usize> = Vec::new();
        for (runtime, flavour, workers) in left.iter().map(|found| &found.configuration) {
            let mut flavours = self
                .entrants
                .iter()
                .filter(|entrant| entrant.name == *runtime)
                .flat_map(|entrant| &entrant.flavours);
            let any = flavours.any(|f| f.name == *flavour && f.workers == Workers::PerCore);
            if any && !counts.contains(workers) {
                counts.push(*workers);
            }
        }
        counts
    }

    /// One whose executable cannot be built or asked: there is no program of it that the record could be about.
    fn lose(&mut self, name: &str, why: String, progress: &Progress) {
        progress.say(&format!("{name} is not measured: {why}"));
        self.built.remove(name);
        let mut entrants = self.entrants.iter_mut();
        if let Some(entrant) = entrants.find(|entrant| entrant.name == name) {
            entrant.unavailable = Some(why);
            entrant.lineage.clear();
        }
    }

    fn header(
        &self,
        args: &CostsArgs,
        options: Options,
        workbench: &Workbench,
        progress: &Progress,
    ) -> Header {
        Header {
            note: args.note.clone(),
            ..header(
                &workbench.adapters,
                told_host(&workbench.adapters, progress),
                options,
                self.entrants.clone(),
                &self.built,
            )
        }
    }
}

fn options(args: &CostsArgs, valgrind: Option<String>) -> Options {
    let read = args.criterion.is_some();
    Options {
        scenarios: Vec::new(),
        primitives: Vec::new(),
        workers: super::workers(&args.workers),
        own_workers: false,
        blocking_threads: None,
        cpus: None,
        branches: None,
        rounds: Rounds::Fixed(if read { 1 } else { args.rounds as usize }),
        budget_ms: None,
        timeout_ms: args
            .timeout
            .map(|time| time.as_millis().try_into().unwrap_or(u64::MAX)),
        seed: super::run::seed(),
        root: Root::Worker,
        unverified: false,
        partition: None,
        costs: Some(Asked {
            operations: args.operation.clone(),
            left_by_cargo_bench: read,
            valgrind,
        }),
    }
}
