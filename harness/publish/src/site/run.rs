//! One recorded run, made ready to be looked at: its claims with what they were planned from, its
//! configurations, its machine.

use harness_record::format::{counted, duration};
use serde::Serialize;

use super::templates::Templates;
use harness_judge::{
    judge::{self, Case},
    stats::Family,
};
use harness_protocol::{Poll, Primitive};
use harness_record::{
    bundle::CellStatus,
    cell::{Cell, primitive_name},
    plan::Config,
};
use harness_report::{CellReport, ClaimReport, recorded::Recorded};

/// A run, and what is asked of it again and again.
pub(super) struct Run<'a> {
    /// What was recorded.
    pub(super) recorded: &'a Recorded,
    /// Every claim on every configuration, as planned.
    pub(super) cases: Vec<Case<'a>>,
    /// What the intervals of the comparisons share.
    pub(super) family: Family,
    /// Which it is of the machines that are described alike, from 1.
    number: usize,
}

impl<'a> Run<'a> {
    pub(super) fn new(recorded: &'a Recorded) -> Self {
        Self {
            recorded,
            cases: judge::cases(&recorded.bundle),
            family: Family::of(recorded.report.comparisons),
            number: 1,
        }
    }

    /// Which runtimes are made of the same, a sentence each.
    pub(super) fn kin(&self) -> &[String] {
        &self.recorded.report.kin
    }

    /// The configurations that ran.
    pub(super) fn configs(&self) -> impl Iterator<Item = &'a Config> {
        self.recorded.bundle.plan.usable()
    }

    /// Claims on a configuration, as planned and as judged. Both are in the order of the plan.
    pub(super) fn claims_on(
        &self,
        config: &'a Config,
    ) -> impl Iterator<Item = (&Case<'a>, &'a ClaimReport)> {
        let reports = &self.recorded.report.claims;
        let pairs = self.cases.iter().zip(reports);
        pairs.filter(move |(case, _)| std::ptr::eq(case.config, config))
    }

    /// The word on a claim.
    pub(super) fn claim(&self, config: &'a Config, id: &str) -> Option<&'a ClaimReport> {
        let mut claims = self.claims_on(config);
        claims
            .find(|(case, _)| case.claim.id == id)
            .map(|(_, report)| report)
    }

    /// The cell of a scenario on a configuration: of several the one with the fewest branches.
    pub(super) fn cell(
        &self,
        config: &Config,
        scenario: &str,
        primitive: Primitive,
    ) -> Option<&'a Cell> {
        let cells = self.recorded.bundle.plan.cells();
        cells
            .filter(|cell| {
                cell.scenario == scenario
                    && cell.primitive == primitive
                    && cell.root == config.root
                    && config.owns(cell)
            })
            .min_by_key(|cell| cell.branches)
    }

    /// The figures of a cell that was measured and did not fail.
    pub(super) fn figures(&self, cell: &Cell) -> Option<&'a CellReport> {
        let name = cell.to_string();
        let mut cells = self.recorded.report.cells.iter();
        cells.find(|known| {
            known.cell == name && known.status == CellStatus::Ok && known.wall_ns.is_some()
        })
    }

    /// The polls of the sample that is most like a cell which did not fail.
    pub(super) fn polls(&self, cell: &'a Cell) -> Option<&'a [Poll]> {
        self.figures(cell)?;
        self.recorded.bundle.trace(cell)
    }

    /// The machine's name, which all runs of it have and no other: the processor and the cores.
    pub(super) fn machine(&self) -> String {
        match self.number {
            1 => self.described(),
            number => format!("{} ({number})", self.described()),
        }
    }

    fn described(&self) -> String {
        let report = &self.recorded.report;
        let cores = counted(report.cores, "core");
        let cpu = report.host.cpu.as_deref().unwrap_or("unknown processor");
        format!("{cpu}, {cores}, {} {}", report.host.os, report.host.arch)
    }

    /// Gives each machine of several that are described alike its number.
    pub(super) fn tell_apart(runs: &mut [Self]) {
        for at in 0..runs.len() {
            let (known, rest) = runs.split_at_mut(at);
            let run = &mut rest[0];
            let host = |run: &Self| (&run.recorded.report.host, run.recorded.report.cores);
            let (of, cores) = host(run);
            let alike = || {
                known
                    .iter()
                    .filter(|other| other.described() == run.described())
            };
            let same = alike().find(|other| {
                let (host, others) = host(other);
                of.unlike(cores, host, others).is_empty()
            });
            let next = || {
                alike()
                    .map(|other| other.number)
                    .max()
                    .map_or(1, |most| most + 1)
            };
            run.number = same.map_or_else(next, |same| same.number);
        }
    }
}

/// The name of a configuration in links.
pub(super) fn key(config: &Config) -> String {
    format!(
        "{}:{}@{}",
        config.id.runtime, config.id.flavour, config.id.workers
    )
}

/// k: threads that can execute what is placed.
pub(super) fn executing(config: &Config) -> usize {
    config.threads(config.placing(), 2)
}

/// Where a figure comes from, in short.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Provenance {
    /// The name of the run.
    run: String,
    /// Processor, cores and kernel.
    machine: String,
    /// The day, in UTC.
    day: String,
    /// The command, as it would be typed.
    pub(super) command: String,
    /// The revision, where it is known.
    pub(super) revision: Option<String>,
    /// Runtimes with their versions.
    versions: String,
}

impl Provenance {
    pub(super) fn of(recorded: &Recorded) -> Self {
        let report = &recorded.report;
        let entrants = recorded.bundle.header.entrants.iter().filter(|e| e.asked);
        let versions: Vec<String> = entrants
            .map(|entrant| match &entrant.version {
                Some(version) => format!("{} {version}", entrant.name),
                None => entrant.name.clone(),
            })
            .collect();
        Self {
            run: recorded.name.clone(),
            machine: report.host.summary(report.cores),
            day: report.started.chars().take(10).collect(),
            command: typed(&report.command),
            revision: report.host.revision.clone(),
            versions: versions.join(", "),
        }
    }

    /// In lines of so many characters at most: the machine, and the command.
    pub(super) fn lines(&self, most: usize) -> Vec<String> {
        let cut = |line: String| {
            if line.chars().count() <= most {
                return line;
            }
            let kept: String = line.chars().take(most - 1).collect();
            format!("{kept}…")
        };
        let machine = format!("{}; {}; run {}", self.machine, self.day, self.run);
        vec![cut(machine), cut(self.command.clone())]
    }

    /// As the page shows it.
    ///
    /// # Errors
    ///
    /// As [`Templates::fill`].
    pub(super) fn html(&self, templates: &Templates) -> anyhow::Result<String> {
        templates.fill("provenance.html", self)
    }
}

/// Words as a shell would read them.
fn typed(words: &[String]) -> String {
    let plain = |word: &str| {
        let harmless = |c: char| c.is_ascii_alphanumeric() || "-_./:,=@+%".contains(c);
        !word.is_empty() && word.chars().all(harmless)
    };
    let words: Vec<String> = words
        .iter()
        .map(|word| {
            if plain(word) {
                word.clone()
            } else {
                format!("'{}'", word.replace('\'', r"'\''"))
            }
        })
        .collect();
    words.join(" ")
}

/// `4.06 ms, 1.98 cores, 2 at once`.
pub(super) fn note(cell: &CellReport) -> String {
    let mut parts = Vec::new();
    if let Some(wall) = cell.wall_ns {
        parts.push(duration(wall.median));
    }
    if let Some(cores) = cell.cores_used {
        parts.push(format!("{cores:.2} cores"));
    }
    if let Some(peak) = cell.peak_overlap {
        parts.push(format!("{peak:.0} polled at once"));
    }
    parts.join(", ")
}

/// The primitives of a picture of this configuration: joined, and placed on another core.
pub(super) fn shown(config: &Config) -> [Primitive; 2] {
    [Primitive::Compose, config.placing()]
}

/// "spawn" as something that was done.
pub(super) fn done(primitive: Primitive) -> &'static str {
    match primitive {
        Primitive::Dispatch => "dispatched",
        Primitive::SpawnBlocking => "offloaded",
        Primitive::Compose => "joined",
        Primitive::Sequential => "one after the other",
        Primitive::Spawn => "spawned",
    }
}

/// The name of a primitive.
pub(super) fn named(primitive: Primitive) -> &'static str {
    primitive_name(primitive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_what_would_be_typed() {
        let words = ["harness", "run", "--results", "a b", "it's"].map(str::to_owned);
        assert_eq!(typed(&words), r"harness run --results 'a b' 'it'\''s'");
    }
}
