//! The first picture: the same branches joined and spawned, on one configuration, with the sentence that
//! says what it shows.

use harness_protocol::Poll;
use harness_record::format::{duration, figure};
use serde::Serialize;

use super::{
    numbers::milliseconds,
    run::{Provenance, Run, done, executing, key, named, note, shown},
    templates::Templates,
    timeline::{self, Part, Size},
};
use harness_judge::{claims, judge::Verdict};
use harness_record::plan::{BASELINE, Config};
use harness_report::{CellReport, timeline::letter};

/// What the branches of a picture do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Compute.
    Compute,
    /// Wait.
    Wait,
}

impl Does {
    pub(super) const ALL: [Does; 2] = [Does::Compute, Does::Wait];

    /// Its name in links.
    pub(super) fn key(self) -> &'static str {
        match self {
            Does::Compute => "compute",
            Does::Wait => "wait",
        }
    }

    /// The scenarios that show it, the best first.
    fn scenarios(self) -> &'static [&'static str] {
        match self {
            Does::Compute => &[claims::CPU],
            Does::Wait => &["http", claims::WAITS],
        }
    }
}

/// A picture's parts, as recorded.
pub(super) struct First<'a> {
    /// The configuration.
    pub(super) config: &'a Config,
    does: Does,
    scenario: &'static str,
    /// Joined, and placed.
    cells: [&'a CellReport; 2],
    polls: [&'a [Poll]; 2],
    /// In turn, where that was measured.
    sequential: Option<&'a CellReport>,
}

/// The picture of a configuration, if both its cells were measured and watched.
pub(super) fn first<'a>(run: &Run<'a>, config: &'a Config, does: Does) -> Option<First<'a>> {
    does.scenarios().iter().find_map(|scenario| {
        let [compose, placed] = shown(config).map(|p| run.cell(config, scenario, p));
        let (compose, placed) = (compose?, placed?);
        let sequential = run.cell(config, scenario, harness_protocol::Primitive::Sequential);
        Some(First {
            config,
            does,
            scenario,
            cells: [run.figures(compose)?, run.figures(placed)?],
            polls: [run.polls(compose)?, run.polls(placed)?],
            sequential: sequential.and_then(|cell| run.figures(cell)),
        })
    })
}

/// The configuration that a reader sees first: one that can place branches on another core, tokio's if
/// there is one.
pub(super) fn default_config<'a>(run: &Run<'a>) -> Option<&'a Config> {
    let drawn = run
        .configs()
        .filter(|config| first(run, config, Does::Compute).is_some());
    drawn.min_by_key(|config| {
        (
            executing(config) < 2,
            config.id.runtime == BASELINE,
            config.id.runtime != "tokio",
        )
    })
}

#[derive(Serialize)]
struct View<'a> {
    wide: String,
    narrow: String,
    verdict: String,
    does: &'a str,
    scenario: &'a str,
    summary: &'a str,
    rows: Vec<Row>,
    polls: Vec<PollRow>,
    left_out: usize,
    provenance: String,
    claim: Option<String>,
    claim_id: &'static str,
    on: String,
}

#[derive(Serialize)]
struct Row {
    primitive: &'static str,
    time: String,
    interval: String,
    law: String,
    cores: String,
    peak: String,
    rounds: usize,
}

#[derive(Serialize)]
struct PollRow {
    primitive: &'static str,
    thread: u32,
    branch: char,
    from: String,
    to: String,
}

/// More polls than this are not in the table.
const MOST_POLLS: usize = 24;

impl<'a> First<'a> {
    /// The two parts, for drawing.
    pub(super) fn parts(&self) -> Vec<Part<'a>> {
        let primitives = shown(self.config);
        (0..2)
            .map(|i| Part {
                name: named(primitives[i]),
                note: note(self.cells[i]),
                polls: self.polls[i],
            })
            .collect()
    }

    /// The claim that the picture is about.
    fn claim_id(&self) -> &'static str {
        match self.does {
            Does::Compute => "spawn-uses-cores",
            Does::Wait => "io-gains-nothing-from-spawn",
        }
    }

    /// What the picture shows, in words.
    pub(super) fn verdict(&self, run: &Run<'a>) -> String {
        let placed = shown(self.config)[1];
        let claim = run.claim(self.config, self.claim_id());
        let word = claim.map(|claim| (claim.verdict, claim.by_design));
        let lead = match (self.does, word) {
            (Does::Compute, Some((Verdict::Holds, _))) => format!(
                "Joined, the branches take turns on one core. {}, they run on several at once.",
                capital(done(placed))
            ),
            (Does::Compute, Some((Verdict::Refuted, true))) => format!(
                "One thread executes here, so the branches take turns, joined or {}: nothing is gained.",
                done(placed)
            ),
            (Does::Compute, Some((Verdict::Refuted, false))) => {
                format!(
                    "{}, the branches did not use the cores as threads do.",
                    capital(done(placed))
                )
            }
            (Does::Compute, Some((Verdict::NotTestable, _))) => {
                "Whether more cores are used cannot be tested here.".to_owned()
            }
            (Does::Compute, _) => {
                "Whether more cores are used is not decided by this run.".to_owned()
            }
            (Does::Wait, Some((Verdict::Holds, _))) => {
                "Both branches wait at the same time, either way: the join is enough.".to_owned()
            }
            (Does::Wait, Some((Verdict::Refuted, _))) => format!(
                "Joined, the branches took longer than {}, though they only wait.",
                done(placed)
            ),
            (Does::Wait, _) => {
                "Whether joining is as fast as spawning is not decided by this run.".to_owned()
            }
        };
        format!("{lead} {}", self.numbers())
    }

    /// The figures in a sentence.
    fn numbers(&self) -> String {
        let [compose, placed] = self.cells;
        let word = capital(done(shown(self.config)[1]));
        let time = |cell: &CellReport| cell.wall_ns.map_or(0.0, |wall| wall.median);
        let ratio = time(placed) / time(compose).max(1.0);
        let mut text = format!(
            "{word}, they took {} of the joined time: {} instead of {}",
            figure(ratio),
            duration(time(placed)),
            duration(time(compose))
        );
        match (
            self.does,
            placed.cores_used.zip(compose.cores_used),
            self.sequential,
        ) {
            (Does::Compute, Some((placed, compose)), _) => {
                text.push_str(&format!(", on {placed:.2} cores instead of {compose:.2}"));
            }
            (Does::Wait, _, Some(sequential)) => {
                text.push_str(&format!(
                    ", where one after the other takes {}",
                    duration(time(sequential))
                ));
            }
            _ => {}
        }
        text.push('.');
        text
    }

    /// The picture as a part of the page.
    ///
    /// # Errors
    ///
    /// As [`Templates::fill`].
    pub(super) fn html(&self, templates: &Templates, run: &Run<'a>) -> anyhow::Result<String> {
        let parts = self.parts();
        let title = format!(
            "{} {} branches on {}, joined and {}",
            self.cells[0].branches,
            self.scenario,
            self.config.title(),
            done(shown(self.config)[1])
        );
        let draw = |id, size| timeline::draw(templates, (id, &title), &parts, size, None);
        let facts = workload_catalogue::scenario(self.scenario);
        let claim = run.claim(self.config, self.claim_id());
        let all = self.polls.iter().map(|polls| polls.len()).sum::<usize>();
        let polls = self.poll_rows();
        let view = View {
            wide: draw("first-wide", Size::Wide)?,
            narrow: draw("first-narrow", Size::Narrow)?,
            verdict: self.verdict(run),
            does: self.does.key(),
            scenario: self.scenario,
            summary: facts.map_or("", |facts| facts.summary),
            rows: self.rows(),
            left_out: all - polls.len(),
            polls,
            provenance: Provenance::of(run.recorded).html(templates)?,
            claim: claim.map(|claim| super::grid::word(claim).0.to_owned()),
            claim_id: self.claim_id(),
            on: key(self.config),
        };
        templates.fill("first.html", &view)
    }

    fn rows(&self) -> Vec<Row> {
        let primitives = shown(self.config);
        let of = |primitive, cell: &CellReport| {
            let wall = cell.wall_ns;
            Row {
                primitive: named(primitive),
                time: wall.map_or_else(String::new, |wall| duration(wall.median)),
                interval: wall.and_then(|wall| wall.interval()).map_or_else(
                    || "too few rounds".to_owned(),
                    |(low, high)| format!("{} to {}", duration(low), duration(high)),
                ),
                law: cell.predicted_ns.map_or_else(String::new, duration),
                cores: cell
                    .cores_used
                    .map_or_else(String::new, |cores| format!("{cores:.2}")),
                peak: cell
                    .peak_overlap
                    .map_or_else(String::new, |peak| format!("{peak:.0}")),
                rounds: cell.rounds,
            }
        };
        let sequential = self
            .sequential
            .map(|cell| of(harness_protocol::Primitive::Sequential, cell));
        let shown = (0..2).map(|i| of(primitives[i], self.cells[i]));
        sequential.into_iter().chain(shown).collect()
    }

    fn poll_rows(&self) -> Vec<PollRow> {
        let primitives = shown(self.config);
        let rows = |i: usize| {
            let mut polls: Vec<&Poll> = self.polls[i].iter().collect();
            polls.sort_by_key(|poll| (poll.start_ns, poll.thread));
            let mut threads: Vec<u32> = Vec::new();
            let row = |poll: &Poll| {
                if !threads.contains(&poll.thread) {
                    threads.push(poll.thread);
                }
                let thread = threads.iter().position(|t| *t == poll.thread);
                PollRow {
                    primitive: named(primitives[i]),
                    thread: thread.map_or(0, |place| place as u32 + 1),
                    branch: letter(poll.branch),
                    from: milliseconds(poll.start_ns),
                    to: milliseconds(poll.end_ns),
                }
            };
            polls
                .into_iter()
                .take(MOST_POLLS / 2)
                .map(row)
                .collect::<Vec<_>>()
        };
        (0..2).flat_map(rows).collect()
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
