//! Facts that must be true in every sample: they spend no error, and one violation refutes.

use harness_protocol::Sample;
use workload_catalogue::scenario;

use super::{FACT_SAMPLES, Finding, allocated, disturbed, margin::of_sample, witnessed};
use crate::{
    claims::{Fact, MeasureOf},
    stats::Decided,
};
use harness_record::format::milliseconds;
use harness_record::{
    bundle::{Bundle, CellStatus},
    cell::Cell,
};

/// The tick of `heartbeat`, 1 ms, and what timers round up to on top of it.
const TICK_AND_GRAIN_NS: u64 = 3_000_000;
/// A shorter poll is no hog: what it holds up drowns in tick and grain. The hog aims at 25 ms.
const LEAST_HOG_NS: u64 = 4 * TICK_AND_GRAIN_NS;
/// A join that starts each round one branch further on polls the last of one round again as the first
/// of the next: `tokio::join!` does.
const LONGEST_RUN: u32 = 2;
/// Halfway between one core and two.
const SECOND_CORE: f64 = 1.5;
/// What the clocks of two threads, or of a sleep and of the witness, may differ by.
const CLOCKS: f64 = 0.99;

/// The part of a core that the kernel, a timer's thread and a parent which awaits a few branches may
/// use beside those that are asked about.
const A_LITTLE_ROOM: f64 = 0.25;

/// What a sample says of a fact.
enum Says {
    /// It is true of it.
    True,
    /// It is not, and why.
    False(String),
    /// The sample lacks what would show it.
    Nothing,
}

pub(super) fn always(bundle: &Bundle, label: &str, cells: &[Cell], fact: Fact) -> Finding {
    if let (Fact::AllocatesMore, [over, under]) = (fact, cells) {
        return allocated::more(bundle, label, over, under);
    }
    let mut seen = 0;
    let mut unseen = 0;
    let mut against = None;
    for cell in cells {
        let mut of_cell = 0;
        for (block, round) in bundle.rounds(cell) {
            // Which polls overlap does not depend on what else runs; how late one was does.
            if fact == Fact::StalledByTheHog && block.disturbed.is_some() {
                continue;
            }
            for sample in &round.samples {
                match says(sample, cell, fact) {
                    // Polls are what they are, whatever became of the answer.
                    Says::False(why) => {
                        against.get_or_insert_with(|| format!("{cell}: {why}"));
                    }
                    Says::True if round.status == CellStatus::Ok => of_cell += 1,
                    Says::True | Says::Nothing => {}
                }
            }
        }
        seen += of_cell;
        let absent = bundle
            .failure(cell)
            .is_some_and(|round| round.status == CellStatus::Unsupported);
        unseen += usize::from(of_cell == 0 && !absent);
    }
    let (decided, evidence) = match against {
        Some(why) => (Decided::No, format!("not {label}: {why}")),
        None if seen >= FACT_SAMPLES && unseen == 0 => {
            (Decided::Yes, format!("{label}, in all {seen} samples"))
        }
        None if unseen > 0 && seen > 0 => (
            Decided::Open,
            format!(
                "{label}, in {seen} samples so far, and none of {unseen} of {} cells",
                cells.len()
            ),
        ),
        None => (Decided::Open, format!("{label}, in {seen} samples so far")),
    };
    let busy = fact == Fact::StalledByTheHog
        && cells.iter().any(|cell| {
            let blocks = bundle.rounds(cell).count();
            2 * disturbed(bundle, &[cell]) > blocks
        });
    let more = FACT_SAMPLES
        .saturating_sub(seen)
        .max(usize::from(unseen > 0));
    Finding {
        decided,
        evidence,
        measured: None,
        interval: None,
        observations: seen,
        scenario: cells
            .first()
            .map(|cell| cell.scenario.clone())
            .unwrap_or_default(),
        more: Some(more as u64),
        busy,
        dependent: false,
    }
}

/// What was known before the first block is as it is, whatever is measured.
pub(super) fn known(is_true: bool, evidence: &str, cases: usize) -> Finding {
    Finding {
        decided: if is_true { Decided::Yes } else { Decided::No },
        evidence: evidence.to_owned(),
        measured: None,
        interval: None,
        observations: cases,
        scenario: String::new(),
        more: None,
        busy: false,
        dependent: false,
    }
}

fn says(sample: &Sample, cell: &Cell, fact: Fact) -> Says {
    match fact {
        // What the witness did see is enough to refute.
        Fact::NeverTwoAtOnce if sample.peak_overlap > 1 => Says::False(format!(
            "{} threads were inside branches at once",
            sample.peak_overlap
        )),
        Fact::NeverTwoAtOnce if sample.hidden_spawns > 0 => Says::False(format!(
            "the branches spawned {} tasks",
            sample.hidden_spawns
        )),
        Fact::ThreadsAtMost(k) if sample.peak_overlap as usize > k => Says::False(format!(
            "{} threads were inside branches at once",
            sample.peak_overlap
        )),
        Fact::CoresAtMost(k) => match of_sample(sample, MeasureOf::Cores) {
            None => Says::Nothing,
            Some(cores) if cores >= k as f64 + A_LITTLE_ROOM => {
                Says::False(format!("{cores:.2} cores were in use"))
            }
            Some(_) => Says::True,
        },
        // Of two cells, and no sample of one tells.
        Fact::AllocatesMore => Says::Nothing,
        // Of these, time is the witness.
        Fact::NoFasterThan(_) if sample.wall_ns == 0 => Says::Nothing,
        Fact::NoFasterThan(least) if (sample.wall_ns as f64) < CLOCKS * least as f64 => {
            Says::False(format!(
                "it took {}, and these waits take {} where each holds its thread",
                milliseconds(sample.wall_ns as f64),
                milliseconds(least as f64)
            ))
        }
        Fact::NoFasterThan(_) => Says::True,
        Fact::NoSecondCore => match of_sample(sample, MeasureOf::Cores) {
            None => Says::Nothing,
            Some(cores) if cores >= SECOND_CORE => Says::False(format!("it used {cores:.2} cores")),
            Some(_) => Says::True,
        },
        _ if !witnessed(sample) => Says::Nothing,
        Fact::ThreadsAtMost(_) => Says::True,
        Fact::TakesTurns => match sample.longest_run {
            // An adapter that does not tell.
            0 => Says::Nothing,
            run if run > LONGEST_RUN => {
                Says::False(format!("a branch was polled {run} times running"))
            }
            _ if sample.polls <= cell.branches as u64 => Says::False(format!(
                "its {} branches were polled {} times in all: no yield gave up a turn",
                cell.branches, sample.polls
            )),
            _ => Says::True,
        },
        Fact::NeverTwoAtOnce => Says::True,
        Fact::AllInFlight if outlasted_its_wait(sample, cell) => Says::Nothing,
        Fact::AllInFlight if (sample.peak_concurrency as usize) < cell.branches => {
            Says::False(format!(
                "{} of {} branches were in flight at most",
                sample.peak_concurrency, cell.branches
            ))
        }
        Fact::AllInFlight => Says::True,
        Fact::StalledByTheHog => match sample.stall_ns {
            _ if sample.longest_poll_ns < LEAST_HOG_NS => Says::Nothing,
            None => Says::Nothing,
            Some(stall) if stall + TICK_AND_GRAIN_NS < sample.longest_poll_ns => {
                Says::False(format!(
                    "late by {:.1} ms beside a poll of {:.1} ms",
                    stall as f64 / 1e6,
                    sample.longest_poll_ns as f64 / 1e6
                ))
            }
            Some(_) => Says::True,
        },
    }
}

/// Whether a thread lost its core inside a poll for as long as its branch was to wait. The wait was over
/// when it came to ask, so the branch was done in one poll and no other could be in flight beside it.
fn outlasted_its_wait(sample: &Sample, cell: &Cell) -> bool {
    let wait_ns = scenario(&cell.scenario).map_or(0.0, |facts| facts.wait_ms * 1e6);
    sample.longest_poll_ns as f64 >= wait_ns
}
