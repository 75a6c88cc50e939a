//! Who was inside which branch, and when: one scenario, joined above spawned, on one time axis.

use harness_protocol::{Poll, Primitive};
use owo_colors::Style;
use workload_catalogue::{Kind, SCENARIOS, Scenario, scenario, short};

use super::{Config, Report, clipped, runtimes};
use crate::{
    screen::painted,
    table::is_of,
    timeline::{self, Part},
};
use harness_judge::claims;
use harness_record::{
    bundle::Bundle,
    cell::primitive_name,
    format::{counted, duration},
};

/// Configurations that are drawn: two that differ say it all.
const DRAWN: usize = 2;

/// Threads that are drawn of each.
const LANES: usize = 4;

/// The lines: a title, and of each configuration a sentence and its lanes; none where no round was traced.
pub(super) fn of(
    bundle: &Bundle,
    report: &Report,
    configs: &[&Config],
    width: usize,
) -> Vec<String> {
    let Some(shown) = shown(bundle, configs) else {
        return Vec::new();
    };
    let drawn: Vec<Drawn<'_>> = contrast(configs)
        .into_iter()
        .filter_map(|config| Drawn::of(bundle, report, config, shown))
        .collect();
    let Some(first) = drawn.first() else {
        return Vec::new();
    };
    let what = match shown.kind {
        Kind::Cpu => " that compute",
        Kind::Io => " that wait",
        Kind::Mixed => "",
    };
    let title = format!(
        "{}: {}{what}, joined (compose) and spawned: which thread ran which, and when",
        short(shown.name),
        counted(first.branches, "branch")
    );
    let headings: Vec<String> = drawn.iter().map(|one| one.heading(width)).collect();
    let parts: Vec<Part<'_>> = drawn
        .iter()
        .zip(&headings)
        .flat_map(|(one, heading)| one.parts(heading))
        .collect();
    let mut lines = vec![painted(&clipped(&title, width), Style::new().bold())];
    let text = timeline::draw(&parts, width);
    lines.extend(text.lines().map(str::to_owned));
    // The legend, which counts what has no letter.
    if let Some(legend) = lines.last_mut() {
        *legend = clipped(legend, width);
    }
    lines
}

/// The scenario: the one that claims about computing are judged on, else the first that was traced.
fn shown(bundle: &Bundle, configs: &[&Config]) -> Option<&'static Scenario> {
    let others = SCENARIOS.iter().filter(|one| !one.branches.is_sweep());
    let others = others.chain(bundle.plan.own());
    let traced = |facts: &&Scenario| {
        let mut configs = configs.iter();
        configs.any(|config| {
            polls(bundle, config, facts, Primitive::Compose).is_some()
                && polls(bundle, config, facts, config.placing()).is_some()
        })
    };
    scenario(claims::CPU).into_iter().chain(others).find(traced)
}

/// The configurations whose difference shows most: one where several threads run what is spawned, and
/// one where one thread does, of one runtime if it has both.
pub(super) fn contrast<'a>(configs: &[&'a Config]) -> Vec<&'a Config> {
    let threads = |one: &Config| one.threads(one.placing(), 2);
    let pair = |of: &dyn Fn(&Config) -> bool| {
        let those = || configs.iter().copied().filter(|one| of(one));
        let many = those().filter(|one| threads(one) > 1);
        let many = many.max_by_key(|one| threads(one))?;
        let alone = those().find(|one| threads(one) == 1)?;
        Some(vec![many, alone])
    };
    let of = |one: &Config, other: &Config| one.id.runtime == other.id.runtime;
    let mut runtimes = runtimes(configs);
    // A runtime whose `spawn` reaches its workers is what readers know; others have another name for that.
    runtimes.sort_by_key(|one| {
        let mut its = configs.iter().filter(|other| of(one, other));
        its.any(|other| other.placing() != Primitive::Spawn)
    });
    runtimes
        .into_iter()
        .find_map(|runtime| pair(&|one| of(one, runtime)))
        .or_else(|| pair(&|_| true))
        .unwrap_or_else(|| configs.iter().take(DRAWN).copied().collect())
}

fn polls<'a>(
    bundle: &'a Bundle,
    config: &Config,
    facts: &Scenario,
    primitive: Primitive,
) -> Option<&'a [Poll]> {
    let cell = bundle.plan.cells().find(|cell| {
        config.owns(cell) && cell.scenario == facts.name && cell.primitive == primitive
    })?;
    bundle.trace(cell).filter(|polls| !polls.is_empty())
}

/// What is drawn of one configuration.
struct Drawn<'a> {
    config: &'a Config,
    branches: usize,
    threads: usize,
    joined_ns: Option<f64>,
    placed_ns: Option<f64>,
    joined: Vec<Poll>,
    placed: Vec<Poll>,
}

impl<'a> Drawn<'a> {
    fn of(
        bundle: &'a Bundle,
        report: &Report,
        config: &'a Config,
        facts: &Scenario,
    ) -> Option<Self> {
        let joined = polls(bundle, config, facts, Primitive::Compose)?;
        let placed = polls(bundle, config, facts, config.placing())?;
        let cell = |primitive| {
            let mut cells = report.cells.iter();
            cells.find(|cell| {
                is_of(cell, config)
                    && cell.scenario == facts.name
                    && cell.primitive == primitive_name(primitive)
            })
        };
        let wall = |primitive| Some(cell(primitive)?.wall_ns?.median);
        Some(Self {
            config,
            branches: cell(config.placing()).map_or(0, |cell| cell.branches),
            threads: timeline::threads(placed).len(),
            joined_ns: wall(Primitive::Compose),
            placed_ns: wall(config.placing()),
            joined: of_first(joined),
            placed: of_first(placed),
        })
    }

    /// What the lanes below show, in figures.
    fn heading(&self, width: usize) -> String {
        let done = match self.config.placing() {
            Primitive::Dispatch => "dispatched",
            _ => "spawned",
        };
        let mut line = format!(
            "{}: {done} on {}",
            self.config.title(),
            counted(self.threads, "thread")
        );
        if self.threads > LANES {
            line.push_str(&format!(" ({LANES} drawn)"));
        }
        if let Some((joined, placed)) = self.joined_ns.zip(self.placed_ns) {
            line.push_str(&format!(
                ", {:.2} times as fast as joined ({}, not {})",
                joined / placed,
                duration(placed),
                duration(joined)
            ));
        }
        clipped(&line, width)
    }

    fn parts<'b>(&'b self, heading: &'b str) -> [Part<'b>; 2] {
        [
            Part {
                heading,
                label: primitive_name(Primitive::Compose),
                polls: &self.joined,
            },
            Part {
                heading: "",
                label: primitive_name(self.config.placing()),
                polls: &self.placed,
            },
        ]
    }
}

/// The polls of the first threads that came to poll.
fn of_first(polls: &[Poll]) -> Vec<Poll> {
    let threads = timeline::threads(polls);
    let first = &threads[..threads.len().min(LANES)];
    let kept = polls.iter().filter(|poll| first.contains(&poll.thread));
    kept.cloned().collect()
}
