//! What the executable of an adapter's bench target `costs` prints, a line of JSON each, apart from criterion's
//! files. `runtime-costs` has its arguments.

use serde::{Deserialize, Serialize};

use crate::Root;

/// Which of two ways to do an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Through the trait that all runtimes share, as the scenarios do it.
    Trait,
    /// Written by hand for this runtime, as its documentation would have it.
    Twin,
}

impl Side {
    /// Both, the trait first.
    pub const BOTH: [Self; 2] = [Self::Trait, Self::Twin];

    /// As the executable and criterion's output name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trait => "trait",
            Self::Twin => "twin",
        }
    }

    /// The side of this name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::BOTH.into_iter().find(|side| side.name() == name)
    }
}

/// An operation, as the executable names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its name.
    pub operation: String,
    /// How many branches it has, where it has branches.
    pub branches: Option<u64>,
    /// Where whoever does it runs.
    pub root: Root,
    /// The ways in which it can be done.
    pub sides: Vec<Side>,
    /// In a line.
    pub summary: String,
}

/// What one operation asks of the allocator in the steady state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Allocations {
    /// How often.
    pub allocations: u64,
    /// For how many bytes.
    pub bytes: u64,
}
