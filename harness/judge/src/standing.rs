//! How each configuration stands to its promises: what the tables and documents are made of.

use harness_record::config_id::ConfigId;
use serde::{Deserialize, Serialize};

use harness_record::{bundle::SCHEMA, demands::Demands, host::Host, plan::Config, promise::Tried};

/// What `harness verify --format json` prints.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verification {
    /// The version of this document.
    pub schema: u32,
    /// The machine.
    pub host: Host,
    /// Cores that the process could use.
    pub cores: usize,
    /// The command, word by word.
    pub command: Vec<String>,
    /// Whether no promise was broken otherwise than declared.
    pub kept: bool,
    /// Every configuration.
    pub configurations: Vec<Standing>,
}

/// The word on a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PromiseState {
    /// Every promise that was tried was kept.
    Kept,
    /// Promises were broken, each of them every time that it was tried, and its adapter says so.
    BrokenAsDeclared,
    /// A promise was broken.
    Broken,
    /// No promise was tried, though it can run here.
    NotVerified,
    /// It cannot run here.
    Unavailable,
}

/// One configuration, and what came of its promises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Standing {
    /// Which configuration.
    #[serde(flatten)]
    pub id: ConfigId,
    /// The version of its crate.
    pub version: Option<String>,
    /// The word on it.
    pub word: PromiseState,
    /// Why it was not verified, or is unavailable.
    pub reason: Option<String>,
    /// Promises that were tried.
    pub tried: usize,
    /// Those of them that were kept.
    pub kept: usize,
    /// Those that were broken.
    pub broken: Vec<Broken>,
    /// What was seen, in the order of the checks.
    pub seen: Vec<Seen>,
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Broken {
    /// The check, as the adapter calls it.
    pub check: String,
    /// How, in a line.
    pub why: String,
    /// Whether its adapter says that it is, and it was each time it was tried.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_declared: bool,
}

impl Broken {
    /// As people read it before the check's name.
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.as_declared {
            "broken, as declared"
        } else {
            "broken"
        }
    }
}

/// What one check saw of one aspect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Seen {
    /// What was looked at, such as `first poll`.
    pub aspect: String,
    /// What was seen.
    pub word: String,
    /// Which check saw it.
    pub check: String,
}

impl Standing {
    /// How a configuration stands, by those of all promises tried that are its own. `because` says why
    /// there are none, where it offers checks.
    #[must_use]
    pub fn of(config: &Config, all: &[Tried], because: &str) -> Self {
        let own = || all.iter().filter(|tried| tried.is_of(&config.id));
        let broken: Vec<Broken> = own()
            .filter_map(|tried| {
                Some(Broken {
                    check: tried.check.clone(),
                    why: tried.broken.clone()?,
                    as_declared: tried.as_declared,
                })
            })
            .collect();
        let seen = own().flat_map(|tried| {
            tried.seen.iter().map(|(aspect, word)| Seen {
                aspect: aspect.clone(),
                word: word.clone(),
                check: tried.check.clone(),
            })
        });
        let tried = own().count();
        let (word, reason) = match &config.unavailable {
            Some(why) => (PromiseState::Unavailable, Some(why.clone())),
            None if broken.iter().any(|broken| !broken.as_declared) => (PromiseState::Broken, None),
            None if !broken.is_empty() => (PromiseState::BrokenAsDeclared, None),
            None if tried > 0 => (PromiseState::Kept, None),
            None if config.checks.is_empty() => (
                PromiseState::NotVerified,
                Some("it offers no checks".to_owned()),
            ),
            None => (PromiseState::NotVerified, Some(because.to_owned())),
        };
        Self {
            id: config.id.clone(),
            version: config.version.clone(),
            word,
            reason,
            tried,
            kept: tried - broken.len(),
            seen: seen.collect(),
            broken,
        }
    }

    /// With what its native spawn demands of a branch, where that is known: seen by the compiler, beside
    /// what the checks saw.
    #[must_use]
    pub fn demanding(mut self, demands: &Demands) -> Self {
        if self.word != PromiseState::Unavailable
            && let Ok(demand) = demands.native(&self.id.flavour)
        {
            self.seen.push(Seen {
                aspect: "spawn demands".to_owned(),
                word: demand.to_string(),
                check: demand.spawn.name.clone(),
            });
        }
        self
    }

    /// A runtime without flavours: it cannot run here.
    #[must_use]
    pub fn absent(runtime: &str, version: Option<&str>, why: &str) -> Self {
        Self {
            id: ConfigId {
                runtime: runtime.to_owned(),
                flavour: String::new(),
                workers: 0,
            },
            version: version.map(str::to_owned),
            word: PromiseState::Unavailable,
            reason: Some(why.to_owned()),
            tried: 0,
            kept: 0,
            broken: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// An adapter that cannot be built, or does not say who it is: the first of all promises.
    #[must_use]
    pub fn speechless(runtime: &str, version: Option<&str>, why: &str) -> Self {
        Self {
            word: PromiseState::Broken,
            reason: None,
            tried: 1,
            broken: vec![Broken {
                check: "hello".to_owned(),
                why: why.to_owned(),
                as_declared: false,
            }],
            ..Self::absent(runtime, version, "")
        }
    }

    /// Runtime, flavour and workers, for people.
    #[must_use]
    pub fn title(&self) -> String {
        match self.id.flavour.as_str() {
            "" => self.id.runtime.clone(),
            _ => self.id.to_string(),
        }
    }

    /// How many promises were kept, or why none was tried: a few words.
    #[must_use]
    pub fn summary(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or("no reason given");
        match self.word {
            PromiseState::Kept | PromiseState::Broken => {
                format!("{} of {} promises kept", self.kept, self.tried)
            }
            PromiseState::BrokenAsDeclared => {
                let names: Vec<&str> = self.broken.iter().map(|one| one.check.as_str()).collect();
                format!(
                    "{} of {} promises kept; broken, as declared: {}",
                    self.kept,
                    self.tried,
                    names.join(", ")
                )
            }
            PromiseState::NotVerified => format!("not verified: {reason}"),
            PromiseState::Unavailable => format!("unavailable: {reason}"),
        }
    }

    /// What was seen of an aspect; by several checks, all that differs.
    #[must_use]
    pub fn seen_of(&self, aspect: &str) -> Option<String> {
        let mut words: Vec<&str> = Vec::new();
        for seen in self.seen.iter().filter(|seen| seen.aspect == aspect) {
            if !words.contains(&seen.word.as_str()) {
                words.push(&seen.word);
            }
        }
        (!words.is_empty()).then(|| words.join("; "))
    }
}

impl Verification {
    /// A whole document.
    #[must_use]
    pub fn of(host: Host, command: Vec<String>, configurations: Vec<Standing>) -> Self {
        Self {
            schema: SCHEMA,
            cores: host.cores,
            host,
            command,
            kept: configurations
                .iter()
                .all(|standing| standing.word != PromiseState::Broken),
            configurations,
        }
    }
}
