//! What cannot be true of an event where it stands.

use workload_catalogue::scenario;

use super::{
    DAY_NS, Wrong, Wrongs, costs,
    header::{is_time, not_a_time},
};
use crate::judge::again;
use harness_record::{
    bundle::{Bundle, CellStatus, Event, Header},
    cell::Cell,
    costs::{Found, Time},
    plan::{Config, Group},
};

pub(super) mod demands;
mod rounds;

/// More comparisons than any plan makes.
const MOST_COMPARISONS: usize = 1_000_000;

/// The way through the events of a record.
pub(super) struct Walk {
    pub(super) bundle: Bundle,
    pub(super) rounds: usize,
    costs: costs::Seen,
    /// The rounds of the block that is open.
    open: Vec<Cell>,
    /// What they took.
    open_ns: u64,
    /// A line could not be read, so that what follows it may not seem to.
    damaged: bool,
}

impl Walk {
    pub(super) fn new(header: Header) -> Self {
        let costs = costs::Seen::new(&header);
        Self {
            costs,
            bundle: Bundle::new(header),
            rounds: 0,
            open: Vec::new(),
            open_ns: 0,
            damaged: false,
        }
    }

    /// Takes the next event, and says what is wrong with it.
    pub(super) fn take(&mut self, event: Event) -> Vec<Wrong> {
        let mut wrongs = Wrongs::default();
        if !self.damaged {
            self.order_of(&event, &mut wrongs);
        }
        self.look(&event, &mut wrongs);
        if let Event::Cost(cost) = &event {
            self.costs.check(cost, &self.bundle, &mut wrongs);
        }
        self.add(event);
        wrongs.0
    }

    /// Takes an event of a line that is damaged, as far as it can be read.
    pub(super) fn take_damaged(&mut self, event: Option<Event>) {
        self.damaged = true;
        if let Some(event) = event {
            self.add(event);
        }
    }

    fn add(&mut self, event: Event) {
        match &event {
            Event::Round {
                block,
                cell,
                status,
                samples,
                ..
            } => {
                let last = self.bundle.blocks.len() as u64;
                if *block >= last {
                    // The one before was never completed, or this is its first round.
                    self.open.clear();
                    self.open_ns = 0;
                }
                self.rounds += 1;
                self.open.push(cell.clone());
                // What a round that did not go well says of itself may be anything.
                let good = samples.iter().filter(|_| *status == CellStatus::Ok);
                let walls = good.map(|sample| sample.wall_ns);
                self.open_ns = walls.fold(self.open_ns, u64::saturating_add);
            }
            Event::Block { .. } | Event::Resumed { .. } => {
                self.open.clear();
                self.open_ns = 0;
            }
            _ => {}
        }
        // Elsewhere it is an error, and here it would be an allocation.
        if self.bundle.follows(&event).is_ok() {
            self.bundle.add(event);
        }
    }

    /// What is wrong with the record as a whole, once it is read: where its run came to its end.
    pub(super) fn end(&self) -> Vec<String> {
        if self.damaged || self.bundle.ended != Some(false) {
            return Vec::new();
        }
        let bundle = &self.bundle;
        if let Some((config, promise)) = bundle.untried() {
            return vec![format!(
                "the run is said to be complete, and nobody tried the promise {promise} of {}",
                config.title()
            )];
        }
        let is_counted = |config: &Config| {
            let broken = bundle.refused(&config.id);
            broken.is_none()
        };
        let shares = &bundle.header.shares;
        let blocks = shares.iter().map(|share| share.blocks);
        let blocks = blocks.fold(0, u64::saturating_add);
        if !shares.is_empty() && blocks != bundle.blocks.len() as u64 {
            return vec![format!(
                "the shares that it was joined from are said to have {blocks} blocks, and it has {}",
                bundle.blocks.len()
            )];
        }
        let counts = bundle.header.options.costs.is_some();
        if counts && bundle.costs.is_empty() && bundle.verified().iter().any(is_counted) {
            return vec![
                "the run is said to be complete, and nothing in it was found to cost anything"
                    .to_owned(),
            ];
        }
        let is_wanted = |group: &&Group| {
            let mut cells = group.cells.iter();
            cells.any(|cell| !bundle.refuses(cell) && bundle.failure(cell).is_none())
        };
        let has_block = |group: &Group| {
            bundle.blocks.iter().any(|block| {
                block.complete
                    && (block.runtime.as_str(), block.scenario.as_str())
                        == (group.runtime.as_str(), group.scenario.name)
            })
        };
        let groups = bundle.plan.groups.iter().filter(is_wanted);
        groups
            .filter(|group| !has_block(group))
            .map(|group| {
                format!(
                    "the run is said to be complete, and no block is about {} and {}",
                    group.runtime, group.scenario.name
                )
            })
            .collect()
    }

    /// Whether the event may stand here.
    fn order_of(&self, event: &Event, wrongs: &mut Wrongs) {
        let bundle = &self.bundle;
        if let Err((field, why)) = bundle.follows(event) {
            wrongs.add(format!("/{field}"), why);
        }
        wrongs.unless(
            bundle.ended.is_none() || matches!(event, Event::Resumed { .. }),
            "/event",
            || "it stands behind the end of the run".to_owned(),
        );
        let is_measured = match event {
            Event::Round { .. } | Event::Block { .. } => true,
            Event::Resumed { .. } | Event::End { .. } => return,
            // Said above, of the cell.
            Event::Prediction { .. } => false,
            Event::Cost(_) => false,
            _ => {
                let first = bundle.blocks.is_empty() && bundle.costs.is_empty();
                wrongs.unless(first, "/event", || {
                    "it stands behind the first measurement, and is known before any".to_owned()
                });
                false
            }
        };
        wrongs.unless(
            !is_measured || bundle.comparisons.is_some(),
            "/event",
            || {
                "it stands before `comparisons`, whose number is fixed before the first block"
                    .to_owned()
            },
        );
    }

    /// What is wrong with it by itself, and beside the head.
    fn look(&self, event: &Event, wrongs: &mut Wrongs) {
        match event {
            Event::Verified(tried) => self.verified(tried, wrongs),
            Event::Demands { runtime, demands } => {
                demands::demands(demands, wrongs);
                let mut entrants = self.bundle.header.entrants.iter();
                wrongs.unless(entrants.any(|e| e.name == *runtime), "/runtime", || {
                    format!("\"{runtime}\" is none of the entrants")
                });
                wrongs.unless(
                    !self.bundle.demands.contains_key(runtime),
                    "/runtime",
                    || format!("the spawns of {runtime} were asked about before"),
                );
            }
            Event::Steps {
                scenario: name,
                steps,
                step_ns,
            } => {
                let computes = scenario(name).is_some_and(|facts| facts.work_ms > 0.0);
                let asked = self.bundle.header.options.scenarios.contains(name);
                wrongs.unless(computes && asked, "/scenario", || {
                    format!("\"{name}\" is no scenario of this run that computes")
                });
                wrongs.unless(!self.bundle.steps.contains_key(name), "/scenario", || {
                    format!("the steps of {name} were counted before")
                });
                wrongs.unless(*steps > 0, "/steps", || {
                    "a number above 0 is expected".to_owned()
                });
                wrongs.unless(
                    step_ns.is_finite() && *step_ns > 0.0 && *step_ns < DAY_NS as f64,
                    "/step_ns",
                    || "a time above 0 and below a day is expected".to_owned(),
                );
            }
            Event::Calibration {
                cell,
                branch,
                alone,
            } => {
                self.planned(cell, wrongs, |own, cell| {
                    // Each primitive is calibrated in turn.
                    *own == Cell {
                        primitive: own.primitive,
                        ..cell.clone()
                    }
                });
                wrongs.unless(*branch < cell.branches, "/branch", || {
                    format!("the cell has {} branches, counted from 0", cell.branches)
                });
                let again = self.bundle.alone.contains_key(&(cell.clone(), *branch));
                wrongs.unless(!again, "/cell", || {
                    format!("branch {branch} of {cell} was measured alone before")
                });
                time(alone.wait_ns, "/wait_ns", wrongs);
                time(alone.work_ns, "/work_ns", wrongs);
            }
            Event::SpawnCost { cell, spawn_ns } => {
                self.configured(cell, wrongs);
                time(*spawn_ns, "/spawn_ns", wrongs);
            }
            Event::Prediction {
                cell,
                wall_ns,
                wait_ns,
                work_ns,
                floor_ns,
            } => {
                self.known(cell, wrongs);
                let again = self.bundle.predictions.contains_key(cell);
                wrongs.unless(!again, "/cell", || format!("{cell} was predicted before"));
                time(*wall_ns, "/wall_ns", wrongs);
                time(*work_ns, "/work_ns", wrongs);
                wrongs.unless(wait_ns <= wall_ns, "/wait_ns", || {
                    format!("its longest wait is longer than wall_ns, {wall_ns}")
                });
                wrongs.unless(floor_ns <= wall_ns, "/floor_ns", || {
                    format!("what nothing can beat is longer than wall_ns, {wall_ns}")
                });
            }
            Event::Comparisons { comparisons } => {
                wrongs.unless(self.bundle.comparisons.is_none(), "/event", || {
                    "the number of comparisons was fixed before".to_owned()
                });
                wrongs.unless(*comparisons <= MOST_COMPARISONS, "/comparisons", || {
                    format!("no run makes more than {MOST_COMPARISONS}")
                });
            }
            Event::Round { .. } => self.round(event, wrongs),
            Event::Block {
                block,
                runtime,
                scenario,
                took_ns,
                load,
                disturbed,
            } => {
                let group = self.bundle.plan.group(runtime, scenario);
                wrongs.unless(group.is_some(), "/scenario", || {
                    format!("no group of this run is about {runtime} and {scenario}")
                });
                let last = self.bundle.blocks.len() as u64;
                let is_open = !self.open.is_empty() && block.checked_add(1) == Some(last);
                wrongs.unless(self.damaged || is_open, "/block", || {
                    format!("the rounds before it are not those of block {block}")
                });
                if let Some(group) = group
                    && let Some(stranger) = self
                        .open
                        .iter()
                        .find(|cell| !cells(group).any(|own| is_arm(own, cell)))
                {
                    wrongs.add(
                        "/scenario",
                        format!("its round of {stranger} is about another"),
                    );
                }
                time(*took_ns, "/took_ns", wrongs);
                wrongs.unless(*took_ns >= self.open_ns, "/took_ns", || {
                    format!("its samples alone took {}", self.open_ns)
                });
                if let Some(load) = load {
                    self.load(load, *took_ns, "/load", wrongs);
                    wrongs.unless(load.disturbed == *disturbed, "/disturbed", || {
                        "it is not what load says".to_owned()
                    });
                }
            }
            Event::Cost(cost) => {
                if let Found::Time(Time {
                    load: Some(load), ..
                }) = &cost.found
                {
                    let took = load.wall.as_nanos().try_into().unwrap_or(u64::MAX);
                    self.load(load, took, "/found/time/load", wrongs);
                }
            }
            Event::Resumed { at } => {
                let header = &self.bundle.header;
                // Shares went on each in its own time.
                let before = self
                    .bundle
                    .resumed
                    .last()
                    .filter(|_| header.shares.is_empty());
                let before = before.unwrap_or(&header.started);
                wrongs.unless(is_time(at), "/at", || not_a_time(at));
                // Both in the same form, so that the order of the text is that of the time.
                wrongs.unless(!is_time(at) || at >= before, "/at", || {
                    format!("it is before {before}")
                });
            }
            Event::End { interrupted } => {
                let fine = self.damaged || *interrupted || self.open.is_empty();
                wrongs.unless(fine, "/interrupted", || {
                    "the last block was not completed, and nobody is said to have stopped the run"
                        .to_owned()
                });
            }
        }
    }

    fn verified(&self, tried: &harness_record::promise::Tried, wrongs: &mut Wrongs) {
        let mut configs = self.costs.configs.iter().chain(&self.bundle.plan.compared);
        let config = configs.find(|c| tried.is_of(&c.id));
        let Some(config) = config else {
            return wrongs.add(
                "/flavour",
                format!(
                    "no configuration of this run is {} {}@{}",
                    tried.runtime, tried.flavour, tried.workers
                ),
            );
        };
        let offered = config.checks.iter().any(|check| check.name == tried.check);
        wrongs.unless(offered, "/check", || {
            format!(
                "the adapter of {} offers no check \"{}\"",
                tried.runtime, tried.check
            )
        });
        let again = self.bundle.has_tried(&tried.check, &config.id);
        wrongs.unless(!again, "/check", || {
            format!("{} was tried before", tried.check)
        });
        let empty = tried.broken.as_ref().is_some_and(String::is_empty);
        wrongs.unless(!empty, "/broken", || "it is empty, and says how".to_owned());
        let declared = tried.broken.is_some() && config.breaks.contains(&tried.check);
        wrongs.unless(declared || !tried.as_declared, "/as_declared", || {
            format!(
                "the adapter of {} does not declare that it breaks {}",
                tried.runtime, tried.check
            )
        });
        time(tried.took_ns, "/took_ns", wrongs);
        wrongs.unless(tried.took_ns > 0, "/took_ns", || {
            "nothing takes no time".to_owned()
        });
    }

    /// That a cell is one that this run plans.
    fn known(&self, cell: &Cell, wrongs: &mut Wrongs) {
        self.planned(cell, wrongs, is_arm);
    }

    fn planned(&self, cell: &Cell, wrongs: &mut Wrongs, is: impl Fn(&Cell, &Cell) -> bool) {
        let mut groups = self.bundle.plan.groups.iter();
        let planned = groups.any(|group| cells(group).any(|own| is(own, cell)));
        wrongs.unless(planned, "/cell", || {
            format!("{cell} is no cell of the plan that follows from run.json and this harness's scenarios")
        });
    }

    /// That a cell is of a configuration of this run, whatever its scenario.
    fn configured(&self, cell: &Cell, wrongs: &mut Wrongs) {
        let plan = &self.bundle.plan;
        let configured = plan
            .configs
            .iter()
            .chain(&plan.compared)
            .any(|config| cell.id == config.id);
        wrongs.unless(configured, "/cell", || {
            format!("{cell} is of no configuration of this run")
        });
        let again = self.bundle.spawn_ns.contains_key(cell);
        wrongs.unless(!again, "/cell", || format!("{cell} was measured before"));
    }
}

fn cells(group: &Group) -> impl Iterator<Item = &Cell> {
    group.all()
}

/// Whether it is a cell of a plan, or the second arm of its control.
fn is_arm(own: &Cell, cell: &Cell) -> bool {
    own == cell || again(own).as_ref() == Some(cell)
}

fn time(ns: u64, pointer: &str, wrongs: &mut Wrongs) {
    wrongs.unless(ns <= DAY_NS, pointer, || {
        format!("{ns} stands where a time below a day is expected")
    });
}
