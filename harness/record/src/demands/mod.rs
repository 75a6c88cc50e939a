//! What a runtime's spawns demand of a branch: the compiler is asked, with cases that must be refused
//! and twins that must not.
//!
//! An adapter's manifest names its spawns, each as the text of a call. [`cases`] is written once;
//! `harness-measure` puts a spawn into it and asks the compiler, against the libraries that the
//! adapter's own build made. What the compiler said is recorded as it is. What it means is made out
//! here, from the record alone.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

pub mod cases;

use cases::{CASES, Case, Lacks};

/// Where a future goes in a [`Spawn::call`].
pub const BRANCH: &str = "BRANCH";

/// A spawn, as an adapter's manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Spawn {
    /// What its documentation calls it.
    pub name: String,
    /// An expression that spawns the future which stands in it as `BRANCH`.
    pub call: String,
    /// Whether it takes the future itself.
    #[serde(default)]
    pub takes: Takes,
    /// Whether it is the runtime's own: what `spawn`, or `dispatch` where there is one, stands for.
    #[serde(default)]
    pub native: bool,
    /// The flavours that it is native to; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flavours: Vec<String>,
}

/// What a spawn is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Takes {
    /// The future.
    #[default]
    Future,
    /// A closure that makes it, or its output, on the other thread.
    Closure,
}

impl Spawn {
    /// What is wrong with it, if anything is.
    #[must_use]
    pub fn wrong(&self) -> Option<String> {
        (self.call.matches(BRANCH).count() != 1).then(|| {
            format!(
                "spawn \"{}\": its call must hold {BRANCH} once, where the future goes",
                self.name
            )
        })
    }

    fn is_native_to(&self, flavour: &str) -> bool {
        self.native && (self.flavours.is_empty() || self.flavours.iter().any(|f| f == flavour))
    }
}

/// An error that the compiler gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Complaint {
    /// Its code. That a future is not `Send` has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What it says.
    pub message: String,
}

/// What the compiler said of one case and of its twin: nothing, where it accepted them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pair {
    /// The case's name.
    pub case: String,
    /// Of what is to be refused.
    pub refused: Vec<Complaint>,
    /// Of the twin.
    pub twin: Vec<Complaint>,
}

/// What the compiler said of one spawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Asked {
    /// Which.
    pub spawn: Spawn,
    /// Of each case.
    pub pairs: Vec<Pair>,
}

/// What the compiler said of a runtime's spawns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Demands {
    /// The compiler, with its version; empty where none was asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub compiler: String,
    /// Why nothing is known, if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Each spawn, in the manifest's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spawns: Vec<Asked>,
}

/// Why nothing is known of a runtime that names no spawn of its own.
pub const NO_NATIVE: &str = "its manifest names no native spawn: [package.metadata.runtime] would have \
                         it in `spawns` (docs/ADDING_A_RUNTIME.md)";

/// So many of so many cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that are meant.
    pub of: usize,
    /// Those of them that were refused, for the reason that they should be.
    pub refused: usize,
}

impl Share {
    /// Whether every one was refused.
    #[must_use]
    pub fn all(self) -> bool {
        self.of > 0 && self.refused == self.of
    }

    fn none(self) -> bool {
        self.of > 0 && self.refused == 0
    }

    fn counts(&mut self, refused: bool) {
        self.of += 1;
        self.refused += usize::from(refused);
    }
}

/// What a spawn demands, made out from what the compiler said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand<'a> {
    /// The spawn.
    pub spawn: &'a Spawn,
    /// Cases that bring along what is not `Send`; for a spawn that takes the future, also those that
    /// hold it across an await.
    pub send: Share,
    /// Cases that borrow from a frame.
    pub outlives: Share,
    /// Cases in which a closure makes what is not `Send` on the other thread. It need not be refused.
    pub made_there: Share,
    /// The codes of the refusals.
    pub codes: BTreeSet<&'a str>,
}

impl Demands {
    /// Nothing is known, and why.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Self {
        Self {
            unknown: Some(why.into()),
            ..Self::default()
        }
    }

    /// What the native spawn of a flavour demands.
    ///
    /// # Errors
    ///
    /// Why that is not known: nobody said which spawn it is, or a case or its twin went another way
    /// than refusal for the right reason and acceptance.
    pub fn native(&self, flavour: &str) -> Result<Demand<'_>, String> {
        if let Some(why) = &self.unknown {
            return Err(why.clone());
        }
        let native = self
            .spawns
            .iter()
            .find(|asked| asked.spawn.is_native_to(flavour))
            .ok_or(NO_NATIVE)?;
        native.demand()
    }

    /// What the other spawns demand.
    ///
    /// # Errors
    ///
    /// Of each, why that is not known, as of [`Demands::native`].
    pub fn others<'a>(
        &'a self,
        flavour: &'a str,
    ) -> impl Iterator<Item = Result<Demand<'a>, String>> {
        self.spawns
            .iter()
            .filter(|asked| !asked.spawn.is_native_to(flavour))
            .map(Asked::demand)
    }
}

impl Asked {
    /// What it demands.
    ///
    /// # Errors
    ///
    /// As of [`Demands::native`].
    pub fn demand(&self) -> Result<Demand<'_>, String> {
        let mut demand = Demand {
            spawn: &self.spawn,
            send: Share::default(),
            outlives: Share::default(),
            made_there: Share::default(),
            codes: BTreeSet::new(),
        };
        for pair in &self.pairs {
            // A case of another version of this harness says nothing here.
            let Some(case) = CASES.iter().find(|case| case.id == pair.case) else {
                continue;
            };
            let refused = pair
                .refused(case)
                .map_err(|why| format!("{}: {why}", self.spawn.name))?;
            let share = match case.lacks {
                Lacks::Static => &mut demand.outlives,
                Lacks::Send if case.crosses || self.spawn.takes == Takes::Future => {
                    &mut demand.send
                }
                Lacks::Send => &mut demand.made_there,
            };
            share.counts(refused);
            let codes = pair.refused.iter();
            demand
                .codes
                .extend(codes.filter_map(|complaint| complaint.code.as_deref()));
        }
        if demand.send.of == 0 || demand.outlives.of == 0 {
            return Err(format!(
                "{}: the record has none of this harness's cases",
                self.spawn.name
            ));
        }
        Ok(demand)
    }
}

impl Pair {
    /// Whether the case was refused, as against accepted.
    ///
    /// # Errors
    ///
    /// What makes the pair worthless: the twin does not compile, or something else is wrong with the
    /// case than what it is there for.
    fn refused(&self, case: &Case) -> Result<bool, String> {
        let id = case.id;
        if let Some(complaint) = self.twin.first() {
            return Err(format!(
                "the twin of the case {id} does not compile: {complaint}"
            ));
        }
        let unexplained = |complaint: &&Complaint| {
            !case
                .lacks
                .explains(complaint.code.as_deref(), &complaint.message)
        };
        match self.refused.iter().find(unexplained) {
            Some(complaint) => Err(format!(
                "the case {id} is refused for another reason than its own: {complaint}"
            )),
            None => Ok(!self.refused.is_empty()),
        }
    }
}

impl Demand<'_> {
    /// Whether it refuses whatever is not `Send` and whatever is not `'static`.
    #[must_use]
    pub fn is_send_and_static(&self) -> bool {
        self.send.all() && self.outlives.all()
    }

    /// Whether it takes what is not `Send`: such a spawn never leaves its thread.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.send.none()
    }

    /// Whether it takes what borrows: such a spawn ends, or is polled no more, before its frame does.
    #[must_use]
    pub fn is_scoped(&self) -> bool {
        self.outlives.none()
    }

    /// How many cases speak for it.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.send.of + self.outlives.of + self.made_there.of
    }

    /// The evidence, in one line.
    #[must_use]
    pub fn evidence(&self) -> String {
        let mut line = format!(
            "{} refuses {} of {} that are not Send and {} of {} that are not 'static",
            self.spawn.name,
            self.send.refused,
            self.send.of,
            self.outlives.refused,
            self.outlives.of
        );
        if !self.codes.is_empty() {
            let codes: Vec<&str> = self.codes.iter().copied().collect();
            line.push_str(&format!(" ({})", codes.join(", ")));
        }
        line.push_str(&format!(", accepts their {} twins", self.cases()));
        if self.made_there.of > 0 {
            line.push_str(&format!(
                "; it takes a closure, and refuses {} of {} that make there what is not Send",
                self.made_there.refused, self.made_there.of
            ));
        }
        line
    }
}

/// As a bound: `Send + 'static`.
impl fmt::Display for Demand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.send.all(), self.outlives.all()) {
            (true, true) => "Send + 'static",
            (true, false) => "Send",
            (false, true) => "'static",
            (false, false) => "nothing",
        })
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{code}, {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}
