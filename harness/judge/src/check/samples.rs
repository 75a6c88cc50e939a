//! What cannot be true of a sample, whatever the machine.
//!
//! Each is a matter of arithmetic: a mean is no more than its maximum, a part no longer than its whole. How
//! long an honest sample takes is not looked at.

use harness_protocol::Sample;

use super::{DAY_NS, Wrongs, idiom};
use harness_record::cell::Cell;

/// By how much two clocks of CPU time and wall time may differ that are read one after the other.
const CLOCKS_NS: f64 = 20e6;
/// Of sums of floats that were formed in another order.
const ROUNDING: f64 = 1e-6;

/// Adds what is wrong with a sample of a round that went well, on so many CPUs.
pub(super) fn check(sample: &Sample, at: &str, cell: &Cell, cpus: usize, wrongs: &mut Wrongs) {
    idiom::check(sample.idiom.as_ref(), at, cell, wrongs);
    let mut wrong = |fine: bool, field: &str, why: String| {
        wrongs.unless(fine, &format!("{at}/{field}"), || why);
    };
    let wall = sample.wall_ns;
    wrong(
        (1..=DAY_NS).contains(&wall),
        "wall_ns",
        format!("{wall} stands where a time above 0 and below a day is expected"),
    );
    let most = cpus as f64 * wall as f64 * 1.01 + CLOCKS_NS;
    wrong(
        sample.cpu_ns as f64 <= most,
        "cpu_ns",
        format!("{cpus} CPUs cannot give so much in {wall} ns"),
    );
    wrong(
        sample.allocations.is_some() == sample.allocated_bytes.is_some(),
        "allocated_bytes",
        "it stands beside allocations, and only there".to_owned(),
    );
    wrong(
        sample.repeats != Some(0),
        "repeats",
        "what is measured was done once at least".to_owned(),
    );
    for (field, figure) in [
        ("mean_overlap", sample.mean_overlap),
        ("mean_concurrency", sample.mean_concurrency),
    ] {
        wrong(
            figure.is_finite() && figure >= 0.0,
            field,
            format!("{figure} stands where a number from 0 is expected"),
        );
    }
    // What is repeated is not watched, and an adapter in another language may not watch; and without all
    // polls the figures are not whole.
    if sample.lost_polls > 0 {
        return;
    }
    if sample.polls == 0 {
        for (field, figure) in [
            ("threads", u64::from(sample.threads)),
            ("polled_ns", sample.polled_ns),
            ("longest_poll_ns", sample.longest_poll_ns),
            ("peak_overlap", u64::from(sample.peak_overlap)),
            ("peak_concurrency", u64::from(sample.peak_concurrency)),
            // Both are sums over the polls.
            ("mean_overlap", sample.mean_overlap.ceil() as u64),
            ("mean_concurrency", sample.mean_concurrency.ceil() as u64),
            ("longest_gap_ns", sample.longest_gap_ns),
            ("longest_branch_ns", sample.longest_branch_ns.unwrap_or(0)),
            ("longest_life_ns", sample.longest_life_ns.unwrap_or(0)),
            ("all_begun_ns", sample.all_begun_ns.unwrap_or(0)),
            ("longest_run", u64::from(sample.longest_run)),
            ("trace", sample.trace.len() as u64),
        ] {
            wrong(
                figure == 0,
                field,
                "it says something of polls, and polls is 0".to_owned(),
            );
        }
        return;
    }
    wrong(
        u64::from(sample.hidden_peak.unwrap_or(0)) <= sample.hidden_spawns,
        "hidden_peak",
        "more tasks were unfinished than were spawned".to_owned(),
    );
    let mean = |field: &str, mean: f64, peak: u32| {
        let fine = mean <= f64::from(peak) + ROUNDING;
        (
            fine,
            field.to_owned(),
            format!("{mean} on average is more than the {peak} at most"),
        )
    };
    for (fine, field, why) in [
        mean("mean_overlap", sample.mean_overlap, sample.peak_overlap),
        mean(
            "mean_concurrency",
            sample.mean_concurrency,
            sample.peak_concurrency,
        ),
    ] {
        wrong(fine, &field, why);
    }
    let overlap = sample.polled_ns as f64 / wall.max(1) as f64;
    wrong(
        (overlap - sample.mean_overlap).abs() <= ROUNDING * overlap.max(1.0),
        "mean_overlap",
        format!(
            "it is {}, and polled_ns over wall_ns is {overlap}",
            sample.mean_overlap
        ),
    );
    wrong(
        sample.mean_overlap <= sample.mean_concurrency + ROUNDING,
        "mean_concurrency",
        "more branches were polled than were in flight".to_owned(),
    );
    for (field, part, whole, of) in [
        ("longest_poll_ns", sample.longest_poll_ns, wall, "wall_ns"),
        (
            "longest_poll_ns",
            sample.longest_poll_ns,
            sample.polled_ns,
            "polled_ns",
        ),
        ("longest_gap_ns", sample.longest_gap_ns, wall, "wall_ns"),
        (
            "longest_branch_ns",
            sample.longest_branch_ns.unwrap_or(0),
            sample.polled_ns,
            "polled_ns",
        ),
        (
            "longest_life_ns",
            sample.longest_life_ns.unwrap_or(0),
            wall,
            "wall_ns",
        ),
        (
            "longest_branch_ns",
            sample.longest_branch_ns.unwrap_or(0),
            sample.longest_life_ns.unwrap_or(u64::MAX),
            "longest_life_ns",
        ),
        (
            "all_begun_ns",
            sample.all_begun_ns.unwrap_or(0),
            wall,
            "wall_ns",
        ),
        (
            "first_poll_ns",
            sample.first_poll_ns,
            sample.all_begun_ns.unwrap_or(u64::MAX),
            "all_begun_ns",
        ),
        ("first_poll_ns", sample.first_poll_ns, wall, "wall_ns"),
        ("stall_ns", sample.stall_ns.unwrap_or(0), wall, "wall_ns"),
        ("threads", sample.threads.into(), sample.polls, "polls"),
        (
            "peak_overlap",
            sample.peak_overlap.into(),
            sample.threads.into(),
            "threads",
        ),
        (
            "peak_overlap",
            sample.peak_overlap.into(),
            sample.peak_concurrency.into(),
            "peak_concurrency",
        ),
        (
            "peak_concurrency",
            sample.peak_concurrency.into(),
            cell.branches as u64,
            "its branches",
        ),
        (
            "longest_run",
            sample.longest_run.into(),
            sample.polls,
            "polls",
        ),
    ] {
        wrong(
            part <= whole,
            field,
            format!("{part} is more than {of}, {whole}"),
        );
    }
    let together = u128::from(sample.longest_poll_ns) * u128::from(sample.polls);
    wrong(
        together >= sample.polled_ns.into(),
        "longest_poll_ns",
        "so many polls, none longer than this, do not add up to polled_ns".to_owned(),
    );
    let so_far = sample.threads_so_far;
    wrong(
        so_far == 0 || so_far >= sample.threads,
        "threads_so_far",
        format!("{so_far} is less than threads, {}", sample.threads),
    );
    trace(sample, cell, &mut wrong);
}

/// The first polls, in the order in which they began.
fn trace(sample: &Sample, cell: &Cell, wrong: &mut impl FnMut(bool, &str, String)) {
    let trace = &sample.trace;
    wrong(
        trace.len() as u64 <= sample.polls,
        "trace",
        "it holds more polls than there were".to_owned(),
    );
    for (index, poll) in trace.iter().enumerate() {
        let mut wrong =
            |fine, field: &str, why| wrong(fine, &format!("trace/{index}/{field}"), why);
        let branches = cell.branches;
        wrong(
            (poll.branch as usize) < branches,
            "branch",
            format!("there are {branches} branches, counted from 0"),
        );
        wrong(
            poll.start_ns <= poll.end_ns && poll.end_ns <= sample.wall_ns,
            "end_ns",
            "a poll ends after it began, and within wall_ns".to_owned(),
        );
        wrong(
            poll.end_ns.saturating_sub(poll.start_ns) <= sample.longest_poll_ns,
            "end_ns",
            "it is longer than longest_poll_ns".to_owned(),
        );
        let before = index.checked_sub(1).and_then(|before| trace.get(before));
        wrong(
            before.is_none_or(|before| before.start_ns <= poll.start_ns),
            "start_ns",
            "it began before the poll that stands before it".to_owned(),
        );
    }
    if let Some(first) = trace.first() {
        wrong(
            first.start_ns == sample.first_poll_ns,
            "first_poll_ns",
            format!("the trace begins with a poll at {}", first.start_ns),
        );
        let sum: u64 = trace
            .iter()
            .map(|poll| poll.end_ns.saturating_sub(poll.start_ns))
            .fold(0, u64::saturating_add);
        let whole = trace.len() as u64 == sample.polls;
        wrong(
            if whole {
                sum == sample.polled_ns
            } else {
                sum <= sample.polled_ns
            },
            "polled_ns",
            format!("the polls of the trace add up to {sum}"),
        );
    }
}
