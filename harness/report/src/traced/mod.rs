//! The rounds of a record whose polls were kept: one a cell, found by the cell's name or a part of it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use harness_protocol::Sample;
use serde::Deserialize;

use harness_record::{
    bundle::Bundle,
    cell::{Cell, PartialCell, primitive_name},
};
use workload_catalogue::short;

/// The sample of a cell that stands for it: see [`Bundle::traced`].
#[derive(Clone, Copy, Debug)]
pub struct Traced<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// The sample; it has a trace.
    pub sample: &'a Sample,
}

impl Traced<'_> {
    /// `the first 256 of 2000 polls`, where the trace holds no more.
    #[must_use]
    pub fn cut(&self) -> Option<String> {
        let (kept, all) = (self.sample.trace.len() as u64, self.sample.polls);
        (kept < all).then(|| format!("the first {kept} of {all} polls"))
    }
}

/// Every cell that fits one of these names, each once, in the order of the names and then of the plan. What a
/// name leaves out may be anything, but a second arm of a cell has to be asked for.
///
/// # Errors
///
/// One line: which name fits nothing that could be shown, and why, or what is near it.
pub fn find<'a>(bundle: &'a Bundle, names: &[String]) -> Result<Vec<Traced<'a>>, String> {
    let recorded = recorded(bundle);
    let mut found: Vec<Traced<'a>> = Vec::new();
    for name in names {
        let partial: PartialCell = name.parse()?;
        let fitting: Vec<&Cell> = recorded
            .iter()
            .copied()
            .filter(|cell| fits(&partial, cell))
            .collect();
        let Some(&first) = fitting.first() else {
            return Err(format!(
                "the record has no cell `{name}`; {}",
                nearest(name, &recorded)
            ));
        };
        let traced: Vec<Traced<'a>> = fitting
            .iter()
            .filter_map(|&cell| traced(bundle, cell))
            .collect();
        if traced.is_empty() {
            return Err(format!(
                "no polls of {first} were kept: {}",
                why(bundle, first)
            ));
        }
        for traced in traced {
            if found.iter().all(|known| known.cell != traced.cell) {
                found.push(traced);
            }
        }
    }
    Ok(found)
}

/// Every cell that was run, in the order of the plan; what it does not hold, such as the baseline beside
/// others, comes last.
fn recorded(bundle: &Bundle) -> Vec<&Cell> {
    let run = bundle.measured();
    let planned: Vec<&Cell> = bundle
        .plan
        .cells()
        .filter(|cell| run.contains(cell))
        .collect();
    let others = run.iter().copied().filter(|cell| !planned.contains(cell));
    planned.iter().copied().chain(others).collect()
}

fn fits(partial: &PartialCell, cell: &Cell) -> bool {
    fn any<T: PartialEq>(asked: Option<&T>, is: &T) -> bool {
        asked.is_none_or(|asked| asked == is)
    }
    let scenario = [cell.scenario.as_str(), short(&cell.scenario)];
    partial.runtime == cell.id.runtime
        && scenario.contains(&partial.scenario.as_str())
        && (partial.primitive, partial.again) == (cell.primitive, cell.again)
        && any(partial.flavour.as_ref(), &cell.id.flavour)
        && any(partial.workers.as_ref(), &cell.id.workers)
        && any(partial.root.as_ref(), &cell.root)
        && any(partial.branches.as_ref(), &cell.branches)
}

fn traced<'a>(bundle: &'a Bundle, cell: &'a Cell) -> Option<Traced<'a>> {
    let sample = bundle.traced(cell)?;
    Some(Traced { cell, sample })
}

/// Why nothing of this cell can be shown.
fn why(bundle: &Bundle, cell: &Cell) -> String {
    if let Some(failure) = bundle.failure(cell) {
        return failure
            .reason
            .clone()
            .unwrap_or_else(|| "its rounds did not go well".to_owned());
    }
    let mut samples = bundle.rounds(cell).flat_map(|(_, round)| &round.samples);
    match samples.find_map(|sample| sample.repeats) {
        Some(times) => format!(
            "its branches are so short that a sample puts them together {times} times, and nobody watches"
        ),
        None => "none of its rounds was to keep any".to_owned(),
    }
}

/// Names that are most like this one: `the nearest are smol/digest/spawn, smol/digest/compose`.
fn nearest(name: &str, recorded: &[&Cell]) -> String {
    const SHOWN: usize = 3;
    let short = |cell: &Cell| {
        let primitive = primitive_name(cell.primitive);
        format!("{}/{}/{primitive}", cell.id.runtime, cell.scenario)
    };
    // The part that a name may leave out is told in full, where only that is wrong.
    let wrong_detail: Vec<String> = recorded
        .iter()
        .filter(|cell| {
            name.parse::<PartialCell>().is_ok_and(|partial| {
                (&partial.runtime, &partial.scenario, partial.primitive)
                    == (&cell.id.runtime, &cell.scenario, cell.primitive)
            })
        })
        .map(ToString::to_string)
        .collect();
    if !wrong_detail.is_empty() {
        return format!("there are {}", wrong_detail.join(", "));
    }
    let mut names: Vec<(f64, String)> = recorded
        .iter()
        .map(|cell| short(cell))
        .collect::<BTreeSet<String>>()
        .into_iter()
        .map(|known| (strsim::jaro_winkler(name, &known), known))
        .collect();
    names.sort_by(|a, b| b.0.total_cmp(&a.0));
    let names: Vec<String> = names
        .into_iter()
        .take(SHOWN)
        .map(|(_, name)| name)
        .collect();
    match names.as_slice() {
        [] => "no cell was run".to_owned(),
        [one] => format!("there is {one}"),
        several => format!("the nearest are {}", several.join(", ")),
    }
}

/// The newest run in a folder of runs.
///
/// # Errors
///
/// One line, if there is none.
pub fn newest(results: &Path) -> Result<PathBuf, String> {
    #[derive(Deserialize)]
    struct Began {
        started: String,
    }
    let began = |folder: &Path| {
        let text = fs::read_to_string(folder.join("run.json")).ok()?;
        let Began { started } = serde_json::from_str(&text).ok()?;
        Some(started)
    };
    let folders = fs::read_dir(results).into_iter().flatten().flatten();
    let runs = folders.filter_map(|entry| Some((began(&entry.path())?, entry.path())));
    runs.max().map(|(_, folder)| folder).ok_or_else(|| {
        format!(
            "no run is recorded in the folder {}: `harness run` records one, and --from DIR names another",
            results.display()
        )
    })
}

#[cfg(test)]
mod tests;
