//! What cannot be true of a round, whatever the adapter says of it.
//!
//! Answers are checked by the adapter's own process, and its samples are its own word. Some of it can be
//! held against what the adapter does not make: the waits that it was asked for, the work as it was
//! calibrated, the number of CPUs, and the kernel's account of the process that has just ended. A round
//! that contradicts one of these is `wrong`, and its reason says which. None of it looks at how long an
//! honest round takes, so a busy machine, which only ever makes things longer, breaks none of it.

use harness_record::format::{counted, milliseconds};
use std::time::Duration;

use harness_protocol::{Primitive, Root, Sample, Threads};
use workload_catalogue::{Law, scenario};

use crate::child::Outcome;
use harness_judge::judge::{LEAST_OF_CALIBRATED, work_alone};
use harness_record::{bundle::Bundle, cell::Cell, plan::Plan};

/// Least share of the waits that were asked for. Their length is measured by the time stamp counter and
/// kept by the system's clock, which NTP may slew by 500 in a million (`adjtimex(2)`) while a clock that
/// was calibrated in a moment is off by as much again: one in a hundred is far beyond both.
const LEAST_OF_ASKED: f64 = 0.99;
/// By how much two clocks of CPU time may differ that were read one after the other: on a busy machine
/// a thread may lose its core between the two, and others of its process run on.
const CLOCKS: Duration = Duration::from_millis(2);

/// The part of its start that a process certainly uses: two starts are not alike to the last instruction.
const OF_START: f64 = 0.9;

/// Why this round cannot be what it says it is, if it cannot; `start_up` is the CPU time that starting its adapter
/// takes, where that is known.
pub(super) fn impossible(
    bundle: &Bundle,
    cell: &Cell,
    outcome: &Outcome,
    start_up: Option<Duration>,
) -> Option<String> {
    let of_sample = |sample| {
        too_many_threads(&bundle.plan, cell, sample)
            .or_else(|| waits_cut_short(cell, sample))
            .or_else(|| work_cut_short(bundle, cell, sample))
    };
    let samples = &outcome.samples;
    samples
        .iter()
        .find_map(of_sample)
        .or_else(|| of_the_process(bundle, outcome, start_up))
}

/// The same, as far as it goes by the machine and the process alone, whatever was asked of it.
pub(super) fn of_the_process(
    bundle: &Bundle,
    outcome: &Outcome,
    start_up: Option<Duration>,
) -> Option<String> {
    let samples = &outcome.samples;
    samples
        .iter()
        .find_map(|sample| more_than_all_cpus(bundle, sample))
        .or_else(|| more_than_the_process(outcome, start_up.unwrap_or_default()))
}

/// More threads than the adapter declares: in one sample, or one after the other in several, where
/// threads were replaced that should have lasted.
fn too_many_threads(plan: &Plan, cell: &Cell, sample: &Sample) -> Option<String> {
    // A parent in a task of its own may move between polls: that is two threads and no parallelism.
    if cell.root == Root::Worker
        && matches!(cell.primitive, Primitive::Sequential | Primitive::Compose)
    {
        return None;
    }
    let k = plan.threads(cell);
    let (now, so_far) = (sample.threads as usize, sample.threads_so_far as usize);
    if now > k {
        return Some(format!(
            "{now} threads polled its branches, and the adapter declares {k}"
        ));
    }
    (so_far > k && last(plan, cell)).then(|| {
        format!(
            "{so_far} threads have polled its branches in one process, and the adapter declares {k}"
        )
    })
}

/// Whether the threads of a cell are there from sample to sample. A thread that is made for a branch is
/// not, and a blocking pool lets idle threads go and makes new ones.
fn last(plan: &Plan, cell: &Cell) -> bool {
    let Some(config) = plan.config(cell) else {
        return true;
    };
    let threads = match cell.primitive {
        Primitive::Sequential | Primitive::Compose => return true,
        Primitive::SpawnBlocking => return false,
        Primitive::Spawn => config.semantics.spawn,
        Primitive::Dispatch => config.semantics.dispatch.unwrap_or(config.semantics.spawn),
    };
    threads != Threads::Branches
}

/// No primitive is done before its longest wait, nor waits in turn before their sum: a timer that fires
/// early, a wait that began before the clock, or deadlines that were all fixed at once.
fn waits_cut_short(cell: &Cell, sample: &Sample) -> Option<String> {
    // Somebody's own branches may do with the wait what they like.
    let facts = scenario(&cell.scenario).filter(|facts| !facts.is_own())?;
    let wait = facts.wait_ms_of(cell.branches) * 1e6;
    let in_turn = cell.primitive == Primitive::Sequential
        // One schedule for all goes on while others are waited for, and without a law nothing is said.
        && facts.law.is_some_and(|law| law != Law::OneSchedule);
    let waits = if in_turn { cell.branches } else { 1 };
    let asked = wait * waits as f64;
    let wall = sample.wall_ns as f64;
    (wall < LEAST_OF_ASKED * asked).then(|| {
        let how = if in_turn {
            format!(
                "{waits} waits of {} each, one after the other",
                milliseconds(wait)
            )
        } else {
            format!("a wait of {}", milliseconds(wait))
        };
        format!("done in {}, and it was asked for {how}", milliseconds(wall))
    })
}

/// No schedule beats all the work on all the threads: work that was skipped, or done before the clock.
/// With the allowance for a machine that was slower when it was calibrated.
fn work_cut_short(bundle: &Bundle, cell: &Cell, sample: &Sample) -> Option<String> {
    let facts = scenario(&cell.scenario)?;
    if facts.work_ms <= 0.0 || facts.is_own() {
        return None;
    }
    let work = work_alone(bundle, cell)?;
    let threads = bundle.plan.threads(cell).min(cell.branches);
    // However many cores: a quota lets a burst run on more than it pays for in the long run.
    let floor = work / threads.max(1) as f64;
    let wall = sample.wall_ns as f64;
    (wall < LEAST_OF_CALIBRATED * floor).then(|| {
        format!(
            "done in {}, and its work takes {} on {}",
            milliseconds(wall),
            milliseconds(floor),
            counted(threads, "thread")
        )
    })
}

/// Nobody uses more CPU time than there was: times of two stretches, or one that was made up.
fn more_than_all_cpus(bundle: &Bundle, sample: &Sample) -> Option<String> {
    let host = &bundle.header.host;
    // Under a quota the affinity mask is not known here, and a burst may use every CPU.
    let cpus = match host.cpu_quota {
        None => bundle.plan.cores,
        Some(_) => host.logical_cpus?,
    };
    let wall = Duration::from_nanos(sample.wall_ns);
    let cpu = Duration::from_nanos(sample.cpu_ns);
    (cpu > wall * u32::try_from(cpus).ok()? + CLOCKS)
        .then(|| format!("{} of CPU time in {} on {cpus} CPUs", ms(cpu), ms(wall)))
}

/// The samples are a part of what the process did, and the kernel has kept account of all of it. Before the first of
/// them it started, which takes an interpreted program longer than most samples.
fn more_than_the_process(outcome: &Outcome, start_up: Duration) -> Option<String> {
    let sum = |of: fn(&Sample) -> u64| -> Duration {
        outcome
            .samples
            .iter()
            .map(of)
            .map(Duration::from_nanos)
            .sum()
    };
    let (wall, cpu) = (sum(|sample| sample.wall_ns), sum(|sample| sample.cpu_ns));
    if let Some(used) = outcome.cpu
        && cpu > used.saturating_sub(start_up.mul_f64(OF_START)) + CLOCKS
    {
        let start = if cpu > used + CLOCKS {
            String::new()
        } else {
            format!(", which takes {} to start", ms(start_up))
        };
        return Some(format!(
            "its samples say {} of CPU time, and the kernel counted {} for the whole process{start}",
            ms(cpu),
            ms(used)
        ));
    }
    (wall > outcome.elapsed + CLOCKS).then(|| {
        format!(
            "its samples say {}, and the whole process was there for {}",
            ms(wall),
            ms(outcome.elapsed)
        )
    })
}

fn ms(time: Duration) -> String {
    milliseconds(time.as_nanos() as f64)
}

#[cfg(test)]
mod tests;
