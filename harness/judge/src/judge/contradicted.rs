//! What a cell's samples show against what its adapter declares: an adapter may be honest while its promises are tried,
//! and be another runtime when it is measured.
//!
//! More threads than declared are seen in a single sample, when it is heard. Here is what takes the polls of a sample,
//! or several rounds, to see. A hand-over and what runs inside it are on one thread and one clock, so one sample is
//! enough. That a second thread never came, or that waits never overlapped, may happen to an honest runtime once, on a
//! machine that is busy; so it is asked of all rounds, and of more of them where others disturbed them.

use harness_protocol::{Handed, Primitive, Sample};
use harness_record::{
    bundle::{Block, Bundle, CellStatus, Round},
    cell::Cell,
    plan::Config,
};
use workload_catalogue::scenario;

use super::witnessed;
use crate::claims;

/// Undisturbed rounds that must all show it; each is a process of its own, with a sample or more and a warm-up.
const LEAST_ROUNDS: usize = 3;
/// The same, of rounds of which others disturbed some.
const LEAST_DISTURBED: usize = 8;
/// The promises that these are about, by the names of their checks.
const QUEUES: [&str; 2] = [
    "spawn_polls_at_once_if_declared",
    "spawn_returns_at_its_tasks_first_await",
];
const REACHES: [&str; 2] = [
    "spawn_reaches_as_many_threads_as_declared",
    "dispatch_reaches_as_many_threads_as_declared",
];
const WAITS: [&str; 2] = [
    "spawned_task_needs_nobody_to_await_it",
    "spawn_returns_at_its_tasks_first_await",
];
/// What two clocks may differ by.
const CLOCKS: f64 = 0.99;

/// What a cell's samples show against its adapter's word, if they do.
pub(super) fn contradicted(bundle: &Bundle, cell: &Cell) -> Option<String> {
    if !matches!(cell.primitive, Primitive::Spawn | Primitive::Dispatch) {
        return None;
    }
    let configs = bundle.plan.configs.iter().chain(&bundle.plan.compared);
    let config = configs.into_iter().find(|config| config.owns(cell))?;
    // What it says that it breaks it need not keep here either.
    let keeps = |checks: &[&str]| {
        let mut breaks = config.breaks.iter();
        !breaks.any(|name| checks.contains(&name.as_str()))
    };
    let queues = || keeps(&QUEUES).then(|| inside_its_call(bundle, cell, config));
    let reaches = || keeps(&REACHES).then(|| on_one_thread(bundle, cell, config));
    let waits = || keeps(&WAITS).then(|| one_after_the_other(bundle, cell));
    queues()
        .flatten()
        .or_else(|| reaches().flatten())
        .or_else(|| waits().flatten())
}

/// The rounds of a cell that went well.
fn good<'a>(bundle: &'a Bundle, cell: &'a Cell) -> impl Iterator<Item = (&'a Block, &'a Round)> {
    let rounds = bundle.rounds(cell);
    rounds.filter(|(_, round)| round.status == CellStatus::Ok)
}

/// A branch that was polled inside the call that handed it over, where new tasks are said to be queued; or more than
/// once, where the call is said to poll it at once: it went on through an await.
fn inside_its_call(bundle: &Bundle, cell: &Cell, config: &Config) -> Option<String> {
    let at_once = config.semantics.polls_at_once;
    let of_sample = |sample: &Sample| {
        sample.handed.iter().find_map(|handed| {
            let polls = polls_inside(sample, handed);
            let branch = handed.branch;
            match (at_once, polls) {
                (_, 0) | (true, 1) => None,
                (false, _) => Some(format!(
                    "branch {branch} was polled inside the call that handed it over, and the adapter declares that \
                     new tasks are queued"
                )),
                (true, polls) => Some(format!(
                    "branch {branch} was polled {polls} times inside the call that handed it over, and the adapter \
                     declares one poll at once"
                )),
            }
        })
    };
    let mut samples = good(bundle, cell).flat_map(|(_, round)| &round.samples);
    samples.find_map(of_sample)
}

/// Polls of a branch on the thread that handed it over, while it did.
fn polls_inside(sample: &Sample, handed: &Handed) -> usize {
    // In the order in which they began.
    let trace = &sample.trace;
    let first = trace.partition_point(|poll| poll.start_ns < handed.start_ns);
    let during = trace[first..].iter();
    let during = during.take_while(|poll| poll.start_ns <= handed.end_ns);
    let inside = during.filter(|poll| {
        (poll.branch, poll.thread) == (handed.branch, handed.thread) && poll.end_ns <= handed.end_ns
    });
    inside.count()
}

/// Branches that compute for milliseconds, and never a second thread for them, in whole processes.
fn on_one_thread(bundle: &Bundle, cell: &Cell, config: &Config) -> Option<String> {
    let declared = config.threads(cell.primitive, cell.branches);
    let several = declared.min(cell.branches).min(bundle.plan.cores) > 1;
    let always = !config.threads_of(cell.primitive).is_only_the_most();
    if cell.scenario != claims::CPU || !several || !always {
        return None;
    }
    let one_thread = |round: &Round| {
        let last = round.samples.last()?;
        // An adapter that does not tell.
        (witnessed(last) && last.threads_so_far > 0).then_some(last.threads_so_far == 1)
    };
    let rounds = in_all(bundle, cell, one_thread)?;
    Some(format!(
        "one thread polled all its branches in {rounds} processes, and the adapter declares {declared}"
    ))
}

/// Branches that do nothing but wait, each handed over, and none waited while another did.
fn one_after_the_other(bundle: &Bundle, cell: &Cell) -> Option<String> {
    let facts = scenario(&cell.scenario).filter(|facts| facts.name == claims::WAITS)?;
    if cell.branches < 2 {
        return None;
    }
    let in_turn = CLOCKS * facts.wait_ms_of(cell.branches) * 1e6 * cell.branches as f64;
    let alone = |sample: &Sample| sample.peak_concurrency == 1 && sample.wall_ns as f64 >= in_turn;
    let waited = |round: &Round| {
        let samples = round.samples.iter();
        let known = samples.clone().all(witnessed);
        known.then(|| samples.clone().all(alone))
    };
    let rounds = in_all(bundle, cell, waited)?;
    Some(format!(
        "its {} branches waited one after the other in {rounds} processes, though each was handed over to wait beside \
         the others",
        cell.branches
    ))
}

/// How many rounds show something, if all of them do that could, and they are enough.
fn in_all(bundle: &Bundle, cell: &Cell, shows: impl Fn(&Round) -> Option<bool>) -> Option<usize> {
    let (mut all, mut quiet) = (0, 0);
    for (block, round) in good(bundle, cell) {
        match shows(round) {
            None => {}
            Some(false) => return None,
            Some(true) => {
                all += 1;
                quiet += usize::from(block.complete && block.disturbed.is_none());
            }
        }
    }
    (quiet >= LEAST_ROUNDS || all >= LEAST_DISTURBED).then_some(all)
}
