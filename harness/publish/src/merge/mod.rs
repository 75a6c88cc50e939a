//! Several runs, joined into one report: what each machine says of every claim on every configuration, and
//! on how many machines a claim held.
//!
//! Verdicts are counted. Times of different machines are never averaged, nor even put side by side: what a
//! claim compares stands on one machine, inside one block.

use harness_record::format::counted;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use harness_judge::{claims::CLAIMS, judge::Verdict};
use harness_record::host::Host;
use harness_report::{ClaimReport, recorded::Recorded};

pub mod print;
#[cfg(test)]
mod tests;
mod words;

pub use words::{Counts, MachinesVerdict};

/// The version of [`Merged`].
pub const SCHEMA: u32 = 1;

/// Workers of a flavour that has one a core, however many cores there are.
pub const A_CORE: &str = "cores";

/// Several runs in one document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Merged {
    /// The version of this document.
    pub schema: u32,
    /// The machines, as their runs first came.
    pub machines: Vec<Machine>,
    /// The runs, as they came.
    pub runs: Vec<Run>,
    /// Every claim on every configuration that any run has.
    pub claims: Vec<Row>,
}

/// A machine, as its first run found it. Which runs are of one machine, [`Host::unlike`] says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Machine {
    /// Its class, and a number where several are alike.
    pub name: String,
    /// What the processor calls itself.
    pub cpu: Option<String>,
    /// Cores that the process could use.
    pub cores: usize,
    /// The operating system.
    pub os: String,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// Memory, in whole GiB.
    pub memory_gib: Option<u64>,
    /// What it runs in, if that is known.
    pub virtualisation: Option<String>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The name of its folder.
    pub name: String,
    /// The machine's name.
    pub machine: String,
    /// When it began, in UTC.
    pub started: String,
    /// The command, word by word.
    pub command: Vec<String>,
    /// The revision of the checkout, `+` added if it had changes.
    pub revision: Option<String>,
    /// What shuffled its order and made its nonces.
    pub seed: u64,
    /// Whether it came to its end without being stopped.
    pub complete: bool,
    /// Blocks that were measured.
    pub blocks: usize,
    /// Those of them that other work disturbed.
    pub disturbed_blocks: usize,
    /// Its verdicts, counted.
    pub verdicts: Counts,
}

/// One claim on one configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// What it was judged on.
    pub configuration: Configuration,
    /// The claim.
    pub claim: String,
    /// On how many machines it came out how.
    pub machines: Counts,
    /// What each machine says of it; those with no such configuration are left out.
    pub on: Vec<OnMachine>,
}

/// A configuration, whatever the machine. Two versions of one runtime are two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Configuration {
    /// The runtime.
    pub runtime: String,
    /// The version of its crate.
    pub version: Option<String>,
    /// The flavour.
    pub flavour: String,
    /// Workers: a number, or `cores` where it has one for each core allowed.
    pub workers: String,
    /// Where parents ran.
    pub root: String,
}

/// What one machine says of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OnMachine {
    /// The machine's name.
    pub machine: String,
    /// The word that it counts under.
    pub word: MachinesVerdict,
    /// What each of its runs said.
    pub said: Vec<Said>,
}

/// What one run said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Said {
    /// The run.
    pub run: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Whether a refutation follows from what the runtime declares.
    pub by_design: bool,
    /// One line: the evidence, or what is missing.
    pub reason: String,
}

/// Joins one run after the other, so that none need be in memory beside the next.
#[derive(Debug)]
pub struct Merging {
    merged: Merged,
    known: Vec<Known>,
}

/// A machine that is named already.
#[derive(Debug)]
struct Known {
    name: String,
    host: Host,
    cores: usize,
}

impl Machine {
    fn of(host: &Host, cores: usize) -> Self {
        Self {
            name: host.class(cores),
            cpu: host.cpu.clone(),
            cores,
            os: host.os.clone(),
            kernel: host.kernel.clone(),
            memory_gib: host.memory.map(gib),
            virtualisation: host.virtualisation.clone(),
        }
    }

    /// Processor, cores, memory and kernel, for people.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts = vec![
            self.cpu
                .clone()
                .unwrap_or_else(|| "unknown processor".to_owned()),
            format!("{} allowed", counted(self.cores, "core")),
        ];
        parts.extend(self.memory_gib.map(|gib| format!("{gib} GiB")));
        parts.extend(
            self.kernel
                .as_ref()
                .map(|kernel| format!("{} {kernel}", self.os)),
        );
        parts.extend(
            self.virtualisation
                .as_ref()
                .map(|within| format!("in {within}")),
        );
        // As in [`Host::summary`].
        parts.join(", ").replace(['\n', '\t'], " ")
    }
}

/// To the nearest.
fn gib(bytes: u64) -> u64 {
    (bytes + (1 << 29)) >> 30
}

impl Configuration {
    fn of(recorded: &Recorded, claim: &ClaimReport) -> Self {
        let plan = &recorded.bundle.plan;
        let config = plan.configs.iter().find(|config| {
            (&config.id.runtime, &config.id.flavour, config.id.workers)
                == (&claim.id.runtime, &claim.id.flavour, claim.id.workers)
        });
        let by_design = config.is_some_and(|config| config.fixed);
        Self {
            runtime: claim.id.runtime.clone(),
            version: config.and_then(|config| config.version.clone()),
            flavour: claim.id.flavour.clone(),
            workers: if !by_design && claim.id.workers == plan.cores {
                A_CORE.to_owned()
            } else {
                claim.id.workers.to_string()
            },
            root: claim.root.clone(),
        }
    }

    /// Runtime and version.
    #[must_use]
    pub fn runtime(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.runtime),
            None => self.runtime.clone(),
        }
    }

    /// Flavour and workers, and the root where it is not the usual one.
    #[must_use]
    pub fn way(&self) -> String {
        let root = match self.root.as_str() {
            "block_on" => String::new(),
            root => format!(" in {root}"),
        };
        format!("{}@{}{root}", self.flavour, self.workers)
    }
}

impl Default for Merging {
    fn default() -> Self {
        Self {
            merged: Merged {
                schema: SCHEMA,
                machines: Vec::new(),
                runs: Vec::new(),
                claims: Vec::new(),
            },
            known: Vec::new(),
        }
    }
}

impl Merging {
    /// Takes in one run.
    pub fn add(&mut self, recorded: &Recorded) {
        // What primitives cost says nothing of claims.
        if recorded.report.costs.is_none() {
            self.merged.add(&mut self.known, recorded);
        }
    }

    /// What they say together.
    #[must_use]
    pub fn done(self) -> Merged {
        let mut merged = self.merged;
        for row in &mut merged.claims {
            for on in &mut row.on {
                on.word = MachinesVerdict::of_all(&on.said);
            }
            row.machines = Counts::of(row.on.iter().map(|on| on.word));
        }
        // As the tables have them: configurations as they first came, each with its claims in order.
        let configurations: Vec<Configuration> =
            merged.configurations().into_iter().cloned().collect();
        merged.claims.sort_by_key(|row| {
            let configuration = configurations.iter().position(|c| *c == row.configuration);
            (
                configuration,
                CLAIMS.iter().position(|claim| claim.id == row.claim),
            )
        });
        merged
    }
}

impl Merged {
    /// Joins runs. One that is there twice, by when it began, its seed and its machine, counts once.
    #[must_use]
    pub fn of(records: &[Recorded]) -> Self {
        let mut merging = Merging::default();
        for recorded in records {
            merging.add(recorded);
        }
        merging.done()
    }

    fn add(&mut self, hosts: &mut Vec<Known>, recorded: &Recorded) {
        let report = &recorded.report;
        let machine = self.machine(hosts, &report.host, report.cores);
        let known = self.runs.iter().any(|run| {
            (run.started.as_str(), run.seed, run.machine.as_str())
                == (report.started.as_str(), report.seed, machine.as_str())
        });
        if known {
            return;
        }
        self.runs.push(Run {
            name: recorded.name.clone(),
            machine: machine.clone(),
            started: report.started.clone(),
            command: report.command.clone(),
            revision: report.host.checkout(),
            seed: report.seed,
            complete: report.complete,
            blocks: report.blocks,
            disturbed_blocks: report.disturbed_blocks,
            verdicts: Counts::of_report(report),
        });
        for claim in &report.claims {
            let said = Said {
                run: recorded.name.clone(),
                verdict: claim.verdict,
                by_design: claim.by_design,
                reason: claim.reason.clone(),
            };
            let row = self.row(Configuration::of(recorded, claim), &claim.claim);
            match row.on.iter_mut().find(|on| on.machine == machine) {
                Some(on) => on.said.push(said),
                None => row.on.push(OnMachine {
                    machine: machine.clone(),
                    word: MachinesVerdict::NotTestable,
                    said: vec![said],
                }),
            }
        }
    }

    /// The name of this machine, known already or new.
    fn machine(&mut self, hosts: &mut Vec<Known>, host: &Host, cores: usize) -> String {
        let machine = Machine::of(host, cores);
        let same = |known: &&Known| host.unlike(cores, &known.host, known.cores).is_empty();
        if let Some(known) = hosts.iter().find(same) {
            return known.name.clone();
        }
        let class = machine.name.clone();
        let is_taken = |name: &str| self.machines.iter().any(|known| known.name == name);
        let numbered = (2..).map(|number| format!("{class}-{number}"));
        let name = std::iter::once(class.clone())
            .chain(numbered)
            .find(|name| !is_taken(name))
            .unwrap_or_else(|| class.clone());
        self.machines.push(Machine {
            name: name.clone(),
            ..machine
        });
        hosts.push(Known {
            name: name.clone(),
            host: host.clone(),
            cores,
        });
        name
    }

    fn row(&mut self, configuration: Configuration, claim: &str) -> &mut Row {
        let is_it = |row: &Row| row.configuration == configuration && row.claim == claim;
        let at = self.claims.iter().position(is_it).unwrap_or_else(|| {
            self.claims.push(Row {
                configuration,
                claim: claim.to_owned(),
                machines: Counts::default(),
                on: Vec::new(),
            });
            self.claims.len() - 1
        });
        &mut self.claims[at]
    }

    /// Every configuration, as it first came.
    #[must_use]
    pub fn configurations(&self) -> Vec<&Configuration> {
        let mut all: Vec<&Configuration> = Vec::new();
        for row in &self.claims {
            if !all.contains(&&row.configuration) {
                all.push(&row.configuration);
            }
        }
        all
    }

    /// Every claim, in the order of the tables.
    #[must_use]
    pub fn claims(&self) -> Vec<&str> {
        let known = CLAIMS.iter().map(|claim| claim.id);
        known
            .filter(|id| self.claims.iter().any(|row| row.claim == *id))
            .collect()
    }

    /// What is said of a claim on a configuration.
    #[must_use]
    pub fn on(&self, configuration: &Configuration, claim: &str) -> Option<&Row> {
        self.claims
            .iter()
            .find(|row| row.configuration == *configuration && row.claim == claim)
    }
}
