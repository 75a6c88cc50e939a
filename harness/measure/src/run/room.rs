//! Whether there is room for ten times as many branches, or for a recursion of the next size: what a cell would take is
//! foretold from the one before it, and one that would take the machine's memory, or minutes, is not tried.

use std::{fs, time::Duration};

use workload_catalogue::{Recursion, Scenario, scenario};

use harness_record::{
    bundle::{Bundle, CellStatus},
    cell::Cell,
    format,
};

/// What a round of many branches may take, unless the user says otherwise.
const LONGEST: Duration = Duration::from_secs(60);
/// Of the memory that is available, the part that a cell may want: the rest is for the machine, and for what
/// the forecast misses.
const SHARE: f64 = 0.7;
/// What a branch is taken to want where the cell before does not say, in bytes: a thread's stack and more.
const UNKNOWN: u64 = 16 << 10;
/// Fewer branches than this show nothing of what one takes: a page is the least that memory rises by.
const TELLING: u64 = 1_000;

/// What a round may take.
pub(super) fn longest(timeout: Option<Duration>) -> Duration {
    timeout.unwrap_or(LONGEST)
}

/// The cell before one: of a tenth of the branches, or of the size below.
fn before(facts: &Scenario, cell: &Cell) -> Option<Cell> {
    let n = cell.branches;
    let branches = match facts.recursion() {
        Some(recursion) => recursion.before(n)?,
        None => n.is_multiple_of(10).then_some(n / 10)?,
    };
    Some(Cell {
        branches,
        ..cell.clone()
    })
}

/// Why a cell of many branches is not tried, if it is not. The cells of fewer were run before.
pub(super) fn none(bundle: &Bundle, cell: &Cell) -> Option<String> {
    none_in(bundle, cell, available())
}

fn none_in(bundle: &Bundle, cell: &Cell, available: Option<u64>) -> Option<String> {
    let facts = scenario(&cell.scenario).filter(|facts| facts.is_unwatched())?;
    // There are never so many of these.
    if facts.is_idiom() {
        return None;
    }
    let before = before(facts, cell);
    let last = before.as_ref().and_then(|cell| bundle.rounds(cell).last());
    if let (Some((_, round)), Some(before)) = (last, &before)
        && round.status != CellStatus::Ok
    {
        let name = facts.recursion().map_or("n", Recursion::size_name);
        let size = before.branches;
        return Some(format!("not tried: it gave out at {name} = {size}"));
    }
    let many = facts.grows_with(cell.branches);
    let fewer = before.as_ref().map(|cell| facts.grows_with(cell.branches));
    let samples = || last.iter().flat_map(|(_, round)| &round.samples);
    let known = samples().filter_map(|sample| sample.peak_bytes).max();
    let told = known.zip(fewer.filter(|&fewer| fewer >= TELLING));
    let told = told.map(|(bytes, fewer)| bytes / fewer);
    let (each, what) = match facts.recursion() {
        None => (told.unwrap_or(UNKNOWN), "branch"),
        // Few of them are there at once, as long as nobody has seen otherwise.
        Some(_) => (told.unwrap_or(0), "fork"),
    };
    let wanted = each.saturating_mul(many);
    if let Some(available) = available
        && wanted as f64 > SHARE * available as f64
    {
        return Some(format!(
            "not tried: it would take about {}, at {each} bytes per {what}, and {} are available",
            format::gibibytes(wanted),
            format::gibibytes(available)
        ));
    }
    // What it takes over its wait grows with the branches, and no less.
    let wait = |n: usize| Duration::from_secs_f64(facts.wait_ms_of(n) / 1e3);
    let wall = samples().map(|sample| sample.wall_ns).min()?;
    let over = Duration::from_nanos(wall).saturating_sub(wait(before?.branches));
    let times = many as f64 / fewer?.max(1) as f64;
    let foretold = over.mul_f64(times) + wait(cell.branches);
    let longest = longest(bundle.header.options.timeout_ms.map(Duration::from_millis));
    (foretold > longest).then(|| {
        format!(
            "not tried: it would take about {} s, and a round may take {}",
            foretold.as_secs(),
            longest.as_secs()
        )
    })
}

/// Memory that can be had without taking it from anybody, in bytes: what the machine has (`MemAvailable` of
/// `proc_meminfo(5)`), and what is left of this process's control group (`memory.max` and `memory.current`).
fn available() -> Option<u64> {
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    let number = |file: &str| -> Option<u64> {
        let text = fs::read_to_string(format!("/sys/fs/cgroup/{file}")).ok()?;
        text.trim().parse().ok()
    };
    let group = number("memory.max").zip(number("memory.current"));
    let group = group.map(|(most, now)| most.saturating_sub(now));
    Some((kibibytes * 1024).min(group.unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use harness_protocol::Sample;

    use super::*;
    use harness_record::{
        bundle::Event,
        fabricated::{cell, header, options, sample, smol, threads, unasked},
        plan::Options,
    };

    fn run() -> Bundle {
        let options = Options {
            scenarios: vec!["scale/timer".into(), "scale/yield".into()],
            ..options()
        };
        Bundle::new(header(vec![unasked(threads()), smol()], options, 2))
    }

    fn add(bundle: &mut Bundle, name: &str, status: CellStatus, sample: Sample) {
        bundle.add(Event::Round {
            block: 0,
            cell: cell(name),
            order: 0,
            status,
            reason: None,
            stderr: String::new(),
            samples: vec![sample],
        });
    }

    #[test]
    fn what_gave_out_is_not_tried_with_more() {
        let mut bundle = run();
        let next = cell("smol:workers@2/scale/timer/spawn@100000");
        let name = "smol:workers@2/scale/timer/spawn@10000";
        add(&mut bundle, name, CellStatus::Crashed, sample(50.0, 1.0));
        assert_eq!(
            none_in(&bundle, &next, None).as_deref(),
            Some("not tried: it gave out at n = 10000")
        );
        let joined = cell("smol:workers@2/scale/timer/compose@100000");
        assert_eq!(none_in(&bundle, &joined, None), None, "it is another");
    }

    /// 3 MB at ten thousand is 300 bytes each, and 300 MB at a million.
    #[test]
    fn memory_is_foretold_from_what_fewer_took() {
        let mut bundle = run();
        let took = Sample {
            peak_bytes: Some(30_000_000),
            ..sample(400.0, 1.0)
        };
        let name = "smol:workers@2/scale/timer/spawn@100000";
        add(&mut bundle, name, CellStatus::Ok, took);
        let next = cell("smol:workers@2/scale/timer/spawn@1000000");
        assert_eq!(none_in(&bundle, &next, Some(429_000_000)), None);
        assert_eq!(
            none_in(&bundle, &next, Some(428_000_000)).as_deref(),
            Some(
                "not tried: it would take about 0.3 GiB, at 300 bytes per branch, and 0.4 GiB are available"
            )
        );
        // Of the first that many, nothing is known.
        let first = cell("smol:workers@2/scale/yield/spawn@1000000");
        assert!(none_in(&bundle, &first, Some(10 << 30)).is_some());
        assert_eq!(none_in(&bundle, &first, Some(24 << 30)), None);
    }

    /// 7 s over the wait of 700 ms at a hundred thousand: 70 s and 3.4 of wait at a million.
    #[test]
    fn so_is_time() {
        let mut bundle = run();
        let name = "smol:workers@2/scale/timer/spawn@100000";
        add(&mut bundle, name, CellStatus::Ok, sample(7700.0, 1.0));
        let next = cell("smol:workers@2/scale/timer/spawn@1000000");
        assert_eq!(
            none_in(&bundle, &next, None).as_deref(),
            Some("not tried: it would take about 73 s, and a round may take 60")
        );
    }

    /// From 15 to 20 the forks of a Fibonacci number go from 986 to 10 945, 11.1 times as many, and then to 121 392 at 25.
    #[test]
    fn a_recursion_of_the_next_size_takes_as_much_more_as_it_forks_more() {
        let mut bundle = run();
        let took = |milliseconds| Sample {
            peak_bytes: Some(10_945 * 100),
            ..sample(milliseconds, 1.0)
        };
        let at = |n: usize| cell(&format!("smol:workers@2/fork/fib/spawn@{n}"));
        assert_eq!(none_in(&bundle, &at(15), Some(0)), None, "the first");
        add(
            &mut bundle,
            &at(20).to_string(),
            CellStatus::Ok,
            took(6_000.0),
        );
        let why = none_in(&bundle, &at(25), None).unwrap();
        assert!(
            why.starts_with("not tried: it would take about 66 s"),
            "{why}"
        );
        // 12 MB at 100 bytes each.
        let why = none_in(&bundle, &at(25), Some(17_000_000)).unwrap();
        assert!(why.contains("at 100 bytes per fork"), "{why}");
        bundle.header.options.timeout_ms = Some(70_000);
        assert_eq!(none_in(&bundle, &at(25), Some(18_000_000)), None);
        add(
            &mut bundle,
            &at(20).to_string(),
            CellStatus::Crashed,
            took(1.0),
        );
        assert_eq!(
            none_in(&bundle, &at(25), None).as_deref(),
            Some("not tried: it gave out at n = 20")
        );
    }

    #[test]
    fn other_scenarios_are_not_asked() {
        let digest = cell("smol:workers@2/digest/spawn@2");
        assert_eq!(none_in(&run(), &digest, Some(0)), None);
    }
}
