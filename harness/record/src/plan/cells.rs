//! The cells of a scenario: with how many branches, under which primitives, from where.

use harness_protocol::{Primitive, Root};
use workload_catalogue::{Branches, SWEPT, Scenario, WIDTHS};

use super::{Config, Options, pieces};
use crate::cell::Cell;

/// Executing threads that are counted where a scenario wants more branches than threads: twice as
/// many blocking branches in turn take long enough.
const COUNTED_THREADS: usize = 16;

/// Steps of a sweep whose branches compute for longer in turn are left out: what it looks for is not there,
/// and they would take most of its time.
const MOST_SWEPT_MS: f64 = 40.0;

/// n of a scenario on a configuration.
#[must_use]
pub fn branches(scenario: &Scenario, options: &Options, cores: usize, config: &Config) -> usize {
    match scenario.branches {
        Branches::Of(n) => options.branches.unwrap_or(n),
        Branches::PerCore => options.branches.unwrap_or(cores.max(2)),
        Branches::Exactly(n) => n,
        // No branches, so that a thread for each is none: with more branches it would have more.
        Branches::AboveThreads(least) => options.branches.unwrap_or_else(|| {
            let k = config.threads(config.placing(), 0).min(COUNTED_THREADS);
            least.max(2 * k)
        }),
        Branches::ThreadsAndOne => config.threads(config.placing(), cores).min(cores) + 1,
        Branches::Pieces => options
            .branches
            .unwrap_or_else(|| pieces::threads(config, cores)),
        Branches::Swept => options.branches.unwrap_or(SWEPT[0]),
        Branches::Decades(_) => options.branches.unwrap_or(1),
        Branches::Sizes(recursion) => options.branches.unwrap_or(recursion.sizes()[0]),
        Branches::Widths(_) => options.branches.unwrap_or(WIDTHS[0]),
    }
}

/// Every n of a scenario on a configuration.
fn counts(scenario: &Scenario, options: &Options, cores: usize, config: &Config) -> Vec<usize> {
    match scenario.branches {
        Branches::Pieces => pieces::counts(config, cores),
        Branches::Swept if options.branches.is_none() => {
            let short = |n: &usize| scenario.work_ms * *n as f64 <= MOST_SWEPT_MS;
            SWEPT.into_iter().filter(short).collect()
        }
        Branches::Decades(most) if options.branches.is_none() => {
            let ten_times = |n: &usize| n.checked_mul(10).filter(|&n| n <= most);
            std::iter::successors(Some(1), ten_times).collect()
        }
        Branches::Sizes(recursion) => options.branches.map_or_else(
            || recursion.sizes().to_vec(),
            |size| recursion.sizes_to(size),
        ),
        Branches::Widths(most) if options.branches.is_none() => {
            WIDTHS.into_iter().filter(|&n| n <= most).collect()
        }
        _ => vec![branches(scenario, options, cores, config)],
    }
}

/// Every cell of a scenario on a configuration.
pub(super) fn cells(
    config: &Config,
    scenario: &Scenario,
    options: &Options,
    cores: usize,
) -> Vec<Cell> {
    let shown = |primitive: Primitive| match primitive {
        // The cure for a branch that blocks; and of a field case it shows what more threads would gain, on a runtime
        // that has one. Elsewhere it is asked for by name.
        Primitive::SpawnBlocking => {
            scenario.law == Some(workload_catalogue::Law::BlockingWaits)
                || scenario.source.is_some()
        }
        _ => true,
    };
    let cut = scenario.branches == Branches::Pieces;
    let swept = scenario.branches == Branches::Swept;
    let many = matches!(scenario.branches, Branches::Decades(_));
    let forks = scenario.recursion().is_some();
    let counts = counts(scenario, options, cores, config);
    let roots = if scenario.both_roots {
        vec![Root::BlockOn, Root::Worker]
    } else {
        vec![config.root]
    };
    let primitives: Vec<Primitive> = crate::cell::PRIMITIVES
        .into_iter()
        // Pieces are about cores, and so about what places them.
        .filter(|&primitive| !cut || primitive == config.placing())
        // And a sweep is about where that begins to beat joining.
        .filter(|&primitive| !swept || [Primitive::Compose, config.placing()].contains(&primitive))
        // A way to put branches together is one primitive, and where it hands them to the scheduler that one is spawn.
        .filter(|&primitive| {
            let own = match scenario.spawns {
                true => Primitive::Spawn,
                false => Primitive::Compose,
            };
            !scenario.is_idiom() || primitive == own
        })
        // In turn there are never many, and what blocks is not about them.
        .filter(|&primitive| {
            !many || ![Primitive::Sequential, Primitive::SpawnBlocking].contains(&primitive)
        })
        // What forks awaits what it forked.
        .filter(|&primitive| !forks || primitive != Primitive::SpawnBlocking)
        .filter(|&primitive| {
            if options.primitives.is_empty() {
                shown(primitive)
            } else {
                options.primitives.contains(&primitive)
            }
        })
        .collect();
    let mut cells = Vec::new();
    for &root in &roots {
        for &n in &counts {
            for &primitive in &primitives {
                let cell = config.cell(scenario, primitive, n);
                cells.extend(cell.map(|cell| Cell { root, ..cell }));
            }
        }
    }
    cells
}
