//! `harness run`: build, meet, plan, measure, report.

use super::{
    FAILED, INTERRUPTED, Introduced, Usage, VERDICT, Workbench, chosen, introduce,
    nothing::{want_sizes, want_something},
    open, part, partition,
};
use crate::cli::{Format, Output, RunArgs, WorkersArg};
use harness_judge::judge::Verdict;
use harness_measure::{
    adapters::{Adapter, Adapters, Build, Entry, environment},
    child::{Interrupt, Limits},
    host::describe,
    origin::Origin,
    progress::Progress,
    run::{self, RunTools, unasked},
    scratch::Scratch,
};
use harness_record::{
    bundle::{Bundle, Header, Made, Recorder, sum},
    format::counted,
    host::Host,
    plan::{BASELINE, Entrant, Options, Rounds},
};
use harness_report::{self, Report, screen, summary, traced};
use std::{
    cell::RefCell,
    collections::HashMap,
    env, fs,
    io::ErrorKind,
    path::Path,
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use workload_catalogue::{SCENARIOS, Scenario};

/// Of a runtime on its own. What is clear is decided in some twelve seconds on two quiet cores; the rest is
/// for a machine that is slower, or less quiet, and unspent where it is neither.
pub(super) const BUDGET: Duration = Duration::from_secs(16);
/// Of each of several: the more comparisons share the error, the more blocks each needs.
const SHARED_BUDGET: Duration = Duration::from_secs(24);
/// Columns of a report with details: longer lines are hard to read.
const WIDEST: usize = 120;
const LONG_BUDGET: Duration = Duration::from_secs(300);

/// Runs.
///
/// # Errors
///
/// What the user can mend (exit code 2), or that the record could not be written.
pub fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    want_folder(&args.results)?;
    want_sizes(&options(args, 1))?;
    let partition = partition::asked(args)?;
    // Before any thread is started.
    let cpus = part::chosen(args)?;
    let Workbench {
        interrupt,
        adapters,
        how,
    } = open(args.from.adapters.as_deref(), args.quiet)?;
    let how = how.with(args.scenario.iter().map(String::as_str));
    let progress = Progress::new(args.quiet);
    let limits = Limits::default();
    let limits = Limits {
        wall: args.timeout.unwrap_or(limits.wall),
        ..limits
    };

    let Participants {
        mut entrants,
        built,
    } = participants(
        &adapters,
        &args.runtime,
        &args.scenario,
        &how,
        &limits,
        &interrupt,
        &progress,
    )?;
    let host = told_host(&adapters, &progress);
    let options = Options {
        partition,
        workers: part::workers(&args.workers, &host)?,
        cpus: cpus.map(|cpus| cpus.to_string()),
        ..options(
            args,
            entrants.iter().filter(|entrant| entrant.asked).count(),
        )
    };
    if options.own_workers {
        for entrant in &mut entrants {
            if let Some(adapter) = built.get(&entrant.name) {
                unasked::see(adapter, entrant, &host, &limits, &interrupt);
            }
        }
    }
    let header = Header {
        note: args.note.clone(),
        ..header(&adapters, host, options, entrants, &built)
    };
    let how = Measuring {
        printing: Printing::of(args),
        adapters: &adapters,
        built: &built,
        how: &how,
        interrupt: &interrupt,
        progress: &progress,
    };
    want_something(&header)?;
    let origin = how.origin(&header.options)?;
    let mut recorder = Recorder::create(&args.results, header)?;
    announce(&recorder.bundle, &progress);
    how.measure(&mut recorder, origin)
}

/// [`host`], and what there is to say of it is said.
pub fn told_host(adapters: &Adapters, progress: &Progress) -> Host {
    let (host, remark) = host(adapters);
    if let Some(remark) = remark {
        progress.say(&remark);
    }
    host
}

/// The head of the record of a run that begins now.
pub fn header(
    adapters: &Adapters,
    host: Host,
    options: Options,
    entrants: Vec<Entrant>,
    built: &HashMap<String, Adapter>,
) -> Header {
    let made = entrants.iter().filter_map(|entrant| {
        let adapter = built.get(&entrant.name)?;
        Some(Made {
            runtime: entrant.name.clone(),
            sha256: sum_of(&adapter.program.path),
            crates: adapter.crates.clone(),
        })
    });
    let made = made.collect();
    Header {
        program: env::current_exe().ok().and_then(|path| sum_of(&path)),
        adapters: made,
        built: adapters.built().cloned(),
        ..Header::now(host, options, entrants, notes(adapters))
    }
}

/// This machine, with the revision of what is measured on it; and what there is to say of that. Adapters that were built
/// before may have been carried here: what is checked out around the current directory says nothing of them.
pub fn host(adapters: &Adapters) -> (Host, Option<String>) {
    let here = describe();
    if !adapters.are_prebuilt() {
        return (here, None);
    }
    let is_revision = |text: &&str| {
        let text = text.trim_end_matches('+');
        text.len() >= 7 && text.chars().all(|c| c.is_ascii_hexdigit())
    };
    let built = adapters.built().and_then(|built| built.revision.as_deref());
    let built = built.filter(is_revision);
    let of_adapters = Host {
        dirty: built.map(|revision| revision.ends_with('+')),
        revision: built.map(|revision| revision.trim_end_matches('+').to_owned()),
        ..here.clone()
    };
    let (then, now) = (of_adapters.checkout(), here.checkout());
    let folder = adapters.folder().display();
    let remark = match (then, now) {
        (None, _) => Some(format!(
            "nobody noted of which revision the adapters in {folder} are, so the record names none; `harness build --out` \
             notes it"
        )),
        (Some(then), Some(now)) if then != now => Some(format!(
            "the adapters in {folder} are of revision {then}, which is recorded; the checkout here is at {now}"
        )),
        _ => None,
    };
    (of_adapters, remark)
}

fn sum_of(program: &Path) -> Option<String> {
    Some(sum(&fs::read(program).ok()?))
}

/// What it takes to measure and report what a record's header asks for.
pub struct Measuring<'a> {
    /// How its report is printed.
    pub printing: Printing<'a>,
    /// Where adapters come from.
    pub adapters: &'a Adapters,
    /// Those that could be built, by runtime.
    pub built: &'a HashMap<String, Adapter>,
    /// How they are built.
    pub how: &'a Build,
    /// Ctrl-C.
    pub interrupt: &'a Interrupt,
    /// Who is told how far it is.
    pub progress: &'a Progress,
}

/// How a report is printed, and what makes it a failure.
#[derive(Clone, Copy, Debug)]
pub struct Printing<'a> {
    /// The form.
    pub output: &'a Output,
    /// Everything instead of the summary.
    pub details: bool,
    /// Verdicts that are failures.
    pub fail_on: &'a [Verdict],
}

impl<'a> Printing<'a> {
    /// What was asked of a run.
    #[must_use]
    pub fn of(args: &'a RunArgs) -> Self {
        Self {
            output: &args.output,
            details: args.details,
            fail_on: &args.fail_on,
        }
    }
}

impl Measuring<'_> {
    /// Starts the origin, if a scenario needs it.
    pub fn origin(&self, options: &Options) -> anyhow::Result<Option<RefCell<Origin>>> {
        let needs_origin = SCENARIOS
            .iter()
            .any(|s| s.needs_origin && options.scenarios.iter().any(|o| o == s.name));
        if !needs_origin {
            return Ok(None);
        }
        let program = self.adapters.make_origin(self.how)?;
        Ok(Some(RefCell::new(Origin::start(&program, self.interrupt)?)))
    }

    /// Measures, reports and seals. The exit code.
    pub fn measure(
        &self,
        recorder: &mut Recorder,
        origin: Option<RefCell<Origin>>,
    ) -> anyhow::Result<ExitCode> {
        // For the scenarios' files.
        let folder = Scratch::new()?;
        let timeout_ms = recorder.bundle.header.options.timeout_ms;
        let tools = RunTools {
            adapters: self.built,
            origin: origin.as_ref(),
            folder: folder.path(),
            interrupt: self.interrupt,
            timeout: timeout_ms.map(Duration::from_millis),
            progress: self.progress,
            answered: &|bundle, runtime| answer(bundle, runtime, self.progress),
        };
        let ran = run::run(recorder, &tools);
        self.progress.done();
        drop(origin);
        let ran = match ran {
            Err(error) if recorder.bundle.blocks.is_empty() => return Err(error),
            ran => ran,
        };
        // On a terminal the report follows what was said meanwhile.
        self.progress.say("");
        let report = Report::of(&recorder.bundle);
        let printed = print(
            &recorder.bundle,
            &report,
            recorder.folder(),
            (self.printing.output, self.printing.details),
        );
        recorded(ran, recorder.folder(), self.progress)?;
        printed?;
        Ok(exit_code(
            self.printing.fail_on,
            &report,
            self.interrupt.is_raised(),
        ))
    }
}

/// Says where a run is recorded, once its report is printed; or why it could not be recorded to its end.
///
/// # Errors
///
/// As the run.
pub fn recorded(ran: anyhow::Result<()>, folder: &Path, progress: &Progress) -> anyhow::Result<()> {
    if let Err(error) = ran {
        anyhow::bail!("{error:#}; the report above is of what was measured until then");
    }
    progress.say(&format!("recorded in {}", folder.display()));
    Ok(())
}

/// Refuses a place for results that cannot be one, before anything is built for it.
///
/// # Errors
///
/// That it is no folder.
pub fn want_folder(results: &Path) -> Result<(), Usage> {
    let is_other = match fs::metadata(results) {
        Ok(there) => !there.is_dir(),
        Err(error) => error.kind() == ErrorKind::NotADirectory,
    };
    if is_other {
        return Err(Usage(format!(
            "--results {}: this is no folder, and a run is recorded in a new one inside it; name a folder, there or not",
            results.display()
        )));
    }
    Ok(())
}

/// The exit code of a run that is over, or was stopped.
pub fn exit_code(fail_on: &[Verdict], report: &Report, interrupted: bool) -> ExitCode {
    ExitCode::from(if interrupted {
        INTERRUPTED
    } else if report.any_failed() {
        FAILED
    } else if report
        .claims
        .iter()
        .any(|claim| fail_on.contains(&claim.verdict))
    {
        VERDICT
    } else {
        0
    })
}

/// Who takes part.
#[derive(Default)]
pub struct Participants {
    /// What they say of themselves, the baseline first.
    pub entrants: Vec<Entrant>,
    /// Those that could be built, by runtime.
    pub built: HashMap<String, Adapter>,
}

impl Participants {
    /// One more, who was met; that it cannot run here, or was not heard, is said.
    pub(super) fn take_in(&mut self, entry: &Entry, met: Introduced, progress: &Progress) {
        if let Some(why) = &met.entrant.unavailable {
            let word = match met.adapter {
                Some(_) => "unavailable",
                None => "not measured",
            };
            progress.say(&format!("{} is {word}: {why}", entry.name));
        }
        if let Some(adapter) = met.adapter {
            self.built.insert(entry.name.clone(), adapter);
        }
        self.entrants.push(met.entrant);
    }
}

/// Builds and meets the runtimes of these names, or all, and the baseline: the kernels are calibrated on
/// it, and CPU claims compare with it.
pub fn participants(
    adapters: &Adapters,
    names: &[String],
    scenarios: &[String],
    how: &Build,
    limits: &Limits,
    interrupt: &Interrupt,
    progress: &Progress,
) -> anyhow::Result<Participants> {
    let asked = chosen(adapters, names)?;
    let baseline = adapters
        .get(BASELINE)
        .filter(|entry| asked.iter().all(|a| a.name != entry.name));
    let all = baseline
        .map(|b| (b, false))
        .into_iter()
        .chain(asked.iter().map(|&a| (a, true)))
        .chain(adapters.beside(scenarios).map(|entry| (entry, false)));
    let mut participants = Participants::default();
    for (entry, asked) in all {
        let met = introduce(adapters, entry, how, limits, interrupt, asked)?;
        participants.take_in(entry, met, progress);
    }
    Ok(participants)
}

/// What was asked for, defaults filled in, but for what is asked of the machine.
#[must_use]
pub fn options(args: &RunArgs, runtimes: usize) -> Options {
    let named = |name: &str| args.scenario.iter().any(|asked| asked == name);
    // A group takes as long again as all the others, and answers a question of its own.
    let asked = |scenario: &Scenario| match scenario.group() {
        None => named("all") || named(scenario.name),
        Some(group) => named(group) || named(scenario.name),
    };
    let rounds = args.rounds.unwrap_or(Rounds::Budget);
    let budget = match (args.budget, rounds) {
        (Some(budget), _) => Some(budget),
        (None, Rounds::Budget) if runtimes > 1 => Some(SHARED_BUDGET),
        (None, Rounds::Budget) => Some(BUDGET),
        (None, Rounds::Auto) => Some(LONG_BUDGET),
        (None, Rounds::Fixed(_)) => None,
    };
    Options {
        scenarios: SCENARIOS
            .iter()
            .filter(|scenario| asked(scenario))
            .map(|scenario| scenario.name.to_owned())
            .collect(),
        primitives: args.primitive.clone(),
        workers: Vec::new(),
        own_workers: args.workers.contains(&WorkersArg::Default),
        blocking_threads: args.blocking_threads.map(|threads| threads as usize),
        cpus: None,
        branches: args.branches.map(|branches| branches as usize),
        rounds,
        budget_ms: budget.map(milliseconds),
        timeout_ms: args.timeout.map(milliseconds),
        seed: args.seed.unwrap_or_else(seed),
        root: args.root,
        unverified: args.unverified,
        partition: None,
        costs: None,
    }
}

pub(super) fn milliseconds(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

/// A seed nobody chose, short enough to be typed again.
pub fn seed() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::from(now.subsec_nanos()) ^ (now.as_secs() & 0xffff)
}

fn notes(adapters: &Adapters) -> Vec<String> {
    if adapters.are_prebuilt() {
        return vec!["prebuilt adapters: built before, and taken from a folder".to_owned()];
    }
    let environment = environment();
    let scrubbed = environment
        .scrubbed
        .iter()
        .map(|name| format!("{name} was kept from the builds"));
    let kept = environment
        .kept
        .iter()
        .map(|name| format!("{name} took part in the builds"));
    scrubbed.chain(kept).collect()
}

/// What will be measured, on what, for how long: before anything is.
pub(super) fn announce(bundle: &Bundle, progress: &Progress) {
    let header = &bundle.header;
    let configs: Vec<String> = bundle
        .plan
        .usable()
        .map(harness_record::plan::Config::title)
        .collect();
    let budget = match (header.options.rounds, header.options.budget_ms) {
        (Rounds::Fixed(rounds), _) => format!("{} of each cell", counted(rounds, "round")),
        (_, Some(ms)) => {
            format!(
                "at most {} for each runtime",
                humantime::format_duration(Duration::from_millis(ms))
            )
        }
        (_, None) => "until all is decided".to_owned(),
    };
    progress.say(&format!(
        "{}: {} of {}, {budget}",
        configs.join(", "),
        counted(bundle.plan.cells().count(), "measurement"),
        counted(header.options.scenarios.len(), "scenario"),
    ));
    if let Some(share) = header.options.partition {
        let whole = bundle.plan.groups.len() + bundle.plan.elsewhere.len();
        progress.say(&format!(
            "share {share} of the plan: {} of its {whole} comparisons, or blocks of them",
            bundle.plan.groups.len()
        ));
    }
    progress.say(&format!(
        "{}; seed {}",
        header.host.summary(header.cores),
        header.options.seed
    ));
}

/// Says of a runtime what most readers came for, while the run goes on: in few words, since the report has
/// the sentences, and nobody wants to read them twice.
fn answer(bundle: &Bundle, runtime: &str, progress: &Progress) {
    if !progress.is_heard() {
        return;
    }
    let report = Report::of(bundle);
    for config in bundle.plan.usable().filter(|one| one.id.runtime == runtime) {
        let answer = harness_report::answer::in_short(&report, config);
        progress.say(&format!("so far, {}: {answer}", config.title()));
    }
}

/// Prints a report to standard output: in short, or with all details.
///
/// # Errors
///
/// When it cannot be written; a reader that has seen enough (a closed pipe) is no error.
pub fn print(
    bundle: &Bundle,
    report: &Report,
    folder: &Path,
    how: (&Output, bool),
) -> anyhow::Result<()> {
    let (output, details) = how;
    match output.format {
        Format::Table if details => {
            let width = screen::width().min(WIDEST);
            screen::show(&harness_report::terminal::of(bundle, report, width))
        }
        Format::Table => {
            let place = summary::Place {
                folder,
                called: super::called(),
                width: screen::width(),
                newest: traced::newest(Path::new("results")).is_ok_and(|newest| newest == folder),
            };
            screen::show(&summary::of(bundle, report, &place))
        }
        Format::Json => screen::say(&format!("{}\n", serde_json::to_string_pretty(report)?)),
        Format::Csv => screen::say(&harness_report::csv::of(report)?),
        Format::Markdown => screen::say(&harness_report::markdown::of(report, &bundle.plan)),
    }
}
