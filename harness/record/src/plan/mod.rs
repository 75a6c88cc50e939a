//! What is to be measured: configurations, cells, and the groups that are measured close together.
//!
//! A plan follows from the run's header alone, so that a report made later plans the same.

use std::collections::BTreeSet;

use crate::config_id::ConfigId;
use harness_protocol::{Primitive, Promise, Root, Semantics, Threads, Workers};
use serde::{Deserialize, Serialize};
use workload_catalogue::{SCENARIOS, Scenario, own, scenario};

use crate::{cell::Cell, costs};

mod cells;
mod partition;
pub mod pieces;

pub use cells::branches;
use cells::cells;
pub use partition::Partition;

/// The runtime that the others are held against.
pub const BASELINE: &str = "threads";

/// The scenario that is also run on the baseline, beside every runtime.
pub const ON_BASELINE: &str = "digest";

/// The greatest number of workers that can be asked for; and so there are no more different ones.
pub const MOST_WORKERS: usize = 1024;

/// Rounds of a cell that no claim needs, an exhibit, unless a number was asked for.
pub const EXHIBIT_ROUNDS: usize = 2;

/// The same of a step of a sweep: an interval wants six, and some blocks are disturbed.
pub const SWEEP_ROUNDS: usize = 9;

/// The same of a cell of many branches, each of which takes seconds.
pub const MANY_ROUNDS: usize = 3;

/// The same of somebody's own workload, which is all that is measured.
pub const OWN_ROUNDS: usize = 4;

/// What the user asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Options {
    /// Scenarios, by name.
    pub scenarios: Vec<String>,
    /// Primitives; empty for those that the tables show.
    pub primitives: Vec<Primitive>,
    /// Worker counts; empty for one a core.
    pub workers: Vec<usize>,
    /// Whether flavours are started with the number of workers, too, that they have where nobody asks for one: those that
    /// have one, and the others with one a core.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_workers: bool,
    /// The most threads of blocking pools that can be told; `None` for as many as they like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking_threads: Option<usize>,
    /// The CPUs that the user chose, as a list such as `0,2-3`; `None` for those that there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<String>,
    /// n, where the scenario leaves it open.
    pub branches: Option<usize>,
    /// When to stop.
    pub rounds: Rounds,
    /// Measuring time a runtime, in milliseconds; `None` for as much as it takes.
    pub budget_ms: Option<u64>,
    /// The deadline of a round in milliseconds, if the user has set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// What shuffles the order and makes the nonces.
    pub seed: u64,
    /// Which share of the plan is measured, where it is not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<Partition>,
    /// Where parents run.
    pub root: Root,
    /// Whether to measure without asking the adapters first what they keep of their promises.
    pub unverified: bool,
    /// What was asked of a run that counts what primitives cost. It has no scenarios.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costs: Option<costs::Asked>,
}

/// When to stop measuring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rounds {
    /// When everything is decided or the budget is spent; equality is asked within 1.10.
    Budget,
    /// As `Budget`, with equality within 1.05 and a budget to match.
    Auto,
    /// After so many rounds of every cell, whatever they say.
    Fixed(usize),
}

/// A runtime as the plan sees it: what its adapter said of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entrant {
    /// The runtime's name.
    pub name: String,
    /// The version of its crate, where known.
    pub version: Option<String>,
    /// Why it has no results here.
    pub unavailable: Option<String>,
    /// Its flavours.
    pub flavours: Vec<harness_protocol::Flavour>,
    /// Whether the user asked for it, or it is here only to be compared with.
    pub asked: bool,
    /// The promises that its adapter can be asked to show that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Promise>,
    /// Groups of scenarios that it is measured beside, to hold runtimes against: it is none itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
    /// The executors, reactors and pools that its adapter links, each as `NAME VERSION`, as the lock file has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lineage: Vec<String>,
}

/// One way in which one runtime is started.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Which configuration.
    pub id: ConfigId,
    /// The version of its crate.
    pub version: Option<String>,
    /// Where parents run.
    pub root: Root,
    /// What the adapter declares.
    pub semantics: Semantics,
    /// Whether the flavour has so many workers by design, whatever is asked.
    pub fixed: bool,
    /// What its blocking pool is told of how many threads it may have.
    pub blocking_threads: Option<usize>,
    /// Why it cannot run here.
    pub unavailable: Option<String>,
    /// The promises that its adapter can be asked to show that it keeps.
    pub checks: Vec<Promise>,
    /// Those of them that it declares to break each time.
    pub breaks: Vec<String>,
}

impl Config {
    /// The primitive that places a branch on another core: `dispatch` where the runtime has it as
    /// another primitive, else `spawn`.
    #[must_use]
    pub fn placing(&self) -> Primitive {
        if self.semantics.dispatch.is_some() {
            Primitive::Dispatch
        } else {
            Primitive::Spawn
        }
    }

    /// k of a primitive: threads that can poll its branches at once.
    #[must_use]
    pub fn threads(&self, primitive: Primitive, branches: usize) -> usize {
        self.threads_of(primitive).count(self.id.workers, branches)
    }

    /// What that number depends on.
    #[must_use]
    pub fn threads_of(&self, primitive: Primitive) -> Threads {
        match primitive {
            Primitive::Sequential | Primitive::Compose => Threads::Fixed(1),
            Primitive::Spawn => self.semantics.spawn,
            Primitive::Dispatch => self.semantics.dispatch.unwrap_or(self.semantics.spawn),
            Primitive::SpawnBlocking => self.semantics.blocking,
        }
    }

    /// The cell of this configuration, or `None` where the primitive is not one of its own, or the branches would wait
    /// for ever.
    #[must_use]
    pub fn cell(&self, scenario: &Scenario, primitive: Primitive, branches: usize) -> Option<Cell> {
        if primitive == Primitive::Dispatch && self.semantics.dispatch.is_none() {
            return None;
        }
        if primitive == Primitive::SpawnBlocking && !scenario.offloads {
            return None;
        }
        if primitive == Primitive::Sequential && scenario.together {
            return None;
        }
        Some(Cell {
            id: self.id.clone(),
            root: self.root,
            scenario: scenario.name.to_owned(),
            primitive,
            branches,
            again: false,
        })
    }

    /// Whether the cell is of this configuration: its root as well, but where a scenario has both.
    #[must_use]
    pub fn owns(&self, cell: &Cell) -> bool {
        let both = || scenario(&cell.scenario).is_some_and(|scenario| scenario.both_roots);
        cell.id == self.id && (cell.root == self.root || both())
    }

    /// Whether every branch has a thread of its own, so that k is their number.
    #[must_use]
    pub fn thread_a_branch(&self) -> bool {
        self.threads(self.placing(), 1) != self.threads(self.placing(), 2)
    }

    /// Flavour and workers, where it is clear of which runtime.
    #[must_use]
    pub fn flavour_title(&self) -> String {
        format!("{}@{}", self.id.flavour, self.id.workers)
    }

    /// Runtime, flavour and workers, for people.
    #[must_use]
    pub fn title(&self) -> String {
        self.id.to_string()
    }
}

/// Cells of one scenario on one runtime, with the baseline's. A block is one round of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The runtime that the group is about.
    pub runtime: String,
    /// The scenario.
    pub scenario: &'static Scenario,
    /// The cells of the runtime.
    pub cells: Vec<Cell>,
    /// The baseline's cell, for scenarios whose claims compare with it.
    pub baseline: Option<Cell>,
    /// Cells of what is no runtime: what the machine can do, for scenarios that are held against it.
    pub limits: Vec<Cell>,
    /// Rounds of each cell, where their number is set: those of this share.
    pub rounds: Option<usize>,
}

impl Group {
    /// Its cells, and those that they are held against.
    pub fn all(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().chain(&self.baseline).chain(&self.limits)
    }

    /// The cell of a configuration that puts the branches together by this primitive.
    #[must_use]
    pub fn cell(&self, config: &Config, primitive: Primitive) -> Option<&Cell> {
        let mut cells = self.cells.iter();
        cells.find(|cell| config.owns(cell) && cell.primitive == primitive)
    }
}

/// Everything that a run measures.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Cores that the process may use.
    pub cores: usize,
    /// Every configuration, in the order of the tables.
    pub configs: Vec<Config>,
    /// Every group, in the order of the tables; of a share, its own.
    pub groups: Vec<Group>,
    /// The groups that only other shares of the plan measure.
    pub elsewhere: Vec<Group>,
    /// The configuration that others are compared with, where the user did not ask for it.
    pub compared: Option<Config>,
    /// When to stop.
    pub rounds: Rounds,
    /// Whether promises are passed over.
    pub unverified: bool,
}

impl Plan {
    /// Plans a run of these entrants on so many cores, or its share of one.
    #[must_use]
    pub fn new(entrants: &[Entrant], options: &Options, cores: usize) -> Self {
        let mut plan = Self::whole(entrants, options, cores);
        if let Some(partition) = options.partition {
            (plan.groups, plan.elsewhere) = partition::cut(plan.groups, partition);
        }
        plan
    }

    /// The whole of which a share is one.
    #[must_use]
    pub fn whole(entrants: &[Entrant], options: &Options, cores: usize) -> Self {
        // What primitives cost is counted in no cells, and says nothing of claims.
        let configs = match &options.costs {
            None => configurations(entrants, options, cores),
            Some(_) => Vec::new(),
        };
        let baseline = entrants
            .iter()
            .find(|entrant| entrant.name == BASELINE)
            .and_then(|entrant| configs_of_first_flavour(entrant, options, cores));
        let mut groups = Vec::new();
        for entrant in entrants.iter().filter(|entrant| entrant.asked) {
            let of_runtime: Vec<&Config> = configs
                .iter()
                .filter(|config| config.id.runtime == entrant.name && config.unavailable.is_none())
                .collect();
            let asked = |s: &&Scenario| options.scenarios.iter().any(|o| o == s.name);
            let own = options.scenarios.iter().filter_map(|name| own(name));
            for scenario in SCENARIOS.iter().filter(asked).chain(own) {
                let cells: Vec<Cell> = of_runtime
                    .iter()
                    .flat_map(|config| cells(config, scenario, options, cores))
                    .collect();
                if cells.is_empty() {
                    continue;
                }
                let baseline = baseline
                    .as_ref()
                    .filter(|_| entrant.name != BASELINE && scenario.name == ON_BASELINE)
                    .and_then(|config| {
                        let n = branches(scenario, options, cores, config);
                        config.cell(scenario, Primitive::Spawn, n)
                    });
                groups.push(Group {
                    runtime: entrant.name.clone(),
                    scenario,
                    limits: limits(entrants, scenario, options, cores, &cells),
                    cells,
                    baseline,
                    rounds: match options.rounds {
                        Rounds::Fixed(rounds) => Some(rounds),
                        Rounds::Budget | Rounds::Auto => None,
                    },
                });
            }
        }
        Self {
            cores,
            groups,
            elsewhere: Vec::new(),
            compared: baseline
                .filter(|baseline| options.costs.is_none() && !configs.contains(baseline)),
            configs,
            rounds: options.rounds,
            unverified: options.unverified,
        }
    }

    /// The configurations that can run here.
    pub fn usable(&self) -> impl Iterator<Item = &Config> {
        self.configs
            .iter()
            .filter(|config| config.unavailable.is_none())
    }

    /// The configuration that a cell belongs to, if the user asked for it.
    #[must_use]
    pub fn config(&self, cell: &Cell) -> Option<&Config> {
        self.configs.iter().find(|config| config.owns(cell))
    }

    /// k of a cell: threads that can poll its branches at once.
    #[must_use]
    pub fn threads(&self, cell: &Cell) -> usize {
        match self.config(cell) {
            Some(config) => config.threads(cell.primitive, cell.branches),
            // The baseline, where the user did not ask for it: a thread a core.
            None => cell.id.workers,
        }
    }

    /// Whether it measures what things cost by length or number, and nothing that a claim is about.
    #[must_use]
    pub fn only_costs(&self) -> bool {
        let sweeps = |group: &Group| group.scenario.branches.is_sweep();
        !self.groups.is_empty() && self.groups.iter().all(sweeps)
    }

    /// The workload of somebody's own that is measured, if one is.
    #[must_use]
    pub fn own(&self) -> Option<&'static Scenario> {
        let mut scenarios = self.groups.iter().map(|group| group.scenario);
        scenarios.find(|scenario| scenario.is_own())
    }

    /// The group about this runtime and scenario.
    #[must_use]
    pub fn group(&self, runtime: &str, scenario: &str) -> Option<&Group> {
        self.groups
            .iter()
            .find(|group| group.runtime == runtime && group.scenario.name == scenario)
    }

    /// Whether the promises of a runtime are tried here: where it is measured, and one that is measured nowhere in the
    /// first share.
    #[must_use]
    pub(crate) fn tries(&self, runtime: &str, partition: Option<Partition>) -> bool {
        let has = |groups: &[Group]| groups.iter().any(|group| group.runtime == runtime);
        has(&self.groups)
            || partition.is_none_or(|share| share.share() == 1 && !has(&self.elsewhere))
    }

    /// Every cell of the runtimes asked for.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.groups.iter().flat_map(|group| &group.cells)
    }
}

/// Every configuration of the runtimes that were asked for, those that cannot run here among them.
#[must_use]
pub fn configurations(entrants: &[Entrant], options: &Options, cores: usize) -> Vec<Config> {
    let asked = entrants.iter().filter(|entrant| entrant.asked);
    asked
        .flat_map(|entrant| configs(entrant, options, cores))
        .collect()
}

fn configs(entrant: &Entrant, options: &Options, cores: usize) -> Vec<Config> {
    let mut configs = Vec::new();
    for flavour in &entrant.flavours {
        let (counts, fixed) = match flavour.workers {
            Workers::Fixed(n) => (vec![n], true),
            Workers::PerCore => {
                let mut counts = options.workers.clone();
                if counts.is_empty() || options.own_workers {
                    let own = flavour.unasked_workers.filter(|_| options.own_workers);
                    counts.push(own.unwrap_or(cores));
                }
                (counts, false)
            }
        };
        let told = flavour.sizes.blocking_threads;
        let blocking_threads = options.blocking_threads.filter(|_| told);
        let mut semantics = flavour.semantics;
        if let Some(threads) = blocking_threads {
            semantics.blocking = Threads::Fixed(threads);
        }
        // A count named twice is measured once: two configurations alike would share their cells,
        // and count each comparison twice.
        let mut seen = BTreeSet::new();
        let counts = counts.into_iter().filter(|&count| seen.insert(count));
        configs.extend(counts.map(|workers| {
            Config {
                id: ConfigId {
                    runtime: entrant.name.clone(),
                    flavour: flavour.name.clone(),
                    workers,
                },
                version: entrant.version.clone(),
                root: options.root,
                semantics,
                fixed,
                blocking_threads,
                unavailable: entrant
                    .unavailable
                    .clone()
                    .or_else(|| flavour.unavailable.clone()),
                checks: entrant.checks.clone(),
                breaks: flavour.breaks.clone(),
            }
        }));
    }
    configs
}

/// The cells of what stands beside a scenario, with as many branches as the runtime's own.
fn limits(
    entrants: &[Entrant],
    scenario: &Scenario,
    options: &Options,
    cores: usize,
    cells: &[Cell],
) -> Vec<Cell> {
    let group = scenario.group().unwrap_or_default();
    let mut counts: Vec<usize> = cells.iter().map(|cell| cell.branches).collect();
    counts.sort_unstable();
    counts.dedup();
    let beside = |entrant: &&Entrant| entrant.beside.iter().any(|beside| beside == group);
    let all = entrants.iter().filter(beside);
    all.flat_map(|entrant| configs(entrant, options, cores))
        .filter(|config| config.unavailable.is_none())
        .flat_map(|config| {
            let of = |&n: &usize| config.cell(scenario, Primitive::Spawn, n);
            counts.iter().filter_map(of).collect::<Vec<_>>()
        })
        .collect()
}

/// The baseline has a worker a core, whatever `--workers` asks of the others.
fn configs_of_first_flavour(entrant: &Entrant, options: &Options, cores: usize) -> Option<Config> {
    let options = Options {
        workers: Vec::new(),
        own_workers: false,
        ..options.clone()
    };
    configs(entrant, &options, cores)
        .into_iter()
        .next()
        .filter(|config| config.unavailable.is_none())
}

#[cfg(test)]
mod tests;
