//! Which cells of the two sides correspond.

use std::collections::BTreeMap;

use harness_protocol::{Primitive, Root};
use workload_catalogue::SCENARIOS;

use super::Of;
use harness_record::{bundle::Bundle, cell::Cell, plan::Config};

/// The cells of two sides that correspond.
pub(super) struct Pairs<'a> {
    /// A's and B's.
    pub(super) pairs: Vec<(&'a Cell, &'a Cell)>,
    /// Cells that have no match.
    pub(super) alone: usize,
}

/// The cells of either side that correspond, and how many have no match. Under one name each if that is
/// how they are called; else by root, scenario, primitive and n, where each side is one configuration.
pub(super) fn pairs<'a>(
    a: &Of<'a>,
    configs_a: &[&Config],
    b: &Of<'a>,
    configs_b: &[&Config],
) -> Result<Pairs<'a>, String> {
    let of = |bundle: &'a Bundle, configs: &[&Config]| -> Vec<&'a Cell> {
        let cells = bundle.measured().into_iter().filter(|cell| !cell.again);
        cells
            .filter(|cell| configs.iter().any(|config| config.owns(cell)))
            .collect()
    };
    let (cells_a, cells_b) = (of(a.bundle, configs_a), of(b.bundle, configs_b));
    let place = |cell: &Cell| {
        (
            cell.root,
            cell.scenario.clone(),
            cell.primitive,
            cell.branches,
        )
    };
    let pairs: Vec<(&Cell, &Cell)> = if let ([one], [two]) = (configs_a, configs_b)
        && one.title() != two.title()
    {
        let places: BTreeMap<(Root, String, Primitive, usize), &Cell> =
            cells_b.iter().map(|&cell| (place(cell), cell)).collect();
        let matched = cells_a
            .iter()
            .filter_map(|&cell| Some((cell, *places.get(&place(cell))?)));
        matched.collect()
    } else {
        let named = |side: &Of<'_>| side.choice.runtime.clone();
        if let (Some(one), Some(two)) = (named(a), named(b))
            && one != two
        {
            let (side, configs) = if configs_a.len() > 1 {
                (a, configs_a)
            } else {
                (b, configs_b)
            };
            let names: Vec<String> = configs
                .iter()
                .map(|config| {
                    format!(
                        "{}:{}@{}",
                        config.id.runtime, config.id.flavour, config.id.workers
                    )
                })
                .collect();
            return Err(format!(
                "{} has several configurations of {}, and two runtimes are compared one configuration each: name {}",
                side.name,
                side.choice,
                names.join(" or ")
            ));
        }
        let matched = cells_a
            .iter()
            .filter_map(|&cell| Some((cell, *cells_b.iter().find(|other| **other == cell)?)));
        matched.collect()
    };
    let alone = cells_a.len() + cells_b.len() - 2 * pairs.len();
    Ok(Pairs {
        pairs: by_catalogue(pairs),
        alone,
    })
}

/// In the order of the tables: by configuration, then as the catalogue has the scenarios.
fn by_catalogue<'a>(mut pairs: Vec<(&'a Cell, &'a Cell)>) -> Vec<(&'a Cell, &'a Cell)> {
    let place = |cell: &Cell| {
        SCENARIOS
            .iter()
            .position(|scenario| scenario.name == cell.scenario)
    };
    pairs.sort_by_cached_key(|(cell, _)| {
        (
            cell.id.runtime.clone(),
            cell.id.flavour.clone(),
            cell.id.workers,
            place(cell),
            cell.root,
            cell.branches,
            cell.primitive,
        )
    });
    pairs
}

/// Why nothing is compared, in a line.
pub(super) fn nothing_in_common(
    a: &Of<'_>,
    configs_a: &[&Config],
    b: &Of<'_>,
    configs_b: &[&Config],
    no_cell: bool,
) -> String {
    if !no_cell {
        return format!(
            "nothing of {} and {} can be compared: their common cells are all controls, or only one run tells its steps of work",
            a.name, b.name
        );
    }
    let titles = |configs: &[&Config]| {
        let titles: Vec<String> = configs.iter().map(|config| config.title()).collect();
        titles.join(", ")
    };
    format!(
        "no cell in common: {} has rounds of {} and {} of {}, of {} and {}; compare runs of the same scenarios, workers and branches",
        a.name,
        titles(configs_a),
        b.name,
        titles(configs_b),
        a.bundle.header.options.scenarios.join(", "),
        b.bundle.header.options.scenarios.join(", ")
    )
}
