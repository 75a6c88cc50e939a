//! One cell's figures, from its rounds.

use harness_protocol::{Primitive, Sample};
use workload_catalogue::Kind;

use super::{CELL_ALPHA, CellReport, Estimate, root_name};
use crate::{
    bundle::{Bundle, CellStatus, Round},
    cell::{Cell, primitive_name},
    claims::MeasureOf,
    judge,
    stats::{median, median_interval},
};

/// A row for each configuration that has no cells, so that its absence is seen.
pub(super) fn unavailable(bundle: &Bundle) -> Vec<CellReport> {
    let entrant = |runtime: &str| bundle.header.entrants.iter().find(|e| e.name == runtime);
    let mut rows: Vec<(String, Option<String>, String, usize, String)> = bundle
        .plan
        .configs
        .iter()
        .filter_map(|config| {
            let why = config.unavailable.clone()?;
            Some((
                config.runtime.clone(),
                config.version.clone(),
                config.flavour.clone(),
                config.workers,
                why,
            ))
        })
        .collect();
    for entrant in bundle
        .header
        .entrants
        .iter()
        .filter(|e| e.asked && e.flavours.is_empty())
    {
        let why = entrant.unavailable.clone().unwrap_or_default();
        rows.push((
            entrant.name.clone(),
            entrant.version.clone(),
            String::new(),
            0,
            why,
        ));
    }
    rows.into_iter()
        .filter(|(runtime, ..)| entrant(runtime).is_some())
        .map(|(runtime, version, flavour, workers, why)| CellReport {
            cell: runtime.clone(),
            runtime,
            version,
            flavour,
            workers,
            status: CellStatus::Unavailable,
            reason: Some(why),
            ..empty()
        })
        .collect()
}

fn empty() -> CellReport {
    CellReport {
        cell: String::new(),
        runtime: String::new(),
        version: None,
        flavour: String::new(),
        workers: 0,
        root: String::new(),
        scenario: String::new(),
        primitive: String::new(),
        branches: 0,
        status: CellStatus::Ok,
        reason: None,
        stderr: None,
        wall_ns: None,
        predicted_ns: None,
        measured_over_predicted: None,
        speedup: None,
        cores_used: None,
        peak_overlap: None,
        mean_overlap: None,
        peak_concurrency: None,
        mean_concurrency: None,
        threads: None,
        longest_poll_ns: None,
        stall_ns: None,
        longest_gap_ns: None,
        queued_ns: None,
        rounds: 0,
        samples: 0,
        on_one_core: None,
        disturbed: false,
        exhibit: true,
    }
}

pub(super) fn of_cell(bundle: &Bundle, cell: &Cell, resting: bool) -> CellReport {
    let entrant = bundle
        .header
        .entrants
        .iter()
        .find(|entrant| entrant.name == cell.runtime);
    let (rounds, disturbed) = rounds(bundle, cell);
    let samples: Vec<&Sample> = rounds.iter().flat_map(|round| &round.samples).collect();
    let parallel = is_parallel(bundle, cell);
    let figure = |read: Read<'_>| median(&of_rounds(&rounds, read));
    let walls = of_rounds(&rounds, &|sample| Some(sample.wall_ns as f64));
    let wall_ns = median(&walls).map(|median| {
        let interval = median_interval(&walls, CELL_ALPHA);
        Estimate {
            median,
            low: interval.map(|i| i.low),
            high: interval.map(|i| i.high),
        }
    });
    let predicted_ns = bundle
        .predictions
        .get(cell)
        .map(|prediction| prediction.wall_ns as f64);
    let sequential = bundle
        .sibling(cell, Primitive::Sequential)
        .and_then(|cell| {
            let (rounds, _) = self::rounds(bundle, cell);
            median(&of_rounds(&rounds, &|sample| Some(sample.wall_ns as f64)))
        });
    let failure = judge::failure(bundle, cell);
    let measured = |ns: Option<f64>| wall_ns.zip(ns).map(|(wall, ns)| (wall.median, ns));
    CellReport {
        cell: cell.to_string(),
        runtime: cell.runtime.clone(),
        version: entrant.and_then(|entrant| entrant.version.clone()),
        flavour: cell.flavour.clone(),
        workers: cell.workers,
        root: root_name(cell.root).to_owned(),
        scenario: cell.scenario.clone(),
        primitive: primitive_name(cell.primitive).to_owned(),
        branches: cell.branches,
        status: failure
            .as_ref()
            .map_or(CellStatus::Ok, |failure| failure.status),
        reason: match &failure {
            Some(failure) => Some(failure.reason.clone()),
            None if samples.is_empty() => {
                Some("not measured: the run was stopped before it".to_owned())
            }
            None => None,
        },
        stderr: failure
            .map(|failure| failure.stderr)
            .filter(|text| !text.is_empty()),
        wall_ns,
        predicted_ns,
        measured_over_predicted: measured(predicted_ns).map(|(wall, law)| wall / law),
        speedup: measured(sequential).map(|(wall, sequential)| sequential / wall),
        cores_used: figure(&|sample| judge::of_sample(sample, MeasureOf::Cores)),
        peak_overlap: figure(&|sample| Some(f64::from(sample.peak_overlap))),
        mean_overlap: figure(&|sample| Some(sample.mean_overlap)),
        peak_concurrency: figure(&|sample| Some(f64::from(sample.peak_concurrency))),
        mean_concurrency: figure(&|sample| Some(sample.mean_concurrency)),
        threads: figure(&|sample| Some(f64::from(sample.threads))),
        longest_poll_ns: figure(&|sample| Some(sample.longest_poll_ns as f64)),
        stall_ns: figure(&|sample| sample.stall_ns.map(|ns| ns as f64)),
        longest_gap_ns: figure(&|sample| Some(sample.longest_gap_ns as f64)),
        queued_ns: figure(&|sample| sample.queued_ns.map(|ns| ns as f64)),
        rounds: rounds.len(),
        samples: samples.len(),
        on_one_core: parallel.then(|| {
            samples
                .iter()
                .filter(|sample| judge::on_one_core(sample))
                .count()
        }),
        disturbed,
        exhibit: !resting,
    }
}

/// Whether the cell's branches compute, on several threads with a core for each.
fn is_parallel(bundle: &Bundle, cell: &Cell) -> bool {
    let cpu =
        workload_catalogue::scenario(&cell.scenario).is_some_and(|facts| facts.kind == Kind::Cpu);
    let k = bundle.plan.config(cell).map_or(cell.workers, |config| {
        config.threads(cell.primitive, cell.branches)
    });
    cpu && cell.primitive != Primitive::Sequential && k.min(bundle.plan.cores) > 1
}

/// A cell's good rounds: those of undisturbed blocks, or, if there are none, of disturbed ones, and
/// whether that is so.
fn rounds<'a>(bundle: &'a Bundle, cell: &'a Cell) -> (Vec<&'a Round>, bool) {
    let of = |disturbed: bool| -> Vec<&Round> {
        bundle
            .rounds(cell)
            .filter(|(block, round)| {
                block.disturbed.is_some() == disturbed && round.status == CellStatus::Ok
            })
            .map(|(_, round)| round)
            .collect()
    };
    let (quiet, busy) = (of(false), of(true));
    let disturbed = quiet.is_empty() && !busy.is_empty();
    (if disturbed { busy } else { quiet }, disturbed)
}

/// A figure of a sample.
type Read<'a> = &'a dyn Fn(&Sample) -> Option<f64>;

/// A figure of each round: the median of its samples. They share a process and its luck, so that an
/// interval over samples would be narrower than what it stands for.
fn of_rounds(rounds: &[&Round], read: Read<'_>) -> Vec<f64> {
    rounds
        .iter()
        .filter_map(|round| median(&round.samples.iter().filter_map(read).collect::<Vec<_>>()))
        .collect()
}
