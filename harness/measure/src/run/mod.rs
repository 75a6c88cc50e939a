//! Running a plan: calibrate, predict, then block after block, everything recorded as it happens.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
    path::Path,
    time::{Duration, Instant},
};

use harness_protocol::{Measure, Request, VERSION};
use workload_catalogue::{Branches, Scenario, scenario};

use crate::{
    adapters::Adapter,
    child::{Interrupt, Limits, Outcome, ask},
    origin::Origin,
    progress::{Ahead, Progress},
    verify,
};
use harness_judge::{
    check::wrong_with_demands,
    claims, judge,
    stats::{Family, more_blocks_needed},
};
use harness_record::{
    bundle::{Block, Bundle, Event, Recorder},
    cell::Cell,
    demands::Demands,
    plan::{EXHIBIT_ROUNDS, Group, MANY_ROUNDS, OWN_ROUNDS, Rounds, SWEEP_ROUNDS},
    text::one_line,
};

mod block;
mod calibrate;
mod impossible;
mod resume;
mod room;
pub mod unasked;
mod uncalibrated;
mod worth;

pub use calibrate::steps_of;
use uncalibrated::Uncalibrated;

/// Rounds whose allocations are counted: the same work allocates the same, so that more would only
/// take time.
const COUNTED_ROUNDS: usize = 5;

/// What "join or spawn?" is answered by.
const ANSWERING: [&str; 2] = [claims::WAITS, claims::CPU];

/// A round of somebody's own workload takes no longer.
const OWN_LONGEST: Duration = Duration::from_secs(20);

/// So many branches take microseconds.
const FEW: u64 = 1_000;

/// What a run needs besides its plan.
pub struct RunTools<'a> {
    /// The adapters, by runtime.
    pub adapters: &'a HashMap<String, Adapter>,
    /// The origin, if a scenario needs it.
    pub origin: Option<&'a RefCell<Origin>>,
    /// Where scenarios put their files.
    pub folder: &'a Path,
    /// Whether to stop.
    pub interrupt: &'a Interrupt,
    /// The deadline of a round, if the user has set it.
    pub timeout: Option<Duration>,
    /// Who is told how far it is.
    pub progress: &'a Progress,
    /// Who is told that what answers "join or spawn?" has been measured of a runtime, and what is recorded so far.
    pub answered: &'a dyn Fn(&Bundle, &str),
}

impl RunTools<'_> {
    /// What starting the adapter of a cell takes, where that is known.
    fn start_up(&self, cell: &Cell) -> Option<Duration> {
        self.adapters.get(&cell.id.runtime)?.start_up
    }
}

/// Runs everything that the record's header asks for and that the record does not hold already. An
/// interrupt ends it early and well.
///
/// # Errors
///
/// When the record cannot be written.
pub fn run(recorder: &mut Recorder, tools: &RunTools<'_>) -> anyhow::Result<()> {
    // Fixed once everything is known that comes before the first block.
    let uncalibrated = if recorder.bundle.comparisons.is_none() {
        before_blocks(recorder, tools)?
    } else {
        Uncalibrated::default()
    };
    if let Some(comparisons) = recorder.bundle.comparisons {
        blocks(recorder, tools, Family::of(comparisons), &uncalibrated)?;
    }
    let interrupted = tools.interrupt.is_raised();
    recorder.add(Event::End { interrupted })?;
    // What was stopped may go on.
    if interrupted { Ok(()) } else { recorder.seal() }
}

/// What comes before the first block: demands, promises, calibration, predictions and M.
fn before_blocks(recorder: &mut Recorder, tools: &RunTools<'_>) -> anyhow::Result<Uncalibrated> {
    for runtime in runtimes(&recorder.bundle) {
        if recorder.bundle.demands.contains_key(&runtime) {
            continue;
        }
        if let Some(adapter) = tools.adapters.get(&runtime) {
            let demands = adapter.demands.demands();
            let demands = match wrong_with_demands(&demands) {
                None => demands,
                Some(why) => Demands::unknown(format!(
                    "what was recorded of them when it was built cannot be: {}",
                    one_line(&why, 200)
                )),
            };
            recorder.add(Event::Demands { runtime, demands })?;
        }
    }
    let trying = verify::VerifyTools {
        timeout: tools.timeout,
        interrupt: tools.interrupt,
        progress: tools.progress,
    };
    verify::record(recorder, tools.adapters, &trying)?;
    let uncalibrated = calibrate::all(recorder, tools)?;
    // Stopped before every cell was predicted, it cannot know how many there will be.
    if !tools.interrupt.is_raised() {
        let bundle = &recorder.bundle;
        let comparisons = match bundle.header.options.partition {
            None => judge::comparisons(&judge::cases(bundle)),
            // All shares of a plan have the same, that of the plan.
            Some(_) => judge::most_comparisons(&bundle.header),
        };
        recorder.add(Event::Comparisons { comparisons })?;
    }
    Ok(uncalibrated)
}

/// Each runtime's share of the run, one after the other.
fn blocks(
    recorder: &mut Recorder,
    tools: &RunTools<'_>,
    family: Family,
    uncalibrated: &Uncalibrated,
) -> anyhow::Result<()> {
    let mut random = resume::random(&recorder.bundle);
    let left = resume::left(&recorder.bundle, runtimes(&recorder.bundle));
    let of = left.len();
    let claimed = claimed(&recorder.bundle);
    for (before, runtime) in left.into_iter().enumerate() {
        let each = recorder.bundle.header.options.budget_ms;
        let each = each.map(Duration::from_millis);
        let budget = each.map(|budget| {
            let spent = resume::spent(&recorder.bundle, &runtime, &claimed);
            budget.saturating_sub(spent)
        });
        let after = u32::try_from(of - before - 1).unwrap_or(u32::MAX);
        let mut turn = Turn {
            deadline: budget.map(|budget| Instant::now() + budget),
            number: (before + 1, of),
            later: each.unwrap_or_default().saturating_mul(after),
            runtime,
            family,
            uncalibrated,
            claimed: &claimed,
            random: &mut random,
        };
        turn.take(recorder, tools)?;
    }
    Ok(())
}

fn runtimes(bundle: &Bundle) -> Vec<String> {
    let mut runtimes: Vec<String> = bundle
        .plan
        .groups
        .iter()
        .map(|group| group.runtime.clone())
        .collect();
    runtimes.dedup();
    runtimes
}

/// The scenarios that verdicts rest on, of whatever runtime: what is measured of others takes nothing of their budget.
fn claimed(bundle: &Bundle) -> BTreeSet<&'static str> {
    let cases = judge::cases(bundle);
    let resting = judge::resting(&cases);
    let groups = bundle.plan.groups.iter();
    groups
        .filter(|group| group.cells.iter().any(|cell| resting.contains(cell)))
        .map(|group| group.scenario.name)
        .collect()
}

/// Rounds of the cells of a group that no claim needs: what is swept has an interval, other exhibits are only
/// looked at.
fn exhibit_rounds(group: &Group) -> usize {
    match group.rounds {
        Some(rounds) => rounds,
        None if group.scenario.branches == Branches::Swept => SWEEP_ROUNDS,
        None if group.scenario.is_idiom() => EXHIBIT_ROUNDS,
        None if group.scenario.is_unwatched() => MANY_ROUNDS,
        None if group.scenario.is_own() => OWN_ROUNDS,
        None => EXHIBIT_ROUNDS,
    }
}

/// Blocks that decide a comparison if all agree, and a fifth more, since one may not.
fn decisive(family: Family) -> usize {
    let more = more_blocks_needed(1, 1, family.threshold()).unwrap_or(0);
    usize::try_from(more).map_or(usize::MAX, |more| (1 + more) * 6 / 5)
}

/// One runtime's share of the run.
struct Turn<'a> {
    runtime: String,
    /// The how-many-eth of how many.
    number: (usize, usize),
    /// What the others after it may take.
    later: Duration,
    family: Family,
    /// What cannot be run, since it could not be calibrated.
    uncalibrated: &'a Uncalibrated,
    /// The scenarios that verdicts rest on.
    claimed: &'a BTreeSet<&'static str>,
    deadline: Option<Instant>,
    random: &'a mut fastrand::Rng,
}

/// Which cells a pass is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    /// The first of what is in [`ANSWERING`], with traces: nobody who waits for the answer waits for other scenarios.
    FirstToAnswer,
    /// The first of every cell that has had none, with traces: always completed, so that the table has every row.
    First,
    /// What claims still need of the scenarios in [`ANSWERING`], up to as many blocks as decide what is clear.
    Answer,
    /// What claims still need; with a number of rounds, every cell.
    Claims,
    /// The cells that have fewer rounds than [`exhibit_rounds`].
    Exhibits,
}

impl Pass {
    /// Whether it is a cell's first block, with a trace.
    fn is_first(self) -> bool {
        matches!(self, Pass::FirstToAnswer | Pass::First)
    }

    /// Whether it is about what answers "join or spawn?" alone.
    fn is_to_answer(self) -> bool {
        matches!(self, Pass::FirstToAnswer | Pass::Answer)
    }
}

impl Turn<'_> {
    /// The answer comes first. The claims' share of the budget is what it and the first pass of their own scenarios leave; what no
    /// claim rests on takes nothing of it, and its other rounds come last.
    fn take(&mut self, recorder: &mut Recorder, tools: &RunTools<'_>) -> anyhow::Result<()> {
        tools
            .progress
            .runtime(&self.runtime, self.ahead(&recorder.bundle));
        let most = |rounds: fn(&Group) -> usize, bundle: &Bundle| {
            let groups = bundle.plan.groups.iter();
            let of_runtime = groups.filter(|group| group.runtime == self.runtime);
            of_runtime.map(rounds).max().unwrap_or(0)
        };
        let rounds = most(|group| group.rounds.unwrap_or(usize::MAX), &recorder.bundle);
        let exhibits = most(exhibit_rounds, &recorder.bundle);
        if !matches!(recorder.bundle.plan.rounds, Rounds::Fixed(_)) {
            self.pass(recorder, tools, Pass::FirstToAnswer)?;
            self.answer(recorder, tools)?;
        }
        self.pass(recorder, tools, Pass::First)?;
        for _ in 1..rounds {
            let ran = self.pass(recorder, tools, Pass::Claims)?;
            if !ran || self.is_over() || tools.interrupt.is_raised() {
                break;
            }
        }
        for _ in 1..exhibits {
            self.pass(recorder, tools, Pass::Exhibits)?;
        }
        Ok(())
    }

    fn ahead(&self, bundle: &Bundle) -> Ahead {
        let groups = bundle.plan.groups.iter();
        let groups = groups.filter(|group| group.runtime == self.runtime);
        Ahead {
            turn: self.number,
            deadline: self.deadline,
            later: self.later,
            blocks: groups.map(|group| group.rounds).sum(),
        }
    }

    /// What most readers came for, before all else. What is not clear after as many blocks as decide what is
    /// takes nothing further from the other claims. Then it is said.
    fn answer(&mut self, recorder: &mut Recorder, tools: &RunTools<'_>) -> anyhow::Result<()> {
        let mut ran = false;
        while self.pass(recorder, tools, Pass::Answer)? {
            if tools.interrupt.is_raised() {
                // The report follows at once.
                return Ok(());
            }
            ran = true;
            if self.is_over() {
                break;
            }
        }
        if ran {
            (tools.answered)(&recorder.bundle, &self.runtime);
        }
        Ok(())
    }

    /// Whether there was anything to run.
    fn pass(
        &mut self,
        recorder: &mut Recorder,
        tools: &RunTools<'_>,
        pass: Pass,
    ) -> anyhow::Result<bool> {
        let mut groups = self.due(&recorder.bundle, pass);
        let ran = !groups.is_empty();
        self.random.shuffle(&mut groups);
        for (group, arms) in groups {
            let over = matches!(pass, Pass::Answer | Pass::Claims) && self.is_over();
            if over || tools.interrupt.is_raised() {
                break;
            }
            let began = Instant::now();
            block::run(self, recorder, tools, &group, arms, pass.is_first())?;
            if !self.claimed.contains(group.scenario.name)
                && let Some(deadline) = &mut self.deadline
            {
                let took = began.elapsed();
                *deadline += took;
                tools.progress.longer(took);
            }
        }
        Ok(ran)
    }

    fn is_over(&self) -> bool {
        self.deadline
            .is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// The groups of this pass, each with the cells that it wants.
    fn due(&self, bundle: &Bundle, pass: Pass) -> Vec<(Group, Vec<Cell>)> {
        let needed = match pass {
            Pass::FirstToAnswer | Pass::First | Pass::Answer | Pass::Claims => {
                judge::needed(bundle, &judge::cases(bundle), self.family)
            }
            Pass::Exhibits => Vec::new(),
        };
        let fixed = matches!(bundle.plan.rounds, Rounds::Fixed(_));
        let enough = |group: &Group| {
            let rounds = group.rounds.unwrap_or(usize::MAX);
            match pass {
                Pass::Answer => decisive(self.family).min(rounds),
                _ => rounds,
            }
        };
        let wants = |group: &Group, cell: &Cell| {
            resume::passes(bundle, &group.runtime, cell) < enough(group)
        };
        let counted = |group: &Group, cell: &Cell| {
            let swept = group.scenario.branches == Branches::Swept;
            // Of what is swept, the rounds that a ratio can be made of.
            let counts = |block: &Block| block.complete && !(swept && block.disturbed.is_some());
            bundle
                .rounds(cell)
                .filter(|(block, _)| counts(block))
                .count()
        };
        let due = |group: &Group| {
            let own = group.cells.iter().filter(|cell| match pass {
                Pass::FirstToAnswer | Pass::First => true,
                // Whole blocks, so that cells which no claim holds against each other can be.
                Pass::Answer | Pass::Claims => {
                    (fixed || needed.contains(cell)) && wants(group, cell)
                }
                Pass::Exhibits => counted(group, cell) < exhibit_rounds(group),
            });
            let baseline = group.baseline.iter();
            let baseline = baseline.filter(|cell| needed.contains(cell) && wants(group, cell));
            // Beside as many branches of the runtime's, so that a ratio is formed inside one block.
            let numbers: Vec<usize> = own.clone().map(|cell| cell.branches).collect();
            let limits = group.limits.iter();
            let limits = limits.filter(|cell| numbers.contains(&cell.branches));
            own.chain(baseline)
                .chain(limits)
                .cloned()
                // The control's second arm runs wherever its first does, and is never why a block is run.
                .flat_map(|cell| judge::again(&cell).into_iter().chain([cell]))
                // A cell that failed once is not tried again: its other rounds would be no sample of
                // the same thing.
                .filter(|cell| bundle.failure(cell).is_none() && !bundle.refuses(cell))
                .collect::<Vec<Cell>>()
        };
        bundle
            .plan
            .groups
            .iter()
            .filter(|group| group.runtime == self.runtime)
            .filter(|group| !pass.is_first() || !resume::has_begun(bundle, group))
            .filter(|group| !pass.is_to_answer() || ANSWERING.contains(&group.scenario.name))
            .map(|group| (group.clone(), due(group)))
            .filter(|(_, arms)| !arms.is_empty())
            .collect()
    }
}

/// The request that makes an adapter run a cell.
#[must_use]
pub fn request(cell: &Cell, bundle: &Bundle, tools: &RunTools<'_>, nonce: u64) -> Measure {
    let facts = scenario(&cell.scenario);
    let wait_ms = facts.map_or(0.0, |facts| facts.wait_ms_of(cell.branches));
    Measure {
        v: VERSION,
        flavour: cell.id.flavour.clone(),
        workers: cell.id.workers,
        root: cell.root,
        scenario: cell.scenario.clone(),
        primitive: cell.primitive,
        branches: cell.branches,
        only: None,
        wait_ns: Duration::from_secs_f64(wait_ms / 1e3)
            .as_nanos()
            .try_into()
            .unwrap_or(u64::MAX),
        steps: steps(cell, bundle),
        samples: samples(cell, bundle),
        warmups: 1,
        nonce,
        origin: facts
            .filter(|facts| facts.needs_origin)
            .and(tools.origin)
            .map(|origin| origin.borrow().address()),
        folder: tools.folder.to_owned(),
        trace: 0,
        repeats: facts.map_or(1, |facts| facts.repeats_of(cell.branches)),
        // Of what computes, the second pass would take as long as the first.
        count: facts.is_some_and(|facts| facts.repeats > 1 && facts.work_ms == 0.0)
            && bundle.rounds(cell).count() < COUNTED_ROUNDS,
        unwatched: facts.is_some_and(Scenario::is_unwatched),
        unasked: false,
        blocking_threads: bundle
            .plan
            .config(cell)
            .and_then(|one| one.blocking_threads),
    }
}

/// Steps of one branch.
fn steps(cell: &Cell, bundle: &Bundle) -> u64 {
    let Some(&steps) = bundle.steps.get(&cell.scenario) else {
        return 0;
    };
    // A thread's steps divide evenly: what is rounded is what a division leaves of a whole number.
    let share = steps as f64 * bundle.plan.share(cell);
    (share.round() as u64).max(1)
}

/// Samples of one round. The fastest of them speaks for it (see [`judge`]), and blocks are the
/// observations.
///
/// One will do, but where threads are to compute side by side: now and then the kernel wakes two of
/// them on one core though another is idle, plain threads as well, and most often on virtual machines,
/// where an idle core looks taken. A single sample would measure how often.
fn samples(cell: &Cell, bundle: &Bundle) -> usize {
    // What a field case, or somebody's own workload, is, is read off all its samples, so that one that fared otherwise shows.
    let facts = scenario(&cell.scenario);
    if facts.is_some_and(|facts| facts.source.is_some() || facts.is_own()) {
        return 5;
    }
    // The first shows what memory they take, which later ones find there; of few, which take microseconds, the
    // fastest of several is the one that nothing cut into.
    if let Some(facts) = facts.filter(|facts| facts.is_unwatched()) {
        // What an idiom counts is the same each time.
        let few = !facts.is_idiom() && facts.grows_with(cell.branches) <= FEW;
        return if few { 5 } else { 1 };
    }
    let several = match cell.scenario.as_str() {
        claims::CPU => 5,
        // Its waits are longer than what can go wrong with its work.
        claims::BETWEEN_AWAITS | claims::PIECES => 3,
        _ => 1,
    };
    if bundle.plan.threads(cell).min(bundle.plan.cores) > 1 {
        several
    } else {
        1
    }
}

/// Asks the adapter of a cell. The deadline is far above anything that a healthy adapter needs,
/// since a busy machine is no fault of the adapter's.
pub fn ask_adapter(cell: &Cell, request: Measure, tools: &RunTools<'_>) -> Option<Outcome> {
    let facts = scenario(&cell.scenario);
    let branch_ms = facts.map_or(0.0, |facts| facts.wait_ms + facts.work_ms);
    // More pieces are no more work.
    let cut = facts.is_some_and(|facts| facts.branches == Branches::Pieces);
    let branches = if cut { 1 } else { cell.branches };
    let rounds = (request.samples + request.warmups) as f64;
    let ample = if facts.is_some_and(Scenario::is_unwatched) {
        room::longest(tools.timeout)
    } else if facts.is_some_and(Scenario::is_own) {
        // Nobody has said how long its branches take.
        OWN_LONGEST
    } else {
        Duration::from_secs_f64(10.0 + 0.05 * branch_ms * branches as f64 * rounds)
    };
    ask_within(ample, cell, request, tools)
}

/// The same, with this deadline unless the user has set one.
fn ask_within(
    wall: Duration,
    cell: &Cell,
    request: Measure,
    tools: &RunTools<'_>,
) -> Option<Outcome> {
    let adapter = tools.adapters.get(&cell.id.runtime)?;
    let limits = Limits {
        wall: tools.timeout.unwrap_or(wall),
        ..Limits::default()
    };
    Some(ask(
        &adapter.program,
        &Request::Measure(Box::new(request)),
        &limits,
        tools.interrupt,
    ))
}

#[cfg(test)]
mod tests;
