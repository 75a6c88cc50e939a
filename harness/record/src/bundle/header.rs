//! The head of a record: what was asked, of what, and where.

use std::{borrow::Cow, time::SystemTime};

use serde::{Deserialize, Serialize};

use super::{SCHEMA, Sums, private::Private};
use crate::{
    built::Built,
    host::Host,
    plan::{self, Config, Entrant, Options, Partition},
    text::fit,
};

/// What was asked, of what, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Header {
    /// The version of the record.
    pub schema: u32,
    /// When the run began, in UTC.
    pub started: String,
    /// The command, word by word; `~` is the home directory of whoever gave it.
    pub command: Vec<String>,
    /// What whoever ran it wished to add.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The machine.
    pub host: Host,
    /// Cores that the process may use.
    pub cores: usize,
    /// What the user asked for, defaults filled in.
    pub options: Options,
    /// The runtimes.
    pub entrants: Vec<Entrant>,
    /// The harness's program: its SHA-256, in hexadecimal. `None` where it could not be read.
    pub program: Option<String>,
    /// The adapters' programs.
    pub adapters: Vec<Made>,
    /// How the adapters were built; `None` where their folder does not say.
    pub built: Option<Built>,
    /// What was kept from, or noted about, the builds of the adapters.
    pub builds: Vec<String>,
    /// The shares that the record was joined from, in the order of their blocks; none of a run of one machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
}

/// A share of a plan that is part of a joined record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Share {
    /// Which.
    pub partition: Partition,
    /// When it began, in UTC.
    pub started: String,
    /// The SHA-256 of both files of its own record, as its seal has them.
    pub sha256: Sums,
    /// Its blocks in the joined record, those that were never completed among them.
    pub blocks: u64,
}

/// An adapter's program: what it is, and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Made {
    /// The runtime's name.
    pub runtime: String,
    /// The program's SHA-256, in hexadecimal; `None` where it could not be read.
    pub sha256: Option<String>,
    /// The crates that the adapter names, and all that they are made of, each as `NAME VERSION`,
    /// as the lock file has them. Ours are not among them: the revision says which they were. Empty
    /// where a folder of prebuilt adapters does not say.
    pub crates: Vec<String>,
}

impl Header {
    /// Of a run by this process that begins now.
    #[must_use]
    pub fn now(host: Host, options: Options, entrants: Vec<Entrant>, builds: Vec<String>) -> Self {
        Self {
            schema: SCHEMA,
            started: now(),
            command: command(),
            note: None,
            cores: host.cores,
            host,
            options,
            entrants,
            program: None,
            adapters: Vec::new(),
            built: None,
            builds,
            shares: Vec::new(),
        }
    }

    /// Every configuration of the runtimes that were asked for, those that cannot run here among them.
    #[must_use]
    pub fn configurations(&self) -> Vec<Config> {
        plan::configurations(&self.entrants, &self.options, self.cores)
    }

    /// The runtimes whose adapters could not be built, started or heard, with why: there is no program that the record
    /// is about. Of every other one that cannot run here `unavailable` is its adapter's own word.
    pub fn unheard(&self) -> impl Iterator<Item = (&Entrant, &str)> {
        let is_made = |name: &str| self.adapters.iter().any(|made| made.runtime == name);
        let unheard = self.entrants.iter().filter(move |one| !is_made(&one.name));
        unheard.filter_map(|one| Some((one, one.unavailable.as_deref()?)))
    }

    /// Whether the adapter of a runtime is one of those.
    #[must_use]
    pub fn is_unheard(&self, runtime: &str) -> bool {
        self.unheard().any(|(one, _)| one.name == runtime)
    }

    /// The same as a recorder writes it: without what names a person or a host.
    #[must_use]
    pub fn scrubbed(mut self) -> Self {
        let private = Private::here();
        self.texts().for_each(|text| private.scrub(text));
        self.fit()
    }

    /// The same with a mark for each character that belongs on no screen, wherever it came from.
    fn fit(self) -> Self {
        let json = serde_json::to_vec(&self).unwrap_or_default();
        match fit(&json) {
            Cow::Borrowed(_) => self,
            Cow::Owned(json) => serde_json::from_slice(&json).unwrap_or(self),
        }
    }

    /// Every text in it that whoever ran it did not choose to publish, and that may name a person or a
    /// place: what programs said, and what stood on the command line.
    fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let entrants = self.entrants.iter_mut().flat_map(|entrant| {
            let flavours = entrant.flavours.iter_mut();
            let flavours = flavours.filter_map(|flavour| flavour.unavailable.as_mut());
            entrant.unavailable.iter_mut().chain(flavours)
        });
        let built = self.built.iter_mut().flat_map(|built| {
            let environment = &mut built.environment;
            environment.scrubbed.iter_mut().chain(&mut environment.kept)
        });
        self.command
            .iter_mut()
            .chain(&mut self.builds)
            .chain(entrants)
            .chain(built)
    }
}

/// The command line of this process, word by word. What is no text in it, a path perhaps, has marks in its place.
#[must_use]
pub fn command() -> Vec<String> {
    let words = std::env::args_os().skip(1);
    let words = words.map(|word| word.to_string_lossy().into_owned());
    std::iter::once("harness".to_owned()).chain(words).collect()
}

/// The time in UTC, to the second.
pub(super) fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}
