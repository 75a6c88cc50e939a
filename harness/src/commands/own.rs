//! `harness try`: a file of somebody's own, compiled for each runtime, measured and answered like any scenario.

use std::{env, path::Path, process::ExitCode, time::Duration};

use super::{
    Usage, Workbench, absent, chosen, meet,
    nothing::want_something,
    run::{
        BUDGET, Measuring, Participants, Printing, announce, header, milliseconds, seed, told_host,
        want_folder,
    },
    workers,
};
use crate::cli::TryArgs;
use harness_measure::{
    adapters::{
        Adapters, Build, Entry, Error,
        own::{Failed, File},
    },
    child::{Interrupt, Limits},
    progress::{Progress, tell},
};
use harness_protocol::Own as Said;
use harness_record::{
    bundle::Recorder,
    plan::{Options, Rounds},
};
use workload_catalogue::Own;

/// Builds, meets, plans, measures, reports.
///
/// # Errors
///
/// What the user can mend (exit code 2), or that the record could not be written.
pub fn run(args: &TryArgs) -> anyhow::Result<ExitCode> {
    want_folder(&args.results)?;
    let file = File::read(&args.file).map_err(Usage)?;
    let interrupt = Interrupt::install()?;
    let adapters = workspace()?;
    let how = Build {
        quiet: args.quiet,
        interrupt: interrupt.clone(),
        ..Build::default()
    };
    let workbench = Workbench {
        interrupt,
        adapters,
        how,
    };
    let progress = Progress::new(args.quiet);
    let (participants, said) = participants(&workbench, args, &file, &progress)?;
    let Some(said) = said else {
        let mut why = participants
            .entrants
            .iter()
            .filter_map(|one| one.unavailable.as_deref());
        let why = why.next().unwrap_or("no runtime was named");
        anyhow::bail!("{} runs nowhere: {why}", file.shown());
    };
    let header = header(
        &workbench.adapters,
        told_host(&workbench.adapters, &progress),
        options(args, &file, said),
        participants.entrants,
        &participants.built,
    );
    want_something(&header)?;
    let mut recorder = Recorder::create(&args.results, header)?;
    announce(&recorder.bundle, &progress);
    let how = Measuring {
        printing: Printing {
            output: &args.output,
            details: args.details,
            fail_on: &[],
        },
        adapters: &workbench.adapters,
        built: &participants.built,
        how: &workbench.how,
        interrupt: &workbench.interrupt,
        progress: &progress,
    };
    how.measure(&mut recorder, None)
}

/// The adapters of the workspace around the current folder; else of the one that this program was built in, since a file of
/// one's own lies anywhere.
fn workspace() -> Result<Adapters, Error> {
    let here = Adapters::open(None);
    let (Err(Error::NoWorkspace { .. } | Error::NoneInWorkspace { .. }), Ok(us)) =
        (&here, env::current_exe())
    else {
        return here;
    };
    let is_ours = |folder: &&Path| {
        folder.join("Cargo.lock").is_file() && folder.join("runtimes/api").is_dir()
    };
    match us.ancestors().find(is_ours) {
        Some(root) => Adapters::in_workspace(root),
        None => here,
    }
}

/// Builds the runtimes around the file and meets them, and hears from the first what the file says of itself.
fn participants(
    workbench: &Workbench,
    args: &TryArgs,
    file: &File,
    progress: &Progress,
) -> anyhow::Result<(Participants, Option<Said>)> {
    let limits = Limits::default();
    let mut participants = Participants::default();
    let mut said = None;
    for entry in chosen(&workbench.adapters, &args.runtime)? {
        let met = match workbench.adapters.make_own(entry, file, &workbench.how) {
            Ok(adapter) => {
                let (met, own) = meet(entry, adapter, &limits, &workbench.interrupt, true)?;
                said = said.or(own);
                met
            }
            Err(failed) => absent(entry, true, of_ours(failed, file, entry)?),
        };
        participants.take_in(entry, met, progress);
    }
    Ok((participants, said))
}

/// Why a runtime takes no part, if the file is not to blame: it would be for every other.
fn of_ours(failed: Failed, file: &File, entry: &Entry) -> anyhow::Result<String> {
    match failed {
        Failed::Ours(why) => Ok(why),
        Failed::Interrupted => Err(Error::Interrupted.into()),
        Failed::Yours(said) => {
            tell(&said);
            Err(Usage(format!(
                "{} does not compile for {}: what is wrong stands above",
                file.shown(),
                entry.name
            ))
            .into())
        }
    }
}

/// What was asked for; where nothing was, what the file says; where that says nothing, what its trait says.
fn options(args: &TryArgs, file: &File, said: Said) -> Options {
    let ms = |asked: Option<Duration>, said_ns: u64| {
        let time = asked.unwrap_or(Duration::from_nanos(said_ns));
        time.as_secs_f64() * 1e3
    };
    let scenario = Own {
        name: file.name.clone(),
        wait_ms: ms(args.wait, said.wait_ns),
        work_ms: ms(args.work, said.work_ns),
        offloads: said.offloads,
        together: said.together,
    };
    let branches = args
        .branches
        .map_or(said.branches, |branches| branches as usize);
    Options {
        scenarios: vec![scenario.to_string()],
        primitives: args.primitive.clone(),
        workers: workers(&args.workers),
        own_workers: false,
        blocking_threads: None,
        cpus: None,
        branches: Some(branches.max(1)),
        rounds: args
            .rounds
            .map_or(Rounds::Budget, |rounds| Rounds::Fixed(rounds as usize)),
        budget_ms: args.rounds.is_none().then(|| milliseconds(BUDGET)),
        timeout_ms: args.timeout.map(milliseconds),
        seed: args.seed.unwrap_or_else(seed),
        root: args.root,
        unverified: !args.verify,
        partition: None,
        costs: None,
    }
}
