//! What two cells allocate each time that their branches are put together: counted, and so a fact.

use super::{FACT_SAMPLES, Finding};
use crate::stats::Decided;
use harness_record::format::mean;
use harness_record::{
    bundle::{Bundle, CellStatus},
    cell::Cell,
};

/// What a cell allocates each time: the least and the most of its samples.
#[derive(Clone, Copy, Debug)]
struct Allocated {
    samples: usize,
    allocations: (f64, f64),
    bytes: (f64, f64),
}

/// Whether the first cell allocates more often than the second, in whichever samples.
pub(super) fn more(bundle: &Bundle, label: &str, over: &Cell, under: &Cell) -> Finding {
    let (most, least) = (of(bundle, over), of(bundle, under));
    let seen = [most, least]
        .iter()
        .map(|of| of.map_or(0, |of| of.samples))
        .min()
        .unwrap_or(0);
    // The first rounds are asked to count: an adapter that has not done so will not.
    let blind = [over, under]
        .iter()
        .all(|cell| counts_nothing(bundle, cell));
    let (decided, evidence) = match most.zip(least) {
        None if blind => (
            Decided::Open,
            format!("{label}: not known, as its adapter counts no allocations"),
        ),
        None => (
            Decided::Open,
            format!("{label}: no allocations were counted so far"),
        ),
        Some((more, less)) => {
            let evidence = format!("{label} {}, against {}", text(more), text(less));
            let decided = if more.allocations.0 <= less.allocations.1 {
                Decided::No
            } else if seen >= FACT_SAMPLES {
                Decided::Yes
            } else {
                Decided::Open
            };
            (decided, evidence)
        }
    };
    Finding {
        decided,
        evidence,
        measured: None,
        interval: None,
        observations: seen,
        // No round mends that.
        scenario: if blind {
            String::new()
        } else {
            over.scenario.clone()
        },
        more: Some(FACT_SAMPLES.saturating_sub(seen) as u64),
        busy: false,
        dependent: false,
    }
}

/// Whether a cell has as many samples as would be enough, and none of them counted.
fn counts_nothing(bundle: &Bundle, cell: &Cell) -> bool {
    let mut samples = 0;
    let ok = bundle
        .rounds(cell)
        .filter(|(_, round)| round.status == CellStatus::Ok);
    for sample in ok.flat_map(|(_, round)| &round.samples) {
        if sample.allocations.is_some() {
            return false;
        }
        samples += 1;
    }
    samples >= FACT_SAMPLES
}

fn of(bundle: &Bundle, cell: &Cell) -> Option<Allocated> {
    let counted: Vec<(f64, f64)> = bundle
        .rounds(cell)
        .filter(|(_, round)| round.status == CellStatus::Ok)
        .flat_map(|(_, round)| &round.samples)
        .filter_map(|sample| {
            let each = |total: u64| total as f64 / f64::from(sample.repeats.unwrap_or(1).max(1));
            Some((each(sample.allocations?), each(sample.allocated_bytes?)))
        })
        .collect();
    (!counted.is_empty()).then(|| Allocated {
        samples: counted.len(),
        allocations: ends(counted.iter().map(|(allocations, _)| *allocations)),
        bytes: ends(counted.iter().map(|(_, bytes)| *bytes)),
    })
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold(
        (f64::INFINITY, f64::NEG_INFINITY),
        |(least, most), value| (least.min(value), most.max(value)),
    )
}

/// `makes 2 allocations of 256 bytes in all`, with the spread if there is one.
fn text(of: Allocated) -> String {
    if of.allocations == (0.0, 0.0) {
        return "none".to_owned();
    }
    let spread = |(least, most): (f64, f64)| match (mean(least), mean(most)) {
        (least, most) if least == most => least,
        (least, most) => format!("{least} to {most}"),
    };
    format!(
        "makes {} allocations, {} bytes",
        spread(of.allocations),
        spread(of.bytes)
    )
}
